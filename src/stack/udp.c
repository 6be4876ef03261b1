/* SPDX-License-Identifier: ISC */
#include "stack/config.h"
#include "stack/limits.h"
#include "stack/stack.h"
#include <drupe/task.h>
#include <drupe/time.h>

#include <errno.h>

/* The queue of a socket is a ring of octets: for each datagram its head, then its text. */
struct head {
    struct ip4_endpoint from;
    uint32_t len;
};

bool udp_datagram(void *ctx, struct inet_udp *socket, const struct inet_datagram *d)
{
    struct dr_net *net = ctx;
    struct dr_udp *u = inet_udp_owner(socket);
    struct bytes text = d->text;
    struct head head = {.from = d->from, .len = (uint32_t)text.len};
    uint32_t need = (uint32_t)(sizeof head + text.len);
    if (!ring_reserve(&u->queue, net->budget.buffers, u->queue.count + need)) {
        net->counts.udp_full++;
        return false;
    }
    ring_put_at(&u->queue, u->queue.count, bytes_of(&head, sizeof head));
    ring_put_at(&u->queue, u->queue.count + (uint32_t)sizeof head, text);
    ring_extend(&u->queue, need);
    wait_wake_one(&u->readers);
    return true;
}

/* On a connected socket whoever waits is told; on others dr_udp_error tells. */
void udp_error(void *ctx, struct inet_udp *socket, struct ip4_endpoint to, int error)
{
    struct dr_udp *u = inet_udp_owner(socket);
    (void)ctx;
    u->error = error;
    u->error_to = to;
    if (u->peer.port != 0)
        wait_wake_one(&u->readers);
}

int dr_udp_bind(struct dr_net *net, uint16_t port, struct dr_udp **out)
{
    static const struct dr_ip any;
    return dr_udp_bind_at(net, &(struct dr_endpoint){.ip = any, .port = port}, out);
}

/* 0 for any address; false when it is no IPv4 address. */
static bool to_ip4(const struct dr_ip *ip, struct ip4 *out)
{
    bool any = dr_ip_is_zero(ip);
    *out = any ? (struct ip4){0} : ip4_from(ip);
    return any || dr_ip_is4(ip);
}

int dr_udp_bind_at(struct dr_net *net, const struct dr_endpoint *at, struct dr_udp **out)
{
    struct ip4_endpoint e = {.port = at->port};
    if (!to_ip4(&at->ip, &e.ip))
        return -EADDRNOTAVAIL;
    if (net->dead)
        return -ENETDOWN;
    struct dr_udp *u = handle_new(net, &net->udp_pool, &net->sockets);
    if (!u)
        return -ENOMEM;
    wait_queue_init(&u->readers);
    ring_init(&u->queue, net->budget.udp_queue);
    int err = inet_udp_bind_at(net->inet, e, u, &u->u);
    if (err) {
        handle_close(&u->handle);
        return err;
    }
    u->port = inet_udp_port(u->u);
    *out = u;
    return 0;
}

uint16_t dr_udp_port(const struct dr_udp *u)
{
    return u->port;
}

int dr_udp_connect(struct dr_udp *u, const struct dr_endpoint *to)
{
    struct ip4_endpoint peer = {{0}, 0};
    if (!u->u)
        return -ENETDOWN;
    if (to && !dr_ip_is4(&to->ip))
        return -ENETUNREACH;
    if (to)
        peer = (struct ip4_endpoint){ip4_from(&to->ip), to->port};
    if (to && to->port == 0)
        return -EINVAL;
    int err = inet_udp_connect(u->handle.net->inet, u->u, peer);
    if (err)
        return err;
    u->peer = peer;
    u->error = 0;
    return 0;
}

int dr_udp_error(struct dr_udp *u, struct dr_endpoint *to)
{
    int error = u->error;
    u->error = 0;
    if (error && to)
        *to = ip4_to_endpoint(u->error_to);
    return error;
}

int dr_udp_join(struct dr_udp *u, const struct dr_ip *group)
{
    if (!u->u)
        return -ENETDOWN;
    if (!dr_ip_is4(group))
        return -EINVAL;
    return inet_udp_join(u->handle.net->inet, u->u, ip4_from(group), dr_now());
}

