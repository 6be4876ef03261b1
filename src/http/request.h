/* SPDX-License-Identifier: ISC */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

/* The head of a request (RFC 9112 2 to 7): from octets that arrive in any pieces.
 *
 * The caller keeps the octets in one buffer and offers all of them each time there
 * are more; the parser resumes at the octet where it stopped, so it looks at each
 * octet once, and what it answers does not depend on how the octets were cut. The
 * buffer may move between calls: what is found is held as offsets.
 *
 * It is strict. Whatever RFC 9112 lets a server refuse because two parties could
 * read it in two ways is refused: folded lines, bare CR or LF, space before a colon,
 * control characters, doubled or conflicting framing, a Host that is missing, doubled
 * or malformed. */

#include "base/octets.h"

#define HTTP_METHOD_MAX 32    /* octets; a longer method gets 501 */
#define HTTP_FIELDS_MAX 64    /* fields that a request can have room for */
#define HTTP_HEAD_MAX   65535 /* octets that any head may have: offsets have 16 bits */

struct http_limits {
    uint16_t head;   /* octets from the first to the last CRLF; more: 431 (or 414) */
    uint16_t target; /* octets of the request-target; more: 414 */
    uint16_t fields; /* <= HTTP_FIELDS_MAX; more: 431 */
};

enum http_verdict {
    HTTP_MORE, /* right so far, and not complete */
    HTTP_OK,   /* complete */
    HTTP_BAD,  /* refused; `status` says with what */
};

enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_DELETE,
    HTTP_PATCH,
    HTTP_OPTIONS,
    HTTP_TRACE,
    HTTP_CONNECT,
    HTTP_OTHER, /* a token that is none of these */
};

/* A part of the buffer. */
struct http_span {
    uint16_t at, len;
};

struct http_field {
    struct http_span name, value; /* the value without the space around it */
};

struct http_request {
    /* Valid after HTTP_OK. */
    enum http_method method;
    struct http_span method_name;
    struct http_span target;    /* as sent */
    struct http_span authority; /* of an absolute-form target; else empty */
    struct http_span path;      /* as sent, begins with '/'; empty for the target "*" */
    struct http_span query;     /* without the '?'; empty also when there is none */
    struct http_span host;      /* the Host field */
    uint64_t content_length;    /* octets of the body, when has_length */
    uint16_t head_len;          /* octets of the head, the last CRLF included */
    uint16_t field_count;
    uint8_t minor; /* HTTP/1.minor */
    bool has_length;
    bool chunked;
    bool persistent;       /* the peer wishes to go on (RFC 9112 9.3) */
    bool expects_continue; /* the peer waits for 100 (RFC 9110 10.1.1) */

    uint16_t status; /* after HTTP_BAD: what to answer */

    /* The parser's own. */
    uint8_t phase;
    bool has_host, says_close, says_keep_alive;
    uint16_t at;   /* the next octet to look at */
    uint16_t mark; /* where the element being read begins */
    struct http_limits limits;
    const uint8_t *base; /* the buffer, as of the last call */
    struct http_field field[HTTP_FIELDS_MAX];
};

/* Begins a request. */
void http_request_init(struct http_request *r, const struct http_limits *limits);

/* Looks at `buffered`, which begins with the octets of the calls before. After
 * HTTP_OK or HTTP_BAD the verdict stands until the next init. */
enum http_verdict http_request_feed(struct http_request *r, struct bytes buffered);

/* The octets of a span; they end with the buffer. */
static inline struct bytes http_view(const struct http_request *r, struct http_span s)
{
    return bytes_of(r->base + s.at, s.len);
}

/* The first field called `lower` (in lower case), or one with `at` NULL. */
struct bytes http_request_field(const struct http_request *r, const char *lower);

#endif
