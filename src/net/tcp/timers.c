/* SPDX-License-Identifier: ISC */
/* What is done when a time has come, and when it comes: RFC 9293 3.8 and 3.10.8. */

#include "net/tcp/board.h"
#include "net/tcp/congestion.h"

#include <errno.h>

/* R2 of RFC 9293 3.8.3: how long without progress before the connection is given up. */
static uint64_t patience(const struct tcp_conn *c)
{
    if (c->state == TCP_SYN_SENT)
        return TCP_GIVE_UP_SYN;
    if (c->state == TCP_SYN_RECEIVED)
        return TCP_GIVE_UP_ACCEPT;
    return c->user_timeout_ms ? c->user_timeout_ms * TCP_MS : TCP_GIVE_UP;
}

static bool is_hopeless(const struct tcp_conn *c, uint64_t now)
{
    return now - c->progress_at >= patience(c);
}

static int time_out_error(const struct tcp_conn *c)
{
    return c->soft_error ? c->soft_error : -ETIMEDOUT;
}

void tcp_arm_retransmit(struct tcp_conn *c, uint64_t now)
{
    uint64_t at = now + c->rto_ns, end = c->progress_at + patience(c);
    c->at[TCP_TIMER_RETRANSMIT] = at < end || end <= now ? at : end;
}

void tcp_arm_persist(struct tcp_conn *c, uint64_t now)
{
    uint64_t wait = c->retries < 16 ? c->rto_ns << c->retries : TCP_RTO_MAX;
    c->at[TCP_TIMER_PERSIST] = now + (wait < TCP_RTO_MAX ? wait : TCP_RTO_MAX);
}

void tcp_arm_keepalive(struct tcp_conn *c, uint64_t now)
{
    c->at[TCP_TIMER_KEEPALIVE] = c->keepalive_ns ? now + c->keepalive_ns : TCP_NEVER;
}

/* All that is unacknowledged is to be sent again: by the board, or from the first on. */
static void begin_again(struct tcp_conn *c, uint64_t now)
{
    if (tcp_in_handshake(c)) {
        c->syn_lost = true;
    } else {
        tcp_path_timed_out(c, now);
        if (tcp_recovery_by_sack_timed_out(c, now))
            return;
        tcp_recovery_timed_out(c);
    }
    c->snd_nxt = c->snd_una;
    c->resend = false;
}

/* RFC 6298 5.4 to 5.7. */
static void on_retransmit(struct tcp_conn *c, uint64_t now, struct tcp_out *out)
{
    if (is_hopeless(c, now)) {
        tcp_end(c, time_out_error(c), out);
        return;
    }
    c->shared->counts.timeouts++;
    begin_again(c, now);
    if (c->retries < UINT8_MAX)
        c->retries++;
    tcp_rto_backoff(c);
    c->timing = false;
    tcp_arm_retransmit(c, now);
}

static void on_persist(struct tcp_conn *c, uint64_t now, struct tcp_out *out)
{
    if (is_hopeless(c, now)) {
        tcp_end_with_reset(c, time_out_error(c), out);
        return;
    }
    if (c->retries < UINT8_MAX)
        c->retries++;
    c->probe_due = true;
    tcp_arm_persist(c, now);
}

static void on_ack(struct tcp_conn *c, uint64_t now, struct tcp_out *out)
{
    (void)now, (void)out;
    c->ack_now = true;
}

/* RFC 9293 3.8.4. The timer is not moved at every segment: when it fires it looks when the
 * peer was last heard. */
static void on_keepalive(struct tcp_conn *c, uint64_t now, struct tcp_out *out)
{
    uint64_t due = c->heard_at + c->keepalive_ns;
    if (c->unheard == 0 && due > now) {
        c->at[TCP_TIMER_KEEPALIVE] = due;
        return;
    }
    if (tcp_flight(c) > 0 || tcp_timer_is_set(c, TCP_TIMER_PERSIST)) {
        tcp_arm_keepalive(c, now); /* what is on its way tells whether the peer is there */
        return;
    }
    if (c->unheard == TCP_KEEPALIVE_MAX) {
        tcp_end_with_reset(c, time_out_error(c), out);
        return;
    }
    c->unheard++;
    c->keepalive_due = true;
    c->at[TCP_TIMER_KEEPALIVE] =
        now + (c->keepalive_ns < TCP_KEEPALIVE_GAP ? c->keepalive_ns : TCP_KEEPALIVE_GAP);
}

static void on_life(struct tcp_conn *c, uint64_t now, struct tcp_out *out)
{
    (void)now;
    tcp_end(c, 0, out);
}

static void on_reorder(struct tcp_conn *c, uint64_t now, struct tcp_out *out)
{
    (void)out;
    tcp_recovery_reordered(c, now);
}

static void on_tail(struct tcp_conn *c, uint64_t now, struct tcp_out *out)
{
    (void)now, (void)out;
    c->tail_due = true;
}

static void on_room(struct tcp_conn *c, uint64_t now, struct tcp_out *out)
{
    (void)now;
    c->write_blocked = false;
    out->events |= TCP_EVENT_WRITABLE;
}

typedef void expired_fn(struct tcp_conn *c, uint64_t now, struct tcp_out *out);

static expired_fn *const EXPIRED[TCP_TIMERS] = {
    [TCP_TIMER_RETRANSMIT] = on_retransmit,
    [TCP_TIMER_PERSIST] = on_persist,
    [TCP_TIMER_ACK] = on_ack,
    [TCP_TIMER_KEEPALIVE] = on_keepalive,
    [TCP_TIMER_LIFE] = on_life,
    [TCP_TIMER_REORDER] = on_reorder,
    [TCP_TIMER_TAIL] = on_tail,
    [TCP_TIMER_ROOM] = on_room,
};

void tcp_expires(struct tcp_conn *c, uint64_t now, struct tcp_out *out)
{
    for (unsigned t = 0; t < TCP_TIMERS; t++) {
        if (c->at[t] > now)
            continue;
        c->at[t] = TCP_NEVER;
        EXPIRED[t](c, now, out);
    }
    tcp_settle(c, now);
}

uint64_t tcp_deadline(const struct tcp_conn *c)
{
    uint64_t first = TCP_NEVER;
    for (unsigned t = 0; t < TCP_TIMERS; t++)
        first = c->at[t] < first ? c->at[t] : first;
    return first;
}
