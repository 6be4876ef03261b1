/* SPDX-License-Identifier: ISC */
/* What is sent next, and when it may be: windows, Nagle and silly windows (RFC 9293 3.7.4,
 * 3.8.6), probes, retransmissions. A plan is made from the state alone; carrying it out is
 * what changes the state. */

#include "net/tcp/board.h"
#include "net/tcp/congestion.h"

enum what { NOTHING, RESET, SYN, RESEND, TAIL, PROBE, TEXT, KEEPALIVE, BARE_ACK };

struct plan {
    enum what what;
    uint32_t at, len; /* text: octets of the ring */
    bool fin;
};

static bool fin_to_send(const struct tcp_conn *c)
{
    return c->fin_queued && !c->fin_acked;
}

/* Octets, SYN and FIN included, between snd_una and snd_nxt. */
static uint32_t gone(const struct tcp_conn *c)
{
    return (uint32_t)seq_diff(c->snd_nxt, c->snd_una);
}

static bool has_unsent(const struct tcp_conn *c)
{
    return gone(c) < c->out.count + fin_to_send(c);
}

/* Most text of the next segment: what SACKs take is part of the MSS (RFC 6691). */
static uint32_t text_max(const struct tcp_conn *c)
{
    return c->mss - tcp_sacks_len(tcp_sacks_due(c));
}

/* Most text of what is handed over at once: as many whole segments as the device cuts up. */
static uint32_t burst_max(const struct tcp_conn *c)
{
    uint32_t segment = text_max(c), most = c->shared->super_max;
    return most > segment ? most - most % segment : segment;
}

/* RFC 3042: the first two duplicate ACKs each let a new segment go beyond the window. */
static uint32_t congestion_window(const struct tcp_conn *c)
{
    bool limited =
        c->dup_acks > 0 && c->dup_acks < 3 && !c->in_recovery && seq_eq(c->snd_nxt, c->snd_max);
    return c->cwnd + (limited ? c->dup_acks * c->mss : 0);
}

/* RFC 9293 3.8.6.2.1, with Minshall's form of Nagle's rule: what is short waits only while
 * another short segment is on its way. */
static bool worth_sending(const struct tcp_conn *c, uint32_t len, uint32_t unsent, bool fin)
{
    if (len == text_max(c) || fin)
        return true;
    if (len == 0)
        return false;
    if (len == unsent)
        return c->nodelay || !seq_lt(c->snd_una, c->snd_small) ||
               seq_lt(c->snd_nxt, c->snd_max);
    return seq_eq(c->snd_nxt, c->snd_una) && len >= c->snd_wnd_max / 2;
}

/* Of several segments, those that are worth sending: the last may be short. */
static uint32_t worthy(const struct tcp_conn *c, uint32_t len, uint32_t unsent, bool fin)
{
    uint32_t tail = len % text_max(c), whole = len - tail;
    return whole > 0 && !worth_sending(c, tail, unsent - whole, fin) ? whole : len;
}

/* By the peer's window: octets from the one that is `at` after snd_una on. */
static uint32_t peer_room(const struct tcp_conn *c, uint32_t at)
{
    return c->snd_wnd > at ? c->snd_wnd - at : 0;
}

/* By the congestion window, which bounds what is on its way: without SACK, all up to snd_nxt.
 */
static uint32_t path_room(const struct tcp_conn *c)
{
    uint32_t window = congestion_window(c), used = tcp_by_sack(c) ? tcp_pipe(c) : gone(c);
    return window > used ? window - used : 0;
}

static bool plan_text(const struct tcp_conn *c, struct plan *p)
{
    if (!has_unsent(c))
        return false;
    uint32_t at = gone(c), unsent = c->out.count - at;
    uint32_t room = tcp_min(peer_room(c, at), path_room(c));
    uint32_t len = tcp_min(unsent, tcp_min(room, burst_max(c)));
    bool fin = fin_to_send(c) && len == unsent && c->snd_wnd > at + len;
    len = worthy(c, len, unsent, fin);
    if (len < text_max(c) && !worth_sending(c, len, unsent, fin))
        return false;
    *p = (struct plan){.what = TEXT, .at = at, .len = len, .fin = fin && len == unsent};
    return true;
}

