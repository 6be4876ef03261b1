/* SPDX-License-Identifier: ISC */
/* What the user asks, and how a connection ends: RFC 9293 3.10.2 to 3.10.5. */

#include "net/tcp/board.h"

#include <errno.h>

/* Whether what was read since makes a window update worth a segment of its own: two full
 * segments, or half of the buffer; one, when the peer may be waiting for it. */
static bool update_due(const struct tcp_conn *c)
{
    if (!tcp_can_receive(c))
        return false;
    uint32_t half = c->in.max / 2;
    uint32_t segments = tcp_rcv_wnd(c) < c->mss_in ? c->mss_in : 2U * c->mss_in;
    return seq_diff(tcp_edge(c), c->rcv_adv) >= (int32_t)tcp_min(half, segments);
}

size_t tcp_read(struct tcp_conn *c, void *buf, size_t len, uint64_t now)
{
    (void)now;
    uint32_t n = len < c->in.count ? (uint32_t)len : c->in.count;
    if (n == 0)
        return 0;
    ring_peek(&c->in, 0, buf, n);
    tcp_take(c, n);
    return n;
}

struct bytes tcp_unread(const struct tcp_conn *c)
{
    return ring_view(&c->in, 0);
}

void tcp_take(struct tcp_conn *c, uint32_t n)
{
    ring_drop(&c->in, c->shared->buffers, n, c->islands.count == 0);
    c->taken += n;
    if (update_due(c))
        c->ack_now = true;
}

bool tcp_at_end(const struct tcp_conn *c)
{
    return c->in.count == 0 && c->fin_in;
}

size_t tcp_readable(const struct tcp_conn *c)
{
    return c->in.count;
}

static bool may_write(const struct tcp_conn *c)
{
    bool open =
        tcp_in_handshake(c) || c->state == TCP_ESTABLISHED || c->state == TCP_CLOSE_WAIT;
    return open && !c->fin_queued;
}

/* The user wanted more room than there was, and is told when there is some. */
static void write_blocks(struct tcp_conn *c, uint64_t now)
{
    c->write_blocked = true;
    if (!queue_is_full(&c->out)) {
        /* It was memory that was short, so no ACK may come to tell that there is room. */
        c->shared->counts.no_memory++;
        c->at[TCP_TIMER_ROOM] = now + TCP_ROOM_AGAIN;
    }
}

typedef uint32_t queue_fn(struct tcp_queue *q, struct supply *s, struct bytes b);

static size_t write_by(queue_fn *queue, struct tcp_conn *c, struct bytes b, uint64_t now)
{
    if (!may_write(c))
        return 0;
    uint32_t n = queue(&c->out, c->shared->buffers, b);
    if (n < b.len)
        write_blocks(c, now);
    tcp_settle(c, now);
    return n;
}

size_t tcp_write(struct tcp_conn *c, struct bytes b, uint64_t now)
{
    return write_by(queue_append, c, b, now);
}

size_t tcp_write_static(struct tcp_conn *c, struct bytes b, uint64_t now)
{
    return write_by(queue_refer, c, b, now);
}

struct ring_room tcp_room(struct tcp_conn *c, uint32_t wanted, uint64_t now)
{
    if (!may_write(c) || wanted == 0)
        return (struct ring_room){0};
    struct ring_room room = queue_room(&c->out, c->shared->buffers, wanted);
    if (room.len == 0)
        write_blocks(c, now);
    return room;
}

void tcp_put(struct tcp_conn *c, uint32_t n, uint64_t now)
{
    queue_put(&c->out, c->shared->buffers, n);
    tcp_settle(c, now);
}

void tcp_shutdown(struct tcp_conn *c, uint64_t now)
{
    if (c->fin_queued || c->state == TCP_CLOSED)
        return;
    c->fin_queued = true;
    if (c->state == TCP_ESTABLISHED)
        c->state = TCP_FIN_WAIT_1;
    else if (c->state == TCP_CLOSE_WAIT)
        c->state = TCP_LAST_ACK;
    /* In the SYN states it takes effect with the handshake: tcp_established. */
    tcp_settle(c, now);
}

void tcp_end(struct tcp_conn *c, int error, struct tcp_out *out)
{
    c->state = TCP_CLOSED;
    c->error = error;
    for (unsigned t = 0; t < TCP_TIMERS; t++)
        c->at[t] = TCP_NEVER;
    tcp_board_end(c);
    c->snd_nxt = c->snd_max = c->snd_una;
    c->ack_now = c->resend = c->probe_due = c->keepalive_due = c->reset_due = false;
    c->in_recovery = c->in_loss = c->tail_due = false;
    c->write_blocked = c->timing = c->fin_queued = false;
    c->dups_due = 0;
    tcp_islands_end(c);
    queue_end(&c->out, c->shared->buffers);
    if (c->in.count == 0 || c->orphan)
        ring_end(&c->in, c->shared->buffers);
    out->events |= TCP_EVENT_ENDED | (c->orphan ? TCP_EVENT_FREE : 0U);
}

