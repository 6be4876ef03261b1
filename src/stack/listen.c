/* SPDX-License-Identifier: ISC */
#include "stack/limits.h"
#include "stack/stack.h"
#include <drupe/log.h>
#include <drupe/time.h>

#include <errno.h>

void tcp_acceptable(void *ctx, struct inet_listener *l)
{
    struct dr_tcp_listener *owner = inet_listener_owner(l);
    (void)ctx;
    wait_wake_one(&owner->acceptors);
}

int dr_tcp_listen(struct dr_net *net, uint16_t port, unsigned backlog,
                  struct dr_tcp_listener **out)
{
    if (backlog < 1 || backlog > DR_TCP_BACKLOG_MAX)
        return -EINVAL;
    if (net->dead)
        return -ENETDOWN;
    struct dr_tcp_listener *l = handle_new(net, &net->listener_pool, &net->listeners);
    if (!l)
        return -ENOMEM;
    wait_queue_init(&l->acceptors);
    int err = inet_listen(net->inet, port, backlog, l, &l->l);
    if (err) {
        handle_close(&l->handle);
        return err;
    }
    l->port = inet_listener_port(l->l);
    *out = l;
    return 0;
}

uint16_t dr_tcp_listener_port(const struct dr_tcp_listener *l)
{
    return l->port;
}

void dr_tcp_unlisten(struct dr_tcp_listener **p)
{
    struct dr_tcp_listener *l = *p;
    *p = NULL;
    if (!l)
        return;
    struct dr_net *net = l->handle.net;
    if (l->l)
        inet_unlisten(net->inet, &l->l, dr_now());
    wait_wake_all(&l->acceptors);
    wait_wake_all(&net->room);
    handle_close(&l->handle);
}

/* Waits for a connection or, when there is none to be had for want of a handle, for room.
 * A wake-up that comes to one who may no longer wait is passed on to the next. */
static int wait_to_accept(struct dr_tcp_listener *l, struct dr_link *queue)
{
    struct dr_net *net = l->handle.net;
    if (queue == &net->room)
        net->counts.accept_waits++;
    int err = handle_wait(&l->handle, queue);
    if (err == -EBADF)
        return -ECONNABORTED;
    if (err)
        wait_wake_one(queue);
    return err;
}

int dr_tcp_accept(struct dr_tcp_listener *l, struct dr_tcp **out)
{
    while (l->l) {
        struct dr_net *net = l->handle.net;
        struct dr_tcp *t = tcp_new(net);
        struct tcp_conn *c = t ? inet_accept(net->inet, l->l, t) : NULL;
        if (c) {
            tcp_tie(t, c);
            *out = t;
            return 0;
        }
        struct dr_link *queue = t ? &l->acceptors : &net->room;
        dr_tcp_abort(&t);
        int err = wait_to_accept(l, queue);
        if (err)
            return err;
    }
    return -ECONNABORTED;
}

/* ---- Serving --------------------------------------------------------------- */

/* Lies in the frame of dr_tcp_serve, which outlives every client's task. */
struct tcp_server {
    struct dr_scope scope;
    struct dr_link ended; /* where the accepting task waits for a client's to end */
    unsigned live, max;
    dr_tcp_serve_fn *serve;
    void *arg;
    struct dr_tcp_listener *listener;
    struct dr_scope back;   /* of the task that takes clients back from `lot` */
    struct dr_tcp_lot *lot; /* NULL while none was ever parked */
    bool closing;
};

static int take_back(void *arg);

/* The first that is to be parked makes the lot. Takes *t, unless it cannot be parked. */
static void park(struct tcp_server *s, struct dr_tcp **t)
{
    if (s->closing)
        return;
    if (!s->lot && dr_tcp_lot_open(s->listener, DR_NEVER, &s->lot) == 0 &&
        dr_spawn(&s->back, take_back, s, NULL) < 0)
        dr_tcp_lot_close(&s->lot);
    if (s->lot)
        dr_tcp_park(s->lot, t);
}

static int serve_client(void *arg)
{
    struct dr_tcp *t = arg;
    struct tcp_server *s = t->server;
    int err = s->serve(t, s->arg);
    if (err < 0 && err != -ECANCELED)
        dr_log("net", DR_LOG_DEBUG, "a client's task ended with error %d", -err);
    struct handle *held = &t->handle;
    bool gone = held->closed;
    handle_drop(held);
    if (!gone && err == DR_TCP_PARK)
        park(s, &t);
    if (!gone)
        dr_tcp_close(&t);
    s->live--;
    wait_wake_one(&s->ended);
    return 0;
}

static int wait_for_slot(struct tcp_server *s)
{
    int err = 0;
    while (!err && s->live >= s->max)
        err = wait_in(&s->ended);
    return err;
}

/* A client for whom there is no stack waits until there is one; its peer meanwhile sees
 * a window that fills up. */
static int start_client(struct tcp_server *s, struct dr_tcp *t)
{
    int err = 0;
    t->server = s;
    handle_hold(&t->handle); /* `serve` may close it, and serve_client still looks at it */
    while ((err = dr_spawn(&s->scope, serve_client, t, NULL)) == -ENOMEM) {
        t->handle.net->counts.serve_waits++;
        err = dr_sleep(MEMORY_RETRY_NS);
        if (err)
            break;
    }
    if (err) {
        handle_drop(&t->handle);
        dr_tcp_abort(&t);
        return err;
    }
    s->live++;
    return 0;
}

static int serve_next(struct tcp_server *s, struct dr_tcp_listener *l)
{
    struct dr_tcp *t = NULL;
    int err = wait_for_slot(s);
    if (!err)
        err = dr_tcp_accept(l, &t);
    return err ? err : start_client(s, t);
}

static int take_back(void *arg)
{
    struct tcp_server *s = arg;
    struct dr_tcp *t = NULL;
    int err;
    while ((err = dr_tcp_fetch(s->lot, &t)) == 0) {
        err = wait_for_slot(s);
        if (err)
            dr_tcp_close(&t);
        if (err || (err = start_client(s, t)) != 0)
            break;
    }
    return err;
}

int dr_tcp_serve(struct dr_tcp_listener *l, unsigned clients_max, dr_tcp_serve_fn *serve,
                 void *arg)
{
    if (clients_max == 0)
        return -EINVAL;
    struct tcp_server s = {.max = clients_max, .serve = serve, .arg = arg, .listener = l};
    int err = 0;
    handle_hold(&l->handle);
    wait_queue_init(&s.ended);
    dr_scope_open(&s.scope, DR_NEVER);
    dr_scope_open(&s.back, DR_NEVER);
    while (!err)
        err = serve_next(&s, l);
    s.closing = true;
    (void)dr_scope_close(&s.back);
    dr_tcp_lot_close(&s.lot);
    /* A listener that is closed takes no more clients; those it has are let finish. */
    int joined = err == -ECONNABORTED ? dr_scope_join(&s.scope) : 0;
    dr_scope_close(&s.scope);
    handle_drop(&l->handle);
    return joined ? joined : err;
}
