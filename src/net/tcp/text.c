/* SPDX-License-Identifier: ISC */
/* RFC 9293 3.10.7.4, seventh and eighth: the text, in order or not, and the FIN.
 *
 * Text that is next goes to the end of the receive ring. Text further on is written into the
 * same ring, ahead of its end, and remembered as an island (islands.c); when the gap before it
 * fills, the ring is extended over it. So text is copied once, whatever its order. */

#include "base/check.h"
#include "net/tcp/core.h"

#include <errno.h>

struct seq tcp_edge(const struct tcp_conn *c)
{
    uint32_t most = (uint32_t)UINT16_MAX << c->rcv_shift;
    return seq_add(c->rcv_nxt, tcp_min(c->in.max - c->in.count, most));
}

/* RFC 9293 3.8.6.3: an ACK for at least every second full-sized segment, the rest later. */
static void ack_later(struct tcp_conn *c, uint64_t now)
{
    if ((uint32_t)seq_diff(c->rcv_nxt, c->rcv_acked) >= 2U * c->rcv_mss)
        c->ack_now = true;
    else if (!tcp_timer_is_set(c, TCP_TIMER_ACK))
        c->at[TCP_TIMER_ACK] = now + TCP_ACK_DELAY;
}

/* What of the text is new and in the window; where it begins goes to *from. */
static struct bytes clip(const struct tcp_conn *c, const struct tcp_segment *seg,
                         struct seq *from)
{
    struct seq start = seq_later(seg->seq, c->rcv_nxt);
    struct seq end = seq_earlier(seq_add(seg->seq, (uint32_t)seg->text.len), c->rcv_adv);
    if (c->fin_known)
        end = seq_earlier(end, c->fin_at);
    *from = start;
    if (!seq_lt(start, end))
        return bytes_of(seg->text.at, 0);
    return bytes_of(seg->text.at + seq_diff(start, seg->seq), (size_t)seq_diff(end, start));
}

/* `segment_len`: of the longest segment that the text arrived in. */
static void take_in_order(struct tcp_conn *c, struct bytes text, uint32_t segment_len,
                          uint64_t now, struct tcp_out *out)
{
    uint32_t len = (uint32_t)text.len;
    ring_put_at(&c->in, c->in.count, text);
    ring_extend(&c->in, len);
    c->rcv_nxt = seq_add(c->rcv_nxt, len);
    c->dups_due = 0; /* they would not be duplicates any more */
    c->shared->counts.text_in += len;
    out->events |= TCP_EVENT_READABLE;
    tcp_grow_receive(c, now);
    if (c->islands.count > 0) {
        c->ack_now = true; /* a gap, or part of one, is filled: RFC 5681 4.2 */
        tcp_islands_absorb(c);
        return;
    }
    c->rcv_mss = (uint16_t)tcp_max(c->rcv_mss, tcp_min(segment_len, c->mss_in));
    ack_later(c, now);
}

/* A copy of what is already here, or beyond the window: all that is owed is an ACK. */
static enum tcp_step nothing_new(struct tcp_conn *c)
{
    c->shared->counts.duplicates++;
    c->ack_now = true;
    return TCP_NEXT;
}

/* Text out of order can make a peer's one octet cost a whole window: while more than half
 * of the budget is in use, nothing grows for it. */
bool tcp_may_grow(const struct tcp_conn *c)
{
    return c->shared->buffers->used <= c->shared->buffers->limit / 2;
}

static bool reserve(struct tcp_conn *c, uint32_t offset, struct bytes text)
{
    uint32_t need = offset + (uint32_t)text.len;
    if (need <= c->in.len || ((offset == c->in.count || tcp_may_grow(c)) &&
                              ring_reserve(&c->in, c->shared->buffers, need)))
        return true;
    c->shared->counts.no_memory++;
    return false;
}

