/* SPDX-License-Identifier: ISC */
#ifndef DRUPE_IP_H
#define DRUPE_IP_H

/* Internet addresses, of either version: an IPv4 address is held in its
 * IPv4-mapped form, ::ffff:a.b.c.d (RFC 4291 2.5.5.2). Octets stand in network
 * order; ports are in host order. Nothing here waits or allocates. */

#include <drupe/base.h>

struct dr_ip {
    uint8_t octet[16];
};

/* An address with the length of its network's prefix: 10.0.0.2/24. */
struct dr_prefix {
    struct dr_ip ip;
    uint8_t len; /* bits: 0..32 for IPv4, 0..128 for IPv6 */
};

/* A way to a network through a router. Of several the one with the longest prefix is taken, of
 * equal ones one whose gateway answers, then that with the lowest metric. */
struct dr_route {
    struct dr_prefix to; /* no bits set beyond its length; 0.0.0.0/0 is everything */
    struct dr_ip gateway;
    uint16_t metric;
};

struct dr_endpoint {
    struct dr_ip ip;
    uint16_t port;
};

#define DR_IP_TEXT_MAX       46 /* octets with the final NUL */
#define DR_ENDPOINT_TEXT_MAX 54 /* "[...]:65535" likewise */

#pragma GCC visibility push(default)

/* 10.0.0.2 is dr_ip4(10, 0, 0, 2). */
struct dr_ip dr_ip4(uint8_t a, uint8_t b, uint8_t c, uint8_t d);
bool dr_ip_is4(const struct dr_ip *ip);
bool dr_ip_is_zero(const struct dr_ip *ip); /* 0.0.0.0 or :: */
bool dr_ip_equal(const struct dr_ip *a, const struct dr_ip *b);

/* Strict: four decimal numbers without leading zeroes for IPv4. The whole text
 * must be the address. Return 0 or -EINVAL, and write only when 0. */
DR_CHECKED int dr_ip_parse(const char *text, struct dr_ip *ip);
DR_CHECKED int dr_prefix_parse(const char *text, struct dr_prefix *p);

/* Write the text with a final NUL and return `buf`. */
const char *dr_ip_print(const struct dr_ip *ip, char buf[DR_IP_TEXT_MAX]);
const char *dr_endpoint_print(const struct dr_endpoint *e, char buf[DR_ENDPOINT_TEXT_MAX]);

#pragma GCC visibility pop
#endif
