/* SPDX-License-Identifier: ISC */
#include "net/eth/eth.h"

const struct eth_addr eth_broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

bool eth_is_station(const struct eth_addr *a)
{
    static const struct eth_addr zero;
    return !eth_is_group(a) && !eth_equal(a, &zero);
}

static struct eth_addr read_addr(struct reader *r)
{
    struct eth_addr a = {{0}};
    struct bytes b = read_bytes(r, sizeof a.octet);
    if (b.len == sizeof a.octet)
        memcpy(a.octet, b.at, sizeof a.octet);
    return a;
}

static bool for_us(const struct eth_addr *dst, const struct eth_addr *own)
{
    static const uint8_t groups[3] = {0x01, 0x00, 0x5e};
    bool ip4_group = memcmp(dst->octet, groups, sizeof groups) == 0 && dst->octet[3] < 128;
    return eth_equal(dst, own) || eth_equal(dst, &eth_broadcast) || ip4_group;
}

enum eth_verdict eth_parse(struct bytes frame, const struct eth_addr *own,
                           struct eth_frame *out)
{
    struct reader r = reader_of(frame);
    struct eth_frame f;
    f.dst = read_addr(&r);
    f.src = read_addr(&r);
    f.type = read_u16(&r);
    f.payload = read_rest(&r);
    if (r.ran_out)
        return ETH_TRUNCATED;
    if (!for_us(&f.dst, own))
        return ETH_NOT_FOR_US;
    if (eth_equal(&f.src, own))
        return ETH_OWN_SOURCE;
    if (!eth_is_station(&f.src))
        return ETH_BAD_SOURCE;
    if (f.type != ETH_IP4 && f.type != ETH_ARP)
        return ETH_UNKNOWN_TYPE;
    *out = f;
    return ETH_OK;
}

struct eth_addr eth_of_group(struct ip4 group)
{
    uint32_t n = group.n;
    return (struct eth_addr){
        {0x01, 0x00, 0x5e, (uint8_t)(n >> 16 & 127), (uint8_t)(n >> 8), (uint8_t)n}};
}

void eth_print(struct writer *w, const struct eth_addr *dst, const struct eth_addr *src,
               uint16_t type)
{
    write_bytes(w, bytes_of(dst->octet, sizeof dst->octet));
    write_bytes(w, bytes_of(src->octet, sizeof src->octet));
    write_u16(w, type);
}
