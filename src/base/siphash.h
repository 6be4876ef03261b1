/* SPDX-License-Identifier: ISC */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

/* SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash of short inputs, for
 * tables a peer can aim at and for numbers it must not guess. */

#include "base/octets.h"

struct siphash_key {
    uint64_t k0, k1;
};

uint64_t siphash(const struct siphash_key *key, struct bytes in);

#endif
