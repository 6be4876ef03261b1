/* SPDX-License-Identifier: ISC */
/* TIME-WAIT without the rest of the connection. */

#include "base/check.h"
#include "net/tcp/core.h"

void tcp_rest_of(const struct tcp_conn *c, struct tcp_rest *rest)
{
    check(c->state == TCP_TIME_WAIT && seq_eq(c->snd_una, c->snd_max));
    *rest = (struct tcp_rest){.until = c->at[TCP_TIMER_LIFE],
                              .snd_max = c->snd_max,
                              .rcv_nxt = c->rcv_nxt,
                              .rcv_wnd = tcp_rcv_wnd(c),
                              .snd_wnd_max = c->snd_wnd_max,
                              .mss_in = c->mss_in,
                              .rcv_shift = c->rcv_shift,
                              .scaled = c->scaled,
                              .stamped = c->stamped,
                              .ts_offset = c->ts_offset,
                              .ts_recent = c->ts_recent,
                              .ts_recent_s = c->ts_recent_s};
}

void tcp_rest_wake(const struct tcp_rest *rest, struct tcp_shared *sh, struct tcp_conn *c)
{
    const struct tcp_open open = {.mss = rest->mss_in, .ts_offset = rest->ts_offset};
    tcp_begin(c, sh, &open, 0);
    c->state = TCP_TIME_WAIT;
    c->orphan = c->fin_queued = c->fin_acked = c->fin_known = c->fin_in = true;
    c->snd_una = c->snd_nxt = c->snd_max = c->snd_small = rest->snd_max;
    c->snd_wnd_max = rest->snd_wnd_max;
    c->rcv_nxt = c->rcv_acked = rest->rcv_nxt;
    c->fin_at = seq_add(rest->rcv_nxt, UINT32_MAX);
    c->rcv_adv = seq_add(rest->rcv_nxt, rest->rcv_wnd);
    c->rcv_shift = rest->rcv_shift;
    c->scaled = rest->scaled;
    c->sack = false;
    c->stamped = rest->stamped;
    c->ts_recent = rest->ts_recent;
    c->ts_recent_s = rest->ts_recent_s;
    c->at[TCP_TIMER_LIFE] = rest->until;
}
