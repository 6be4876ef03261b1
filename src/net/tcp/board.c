/* SPDX-License-Identifier: ISC */
/* The scoreboard (RFC 6675 3): what of that which is on its way was sent when, is known to
 * have arrived, is taken for lost.
 *
 * One record for each segment sent, of any length; records lie side by side from snd_una to
 * snd_max, and a record begins where the one before ends. They are split where a SACK, or a
 * retransmission, is about a part. While only one segment is on its way there is no board:
 * sent_at says all. When there is no memory, what was sent last is added to the record before
 * it, whose time gets later (so that it is never lost too early), or the board is given up and
 * the connection goes on as with a peer that knows no SACK. */

#include "base/check.h"
#include "net/tcp/board.h"
#include "net/tcp/congestion.h"

#define ROOM_MIN 8U /* records of the first block */

static size_t size_of(unsigned room)
{
    return sizeof(struct tcp_board) + room * sizeof(struct tcp_sent);
}

struct seq tcp_sent_from(const struct tcp_conn *c, unsigned i)
{
    return i == 0 ? c->snd_una : tcp_sent_at(c->board, i - 1)->to;
}

uint32_t tcp_sent_len(const struct tcp_conn *c, unsigned i)
{
    return (uint32_t)seq_diff(tcp_sent_at(c->board, i)->to, tcp_sent_from(c, i));
}

void tcp_board_end(struct tcp_conn *c)
{
    if (c->board)
        supply_put(c->shared->buffers, c->board, size_of(c->board->room));
    c->board = NULL;
    tcp_timer_stop(c, TCP_TIMER_REORDER);
}

void tcp_board_give_up(struct tcp_conn *c)
{
    bool lost = c->board && c->board->lost > 0;
    tcp_board_end(c);
    tcp_timer_stop(c, TCP_TIMER_TAIL);
    c->flat = true;
    c->tail_due = c->tail_sent = c->in_loss = false;
    c->dup_acks = 0;
    if (c->in_recovery)
        c->cwnd = tcp_max(c->ssthresh, c->mss);
    if (lost)
        c->snd_nxt = c->snd_una;
}

/* A block with room for twice as many records, if there is memory. */
static bool grow(struct tcp_conn *c)
{
    struct tcp_board *b = c->board;
    unsigned room = b ? 2U * b->room : ROOM_MIN;
    struct tcp_board *more =
        room <= TCP_SENT_MAX ? supply_get(c->shared->buffers, size_of(room)) : NULL;
    if (!more)
        return false;
    if (b) {
        memcpy(more, b, sizeof *b);
        memcpy(more->sent, b->sent + b->head, b->count * sizeof b->sent[0]);
        supply_put(c->shared->buffers, b, size_of(b->room));
        more->head = 0;
    } else {
        *more = (struct tcp_board){.count = 0};
    }
    more->room = (uint16_t)room;
    c->board = more;
    return true;
}

/* Room for one more record at the end. */
static bool has_room(struct tcp_conn *c)
{
    struct tcp_board *b = c->board;
    if ((unsigned)b->head + b->count < b->room)
        return true;
    if (b->head >= b->room / 4 || (!grow(c) && b->head > 0)) {
        memmove(b->sent, b->sent + b->head, b->count * sizeof b->sent[0]);
        b->head = 0;
        return true;
    }
    b = c->board;
    return (unsigned)b->head + b->count < b->room;
}

/* The first record is all that is on its way. */
static bool make(struct tcp_conn *c)
{
    if (!grow(c)) {
        c->shared->counts.no_memory++;
        return false;
    }
    c->board->fack = c->board->rack_end = c->snd_una;
    c->board->count = 1;
    c->board->sent[0] =
        (struct tcp_sent){.at = c->sent_at, .to = c->snd_max, .again = !c->timing};
    return true;
}

bool tcp_board_make(struct tcp_conn *c)
{
    if (!c->board && !make(c))
        tcp_board_give_up(c);
    return c->board;
}

void tcp_board_come_back(struct tcp_conn *c)
{
    if (c->in_recovery || !seq_eq(c->snd_nxt, c->snd_max))
        return;
    c->flat = tcp_flight(c) > 0 && !make(c);
    if (c->board)
        c->board->sent[0].again = true; /* it is many, sent at many times */
}

/* Record i becomes two, the second from `at` on. */
static bool split(struct tcp_conn *c, unsigned i, struct seq at)
{
    if (!has_room(c)) {
        c->shared->counts.no_memory++;
        return false;
    }
    struct tcp_sent *s = tcp_sent_at(c->board, i);
    memmove(s + 1, s, (c->board->count - i) * sizeof *s);
    s->to = at;
    c->board->count++;
    return true;
}

