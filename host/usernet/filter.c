/* SPDX-License-Identifier: ISC */
#include "host/usernet/filter.h"
#include "base/checksum.h"

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_ARP  0x0806
#define ARP_LEN        28
#define PROTOCOL_TCP   6
#define PROTOCOL_UDP   17
#define GATEWAY        0x0a000001U
#define NETWORK        0x0a000000U
#define NETWORK_MASK   0xffffff00U
#define TCP_SYN        0x02
#define TCP_RST        0x04
#define TCP_ACK        0x10

struct packet {
    uint8_t protocol;
    bool later_fragment; /* no transport header */
    uint32_t src, dst;
    struct bytes payload;
};

/* The IPv4 packet behind an Ethernet header. False: it is cut short. */
static bool packet_parse(struct reader r, struct packet *p)
{
    size_t whole = reader_left(&r);
    uint8_t version_ihl = read_u8(&r);
    read_u8(&r);
    uint16_t total = read_u16(&r);
    read_u16(&r);
    uint16_t fragment = read_u16(&r);
    read_u8(&r);
    p->protocol = read_u8(&r);
    read_u16(&r);
    p->src = read_u32(&r);
    p->dst = read_u32(&r);
    size_t header = (size_t)(version_ihl & 15) * 4;
    if (r.ran_out || version_ihl >> 4 != 4 || header < 20 || total < header || total > whole)
        return false;
    read_bytes(&r, header - 20);
    p->payload = read_bytes(&r, total - header);
    p->later_fragment = (fragment & 0x1fff) != 0;
    return !r.ran_out;
}

static bool reachable(uint32_t dst)
{
    uint32_t top = dst >> 24;
    if (top == 0 || top == 127 || top >= 224)
        return false;
    return (dst & NETWORK_MASK) != NETWORK || dst == GATEWAY;
}

static size_t slot_of(struct usernet_flow f)
{
    uint32_t hash = ((uint32_t)f.client << 16 | f.image) * 0x9e3779b1U;
    return hash >> 22 & (USERNET_FLOWS - 1);
}

/* A datagram to the gateway; the published port it answers from is its source. */
static enum usernet_verdict udp_to_gateway(const struct usernet_flows *flows, struct packet *p)
{
    struct reader r = reader_of(p->payload);
    struct usernet_flow f = {.image = read_u16(&r)};
    f.client = read_u16(&r);
    if (r.ran_out)
        return USERNET_SHORT;
    const struct usernet_flow *known = &flows->slot[slot_of(f)];
    bool answer = f.client != 0 && known->client == f.client && known->image == f.image;
    return answer ? USERNET_PASS : USERNET_FORBIDDEN;
}

static enum usernet_verdict tcp_to_gateway(struct packet *p)
{
    struct reader r = reader_of(p->payload);
    read_bytes(&r, 13);
    uint8_t flags = read_u8(&r);
    read_bytes(&r, 6);
    if (r.ran_out)
        return USERNET_SHORT;
    return (flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN ? USERNET_REFUSED : USERNET_PASS;
}

static enum usernet_verdict to_gateway(const struct usernet_flows *flows, struct packet *p)
{
    if (p->protocol != PROTOCOL_TCP && p->protocol != PROTOCOL_UDP)
        return USERNET_PASS;
    /* Ports of a later fragment cannot be told; nothing of this network needs one. */
    if (p->later_fragment)
        return USERNET_FORBIDDEN;
    return p->protocol == PROTOCOL_TCP ? tcp_to_gateway(p) : udp_to_gateway(flows, p);
}

enum usernet_verdict usernet_filter(const struct usernet_flows *flows, struct bytes frame)
{
    struct reader r = reader_of(frame);
    struct packet p;
    read_bytes(&r, 12);
    uint16_t type = read_u16(&r);
    if (r.ran_out)
        return USERNET_SHORT;
    if (type == ETHERTYPE_ARP)
        return reader_left(&r) < ARP_LEN ? USERNET_SHORT : USERNET_PASS;
    if (type != ETHERTYPE_IPV4)
        return USERNET_PROTOCOL;
    if (!packet_parse(r, &p))
        return USERNET_SHORT;
    if (!reachable(p.dst))
        return USERNET_FORBIDDEN;
    return p.dst == GATEWAY ? to_gateway(flows, &p) : USERNET_PASS;
}

void usernet_note(struct usernet_flows *flows, struct bytes frame)
{
    struct reader r = reader_of(frame);
    struct packet p;
    read_bytes(&r, 12);
    if (read_u16(&r) != ETHERTYPE_IPV4 || !packet_parse(r, &p))
        return;
    if (p.protocol != PROTOCOL_UDP || p.src != GATEWAY || p.later_fragment)
        return;
    struct reader udp = reader_of(p.payload);
    struct usernet_flow f = {.client = read_u16(&udp)};
    f.image = read_u16(&udp);
    if (!udp.ran_out)
        flows->slot[slot_of(f)] = f;
}

/* What a RST needs of the segment that it refuses. */
struct refused {
    struct bytes to, from;
    uint32_t image, gateway;
    uint16_t image_port, port;
    uint32_t seq;
};

static struct refused refused_of(struct bytes frame)
{
    struct reader r = reader_of(frame);
    struct refused x = {.from = read_bytes(&r, 6)};
    x.to = read_bytes(&r, 6);
    read_bytes(&r, 2);
    struct packet p = {0};
    packet_parse(r, &p);
    struct reader tcp = reader_of(p.payload);
    x.image = p.src;
    x.gateway = p.dst;
    x.image_port = read_u16(&tcp);
    x.port = read_u16(&tcp);
    x.seq = read_u32(&tcp);
    return x;
}

static void put_u16(uint8_t *at, uint16_t v)
{
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
}

void usernet_reset(struct bytes frame, uint8_t out[USERNET_RESET_SIZE])
{
    struct refused x = refused_of(frame);
    struct writer w = writer_of(out, USERNET_RESET_SIZE);
    write_bytes(&w, x.to);
    write_bytes(&w, x.from);
    write_u16(&w, ETHERTYPE_IPV4);
    write_u32(&w, 0x45000028); /* version, header length, no service; 40 octets in all */
    write_u32(&w, 0x00004000); /* do not fragment */
    write_u32(&w, 0x40060000); /* 64 hops, TCP, the checksum below */
    write_u32(&w, x.gateway);
    write_u32(&w, x.image);
    write_u16(&w, x.port);
    write_u16(&w, x.image_port);
    write_u32(&w, 0);
    write_u32(&w, x.seq + 1);
    write_u16(&w, 0x5000 | TCP_RST | TCP_ACK);
    write_u16(&w, 0);
    write_u32(&w, 0);
    const uint8_t rest[4] = {0, PROTOCOL_TCP, 0, 20};
    put_u16(out + 24, checksum_end(checksum_add(0, bytes_of(out + 14, 20))));
    uint64_t sum = checksum_add(0, bytes_of(out + 26, 8)); /* the two addresses */
    sum = checksum_add(sum, bytes_of(rest, sizeof rest));
    put_u16(out + 50, checksum_end(checksum_add(sum, bytes_of(out + 34, 20))));
}
