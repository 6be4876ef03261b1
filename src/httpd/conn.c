/* SPDX-License-Identifier: ISC */
/* A connection's life:
 *
 *     read_head -> begin_body -> httpd_route -> end_exchange -> read_head ...
 *     read_head -> (silence, the end, an error)                 the end
 *     read_head -> answer_bad                                   -> linger, the end
 *     end_exchange, and nothing more to come                    -> linger, the end */
#include "httpd/conn.h"

#include "http/target.h"

#include <drupe/log.h>

#include <errno.h>
#include <stdlib.h>

enum { HEAD_OK = 0, HEAD_NONE = -1 }; /* or a status to answer */

/* Reads on in the middle of a head. */
static int more_head(struct httpd_conn *c, uint64_t deadline)
{
    /* The parser has not refused: there are fewer octets than a head may have. */
    size_t there = c->in_len - c->start, max = c->server->head_limits.head;
    size_t need = c->start > 0 ? there + 1 : there * 2 < max ? there * 2 : max;
    if (c->in_len == c->in_room && !httpd_make_room(c, need))
        return 503;
    ssize_t n = httpd_fill(c, deadline);
    if (n > 0)
        return HEAD_OK;
    return n == -ETIMEDOUT ? 408 : HEAD_NONE;
}

/* Waits for a head to begin: for the first one, no longer than a head may take. A busy client's
 * comes soon; another's is waited for without a task, if that can be (c->idle). */
static bool head_begins(struct httpd_conn *c)
{
    const struct dr_http_limits *l = &c->server->limits;
    uint64_t soon = dr_after(HTTPD_PARK_NS);
    uint64_t deadline = dr_after(c->served ? l->idle_ns : l->head_ns);
    httpd_release(c);
    if (c->in_len > c->start)
        return true;
    ssize_t n = httpd_fill(c, c->io->may_park && soon < deadline ? soon : deadline);
    if (n != -ETIMEDOUT || !c->io->may_park || c->broken != 0)
        return n > 0;
    c->idle = c->io->may_park(c->io);
    return !c->idle && httpd_fill(c, deadline) > 0;
}

static int read_head(struct httpd_conn *c, struct http_request *h)
{
    http_request_init(h, &c->server->head_limits);
    c->between = true;
    bool begun = head_begins(c);
    c->between = false;
    if (!begun)
        return HEAD_NONE;
    uint64_t deadline = dr_after(c->server->limits.head_ns);
    for (;;) {
        switch (http_request_feed(h, bytes_of(c->in + c->start, c->in_len - c->start))) {
        case HTTP_OK:
            return HEAD_OK;
        case HTTP_BAD:
            return h->status;
        case HTTP_MORE:
            break;
        }
        int status = more_head(c, deadline);
        if (status != HEAD_OK)
            return status;
    }
}

/* The path is decoded where it lies: it only becomes shorter. */
static bool clean_path(struct httpd_conn *c, struct http_request *h)
{
    size_t len = 0;
    if (h->path.len == 0)
        return true;
    uint8_t *at = c->in + c->start + h->path.at;
    if (!http_path_clean(bytes_of(at, h->path.len), at, &len))
        return false;
    h->path.len = (uint16_t)len;
    return true;
}

/* Makes the request ready for a handler. From here on the input does not move, since
 * the handler may hold views of it. Returns 0 or a status. */
static unsigned begin_body(struct dr_http_request *req)
{
    struct httpd_conn *c = req->conn;
    struct http_request *h = &req->head;
    c->body_at = c->start + h->head_len;
    unsigned status = httpd_body_begin(req);
    if (status != 0)
        return status;
    if (h->chunked && !httpd_make_room(c, h->head_len + HTTPD_BODY_ROOM))
        return 503;
    h->base = c->in + c->start;
    return clean_path(c, h) ? 0 : 400;
}

