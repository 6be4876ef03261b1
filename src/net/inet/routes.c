/* SPDX-License-Identifier: ISC */
/* Where a packet goes next (RFC 1122 3.3.1): the networks we stand in, and a short list of
 * routes. The longest prefix decides; among equals a gateway that answers, then the metric. */
#include "net/inet/state.h"

#include <errno.h>

static bool same_net(const struct ip4_net *a, const struct ip4_net *b)
{
    return a->prefix_len == b->prefix_len && ip4_equal(a->ip, b->ip);
}

/* Among several to the same network, `a` rather than `b`. */
static bool is_better(const struct inet_way *a, const struct inet_way *b)
{
    if (a->route.to.prefix_len != b->route.to.prefix_len)
        return a->route.to.prefix_len > b->route.to.prefix_len;
    if (a->dead != b->dead)
        return b->dead;
    return a->route.metric < b->route.metric;
}

static const struct inet_way *way_to(const struct inet *in, struct ip4 ip)
{
    const struct inet_way *best = NULL;
    for (unsigned i = 0; i < in->ways_len; i++) {
        const struct inet_way *w = &in->ways[i];
        if (ip4_in_net(ip, &w->route.to) && (!best || is_better(w, best)))
            best = w;
    }
    return best;
}

/* The same, unless the address stands in one of our networks, which goes before routes that say
 * no more of it. */
static const struct inet_way *way_beyond(const struct inet *in, struct ip4 ip,
                                         const struct ip4_net **near)
{
    const struct inet_way *w = way_to(in, ip);
    *near = ip4_own_net(&in->own, ip);
    return w && *near && w->route.to.prefix_len <= (*near)->prefix_len ? NULL : w;
}

struct ip4 inet_next_hop(const struct inet *in, struct ip4 ip)
{
    const struct ip4_net *near;
    if (ip4_is_loopback(ip))
        return ip;
    const struct inet_way *w = way_beyond(in, ip, &near);
    if (w)
        return w->route.gateway;
    return near ? ip : (struct ip4){0};
}

/* One number, so that interfaces can be compared: the length of the prefix, whether the gateway
 * answers, the metric. */
uint32_t inet_preference(const struct inet *in, struct ip4 ip)
{
    const struct ip4_net *near;
    if (loops(in, ip))
        return UINT32_MAX;
    const struct inet_way *w = way_beyond(in, ip, &near);
    if (w)
        return (w->route.to.prefix_len + 1U) << 17 | (w->dead ? 0U : 1U << 16) |
               (uint16_t)~w->route.metric;
    return near ? (near->prefix_len + 1U) << 17 | 0x1ffff : 0;
}

/* ---- The list ------------------------------------------------------------------------- */

static bool is_gateway(const struct inet *in, struct ip4 ip)
{
    bool near = ip4_own_net(&in->own, ip) || ip4_equal(ip, in->cfg.gateway);
    return near && ip4_own_host(&in->own, ip) && !inet_is_own(in, ip);
}

static struct inet_way *find(struct inet *in, const struct inet_route *r)
{
    for (unsigned i = 0; i < in->ways_len; i++)
        if (same_net(&in->ways[i].route.to, &r->to) &&
            ip4_equal(in->ways[i].route.gateway, r->gateway))
            return &in->ways[i];
    return NULL;
}

/* Whoever waits for a neighbour looks again for the way. */
static void look_again(struct inet *in)
{
    list_each(l, &in->waiting) {
        list_remove(l);
        list_push(&in->pending, l);
    }
}

static void forget(struct inet *in, struct inet_way *w)
{
    *w = in->ways[--in->ways_len];
    look_again(in);
}

int inet_route_add(struct inet *in, const struct inet_route *r)
{
    bool is_net = r->to.prefix_len <= 32 && (r->to.ip.n & ~ip4_mask(r->to.prefix_len)) == 0;
    if (!is_net || !is_gateway(in, r->gateway))
        return -EINVAL;
    if (find(in, r))
        return -EEXIST;
    if (in->ways_len == INET_ROUTES_MAX)
        return -ENOSPC;
    in->ways[in->ways_len++] = (struct inet_way){.route = *r};
    look_again(in);
    return 0;
}

int inet_route_remove(struct inet *in, const struct inet_route *r)
{
    struct inet_way *w = find(in, r);
    if (!w)
        return -ESRCH;
    forget(in, w);
    return 0;
}

void routes_address_gone(struct inet *in)
{
    for (unsigned i = in->ways_len; i-- > 0;)
        if (!is_gateway(in, in->ways[i].route.gateway))
            forget(in, &in->ways[i]);
}

/* ---- Gateways that do not answer (RFC 1122 3.3.1.4) ------------------------------------- */

/* With no other way to the same network a dead gateway is asked for by whoever needs it. */
void routes_news(struct inet *in, struct ip4 hop, bool found, uint64_t now)
{
    for (unsigned i = 0; i < in->ways_len; i++) {
        struct inet_way *w = &in->ways[i];
        if (!ip4_equal(w->route.gateway, hop))
            continue;
        in->counts[INET_GATEWAY_DEAD] += !found && !w->dead;
        w->dead = !found;
        w->ask_at = now + INET_GATEWAY_RETRY_NS;
    }
}

void routes_ask(struct inet *in, uint64_t now)
{
    struct eth_addr mac;
    for (unsigned i = 0; i < in->ways_len; i++) {
        struct inet_way *w = &in->ways[i];
        if (!w->dead || now < w->ask_at)
            continue;
        w->ask_at = now + INET_GATEWAY_RETRY_NS;
        w->dead = arp_find(&in->arp, w->route.gateway, now, &mac) != ARP_FOUND;
    }
}
