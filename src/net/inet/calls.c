/* SPDX-License-Identifier: ISC */
/* The user's calls on connections. */
#include "net/inet/state.h"

#include <errno.h>

bool inet_is_reachable(const struct inet *in, struct ip4 ip)
{
    return loops(in, ip) || (ip4_own_host(&in->own, ip) && !inet_is_own(in, ip));
}

bool inet_may_send_from(const struct inet *in, struct ip4 from, struct ip4 to)
{
    return ip4_is_loopback(from) ? loops(in, to) : inet_is_own(in, from);
}

/* Completes the near end of a connection to `to`. */
static int choose_local(struct inet *in, struct ip4_endpoint *local, struct ip4_endpoint to)
{
    if (to.port == 0 || !inet_is_reachable(in, to.ip))
        return -EINVAL;
    if (inet_next_hop(in, to.ip).n == 0)
        return -ENETUNREACH;
    if (local->ip.n == 0)
        local->ip = inet_source_for(in, to.ip);
    else if (!inet_may_send_from(in, local->ip, to.ip))
        return -EADDRNOTAVAIL;
    if (local->port == 0)
        local->port = table_ephemeral_port(in, local->ip, to);
    if (local->port == 0)
        return -EADDRNOTAVAIL;
    return table_find(in, *local, to) ? -EADDRINUSE : 0;
}

int inet_connect(struct inet *in, struct ip4_endpoint to, void *owner, uint64_t now,
                 struct tcp_conn **out)
{
    return inet_connect_from(in, (struct ip4_endpoint){{0}, 0}, to, owner, now, out);
}

int inet_connect_from(struct inet *in, struct ip4_endpoint from, struct ip4_endpoint to,
                      void *owner, uint64_t now, struct tcp_conn **out)
{
    int err = choose_local(in, &from, to);
    if (err)
        return err;
    struct tcp_conn *c = conn_new(in, false, now);
    if (!c)
        return -ENOMEM;
    struct tcp_open open = {.iss = table_isn(in, from, to, now),
                            .mss = inet_mss(in),
                            .ts_offset = table_ts_offset(in, from, to),
                            .owner = owner};
    c->local = from;
    c->peer = to;
    tcp_connect(c, &in->tcp, &open, now);
    table_add(in, c);
    conn_settle(in, c, 0, now);
    *out = c;
    return 0;
}

size_t inet_tcp_read(struct inet *in, struct tcp_conn *c, void *buf, size_t len, uint64_t now)
{
    if (c->held)
        return 0;
    size_t n = tcp_read(c, buf, len, now);
    conn_settle(in, c, 0, now);
    return n;
}

typedef size_t write_fn(struct tcp_conn *c, struct bytes b, uint64_t now);

static size_t write_by(write_fn *write, struct inet *in, struct tcp_conn *c, struct bytes b,
                       uint64_t now)
{
    uint64_t refused;
    size_t n;
    if (c->held)
        return 0;
    /* One that can hold nothing at all goes before those that nobody holds any more. */
    do {
        refused = in->tcp.counts.no_memory;
        n = write(c, b, now);
    } while (n == 0 && in->tcp.counts.no_memory != refused && c->out.ring.len == 0 &&
             conn_evict_for_buffer(in, now));
    conn_settle(in, c, 0, now);
    return n;
}

size_t inet_tcp_write(struct inet *in, struct tcp_conn *c, struct bytes b, uint64_t now)
{
    return write_by(tcp_write, in, c, b, now);
}

size_t inet_tcp_write_static(struct inet *in, struct tcp_conn *c, struct bytes b, uint64_t now)
{
    return write_by(tcp_write_static, in, c, b, now);
}

void inet_tcp_shutdown(struct inet *in, struct tcp_conn *c, uint64_t now)
{
    if (c->held)
        return;
    tcp_shutdown(c, now);
    conn_settle(in, c, 0, now);
}

void inet_tcp_close(struct inet *in, struct tcp_conn **cp, uint64_t now)
{
    struct tcp_conn *c = *cp;
    if (!c)
        return;
    if (c->held) {
        inet_tcp_refuse(in, cp, -ECONNREFUSED, now);
        return;
    }
    *cp = NULL;
    c->owner = NULL;
    struct tcp_out out = {0};
    tcp_close(c, now, &out);
    conn_settle(in, c, out.events, now);
}

void inet_tcp_abort(struct inet *in, struct tcp_conn **cp, uint64_t now)
{
    struct tcp_conn *c = *cp;
    if (!c)
        return;
    if (c->held) {
        inet_tcp_refuse(in, cp, -ECONNREFUSED, now);
        return;
    }
    *cp = NULL;
    c->owner = NULL;
    struct tcp_out out = {0};
    tcp_abort(c, &out);
    conn_settle(in, c, out.events, now);
}

void inet_tcp_nodelay(struct inet *in, struct tcp_conn *c, bool on)
{
    tcp_set_nodelay(c, on);
    if (!c->held && list_empty(&c->pending))
        list_push(&in->pending, &c->pending); /* what Nagle held back may go */
}

void inet_tcp_user_timeout(struct inet *in, struct tcp_conn *c, uint64_t timeout_ns,
                           uint64_t now)
{
    tcp_set_user_timeout(c, timeout_ns, now);
    conn_settle(in, c, 0, now);
}

void inet_tcp_keepalive(struct inet *in, struct tcp_conn *c, uint64_t idle_ns, uint64_t now)
{
    tcp_set_keepalive(c, idle_ns, now);
    conn_settle(in, c, 0, now);
}

void inet_tcp_set(struct tcp_conn *c, uint8_t ttl, uint8_t dscp)
{
    c->ttl = ttl;
    c->dscp = (uint8_t)(dscp << 2);
}

struct ip4_endpoint inet_tcp_peer(const struct tcp_conn *c)
{
    return c->peer;
}

struct ip4_endpoint inet_tcp_local(const struct tcp_conn *c)
{
    return c->local;
}
