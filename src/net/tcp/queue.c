/* SPDX-License-Identifier: ISC */
#include "net/tcp/queue.h"

#include "base/check.h"

void queue_init(struct tcp_queue *q, uint32_t max)
{
    *q = (struct tcp_queue){.count = 0};
    ring_init(&q->ring, max);
}

void queue_end(struct tcp_queue *q, struct supply *s)
{
    ring_end(&q->ring, s);
    q->count = 0;
    q->pieces = 0;
}

static bool ends_in_ring(const struct tcp_queue *q)
{
    return q->pieces == 0 || !q->piece[q->pieces - 1].at;
}

/* The n octets just put at the ring's end are queued. */
static void note_in_ring(struct tcp_queue *q, uint32_t n)
{
    /* A piece for it is always left: queue_refer saw to that. */
    check(ends_in_ring(q) || q->pieces < QUEUE_PIECES_MAX);
    if (n > 0 && !ends_in_ring(q))
        q->piece[q->pieces++] = (struct queue_piece){.at = NULL};
    if (n > 0 && q->pieces > 0)
        q->piece[q->pieces - 1].len += n;
    q->count += n;
}

static uint32_t count_max(const struct tcp_queue *q)
{
    return q->ring.max > QUEUE_COUNT_MIN ? q->ring.max : QUEUE_COUNT_MIN;
}

static size_t within_count(const struct tcp_queue *q, size_t len)
{
    uint32_t left = count_max(q) - q->count;
    return len < left ? len : left;
}

uint32_t queue_append(struct tcp_queue *q, struct supply *s, struct bytes b)
{
    uint32_t n = ring_append(&q->ring, s, bytes_of(b.at, within_count(q, b.len)));
    note_in_ring(q, n);
    return n;
}

struct ring_room queue_room(struct tcp_queue *q, struct supply *s, uint32_t wanted)
{
    uint32_t most = (uint32_t)within_count(q, wanted), left = q->ring.max - q->ring.count;
    if (most > left)
        most = left;
    while (most > 0 && !ring_reserve(&q->ring, s, q->ring.count + most))
        most /= 2;
    struct ring_room room = ring_room(&q->ring);
    if (room.len > most)
        room.len = most;
    return room;
}

void queue_put(struct tcp_queue *q, struct supply *s, uint32_t n)
{
    ring_extend(&q->ring, n);
    note_in_ring(q, n);
    ring_drop(&q->ring, s, 0, true); /* room that was not used */
}

/* Whether the octets at `at` come right after those that the last piece refers to. */
static bool goes_on(const struct tcp_queue *q, const uint8_t *at)
{
    return !ends_in_ring(q) && q->piece[q->pieces - 1].at + q->piece[q->pieces - 1].len == at;
}

uint32_t queue_refer(struct tcp_queue *q, struct supply *s, struct bytes b)
{
    if (goes_on(q, b.at)) { /* one that is written slice by slice */
        uint32_t n = (uint32_t)within_count(q, b.len);
        q->piece[q->pieces - 1].len += n;
        q->count += n;
        return n;
    }
    unsigned need = q->pieces == 0 && q->count > 0 ? 2 : 1;
    if (b.len < QUEUE_REFER_MIN || q->pieces + need >= QUEUE_PIECES_MAX)
        return queue_append(q, s, b);
    b.len = within_count(q, b.len);
    if (need == 2)
        q->piece[q->pieces++] = (struct queue_piece){.at = NULL, .len = q->count};
    if (b.len > 0)
        q->piece[q->pieces++] = (struct queue_piece){.at = b.at, .len = (uint32_t)b.len};
    q->count += (uint32_t)b.len;
    return (uint32_t)b.len;
}

bool queue_is_full(const struct tcp_queue *q)
{
    return q->ring.count == q->ring.max || q->count == count_max(q);
}

bool queue_has_room(const struct tcp_queue *q)
{
    return q->ring.count <= q->ring.max / 2 && q->count <= count_max(q) / 2;
}

/* At most two views: a ring wraps once. */
static unsigned ring_views(const struct ring *r, uint32_t offset, uint32_t n,
                           struct bytes *view)
{
    unsigned views = 0;
    while (n > 0) {
        struct bytes v = ring_view(r, offset);
        if (v.len > n)
            v.len = n;
        view[views++] = v;
        offset += (uint32_t)v.len;
        n -= (uint32_t)v.len;
    }
    return views;
}

unsigned queue_views(const struct tcp_queue *q, uint32_t offset, uint32_t n,
                     struct bytes view[QUEUE_VIEWS_MAX])
{
    check(offset <= q->count && n <= q->count - offset);
    if (q->pieces == 0)
        return ring_views(&q->ring, offset, n, view);
    unsigned views = 0;
    uint32_t in_ring = 0; /* octets of the ring that the pieces seen have */
    for (const struct queue_piece *p = q->piece; n > 0; p++) {
        if (offset < p->len) {
            uint32_t part = n < p->len - offset ? n : p->len - offset;
            if (p->at)
                view[views++] = bytes_of(p->at + offset, part);
            else
                views += ring_views(&q->ring, in_ring + offset, part, view + views);
            n -= part;
            offset += part;
        }
        offset -= p->len;
        in_ring += p->at ? 0 : p->len;
    }
    return views;
}

void queue_peek(const struct tcp_queue *q, uint32_t offset, void *to, uint32_t n)
{
    struct bytes view[QUEUE_VIEWS_MAX];
    unsigned views = queue_views(q, offset, n, view);
    uint8_t *at = to;
    for (unsigned i = 0; i < views; at += view[i++].len)
        memcpy(at, view[i].at, view[i].len);
}

/* When all that is left is in the ring, nothing need be said of it. */
static void forget_pieces(struct tcp_queue *q, unsigned gone)
{
    q->pieces = (uint8_t)(q->pieces - gone);
    memmove(q->piece, q->piece + gone, q->pieces * sizeof q->piece[0]);
    if (q->pieces == 1 && !q->piece[0].at)
        q->pieces = 0;
}

void queue_drop(struct tcp_queue *q, struct supply *s, uint32_t n)
{
    check(n <= q->count);
    q->count -= n;
    unsigned gone = 0;
    uint32_t of_ring = q->pieces == 0 ? n : 0;
    for (uint32_t left = q->pieces == 0 ? 0 : n; left > 0;) {
        struct queue_piece *p = &q->piece[gone];
        uint32_t part = left < p->len ? left : p->len;
        if (p->at)
            p->at += part;
        else
            of_ring += part;
        p->len -= part;
        left -= part;
        gone += p->len == 0;
    }
    ring_drop(&q->ring, s, of_ring, true);
    forget_pieces(q, gone);
}

void queue_check(const struct tcp_queue *q)
{
    uint32_t in_ring = 0, count = 0;
    bool was_in_ring = false;
    for (unsigned i = 0; i < q->pieces; i++) {
        const struct queue_piece *p = &q->piece[i];
        check(p->len > 0 && !(was_in_ring && !p->at));
        was_in_ring = !p->at;
        in_ring += p->at ? 0 : p->len;
        count += p->len;
    }
    check(q->pieces <= QUEUE_PIECES_MAX && (ends_in_ring(q) || q->pieces < QUEUE_PIECES_MAX));
    check(q->pieces == 0 ? q->count == q->ring.count
                         : q->count == count && q->ring.count == in_ring);
    check(q->ring.count <= q->ring.max && q->count <= count_max(q));
}
