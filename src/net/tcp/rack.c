/* SPDX-License-Identifier: ISC */
/* RACK-TLP (RFC 8985): what was sent before something that has arrived, and is still not there
 * when a reordering window has passed, is lost; a probe asks when nothing arrives at all. */

#include "net/tcp/board.h"

#define DUP_THRESH       3U
#define MIN_RTT_LIFE_S   300U
#define REO_STEPS_MAX    16U
#define REO_PERSIST      16U
#define TAIL_ACK_DELAY   (200 * TCP_MS) /* WCDelAckT: what a peer may hold its ACK back */
#define TAIL_WITHOUT_RTT TCP_SECOND

/* RFC 8985 5.1: of two sent at the same time the later number is the later one. */
static bool sent_after(uint64_t at, struct seq end, uint64_t other_at, struct seq other_end)
{
    return at > other_at || (at == other_at && seq_lt(other_end, end));
}

void tcp_rack_timed(struct tcp_conn *c, uint64_t rtt_ns, uint64_t now)
{
    uint32_t us = (uint32_t)(rtt_ns / 1000) + 1, s = (uint32_t)(now / TCP_SECOND);
    if (c->min_rtt_us != 0 && us > c->min_rtt_us && s - c->min_rtt_s < MIN_RTT_LIFE_S)
        return;
    c->min_rtt_us = us;
    c->min_rtt_s = s;
}

/* Whether the answer may be to an earlier copy: RFC 8985 6.2 step 2. */
static bool is_ambiguous(const struct tcp_conn *c, const struct tcp_sent *s,
                         const struct tcp_news *news)
{
    if (!s->again)
        return false;
    if (c->stamped && (int32_t)(news->seg->ts_ecr - tcp_stamp(c, s->at)) < 0)
        return true;
    return (news->now - s->at) / 1000 + 1 < c->min_rtt_us;
}

void tcp_rack_delivered(struct tcp_conn *c, const struct tcp_sent *s, struct seq to,
                        struct tcp_news *news)
{
    struct tcp_board *b = c->board;
    uint64_t rtt = news->now - s->at;
    if (!s->again) {
        tcp_rack_timed(c, rtt, news->now);
        news->rtt_ns = rtt;
        c->reordered |= seq_lt(to, news->fack);
    }
    b->fack = seq_later(b->fack, to);
    if (is_ambiguous(c, s, news))
        return;
    b->rack_rtt_ns = rtt;
    if (sent_after(s->at, to, b->rack_at, b->rack_end)) {
        b->rack_at = s->at;
        b->rack_end = to;
    }
}

void tcp_rack_adapt(struct tcp_conn *c, bool dsack, bool recovered)
{
    if (c->reo_round && seq_le(c->reo_end, c->snd_una))
        c->reo_round = false;
    if (dsack && !c->reo_round) {
        c->reo_round = true;
        c->reo_end = c->snd_max;
        c->reo_steps = (uint8_t)tcp_min(c->reo_steps + 1U, REO_STEPS_MAX);
        c->reo_persist = REO_PERSIST;
    } else if (recovered && c->reo_persist > 0 && --c->reo_persist == 0) {
        c->reo_steps = 0;
    }
}

static bool has_dup_thresh(const struct tcp_conn *c)
{
    unsigned segments = 0;
    for (unsigned i = 0; i < c->board->count && segments < DUP_THRESH; i++)
        if (tcp_sent_at(c->board, i)->sacked)
            segments += (tcp_sent_len(c, i) + c->mss - 1) / c->mss;
    return segments >= DUP_THRESH;
}

static uint64_t reordering_window(const struct tcp_conn *c)
{
    if (!c->reordered && (c->in_recovery || c->in_loss || has_dup_thresh(c)))
        return 0;
    uint64_t window = (c->reo_steps + 1U) * (uint64_t)c->min_rtt_us * 1000 / 4;
    return window < c->srtt_ns ? window : c->srtt_ns;
}

/* Whatever lies beyond the first segment that was sent once, and after the one that arrived,
 * was sent later still. */
bool tcp_rack_detect(struct tcp_conn *c, uint64_t now)
{
    struct tcp_board *b = c->board;
    uint64_t wait = b->rack_rtt_ns + reordering_window(c), until = 0;
    bool any = false;
    for (unsigned i = 0; i < b->count; i++) {
        const struct tcp_sent *s = tcp_sent_at(b, i);
        bool after = !sent_after(b->rack_at, b->rack_end, s->at, s->to);
        if (after && !s->again)
            break;
        if (after || s->sacked || s->lost)
            continue;
        if (s->at + wait <= now) {
            tcp_sent_lose(c, i);
            any = true;
        } else if (s->at + wait > until) {
            until = s->at + wait;
        }
    }
    c->at[TCP_TIMER_REORDER] = until ? until : TCP_NEVER;
    return any;
}

void tcp_rack_lose_all(struct tcp_conn *c, uint64_t now)
{
    struct tcp_board *b = c->board;
    uint64_t rtt = b->rack_rtt_ns ? b->rack_rtt_ns : c->srtt_ns;
    uint64_t wait = rtt + reordering_window(c);
    if (tcp_sent_at(b, 0)->sacked) {
        c->shared->counts.sacks_reneged++;
        tcp_board_renege(c);
    }
    for (unsigned i = 0; i < b->count; i++) {
        const struct tcp_sent *s = tcp_sent_at(b, i);
        if (!s->sacked && (i == 0 || s->at + wait <= now))
            tcp_sent_lose(c, i);
    }
    tcp_timer_stop(c, TCP_TIMER_REORDER);
}

/* ---- Tail loss probe: RFC 8985 7 ---------------------------------------------- */
static bool may_probe(const struct tcp_conn *c)
{
    if (!tcp_by_sack(c) || !tcp_can_send(c) || tcp_flight(c) == 0 || c->tail_sent ||
        c->in_recovery || c->in_loss || c->retries > 0)
        return false;
    return !c->board || (c->board->sacked == 0 && c->board->lost == 0);
}

/* One that would come no sooner than the time-out is none. */
void tcp_tail_arm(struct tcp_conn *c, uint64_t now)
{
    tcp_timer_stop(c, TCP_TIMER_TAIL);
    if (!may_probe(c))
        return;
    uint64_t at = now + (c->srtt_ns ? 2 * c->srtt_ns : TAIL_WITHOUT_RTT);
    if (tcp_flight(c) <= c->mss)
        at += TAIL_ACK_DELAY;
    if (tcp_timer_is_set(c, TCP_TIMER_RETRANSMIT) && at < c->at[TCP_TIMER_RETRANSMIT])
        c->at[TCP_TIMER_TAIL] = at;
}

bool tcp_tail_acked(struct tcp_conn *c, const struct tcp_news *news)
{
    const struct tcp_segment *seg = news->seg;
    if (!c->tail_sent || seq_lt(seg->ack, c->tail_end))
        return false;
    if (!c->tail_again || (news->dsack && seq_eq(seg->sack[0].to, c->tail_end))) {
        c->tail_sent = false; /* new text, or one copy too many: nothing was lost */
        return false;
    }
    if (seq_lt(c->tail_end, seg->ack)) {
        c->tail_sent = false;
        return true;
    }
    if (news->acked == 0 && seg->sacks == 0 && seg->text.len == 0)
        c->tail_sent = false; /* both copies arrived */
    return false;
}
