/* SPDX-License-Identifier: ISC */
#ifndef TESTS_SIM_PROFILE_H
#define TESTS_SIM_PROFILE_H

/* Links for simulations, at random. */

#include "tests/link/link.h"

/* A link that does some of what links do, each direction for itself; of a thousand packets at
 * most `max_loss` are lost one by one. The time is `now`. */
struct link profile_of(struct rng *rng, unsigned max_loss, uint64_t now);

#endif
