/* SPDX-License-Identifier: ISC */
#include "httpd/conn.h"

#include "http/response.h"
#include "http/token.h"

#include <errno.h>

static struct bytes text(const char *s)
{
    return bytes_of(s, strlen(s));
}

static bool has_no_body(unsigned status)
{
    return status == 204 || status == 304;
}

int dr_http_status(struct dr_http_response *res, unsigned status)
{
    if (res->began)
        return -EALREADY;
    if (status < 200 || status > 599)
        return -EINVAL;
    res->status = status;
    return 0;
}

/* The fields that say how the message is to be read are printed by print_head alone. */
static bool is_ours(struct bytes name)
{
    return http_same(name, "date") || http_same(name, "content-type") ||
           http_same(name, "content-length") || http_same(name, "connection") ||
           http_same(name, "transfer-encoding");
}

int dr_http_add(struct dr_http_response *res, const char *name, const char *value)
{
    struct bytes n = text(name), v = text(value);
    struct writer w =
        writer_of(res->added + res->added_len, DR_HTTP_ADDED_MAX - res->added_len);
    if (res->began)
        return -EALREADY;
    if (!http_name_valid(n) || !http_value_valid(v) || is_ours(n))
        return -EINVAL;
    http_print_field(&w, n, v);
    if (w.ran_out)
        return -ENOSPC;
    res->added_len += writer_len(&w);
    return 0;
}

static void print_connection(struct writer *w, const struct dr_http_response *res)
{
    if (!res->conn->keep)
        http_print_text(w, "Connection: close\r\n");
    else if (res->req->head.minor == 0)
        http_print_text(w, "Connection: keep-alive\r\n");
}

static void print_head(struct writer *w, const struct dr_http_response *res, const char *type,
                       uint64_t len)
{
    http_print_status(w, res->status);
    http_print_field(w, text("Date"), httpd_date(res->conn->server));
    if (type)
        http_print_field(w, text("Content-Type"), text(type));
    if (!has_no_body(res->status))
        http_print_length(w, len);
    write_bytes(w, bytes_of(res->added, res->added_len));
    print_connection(w, res);
    http_print_text(w, "\r\n");
}

/* Prints the head where it is to lie; when there is no room, once more after what is
 * there has been written. */
static int put_head(struct dr_http_response *res, const char *type, uint64_t len)
{
    struct httpd_conn *c = res->conn;
    for (;;) {
        struct writer w = writer_of(c->out + c->out_len, sizeof c->out - c->out_len);
        print_head(&w, res, type, len);
        if (!w.ran_out) {
            c->out_len += writer_len(&w);
            return 0;
        }
        if (c->out_len == 0)
            return -ENOSPC;
        int err = httpd_flush(c);
        if (err < 0)
            return err;
    }
}

int dr_http_begin(struct dr_http_response *res, const char *type, uint64_t len)
{
    if (res->began)
        return -EALREADY;
    if ((has_no_body(res->status) && len > 0) || (type && !http_value_valid(text(type))))
        return -EINVAL;
    if (!httpd_body_drainable(res->req))
        res->conn->keep = false;
    res->req->continue_due = false; /* 100 may not follow the final status */
    int err = put_head(res, type, len);
    if (err < 0)
        return err;
    res->began = true;
    res->left = len;
    return 0;
}

/* By httpd_put or httpd_put_static. */
typedef int put_fn(struct httpd_conn *c, struct bytes b);

static int write_by(put_fn *put, struct dr_http_response *res, struct bytes b)
{
    if (!res->began)
        return -EINVAL;
    if (b.len > res->left)
        return -EMSGSIZE;
    res->left -= b.len;
    return res->bodiless ? 0 : put(res->conn, b);
}

int dr_http_write(struct dr_http_response *res, const void *buf, size_t len)
{
    return write_by(httpd_put, res, bytes_of(buf, len));
}

int dr_http_write_static(struct dr_http_response *res, const void *buf, size_t len)
{
    return write_by(httpd_put_static, res, bytes_of(buf, len));
}

int dr_http_send(struct dr_http_response *res, const char *type, const void *body, size_t len)
{
    int err = dr_http_begin(res, type, len);
    return err < 0 ? err : dr_http_write(res, body, len);
}

int dr_http_send_static(struct dr_http_response *res, const char *type, const void *body,
                        size_t len)
{
    int err = dr_http_begin(res, type, len);
    return err < 0 ? err : dr_http_write_static(res, body, len);
}

int httpd_answer(struct dr_http_response *res, unsigned status)
{
    uint8_t line[64];
    struct writer w = writer_of(line, sizeof line);
    http_print_number(&w, status);
    http_print_text(&w, " ");
    http_print_text(&w, http_reason(status));
    http_print_text(&w, "\n");
    res->status = status;
    return dr_http_send(res, "text/plain", line, writer_len(&w));
}
