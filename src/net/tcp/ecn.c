/* SPDX-License-Identifier: ISC */
/* Explicit congestion notification: RFC 3168. A router marks what it would have dropped (CE);
 * the receiver says so (ECE) until the sender says that it has slowed down (CWR). */

#include "net/tcp/congestion.h"
#include "net/tcp/core.h"

/* RFC 3168 6.1.1. Both bits on a SYN,ACK come from one who only reflects them. A SYN that had
 * to be sent again is sent without (6.1.1.1), but whoever got the first may still agree. */
void tcp_ecn_take_syn(struct tcp_conn *c, const struct tcp_segment *syn)
{
    unsigned bits = syn->flags & (TCP_ECE | TCP_CWR);
    if (syn->flags & TCP_ACK)
        c->ecn = c->ecn_asked && bits == TCP_ECE;
    else
        c->ecn = bits == (TCP_ECE | TCP_CWR);
    c->ecn_recover = c->iss;
}

uint8_t tcp_ecn_syn_flags(struct tcp_conn *c)
{
    if (c->state != TCP_SYN_SENT)
        return c->ecn ? TCP_ECE : 0;
    if (!c->shared->ecn || c->syn_lost)
        return 0;
    c->ecn_asked = true;
    return TCP_ECE | TCP_CWR;
}

/* 6.1.3: of text only; from CWR on what is said is new. */
void tcp_ecn_text_arrives(struct tcp_conn *c, const struct tcp_segment *seg)
{
    if (!c->ecn)
        return;
    if (seg->flags & TCP_CWR)
        c->ecn_echo = false;
    if (seg->ecn != TCP_ECN_CE)
        return;
    c->shared->counts.marks_in++;
    if (!c->ecn_echo)
        c->ack_now = true;
    c->ecn_echo = true;
}

/* 6.1.2: as after a loss, but nothing is sent again; once for each window of text. */
void tcp_ecn_ack_arrives(struct tcp_conn *c, const struct tcp_segment *seg)
{
    if (!c->ecn || seq_le(seg->ack, c->ecn_recover))
        return;
    c->ecn_recover = seg->ack; /* never so far behind that it wraps */
    if (!(seg->flags & TCP_ECE))
        return;
    c->ecn_recover = c->snd_max;
    c->shared->counts.echoes_in++;
    if (c->in_recovery)
        return; /* it was reduced for this window */
    c->congestion->reduce(c, false);
    c->cwnd = tcp_min(c->cwnd, c->ssthresh);
}

/* 6.1.4, 6.1.5, 6.1.6: nothing that is sent again, no probe and no bare acknowledgement says
 * that it may be marked. */
void tcp_ecn_text_goes(struct tcp_conn *c, struct tcp_segment *seg)
{
    bool again = seq_lt(seg->seq, c->snd_max);
    if (!c->ecn || seg->text_len == 0 || again)
        return;
    seg->ecn = TCP_ECN_ECT0;
    if (c->cwr_due)
        seg->flags |= TCP_CWR;
    c->cwr_due = false;
}
