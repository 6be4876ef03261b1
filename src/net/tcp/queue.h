/* SPDX-License-Identifier: ISC */
#ifndef NET_TCP_QUEUE_H
#define NET_TCP_QUEUE_H

/* What is to be sent, from the first octet that is not acknowledged on: octets copied from the
 * user into a ring, and octets that lie elsewhere, do not change, and are sent and sent again
 * from there. Offsets are in octets from the head. */

#include "base/ring.h"

/* Runs of octets in the ring and elsewhere. Beyond so many, what could be referred to is
 * copied. */
#define QUEUE_PIECES_MAX 4U
/* Less than this is copied at once: looking for the piece costs as much. */
#define QUEUE_REFER_MIN 4096U
/* Octets queued in all, unless the ring alone may have more: a writer waits for its peer no
 * matter whose memory the octets are in. */
#define QUEUE_COUNT_MIN (2U << 20)
/* A range that begins in any piece is in at most so many views: a ring may wrap once. */
#define QUEUE_VIEWS_MAX (QUEUE_PIECES_MAX + 1U)

struct queue_piece {
    const uint8_t *at; /* NULL: in the ring, after what of it earlier pieces have */
    uint32_t len;
};

struct tcp_queue {
    struct ring ring;
    uint32_t count;                             /* octets queued */
    uint8_t pieces;                             /* 0: all is in the ring */
    struct queue_piece piece[QUEUE_PIECES_MAX]; /* no two neighbours in the ring */
};

void queue_init(struct tcp_queue *q, uint32_t max);
/* Gives its memory back; empty again. */
void queue_end(struct tcp_queue *q, struct supply *s);

/* Copies as much of b as fits and the supply gives; returns how much. */
uint32_t queue_append(struct tcp_queue *q, struct supply *s, struct bytes b);
/* The same for octets that stay as and where they are until the queue has dropped them. */
uint32_t queue_refer(struct tcp_queue *q, struct supply *s, struct bytes b);

/* Appending in two steps: room of at most `wanted` octets to write into, len 0 when there is
 * none; then n octets of it, 0 too, are queued. */
struct ring_room queue_room(struct tcp_queue *q, struct supply *s, uint32_t wanted);
void queue_put(struct tcp_queue *q, struct supply *s, uint32_t n);

/* Whether it is the limit, not the supply, that keeps more from being appended. */
bool queue_is_full(const struct tcp_queue *q);
/* Whether a writer that found it full should try again: not at every octet. */
bool queue_has_room(const struct tcp_queue *q);

/* Where [offset, offset + n) lies, in order. Returns the number of views. */
unsigned queue_views(const struct tcp_queue *q, uint32_t offset, uint32_t n,
                     struct bytes view[QUEUE_VIEWS_MAX]);
/* Copies [offset, offset + n) to `to`. */
void queue_peek(const struct tcp_queue *q, uint32_t offset, void *to, uint32_t n);

/* Takes the first n octets away; memory is given back when none are left. */
void queue_drop(struct tcp_queue *q, struct supply *s, uint32_t n);

/* What holds between two calls: for tests, simulator and fuzzers. */
void queue_check(const struct tcp_queue *q);

#endif
