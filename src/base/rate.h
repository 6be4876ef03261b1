/* SPDX-License-Identifier: ISC */
#ifndef BASE_RATE_H
#define BASE_RATE_H

/* A limit on how often something may happen: once in interval_ns on average, and at most
 * `burst` times at once. One number is all its state; all zero is a fresh one. */

#include <stdbool.h>
#include <stdint.h>

struct rate {
    uint64_t paid_until; /* the moment up to which its uses have used time up */
};

/* Whether it may happen now; if so, it has. */
static inline bool rate_allows(struct rate *r, uint64_t interval_ns, unsigned burst,
                               uint64_t now)
{
    uint64_t from = r->paid_until > now ? r->paid_until : now;
    if (from - now > interval_ns * (burst - 1))
        return false;
    r->paid_until = from + interval_ns;
    return true;
}

#endif
