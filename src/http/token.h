/* SPDX-License-Identifier: ISC */
#ifndef HTTP_TOKEN_H
#define HTTP_TOKEN_H

/* The alphabets of HTTP and of URIs, and comparing what is written in them. */

#include "base/octets.h"

enum {
    HTTP_TOKEN = 1 << 0, /* tchar: method and field names (RFC 9110 5.6.2) */
    HTTP_VALUE = 1 << 1, /* field values: HTAB, SP, VCHAR, obs-text (RFC 9110 5.5) */
    HTTP_PATH = 1 << 2,  /* pchar, '/' and '%' (RFC 3986 3.3) */
    HTTP_QUERY = 1 << 3, /* PATH, '?' and what browsers leave unescaped in a query */
    HTTP_HOST = 1 << 4,  /* unreserved and sub-delims: a reg-name (RFC 3986 3.2.2) */
    HTTP_HEX = 1 << 5,
    HTTP_DIGIT = 1 << 6,
};

/* The alphabets each octet belongs to. */
extern const uint8_t http_class[256];

static inline bool http_is(uint8_t c, unsigned class)
{
    return http_class[c] & class;
}

/* Whether b is not empty and all its octets belong to `class`. */
bool http_all(struct bytes b, unsigned class);

/* The value of a hexadecimal digit. */
static inline unsigned http_hex(uint8_t c)
{
    return c <= '9' ? c - 48U : (c | 0x20U) - 87U; /* '0' is 48, 'a' - 10 is 87 */
}

/* Whether b is `lower`, written in lower case, without regard to ASCII case. */
bool http_same(struct bytes b, const char *lower);

/* Whether the comma-separated list b has the element `lower` (RFC 9110 5.6.1). */
bool http_list_has(struct bytes b, const char *lower);

#endif
