/* SPDX-License-Identifier: ISC */
/* Slow start, congestion avoidance, fast retransmit and fast recovery: RFC 5681, with the
 * partial acknowledgements of NewReno (RFC 6582). `recover` is one past the highest octet
 * sent when the last recovery or time-out began. */

#include "net/tcp/congestion.h"
#include "net/tcp/core.h"

#define DUP_ACKS 3U

/* RFC 6928 2. */
static uint32_t initial_window(const struct tcp_conn *c)
{
    return tcp_min(10U * c->mss, tcp_max(2U * c->mss, 14600));
}

static void begin(struct tcp_conn *c)
{
    c->cwnd = c->syn_lost ? c->mss : initial_window(c);
    c->ssthresh = TCP_CWND_MAX;
    c->recover = c->iss;
}

/* RFC 5681 (4), without what limited transmit put on the wire on top of the window. */
static uint32_t half_of_flight(const struct tcp_conn *c)
{
    return tcp_max(tcp_min(tcp_flight(c), c->cwnd) / 2, 2U * c->mss);
}

static void grow(struct tcp_conn *c, uint32_t acked, uint32_t flight)
{
    if (flight < c->cwnd / 2)
        return; /* it was not this window that held the sender back */
    if (c->cwnd < c->ssthresh) {
        c->cwnd += tcp_min(acked, c->mss);
    } else {
        c->cwnd_acked += acked;
        if (c->cwnd_acked < c->cwnd)
            return;
        c->cwnd_acked -= c->cwnd;
        c->cwnd += c->mss;
    }
    c->cwnd = tcp_min(c->cwnd, TCP_CWND_MAX);
}

/* RFC 6582 3.2 step 3: the first octet after a partial acknowledgement is lost, too. */
static void partial(struct tcp_conn *c, uint32_t acked)
{
    c->resend = true;
    c->cwnd = c->cwnd > acked ? c->cwnd - acked : 0;
    if (acked >= c->mss)
        c->cwnd += c->mss;
    c->cwnd = tcp_max(c->cwnd, c->mss);
}

static void acked(struct tcp_conn *c, uint32_t acked_len, uint32_t flight)
{
    c->dup_acks = 0;
    if (tcp_in_handshake(c))
        return;
    if (c->in_recovery && seq_lt(c->snd_una, c->recover)) {
        partial(c, acked_len);
        return;
    }
    if (c->in_recovery) {
        c->in_recovery = false;
        c->cwnd = tcp_min(c->ssthresh, tcp_max(tcp_flight(c), c->mss) + c->mss);
        c->cwnd_acked = 0;
    } else {
        grow(c, acked_len, flight);
    }
    if (seq_lt(c->recover, c->snd_una))
        c->recover =
            seq_add(c->snd_una, UINT32_MAX); /* just behind: never so far that it wraps */
}

static void duplicate(struct tcp_conn *c)
{
    if (c->dup_acks < UINT8_MAX)
        c->dup_acks++;
    if (c->in_recovery) {
        c->cwnd = tcp_min(c->cwnd + c->mss, TCP_CWND_MAX);
        return;
    }
    /* RFC 6582 3.2 step 1: what follows a time-out may be echoes of our own copies. */
    if (c->dup_acks != DUP_ACKS || !seq_lt(c->recover, c->snd_una))
        return;
    c->shared->counts.fast_retransmits++;
    c->ssthresh = half_of_flight(c);
    c->cwnd = c->ssthresh + DUP_ACKS * c->mss;
    c->recover = c->snd_max;
    c->in_recovery = true;
    c->resend = true;
}

static void timed_out(struct tcp_conn *c)
{
    if (c->retries == 0)
        c->ssthresh = half_of_flight(c);
    c->cwnd = c->mss;
    c->cwnd_acked = 0;
    c->dup_acks = 0;
    c->in_recovery = false;
    c->recover = c->snd_max;
}

/* RFC 5681 4.1. */
static void idled(struct tcp_conn *c)
{
    c->cwnd = tcp_min(c->cwnd, initial_window(c));
}

const struct tcp_congestion tcp_newreno = {begin, acked, duplicate, timed_out, idled};
