/* SPDX-License-Identifier: ISC */
/* Connections: accepted, given a task each, refused when there are too many. */
#include "httpd/conn.h"

#include "base/list.h"

#include <errno.h>
#include <stdlib.h>

#define BACKLOG      256U
#define REFUSERS_MAX 8U /* tasks at once that tell clients beyond the limit so */

struct serving {
    struct httpd_server server;
    struct dr_scope clients;
    struct dr_tcp_lot *lot; /* where clients wait for which there is no task */
    unsigned live, refusers;
};

struct client {
    struct httpd_io io;
    struct dr_tcp *tcp; /* NULL once it had to give way */
    struct serving *serving;
    struct dr_scope *reading; /* of the read that it waits in, or NULL */
    bool to_park;             /* its task is wanted by another */
    struct httpd_conn conn;
};

static ssize_t tcp_read(struct httpd_io *io, void *buf, size_t len, uint64_t deadline)
{
    struct client *k = container_of(io, struct client, io);
    struct dr_scope s;
    if (!k->tcp)
        return -ECONNABORTED;
    dr_scope_open(&s, deadline);
    k->reading = &s;
    ssize_t n = dr_tcp_read(k->tcp, buf, len);
    k->reading = NULL;
    (void)dr_scope_close(&s);
    return k->to_park && n == -ECANCELED ? -ETIMEDOUT : n;
}

typedef ssize_t write_fn(struct dr_tcp *conn, const void *buf, size_t len);

static ssize_t write_by(write_fn *write, struct httpd_io *io, struct bytes b, uint64_t deadline)
{
    struct client *k = container_of(io, struct client, io);
    struct dr_scope s;
    if (!k->tcp)
        return -ECONNABORTED;
    dr_scope_open(&s, deadline);
    ssize_t n = write(k->tcp, b.at, b.len);
    (void)dr_scope_close(&s);
    return n;
}

static ssize_t tcp_write(struct httpd_io *io, const void *buf, size_t len, uint64_t deadline)
{
    return write_by(dr_tcp_write, io, bytes_of(buf, len), deadline);
}

static ssize_t tcp_write_static(struct httpd_io *io, const void *buf, size_t len,
                                uint64_t deadline)
{
    return write_by(dr_tcp_write_static, io, bytes_of(buf, len), deadline);
}

static bool tcp_may_park(struct httpd_io *io)
{
    const struct client *k = container_of(io, struct client, io);
    return k->tcp && dr_tcp_is_delivered(k->tcp);
}

static void tcp_shutdown(struct httpd_io *io)
{
    struct client *k = container_of(io, struct client, io);
    if (k->tcp)
        (void)!dr_tcp_shutdown(k->tcp);
}

static void client_free(struct client **k)
{
    if (*k)
        dr_tcp_close(&(*k)->tcp);
    free(*k);
    *k = NULL;
}

/* Tells a client for whom there is no task to try again. The send buffer of a new
 * connection has room for this, so it does not wait. */
static void turn_away(struct dr_tcp **tcp)
{
    static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\n"
                               "Content-Length: 0\r\nConnection: close\r\n\r\n";
    if (dr_tcp_write(*tcp, busy, sizeof busy - 1) < 0)
        dr_tcp_abort(tcp);
    dr_tcp_close(tcp);
}

/* Takes *tcp, unless there is no memory: NULL. */
static struct client *client_new(struct serving *s, struct dr_tcp **tcp)
{
    struct client *k = calloc(1, sizeof *k);
    if (!k)
        return NULL;
    k->io = (struct httpd_io){.read = tcp_read,
                              .write = tcp_write,
                              .write_static = tcp_write_static,
                              .may_park = tcp_may_park,
                              .shutdown = tcp_shutdown};
    k->tcp = *tcp;
    k->serving = s;
    k->conn.server = &s->server;
    k->conn.io = &k->io;
    *tcp = NULL;
    /* Responses are collected here and written whole: there is nothing to wait for. */
    dr_tcp_nodelay(k->tcp, true);
    return k;
}

