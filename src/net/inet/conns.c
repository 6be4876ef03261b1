/* SPDX-License-Identifier: ISC */
#include "net/inet/state.h"

#include "base/check.h"

static struct tcp_conn *first_of(struct list *queue)
{
    return list_empty(queue) ? NULL : container_of(queue->next, struct tcp_conn, queue);
}

static void leave(struct inet *in, struct tcp_conn *c)
{
    struct inet_listener *l = c->listener;
    if (c->place == INET_HALF_OPEN)
        in->half_opens--;
    else if (c->place == INET_QUEUED)
        l->queued--;
    list_remove(&c->queue);
    c->place = INET_NOWHERE;
}

void conn_put(struct inet *in, struct tcp_conn *c, enum inet_place place)
{
    leave(in, c);
    c->place = (uint8_t)place;
    struct inet_listener *l = c->listener;
    switch (place) {
    case INET_NOWHERE:
        break;
    case INET_HALF_OPEN:
        in->half_opens++;
        list_push(&in->half_open, &c->queue);
        break;
    case INET_QUEUED:
        l->queued++;
        list_push(&l->queue, &c->queue);
        break;
    case INET_LET_GO:
        list_push(&in->let_go, &c->queue);
        break;
    case INET_TIME_WAIT:
        list_push(&in->time_wait, &c->queue);
        break;
    case INET_ENDED:
        list_push(&in->ended, &c->queue);
        break;
    }
}

/* The cheapest loss first: a connection in TIME-WAIT has done its work; one that was let go
 * of long ago has a peer that is silent, or takes nothing. */
static bool make_room(struct inet *in, bool spare_half_open, uint64_t now)
{
    if (!list_empty(&in->time_wait)) {
        in->counts[INET_TCP_TIME_WAIT_EVICTED]++;
        conn_free(in, first_of(&in->time_wait));
        return true;
    }
    if (conn_evict_let_go(in, now))
        return true;
    if (spare_half_open || list_empty(&in->half_open))
        return false;
    in->counts[INET_TCP_HALF_OPEN_EVICTED]++;
    conn_free(in, first_of(&in->half_open));
    return true;
}

bool inet_has_place(const struct inet *in)
{
    return pool_may_give(&in->conns) || !list_empty(&in->time_wait) || !list_empty(&in->let_go);
}

struct tcp_conn *conn_new(struct inet *in, bool spare_half_open, uint64_t now)
{
    struct tcp_conn *c = pool_get(&in->conns);
    if (!c && make_room(in, spare_half_open, now))
        c = pool_get(&in->conns);
    if (!c) {
        in->counts[INET_TCP_NO_CONN] += !spare_half_open;
        return NULL;
    }
    list_init(&c->queue);
    list_init(&c->pending);
    timer_init(&c->timer);
    return c;
}

void conn_free(struct inet *in, struct tcp_conn *c)
{
    leave(in, c);
    hash_remove(&in->table, &c->hash);
    list_remove(&c->pending);
    timer_stop(&in->wheel, &c->timer);
    tcp_free(c);
    pool_put(&in->conns, c);
}

void conn_set_timer(struct inet *in, struct tcp_conn *c)
{
    uint64_t at = tcp_deadline(c);
    if (c->timer.at != at)
        timer_set(&in->wheel, &c->timer, at);
}

/* A last segment, a reset, goes before the connection does. */
static void send_and_free(struct inet *in, struct tcp_conn *c, uint64_t now)
{
    if (!c->held && tcp_wants_to_send(c, now))
        send_pending(in, c, now);
    conn_free(in, c);
}

bool conn_evict_let_go(struct inet *in, uint64_t now)
{
    struct tcp_conn *c = first_of(&in->let_go);
    if (!c)
        return false;
    struct tcp_out out = {0};
    in->counts[INET_TCP_LET_GO_EVICTED]++;
    tcp_abort(c, &out);
    send_and_free(in, c, now);
    return true;
}

bool conn_evict_for_buffer(struct inet *in, uint64_t now)
{
    const struct supply *s = in->cfg.buffers;
    return s->limit - s->used < RING_LEN_MIN && conn_evict_let_go(in, now);
}

/* A connection that nobody has accepted: true when it is gone. */
static bool settle_unaccepted(struct inet *in, struct tcp_conn *c, unsigned events,
                              uint64_t now)
{
    struct inet_listener *l = c->listener;
    if (events & TCP_EVENT_ESTABLISHED) {
        conn_put(in, c, INET_QUEUED);
    }
    if (events & (TCP_EVENT_ENDED | TCP_EVENT_FREE)) {
        in->counts[c->place == INET_QUEUED ? INET_TCP_ENDED_UNACCEPTED
                                           : INET_TCP_HALF_OPEN_ENDED]++;
        send_and_free(in, c, now);
        return true;
    }
    if (events & TCP_EVENT_ESTABLISHED)
        in->rim.acceptable(in->rim.ctx, l);
    return false;
}

/* One whose owner has let go may give way, in TIME-WAIT before others; one that is CLOSED
 * leaves its ports to others, and is only there for its owner to look at. */
static void note_end(struct inet *in, struct tcp_conn *c)
{
    if (c->place != INET_NOWHERE && c->place != INET_LET_GO)
        return;
    if (c->state == TCP_TIME_WAIT && !c->owner)
        conn_put(in, c, INET_TIME_WAIT);
    else if (c->orphan && c->place == INET_NOWHERE)
        conn_put(in, c, INET_LET_GO);
    if (c->state != TCP_CLOSED)
        return;
    hash_remove(&in->table, &c->hash);
    conn_put(in, c, INET_ENDED);
}

static bool settle(struct inet *in, struct tcp_conn *c, unsigned events, uint64_t now)
{
    if (events & TCP_EVENT_ESTABLISHED) {
        in->counts[INET_TCP_ESTABLISHED]++;
        tcp_path_mtu(c, path_mtu(in, c->peer.ip, now), now);
    }
    if (c->listener) {
        if (settle_unaccepted(in, c, events, now))
            return false;
    } else if (events & TCP_EVENT_FREE) {
        send_and_free(in, c, now);
        return false;
    }
    note_end(in, c);
    conn_set_timer(in, c);
    return true;
}

static void tell(struct inet *in, struct tcp_conn *c, unsigned events)
{
    if (c->owner && events)
        in->rim.tcp_event(in->rim.ctx, c, events);
}

void conn_settle_unsent(struct inet *in, struct tcp_conn *c, unsigned events, uint64_t now)
{
    if (settle(in, c, events, now))
        tell(in, c, events);
}

bool conn_rests(struct inet *in, struct tcp_conn *c, uint64_t now)
{
    if (c->place != INET_TIME_WAIT || tcp_wants_to_send(c, now))
        return false;
    waits_add(in, c);
    conn_free(in, c);
    return true;
}

void conn_settle(struct inet *in, struct tcp_conn *c, unsigned events, uint64_t now)
{
    if (!settle(in, c, events, now))
        return;
    if (!c->held && list_empty(&c->pending) && tcp_wants_to_send(c, now))
        list_push(&in->pending, &c->pending);
    tell(in, c, events);
}

void conn_unreachable(struct inet *in, struct tcp_conn *c, int error, uint64_t now)
{
    struct tcp_out out = {0};
    struct tcp_segment seg;
    in->counts[INET_TCP_UNREACHABLE]++;
    tcp_error(c, error, &out);
    if (tcp_next_segment(c, now, &seg))
        tcp_unsent(c, &seg, now);
    conn_settle_unsent(in, c, out.events, now);
}
