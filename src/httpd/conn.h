/* SPDX-License-Identifier: ISC */
#ifndef HTTPD_CONN_H
#define HTTPD_CONN_H

/* One connection, over a pair of functions: serve.c puts TCP behind them, the tests a
 * script on a virtual clock.
 *
 * H1  start <= body_at <= in_len <= in_len's room: of the input, what is before
 *     `start` is done with, the request being answered begins there, and body_at is
 *     where its unread body, or the next request, goes on
 * H2  before the connection waits for input, what is in `out` has been written */

#include <drupe/http.h>

#include "base/list.h"
#include "http/chunked.h"
#include "http/date.h"
#include "http/request.h"

#define HTTPD_IN_MIN     1856U  /* octets of input that a connection holds by itself */
#define HTTPD_OUT_MAX    2048U  /* octets of output collected for one write */
#define HTTPD_BODY_ROOM  512U   /* octets of input beyond the head, for a chunked body */
#define HTTPD_SLICE_MAX  65536U /* octets written under one deadline */
#define HTTPD_DRAIN_MAX  65536U /* octets of an unread body read away to keep a connection */
#define HTTPD_LINGER_MAX 262144U
#define HTTPD_LINGER_NS  DR_S(2)
#define HTTPD_PARK_NS    DR_MS(20) /* a busy client's next request comes sooner than that */
#define HTTPD_EARN_NS    DR_MS(1)  /* more time for a body, for each octet of it */

/* Deadlines are monotonic nanoseconds. */
struct httpd_io {
    /* As dr_tcp_read and dr_tcp_write; -ETIMEDOUT at the deadline. */
    ssize_t (*read)(struct httpd_io *io, void *buf, size_t len, uint64_t deadline);
    ssize_t (*write)(struct httpd_io *io, const void *buf, size_t len, uint64_t deadline);
    /* As dr_tcp_write_static. */
    ssize_t (*write_static)(struct httpd_io *io, const void *buf, size_t len,
                            uint64_t deadline);
    /* Nothing more will be written; reading goes on. */
    void (*shutdown)(struct httpd_io *io);
    /* Whether the connection can wait for input without its task: nothing that was written is
     * still on its way. NULL: it never can. */
    bool (*may_park)(struct httpd_io *io);
};

/* What the connections of a site share. */
struct httpd_server {
    const struct dr_http_site *site;
    struct dr_http_limits limits; /* without zeroes */
    struct http_limits head_limits;
    char date[HTTP_DATE_LEN];
    uint64_t date_until; /* monotonic ns: until then `date` is right */
    struct list waiting; /* connections for which no handler runs; the longest first */
};
void httpd_server_init(struct httpd_server *s, const struct dr_http_site *site);
/* The present moment for Date; valid until the caller waits. */
struct bytes httpd_date(struct httpd_server *s);

struct httpd_conn {
    struct httpd_server *server;
    struct httpd_io *io;
    struct list waits; /* in server->waiting, or in none */
    uint8_t *in;       /* in_min, or a longer one from the heap while a request needs it */
    size_t in_room, in_len, start, body_at;
    size_t out_len;
    bool served;  /* a request has been answered */
    bool keep;    /* another request may follow */
    bool between; /* it waits for a request to begin */
    bool idle;    /* nothing came for a while: it can wait without a task */
    bool unread;  /* the peer may have sent, or be sending, what nobody will read */
    int broken;   /* 0, or the error after which nothing more can be written */
    uint8_t in_min[HTTPD_IN_MIN];
    uint8_t out[HTTPD_OUT_MAX];
};

struct dr_http_request {
    struct httpd_conn *conn;
    struct http_request head;
    struct http_chunked chunked;
    uint64_t left;     /* octets still to come, of a body of known length */
    uint64_t got;      /* octets of the body read */
    uint64_t deadline; /* when body_ns ends; 0 before the first read */
    bool ended;        /* the whole body has been read */
    bool continue_due; /* the peer waits for 100 */
    int error;         /* what every read returns from now on */
};

struct dr_http_response {
    struct httpd_conn *conn;
    struct dr_http_request *req;
    unsigned status;
    bool began;
    bool bodiless; /* HEAD: the body is counted and not sent */
    uint64_t left; /* octets of the body still to be written */
    size_t added_len;
    uint8_t added[DR_HTTP_ADDED_MAX]; /* fields, printed */
};

/* Serves requests until the connection ends. The caller closes it. `c` is zeroed but
 * for server and io. While it stands in server->waiting no handler runs, and it may be
 * made to give way to another: by its io, which says that it is closed. */
void httpd_conn_serve(struct httpd_conn *c);
/* Reads one request's head and answers it with `status` alone. */
void httpd_conn_refuse(struct httpd_conn *c, unsigned status);

/* input.c: reads more input after in_len, in what room there is. Returns > 0, 0 at the
 * end of the stream, or an error. */
ssize_t httpd_fill(struct httpd_conn *c, uint64_t deadline);
/* Makes `need` octets of room from `start` on: moves the input to the front, or takes a
 * longer buffer. False when there is no memory. */
bool httpd_make_room(struct httpd_conn *c, size_t need);
/* Gives a longer buffer back when nothing is in it. */
void httpd_release(struct httpd_conn *c);

/* output.c: collects output, and writes it. Return 0, or the error that broke the
 * connection. */
int httpd_put(struct httpd_conn *c, struct bytes b);
/* The same for octets that do not change and outlive the connection; long ones are not copied.
 */
int httpd_put_static(struct httpd_conn *c, struct bytes b);
int httpd_flush(struct httpd_conn *c);

/* body.c: begins the body of a request whose head is complete. Returns 0 or 413. */
unsigned httpd_body_begin(struct dr_http_request *req);
/* Whether what is left of the body would be read away rather than refused. */
bool httpd_body_drainable(const struct dr_http_request *req);
/* Reads the rest of the body away. False when the connection must end. */
bool httpd_body_drain(struct dr_http_request *req);

/* respond.c: answers with a status and a line of text that says it. */
int httpd_answer(struct dr_http_response *res, unsigned status);

/* route.c: runs what the site has for the request. */
void httpd_route(struct dr_http_request *req, struct dr_http_response *res);

#endif
