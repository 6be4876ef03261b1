/* SPDX-License-Identifier: ISC */
#ifndef DRUPE_HTTP_H
#define DRUPE_HTTP_H

/* A web server (RFC 9110, RFC 9112): HTTP/1.1 and 1.0, persistent connections,
 * pipelining. A site is a table of routes:
 *
 *     static int hello(struct dr_http_request *req, struct dr_http_response *res)
 *     {
 *         return dr_http_send(res, "text/plain", "Hello World!\n", 13);
 *     }
 *
 *     static const struct dr_http_route routes[] = {
 *         DR_HTTP_PAGE("/", "text/html; charset=utf-8", page),
 *         DR_HTTP_GET("/hello", hello),
 *         DR_HTTP_POST("/sum", sum),
 *         DR_HTTP_END,
 *     };
 *
 *     return dr_http_serve(net, 80, &(struct dr_http_site){.routes = routes});
 *
 * Each connection that has something to do is a task, in which its handlers run; one that is
 * idle has none. What a peer gets wrong is
 * answered here and no handler sees it: 400, 408 (too slow), 413, 414, 417, 431, 501
 * (unknown methods and transfer codings), 505. So are HEAD and OPTIONS, paths that no
 * route has (404) and methods that a path does not have (405 with Allow).
 *
 * Texts lent to a handler are its own until it returns. */

#include <drupe/net.h>
#include <drupe/tcp.h>

struct dr_http_request;
struct dr_http_response;

/* Octets, not ended by a NUL. `at` is NULL when there is no such thing. */
struct dr_text {
    const char *at;
    size_t len;
};

/* Answers one request; may wait. Returns 0; or a negative error number, which is
 * logged, and answered with 500, or with 400, 408 or 413 when dr_http_read
 * gave it for something the peer did. When the response had already begun, the connection is closed instead. */
typedef int dr_http_handler(struct dr_http_request *req, struct dr_http_response *res);

/* A method and a path, and what answers: a handler, or else constant content. */
struct dr_http_route {
    const char *method; /* "GET", "POST", "PUT", "DELETE", "PATCH"; GET answers HEAD, too */
    const char *path;   /* the whole path, decoded: "/hello" */
    dr_http_handler *handler;
    const char *type;   /* of the constant content, for Content-Type */
    const void *content;
    size_t content_len; /* octets */
};

#define DR_HTTP_GET(path_, fn)    {.method = "GET", .path = (path_), .handler = (fn)}
#define DR_HTTP_POST(path_, fn)   {.method = "POST", .path = (path_), .handler = (fn)}
#define DR_HTTP_PUT(path_, fn)    {.method = "PUT", .path = (path_), .handler = (fn)}
#define DR_HTTP_DELETE(path_, fn) {.method = "DELETE", .path = (path_), .handler = (fn)}
/* `array` is an array of char with a final NUL, which is not sent. */
#define DR_HTTP_PAGE(path_, type_, array)                                                      \
    {.method = "GET", .path = (path_), .type = (type_), .content = (array),                    \
     .content_len = sizeof(array) - 1}
#define DR_HTTP_END {.path = NULL}

/* What a site allows its peers. 0 stands for the default. Times are nanoseconds. */
struct dr_http_limits {
    unsigned clients_max; /* connections with a task at once; for a further one, that gives
                             way which no handler runs for since longest; else it gets 503.
                             Idle ones do not count: see dr_tcp_park */
    uint32_t head_max;    /* octets of a request's head, <= 65535; more: 431 */
    uint32_t target_max;  /* octets of a request-target; more: 414 */
    uint32_t fields_max;  /* fields of a request, <= 64; more: 431 */
    uint64_t body_max;    /* octets of a request's body; more: 413 */
    uint64_t head_ns;     /* from a head's first octet to its last; longer: 408 */
    uint64_t body_ns;     /* for a body, and 1 ms more for each octet that came */
    uint64_t send_ns;     /* for the peer to take each 64 KiB of a response */
    uint64_t idle_ns;     /* between requests, and before the first; longer: closed */
};
#define DR_HTTP_CLIENTS_MAX 1024U
#define DR_HTTP_HEAD_MAX    16384U
#define DR_HTTP_TARGET_MAX  8000U /* RFC 9110 4.1 recommends no less */
#define DR_HTTP_FIELDS_MAX  64U
#define DR_HTTP_BODY_MAX    1048576U
#define DR_HTTP_HEAD_NS     DR_S(10)
#define DR_HTTP_BODY_NS     DR_S(20)
#define DR_HTTP_SEND_NS     DR_S(30)
#define DR_HTTP_IDLE_NS     DR_S(60)