/* The reset stands where the peer, if it got what was sent, expects the next octet: there
 * it is obeyed without a challenge (RFC 5961 3.2). */
void tcp_end_with_reset(struct tcp_conn *c, int error, struct tcp_out *out)
{
    struct seq place = seq_earlier(c->snd_max, seq_add(c->snd_una, c->snd_wnd));
    if (c->state == TCP_SYN_RECEIVED)
        place = c->snd_max;
    tcp_end(c, error, out);
    c->reset_due = true;
    c->reset_seq = place;
}

void tcp_fail(struct tcp_conn *c, int error, struct tcp_out *out)
{
    if (c->state == TCP_SYN_SENT || c->state == TCP_TIME_WAIT)
        tcp_end(c, error, out);
    else if (c->state != TCP_CLOSED)
        tcp_end_with_reset(c, error, out);
}

void tcp_abort(struct tcp_conn *c, struct tcp_out *out)
{
    c->orphan = true;
    switch (c->state) {
    case TCP_CLOSED:
        ring_end(&c->in, c->shared->buffers);
        out->events |= TCP_EVENT_FREE;
        return;
    case TCP_SYN_SENT:
    case TCP_TIME_WAIT:
        tcp_end(c, -ECONNABORTED, out);
        return;
    case TCP_CLOSING:
    case TCP_LAST_ACK:
    case TCP_SYN_RECEIVED:
    case TCP_ESTABLISHED:
    case TCP_FIN_WAIT_1:
    case TCP_FIN_WAIT_2:
    case TCP_CLOSE_WAIT:
        tcp_end_with_reset(c, -ECONNABORTED, out);
        return;
    }
}

void tcp_close(struct tcp_conn *c, uint64_t now, struct tcp_out *out)
{
    bool unread = c->in.count > 0 && c->state != TCP_TIME_WAIT;
    if (unread || c->state == TCP_CLOSED || c->state == TCP_SYN_SENT) {
        tcp_abort(c, out);
        return;
    }
    c->orphan = true;
    tcp_shutdown(c, now);
    if (c->state == TCP_FIN_WAIT_2)
        c->at[TCP_TIMER_LIFE] = now + TCP_FIN_WAIT_2_MAX;
    /* Nobody reads any more, not even what gaps are before. */
    c->dups_due = 0;
    tcp_islands_end(c);
    ring_end(&c->in, c->shared->buffers);
}

void tcp_time_wait(struct tcp_conn *c, uint64_t now)
{
    c->state = TCP_TIME_WAIT;
    for (unsigned t = 0; t < TCP_TIMERS; t++)
        c->at[t] = TCP_NEVER;
    c->at[TCP_TIMER_LIFE] = now + TCP_2MSL;
}

void tcp_free(struct tcp_conn *c)
{
    tcp_board_end(c);
    tcp_islands_end(c);
    ring_end(&c->in, c->shared->buffers);
    queue_end(&c->out, c->shared->buffers);
}

void tcp_error(struct tcp_conn *c, int error, struct tcp_out *out)
{
    if (c->state == TCP_SYN_SENT)
        tcp_end(c, error, out);
    else
        c->soft_error = error;
}

bool tcp_in_flight(const struct tcp_conn *c, struct seq seq)
{
    return seq_le(c->snd_una, seq) && seq_lt(seq, c->snd_max);
}

void tcp_set_nodelay(struct tcp_conn *c, bool on)
{
    c->nodelay = on;
}

void tcp_set_user_timeout(struct tcp_conn *c, uint64_t timeout_ns, uint64_t now)
{
    uint64_t ms = timeout_ns / TCP_MS;
    if (timeout_ns > 0 && ms < TCP_USER_TIMEOUT_MIN_MS)
        ms = TCP_USER_TIMEOUT_MIN_MS;
    c->user_timeout_ms = ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
    if (tcp_timer_is_set(c, TCP_TIMER_RETRANSMIT))
        tcp_arm_retransmit(c, now);
}

void tcp_set_keepalive(struct tcp_conn *c, uint64_t idle_ns, uint64_t now)
{
    c->keepalive_ns = idle_ns > 0 && idle_ns < TCP_KEEPALIVE_MIN ? TCP_KEEPALIVE_MIN : idle_ns;
    c->unheard = 0;
    if (c->state != TCP_CLOSED && c->state != TCP_TIME_WAIT && !tcp_in_handshake(c))
        tcp_arm_keepalive(c, now);
}
