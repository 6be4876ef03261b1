/* SPDX-License-Identifier: ISC */
#ifndef TESTS_LINK_RNG_H
#define TESTS_LINK_RNG_H

/* Everything a simulation leaves to chance comes from its seed (SplitMix64). */

#include <stdbool.h>
#include <stdint.h>

struct rng {
    uint64_t s;
};

static inline uint64_t rng_next(struct rng *r)
{
    uint64_t z = r->s += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

/* In [0, n). */
static inline uint64_t rng_below(struct rng *r, uint64_t n)
{
    return rng_next(r) % n;
}

/* True n times of 1000. */
static inline bool rng_chance(struct rng *r, unsigned n)
{
    return rng_below(r, 1000) < n;
}

/* In [1, 2^bits], each magnitude as likely as the others. */
static inline uint64_t rng_size(struct rng *r, unsigned bits)
{
    return 1 + rng_below(r, 1ULL << rng_below(r, bits + 1));
}

#endif
