/* SPDX-License-Identifier: ISC */
#include "httpd/conn.h"

#include <drupe/log.h>

#include <errno.h>

#define ALLOW_MAX 128 /* octets of an Allow field: a few short methods */

/* The asterisk of OPTIONS stands for every path (RFC 9110 9.3.7). */
static bool path_is(const struct dr_http_route *r, struct bytes path)
{
    return path.len == 0 || (strncmp(r->path, (const char *)path.at, path.len) == 0 &&
                             r->path[path.len] == '\0');
}

static bool method_is(const struct dr_http_route *r, const struct http_request *h)
{
    struct bytes m = http_view(h, h->method_name);
    if (h->method == HTTP_HEAD)
        return strcmp(r->method, "GET") == 0;
    return strlen(r->method) == m.len && memcmp(r->method, m.at, m.len) == 0;
}

static void list_method(char allow[ALLOW_MAX], const char *method)
{
    size_t used = strlen(allow), len = strlen(method);
    if (strstr(allow, method) || used + len + 3 > ALLOW_MAX)
        return;
    memcpy(allow + used, ", ", 2);
    memcpy(allow + used + (used > 0 ? 2 : 0), method, len + 1);
}

/* The methods of a path (RFC 9110 10.2.1); false when no route has it. */
static bool allowed(const struct dr_http_site *site, struct bytes path, char allow[ALLOW_MAX])
{
    bool found = false;
    allow[0] = '\0';
    for (const struct dr_http_route *r = site->routes; r->path; r++) {
        if (!path_is(r, path))
            continue;
        found = true;
        list_method(allow, r->method);
        if (strcmp(r->method, "GET") == 0)
            list_method(allow, "HEAD");
    }
    list_method(allow, "OPTIONS");
    return found;
}

static int without_route(struct dr_http_request *req, struct dr_http_response *res)
{
    char allow[ALLOW_MAX];
    const struct http_request *h = &req->head;
    if (h->method == HTTP_OTHER || h->method == HTTP_TRACE)
        return httpd_answer(res, 501);
    if (!allowed(req->conn->server->site, http_view(h, h->path), allow))
        return httpd_answer(res, 404);
    int err = dr_http_add(res, "Allow", allow);
    if (err < 0)
        return err;
    if (h->method != HTTP_OPTIONS)
        return httpd_answer(res, 405);
    res->status = 204;
    return dr_http_begin(res, NULL, 0);
}

static int run(const struct dr_http_route *r, struct dr_http_request *req,
               struct dr_http_response *res)
{
    if (r->handler)
        return r->handler(req, res);
    return dr_http_send_static(res, r->type, r->content, r->content_len);
}

/* What to answer when a handler failed: the peer's fault if reading the body showed one. */
static unsigned status_of(const struct dr_http_request *req, int err)
{
    if (err == -ECANCELED)
        return 503;
    if (err != req->error)
        return 500;
    switch (err) {
    case -EBADMSG:
    case -ECONNRESET:
        return 400;
    case -ETIMEDOUT:
        return 408;
    case -EMSGSIZE:
        return 413;
    default:
        return 500;
    }
}

static void failed(struct dr_http_request *req, struct dr_http_response *res, int err)
{
    struct bytes path = http_view(&req->head, req->head.path);
    unsigned status = status_of(req, err);
    req->conn->keep = false;
    if (status == 500 && req->conn->broken == 0)
        dr_log("http", DR_LOG_ERROR, "the handler of %.*s failed: %s (%d)", (int)path.len,
               (const char *)path.at, dr_error_text(err), err);
    if (res->began)
        return;
    res->added_len = 0;
    if (httpd_answer(res, status) < 0)
        req->conn->keep = false;
}

void httpd_route(struct dr_http_request *req, struct dr_http_response *res)
{
    const struct dr_http_route *r = req->conn->server->site->routes;
    struct bytes path = http_view(&req->head, req->head.path);
    while (r->path && (path.len == 0 || !path_is(r, path) || !method_is(r, &req->head)))
        r++;
    int err = r->path ? run(r, req, res) : without_route(req, res);
    if (err >= 0 && !res->began)
        err = dr_http_begin(res, NULL, 0);
    if (err >= 0 && res->left > 0 && !res->bodiless)
        err = -EPROTO; /* it said it would send more */
    if (err < 0)
        failed(req, res, err);
}

static struct dr_text lent(const struct http_request *h, struct http_span s)
{
    struct bytes b = http_view(h, s);
    return (struct dr_text){.at = (const char *)b.at, .len = b.len};
}

struct dr_text dr_http_method(const struct dr_http_request *req)
{
    return lent(&req->head, req->head.method_name);
}

struct dr_text dr_http_path(const struct dr_http_request *req)
{
    return lent(&req->head, req->head.path);
}

struct dr_text dr_http_query(const struct dr_http_request *req)
{
    return lent(&req->head, req->head.query);
}

struct dr_text dr_http_field(const struct dr_http_request *req, const char *lower)
{
    struct bytes b = http_request_field(&req->head, lower);
    return (struct dr_text){.at = (const char *)b.at, .len = b.len};
}

bool dr_http_field_at(const struct dr_http_request *req, unsigned n, struct dr_text *name,
                      struct dr_text *value)
{
    if (n >= req->head.field_count)
        return false;
    *name = lent(&req->head, req->head.field[n].name);
    *value = lent(&req->head, req->head.field[n].value);
    return true;
}

void *dr_http_arg(const struct dr_http_request *req)
{
    return req->conn->server->site->arg;
}
