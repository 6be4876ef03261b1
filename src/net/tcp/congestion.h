/* SPDX-License-Identifier: ISC */
#ifndef NET_TCP_CONGESTION_H
#define NET_TCP_CONGESTION_H

/* Congestion control behind five functions. They move cwnd and ssthresh (octets) and ask
 * for a retransmission by `resend`; what is sent, and when, is output.c's. */

#include "net/tcp/conn.h"

struct tcp_congestion {
    /* The handshake is complete; syn_lost says whether it took a retransmission. */
    void (*begin)(struct tcp_conn *c);
    /* snd_una moved on by `acked` octets; `flight` were outstanding before. */
    void (*acked)(struct tcp_conn *c, uint32_t acked, uint32_t flight);
    /* A duplicate acknowledgement (RFC 5681 2). */
    void (*duplicate)(struct tcp_conn *c);
    /* The retransmission timer fired; retries is how often before, in a row. */
    void (*timed_out)(struct tcp_conn *c);
    /* Nothing was sent for longer than the RTO. */
    void (*idled)(struct tcp_conn *c);
};

/* RFC 5681 with NewReno's recovery (RFC 6582) and an initial window of 10 (RFC 6928). */
extern const struct tcp_congestion tcp_newreno;

#endif
