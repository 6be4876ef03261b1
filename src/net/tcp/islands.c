/* SPDX-License-Identifier: ISC */
/* What arrived out of order: which parts of the receive ring, beyond its end, hold text, and
 * how the peer is told so (RFC 2018 4, RFC 2883).
 *
 * The list is a block of memory that is there only while there are islands. It grows, up to
 * TCP_ISLANDS_MAX, as they get more. */

#include "net/tcp/core.h"

#define ROOM_MIN 16U /* islands of the first block */

static void move_to(struct tcp_conn *c, struct tcp_island *at, uint16_t room)
{
    struct tcp_islands *l = &c->islands;
    if (l->count > 0)
        memcpy(at, l->at, l->count * sizeof *at);
    supply_put(c->shared->buffers, l->at, l->room * sizeof *at);
    l->at = at;
    l->room = room;
}

static bool grow(struct tcp_conn *c)
{
    uint32_t room = c->islands.room ? 2U * c->islands.room : ROOM_MIN;
    if (room > TCP_ISLANDS_MAX) {
        c->shared->counts.out_of_order_dropped++;
        return false;
    }
    struct tcp_island *at =
        tcp_may_grow(c) ? supply_get(c->shared->buffers, room * sizeof *at) : NULL;
    if (at)
        move_to(c, at, (uint16_t)room);
    else
        c->shared->counts.no_memory++;
    return at;
}

/* [i, j) become one, which holds them and [from, to). */
static void join(struct tcp_islands *l, unsigned i, unsigned j, struct tcp_range r)
{
    memmove(&l->at[i + 1], &l->at[j], (l->count - j) * sizeof l->at[0]);
    l->at[i] = (struct tcp_island){r, ++l->turn};
    l->count = (uint16_t)(l->count + 1 - (j - i));
}

bool tcp_island_add(struct tcp_conn *c, struct tcp_range r)
{
    struct tcp_islands *l = &c->islands;
    unsigned j = l->count, i;
    while (j > 0 && seq_lt(r.to, l->at[j - 1].range.from))
        j--;
    for (i = j; i > 0 && seq_le(r.from, l->at[i - 1].range.to); i--) {
        r.from = seq_earlier(r.from, l->at[i - 1].range.from);
        r.to = seq_later(r.to, l->at[i - 1].range.to);
    }
    if (i == j && l->count == l->room && !grow(c))
        return false;
    join(l, i, j, r);
    return true;
}

void tcp_islands_absorb(struct tcp_conn *c)
{
    struct tcp_islands *l = &c->islands;
    unsigned n = 0;
    for (; n < l->count && seq_le(l->at[n].range.from, c->rcv_nxt); n++) {
        int32_t more = seq_diff(l->at[n].range.to, c->rcv_nxt);
        if (more > 0) {
            ring_extend(&c->in, (uint32_t)more);
            c->rcv_nxt = l->at[n].range.to;
        }
    }
    if (n == l->count) {
        tcp_islands_end(c);
        return;
    }
    l->count = (uint16_t)(l->count - n);
    memmove(&l->at[0], &l->at[n], l->count * sizeof l->at[0]);
}

void tcp_islands_end(struct tcp_conn *c)
{
    supply_put(c->shared->buffers, c->islands.at, c->islands.room * sizeof *c->islands.at);
    c->islands = (struct tcp_islands){.turn = c->islands.turn};
}

/* ---- The peer is told ------------------------------------------------------- */
void tcp_note_duplicate(struct tcp_conn *c, const struct tcp_segment *seg)
{
    struct tcp_range r = {seg->seq, seq_add(seg->seq, (uint32_t)seg->text.len)};
    if (!c->sack || seg->text.len == 0)
        return;
    if (seq_lt(r.from, c->rcv_nxt)) {
        c->dsack_due = true;
        c->dsack = (struct tcp_range){r.from, seq_earlier(r.to, c->rcv_nxt)};
        return;
    }
    for (unsigned i = 0; i < c->islands.count; i++) {
        struct tcp_range *island = &c->islands.at[i].range;
        struct tcp_range both = {seq_later(r.from, island->from),
                                 seq_earlier(r.to, island->to)};
        if (!seq_lt(both.from, both.to))
            continue;
        c->dsack_due = true;
        c->dsack = both;
        return;
    }
}

uint32_t tcp_sacks_due(const struct tcp_conn *c)
{
    uint32_t most = c->stamped ? TCP_SACKS_MAX - 1 : TCP_SACKS_MAX;
    return c->sack ? tcp_min(most, c->islands.count + c->dsack_due) : 0;
}

/* The one that changed last before `turn`: how long ago is what orders them, so that the
 * counter may wrap. */
static const struct tcp_island *latest_before(const struct tcp_islands *l, uint32_t age)
{
    const struct tcp_island *best = NULL;
    for (unsigned i = 0; i < l->count; i++) {
        uint32_t a = l->turn - l->at[i].turn;
        if (a >= age && (!best || a < l->turn - best->turn))
            best = &l->at[i];
    }
    return best;
}

/* RFC 2018 4: the block with what arrived last first, then those that were first before it;
 * RFC 2883 4: before all of them, once, what arrived twice. */
void tcp_put_sacks(struct tcp_conn *c, struct tcp_segment *seg)
{
    uint32_t n = tcp_sacks_due(c), age = 0;
    if (c->dsack_due && n > 0)
        seg->sack[seg->sacks++] = c->dsack;
    c->dsack_due = false;
    while (seg->sacks < n) {
        const struct tcp_island *i = latest_before(&c->islands, age);
        age = c->islands.turn - i->turn + 1;
        seg->sack[seg->sacks++] = i->range;
    }
}
