/* SPDX-License-Identifier: ISC */
/* Recovery by SACK: proportional rate reduction (RFC 9937) while what was lost is sent again,
 * and the way back when nothing was lost after all: by timestamps (RFC 3522, RFC 4015), or
 * because all that was sent again is reported to have arrived twice (RFC 2883). */

#include "net/tcp/board.h"
#include "net/tcp/congestion.h"

static bool recovers(const struct tcp_conn *c)
{
    return c->in_recovery || c->in_loss;
}

static void remember(struct tcp_conn *c)
{
    struct tcp_board *b = c->board;
    b->undo = true;
    b->undo_stamped = b->undo_asked = false;
    b->undo_octets = 0;
    b->undo_una = c->snd_una;
    b->undo_cwnd = c->cwnd;
    b->undo_ssthresh = c->ssthresh;
}

/* Just behind snd_una: never so far that it wraps. */
static void forget_recover(struct tcp_conn *c)
{
    c->recover = seq_add(c->snd_una, UINT32_MAX);
}

static void undo(struct tcp_conn *c)
{
    struct tcp_board *b = c->board;
    c->shared->counts.recoveries_undone++;
    tcp_board_forgive(c);
    c->in_recovery = c->in_loss = b->undo = false;
    c->cwnd = tcp_max(c->cwnd, b->undo_cwnd);
    c->ssthresh = tcp_max(c->ssthresh, b->undo_ssthresh);
    forget_recover(c);
}

static void enter(struct tcp_conn *c)
{
    struct tcp_board *b = c->board;
    c->shared->counts.fast_retransmits++;
    remember(c);
    b->recover_fs = tcp_flight(c);
    b->prr_delivered = b->prr_out = 0;
    c->congestion->reduce(c, false);
    c->recover = c->snd_max;
    c->in_recovery = true;
    c->tail_sent = c->tail_due = false;
}

/* RFC 9937 6.2. What is sent goes down to ssthresh in proportion to what arrives, and does not
 * stay below it where a retransmission was just seen to work. */
static void reduce_in_proportion(struct tcp_conn *c, uint32_t delivered, bool safe)
{
    struct tcp_board *b = c->board;
    uint32_t pipe = tcp_pipe(c);
    int64_t more;
    b->prr_delivered += delivered;
    if (pipe > c->ssthresh) {
        uint64_t share = (uint64_t)b->prr_delivered * c->ssthresh + b->recover_fs - 1;
        more = (int64_t)(share / b->recover_fs) - b->prr_out;
    } else {
        int64_t owed = (int64_t)b->prr_delivered - b->prr_out;
        more = owed > delivered ? owed : delivered;
        more += safe ? c->mss : 0;
        more = more < c->ssthresh - pipe ? more : c->ssthresh - pipe;
    }
    if (b->prr_out == 0 && more < c->mss)
        more = c->mss; /* the first retransmission goes in any case */
    c->cwnd = tcp_max(pipe + (more > 0 ? (uint32_t)more : 0), c->mss);
}

/* RFC 3522 3.2: the answer to the first that was sent again is to a copy sent before it. */
static bool is_answered_too_early(struct tcp_conn *c, const struct tcp_news *news)
{
    struct tcp_board *b = c->board;
    if (!b->undo || !b->undo_stamped || b->undo_asked || news->acked == 0)
        return false;
    b->undo_asked = true;
    return c->stamped && (int32_t)(news->seg->ts_ecr - b->undo_stamp) < 0;
}

/* All that was sent again has arrived twice. */
static bool has_all_arrived_twice(struct tcp_conn *c, const struct tcp_news *news)
{
    struct tcp_board *b = c->board;
    const struct tcp_range *r = &news->seg->sack[0];
    if (!news->dsack || !b->undo || b->undo_octets == 0 || seq_lt(r->from, b->undo_una))
        return false;
    b->undo_octets -= tcp_min(b->undo_octets, (uint32_t)seq_diff(r->to, r->from));
    return b->undo_octets == 0;
}

/* What was taken for lost is there before any of it was sent again. */
static bool was_nothing_sent_again(const struct tcp_conn *c)
{
    return recovers(c) && c->board->undo && !c->board->undo_stamped &&
           seq_le(c->recover, c->snd_una);
}

static bool leave(struct tcp_conn *c)
{
    bool ends = recovers(c) && seq_le(c->recover, c->snd_una);
    if (c->in_recovery && ends)
        c->cwnd = tcp_max(c->ssthresh, c->mss);
    if (ends)
        c->in_recovery = c->in_loss = false;
    if (seq_lt(c->recover, c->snd_una))
        forget_recover(c);
    return ends;
}

/* By what is new, not by what was reported long ago: after a hole all that is acknowledged at
 * once would be far too much. */
static void grow(struct tcp_conn *c, const struct tcp_news *news)
{
    if (news->acked > 0 && news->delivered > 0)
        c->congestion->grow(c, news->delivered, news->pipe, news->now);
}

static void find_lost(struct tcp_conn *c, const struct tcp_news *news)
{
    bool any = c->board && tcp_rack_detect(c, news->now);
    if (any && !recovers(c))
        enter(c);
    if (c->in_recovery && (any || news->delivered > 0))
        reduce_in_proportion(c, news->delivered, news->acked > 0 && !any);
    else if (!c->in_recovery)
        grow(c, news);
}

void tcp_recovery_by_sack(struct tcp_conn *c, const struct tcp_news *news)
{
    bool ended = false;
    if (news->rtt_ns > 0)
        c->congestion->timed(c, news->rtt_ns);
    if (c->board && (is_answered_too_early(c, news) || has_all_arrived_twice(c, news) ||
                     was_nothing_sent_again(c)))
        undo(c);
    else
        ended = leave(c);
    tcp_rack_adapt(c, news->dsack, ended);
    find_lost(c, news);
    if (tcp_tail_acked(c, news)) {
        c->shared->counts.tail_losses++;
        c->congestion->reduce(c, false);
        c->cwnd = tcp_min(c->cwnd, c->ssthresh);
    }
    if (tcp_flight(c) == 0)
        tcp_board_end(c);
    if (news->acked > 0)
        c->tail_due = false;
    if (news->acked > 0 || news->delivered > 0)
        tcp_tail_arm(c, news->now);
}

void tcp_recovery_reordered(struct tcp_conn *c, uint64_t now)
{
    if (!c->board || !tcp_rack_detect(c, now))
        return;
    if (!recovers(c))
        enter(c);
    if (c->in_recovery)
        reduce_in_proportion(c, 0, false);
    tcp_tail_arm(c, now);
}

bool tcp_recovery_by_sack_timed_out(struct tcp_conn *c, uint64_t now)
{
    if (!tcp_by_sack(c))
        return false;
    if (c->snd_wnd == 0 || !seq_eq(c->snd_nxt, c->snd_max)) {
        tcp_board_give_up(c); /* it is the peer's window that is to be probed */
        return false;
    }
    if (!tcp_board_make(c))
        return false;
    if (c->retries == 0) {
        remember(c);
        c->congestion->reduce(c, true);
    }
    c->cwnd = c->mss;
    c->in_recovery = c->tail_sent = c->tail_due = false;
    c->in_loss = true;
    c->recover = c->snd_max;
    tcp_timer_stop(c, TCP_TIMER_TAIL);
    tcp_rack_lose_all(c, now);
    return true;
}
