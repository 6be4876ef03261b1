/* SPDX-License-Identifier: ISC */
/* The body of a request: its first octets may already be in the input. */
#include "httpd/conn.h"

#include <errno.h>

unsigned httpd_body_begin(struct dr_http_request *req)
{
    const struct http_request *h = &req->head;
    req->left = h->has_length ? h->content_length : 0;
    req->ended = !h->chunked && req->left == 0;
    req->continue_due = h->expects_continue && !req->ended;
    return req->left > req->conn->server->limits.body_max ? 413 : 0;
}

bool httpd_body_drainable(const struct dr_http_request *req)
{
    return req->ended ||
           (req->error == 0 && !req->continue_due && req->left <= HTTPD_DRAIN_MAX);
}

static ssize_t fail(struct dr_http_request *req, ssize_t error)
{
    req->error = (int)error;
    return error;
}

/* The peer waits for this before it sends (RFC 9110 10.1.1), unless it did not. */
static int say_continue(struct dr_http_request *req)
{
    static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (!req->continue_due)
        return 0;
    req->continue_due = false;
    if (req->conn->body_at < req->conn->in_len)
        return 0;
    return httpd_put(req->conn, bytes_of(line, sizeof line - 1));
}

static uint64_t body_deadline(struct dr_http_request *req)
{
    if (req->deadline == 0)
        req->deadline = dr_after(req->conn->server->limits.body_ns);
    return req->deadline + req->got * HTTPD_EARN_NS;
}

/* Fills the input anew, after the head, when all of it has been read. */
static ssize_t refill(struct dr_http_request *req)
{
    struct httpd_conn *c = req->conn;
    if (c->body_at < c->in_len)
        return 1;
    c->body_at = c->in_len = c->start + req->head.head_len;
    ssize_t n = httpd_fill(c, body_deadline(req));
    return n == 0 ? -ECONNRESET : n;
}

static ssize_t read_known(struct dr_http_request *req, void *buf, size_t len)
{
    struct httpd_conn *c = req->conn;
    size_t there = c->in_len - c->body_at;
    ssize_t n;
    if (len > req->left)
        len = (size_t)req->left;
    if (there > 0) {
        n = (ssize_t)(len < there ? len : there);
        memcpy(buf, c->in + c->body_at, (size_t)n);
        c->body_at += (size_t)n;
    } else {
        int err = httpd_flush(c); /* H2 */
        n = err < 0 ? err : c->io->read(c->io, buf, len, body_deadline(req));
        if (n == 0)
            n = -ECONNRESET;
    }
    if (n < 0)
        return fail(req, n);
    req->left -= (uint64_t)n;
    req->ended = req->left == 0;
    return n;
}

/* One event of the coding; the data of one that has some goes to buf. */
static enum http_chunk next_chunk(struct dr_http_request *req, void *buf, size_t len,
                                  size_t *got)
{
    struct httpd_conn *c = req->conn;
    struct bytes data, in = bytes_of(c->in + c->body_at, c->in_len - c->body_at);
    /* No event has more data than the view has octets, so data never exceeds len. */
    if (in.len > len)
        in.len = len;
    enum http_chunk event = http_chunked_next(&req->chunked, &in, &data);
    if (data.len > 0)
        memcpy(buf, data.at, data.len);
    c->body_at = (size_t)(in.at - c->in);
    *got = data.len;
    return event;
}

static ssize_t read_chunked(struct dr_http_request *req, void *buf, size_t len)
{
    for (;;) {
        size_t got;
        ssize_t n = refill(req);
        if (n < 0)
            return fail(req, n);
        switch (next_chunk(req, buf, len, &got)) {
        case HTTP_CHUNK_MORE:
            continue;
        case HTTP_CHUNK_DATA:
            return (ssize_t)got;
        case HTTP_CHUNK_END:
            req->ended = true;
            return 0;
        case HTTP_CHUNK_BAD:
            return fail(req, -EBADMSG);
        }
    }
}

ssize_t dr_http_read(struct dr_http_request *req, void *buf, size_t len)
{
    if (req->error != 0)
        return req->error;
    if (req->ended || len == 0)
        return 0;
    int err = say_continue(req);
    if (err < 0)
        return fail(req, err);
    ssize_t n = req->head.chunked ? read_chunked(req, buf, len) : read_known(req, buf, len);
    if (n > 0)
        req->got += (uint64_t)n;
    if (req->got > req->conn->server->limits.body_max)
        return fail(req, -EMSGSIZE);
    return n;
}

bool httpd_body_drain(struct dr_http_request *req)
{
    uint8_t away[1024];
    uint64_t enough = req->got + HTTPD_DRAIN_MAX;
    while (!req->ended && req->got <= enough) {
        if (!httpd_body_drainable(req) || dr_http_read(req, away, sizeof away) < 0)
            return false;
    }
    return req->ended;
}
