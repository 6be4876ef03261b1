/* SPDX-License-Identifier: ISC */
/* How a connection begins: RFC 9293 3.10.1 (active) and 3.10.7.2 (a SYN for a listener). */

#include "net/tcp/congestion.h"
#include "net/tcp/core.h"

/* The least shift with which the whole buffer can be offered (RFC 7323 2.3). */
static uint8_t shift_for(uint32_t max)
{
    uint8_t shift = 0;
    while (shift < TCP_SHIFT_MAX && (max >> shift) > UINT16_MAX)
        shift++;
    return shift;
}

void tcp_begin(struct tcp_conn *c, struct tcp_shared *sh, const struct tcp_open *o,
               uint64_t now)
{
    size_t ours = offsetof(struct tcp_conn, shared);
    memset((char *)c + ours, 0, sizeof *c - ours);
    c->owner = o->owner;
    c->shared = sh;
    c->congestion = sh->congestion ? sh->congestion : &tcp_cubic;
    c->iss = c->snd_una = c->snd_nxt = c->snd_max = c->snd_small = c->recover = o->iss;
    c->mss_in = o->mss;
    c->mss = (uint16_t)tcp_min(TCP_MSS_DEFAULT, o->mss);
    c->rcv_mss = c->mss;
    c->rcv_shift = shift_for(sh->receive_max);
    c->scaled = c->stamped = c->sack = true;
    c->ts_offset = o->ts_offset;
    ring_init(&c->in, sh->receive_first ? sh->receive_first : sh->receive_max);
    queue_init(&c->out, sh->send_first ? sh->send_first : sh->send_max);
    for (unsigned t = 0; t < TCP_TIMERS; t++)
        c->at[t] = TCP_NEVER;
    c->heard_at = c->progress_at = c->sent_at = c->round_at = now;
    tcp_rto_init(c);
}

void tcp_connect(struct tcp_conn *c, struct tcp_shared *sh, const struct tcp_open *o,
                 uint64_t now)
{
    tcp_begin(c, sh, o, now);
    c->state = TCP_SYN_SENT;
    tcp_arm_retransmit(c, now);
}

void tcp_accept(struct tcp_conn *c, struct tcp_shared *sh, const struct tcp_open *o,
                const struct tcp_segment *syn, uint64_t now)
{
    tcp_begin(c, sh, o, now);
    c->state = TCP_SYN_RECEIVED;
    c->passive = true;
    tcp_take_syn(c, syn, now);
    tcp_arm_retransmit(c, now);
}

void tcp_hold(struct tcp_conn *c)
{
    c->at[TCP_TIMER_RETRANSMIT] = TCP_NEVER;
}

void tcp_release(struct tcp_conn *c, uint64_t now)
{
    c->heard_at = c->progress_at = c->sent_at = now;
    tcp_arm_retransmit(c, now);
}

void tcp_syn_was_sent(struct tcp_conn *c)
{
    c->snd_nxt = c->snd_max = seq_add(c->iss, 1);
}

/* RFC 7323 3.2 and RFC 6691: the option is part of what fits into a segment. */
static void take_stamps(struct tcp_conn *c, const struct tcp_segment *syn, uint64_t now)
{
    c->stamped = syn->has_ts;
    if (!c->stamped)
        return;
    c->ts_recent = syn->ts_val;
    c->ts_recent_s = (uint32_t)(now / TCP_SECOND);
    c->mss = (uint16_t)(c->mss - TCP_STAMPS_LEN);
}

void tcp_take_syn(struct tcp_conn *c, const struct tcp_segment *syn, uint64_t now)
{
    c->irs = syn->seq;
    c->rcv_nxt = c->rcv_acked = seq_add(syn->seq, 1);
    c->rcv_adv = seq_add(c->rcv_nxt, tcp_min(c->in.max, UINT16_MAX));
    uint32_t mss = syn->has_mss ? tcp_max(syn->mss, TCP_MSS_LEAST) : TCP_MSS_DEFAULT;
    c->mss = (uint16_t)tcp_min(mss, c->mss_in);
    take_stamps(c, syn, now);
    c->sack = syn->sack_permitted;
    tcp_ecn_take_syn(c, syn);
    c->scaled = syn->has_wscale;
    c->snd_shift = c->scaled ? (uint8_t)tcp_min(syn->wscale, TCP_SHIFT_MAX) : 0;
    if (!c->scaled)
        c->rcv_shift = 0;
    c->snd_wnd = c->snd_wnd_max = syn->window; /* never scaled: RFC 7323 2.2 */
    c->snd_wl1 = syn->seq;
    c->snd_wl2 = syn->flags & TCP_ACK ? syn->ack : c->snd_una;
}

void tcp_established(struct tcp_conn *c, uint64_t now, struct tcp_out *out)
{
    c->state = c->fin_queued ? TCP_FIN_WAIT_1 : TCP_ESTABLISHED;
    if (c->syn_lost)
        c->rto_ns = TCP_RTO_AFTER_SYN;
    c->mss_max = c->mss;
    c->congestion->begin(c);
    tcp_arm_keepalive(c, now);
    out->events |= TCP_EVENT_ESTABLISHED;
}
