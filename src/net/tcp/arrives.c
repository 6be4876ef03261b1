/* SPDX-License-Identifier: ISC */
/* A segment arrives: RFC 9293 3.10.7.3 for SYN-SENT, 3.10.7.4 for all that follow, with
 * RFC 5961's defences against segments that are guessed. */

#include "base/check.h"
#include "net/tcp/core.h"

#include <errno.h>

static uint32_t segment_len(const struct tcp_segment *seg)
{
    return (uint32_t)seg->text.len + !!(seg->flags & TCP_SYN) + !!(seg->flags & TCP_FIN);
}

void tcp_challenge(struct tcp_conn *c, uint64_t now)
{
    struct tcp_shared *sh = c->shared;
    uint64_t epoch = now / TCP_SECOND + 1;
    if (epoch != sh->challenge_epoch) {
        /* A limit that can be guessed tells an attacker who else was challenged. */
        sh->challenge_epoch = epoch;
        sh->challenge_left =
            TCP_CHALLENGES_MIN + sh->random(sh->random_ctx) % TCP_CHALLENGES_MIN;
    }
    if (sh->challenge_left == 0) {
        sh->counts.challenge_limited++;
        return;
    }
    sh->challenge_left--;
    sh->counts.challenge_acks++;
    c->ack_now = true;
}

/* RFC 9293 3.4, with two allowances: what begins exactly at rcv_nxt is looked at even when
 * the window is shut (for its ACK; no text of it fits), and a bare ACK may stand at the right
 * edge, where a sender that has filled the window stands. */
static bool acceptable(const struct tcp_conn *c, const struct tcp_segment *seg)
{
    if (seq_eq(seg->seq, c->rcv_nxt))
        return true;
    uint32_t len = segment_len(seg), wnd = tcp_rcv_wnd(c);
    uint32_t first = (uint32_t)seq_diff(seg->seq, c->rcv_nxt);
    if (len == 0)
        return first < wnd || (first == wnd && !(seg->flags & TCP_RST));
    return first < wnd || (wnd > 0 && first + len - 1 < wnd);
}

