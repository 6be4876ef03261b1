/* SPDX-License-Identifier: ISC */
/* RFC 9293 3.10.7.4, fifth: what the ACK field says. */

#include "net/tcp/board.h"
#include "net/tcp/congestion.h"

static void wake_writer(struct tcp_conn *c, struct tcp_out *out)
{
    /* Not at every octet: a writer is woken when half of the buffer is free. */
    if (!c->write_blocked || !queue_has_room(&c->out))
        return;
    c->write_blocked = false;
    tcp_timer_stop(c, TCP_TIMER_ROOM);
    out->events |= TCP_EVENT_WRITABLE;
}

/* Takes what is acknowledged out of the buffer; SYN and FIN are numbered but not in it. */
static void drop_acked(struct tcp_conn *c, uint32_t acked)
{
    if (tcp_in_handshake(c))
        acked--;
    if (acked > c->out.count) {
        c->fin_acked = true;
        acked = c->out.count;
    }
    if (acked > 0)
        queue_drop(&c->out, c->shared->buffers, acked);
    c->delivered += acked;
}

/* One round trip is timed by our own clock, which is the finer one; while it is not known
 * which of two copies was answered, the timestamps tell (RFC 7323 4). */
static void take_round_trip(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now)
{
    uint64_t rtt_ns;
    if (c->timing && seq_lt(c->rtt_seq, seg->ack)) {
        c->timing = false;
        tcp_rto_sample(c, now - c->rtt_at, 1);
        tcp_rack_timed(c, now - c->rtt_at, now);
        if (!c->board) /* which times every segment */
            c->congestion->timed(c, now - c->rtt_at);
    } else if (!c->timing && tcp_stamp_rtt(c, seg, now, &rtt_ns)) {
        tcp_rto_sample(c, rtt_ns, tcp_max(1, tcp_flight(c) / (2U * c->mss)));
    } else if (!c->timing) {
        tcp_rto_progress(c);
    }
}

void tcp_acked(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now,
               struct tcp_out *out)
{
    struct seq ack = seg->ack;
    uint32_t flight = tcp_flight(c), acked = (uint32_t)seq_diff(ack, c->snd_una);
    take_round_trip(c, seg, now);
    drop_acked(c, acked);
    c->snd_una = ack;
    c->snd_nxt = seq_later(c->snd_nxt, ack);
    c->snd_small = seq_later(c->snd_small, ack);
    c->resend = false;
    c->retries = 0;
    c->soft_error = 0;
    c->progress_at = now;
    if (!tcp_by_sack(c))
        tcp_recovery_acked(c, acked, flight, now);
    tcp_path_acked(c, now);
    tcp_grow_send(c);
    if (seq_eq(c->snd_una, c->snd_max))
        tcp_timer_stop(c, TCP_TIMER_RETRANSMIT);
    else if (!tcp_timer_is_set(c, TCP_TIMER_PERSIST))
        tcp_arm_retransmit(c, now);
    wake_writer(c, out);
}

static uint32_t window_of(const struct tcp_conn *c, const struct tcp_segment *seg)
{
    return (uint32_t)seg->window << c->snd_shift;
}

/* Only a segment that is not older than the last one that did says what the window is. */
static void take_window(struct tcp_conn *c, const struct tcp_segment *seg)
{
    if (!seq_lt(c->snd_wl1, seg->seq) &&
        !(seq_eq(c->snd_wl1, seg->seq) && seq_le(c->snd_wl2, seg->ack)))
        return;
    c->snd_wnd = window_of(c, seg);
    c->snd_wl1 = seg->seq;
    c->snd_wl2 = seg->ack;
    c->snd_wnd_max = tcp_max(c->snd_wnd_max, c->snd_wnd);
}

/* RFC 5681 2: an acknowledgement that says nothing but that something arrived. */
static bool is_duplicate(const struct tcp_conn *c, const struct tcp_segment *seg)
{
    return seq_eq(seg->ack, c->snd_una) && seg->text.len == 0 && !(seg->flags & TCP_FIN) &&
           !seq_eq(c->snd_una, c->snd_max) && window_of(c, seg) == c->snd_wnd &&
           !tcp_timer_is_set(c, TCP_TIMER_PERSIST);
}

