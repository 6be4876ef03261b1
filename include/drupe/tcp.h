/* SPDX-License-Identifier: ISC */
#ifndef DRUPE_TCP_H
#define DRUPE_TCP_H

/* TCP connections (RFC 9293). The calls are what they are in Unix; each may be
 * used by one task for reading and one for writing at the same time. (More may: those that
 * read each get what is next, those that write mix their octets.)
 *
 * Memory that is used up is waited for, and counted ("stack.accept_waits",
 * "stack.write_waits", "stack.serve_waits"); nothing here ends for want of it but the
 * calls that say -ENOMEM. */

#include <drupe/net.h>
#include <drupe/task.h>

struct dr_tcp;
struct dr_tcp_listener;

#pragma GCC visibility push(default)

/* Listens on `port` (host order; 0 picks a free one) of the device's own address.
 * `backlog` (1..DR_TCP_BACKLOG_MAX) connections wait to be accepted; further ones
 * are not answered, so that the peer tries again. Returns 0, -EADDRINUSE,
 * -EINVAL (backlog), -ENETDOWN, -ENOMEM. Does not wait. */
#define DR_TCP_BACKLOG_MAX 1024
DR_CHECKED int dr_tcp_listen(struct dr_net *net, uint16_t port, unsigned backlog,
                             struct dr_tcp_listener **out);
uint16_t dr_tcp_listener_port(const struct dr_tcp_listener *l);

/* Stops listening; connections not yet accepted are reset, those that wait in
 * dr_tcp_accept get -ECONNABORTED. */
void dr_tcp_unlisten(struct dr_tcp_listener **l);

/* Waits for a connection. Returns 0 and *out, the caller's; or -ECONNABORTED,
 * -ECANCELED, -ETIMEDOUT. When the budget has no room for one, waits until it has. */
DR_CHECKED int dr_tcp_accept(struct dr_tcp_listener *l, struct dr_tcp **out);

/* Accepts for ever and runs `serve(conn)` as a task of its own for each client, at
 * most `clients_max` at once; further ones wait in the backlog. The connection is closed
 * when its task returns; `serve` may close or abort it earlier. What `serve` returns is
 * logged at level debug when negative. A client for whose task there is no stack waits for
 * one. Ends when the caller's scope is cancelled (-ECANCELED, -ETIMEDOUT), and the clients'
 * tasks with it; or when the listener is closed (-ECONNABORTED), the clients that are
 * being served being let finish; in both cases after all their tasks have ended. -EINVAL
 * when clients_max is 0. */
typedef int dr_tcp_serve_fn(struct dr_tcp *conn, void *arg);
DR_CHECKED int dr_tcp_serve(struct dr_tcp_listener *l, unsigned clients_max,
                            dr_tcp_serve_fn *serve, void *arg);

/* What `serve` may return: the connection is not closed but parked (below), for as long as
 * nothing comes, and `serve` is called for it again, in a new task, when there is something to
 * read or it has ended. Meanwhile it does not count as one of clients_max. When it cannot be
 * parked (-ENOMEM), or the listener is being closed, it is closed after all. */
#define DR_TCP_PARK INT32_MAX

/* ---- Connections without a task -----------------------------------------------
 *
 * A connection on which nothing is going on needs no task, and so no stack, to wait: it is
 * parked, and holds its control block (less than 1 KiB) and nothing else. A lot may hold as
 * many as there is memory for; when a new connection finds no place, those that are parked
 * since longest are reset ("stack.parked_evicted"). */
struct dr_tcp_lot;

/* A lot for connections of the listener's net: those that were in it for `idle_ns` (DR_NEVER:
 * no limit) are closed ("stack.parked_expired"). 0, -ENETDOWN, -ENOMEM. Does not wait. */
DR_CHECKED int dr_tcp_lot_open(struct dr_tcp_listener *l, uint64_t idle_ns,
                               struct dr_tcp_lot **out);
/* Closes all that are in it; those that wait in dr_tcp_fetch get -ECONNABORTED. */
void dr_tcp_lot_close(struct dr_tcp_lot **lot);

/* Whether the peer has acknowledged all that was written. One of which that is not true holds
 * memory for what is on its way, parked or not. */
bool dr_tcp_is_delivered(const struct dr_tcp *conn);
/* Takes the connection, which no task may be using. Does not wait. */
void dr_tcp_park(struct dr_tcp_lot *lot, struct dr_tcp **conn);
/* Waits for a parked connection on which there is something to read, or which has ended.
 * Returns 0 and *conn, the caller's; or -ECONNABORTED, -ECANCELED, -ETIMEDOUT. */
DR_CHECKED int dr_tcp_fetch(struct dr_tcp_lot *lot, struct dr_tcp **conn);

/* Connects to `to` by `net`, or, when that is NULL, by the net that dr_net_for names. What
 * listens at a loopback address is reached by every net. Waits for the handshake. Returns 0 and
 * *out, or -ECONNREFUSED, -EHOSTUNREACH (no answer to ARP), -ENETUNREACH (no route), -ETIMEDOUT
 * (also when the peer does not answer), -EADDRNOTAVAIL (no free port), -EINVAL (port 0, or an
 * address that is no single host's), -ENETDOWN, -ENOMEM, -ECANCELED. */