static bool is_own_syn_again(const struct tcp_conn *c, const struct tcp_segment *seg)
{
    return c->state == TCP_SYN_RECEIVED && seq_eq(seg->seq, c->irs) &&
           (seg->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

/* First, the sequence number. What is not acceptable is answered with an ACK; an empty one
 * only within limits, so that two peers cannot be made to answer each other for ever. */
static enum tcp_step step_seq(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now,
                              struct tcp_out *out)
{
    (void)out;
    if (acceptable(c, seg))
        return TCP_NEXT;
    c->shared->counts.not_acceptable++;
    if (seg->flags & TCP_RST)
        return TCP_DONE;
    tcp_note_duplicate(c, seg);
    if (is_own_syn_again(c, seg))
        c->snd_nxt = c->iss; /* our SYN,ACK was lost: the ACK is sent as part of another */
    else if (segment_len(seg) == 0)
        tcp_challenge(c, now);
    else
        c->ack_now = true;
    if (c->state == TCP_TIME_WAIT && (seg->flags & TCP_FIN))
        tcp_time_wait(c, now);
    return TCP_DONE;
}

/* Whether there is a user, or a peer, to whom a reset means that something was lost. */
static int reset_error(const struct tcp_conn *c)
{
    switch (c->state) {
    case TCP_SYN_RECEIVED:
    case TCP_SYN_SENT:
        return -ECONNREFUSED;
    case TCP_CLOSING:
    case TCP_LAST_ACK:
        return c->out.count > 0 ? -ECONNRESET : 0;
    case TCP_ESTABLISHED:
    case TCP_FIN_WAIT_1:
    case TCP_FIN_WAIT_2:
    case TCP_CLOSE_WAIT:
    case TCP_TIME_WAIT:
    case TCP_CLOSED:
        return -ECONNRESET;
    }
    return -ECONNRESET;
}

/* Second, the RST bit: one that is in the window but not at its very start may be a guess,
 * and is challenged, not obeyed (RFC 5961 3.2). In TIME-WAIT none is (RFC 1337). */
static enum tcp_step step_rst(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now,
                              struct tcp_out *out)
{
    if (!(seg->flags & TCP_RST))
        return TCP_NEXT;
    if (c->state == TCP_TIME_WAIT) {
        c->shared->counts.resets_ignored++;
        return TCP_DONE;
    }
    if (!seq_eq(seg->seq, c->rcv_nxt)) {
        tcp_challenge(c, now);
        return TCP_DONE;
    }
    c->shared->counts.resets_in++;
    tcp_end(c, reset_error(c), out);
    return TCP_DONE;
}

/* Fourth, the SYN bit (third is security, which nobody uses): a half-open connection that a
 * listener made goes back to it; anything else is challenged (RFC 5961 4.2). */
static enum tcp_step step_syn(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now,
                              struct tcp_out *out)
{
    if (!(seg->flags & TCP_SYN))
        return TCP_NEXT;
    if (c->state == TCP_SYN_RECEIVED && c->passive)
        tcp_end(c, -ECONNRESET, out);
    else
        tcp_challenge(c, now);
    return TCP_DONE;
}

/* The timestamp is remembered when nothing any more says that the segment is not the peer's:
 * one that a stranger made would let PAWS drop all that the peer sends (RFC 7323 4.3, which
 * does it after the first step, is older than RFC 5961). */
static enum tcp_step step_stamp(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now,
                                struct tcp_out *out)
{
    (void)out;
    tcp_note_stamp(c, seg, now);
    return TCP_NEXT;
}

/* Sixth, the URG bit: urgent data is read as part of the stream (RFC 6093 6). */
static enum tcp_step step_urg(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now,
                              struct tcp_out *out)
{
    (void)c, (void)seg, (void)now, (void)out;
    return TCP_NEXT;
}

typedef enum tcp_step step_fn(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now,
                              struct tcp_out *out);

static step_fn *const STEPS[] = {tcp_step_paws, step_seq,      step_rst,
                                 step_syn,      tcp_step_ack,  step_stamp,
                                 step_urg,      tcp_step_text, tcp_step_fin};
#define STEP_URG 6U
#define STEP_END (sizeof STEPS / sizeof STEPS[0])

static void run_steps(unsigned from, struct tcp_conn *c, const struct tcp_segment *seg,
                      uint64_t now, struct tcp_out *out)
{
    for (unsigned i = from; i < STEP_END; i++)
        if (STEPS[i](c, seg, now, out) == TCP_DONE)
            return;
}

/* RFC 9293 3.10.7.3, fourth: the peer's SYN, with or without the ACK of ours. */
static void syn_in_syn_sent(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now,
                            struct tcp_out *out)
{
    tcp_take_syn(c, seg, now);
    c->heard_at = now;
    if (!(seg->flags & TCP_ACK)) {
        /* Both opened at once: our SYN goes again, now with an ACK. */
        c->state = TCP_SYN_RECEIVED;
        c->snd_nxt = c->iss;
        c->progress_at = now;
        return;
    }
    tcp_acked(c, seg, now, out);
    tcp_established(c, now, out);
    c->ack_now = true;
    struct tcp_segment rest = *seg;
    rest.flags &= (uint8_t)~TCP_SYN;
    rest.seq = seq_add(seg->seq, 1);
    run_steps(STEP_URG, c, &rest, now, out);
}

static void arrives_in_syn_sent(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now,
                                struct tcp_out *out)
{
    bool acks = seg->flags & TCP_ACK;
    if (acks && (seq_le(seg->ack, c->iss) || seq_lt(c->snd_max, seg->ack))) {
        c->shared->counts.early_acks++;
        if (!(seg->flags & TCP_RST)) {
            c->reset_due = true;
            c->reset_seq = seg->ack;
        }
        return;
    }
    if (seg->flags & TCP_RST) {
        if (acks) {
            c->shared->counts.resets_in++;
            tcp_end(c, -ECONNREFUSED, out);
        } else {
            c->shared->counts.resets_ignored++;
        }
        return;
    }
    if (seg->flags & TCP_SYN)
        syn_in_syn_sent(c, seg, now, out);
    else
        c->shared->counts.without_syn++;
}

/* RFC 9293 3.5, figure 7: when both open at once, each one's SYN,ACK is the ACK that the other
 * waits for, although its number was taken already. */
static bool is_crossed_syn_ack(const struct tcp_conn *c, const struct tcp_segment *seg)
{
    return c->state == TCP_SYN_RECEIVED && !c->passive && seq_eq(seg->seq, c->irs) &&
           seq_eq(seg->ack, c->snd_max) &&
           (seg->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == (TCP_SYN | TCP_ACK);
}

static void arrives_in_syn_received(struct tcp_conn *c, const struct tcp_segment *seg,
                                    uint64_t now, struct tcp_out *out)
{
    struct tcp_segment rest = *seg;
    if (is_crossed_syn_ack(c, seg)) {
        rest.flags &= (uint8_t)~TCP_SYN;
        rest.seq = seq_add(seg->seq, 1);
        c->ack_now = true; /* for a peer that does not take ours so */
    }
    run_steps(0, c, &rest, now, out);
}

void tcp_arrives(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now,
                 struct tcp_out *out)
{
    c->shared->counts.segments_in++;
    switch (c->state) {
    case TCP_CLOSED:
        return;
    case TCP_SYN_SENT:
        arrives_in_syn_sent(c, seg, now, out);
        break;
    case TCP_SYN_RECEIVED:
        arrives_in_syn_received(c, seg, now, out);
        break;
    case TCP_ESTABLISHED:
    case TCP_FIN_WAIT_1:
    case TCP_FIN_WAIT_2:
    case TCP_CLOSE_WAIT:
    case TCP_CLOSING:
    case TCP_LAST_ACK:
    case TCP_TIME_WAIT:
        run_steps(0, c, seg, now, out);
        break;
    }
    tcp_settle(c, now);
}

/* RFC 6191 2: where both connections have timestamps, those are compared, else the numbers;
 * timestamps that only the new one has set it apart by themselves. */
bool tcp_may_reuse(const struct tcp_conn *c, const struct tcp_segment *syn)
{
    bool later = seq_lt(c->rcv_nxt, syn->seq);
    if (c->state != TCP_TIME_WAIT || (syn->flags & (TCP_SYN | TCP_ACK | TCP_RST)) != TCP_SYN)
        return false;
    if (!syn->has_ts)
        return later;
    if (!c->stamped)
        return true;
    int32_t ahead = (int32_t)(syn->ts_val - c->ts_recent);
    return ahead > 0 || (ahead == 0 && later);
}

struct seq tcp_reuse_iss(const struct tcp_conn *c, struct seq iss)
{
    struct seq least = seq_add(c->snd_max, c->snd_wnd_max + 1);
    return seq_later(least, iss);
}
