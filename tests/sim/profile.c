/* SPDX-License-Identifier: ISC */
#include "tests/sim/profile.h"

#define MS  1000000ULL
#define SEC 1000000000ULL

#define PER_MILLE (LINK_SURE / 1000)
#define MTU_LEAST 576U /* what hosts may count on (RFC 1122 3.3.3) */

static uint32_t chance(struct rng *rng, unsigned max_per_mille)
{
    return (uint32_t)rng_below(rng, max_per_mille * PER_MILLE);
}

static void bottleneck(struct link_way *way, struct rng *rng)
{
    way->octets_per_s = 20000 + rng_size(rng, 27);
    way->queue_ns = 20 * MS + rng_below(rng, 1000 * MS);
    if (rng_chance(rng, 500))
        way->mark_above_ns = 1 + rng_below(rng, way->queue_ns);
}

/* Bursts of 10 packets in the mean at most. */
static void bursts(struct link_way *way, struct rng *rng)
{
    way->burst_begins = chance(rng, 10);
    way->burst_ends = 100 * PER_MILLE + chance(rng, 900);
    way->burst_loss = 500 * PER_MILLE + chance(rng, 500);
}

/* The path becomes another one, or was narrow from the beginning. */
static void narrow(struct link_way *way, struct rng *rng, uint64_t now)
{
    way->mtu = MTU_LEAST + (uint32_t)rng_below(rng, 1500 - MTU_LEAST);
    way->mtu_from = rng_chance(rng, 500) ? now : now + rng_below(rng, 20 * SEC);
    way->silent = rng_chance(rng, 300);
}

static struct link_way way_of(struct rng *rng, unsigned max_loss, uint64_t now)
{
    struct link_way way = {.delay_ns = rng_size(rng, 28)}; /* up to a quarter of a second */
    if (rng_chance(rng, 700) && max_loss)
        way.loss = chance(rng, max_loss);
    if (rng_chance(rng, 200))
        bursts(&way, rng);
    if (rng_chance(rng, 500))
        way.duplication = chance(rng, 100);
    if (rng_chance(rng, 500))
        way.corruption = chance(rng, 50);
    if (rng_chance(rng, 600))
        way.jitter_ns = rng_size(rng, 27);
    if (rng_chance(rng, 300)) {
        way.holding = chance(rng, 100);
        way.hold_ns = rng_size(rng, 27);
    }
    if (rng_chance(rng, 400))
        bottleneck(&way, rng);
    if (rng_chance(rng, 300))
        way.marking = chance(rng, 100);
    if (rng_chance(rng, 200))
        narrow(&way, rng, now);
    return way;
}

/* Half of all links are the same both ways. */
struct link profile_of(struct rng *rng, unsigned max_loss, uint64_t now)
{
    struct link l = {.rng = rng};
    l.way[1] = way_of(rng, max_loss, now);
    l.way[0] = rng_chance(rng, 500) ? l.way[1] : way_of(rng, max_loss, now);
    for (int to = 0; to < 2; to++)
        l.way[to].losses.s = rng_next(rng);
    return l;
}
