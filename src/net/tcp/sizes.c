/* SPDX-License-Identifier: ISC */
/* How large the buffers may become. A connection begins with little, and gets more as it shows
 * that it uses it: what it may hold, times how many connections there are, would else be far
 * more than there is. Nothing is taken in advance; a ring holds what it is filled with. */

#include "net/tcp/core.h"

#define ROUND_MIN (10 * TCP_MS) /* while no round trip was timed, or it is very short */

static bool may_grow(struct tcp_conn *c, uint32_t max, uint32_t most)
{
    const struct supply *s = c->shared->buffers;
    if (max >= most)
        return false;
    if (s->used <= s->limit / 2)
        return true;
    c->shared->counts.growth_refused++;
    return false;
}

/* When the user takes half of the buffer or more in a round trip, it is the window that holds
 * the peer back. By our own clock, and what was read: a peer that wants a large window must
 * fill it, and a user who does not read gets none. */
void tcp_grow_receive(struct tcp_conn *c, uint64_t now)
{
    uint64_t round = c->srtt_ns > ROUND_MIN ? c->srtt_ns : ROUND_MIN;
    if (now - c->round_at < round) {
        if ((uint32_t)c->taken - c->round_from < c->in.max / 2)
            return;
        if (may_grow(c, c->in.max, c->shared->receive_max)) {
            c->in.max *= 2;
            c->shared->counts.growths++;
        }
    }
    c->round_at = now;
    c->round_from = (uint32_t)c->taken;
}

/* Twice the congestion window: one on its way, and one to follow without a pause. */
void tcp_grow_send(struct tcp_conn *c)
{
    uint32_t max = c->out.ring.max;
    if (c->cwnd <= max / 2 || !may_grow(c, max, c->shared->send_max))
        return;
    c->out.ring.max = max * 2;
    c->shared->counts.growths++;
}