/* The first segment of what is on its way, within what the peer's window is by now. */
static bool plan_resend(const struct tcp_conn *c, struct plan *p)
{
    uint32_t sent = tcp_min(gone(c), c->out.count);
    uint32_t len = tcp_min(tcp_min(sent, text_max(c)), tcp_max(c->snd_wnd, 1));
    bool fin = gone(c) > c->out.count && len == c->out.count;
    if (len == 0 && !fin)
        return false;
    *p = (struct plan){.what = RESEND, .len = len, .fin = fin};
    return true;
}

/* RFC 6675 4, NextSeg: the first that is lost, in part if the peer's window, or a segment, ends
 * within it. What is a little over the congestion window is made good by the next ACK. */
static bool plan_lost(const struct tcp_conn *c, struct plan *p)
{
    struct tcp_range lost;
    if (!tcp_board_first_lost(c, &lost) || path_room(c) == 0)
        return false;
    uint32_t at = (uint32_t)seq_diff(lost.from, c->snd_una);
    uint32_t end = (uint32_t)seq_diff(lost.to, c->snd_una);
    uint32_t text = tcp_min(end, c->out.count) - tcp_min(at, c->out.count);
    uint32_t room = at == 0 ? tcp_max(c->snd_wnd, 1) : peer_room(c, at);
    uint32_t len = tcp_min(text, tcp_min(room, text_max(c)));
    bool fin = end > c->out.count && len == text && room > len;
    if (len == 0 && !fin)
        return false;
    *p = (struct plan){.what = RESEND, .at = at, .len = len, .fin = fin};
    return true;
}

/* RFC 8985 7.3: the next new segment, beyond the congestion window, or else the last again. */
static bool plan_tail(const struct tcp_conn *c, struct plan *p)
{
    uint32_t at = gone(c), text = tcp_min(at, c->out.count);
    uint32_t len = tcp_min(c->out.count - text, tcp_min(peer_room(c, at), text_max(c)));
    bool fin = false;
    if (len == 0) {
        fin = at > text;
        len = tcp_min(text, text_max(c));
        at = text - len;
    }
    *p = (struct plan){.what = TAIL, .at = at, .len = len, .fin = fin};
    return len > 0 || fin;
}

/* Through a shut window one octet, or the FIN; through one that is not worth sending into,
 * but has not grown for an RTO, what fits (RFC 9293 3.8.6.2.1 (4)). */
static bool plan_probe(const struct tcp_conn *c, struct plan *p)
{
    if (!has_unsent(c) || gone(c) > 0)
        return false;
    uint32_t len = tcp_min(tcp_min(c->out.count, text_max(c)), tcp_max(c->snd_wnd, 1));
    *p = (struct plan){.what = PROBE, .len = len, .fin = len == 0};
    return true;
}

static struct plan plan(const struct tcp_conn *c)
{
    struct plan p = {.what = NOTHING};
    if (c->reset_due)
        return (struct plan){.what = RESET};
    if (tcp_in_handshake(c))
        return (struct plan){.what = seq_eq(c->snd_nxt, c->iss) ? SYN
                                     : c->ack_now               ? BARE_ACK
                                                                : NOTHING};
    if (c->dups_due > 0)
        return (struct plan){.what = BARE_ACK};
    if (tcp_can_send(c)) {
        if (tcp_by_sack(c) ? plan_lost(c, &p) : c->resend && plan_resend(c, &p))
            return p;
        if (c->tail_due && plan_tail(c, &p))
            return p;
        if (plan_text(c, &p))
            return p;
        if (c->probe_due && plan_probe(c, &p))
            return p;
    }
    if (c->keepalive_due)
        p.what = KEEPALIVE;
    else if (c->ack_now)
        p.what = BARE_ACK;
    return p;
}

bool tcp_wants_to_send(const struct tcp_conn *c, uint64_t now)
{
    (void)now;
    return plan(c).what != NOTHING;
}

/* The window field: the right edge moves on when it can by a full segment or half of the
 * buffer (RFC 9293 3.8.6.2.2), and never back. Where the scale cannot express the edge, it
 * is rounded up when there is room, else down; rcv_adv remembers the furthest promise. */
