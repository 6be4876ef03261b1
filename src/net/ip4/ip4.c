/* SPDX-License-Identifier: ISC */
#include "net/ip4/ip4.h"

#include "base/check.h"
#include "base/checksum.h"

enum option { END = 0, NO_OPERATION = 1, LOOSE_ROUTE = 131, STRICT_ROUTE = 137 };

bool ip4_is_host(struct ip4 a, const struct ip4_net *net)
{
    uint32_t first = a.n >> 24;
    if (first == 0 || first == 127 || first >= 224 || ip4_is_broadcast(a, net))
        return false;
    bool is_the_network =
        net->prefix_len <= 30 && ip4_in_net(a, net) && (a.n & ~ip4_mask(net->prefix_len)) == 0;
    return !is_the_network;
}

unsigned ip4_own_index(const struct ip4_own *own, struct ip4 a)
{
    unsigned i = 0;
    /*@ loop invariant 0 <= i <= own->len;
        loop assigns i;
        loop variant own->len - i; */
    while (i < own->len && !ip4_equal(own->net[i].ip, a))
        i++;
    return i;
}

bool ip4_own_has(const struct ip4_own *own, struct ip4 a)
{
    if (ip4_own_index(own, a) < own->len)
        return true;
    return own->all && !ip4_equal(a, own->but) && ip4_own_host(own, a);
}

const struct ip4_net *ip4_own_net(const struct ip4_own *own, struct ip4 a)
{
    const struct ip4_net *best = NULL;
    /*@ loop invariant best == \null || (\valid_read(best) && best->prefix_len <= 32);
        loop invariant 0 <= i <= own->len;
        loop assigns i, best;
        loop variant own->len - i; */
    for (unsigned i = 0; i < own->len; i++) {
        const struct ip4_net *net = &own->net[i];
        if (ip4_in_net(a, net) && (!best || net->prefix_len > best->prefix_len))
            best = net;
    }
    return best;
}

bool ip4_own_broadcast(const struct ip4_own *own, struct ip4 a)
{
    /*@ loop invariant 0 <= i <= own->len;
        loop assigns i;
        loop variant own->len - i; */
    for (unsigned i = 0; i < own->len; i++)
        if (ip4_is_broadcast(a, &own->net[i]))
            return true;
    return false;
}

bool ip4_own_host(const struct ip4_own *own, struct ip4 a)
{
    /*@ loop invariant 0 <= i <= own->len;
        loop assigns i;
        loop variant own->len - i; */
    for (unsigned i = 0; i < own->len; i++)
        if (!ip4_is_host(a, &own->net[i]))
            return false;
    return true;
}

/* Every option but the two of one octet has a length that counts itself and its type
 * (RFC 791 3.1). Unknown ones are passed over (RFC 1122 3.2.1.8). */
static enum ip4_verdict walk_options(struct bytes options, uint8_t *fault_at)
{
    struct reader r = reader_of(options);
    /*@ loop invariant cursor(&r) && !r.ran_out;
        loop assigns r.at, r.ran_out, *fault_at;
        loop variant r.end - r.at; */
    while (reader_left(&r) > 0) {
        *fault_at = (uint8_t)(IP4_HEADER_MIN + options.len - reader_left(&r));
        uint8_t type = read_u8(&r);
        if (type == END)
            return IP4_OK;
        if (type == NO_OPERATION)
            continue;
        uint8_t len = read_u8(&r);
        if (len < 2)
            return IP4_BAD_OPTION;
        read_bytes(&r, len - 2U);
        if (r.ran_out)
            return IP4_BAD_OPTION;
        if (type == LOOSE_ROUTE || type == STRICT_ROUTE)
            return IP4_SOURCE_ROUTE;
    }
    return IP4_OK;
}

/* What no other host can have as its address (RFC 1122 3.2.1.3, RFC 1812 5.3.7). */
static enum ip4_verdict source_fault(struct ip4 src, const struct ip4_own *own)
{
    if (src.n >> 24 == 0)
        return IP4_SOURCE_ZERO;
    if (ip4_is_loopback(src))
        return IP4_SOURCE_LOOPBACK;
    if (ip4_is_multicast(src))
        return IP4_SOURCE_MULTICAST;
    if (ip4_own_broadcast(own, src))
        return IP4_SOURCE_BROADCAST;
    if (src.n >> 28 == 15)
        return IP4_SOURCE_RESERVED;
    if (!ip4_own_host(own, src))
        return IP4_SOURCE_NETWORK;
    return ip4_own_has(own, src) ? IP4_SOURCE_OWN : IP4_OK;
}

