/* SPDX-License-Identifier: ISC */
#ifndef HTTP_CHUNKED_H
#define HTTP_CHUNKED_H

/* The chunked transfer coding (RFC 9112 7.1), read from octets that arrive in any
 * pieces. Extensions and trailer fields are checked, counted and dropped. */

#include "base/octets.h"

#define HTTP_CHUNK_DIGITS_MAX 16   /* of one chunk's size */
#define HTTP_CHUNK_EXT_MAX    1024 /* octets of extensions in one body */
#define HTTP_TRAILER_MAX      2048 /* octets of trailer fields in one body */

enum http_chunk {
    HTTP_CHUNK_MORE, /* the input is used up */
    HTTP_CHUNK_DATA, /* *data is not empty; there may be more in the input */
    HTTP_CHUNK_END,  /* the body is complete; what is left of the input follows it */
    HTTP_CHUNK_BAD,  /* not a chunked body: 400 */
};

/* Zeroed at the start of each body. */
struct http_chunked {
    uint64_t left; /* octets of the chunk still to come */
    uint8_t phase;
    uint8_t digits;
    uint16_t ext;
    uint16_t trailer;
};

/* Takes octets off the front of *in up to the next event. *data is a view into *in. */
enum http_chunk http_chunked_next(struct http_chunked *c, struct bytes *in, struct bytes *data);

#endif