static uint16_t window_field(struct tcp_conn *c)
{
    uint32_t step = tcp_min(c->in.max / 2, c->mss_in);
    struct seq most = tcp_edge(c), edge = c->rcv_adv;
    if (seq_diff(most, edge) >= (int32_t)step)
        edge = most;
    uint32_t wnd = (uint32_t)seq_diff(edge, c->rcv_nxt), unit = 1U << c->rcv_shift;
    uint32_t field = (wnd + unit - 1) >> c->rcv_shift;
    if (seq_lt(most, seq_add(c->rcv_nxt, field << c->rcv_shift)))
        field--;
    field = tcp_min(field, UINT16_MAX);
    c->rcv_adv = seq_later(c->rcv_adv, seq_add(c->rcv_nxt, field << c->rcv_shift));
    return (uint16_t)field;
}

/* A segment that acknowledges: whatever ACK was owed is paid with it. */
static void with_ack(struct tcp_conn *c, struct tcp_segment *seg, struct seq at, uint64_t now)
{
    *seg = (struct tcp_segment){.seq = at, .ack = c->rcv_nxt, .flags = TCP_ACK};
    tcp_stamp_segment(c, seg, now);
    /* The window of a SYN is never scaled (RFC 7323 2.2); tcp_take_syn knows it. */
    bool syn = tcp_in_handshake(c);
    seg->window = syn ? (uint16_t)tcp_min(c->in.max, UINT16_MAX) : window_field(c);
    if (!syn) {
        seg->flags |= c->ecn_echo ? TCP_ECE : 0;
        tcp_put_sacks(c, seg);
    }
    c->ack_now = false;
    c->rcv_acked = c->rcv_nxt;
    tcp_timer_stop(c, TCP_TIMER_ACK);
}

/* [at, at + len) of the sequence space goes out: accounts, the round trip timed, the timer. */
static void went_out(struct tcp_conn *c, struct seq at, uint32_t len, uint64_t now)
{
    if (seq_eq(c->snd_una, c->snd_max))
        c->progress_at = now;
    bool again = seq_lt(at, c->snd_max);
    if (!tcp_in_handshake(c))
        tcp_board_sent(c, (struct tcp_range){at, seq_add(at, len)}, now);
    if (again) {
        c->shared->counts.retransmits++;
        c->resent++;
        c->timing = false; /* Karn: whose answer it is could not be told */
    } else if (!c->timing) {
        c->timing = true;
        c->rtt_seq = at;
        c->rtt_at = now;
    }
    c->snd_max = seq_later(c->snd_max, seq_add(at, len));
    c->sent_at = now;
    /* (While it is made good, the first hole would wait for longer than a time-out.) */
    if (!tcp_timer_is_set(c, TCP_TIMER_RETRANSMIT) ||
        (c->board && c->in_recovery && seq_eq(at, c->snd_una)))
        tcp_arm_retransmit(c, now);
    if (!again)
        tcp_tail_arm(c, now);
}

static void send_syn(struct tcp_conn *c, uint64_t now, struct tcp_segment *seg)
{
    with_ack(c, seg, c->iss, now);
    if (c->state == TCP_SYN_SENT) {
        *seg = (struct tcp_segment){.seq = c->iss, .window = seg->window};
        tcp_stamp_segment(c, seg, now);
    }
    seg->flags |= TCP_SYN;
    seg->has_mss = true;
    seg->mss = c->mss_in;
    seg->has_wscale = c->scaled;
    seg->sack_permitted = c->sack;
    seg->wscale = c->rcv_shift;
    c->syn_lost |= !seq_eq(c->snd_max, c->iss);
    seg->flags |= tcp_ecn_syn_flags(c);
    went_out(c, c->iss, 1, now);
    c->snd_nxt = seq_add(c->iss, 1);
}

static void send_text(struct tcp_conn *c, const struct plan *p, uint64_t now,
                      struct tcp_segment *seg)
{
    if (tcp_flight(c) == 0 && now - c->sent_at > c->rto_ns)
        c->congestion->idled(c, now);
    struct seq at = seq_add(c->snd_una, p->at), end = seq_add(at, p->len + p->fin);
    uint32_t segment = text_max(c);
    with_ack(c, seg, at, now);
    seg->text_at = p->at;
    seg->text_len = p->len;
    if (p->fin)
        seg->flags |= TCP_FIN;
    if (p->len > 0 && p->at + p->len == c->out.count)
        seg->flags |= TCP_PSH;
    if (p->len > segment)
        seg->segment_len = (uint16_t)segment;
    if (p->len % segment > 0)
        c->snd_small = seq_later(c->snd_small, seq_add(at, p->len));
    c->shared->counts.text_out += p->len;
    if (p->what == PROBE && c->snd_wnd == 0) {
        /* It may well not be taken: it is not on its way in the sense of snd_nxt. */
        c->snd_max = seq_later(c->snd_max, end);
        c->sent_at = now;
        return;
    }
    tcp_ecn_text_goes(c, seg);
    went_out(c, at, p->len + p->fin, now);
    c->snd_nxt = seq_later(c->snd_nxt, end);
}

