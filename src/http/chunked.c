/* SPDX-License-Identifier: ISC */
/* SIZE -> [EXT ->] SIZE_LF -> DATA -> DATA_CR -> DATA_LF -> SIZE      for each chunk
 * SIZE_LF (of size 0) -> LINE
 * LINE -> NAME -> VALUE -> VALUE_LF -> LINE                          for each trailer
 * LINE -> LAST_LF -> END
 *
 * C1  left <= INT64_MAX
 * C2  an octet that does not belong where it stands leads to BROKEN, for good */
#include "http/chunked.h"
#include "http/token.h"

enum phase {
    SIZE,
    EXT,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    LINE,
    NAME,
    VALUE,
    VALUE_LF,
    LAST_LF,
    END,
    BROKEN,
};

static enum phase when(bool ok, enum phase next)
{
    return ok ? next : BROKEN;
}

static enum phase size_octet(struct http_chunked *c, uint8_t o)
{
    if (http_is(o, HTTP_HEX)) {
        bool fits = c->digits < HTTP_CHUNK_DIGITS_MAX && c->left <= (uint64_t)INT64_MAX >> 4;
        c->digits++;
        c->left = c->left << 4 | http_hex(o);
        return when(fits, SIZE);
    }
    return when(c->digits > 0 && (o == '\r' || o == ';'), o == '\r' ? SIZE_LF : EXT);
}

static enum phase ext_octet(struct http_chunked *c, uint8_t o)
{
    if (o == '\r')
        return SIZE_LF;
    return when(http_is(o, HTTP_VALUE) && ++c->ext <= HTTP_CHUNK_EXT_MAX, EXT);
}

static enum phase line_octet(uint8_t o)
{
    return o == '\r' ? LAST_LF : when(http_is(o, HTTP_TOKEN), NAME);
}

static enum phase trailer_octet(struct http_chunked *c, uint8_t o)
{
    if (++c->trailer > HTTP_TRAILER_MAX)
        return BROKEN;
    switch ((enum phase)c->phase) {
    case LINE:
        return line_octet(o);
    case NAME:
        return o == ':' ? VALUE : when(http_is(o, HTTP_TOKEN), NAME);
    case VALUE:
        return o == '\r' ? VALUE_LF : when(http_is(o, HTTP_VALUE), VALUE);
    case VALUE_LF:
        return when(o == '\n', LINE);
    case LAST_LF:
        return when(o == '\n', END);
    case SIZE:
    case EXT:
    case SIZE_LF:
    case DATA:
    case DATA_CR:
    case DATA_LF:
    case END:
    case BROKEN:
        break;
    }
    return BROKEN;
}

/* The phase after one octet that is not data. */
static enum phase octet(struct http_chunked *c, uint8_t o)
{
    switch ((enum phase)c->phase) {
    case SIZE:
        return size_octet(c, o);
    case EXT:
        return ext_octet(c, o);
    case SIZE_LF:
        return when(o == '\n', c->left > 0 ? DATA : LINE);
    case DATA_CR:
        return when(o == '\r', DATA_LF);
    case DATA_LF:
        c->digits = 0;
        return when(o == '\n', SIZE);
    case LINE:
    case NAME:
    case VALUE:
    case VALUE_LF:
    case LAST_LF:
        return trailer_octet(c, o);
    case DATA:
    case END:
    case BROKEN:
        break;
    }
    return BROKEN;
}

static struct bytes take(struct bytes *in, size_t n)
{
    struct bytes b = bytes_of(in->at, n);
    *in = bytes_of(in->at + n, in->len - n);
    return b;
}

enum http_chunk http_chunked_next(struct http_chunked *c, struct bytes *in, struct bytes *data)
{
    *data = bytes_of(in->at, 0);
    while (in->len > 0 && c->phase < END) {
        if (c->phase != DATA) {
            c->phase = (uint8_t)octet(c, take(in, 1).at[0]);
            continue;
        }
        *data = take(in, c->left < in->len ? (size_t)c->left : in->len);
        c->left -= data->len;
        if (c->left == 0)
            c->phase = DATA_CR;
        return HTTP_CHUNK_DATA;
    }
    if (c->phase == BROKEN)
        return HTTP_CHUNK_BAD;
    return c->phase == END ? HTTP_CHUNK_END : HTTP_CHUNK_MORE;
}
