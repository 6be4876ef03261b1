/* SPDX-License-Identifier: ISC */
#ifndef DRUPE_RANDOM_H
#define DRUPE_RANDOM_H

/* Random numbers fit for keys: a ChaCha20 generator with fast key erasure,
 * seeded at start-up from the CPU and from what the tender offers, and again
 * now and then. An image that finds no source of randomness does not start. */

#include <drupe/base.h>

#pragma GCC visibility push(default)

/* Fills buf. Never waits, never fails. */
void dr_random(void *buf, size_t len);
uint32_t dr_random_u32(void);
uint64_t dr_random_u64(void);
/* Uniform in [0, below); below > 0. */
uint32_t dr_random_below(uint32_t below);

#pragma GCC visibility pop
#endif
