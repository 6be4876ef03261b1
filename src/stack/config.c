/* SPDX-License-Identifier: ISC */
#include "stack/config.h"

struct ip4 ip4_from(const struct dr_ip *ip)
{
    const uint8_t *o = ip->octet + 12;
    return ip4_of(o[0], o[1], o[2], o[3]);
}

struct dr_ip ip4_to_ip(struct ip4 ip)
{
    return dr_ip4((uint8_t)(ip.n >> 24), (uint8_t)(ip.n >> 16), (uint8_t)(ip.n >> 8),
                  (uint8_t)ip.n);
}

struct dr_endpoint ip4_to_endpoint(struct ip4_endpoint e)
{
    return (struct dr_endpoint){.ip = ip4_to_ip(e.ip), .port = e.port};
}

static uint32_t host_bits(uint8_t prefix_len)
{
    return prefix_len == 0 ? UINT32_MAX : (uint32_t)((UINT64_C(1) << (32 - prefix_len)) - 1);
}

/* What no host of a network with those host bits may be called. Networks of /31 and
 * /32 have no addresses of their own (RFC 3021 2.1). */
static const char *not_a_host(struct ip4 ip, uint32_t host)
{
    if (ip.n >> 24 == 0)
        return "is no host's address (0.0.0.0/8 means \"this network\")";
    if (ip.n >> 24 == 127)
        return "is a loopback address, which no network carries";
    if (ip.n >> 28 == 14)
        return "is a multicast address";
    if (ip.n >> 28 == 15)
        return "is a reserved or broadcast address";
    if (host > 1 && (ip.n & host) == 0)
        return "is the network itself, not a host in it";
    if (host > 1 && (ip.n & host) == host)
        return "is the broadcast address of its network";
    return NULL;
}

static const char *gateway_fault(struct ip4 gateway, struct ip4 own, uint32_t host)
{
    if (ip4_equal(gateway, own))
        return "is the device's own address";
    if ((gateway.n & ~host) != (own.n & ~host))
        return "is not inside the network of --ipv4";
    return not_a_host(gateway, host);
}

const char *config_fault(const struct dr_net_config *c, bool *of_gateway)
{
    *of_gateway = false;
    if (!dr_ip_is4(&c->ipv4.ip))
        return "is not an IPv4 address";
    if (c->ipv4.len > 32)
        return "has a prefix longer than 32 bits";
    uint32_t host = host_bits(c->ipv4.len);
    struct ip4 own = ip4_from(&c->ipv4.ip);
    const char *fault = not_a_host(own, host);
    if (fault || dr_ip_is_zero(&c->ipv4_gateway))
        return fault;
    *of_gateway = true;
    if (!dr_ip_is4(&c->ipv4_gateway))
        return "is not an IPv4 address";
    return gateway_fault(ip4_from(&c->ipv4_gateway), own, host);
}
