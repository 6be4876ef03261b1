/* SPDX-License-Identifier: ISC */
#ifndef STACK_STACK_H
#define STACK_STACK_H

/* The live stack: what <drupe/net.h>, <drupe/tcp.h> and <drupe/udp.h> hand out, around one
 * struct inet a device.
 *
 * Lifetimes. What the application holds (a connection, a listener, a socket) is a handle
 * from a pool of the net's. A net that is taken down stays in memory until its last handle
 * is closed. A handle that is closed while tasks wait on it is freed by the last of them.
 *
 * A net whose device is gone, or that was taken down, is `dead`: everything in it has
 * ended, and every call says so before it touches `inet`. */

#include "base/pool.h"
#include "net/inet/inet.h"
#include "stack/budget.h"
#include "stack/counters_log.h"
#include "stack/device.h"
#include <drupe/net.h>
#include <drupe/tcp.h>
#include <drupe/udp.h>

/* What all handles share; their first member. */
struct handle {
    struct list link; /* in the net's list of its kind */
    struct dr_net *net;
    struct pool *pool;
    unsigned holds; /* tasks that wait on it, or use it while they wait for something else */
    bool closed;    /* by the application */
};

struct tcp_server;

struct dr_tcp {
    struct handle handle;
    struct tcp_conn *conn; /* NULL before a connect, and when the net is dead */
    struct dr_link readers, writers;
    struct list queue;      /* in net->starved while a writer waits for memory, or in its lot */
    struct dr_tcp_lot *lot; /* NULL while it is not parked */
    uint64_t parked_until;
    bool shut;                 /* dr_tcp_shutdown was called */
    struct tcp_server *server; /* while it is served; the server then holds the handle */
    struct ip4_endpoint peer, local;
};

/* Connections without a task: park.c. */
struct dr_tcp_lot {
    struct handle handle;
    uint64_t idle_ns;
    struct list parked;      /* the longest first */
    struct list ready;       /* on these something has happened */
    struct dr_link fetchers; /* tasks */
    struct loop_timer timer; /* the time of the first parked is over */
};

struct dr_tcp_listener {
    struct handle handle;
    struct inet_listener *l;
    struct dr_link acceptors;
    uint16_t port;
};

struct dr_udp {
    struct handle handle;
    struct inet_udp *u;
    struct dr_link readers;
    struct ring queue; /* of datagrams: udp.c */
    uint16_t port;
    struct ip4_endpoint peer;     /* port 0: not connected */
    struct ip4_endpoint error_to; /* what the last error, not told yet, was about */
    int error;
};

/* What the live part of the stack counts, beside net/inet's own. */
struct stack_counts {
    uint64_t accept_waits;   /* an accept that waited for a handle */
    uint64_t write_waits;    /* a write that waited for memory */
    uint64_t serve_waits;    /* a client that waited for a task's stack */
    uint64_t parked_expired; /* parked connections closed because nothing came for too long */
    uint64_t parked_evicted; /* those reset because a new one had no place */
    uint64_t udp_full;       /* datagrams lost because the socket's queue was full */
    uint64_t udp_cut;        /* datagrams longer than the reader's buffer */
};

struct dr_net {
    struct device *device;
    struct inet *inet;
    struct dr_ip ip;
    bool dead, down;
    bool conflict_told; /* that another has our address */
    unsigned handles; /* handed out and not yet freed */

    struct stack_budget budget;
    struct pool conn_pool, listener_pool, lot_pool, udp_pool;
    struct list conns, listeners, lots, sockets;

    struct dr_link room;      /* accepts that wait for a handle */
    struct dr_link resolving; /* tasks that wait for a neighbour */
    struct list starved;      /* connections with a writer that waits for memory */
    size_t starved_at;        /* octets of buffers in use when the last of them began to wait */
    struct loop_timer expiry; /* inet's next deadline */
    struct loop_timer retry;  /* the starved try again */
    struct stack_counts counts;
    struct counters_log *counters_log; /* NULL: dr_net_log_counters was not called */
};

/* dr_net_up_with, with a budget as well. */
DR_CHECKED int net_up_budget(const char *device, const struct dr_net_config *config,
                             const struct stack_budget *budget, struct dr_net **out);

/* Frees a net that was taken down once nobody holds anything of it. */
void net_release(struct dr_net *net);

/* A zeroed handle from the pool, linked into `list`; NULL when there is no room. */
void *handle_new(struct dr_net *net, struct pool *pool, struct list *list);
/* The application has let go of it. */
void handle_close(struct handle *h);
/* Between the two, a handle that is closed is not freed. */
void handle_hold(struct handle *h);
void handle_drop(struct handle *h);
/* Waits in `queue` on behalf of the handle. 0, -ECANCELED, -ETIMEDOUT, or -EBADF: it was
 * closed meanwhile and must not be touched again. */
DR_CHECKED int handle_wait(struct handle *h, struct dr_link *queue);

/* By which net a connection to `to` is made: `net`, or if that is NULL the best; but a loopback
 * address is where somebody listens at it. NULL: there is no way. */
struct dr_net *net_for_connect(struct dr_net *net, struct ip4_endpoint to);

/* The next hop towards `ip` becomes known. Waits. 0, -EHOSTUNREACH, -ENETUNREACH, -ENETDOWN,
 * or as handle_wait. */
DR_CHECKED int net_resolve(struct handle *h, struct ip4 ip);

/* What each kind does when the net dies: everything ends, everyone is woken. */
void tcp_net_dies(struct dr_net *net);
void udp_net_dies(struct dr_net *net);

/* The rim of struct inet, by kind. */
void tcp_event(void *ctx, struct tcp_conn *c, unsigned events);
void tcp_acceptable(void *ctx, struct inet_listener *l);
bool udp_datagram(void *ctx, struct inet_udp *u, const struct inet_datagram *d);

void udp_error(void *ctx, struct inet_udp *u, struct ip4_endpoint to, int error);

/* A handle for a connection, not yet tied to one; NULL when there is no room. */
struct dr_tcp *tcp_new(struct dr_net *net);
void tcp_tie(struct dr_tcp *t, struct tcp_conn *c);

/* Something has happened on a parked connection. */
void tcp_unparks(struct dr_tcp *t);
/* Resets connections that are parked since longest, when there are no places for new ones. */
void tcp_make_places(struct dr_net *net);

/* Wakes writers that wait for memory, when there may be some. */
void tcp_feed(struct dr_net *net);

#endif
