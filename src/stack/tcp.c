/* SPDX-License-Identifier: ISC */
#include "stack/config.h"
#include "stack/limits.h"
#include "stack/stack.h"
#include <drupe/time.h>

#include <errno.h>

/* ---- Handles --------------------------------------------------------------- */

struct dr_tcp *tcp_new(struct dr_net *net)
{
    struct dr_tcp *t = handle_new(net, &net->conn_pool, &net->conns);
    if (!t)
        return NULL;
    wait_queue_init(&t->readers);
    wait_queue_init(&t->writers);
    list_init(&t->queue);
    return t;
}

void tcp_tie(struct dr_tcp *t, struct tcp_conn *c)
{
    t->conn = c;
    t->peer = inet_tcp_peer(c);
    t->local = inet_tcp_local(c);
}

static void wake(struct dr_tcp *t)
{
    wait_wake_all(&t->readers);
    wait_wake_all(&t->writers);
}

void tcp_event(void *ctx, struct tcp_conn *c, unsigned events)
{
    struct dr_tcp *t = c->owner;
    (void)ctx;
    if (!t)
        return;
    if (t->lot && (events & (TCP_EVENT_READABLE | TCP_EVENT_ENDED)))
        tcp_unparks(t);
    if (events & (TCP_EVENT_READABLE | TCP_EVENT_ENDED))
        wait_wake_all(&t->readers);
    if (events & (TCP_EVENT_WRITABLE | TCP_EVENT_ESTABLISHED | TCP_EVENT_ENDED))
        wait_wake_all(&t->writers);
}

static void connection_dies(struct dr_tcp *t, struct inet *in)
{
    if (t->conn)
        inet_tcp_abort(in, &t->conn, dr_now());
    if (t->lot)
        tcp_unparks(t);
    wake(t);
}

static void listener_dies(struct dr_tcp_listener *l, struct inet *in)
{
    inet_unlisten(in, &l->l, dr_now());
    wait_wake_all(&l->acceptors);
}

void tcp_net_dies(struct dr_net *net)
{
    list_each(e, &net->conns)
        connection_dies(container_of(e, struct dr_tcp, handle.link), net->inet);
    list_each(e, &net->listeners)
        listener_dies(container_of(e, struct dr_tcp_listener, handle.link), net->inet);
}

/* ---- Reading and writing --------------------------------------------------- */

/* Why the connection carries no more: a negative error number, or 0 while it does. */
static int end_of(const struct dr_tcp *t)
{
    if (!t->conn)
        return -ECONNRESET;
    if (t->conn->error)
        return t->conn->error;
    return t->conn->state == TCP_CLOSED ? -ECONNRESET : 0;
}

ssize_t dr_tcp_read(struct dr_tcp *t, void *buf, size_t len)
{
    for (;;) {
        size_t n =
            t->conn ? inet_tcp_read(t->handle.net->inet, t->conn, buf, len, dr_now()) : 0;
        if (n > 0 || len == 0)
            return (ssize_t)n;
        if (t->conn && tcp_at_end(t->conn))
            return 0;
        int err = end_of(t);
        if (!err)
            err = handle_wait(&t->handle, &t->readers);
        if (err)
            return err;
    }
}

/* With octets of ours on their way, their acknowledgement makes room. Without, memory is
 * what is missing, and whoever gives some back knows nothing of us. */
static int wait_to_write(struct dr_tcp *t)
{
    struct dr_net *net = t->handle.net;
    if (t->conn->out.count == 0) {
        net->counts.write_waits++;
        list_remove(&t->queue);
        list_push(&net->starved, &t->queue);
        net->starved_at = net->budget.buffers->used;
        loop_timer_set(&net->retry, dr_now() + MEMORY_RETRY_NS);
    }
    return handle_wait(&t->handle, &t->writers);
}

void tcp_feed(struct dr_net *net)
{
    for (struct list *e; (e = list_pop(&net->starved)) != NULL;)
        wait_wake_all(&container_of(e, struct dr_tcp, queue)->writers);
}

typedef size_t write_fn(struct inet *in, struct tcp_conn *c, struct bytes b, uint64_t now);