static enum tcp_step take_out_of_order(struct tcp_conn *c, struct seq from, struct bytes text)
{
    uint32_t offset = c->in.count + (uint32_t)seq_diff(from, c->rcv_nxt);
    /* The peer counts these (RFC 5681 3.2): merged into one, or sent with text, they would not
     * tell it what is lost. */
    if (c->dups_due < UINT8_MAX)
        c->dups_due++;
    if (!reserve(c, offset, text))
        return TCP_DONE;
    if (!tcp_island_add(c, (struct tcp_range){from, seq_add(from, (uint32_t)text.len)}))
        return TCP_NEXT;
    c->shared->counts.out_of_order++;
    c->shared->counts.text_in += text.len;
    ring_put_at(&c->in, offset, text);
    return TCP_NEXT;
}

enum tcp_step tcp_step_text(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now,
                            struct tcp_out *out)
{
    if (seg->text.len == 0)
        return TCP_NEXT;
    if (!tcp_can_receive(c)) {
        c->shared->counts.text_after_end++;
        return TCP_NEXT;
    }
    tcp_note_duplicate(c, seg);
    tcp_ecn_text_arrives(c, seg);
    struct seq from;
    struct bytes text = clip(c, seg, &from);
    if (text.len == 0)
        return nothing_new(c);
    if (c->orphan) {
        /* Nobody will read it, and the peer must not think so: RFC 9293 3.6.1. */
        tcp_end_with_reset(c, -ECONNABORTED, out);
        return TCP_DONE;
    }
    if (!seq_eq(from, c->rcv_nxt))
        return take_out_of_order(c, from, text);
    if (!reserve(c, c->in.count, text))
        return TCP_DONE;
    uint32_t len = (uint32_t)text.len;
    take_in_order(c, text, seg->segment_len ? tcp_min(seg->segment_len, len) : len, now, out);
    return TCP_NEXT;
}

/* A FIN ahead of its turn is remembered, unless text was already taken from beyond it. */
static void note_fin(struct tcp_conn *c, struct seq at)
{
    if (c->fin_known || seq_lt(at, c->rcv_nxt) ||
        (!seq_eq(at, c->rcv_nxt) && !seq_lt(at, c->rcv_adv)))
        return;
    if (c->islands.count > 0 && seq_lt(at, c->islands.at[c->islands.count - 1].range.to))
        return;
    c->fin_known = true;
    c->fin_at = at;
}

static void take_fin(struct tcp_conn *c, uint64_t now, struct tcp_out *out)
{
    c->fin_in = true;
    c->rcv_nxt = seq_add(c->rcv_nxt, 1);
    c->rcv_adv = seq_later(c->rcv_adv, c->rcv_nxt);
    out->events |= TCP_EVENT_READABLE;
    switch (c->state) {
    case TCP_ESTABLISHED:
        c->state = TCP_CLOSE_WAIT;
        break;
    case TCP_FIN_WAIT_1:
        c->state = TCP_CLOSING; /* our FIN would be acknowledged by now (fin_was_acked) */
        break;
    case TCP_FIN_WAIT_2:
        tcp_time_wait(c, now);
        break;
    case TCP_CLOSED:
    case TCP_SYN_SENT:
    case TCP_SYN_RECEIVED:
    case TCP_CLOSE_WAIT:
    case TCP_CLOSING:
    case TCP_LAST_ACK:
    case TCP_TIME_WAIT:
        check(false); /* fin_in, or fin_known, kept it away */
    }
    c->ack_now = true;
}

enum tcp_step tcp_step_fin(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now,
                           struct tcp_out *out)
{
    if (seg->flags & TCP_FIN) {
        c->ack_now = true;
        if (c->state == TCP_TIME_WAIT)
            tcp_time_wait(c, now);
        note_fin(c, seq_add(seg->seq, (uint32_t)seg->text.len));
    }
    if (c->fin_known && !c->fin_in && seq_eq(c->rcv_nxt, c->fin_at))
        take_fin(c, now, out);
    return TCP_DONE;
}
