/* SPDX-License-Identifier: ISC */
#ifndef NET_IP4_ADDR_H
#define NET_IP4_ADDR_H

#include <stdbool.h>
#include <stdint.h>

/* An IPv4 address, in host order: 10.0.0.2 is {0x0a000002}. */
struct ip4 {
    uint32_t n;
};

static inline struct ip4 ip4_of(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    return (struct ip4){(uint32_t)a << 24 | (uint32_t)b << 16 | (uint32_t)c << 8 | d};
}

static inline bool ip4_equal(struct ip4 a, struct ip4 b)
{
    return a.n == b.n;
}

/* Ports in host order. */
struct ip4_endpoint {
    struct ip4 ip;
    uint16_t port;
};

/* An address and the network it stands in: 10.0.0.2/24. */
struct ip4_net {
    struct ip4 ip;
    uint8_t prefix_len; /* 0..32 */
};

static inline uint32_t ip4_mask(uint8_t prefix_len)
{
    return prefix_len == 0 ? 0 : UINT32_MAX << (32 - prefix_len);
}

static inline bool ip4_in_net(struct ip4 a, const struct ip4_net *net)
{
    return ((a.n ^ net->ip.n) & ip4_mask(net->prefix_len)) == 0;
}

/* 255.255.255.255, or the network's own broadcast address, which networks of one or two
 * addresses do not have (RFC 1122 3.2.1.3; RFC 3021). */
static inline bool ip4_is_broadcast(struct ip4 a, const struct ip4_net *net)
{
    if (a.n == UINT32_MAX)
        return true;
    return net->prefix_len <= 30 && ip4_in_net(a, net) &&
           (a.n | ip4_mask(net->prefix_len)) == UINT32_MAX;
}

/* Whether a host may have the address, as seen from the network: none of 0/8, 127/8, 224/4
 * (multicast), 240/4 (reserved), nor the network's own number or broadcast address
 * (RFC 1122 3.2.1.3, RFC 6890). */
bool ip4_is_host(struct ip4 a, const struct ip4_net *net);

/* 224/4 (RFC 1112 4). */
static inline bool ip4_is_multicast(struct ip4 a)
{
    return a.n >> 28 == 14;
}

static inline bool ip4_is_loopback(struct ip4 a)
{
    return a.n >> 24 == 127;
}

#define IP4_OWN_MAX 8U /* addresses of one interface */

/* The addresses that are an interface's own, the first of them its main one, and the networks
 * they stand in. */
struct ip4_own {
    struct ip4_net net[IP4_OWN_MAX];
    unsigned len; /* 1..IP4_OWN_MAX */
    /* A gateway that stands for all hosts: every host's address but `but` is its own too. */
    bool all;
    struct ip4 but;
};

static inline struct ip4_own ip4_own_of(struct ip4 ip, uint8_t prefix_len)
{
    return (struct ip4_own){.net = {{ip, prefix_len}}, .len = 1};
}

/* Which of the listed addresses it is: `len` for none. */
unsigned ip4_own_index(const struct ip4_own *own, struct ip4 a);
/* Whether it is one of the listed, or one that the interface stands for. */
bool ip4_own_has(const struct ip4_own *own, struct ip4 a);
/* The listed network that the address stands in; NULL for none. Of several the one with the
 * longest prefix. */
const struct ip4_net *ip4_own_net(const struct ip4_own *own, struct ip4 a);
/* ip4_is_broadcast and ip4_is_host, in view of all networks of the interface. */
bool ip4_own_broadcast(const struct ip4_own *own, struct ip4 a);
bool ip4_own_host(const struct ip4_own *own, struct ip4 a);

#endif