static enum tcp_step ack_in_syn_received(struct tcp_conn *c, const struct tcp_segment *seg,
                                         uint64_t now, struct tcp_out *out)
{
    if (!seq_lt(c->snd_una, seg->ack) || seq_lt(c->snd_max, seg->ack)) {
        c->reset_due = true;
        c->reset_seq = seg->ack;
        return TCP_DONE;
    }
    tcp_acked(c, seg, now, out);
    c->snd_wnd = window_of(c, seg);
    c->snd_wl1 = seg->seq;
    c->snd_wl2 = seg->ack;
    c->snd_wnd_max = tcp_max(c->snd_wnd_max, c->snd_wnd);
    c->heard_at = now;
    tcp_established(c, now, out);
    return TCP_NEXT;
}

/* Our FIN was acknowledged: where that leads. */
static enum tcp_step fin_was_acked(struct tcp_conn *c, uint64_t now, struct tcp_out *out)
{
    switch (c->state) {
    case TCP_FIN_WAIT_1:
        c->state = TCP_FIN_WAIT_2;
        if (c->orphan)
            c->at[TCP_TIMER_LIFE] = now + TCP_FIN_WAIT_2_MAX;
        return TCP_NEXT;
    case TCP_CLOSING:
        tcp_time_wait(c, now);
        return TCP_NEXT;
    case TCP_LAST_ACK:
        tcp_end(c, 0, out);
        return TCP_DONE;
    case TCP_CLOSED:
    case TCP_SYN_SENT:
    case TCP_SYN_RECEIVED:
    case TCP_ESTABLISHED:
    case TCP_FIN_WAIT_2:
    case TCP_CLOSE_WAIT:
    case TCP_TIME_WAIT:
        return TCP_NEXT;
    }
    return TCP_NEXT;
}

/* RFC 5961 5.2: an ACK older than the largest window could have made, or of what was never
 * sent, is not the peer's; the segment, text and all, is dropped and challenged. */
static bool plausible(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now)
{
    if (seq_lt(c->snd_max, seg->ack))
        c->shared->counts.early_acks++;
    else if (seq_diff(c->snd_una, seg->ack) > (int64_t)c->snd_wnd_max)
        c->shared->counts.old_acks++;
    else
        return true;
    tcp_challenge(c, now);
    return false;
}

static void take_ack(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now,
                     struct tcp_out *out)
{
    struct tcp_news news = {.seg = seg, .now = now};
    bool advances = seq_lt(c->snd_una, seg->ack);
    if (tcp_by_sack(c))
        tcp_board_take(c, &news);
    if (advances)
        tcp_acked(c, seg, now, out);
    else if (!tcp_by_sack(c) && is_duplicate(c, seg))
        tcp_recovery_duplicate(c);
    if (tcp_by_sack(c))
        tcp_recovery_by_sack(c, &news);
    else if (c->sack && advances)
        tcp_board_come_back(c);
}

enum tcp_step tcp_step_ack(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now,
                           struct tcp_out *out)
{
    if (!(seg->flags & TCP_ACK)) {
        c->shared->counts.without_ack++;
        return TCP_DONE;
    }
    if (c->state == TCP_SYN_RECEIVED) {
        if (ack_in_syn_received(c, seg, now, out) == TCP_DONE)
            return TCP_DONE;
        return c->fin_acked ? fin_was_acked(c, now, out) : TCP_NEXT;
    }
    if (!plausible(c, seg, now))
        return TCP_DONE;
    c->heard_at = now;
    c->unheard = 0;
    tcp_ecn_ack_arrives(c, seg);
    take_ack(c, seg, now, out);
    /* A peer that answers probes of its shut window is alive, and waited for (RFC 9293
     * 3.8.6.1), unless there is no longer a user who does the waiting. */
    if (tcp_timer_is_set(c, TCP_TIMER_PERSIST) && !c->orphan)
        c->progress_at = now;
    if (seq_le(c->snd_una, seg->ack))
        take_window(c, seg);
    return c->fin_acked ? fin_was_acked(c, now, out) : TCP_NEXT;
}
