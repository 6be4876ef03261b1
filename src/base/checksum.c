/* SPDX-License-Identifier: ISC */
#include "base/checksum.h"

/* The sum is one of 16-bit words modulo 2^16 - 1. As 2^64 is 1 modulo that, words of 64
 * bits can be added instead, each carry put back in at the bottom; and as the order of
 * octets only turns the sum round (RFC 1071 2(B)), they are added in the host's own. */

static uint64_t load(const uint8_t *at)
{
    uint64_t w;
    memcpy(&w, at, sizeof w);
    return w;
}

static uint64_t add(uint64_t sum, uint64_t w)
{
    sum += w;
    return sum + (sum < w);
}

static uint16_t fold(uint64_t sum)
{
    sum = (sum >> 32) + (sum & 0xffffffff);
    sum = (sum >> 16) + (sum & 0xffff);
    sum = (sum >> 16) + (sum & 0xffff);
    return (uint16_t)((sum >> 16) + (sum & 0xffff));
}

/* From the host's order of octets to the network's. */
static uint16_t from_host_order(uint16_t v)
{
    uint8_t octet[2];
    memcpy(octet, &v, sizeof octet);
    return (uint16_t)(octet[0] << 8 | octet[1]);
}

/* Four chains, so that none waits for another's carry. */
static uint64_t add_blocks(const uint8_t *at, size_t blocks)
{
    uint64_t a = 0, b = 0, c = 0, d = 0;
    /*@ loop invariant 0 <= blocks <= \at(blocks, Pre);
        loop invariant at == \at(at, Pre) + 32 * (\at(blocks, Pre) - blocks);
        loop assigns a, b, c, d, at, blocks;
        loop variant blocks; */
    for (; blocks > 0; blocks--, at += 32) {
        a = add(a, load(at));
        b = add(b, load(at + 8));
        c = add(c, load(at + 16));
        d = add(d, load(at + 24));
    }
    return add(add(a, b), add(c, d));
}

uint64_t checksum_add(uint64_t sum, struct bytes b)
{
    if (b.len == 0)
        return sum; /* and its address may be none */
    const uint8_t *at = b.at;
    size_t len = b.len;
    uint64_t part = add_blocks(at, len / 32);
    at += len / 32 * 32;
    len %= 32;
    /*@ loop invariant 0 <= len <= \at(len, LoopEntry);
        loop invariant at == \at(at, LoopEntry) + (\at(len, LoopEntry) - len);
        loop assigns part, at, len;
        loop variant len; */
    for (; len >= 8; len -= 8, at += 8)
        part = add(part, load(at));
    if (len > 0) {
        uint8_t rest[8] = {0};
        memcpy(rest, at, len);
        part = add(part, load(rest));
    }
    return sum + from_host_order(fold(part));
}

uint16_t checksum_end(uint64_t sum)
{
    return (uint16_t)~fold(sum);
}
