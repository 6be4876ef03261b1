/* SPDX-License-Identifier: ISC */
#include "net/inet/state.h"

#include <errno.h>

struct inet_listener *listener_find(const struct inet *in, uint16_t port)
{
    struct list *bucket = port_bucket(in->listening, port);
    list_each(l, bucket) {
        struct inet_listener *listener = container_of(l, struct inet_listener, link);
        if (listener->port == port)
            return listener;
    }
    return NULL;
}

/* A random port that nobody listens at; 0 when there is none. */
static uint16_t free_port(struct inet *in)
{
    return table_ephemeral_port(in, (struct ip4_endpoint){{0}, 0});
}

int inet_listen(struct inet *in, uint16_t port, uint32_t backlog, void *owner,
                struct inet_listener **out)
{
    if (backlog == 0)
        return -EINVAL;
    if (port == 0)
        port = free_port(in);
    if (port == 0 || listener_find(in, port))
        return -EADDRINUSE;
    struct inet_listener *l = pool_get(&in->listeners);
    if (!l)
        return -ENOMEM;
    l->port = port;
    l->backlog = backlog;
    l->owner = owner;
    list_init(&l->queue);
    list_init(&l->link);
    list_push(port_bucket(in->listening, port), &l->link);
    *out = l;
    return 0;
}

uint16_t inet_listener_port(const struct inet_listener *l)
{
    return l->port;
}

void *inet_listener_owner(const struct inet_listener *l)
{
    return l->owner;
}

void inet_unlisten(struct inet *in, struct inet_listener **lp, uint64_t now)
{
    struct inet_listener *l = *lp;
    if (!l)
        return;
    *lp = NULL;
    list_remove(&l->link);
    while (!list_empty(&l->queue)) {
        struct tcp_conn *c = container_of(l->queue.next, struct tcp_conn, queue);
        inet_tcp_abort(in, &c, now);
    }
    list_each(e, &in->half_open) {
        struct tcp_conn *c = container_of(e, struct tcp_conn, queue);
        if (c->listener == l)
            inet_tcp_abort(in, &c, now);
    }
    pool_put(&in->listeners, l);
}

struct tcp_conn *inet_accept(struct inet *in, struct inet_listener *l, void *owner)
{
    if (list_empty(&l->queue))
        return NULL;
    struct tcp_conn *c = container_of(l->queue.next, struct tcp_conn, queue);
    conn_put(in, c, INET_NOWHERE);
    c->listener = NULL;
    c->owner = owner;
    return c;
}

/* RFC 9293 3.10.7.2, fourth. */
void listener_syn(struct inet *in, struct inet_listener *l, struct ip4_endpoint peer,
                  const struct tcp_segment *syn, struct tcp_conn *old, uint64_t now)
{
    if (l->queued >= l->backlog) {
        in->counts[INET_TCP_SYN_BACKLOG]++;
        return;
    }
    struct tcp_open open = {.iss = table_isn(in, l->port, peer, now),
                            .mss = (uint16_t)(in->cfg.mtu - IP4_HEADER_MIN - TCP_HEADER_MIN)};
    if (old) {
        in->counts[INET_TCP_TIME_WAIT_REUSED]++;
        open.iss = tcp_reuse_iss(old, open.iss);
        conn_free(in, old);
    }
    if (in->half_opens >= in->cfg.half_open_max)
        conn_evict_half_open(in);
    struct tcp_conn *c = conn_new(in, now);
    if (!c)
        return;
    in->counts[INET_TCP_SYNS]++;
    c->local = (struct ip4_endpoint){in->own.ip, l->port};
    c->peer = peer;
    c->listener = l;
    tcp_accept(c, &in->tcp, &open, syn, now);
    table_add(in, c);
    conn_put(in, c, INET_HALF_OPEN);
    conn_settle(in, c, 0, now);
}
