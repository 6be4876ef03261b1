/* SPDX-License-Identifier: ISC */
/* The retransmission time-out: RFC 6298. */

#include "net/tcp/core.h"

static uint64_t bounded(uint64_t rto_ns)
{
    return rto_ns < TCP_RTO_MAX ? rto_ns : TCP_RTO_MAX;
}

/* What the round trips timed say. A peer may hold an ACK back for longer than many a round
 * trip takes: the margin, not the sum, has a minimum. */
static uint64_t estimate(const struct tcp_conn *c)
{
    if (c->srtt_ns == 0)
        return TCP_RTO_FIRST;
    uint64_t margin = 4 * c->rttvar_ns;
    return bounded(c->srtt_ns + (margin > TCP_RTO_VAR_MIN ? margin : TCP_RTO_VAR_MIN));
}

void tcp_rto_init(struct tcp_conn *c)
{
    c->srtt_ns = c->rttvar_ns = 0;
    c->rto_ns = TCP_RTO_FIRST;
}

void tcp_rto_sample(struct tcp_conn *c, uint64_t rtt_ns, uint32_t samples)
{
    if (c->srtt_ns == 0) {
        c->srtt_ns = rtt_ns;
        c->rttvar_ns = rtt_ns / 2;
    } else {
        uint64_t off = c->srtt_ns > rtt_ns ? c->srtt_ns - rtt_ns : rtt_ns - c->srtt_ns;
        c->rttvar_ns += off / 4 / samples - c->rttvar_ns / 4 / samples;
        c->srtt_ns += rtt_ns / 8 / samples - c->srtt_ns / 8 / samples;
    }
    if (c->srtt_ns == 0)
        c->srtt_ns = 1; /* 0 stands for none */
    c->rto_ns = estimate(c);
}

void tcp_rto_backoff(struct tcp_conn *c)
{
    c->rto_ns = bounded(2 * c->rto_ns);
}

void tcp_rto_progress(struct tcp_conn *c)
{
    uint64_t half = c->rto_ns / 2, least = estimate(c);
    if (c->rto_ns > least)
        c->rto_ns = half > least ? half : least;
}