int dr_udp_leave(struct dr_udp *u, const struct dr_ip *group)
{
    if (!u->u)
        return -ENETDOWN;
    if (!dr_ip_is4(group))
        return -EADDRNOTAVAIL;
    return inet_udp_leave(u->handle.net->inet, u->u, ip4_from(group), dr_now());
}

void dr_udp_set(struct dr_udp *u, const struct dr_udp_options *o)
{
    const struct inet_udp_options options = {.broadcast = o->broadcast,
                                             .no_loop = o->no_loop,
                                             .ttl = o->ttl,
                                             .multicast_ttl = o->multicast_ttl,
                                             .tos = o->tos,
                                             .whole = o->whole};
    if (u->u)
        inet_udp_set(u->u, &options);
}

/* What a connected socket's next call returns, once. */
static int pending_error(struct dr_udp *u)
{
    return u->peer.port != 0 ? dr_udp_error(u, NULL) : 0;
}

static void socket_ends(struct dr_udp *u)
{
    struct dr_net *net = u->handle.net;
    if (u->u)
        inet_udp_close(net->inet, &u->u);
    ring_end(&u->queue, net->budget.buffers);
    wait_wake_all(&u->readers);
}

void udp_net_dies(struct dr_net *net)
{
    list_each(e, &net->sockets)
        socket_ends(container_of(e, struct dr_udp, handle.link));
}

void dr_udp_close(struct dr_udp **p)
{
    struct dr_udp *u = *p;
    *p = NULL;
    if (!u)
        return;
    socket_ends(u);
    handle_close(&u->handle);
}

static ssize_t take(struct dr_udp *u, void *buf, size_t len, struct dr_endpoint *from)
{
    struct dr_net *net = u->handle.net;
    struct head head;
    ring_peek(&u->queue, 0, &head, sizeof head);
    size_t n = head.len < len ? head.len : len;
    if (n < head.len)
        net->counts.udp_cut++;
    if (n > 0)
        ring_peek(&u->queue, sizeof head, buf, (uint32_t)n);
    ring_drop(&u->queue, net->budget.buffers, (uint32_t)sizeof head + head.len, true);
    if (from)
        *from = ip4_to_endpoint(head.from);
    return (ssize_t)head.len;
}

ssize_t dr_udp_recvfrom(struct dr_udp *u, void *buf, size_t len, struct dr_endpoint *from)
{
    while (u->u) {
        int err = pending_error(u);
        if (err)
            return err;
        if (u->queue.count > 0)
            return take(u, buf, len, from);
        err = handle_wait(&u->handle, &u->readers);
        if (err == -EBADF)
            return err;
        if (err) {
            wait_wake_one(&u->readers); /* the wake-up may have been for a datagram */
            return err;
        }
    }
    return -ENETDOWN;
}

/* Why nothing was sent decides what is waited for: the neighbour, or room in the device. */
static int wait_to_send(struct dr_udp *u, struct ip4 to)
{
    int err = inet_resolve(u->handle.net->inet, to, dr_now());
    if (err == -EAGAIN)
        return net_resolve(&u->handle, to);
    if (err)
        return err;
    handle_hold(&u->handle);
    err = dr_sleep(DEVICE_RETRY_NS);
    if (u->handle.closed)
        err = -EBADF;
    handle_drop(&u->handle);
    return err;
}

ssize_t dr_udp_sendto(struct dr_udp *u, const void *buf, size_t len,
                      const struct dr_endpoint *to)
{
    struct ip4_endpoint e = u->peer;
    int refused = u->u ? pending_error(u) : 0;
    if (refused)
        return refused;
    if (to && !dr_ip_is4(&to->ip))
        return -ENETUNREACH;
    if (to)
        e = (struct ip4_endpoint){ip4_from(&to->ip), to->port};
    else if (e.port == 0)
        return -EDESTADDRREQ;
    while (u->u) {
        int err = inet_udp_send(u->handle.net->inet, u->u, e, bytes_of(buf, len), dr_now());
        if (err == -EAGAIN)
            err = wait_to_send(u, e.ip);
        else
            return err ? err : (ssize_t)len;
        if (err)
            return err;
    }
    return -ENETDOWN;
}