DR_CHECKED int dr_tcp_connect(struct dr_net *net, const struct dr_endpoint *to,
                              struct dr_tcp **out);

/* Reads what is there, at most `len` octets; waits while there is nothing. Returns
 * > 0, or 0 when the peer will send no more (or `len` is 0), or -ECONNRESET, -ETIMEDOUT (also
 * when the peer has fallen silent), -EHOSTUNREACH (likewise, with that as the reason),
 * -ECANCELED. */
DR_CHECKED ssize_t dr_tcp_read(struct dr_tcp *conn, void *buf, size_t len);

/* Writes all `len` octets; waits while the send buffer is full. Returns len, or
 * -ECONNRESET, -EPIPE (after dr_tcp_shutdown), -ETIMEDOUT, -EHOSTUNREACH (as for reading),
 * -ECANCELED: then how much the peer got is not known. What is written is sent at the next turn
 * of the loop. */
DR_CHECKED ssize_t dr_tcp_write(struct dr_tcp *conn, const void *buf, size_t len);

/* The same for octets that never change and outlive the connection, as constants and embedded
 * files do: they are sent, and sent again, from where they lie, without a copy and without
 * memory for one. The connection may live on after dr_tcp_close, until all is delivered. */
DR_CHECKED ssize_t dr_tcp_write_static(struct dr_tcp *conn, const void *buf, size_t len);

/* Says that nothing more will be written (FIN); reading goes on. Does not wait.
 * Returns 0 (also the second time), or -ENOTCONN when the connection has ended. */
DR_CHECKED int dr_tcp_shutdown(struct dr_tcp *conn);

/* Lets go of the connection. What was written is still delivered in the background and the
 * FIN sent, for up to a second after main has returned, but not after dr_net_down, which
 * resets. If there is unread data the peer gets a reset (RFC 2525 2.17). Does not wait. */
void dr_tcp_close(struct dr_tcp **conn);

/* Ends the connection at once with a reset. Does not wait. */
void dr_tcp_abort(struct dr_tcp **conn);

struct dr_endpoint dr_tcp_peer(const struct dr_tcp *conn);
struct dr_endpoint dr_tcp_local(const struct dr_tcp *conn);

/* Nagle's algorithm (RFC 9293 3.7.4) is on unless switched off here. */
void dr_tcp_nodelay(struct dr_tcp *conn, bool on);

/* Probes a connection that was silent for `idle_ns` (RFC 9293 3.8.4); 0, the
 * default, does not. */
void dr_tcp_keepalive(struct dr_tcp *conn, uint64_t idle_ns);

/* How long text may stay without acknowledgement before the connection ends with -ETIMEDOUT
 * (RFC 9293 3.9.1, RFC 5482): at least a second; 0 for the default, 300 s. A peer that shuts
 * its window but answers is waited for all the same. */
void dr_tcp_user_timeout(struct dr_tcp *conn, uint64_t timeout_ns);

/* How its packets are sent from now on; all zero at first. The lower two bits of what IP calls
 * type of service are TCP's own (ECN, RFC 3168). */
struct dr_tcp_options {
    uint8_t ttl;  /* time to live; 0 for 64 */
    uint8_t dscp; /* differentiated services code point (RFC 2474), 0..63: 46 is expedited */
};
void dr_tcp_set(struct dr_tcp *conn, const struct dr_tcp_options *options);

/* What a connection is like at the moment (RFC 9293 3.9.1, STATUS). Lengths are octets. */
struct dr_tcp_info {
    const char *state;           /* as RFC 9293 names it: "ESTABLISHED" */
    const char *congestion;      /* "cubic" or "newreno" */
    uint64_t rtt_ns, rtt_var_ns; /* smoothed; 0 while no round trip was timed */
    uint64_t rto_ns;             /* retransmission time-out */
    uint32_t cwnd, ssthresh;     /* congestion window; where slow start ends */
    uint32_t in_flight;          /* sent and not acknowledged */
    uint32_t unsent;             /* written and not sent */
    uint32_t unread;             /* arrived and not read */
    uint32_t mss;                /* most text of a segment that is sent */
    uint32_t send_window;        /* what the peer offers from the first not acknowledged on */
    uint32_t receive_window;     /* what was offered to the peer and not used yet */
    uint32_t retransmits;        /* segments sent again */
    uint64_t octets_acked;       /* text that the peer has acknowledged */
    uint64_t octets_received;    /* text that arrived in order */
    bool ecn, sack, timestamps, window_scaling; /* agreed upon */
};
/* 0, or -ENOTCONN when nothing is left of it. */
DR_CHECKED int dr_tcp_info(const struct dr_tcp *conn, struct dr_tcp_info *out);

#pragma GCC visibility pop
#endif
