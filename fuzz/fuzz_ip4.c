/* SPDX-License-Identifier: ISC */
/* The checksum is put right in every second input, or nothing would get past it. */
#include "base/check.h"
#include "base/checksum.h"
#include "net/ip4/ip4.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static void put_right(uint8_t *at, size_t len)
{
    size_t header_len = len > 0 ? (at[0] & 15U) * 4 : 0;
    if (header_len < IP4_HEADER_MIN || header_len > len)
        return;
    at[10] = at[11] = 0;
    uint16_t sum = checksum_end(checksum_add(0, bytes_of(at, header_len)));
    at[10] = (uint8_t)(sum >> 8);
    at[11] = (uint8_t)sum;
}

static void parse(struct bytes b)
{
    static const struct ip4_own own = {.net = {{{0x0a000002}, 24}}, .len = 1};
    const struct ip4 own_ip = own.net[0].ip;
    struct ip4_packet p;
    if (ip4_parse(b, &own, &p) != IP4_OK)
        return;
    check(p.whole.at == b.at && p.whole.len <= b.len);
    check(p.payload.at + p.payload.len == p.whole.at + p.whole.len);
    check(p.payload.at >= b.at + IP4_HEADER_MIN && p.payload.at <= b.at + IP4_HEADER_MAX);
    check(ip4_own_host(&own, p.src) && !ip4_equal(p.src, own_ip));
    check(p.to_broadcast != ip4_equal(p.dst, own_ip));
    uint8_t again[IP4_HEADER_MIN];
    struct writer w = writer_of(again, sizeof again);
    ip4_print(&w, p.src, own_ip, p.protocol, p.payload.len);
    check(checksum_end(checksum_add(0, bytes_of(again, sizeof again))) == 0);
    check(memcmp(again + 12, b.at + 12, 4) == 0 && again[9] == b.at[9]);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);
    if (!copy)
        return 0;
    if (len > 0)
        memcpy(copy, at, len);
    parse(bytes_of(copy, len));
    put_right(copy, len);
    parse(bytes_of(copy, len));
    free(copy);
    return 0;
}