/* What goes wrong with one client is no error of the server: both return 0. */
static int serve_client(void *arg)
{
    DR_OWN(client_free) struct client *k = arg;
    httpd_conn_serve(&k->conn);
    if (k->conn.idle)
        dr_tcp_park(k->serving->lot, &k->tcp);
    k->serving->live--;
    return 0;
}

static int refuse_client(void *arg)
{
    DR_OWN(client_free) struct client *k = arg;
    httpd_conn_refuse(&k->conn, 503);
    k->serving->refusers--;
    return 0;
}

/* Whoever has waited longest, for a request or for its peer to take the answer, gives way: so
 * no number of slow clients keeps another out. Between two requests it can wait without a
 * task; else it is reset, since what it would be told could wait in vain for a peer that is
 * silent. False when every client is being answered. */
static bool make_room(struct serving *s)
{
    struct list *waiting = &s->server.waiting;
    /* Those just accepted have not begun to wait yet. */
    if (list_empty(waiting) && dr_yield() != 0)
        return false;
    struct list *longest = list_pop(waiting);
    if (!longest)
        return false;
    struct httpd_conn *c = container_of(longest, struct httpd_conn, waits);
    struct client *k = container_of(c, struct client, conn);
    if (k->reading && c->between && tcp_may_park(&k->io)) {
        k->to_park = true;
        dr_scope_cancel(k->reading);
    } else {
        dr_tcp_abort(&k->tcp);
    }
    return dr_yield() == 0; /* its task ends */
}

/* Starts a task for a client: `serve`, counted in *count. Takes *tcp, unless there is no
 * memory: false. */
static bool start(struct serving *s, struct dr_tcp **tcp, dr_task_fn *serve, unsigned *count)
{
    DR_OWN(client_free) struct client *k = client_new(s, tcp);
    if (!k)
        return false;
    if (dr_spawn(&s->clients, serve, k, NULL) < 0) {
        *tcp = k->tcp;
        k->tcp = NULL;
        return false;
    }
    ++*count;
    k = NULL; /* its task's */
    return true;
}

static bool start_serving(struct serving *s, struct dr_tcp **tcp)
{
    return s->live < s->server.limits.clients_max && start(s, tcp, serve_client, &s->live);
}

/* A client gets a task, for which another that only waits may have to give way. When none
 * does, a few at a time get one that reads their request before it refuses it, so that the
 * refusal is not lost. */
static void admit(struct serving *s, struct dr_tcp **tcp)
{
    if (start_serving(s, tcp) || (make_room(s) && start_serving(s, tcp)))
        return;
    if (s->refusers >= REFUSERS_MAX || !start(s, tcp, refuse_client, &s->refusers))
        turn_away(tcp);
}

/* A task of its own: gives a client a task when there is something to read. */
static int take_back(void *arg)
{
    struct serving *s = arg;
    struct dr_tcp *tcp = NULL;
    int err;
    while ((err = dr_tcp_fetch(s->lot, &tcp)) == 0)
        admit(s, &tcp);
    return err;
}

/* Clients stand in the lot from the beginning. */
static int accept_all(struct serving *s, struct dr_tcp_listener *l)
{
    int err = dr_spawn(&s->clients, take_back, s, NULL);
    while (err == 0) {
        struct dr_tcp *tcp = NULL;
        err = dr_tcp_accept(l, &tcp);
        if (err == 0)
            dr_tcp_park(s->lot, &tcp);
    }
    return err;
}

int dr_http_serve_on(struct dr_tcp_listener *l, const struct dr_http_site *site)
{
    struct serving s = {.live = 0};
    httpd_server_init(&s.server, site);
    int err = dr_tcp_lot_open(l, s.server.limits.idle_ns, &s.lot);
    if (err < 0)
        return err;
    dr_scope_open(&s.clients, DR_NEVER);
    err = accept_all(&s, l);
    (void)dr_scope_close(&s.clients);
    dr_tcp_lot_close(&s.lot);
    return err;
}

int dr_http_serve(struct dr_net *net, uint16_t port, const struct dr_http_site *site)
{
    DR_OWN(dr_tcp_unlisten) struct dr_tcp_listener *l = NULL;
    int err = dr_tcp_listen(net, port, BACKLOG, &l);
    return err < 0 ? err : dr_http_serve_on(l, site);
}
