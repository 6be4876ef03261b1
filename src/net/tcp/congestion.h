/* SPDX-License-Identifier: ISC */
#ifndef NET_TCP_CONGESTION_H
#define NET_TCP_CONGESTION_H

/* Congestion control in two parts. How the window grows and how far it goes back is an
 * algorithm's, behind five functions: they move cwnd and ssthresh (octets). How what was lost
 * is found and sent again (newreno.c) is the same for each: it asks the algorithm. What is
 * sent, and when, is output.c's. */

#include "net/tcp/conn.h"

struct tcp_congestion {
    /* The handshake is complete: cwnd and ssthresh; syn_lost says whether it took a
     * retransmission. */
    void (*begin)(struct tcp_conn *c);
    /* A round trip took rtt_ns. */
    void (*timed)(struct tcp_conn *c, uint64_t rtt_ns);
    /* Outside of recovery snd_una moved on by `acked` octets; `flight` were outstanding
     * before. */
    void (*grow)(struct tcp_conn *c, uint32_t acked, uint32_t flight, uint64_t now);
    /* Something was lost or, with timed_out, all of it: ssthresh, but not cwnd. */
    void (*reduce)(struct tcp_conn *c, bool timed_out);
    /* Nothing was sent for longer than the RTO. */
    void (*idled)(struct tcp_conn *c, uint64_t now);
};

/* RFC 5681. */
extern const struct tcp_congestion tcp_reno;
/* RFC 9438, with RFC 9406 (HyStart++) in the first slow start. */
extern const struct tcp_congestion tcp_cubic;

/* The greatest root with root^3 <= n. */
uint32_t tcp_cube_root(uint64_t n);

/* RFC 6928 2: octets. */
uint32_t tcp_initial_window(const struct tcp_conn *c);

/* newreno.c: fast retransmit and fast recovery (RFC 5681 3.2, RFC 6582). */
/* snd_una moved on by `acked` octets; `flight` were outstanding before. */
void tcp_recovery_acked(struct tcp_conn *c, uint32_t acked, uint32_t flight, uint64_t now);
/* A duplicate acknowledgement (RFC 5681 2). */
void tcp_recovery_duplicate(struct tcp_conn *c);
/* The retransmission timer fired; c->retries is how often before, in a row. */
void tcp_recovery_timed_out(struct tcp_conn *c);

#endif