static enum ip4_verdict destination_fault(struct ip4 dst)
{
    if (dst.n >> 24 == 0)
        return IP4_TO_ZERO;
    if (ip4_is_loopback(dst))
        return IP4_TO_LOOPBACK;
    return dst.n >> 28 == 15 ? IP4_TO_RESERVED : IP4_NOT_FOR_US;
}

static enum ip4_verdict accept_addresses(struct ip4_packet *p, const struct ip4_own *own)
{
    if (!own)
        return IP4_OK;
    p->to_broadcast = ip4_own_broadcast(own, p->dst) || ip4_is_multicast(p->dst);
    if (!p->to_broadcast && !ip4_own_has(own, p->dst))
        return destination_fault(p->dst);
    return source_fault(p->src, own);
}

/* The parts of a packet whose lengths are known to be right. */
static enum ip4_verdict parse_fields(struct bytes whole, size_t header_len,
                                     const struct ip4_own *own, struct ip4_packet *out)
{
    struct reader r = reader_of(bytes_of(whole.at, header_len));
    struct ip4_packet p = {.whole = whole};
    p.payload = bytes_of(whole.at + header_len, whole.len - header_len);
    p.has_options = header_len > IP4_HEADER_MIN;
    read_u8(&r);
    p.tos = read_u8(&r);
    read_u16(&r);
    p.id = read_u16(&r);
    uint16_t fragment = read_u16(&r);
    p.more_fragments = fragment & IP4_MORE_FRAGMENTS;
    p.fragment_at = (fragment & IP4_FRAGMENT_AT) * 8U;
    p.ttl = read_u8(&r);
    p.protocol = read_u8(&r);
    read_u16(&r);
    p.src = (struct ip4){read_u32(&r)};
    p.dst = (struct ip4){read_u32(&r)};
    enum ip4_verdict v = accept_addresses(&p, own);
    if (v == IP4_OK)
        v = walk_options(read_rest(&r), &p.fault_at);
    //@ assert parts_of(p, whole);
    if (v == IP4_OK || v == IP4_BAD_OPTION)
        *out = p;
    return v;
}

enum ip4_verdict ip4_parse(struct bytes packet, const struct ip4_own *own,
                           struct ip4_packet *out)
{
    if (packet.len < IP4_HEADER_MIN)
        return IP4_TRUNCATED;
    struct reader r = reader_of(packet);
    uint8_t first = read_u8(&r);
    size_t header_len = (first & 15U) * 4;
    read_u8(&r);
    size_t total_len = read_u16(&r);
    if (first >> 4 != 4)
        return IP4_BAD_VERSION;
    if (header_len < IP4_HEADER_MIN || header_len > total_len)
        return IP4_BAD_HEADER_LEN;
    if (total_len > packet.len)
        return IP4_TRUNCATED;
    if (checksum_end(checksum_add(0, bytes_of(packet.at, header_len))) != 0)
        return IP4_BAD_CHECKSUM;
    return parse_fields(bytes_of(packet.at, total_len), header_len, own, out);
}

#define ROUTER_ALERT     0x94040000U
#define ROUTER_ALERT_LEN 4U

void ip4_print_head(struct writer *w, const struct ip4_head *h, size_t payload_len)
{
    size_t header_len = IP4_HEADER_MIN + (h->router_alert ? ROUTER_ALERT_LEN : 0);
    check(payload_len <= UINT16_MAX - header_len);
    uint16_t total_len = (uint16_t)(header_len + payload_len);
    uint16_t ttl_protocol = (uint16_t)(h->ttl << 8 | h->protocol);
    uint16_t first = (uint16_t)(0x4000U | header_len / 4 << 8 | h->tos);
    uint64_t sum = (uint64_t)first + total_len + h->id + h->fragment + ttl_protocol +
                   (h->router_alert ? ROUTER_ALERT : 0);
    write_u16(w, first);
    write_u16(w, total_len);
    write_u16(w, h->id);
    write_u16(w, h->fragment);
    write_u16(w, ttl_protocol);
    write_u16(w, checksum_end(sum + h->src.n + h->dst.n));
    write_u32(w, h->src.n);
    write_u32(w, h->dst.n);
    if (h->router_alert)
        write_u32(w, ROUTER_ALERT);
}

struct ip4_head ip4_head_of(struct ip4 src, struct ip4 dst, uint8_t protocol)
{
    return (struct ip4_head){.src = src,
                             .dst = dst,
                             .protocol = protocol,
                             .ttl = IP4_TTL,
                             .fragment = IP4_DONT_FRAGMENT};
}

void ip4_print(struct writer *w, struct ip4 src, struct ip4 dst, uint8_t protocol,
               size_t payload_len)
{
    struct ip4_head h = ip4_head_of(src, dst, protocol);
    ip4_print_head(w, &h, payload_len);
}
