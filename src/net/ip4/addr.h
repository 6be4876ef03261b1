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

#endif
