/* SPDX-License-Identifier: ISC */
#ifndef HTTP_TARGET_H
#define HTTP_TARGET_H

/* Request-targets (RFC 9112 3.2), hosts (RFC 9110 7.2) and paths (RFC 3986). */

#include "http/request.h"

struct http_target {
    struct bytes authority; /* empty unless in absolute-form */
    struct bytes path;      /* begins with '/'; empty for "*" */
    struct bytes query;     /* without the '?' */
};

/* Splits a request-target: origin-form, absolute-form with the scheme http, or "*" for
 * OPTIONS. Returns 0 and *out, or the status to answer: 400, or 501 for CONNECT.
 * Escapes in the path are not looked at: see http_path_clean. */
unsigned http_target_split(enum http_method method, struct bytes target,
                           struct http_target *out);

/* Whether b is uri-host [ ":" port ], which may be empty (RFC 9110 7.2). */
bool http_host_valid(struct bytes b);

/* Decodes the escapes of a path and removes its dot segments (RFC 3986 5.2.4), once,
 * in this order, so that nothing is left which a second look would find. `path` begins
 * with '/'. Writes at most path.len octets to `out`, which may be path.at, and their
 * number to *len. False when the path has a wrong escape; an escaped '/', which would
 * change what the segments are; an escaped control character; an octet no path may
 * have; or when it climbs above the root. */
bool http_path_clean(struct bytes path, uint8_t *out, size_t *len);

#endif
