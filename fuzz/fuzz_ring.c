/* SPDX-License-Identifier: ISC */
/* A ring against a plain array: two octets of input are an operation and its size. */
#include "base/ring.h"
#include "tests/support/test_supply.h"

#define MAX 8192U

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static void same(const struct ring *r, uint32_t first)
{
    for (uint32_t offset = 0; offset < r->count;) {
        struct bytes v = ring_view(r, offset);
        check(v.len > 0);
        for (size_t i = 0; i < v.len; i++)
            check(v.at[i] == (uint8_t)((first + offset + i) * 31 >> 3));
        offset += (uint32_t)v.len;
    }
}

static struct bytes text(uint8_t *room, uint32_t from, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        room[i] = (uint8_t)((from + i) * 31 >> 3);
    return bytes_of(room, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    static uint8_t room[MAX];
    struct test_supply heap = test_supply_of(SIZE_MAX);
    struct reader in = reader_of(bytes_of(at, len));
    struct ring r;
    ring_init(&r, MAX);
    uint32_t first = 0; /* how many octets were ever dropped */
    while (reader_left(&in) >= 2) {
        uint32_t op = read_u8(&in), n = read_u8(&in) * 16U + op / 16;
        heap.grants = op & 8 ? 0 : -1;
        if ((op & 3) == 0) {
            ring_append(&r, &heap.supply, text(room, first + r.count, n));
        } else if ((op & 3) == 1) {
            n = n < r.count ? n : r.count;
            ring_drop(&r, &heap.supply, n, op & 4);
            first += n;
        } else if (ring_reserve(&r, &heap.supply, r.count + n)) {
            ring_put_at(&r, r.count, text(room, first + r.count, n));
            ring_extend(&r, n);
        }
        same(&r, first);
    }
    ring_end(&r, &heap.supply);
    check(heap.supply.used == 0);
    return 0;
}
