/* SPDX-License-Identifier: ISC */
/* Slow start and congestion avoidance: RFC 5681 3.1, with an initial window of 10 (RFC 6928).
 */

#include "net/tcp/congestion.h"
#include "net/tcp/core.h"

uint32_t tcp_initial_window(const struct tcp_conn *c)
{
    return tcp_min(10U * c->mss, tcp_max(2U * c->mss, 14600));
}

static void begin(struct tcp_conn *c)
{
    c->cwnd = c->syn_lost ? c->mss : tcp_initial_window(c);
    c->ssthresh = TCP_CWND_MAX;
}

static void timed(struct tcp_conn *c, uint64_t rtt_ns)
{
    (void)c, (void)rtt_ns;
}

static void grow(struct tcp_conn *c, uint32_t acked, uint32_t flight, uint64_t now)
{
    (void)now;
    if (flight < c->cwnd / 2)
        return; /* it was not this window that held the sender back */
    if (c->cwnd < c->ssthresh) {
        c->cwnd += tcp_min(acked, c->mss);
    } else {
        /* A part of a segment is not sent: after a round trip no more than whole ones were
         * acknowledged. */
        uint32_t whole = c->cwnd - c->cwnd % c->mss;
        c->cwnd_acked += acked;
        if (c->cwnd_acked < whole)
            return;
        c->cwnd_acked -= whole;
        c->cwnd += c->mss;
    }
    c->cwnd = tcp_min(c->cwnd, TCP_CWND_MAX);
}

/* RFC 5681 (4), without what limited transmit put on the wire on top of the window. */
static void reduce(struct tcp_conn *c, bool timed_out)
{
    (void)timed_out;
    c->cwr_due = c->ecn;
    c->ssthresh = tcp_max(tcp_min(tcp_flight(c), c->cwnd) / 2, 2U * c->mss);
    c->cwnd_acked = 0;
}

/* RFC 5681 4.1. */
static void idled(struct tcp_conn *c, uint64_t now)
{
    (void)now;
    c->cwnd = tcp_min(c->cwnd, tcp_initial_window(c));
}

const struct tcp_congestion tcp_reno = {begin, timed, grow, reduce, idled};
