/* SPDX-License-Identifier: ISC */
/* Timestamps: RFC 7323 3 to 5. */

#include "net/tcp/core.h"

/* RFC 7323 5.5: the peer's clock, if it ticks 1000 times a second, may have gone half way
 * round since. */
#define STAMP_LIFE_S (24U * 24 * 3600)

static uint32_t seconds(uint64_t now)
{
    return (uint32_t)(now / TCP_SECOND);
}

uint32_t tcp_stamp(const struct tcp_conn *c, uint64_t now)
{
    return c->ts_offset + (uint32_t)(now / TCP_MS);
}

void tcp_stamp_segment(const struct tcp_conn *c, struct tcp_segment *seg, uint64_t now)
{
    seg->has_ts = c->stamped;
    seg->ts_val = c->stamped ? tcp_stamp(c, now) : 0;
    seg->ts_ecr = c->stamped && seg->flags & TCP_ACK ? c->ts_recent : 0;
}

static bool is_old(const struct tcp_conn *c, uint32_t stamp, uint64_t now)
{
    return (int32_t)(stamp - c->ts_recent) < 0 && seconds(now) - c->ts_recent_s < STAMP_LIFE_S;
}

/* A reset needs no timestamp: its number is all that counts (RFC 7323 5.2). */
enum tcp_step tcp_step_paws(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now,
                            struct tcp_out *out)
{
    (void)out;
    if (!c->stamped || seg->flags & TCP_RST)
        return TCP_NEXT;
    if (!seg->has_ts) {
        c->shared->counts.without_timestamp++; /* RFC 7323 3.2: silently */
        return TCP_DONE;
    }
    if (!is_old(c, seg->ts_val, now))
        return TCP_NEXT;
    c->shared->counts.old_timestamps++;
    if (seg->text.len == 0 && !(seg->flags & (TCP_SYN | TCP_FIN)))
        tcp_challenge(c, now); /* within limits, as each empty segment that is not acceptable */
    else
        c->ack_now = true;
    return TCP_DONE;
}

void tcp_note_stamp(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now)
{
    if (!c->stamped || !seg->has_ts || seq_lt(c->rcv_acked, seg->seq))
        return;
    if (is_old(c, seg->ts_val, now))
        return; /* a reset's */
    c->ts_recent = seg->ts_val;
    c->ts_recent_s = seconds(now);
}

bool tcp_stamp_rtt(const struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now,
                   uint64_t *rtt_ns)
{
    if (!c->stamped || !seg->has_ts)
        return false;
    uint64_t rtt = (tcp_stamp(c, now) - seg->ts_ecr) * TCP_MS;
    if (rtt > TCP_GIVE_UP)
        return false; /* a stamp that we never gave */
    *rtt_ns = rtt;
    return true;
}
