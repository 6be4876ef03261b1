/* SPDX-License-Identifier: ISC */
#ifndef BASE_OCTETS_H
#define BASE_OCTETS_H

/* Octets on the wire: views, a checked cursor to read them, and one to write
 * them. Every multi-octet number is in network order (most significant first).
 * Nothing here allocates, waits or fails other than as said. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A borrowed view: it ends with what it borrows from. */
struct bytes {
    const uint8_t *at;
    size_t len; /* octets */
};

static inline struct bytes bytes_of(const void *at, size_t len)
{
    return (struct bytes){.at = at, .len = len};
}

/* A cursor over a view. Reading past the end sets ran_out and gives zeroes
 * (or an empty view) from then on, so a parser tests once, at its end. */
struct reader {
    const uint8_t *at;
    const uint8_t *end;
    bool ran_out;
};

static inline struct reader reader_of(struct bytes b)
{
    return (struct reader){.at = b.at, .end = b.at + b.len, .ran_out = false};
}

static inline size_t reader_left(const struct reader *r)
{
    return (size_t)(r->end - r->at);
}

/* The next n octets, or an empty view when there are fewer. */
static inline struct bytes read_bytes(struct reader *r, size_t n)
{
    if (r->ran_out || reader_left(r) < n) {
        r->ran_out = true;
        return bytes_of(r->end, 0);
    }
    struct bytes b = bytes_of(r->at, n);
    r->at += n;
    return b;
}

static inline struct bytes read_rest(struct reader *r)
{
    return read_bytes(r, reader_left(r));
}

static inline uint8_t read_u8(struct reader *r)
{
    struct bytes b = read_bytes(r, 1);
    return b.len == 1 ? b.at[0] : 0;
}

static inline uint16_t read_u16(struct reader *r)
{
    struct bytes b = read_bytes(r, 2);
    if (b.len != 2)
        return 0;
    return (uint16_t)((uint32_t)b.at[0] << 8 | b.at[1]);
}

static inline uint32_t read_u32(struct reader *r)
{
    struct bytes b = read_bytes(r, 4);
    if (b.len != 4)
        return 0;
    return (uint32_t)b.at[0] << 24 | (uint32_t)b.at[1] << 16 | (uint32_t)b.at[2] << 8 | b.at[3];
}

/* A cursor over room to write into. Writing past the end sets ran_out and
 * writes nothing from then on. */
struct writer {
    uint8_t *at;
    uint8_t *end;
    uint8_t *start;
    bool ran_out;
};

static inline struct writer writer_of(void *at, size_t len)
{
    uint8_t *p = at;
    return (struct writer){.at = p, .end = p + len, .start = p, .ran_out = false};
}

/* Octets written so far. */
static inline size_t writer_len(const struct writer *w)
{
    return (size_t)(w->at - w->start);
}

/* Room for n octets that the caller fills in, or NULL when there is none. */
static inline uint8_t *write_room(struct writer *w, size_t n)
{
    if (w->ran_out || (size_t)(w->end - w->at) < n) {
        w->ran_out = true;
        return NULL;
    }
    uint8_t *p = w->at;
    w->at += n;
    return p;
}

static inline void write_bytes(struct writer *w, struct bytes b)
{
    uint8_t *p = write_room(w, b.len);
    if (p && b.len)
        memcpy(p, b.at, b.len);
}

static inline void write_u8(struct writer *w, uint8_t v)
{
    uint8_t *p = write_room(w, 1);
    if (p)
        p[0] = v;
}

static inline void write_u16(struct writer *w, uint16_t v)
{
    uint8_t *p = write_room(w, 2);
    if (!p)
        return;
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static inline void write_u32(struct writer *w, uint32_t v)
{
    write_u16(w, (uint16_t)(v >> 16));
    write_u16(w, (uint16_t)v);
}

#endif