/* The first record that ends after `at`. */
static unsigned find(const struct tcp_conn *c, struct seq at)
{
    unsigned low = 0, high = c->board->count;
    while (low < high) {
        unsigned mid = (low + high) / 2;
        if (seq_le(tcp_sent_at(c->board, mid)->to, at))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* A record begins at `at`, which is between snd_una and snd_max; its index goes to *i. */
static bool cut(struct tcp_conn *c, struct seq at, unsigned *i)
{
    *i = find(c, at);
    if (*i == c->board->count || seq_eq(tcp_sent_from(c, *i), at))
        return true;
    return split(c, (*i)++, at);
}

static void set_lost(struct tcp_conn *c, unsigned i, bool lost)
{
    struct tcp_sent *s = tcp_sent_at(c->board, i);
    uint32_t len = tcp_sent_len(c, i);
    if (s->lost != lost)
        c->board->lost += lost ? len : -len;
    s->lost = lost;
}

void tcp_sent_lose(struct tcp_conn *c, unsigned i)
{
    set_lost(c, i, true);
}

void tcp_board_lose_all(struct tcp_conn *c)
{
    for (unsigned i = 0; i < c->board->count; i++)
        if (!tcp_sent_at(c->board, i)->sacked)
            set_lost(c, i, true);
    tcp_timer_stop(c, TCP_TIMER_TAIL);
}

void tcp_board_forgive(struct tcp_conn *c)
{
    for (unsigned i = 0; i < c->board->count; i++)
        set_lost(c, i, false);
}

void tcp_board_renege(struct tcp_conn *c)
{
    for (unsigned i = 0; i < c->board->count; i++)
        tcp_sent_at(c->board, i)->sacked = false;
    c->board->sacked = 0;
}

/* ---- What is sent ----------------------------------------------------------- */
/* [at, to), which was sent before, goes again. */
static bool sent_again(struct tcp_conn *c, struct seq at, struct seq to, uint64_t now)
{
    unsigned i, end;
    if (!cut(c, at, &i) || !cut(c, to, &end))
        return false;
    for (i = find(c, at); i < end; i++) {
        struct tcp_sent *s = tcp_sent_at(c->board, i);
        set_lost(c, i, false);
        s->again = true;
        s->at = now;
    }
    return true;
}

/* [.., to) goes for the first time. */
static bool sent_new(struct tcp_conn *c, struct seq to, uint64_t now)
{
    struct tcp_sent *last = tcp_sent_at(c->board, c->board->count - 1U);
    if (has_room(c)) {
        c->board->count++;
        last = tcp_sent_at(c->board, c->board->count - 1U);
        *last = (struct tcp_sent){.at = now, .to = to};
        return true;
    }
    c->shared->counts.no_memory++;
    if (last->sacked || last->lost)
        return false;
    last->to = to;
    last->at = now;
    last->again = true;
    return true;
}

void tcp_board_sent(struct tcp_conn *c, struct tcp_range r, uint64_t now)
{
    if (!tcp_by_sack(c) || tcp_flight(c) == 0 || !tcp_board_make(c))
        return;
    struct tcp_board *b = c->board;
    uint32_t again = seq_lt(r.from, c->snd_max)
                         ? (uint32_t)seq_diff(seq_earlier(r.to, c->snd_max), r.from)
                         : 0;
    if (again > 0 && b->undo && !b->undo_stamped) {
        b->undo_stamped = true;
        b->undo_stamp = tcp_stamp(c, now);
    }
    if (c->in_recovery || c->in_loss)
        b->undo_octets += again;
    b->prr_out += (uint32_t)seq_diff(r.to, r.from);
    struct seq old = seq_earlier(r.to, c->snd_max);
    if ((seq_lt(r.from, old) && !sent_again(c, r.from, old, now)) ||
        (seq_lt(c->snd_max, r.to) && !sent_new(c, r.to, now)))
        tcp_board_give_up(c);
}

bool tcp_board_unsent(struct tcp_conn *c, struct tcp_range r)
{
    unsigned i, end;
    if (!c->board || !cut(c, r.from, &i) || !cut(c, r.to, &end))
        return false;
    c->board->prr_out -= tcp_min(c->board->prr_out, (uint32_t)seq_diff(r.to, r.from));
    i = find(c, r.from);
    if (end == c->board->count && i + 1 == end && i > 0 && !tcp_sent_at(c->board, i)->again) {
        c->board->count--;
        c->snd_max = c->snd_nxt = r.from;
        return true;
    }
    for (; i < end; i++)
        if (!tcp_sent_at(c->board, i)->sacked)
            set_lost(c, i, true);
    return true;
}

bool tcp_board_first_lost(const struct tcp_conn *c, struct tcp_range *r)
{
    struct tcp_board *b = c->board;
    if (!b || b->lost == 0)
        return false;
    unsigned i = 0;
    while (!tcp_sent_at(b, i)->lost)
        i++;
    *r = (struct tcp_range){tcp_sent_from(c, i), tcp_sent_at(b, i)->to};
    return true;
}

uint32_t tcp_pipe(const struct tcp_conn *c)
{
    uint32_t gone = (uint32_t)seq_diff(c->snd_nxt, c->snd_una);
    uint32_t out = c->board ? c->board->sacked + c->board->lost : 0;
    return gone > out ? gone - out : 0;
}

/* ---- What is acknowledged ----------------------------------------------------- */
/* The octets of record i up to `to` have arrived, which was not known before. */
static void delivered(struct tcp_conn *c, unsigned i, struct seq to, struct tcp_news *news)
{
    struct tcp_sent *s = tcp_sent_at(c->board, i);
    uint32_t len = (uint32_t)seq_diff(to, tcp_sent_from(c, i));
    if (s->sacked) {
        c->board->sacked -= len; /* it is taken out, and was counted long ago */
        return;
    }
    if (s->lost)
        c->board->lost -= len;
    news->delivered += len;
    tcp_rack_delivered(c, s, to, news);
}

static void take_sacked(struct tcp_conn *c, struct tcp_range r, struct tcp_news *news)
{
    unsigned i, end;
    if (!tcp_board_make(c) || !cut(c, r.from, &i) || !cut(c, r.to, &end))
        return;
    for (i = find(c, r.from); i < end; i++) {
        struct tcp_sent *s = tcp_sent_at(c->board, i);
        if (s->sacked)
            continue;
        delivered(c, i, s->to, news);
        s->lost = false;
        s->sacked = true;
        c->board->sacked += tcp_sent_len(c, i);
    }
}

static void take_cumulative(struct tcp_conn *c, struct seq ack, struct tcp_news *news)
{
    struct tcp_board *b = c->board;
    unsigned whole = find(c, ack);
    for (unsigned i = 0; i < whole; i++)
        delivered(c, i, tcp_sent_at(b, i)->to, news);
    if (whole < b->count && seq_lt(tcp_sent_from(c, whole), ack))
        delivered(c, whole, ack, news);
    b->head = (uint16_t)(b->head + whole);
    b->count = (uint16_t)(b->count - whole);
}

/* RFC 2883 5: the first block is below what is acknowledged, or within the second. */
static bool is_dsack(const struct tcp_segment *seg)
{
    const struct tcp_range *a = &seg->sack[0], *b = &seg->sack[1];
    if (seg->sacks == 0 || !seq_lt(a->from, a->to))
        return false;
    return seq_le(a->to, seg->ack) ||
           (seg->sacks > 1 && seq_le(b->from, a->from) && seq_le(a->to, b->to));
}

/* RFC 2018 5.1, and what no honest peer says. */
static bool is_plausible(const struct tcp_conn *c, const struct tcp_segment *seg,
                         const struct tcp_range *r)
{
    return seq_lt(r->from, r->to) && seq_lt(seg->ack, r->from) && seq_le(r->to, c->snd_max);
}

static void take_sacks(struct tcp_conn *c, struct tcp_news *news)
{
    const struct tcp_segment *seg = news->seg;
    for (unsigned i = news->dsack; i < seg->sacks && tcp_by_sack(c); i++) {
        struct tcp_range r = seg->sack[i];
        if (!is_plausible(c, seg, &r)) {
            c->shared->counts.sacks_ignored++;
            continue;
        }
        r.from = seq_later(r.from, c->snd_una);
        if (seq_lt(r.from, r.to))
            take_sacked(c, r, news);
    }
}

void tcp_board_take(struct tcp_conn *c, struct tcp_news *news)
{
    struct seq ack = news->seg->ack;
    news->pipe = tcp_pipe(c);
    news->dsack = is_dsack(news->seg);
    news->fack = c->board ? c->board->fack : c->snd_una;
    if (tcp_flight(c) == 0)
        return;
    take_sacks(c, news);
    if (!seq_lt(c->snd_una, ack))
        return;
    news->acked = (uint32_t)seq_diff(ack, c->snd_una);
    if (c->board)
        take_cumulative(c, ack, news);
    else
        news->delivered = news->acked;
}
