/* SPDX-License-Identifier: ISC */
#include "tests/sim/link.h"

#include <stdlib.h>

#define MS 1000000ULL

void link_init(struct link *l, struct rng *rng, unsigned max_loss)
{
    *l = (struct link){.rng = rng};
    l->delay_ns = rng_size(rng, 28); /* up to a quarter of a second */
    if (rng_chance(rng, 700))
        l->loss = (unsigned)rng_below(rng, max_loss + 1);
    if (rng_chance(rng, 500))
        l->duplication = (unsigned)rng_below(rng, 100);
    if (rng_chance(rng, 500))
        l->corruption = (unsigned)rng_below(rng, 50);
    if (rng_chance(rng, 600))
        l->jitter_ns = rng_size(rng, 27);
    if (rng_chance(rng, 400)) {
        l->octets_per_s = 20000 + rng_size(rng, 27);
        l->queue_ns = 20 * MS + rng_below(rng, 1000 * MS);
    }
}

/* When the bandwidth lets a packet through that is sent now; UINT64_MAX: it is lost. */
static uint64_t departs(struct link *l, int to, size_t len, uint64_t now)
{
    if (!l->octets_per_s)
        return now;
    uint64_t start = l->busy_until[to] > now ? l->busy_until[to] : now;
    if (start - now > l->queue_ns)
        return UINT64_MAX;
    l->busy_until[to] = start + len * 1000 * MS / l->octets_per_s;
    return l->busy_until[to];
}

static void put(struct link *l, int to, struct bytes b, uint64_t at)
{
    if (l->packets == LINK_PACKETS || at == UINT64_MAX)
        return;
    struct link_packet p = {.to = to, .len = (uint32_t)b.len, .octets = malloc(b.len)};
    if (!p.octets)
        abort();
    memcpy(p.octets, b.at, b.len);
    if (p.len > l->sound && rng_chance(l->rng, l->corruption))
        p.octets[l->sound + rng_below(l->rng, p.len - l->sound)] ^=
            (uint8_t)(1U << rng_below(l->rng, 8));
    if (p.len > l->sound && rng_chance(l->rng, l->corruption / 4))
        p.len = l->sound + (uint32_t)(1 + rng_below(l->rng, p.len - l->sound));
    p.at = at + l->delay_ns + (l->jitter_ns ? rng_below(l->rng, l->jitter_ns) : 0);
    l->packet[l->packets++] = p;
}

void link_send(struct link *l, int to, struct bytes packet, uint64_t now)
{
    uint64_t at = departs(l, to, packet.len, now);
    if (!rng_chance(l->rng, l->loss))
        put(l, to, packet, at);
    while (rng_chance(l->rng, l->duplication))
        put(l, to, packet, at);
}

static unsigned first(const struct link *l)
{
    unsigned best = 0;
    for (unsigned i = 1; i < l->packets; i++)
        if (l->packet[i].at < l->packet[best].at)
            best = i;
    return best;
}

uint64_t link_next(const struct link *l)
{
    return l->packets ? l->packet[first(l)].at : UINT64_MAX;
}

/* The order of those left is kept: of two that arrive at once the first sent comes first. */
struct link_packet link_take(struct link *l)
{
    unsigned i = first(l);
    struct link_packet p = l->packet[i];
    l->packets--;
    memmove(&l->packet[i], &l->packet[i + 1], (l->packets - i) * sizeof l->packet[0]);
    return p;
}

void link_end(struct link *l)
{
    while (l->packets)
        free(l->packet[--l->packets].octets);
}
