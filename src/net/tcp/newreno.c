/* SPDX-License-Identifier: ISC */
/* Fast retransmit and fast recovery: RFC 5681 3.2, with the partial acknowledgements of
 * NewReno (RFC 6582). `recover` is one past the highest octet sent when the last recovery or
 * time-out began. */

#include "net/tcp/congestion.h"
#include "net/tcp/core.h"

#define DUP_ACKS 3U

/* RFC 6582 3.2 step 3: the first octet after a partial acknowledgement is lost, too. */
static void partial(struct tcp_conn *c, uint32_t acked)
{
    c->resend = true;
    c->cwnd = c->cwnd > acked ? c->cwnd - acked : 0;
    if (acked >= c->mss)
        c->cwnd += c->mss;
    c->cwnd = tcp_max(c->cwnd, c->mss);
}

void tcp_recovery_acked(struct tcp_conn *c, uint32_t acked, uint32_t flight, uint64_t now)
{
    c->dup_acks = 0;
    if (tcp_in_handshake(c))
        return;
    if (c->in_recovery && seq_lt(c->snd_una, c->recover)) {
        partial(c, acked);
        return;
    }
    if (c->in_recovery) {
        c->in_recovery = false;
        c->cwnd = tcp_min(c->ssthresh, tcp_max(tcp_flight(c), c->mss) + c->mss);
    } else {
        c->congestion->grow(c, acked, flight, now);
    }
    if (seq_lt(c->recover, c->snd_una))
        c->recover =
            seq_add(c->snd_una, UINT32_MAX); /* just behind: never so far that it wraps */
}

void tcp_recovery_duplicate(struct tcp_conn *c)
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
    c->congestion->reduce(c, false);
    c->cwnd = c->ssthresh + DUP_ACKS * c->mss;
    c->recover = c->snd_max;
    c->in_recovery = true;
    c->resend = true;
}

void tcp_recovery_timed_out(struct tcp_conn *c)
{
    if (c->retries == 0)
        c->congestion->reduce(c, true);
    c->cwnd = c->mss;
    c->dup_acks = 0;
    c->in_recovery = false;
    c->recover = c->snd_max;
}