/* A bare ACK stands at the furthest place that the peer surely accepts. */
static struct seq ack_place(const struct tcp_conn *c)
{
    if (tcp_in_handshake(c))
        return c->snd_max;
    return seq_earlier(c->snd_max, seq_add(c->snd_una, c->snd_wnd));
}

static void carry_out(struct tcp_conn *c, const struct plan *p, uint64_t now,
                      struct tcp_segment *seg)
{
    switch (p->what) {
    case NOTHING:
        break;
    case RESET:
        *seg = (struct tcp_segment){.seq = c->reset_seq, .flags = TCP_RST};
        if (c->state != TCP_SYN_SENT)
            tcp_stamp_segment(c, seg, now);
        c->reset_due = false;
        c->shared->counts.resets_out++;
        break;
    case SYN:
        send_syn(c, now, seg);
        break;
    case RESEND:
        c->resend = false;
        send_text(c, p, now, seg);
        break;
    case TAIL:
        c->tail_due = false;
        c->tail_sent = true;
        c->tail_again = p->at < tcp_flight(c);
        c->shared->counts.tail_probes++;
        send_text(c, p, now, seg);
        c->tail_end = c->snd_max;
        tcp_arm_retransmit(c, now);
        break;
    case PROBE:
        c->probe_due = false;
        c->shared->counts.window_probes++;
        send_text(c, p, now, seg);
        break;
    case TEXT:
        send_text(c, p, now, seg);
        break;
    case KEEPALIVE:
        c->keepalive_due = false;
        c->shared->counts.keepalive_probes++;
        with_ack(c, seg, seq_add(c->snd_una, UINT32_MAX), now);
        break;
    case BARE_ACK:
        if (c->dups_due > 0)
            c->dups_due--;
        with_ack(c, seg, ack_place(c), now);
        break;
    }
}

bool tcp_next_segment(struct tcp_conn *c, uint64_t now, struct tcp_segment *seg)
{
    struct plan p = plan(c);
    if (p.what == NOTHING)
        return false;
    carry_out(c, &p, now, seg);
    c->shared->counts.segments_out++;
    tcp_settle(c, now);
    return true;
}

void tcp_unsent(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now)
{
    uint32_t len = seg->text_len + !!(seg->flags & TCP_SYN) + !!(seg->flags & TCP_FIN);
    if (c->state == TCP_CLOSED || (seg->flags & TCP_RST))
        return;
    c->timing = false;
    if (seg->flags & TCP_ACK)
        c->ack_now = true;
    if (len == 0 || seq_le(c->snd_nxt, seg->seq))
        return;
    if (tcp_board_unsent(c, (struct tcp_range){seg->seq, seq_add(seg->seq, len)})) {
        tcp_settle(c, now);
        return;
    }
    if (c->board)
        tcp_board_give_up(c);
    if (seq_eq(seg->seq, c->snd_una) && seq_lt(seq_add(seg->seq, len), c->snd_nxt))
        c->resend = true;
    else
        c->snd_nxt = seq_later(c->snd_una, seg->seq);
    tcp_settle(c, now);
}

void tcp_settle(struct tcp_conn *c, uint64_t now)
{
    struct plan p;
    bool blocked =
        tcp_can_send(c) && seq_eq(c->snd_nxt, c->snd_una) && has_unsent(c) && !plan_text(c, &p);
    if (blocked) {
        tcp_timer_stop(c, TCP_TIMER_RETRANSMIT);
        if (tcp_timer_is_set(c, TCP_TIMER_PERSIST))
            return;
        if (tcp_flight(c) == 0)
            c->progress_at = now;
        c->retries = 0;
        tcp_arm_persist(c, now);
        return;
    }
    c->probe_due = false;
    if (!tcp_timer_is_set(c, TCP_TIMER_PERSIST))
        return;
    tcp_timer_stop(c, TCP_TIMER_PERSIST);
    c->retries = 0;
    if (tcp_flight(c) > 0 && !tcp_timer_is_set(c, TCP_TIMER_RETRANSMIT))
        tcp_arm_retransmit(c, now);
}
