/* SPDX-License-Identifier: ISC */
/* Path MTU discovery (RFC 1191): what is known of paths that take less than our own link does.
 * Routers tell, and may be impersonated: RFC 5927 7. Believed is only what quotes an octet that
 * is on its way, of a packet longer than what it asks for; nothing goes below
 * TCP_PATH_MTU_MIN; and after INET_PATH_NS all is forgotten. */
#include "net/inet/state.h"

/* RFC 1191 7: what a router may mean that says nothing. */
static const uint16_t plateau[] = {32000, 17914, 8166, 4352, 2002, 1492, 1006, 552};

static uint16_t below(uint16_t len)
{
    for (unsigned i = 0; i < sizeof plateau / sizeof plateau[0]; i++)
        if (plateau[i] < len)
            return plateau[i];
    return TCP_PATH_MTU_MIN;
}

static struct inet_path *find(struct inet *in, struct ip4 dst, uint64_t now)
{
    for (unsigned i = 0; i < INET_PATHS_MAX; i++)
        if (ip4_equal(in->paths[i].dst, dst) && in->paths[i].until > now)
            return &in->paths[i];
    return NULL;
}

uint16_t path_mtu(struct inet *in, struct ip4 dst, uint64_t now)
{
    const struct inet_path *p = find(in, dst, now);
    return p && p->mtu < in->cfg.mtu ? p->mtu : in->cfg.mtu;
}

/* The one that would be forgotten first gives way. */
static struct inet_path *place_for(struct inet *in, struct ip4 dst, uint64_t now)
{
    struct inet_path *p = find(in, dst, now);
    for (unsigned i = 0; !p && i < INET_PATHS_MAX; i++)
        if (in->paths[i].until <= now)
            p = &in->paths[i];
    if (p)
        return p;
    p = &in->paths[0];
    for (unsigned i = 1; i < INET_PATHS_MAX; i++)
        if (in->paths[i].until < p->until)
            p = &in->paths[i];
    return p;
}

bool path_too_big(struct inet *in, const struct icmp_quote *q, uint32_t rest, uint64_t now)
{
    uint16_t mtu = (uint16_t)rest;
    if (mtu == 0)
        mtu = below(q->total_len);
    if (mtu >= q->total_len || mtu >= path_mtu(in, q->dst, now)) {
        in->counts[INET_PATH_IGNORED]++;
        return false;
    }
    in->counts[INET_PATH_LOWERED]++;
    *place_for(in, q->dst, now) =
        (struct inet_path){.dst = q->dst,
                           .mtu = mtu > TCP_PATH_MTU_MIN ? mtu : TCP_PATH_MTU_MIN,
                           .until = now + INET_PATH_NS};
    return true;
}