/* Constant while it is served. */
struct dr_http_site {
    const struct dr_http_route *routes; /* ends with DR_HTTP_END */
    void *arg;                          /* for the handlers: dr_http_arg */
    struct dr_http_limits limits;
};

#pragma GCC visibility push(default)

/* Serves the site on a TCP port until the caller's scope is cancelled. Then idle
 * connections are closed, waits inside handlers return -ECANCELED, and this returns
 * when all connections have ended: -ECANCELED, -ETIMEDOUT, or why it could not listen
 * (dr_tcp_listen). When memory runs short, the clients that wait since
 * longest are reset, new ones answered with 503 or reset, and it goes on. */
DR_CHECKED int dr_http_serve(struct dr_net *net, uint16_t port,
                             const struct dr_http_site *site);

/* The same on a listener, which stays the caller's. Also ends when it is closed:
 * -ECONNABORTED. */
DR_CHECKED int dr_http_serve_on(struct dr_tcp_listener *l, const struct dr_http_site *site);

/* ---- The request ---------------------------------------------------------- */

struct dr_text dr_http_method(const struct dr_http_request *req); /* "HEAD" included */
/* Escapes decoded, dot segments removed; there is no escaped '/' or control in it. */
struct dr_text dr_http_path(const struct dr_http_request *req);
/* What follows the '?', as sent; empty also when there is none. */
struct dr_text dr_http_query(const struct dr_http_request *req);
/* The first field of this name, in lower case: "user-agent". */
struct dr_text dr_http_field(const struct dr_http_request *req, const char *lower);
/* The n-th field (0, 1, ...) in the order sent; false when there are fewer. */
bool dr_http_field_at(const struct dr_http_request *req, unsigned n, struct dr_text *name,
                      struct dr_text *value);
void *dr_http_arg(const struct dr_http_request *req);

/* Reads octets of the body; waits while there are none. Returns > 0, or 0 at the end,
 * or -EBADMSG (not a chunked body), -EMSGSIZE (longer than body_max), -ETIMEDOUT (too
 * slow), -ECONNRESET (it ended too early, too), -ECANCELED: the same again from then
 * on. What is not read is dropped if it is short; else the connection is closed. */
DR_CHECKED ssize_t dr_http_read(struct dr_http_request *req, void *buf, size_t len);

/* ---- The response --------------------------------------------------------- *
 *
 * First its status and fields, then its body. With the first octet of the body the
 * head is settled: later changes to it return -EALREADY. A handler that sends no
 * body answers with the status alone. */

/* 200..599; without this it is 200. Returns 0, -EINVAL, -EALREADY. */
DR_CHECKED int dr_http_status(struct dr_http_response *res, unsigned status);

/* Adds a field. Date, Content-Type, Content-Length, Connection and Transfer-Encoding
 * are the server's own. Returns 0, -EINVAL (one of those; or a name or value with octets
 * that it may not have), -ENOSPC (more than DR_HTTP_ADDED_MAX octets in all), -EALREADY. */
#define DR_HTTP_ADDED_MAX 1024
DR_CHECKED int dr_http_add(struct dr_http_response *res, const char *name, const char *value);

/* Sends the whole body, of the given type (NULL for none). May wait. Returns 0, -EINVAL
 * (this status has no body; or octets no type has), -EALREADY, -ENOSPC (a head longer
 * than the server has room for), or an error of dr_tcp_write. */
DR_CHECKED int dr_http_send(struct dr_http_response *res, const char *type, const void *body,
                            size_t len);

/* The same in parts: the head, which says that `len` octets will follow; then these. */
DR_CHECKED int dr_http_begin(struct dr_http_response *res, const char *type, uint64_t len);
/* Writes all `len` octets; may wait. Returns 0, -EINVAL (before dr_http_begin),
 * -EMSGSIZE (more than was said), or an error of dr_tcp_write. */
DR_CHECKED int dr_http_write(struct dr_http_response *res, const void *buf, size_t len);

/* Both for octets that never change and outlive the server, as constants and embedded files do:
 * long ones are sent from where they lie, without a copy. */
DR_CHECKED int dr_http_send_static(struct dr_http_response *res, const char *type,
                                   const void *body, size_t len);
DR_CHECKED int dr_http_write_static(struct dr_http_response *res, const void *buf, size_t len);

#pragma GCC visibility pop
#endif
