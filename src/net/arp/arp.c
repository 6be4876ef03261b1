/* SPDX-License-Identifier: ISC */
#include "net/arp/arp.h"

enum { HARDWARE_ETHERNET = 1, ADDRESS_LENS = 6 << 8 | 4 };

static struct eth_addr read_mac(struct reader *r)
{
    struct eth_addr a = {{0}};
    struct bytes b = read_bytes(r, sizeof a.octet);
    if (b.len == sizeof a.octet)
        memcpy(a.octet, b.at, sizeof a.octet);
    return a;
}

enum arp_verdict arp_parse(struct bytes packet, struct arp_packet *out)
{
    struct reader r = reader_of(packet);
    uint16_t hardware = read_u16(&r), protocol = read_u16(&r), lens = read_u16(&r);
    struct arp_packet p;
    p.op = read_u16(&r);
    p.sender_mac = read_mac(&r);
    p.sender = (struct ip4){read_u32(&r)};
    p.target_mac = read_mac(&r);
    p.target = (struct ip4){read_u32(&r)};
    if (r.ran_out)
        return ARP_TRUNCATED;
    if (hardware != HARDWARE_ETHERNET || protocol != ETH_IP4 || lens != ADDRESS_LENS)
        return ARP_BAD_FORMAT;
    if (p.op != ARP_REQUEST && p.op != ARP_REPLY)
        return ARP_BAD_OP;
    if (!eth_is_station(&p.sender_mac))
        return ARP_BAD_SENDER;
    *out = p;
    return ARP_OK;
}

void arp_print(struct writer *w, const struct arp_packet *p)
{
    write_u16(w, HARDWARE_ETHERNET);
    write_u16(w, ETH_IP4);
    write_u16(w, ADDRESS_LENS);
    write_u16(w, p->op);
    write_bytes(w, bytes_of(p->sender_mac.octet, sizeof p->sender_mac.octet));
    write_u32(w, p->sender.n);
    write_bytes(w, bytes_of(p->target_mac.octet, sizeof p->target_mac.octet));
    write_u32(w, p->target.n);
}
