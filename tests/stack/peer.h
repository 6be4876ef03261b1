/* SPDX-License-Identifier: ISC */
#ifndef TESTS_STACK_PEER_H
#define TESTS_STACK_PEER_H

/* The other side of a virtual device's wire: a host with a stack of its own, which is a
 * second `struct inet`. Tests call it directly, from tasks or from outside; what it sends
 * arrives at the image WIRE_NS later, and its timers are events of the virtual target. */

#include "net/inet/inet.h"
#include "tests/support/vplat.h"
#include <drupe/net.h>
#include <drupe/task.h>

#define WIRE_NS        10000U /* one way */
#define PEER_KEEP      (1U << 20)
#define PEER_CONNS     256
#define PEER_DATAGRAMS 64

/* The image is 10.0.0.2/24 with gateway 10.0.0.1; the peer is 10.0.0.1. */
extern const struct dr_net_config image_config;
struct dr_endpoint peer_endpoint(uint16_t port);

struct peer_conn {
    struct tcp_conn *c; /* NULL when closed or not in use */
    unsigned events;    /* every enum tcp_event so far */
    bool reads;         /* what arrives is read at once; set at the start */
    size_t got;         /* octets read so far */
    char text[2048];    /* the first of them, with a NUL */
};

struct peer_datagram {
    struct ip4_endpoint from;
    size_t len;
    char text[1500];
};

struct peer {
    struct inet *in;
    struct supply memory, buffers;
    int handle;      /* of the image's device */
    bool deaf;       /* IP packets from the image are lost; ARP is answered */
    bool mute;       /* IP packets to the image are lost */
    uint64_t frames; /* frames from the image */
    struct peer_conn conn[PEER_CONNS];
    struct inet_listener *listener;
    struct inet_udp *udp;
    struct peer_datagram datagram[PEER_DATAGRAMS];
    unsigned datagrams;
    unsigned accepted;
    uint64_t armed; /* the earliest event set for its timers */
};
extern struct peer peer;

/* A device "net" with the peer behind it; after vplat_reset. */
void peer_start(void);
void peer_end(void);

/* All return at once; the connection's members tell what came of it. */
struct peer_conn *peer_connect(uint16_t port);
void peer_listen(uint16_t port); /* and accepts whatever comes */
size_t peer_write(struct peer_conn *p, const void *text, size_t len);
void peer_say(struct peer_conn *p, const char *text);
void peer_shutdown(struct peer_conn *p);
void peer_close(struct peer_conn *p);
void peer_abort(struct peer_conn *p);
/* Reads what waits, and does so from now on. */
void peer_reads(struct peer_conn *p, bool on);

void peer_bind(uint16_t port);
int peer_send(uint16_t to_port, const void *text, size_t len);

/* Runs `body` as the image's main with the device up as `net`; the image's status. */
extern struct dr_net *net;
int run_up(int (*body)(void));
/* The same with nothing up. */
int run_down(int (*body)(void));

/* A test whose body runs as the image's main with the device up. It returns 0. */
#define IMAGE_TEST(name)                                                                       \
    static int image_##name(void);                                                             \
    TEST(name)                                                                                 \
    {                                                                                          \
        CHECK_INT(run_up(image_##name), 0);                                                    \
    }                                                                                          \
    static int image_##name(void)

/* What `op` returns when the scope it waits in times out, or its task is cancelled. */
int timed_out(int (*op)(void));
int cancelled(int (*op)(void));

/* Waits in a task until `expr` holds, 200 s of virtual time at the most. */
#define UNTIL(expr)                                                                            \
    do {                                                                                       \
        int tries_ = 0;                                                                        \
        while (!(expr)) {                                                                      \
            CHECK(tries_++ < 200000);                                                          \
            CHECK_INT(dr_sleep(DR_MS(1)), 0);                                                  \
        }                                                                                      \
    } while (0)

/* A counter of the net by its full name, "tcp.resets_in". Fails the test when there is
 * none of that name. */
uint64_t counter(const char *name);

/* What the image resets a connection with, as the peer sees it. */
bool peer_was_reset(const struct peer_conn *p);

#endif
