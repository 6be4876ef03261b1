/* SPDX-License-Identifier: ISC */
#include "host/gateway/packet.h"
#include "base/checksum.h"

#define FRAGMENT 0x3fffU /* more of them, or not the first */

static enum packet_verdict parse_ip4(struct bytes payload, struct packet *p)
{
    struct reader r = reader_of(payload);
    uint8_t version_len = read_u8(&r);
    read_u8(&r);
    size_t header = (version_len & 15U) * 4, total = read_u16(&r);
    read_u16(&r);
    uint16_t fragment = read_u16(&r);
    read_u8(&r);
    p->protocol = read_u8(&r);
    read_u16(&r);
    p->src = (struct ip4){read_u32(&r)};
    p->dst = (struct ip4){read_u32(&r)};
    if (r.ran_out || version_len >> 4 != 4 || header < IP4_HEADER_MIN || total < header ||
        total > payload.len)
        return PACKET_MALFORMED;
    if (checksum_end(checksum_add(0, bytes_of(payload.at, header))) != 0)
        return PACKET_MALFORMED;
    p->whole = bytes_of(payload.at, total);
    p->payload = bytes_of(payload.at + header, total - header);
    return fragment & FRAGMENT ? PACKET_FRAGMENT : PACKET_OK;
}

static enum packet_verdict eth_verdict(enum eth_verdict v)
{
    switch (v) {
    case ETH_OK:
        return PACKET_OK;
    case ETH_UNKNOWN_TYPE:
        return PACKET_PROTOCOL;
    case ETH_TRUNCATED:
        return PACKET_MALFORMED;
    case ETH_NOT_FOR_US:
    case ETH_BAD_SOURCE:
    case ETH_OWN_SOURCE:
    case ETH_VERDICT_COUNT:
        return PACKET_ETHERNET;
    }
    return PACKET_ETHERNET;
}

enum packet_verdict packet_parse(struct bytes frame, const struct eth_addr *own,
                                 struct packet *out)
{
    struct eth_frame f;
    struct packet p = {0};
    enum packet_verdict v = eth_verdict(eth_parse(frame, own, &f));
    if (v != PACKET_OK)
        return v;
    p.from = f.src;
    p.is_arp = f.type == ETH_ARP;
    if (!p.is_arp)
        v = parse_ip4(f.payload, &p);
    else if (arp_parse(f.payload, &p.arp) != ARP_OK)
        v = PACKET_MALFORMED;
    if (v == PACKET_OK)
        *out = p;
    return v;
}