static void log_access(const struct dr_http_request *req, const struct dr_http_response *res)
{
    if (!dr_log_wants("http", DR_LOG_DEBUG))
        return;
    struct bytes m = http_view(&req->head, req->head.method_name);
    struct bytes p = http_view(&req->head, req->head.path);
    dr_log("http", DR_LOG_DEBUG, "%.*s %.*s %u", (int)m.len, (const char *)m.at, (int)p.len,
           (const char *)p.at, res->status);
}

/* A request that no handler sees. Where it ends is not known, so it is the last. */
static void answer_bad(struct dr_http_request *req, struct dr_http_response *res,
                       unsigned status)
{
    struct httpd_conn *c = req->conn;
    c->keep = false;
    c->unread = true;
    if (httpd_answer(res, status) < 0)
        return;
    if (dr_log_wants("http", DR_LOG_DEBUG))
        dr_log("http", DR_LOG_DEBUG, "refused a request with %u", status);
}

static void end_exchange(struct dr_http_request *req)
{
    struct httpd_conn *c = req->conn;
    if (c->keep && !httpd_body_drain(req))
        c->keep = false;
    if (!req->ended)
        c->unread = true;
    c->start = c->body_at;
    c->served = true;
}

static void exchange(struct httpd_conn *c)
{
    struct dr_http_request req;
    struct dr_http_response res;
    memset(&req, 0, offsetof(struct dr_http_request, head));
    memset(&req.chunked, 0, sizeof req - offsetof(struct dr_http_request, chunked));
    memset(&res, 0, offsetof(struct dr_http_response, added));
    req.conn = res.conn = c;
    res.req = &req;
    res.status = 200;

    int status = read_head(c, &req.head);
    if (status == HEAD_NONE) {
        c->keep = false;
        return;
    }
    res.bodiless = req.head.method == HTTP_HEAD;
    if (status == HEAD_OK) {
        c->keep = req.head.persistent;
        status = (int)begin_body(&req);
    }
    if (status != HEAD_OK) {
        answer_bad(&req, &res, (unsigned)status);
        return;
    }
    list_remove(&c->waits);
    httpd_route(&req, &res);
    list_push(&c->server->waiting, &c->waits);
    log_access(&req, &res);
    end_exchange(&req);
}

/* A close with octets unread resets the connection, and the peer may lose the answer it
 * has not yet read: so what it still sends is read away for a while (RFC 9112 9.6). */
static void linger(struct httpd_conn *c)
{
    uint64_t deadline = dr_after(HTTPD_LINGER_NS);
    size_t got = 0;
    ssize_t n;
    c->io->shutdown(c->io);
    do {
        n = c->io->read(c->io, c->in, c->in_room, deadline);
        if (n > 0)
            got += (size_t)n;
    } while (n > 0 && got < HTTPD_LINGER_MAX);
}

static void begin(struct httpd_conn *c)
{
    c->in = c->in_min;
    c->in_room = sizeof c->in_min;
    c->keep = true;
    list_init(&c->waits);
    list_push(&c->server->waiting, &c->waits);
}

static void end(struct httpd_conn *c)
{
    int err = httpd_flush(c);
    if (err == 0 && (c->unread || c->in_len > c->start))
        linger(c);
    list_remove(&c->waits);
    if (c->in != c->in_min)
        free(c->in);
}

void httpd_conn_serve(struct httpd_conn *c)
{
    begin(c);
    do
        exchange(c);
    while (c->keep && c->broken == 0);
    end(c);
}

void httpd_conn_refuse(struct httpd_conn *c, unsigned status)
{
    struct dr_http_request req = {.conn = c, .ended = true};
    struct dr_http_response res = {.conn = c, .req = &req, .status = 200};
    begin(c);
    int bad = read_head(c, &req.head);
    if (bad != HEAD_NONE)
        answer_bad(&req, &res, bad == HEAD_OK ? status : (unsigned)bad);
    end(c);
}
