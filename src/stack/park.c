/* SPDX-License-Identifier: ISC */
/* Connections on which nothing is going on, and which therefore hold no task. A parked one
 * stands in its lot's `parked`, and after an event in `ready`, until a task fetches it. */
#include "stack/limits.h"
#include "stack/stack.h"
#include <drupe/time.h>

#include <errno.h>

static struct dr_tcp *first_of(struct list *l)
{
    return list_empty(l) ? NULL : container_of(l->next, struct dr_tcp, queue);
}

static void set_timer(struct dr_tcp_lot *lot)
{
    const struct dr_tcp *t = first_of(&lot->parked);
    loop_timer_set(&lot->timer, t ? t->parked_until : WHEEL_NEVER);
}

/* All wait equally long, so they stand in the order of their time. The timer may have been set
 * for one that has left; it is then set again. */
static void expire(struct loop_timer *timer, uint64_t now)
{
    struct dr_tcp_lot *lot = container_of(timer, struct dr_tcp_lot, timer);
    for (struct dr_tcp *t; (t = first_of(&lot->parked)) != NULL && t->parked_until <= now;) {
        lot->handle.net->counts.parked_expired++;
        dr_tcp_close(&t);
    }
    set_timer(lot);
}

int dr_tcp_lot_open(struct dr_tcp_listener *l, uint64_t idle_ns, struct dr_tcp_lot **out)
{
    struct dr_net *net = l->handle.net;
    if (net->dead)
        return -ENETDOWN;
    struct dr_tcp_lot *lot = handle_new(net, &net->lot_pool, &net->lots);
    if (!lot)
        return -ENOMEM;
    lot->idle_ns = idle_ns;
    list_init(&lot->parked);
    list_init(&lot->ready);
    wait_queue_init(&lot->fetchers);
    loop_timer_init(&lot->timer, expire);
    *out = lot;
    return 0;
}

static void close_all(struct list *l)
{
    for (struct dr_tcp *t; (t = first_of(l)) != NULL;)
        dr_tcp_close(&t);
}

void dr_tcp_lot_close(struct dr_tcp_lot **p)
{
    struct dr_tcp_lot *lot = *p;
    *p = NULL;
    if (!lot)
        return;
    close_all(&lot->parked);
    close_all(&lot->ready);
    set_timer(lot);
    wait_wake_all(&lot->fetchers);
    handle_close(&lot->handle);
}

void tcp_unparks(struct dr_tcp *t)
{
    if (t->parked_until == 0) /* it is in `ready` already */
        return;
    t->parked_until = 0;
    list_remove(&t->queue);
    list_push(&t->lot->ready, &t->queue);
    wait_wake_one(&t->lot->fetchers);
}

static bool has_news(const struct dr_tcp *t)
{
    const struct tcp_conn *c = t->conn;
    return !c || c->error || c->state == TCP_CLOSED || c->in.count > 0 || tcp_at_end(c);
}

void dr_tcp_park(struct dr_tcp_lot *lot, struct dr_tcp **p)
{
    struct dr_tcp *t = *p;
    *p = NULL;
    if (!t)
        return;
    bool first = list_empty(&lot->parked);
    list_remove(&t->queue);
    t->lot = lot;
    t->parked_until = dr_after(lot->idle_ns);
    list_push(&lot->parked, &t->queue);
    if (has_news(t))
        tcp_unparks(t);
    else if (first)
        set_timer(lot);
}

bool dr_tcp_is_delivered(const struct dr_tcp *t)
{
    return !t->conn || t->conn->out.count == 0;
}

int dr_tcp_fetch(struct dr_tcp_lot *lot, struct dr_tcp **out)
{
    for (;;) {
        struct dr_tcp *t = first_of(&lot->ready);
        if (t) {
            list_remove(&t->queue);
            t->lot = NULL;
            *out = t;
            return 0;
        }
        int err = handle_wait(&lot->handle, &lot->fetchers);
        if (err == -EBADF)
            return -ECONNABORTED;
        if (err) {
            wait_wake_one(&lot->fetchers); /* the wake-up may have been for a connection */
            return err;
        }
    }
}

/* From the first lot that has one. */
static struct dr_tcp *longest_parked(struct dr_net *net)
{
    struct dr_tcp *t = NULL;
    for (struct list *e = net->lots.next; e != &net->lots && !t; e = e->next)
        t = first_of(&container_of(e, struct dr_tcp_lot, handle.link)->parked);
    return t;
}

void tcp_make_places(struct dr_net *net)
{
    if (list_empty(&net->lots) || (inet_has_place(net->inet) && pool_may_give(&net->conn_pool)))
        return;
    for (unsigned n = 0; n < STACK_PARKED_EVICTED; n++) {
        struct dr_tcp *t = longest_parked(net);
        if (!t)
            return;
        net->counts.parked_evicted++;
        dr_tcp_abort(&t);
    }
}
