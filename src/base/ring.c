/* SPDX-License-Identifier: ISC */
#include "base/ring.h"

void ring_init(struct ring *r, uint32_t max)
{
    check(max >= RING_LEN_MIN && (max & (max - 1)) == 0);
    *r = (struct ring){.max = max};
}

void ring_end(struct ring *r, struct supply *s)
{
    supply_put(s, r->at, r->len);
    ring_init(r, r->max);
}

/* The octets of the block from index `i` to its end or `n`, whichever is nearer. */
static uint32_t run_from(const struct ring *r, uint32_t i, uint32_t n)
{
    return n < r->len - i ? n : r->len - i;
}

/* The index in the block of the octet `offset` after the head. */
static uint32_t index_of(const struct ring *r, uint32_t offset)
{
    return (r->head + offset) & (r->len - 1);
}

static void copy_out(const struct ring *r, uint32_t offset, uint8_t *to, uint32_t n)
{
    if (n == 0)
        return;
    uint32_t i = index_of(r, offset);
    uint32_t first = run_from(r, i, n);
    memcpy(to, r->at + i, first);
    memcpy(to + first, r->at, n - first);
}

/* Moves to a block of `len` octets: all of the old one, what was written ahead too. */
static bool grow(struct ring *r, struct supply *s, uint32_t len)
{
    uint8_t *at = supply_get(s, len);
    if (!at)
        return false;
    copy_out(r, 0, at, r->len);
    supply_put(s, r->at, r->len);
    r->at = at;
    r->len = len;
    r->head = 0;
    return true;
}

static uint32_t block_for(const struct ring *r, uint32_t n)
{
    uint32_t len = r->len ? r->len : RING_LEN_MIN;
    while (len < n)
        len *= 2;
    return len;
}

bool ring_reserve(struct ring *r, struct supply *s, uint32_t n)
{
    if (n <= r->len)
        return true;
    return n <= r->max && grow(r, s, block_for(r, n));
}

void ring_put_at(struct ring *r, uint32_t offset, struct bytes b)
{
    if (b.len == 0)
        return;
    check(offset <= r->len && b.len <= r->len - offset);
    uint32_t n = (uint32_t)b.len;
    uint32_t i = index_of(r, offset);
    uint32_t first = run_from(r, i, n);
    memcpy(r->at + i, b.at, first);
    memcpy(r->at, b.at + first, n - first);
}

void ring_extend(struct ring *r, uint32_t n)
{
    check(n <= r->len - r->count);
    r->count += n;
}

/* When the supply has no block for all of it, a smaller one still takes a part. */
uint32_t ring_append(struct ring *r, struct supply *s, struct bytes b)
{
    uint32_t room = r->max - r->count;
    uint32_t n = b.len < room ? (uint32_t)b.len : room;
    if (n == 0)
        return 0;
    for (uint32_t len = block_for(r, r->count + n); len > r->len && len >= RING_LEN_MIN;
         len /= 2)
        if (grow(r, s, len))
            break;
    n = n < r->len - r->count ? n : r->len - r->count;
    ring_put_at(r, r->count, bytes_of(b.at, n));
    r->count += n;
    return n;
}

struct ring_room ring_room(const struct ring *r)
{
    if (r->count == r->len)
        return (struct ring_room){0};
    uint32_t i = index_of(r, r->count);
    return (struct ring_room){r->at + i, run_from(r, i, r->len - r->count)};
}

void ring_peek(const struct ring *r, uint32_t offset, void *to, uint32_t n)
{
    check(offset <= r->count && n <= r->count - offset);
    copy_out(r, offset, to, n);
}

struct bytes ring_view(const struct ring *r, uint32_t offset)
{
    check(offset <= r->count);
    if (offset == r->count)
        return bytes_of(r->at, 0);
    uint32_t i = index_of(r, offset);
    return bytes_of(r->at + i, run_from(r, i, r->count - offset));
}

void ring_drop(struct ring *r, struct supply *s, uint32_t n, bool release)
{
    check(n <= r->count);
    if (n > 0) {
        r->head = index_of(r, n);
        r->count -= n;
    }
    if (r->count == 0 && release)
        ring_end(r, s);
}
