/* SPDX-License-Identifier: ISC */
#ifndef BASE_RING_H
#define BASE_RING_H

/* A queue of octets in one block of memory that is taken when the first octet
 * arrives, doubled while it fills (up to a limit), and given back when the queue is
 * empty: what is idle holds nothing. Octets can be written ahead of the end, for
 * data that arrives out of order. */

#include "base/octets.h"
#include "base/supply.h"

#define RING_LEN_MIN 4096U /* octets of the first block; blocks are powers of 2 */

struct ring {
    uint8_t *at;    /* NULL when nothing is held */
    uint32_t len;   /* octets of the block; 0 or a power of 2 */
    uint32_t max;   /* most octets of the block; a power of 2 >= RING_LEN_MIN */
    uint32_t head;  /* index of the first octet */
    uint32_t count; /* octets queued */
};

/* An empty ring that holds no memory. */
void ring_init(struct ring *r, uint32_t max);
/* Gives its memory back; empty again. */
void ring_end(struct ring *r, struct supply *s);

/* Makes room for `n` octets from the head on. False, and nothing changed, when n >
 * max or the supply refuses. What was written ahead of the end is kept. */
bool ring_reserve(struct ring *r, struct supply *s, uint32_t n);

/* Copies b to `offset` octets after the first queued octet. The room must have
 * been reserved. Does not change count. */
void ring_put_at(struct ring *r, uint32_t offset, struct bytes b);
/* The `n` octets after the last queued become queued. */
void ring_extend(struct ring *r, uint32_t n);

/* Queues as much of b as fits in max and the supply gives; returns how much. */
uint32_t ring_append(struct ring *r, struct supply *s, struct bytes b);

/* The longest contiguous room after the last queued octet, for the caller to write into and
 * then ring_extend over. It is what is reserved. */
struct ring_room {
    uint8_t *at;
    uint32_t len;
};
struct ring_room ring_room(const struct ring *r);

/* Copies [offset, offset + n) of the queue to `to`. */
void ring_peek(const struct ring *r, uint32_t offset, void *to, uint32_t n);
/* The longest contiguous view of the queue from `offset` on. */
struct bytes ring_view(const struct ring *r, uint32_t offset);

/* Takes the first n octets away. `release` gives the memory back when none are left
 * (not while octets written ahead are to be kept). */
void ring_drop(struct ring *r, struct supply *s, uint32_t n, bool release);

#endif