static ssize_t write_all(write_fn *write, struct dr_tcp *t, const void *buf, size_t len)
{
    size_t done = 0;
    for (;;) {
        int err = t->shut ? -EPIPE : end_of(t);
        if (err)
            return err;
        struct bytes rest = bytes_of((const uint8_t *)buf + done, len - done);
        done += write(t->handle.net->inet, t->conn, rest, dr_now());
        if (done == len)
            return (ssize_t)len;
        err = wait_to_write(t);
        if (err)
            return err;
    }
}

ssize_t dr_tcp_write(struct dr_tcp *t, const void *buf, size_t len)
{
    return write_all(inet_tcp_write, t, buf, len);
}

ssize_t dr_tcp_write_static(struct dr_tcp *t, const void *buf, size_t len)
{
    return write_all(inet_tcp_write_static, t, buf, len);
}

/* ---- Ending ---------------------------------------------------------------- */

int dr_tcp_shutdown(struct dr_tcp *t)
{
    if (t->shut)
        return 0;
    if (end_of(t))
        return -ENOTCONN;
    t->shut = true;
    inet_tcp_shutdown(t->handle.net->inet, t->conn, dr_now());
    wait_wake_all(&t->writers);
    return 0;
}

static void let_go(struct dr_tcp *t)
{
    list_remove(&t->queue);
    wake(t);
    handle_close(&t->handle);
}

void dr_tcp_close(struct dr_tcp **p)
{
    struct dr_tcp *t = *p;
    *p = NULL;
    if (!t)
        return;
    if (t->conn)
        inet_tcp_close(t->handle.net->inet, &t->conn, dr_now());
    let_go(t);
}

void dr_tcp_abort(struct dr_tcp **p)
{
    struct dr_tcp *t = *p;
    *p = NULL;
    if (!t)
        return;
    if (t->conn)
        inet_tcp_abort(t->handle.net->inet, &t->conn, dr_now());
    let_go(t);
}

/* ---- Connecting ------------------------------------------------------------ */

static bool connecting(const struct tcp_conn *c)
{
    return c->state == TCP_SYN_SENT || c->state == TCP_SYN_RECEIVED;
}

static int wait_established(struct dr_tcp *t)
{
    while (t->conn && connecting(t->conn)) {
        int err = handle_wait(&t->handle, &t->writers);
        if (err)
            return err;
    }
    return t->conn ? end_of(t) : -ENETDOWN;
}

static int connect_handle(struct dr_tcp *t, struct ip4_endpoint to)
{
    struct tcp_conn *c = NULL;
    int err = inet_connect(t->handle.net->inet, to, t, dr_now(), &c);
    if (err)
        return err;
    tcp_tie(t, c);
    return wait_established(t);
}

int dr_tcp_connect(struct dr_net *net, const struct dr_endpoint *to, struct dr_tcp **out)
{
    if (!dr_ip_is4(&to->ip))
        return -ENETUNREACH;
    struct ip4_endpoint e = {ip4_from(&to->ip), to->port};
    net = net_for_connect(net, e);
    if (!net)
        return -ENETUNREACH;
    if (net->dead)
        return -ENETDOWN;
    struct dr_tcp *t = tcp_new(net);
    if (!t)
        return -ENOMEM;
    int err = connect_handle(t, e);
    if (err) {
        dr_tcp_abort(&t);
        return err;
    }
    *out = t;
    return 0;
}

/* ---- What else can be asked ------------------------------------------------ */

struct dr_endpoint dr_tcp_peer(const struct dr_tcp *t)
{
    return ip4_to_endpoint(t->peer);
}

struct dr_endpoint dr_tcp_local(const struct dr_tcp *t)
{
    return ip4_to_endpoint(t->local);
}

void dr_tcp_nodelay(struct dr_tcp *t, bool on)
{
    if (t->conn)
        inet_tcp_nodelay(t->handle.net->inet, t->conn, on);
}

void dr_tcp_set(struct dr_tcp *t, const struct dr_tcp_options *options)
{
    if (t->conn)
        inet_tcp_set(t->conn, options->ttl, options->dscp);
}

void dr_tcp_user_timeout(struct dr_tcp *t, uint64_t timeout_ns)
{
    if (t->conn)
        inet_tcp_user_timeout(t->handle.net->inet, t->conn, timeout_ns, dr_now());
}

void dr_tcp_keepalive(struct dr_tcp *t, uint64_t idle_ns)
{
    if (t->conn)
        inet_tcp_keepalive(t->handle.net->inet, t->conn, idle_ns, dr_now());
}
