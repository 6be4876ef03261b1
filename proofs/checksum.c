/* SPDX-License-Identifier: ISC */
/* checksum_add reads the view it is given and no octet beyond, and ends. */

// left out: load from_host_order: copies between octets and words
// assumed: load from_host_order

#include "proofs/checksum.h"

/* What the loads do is a copy of 8 octets to a word, which the memory model does not follow:
 * their contract is taken for true. */
/*@ requires \valid_read(at + (0 .. 7));
    assigns \nothing; */
static uint64_t load(const uint8_t *at);

/*@ assigns \nothing; */
static uint64_t add(uint64_t sum, uint64_t w);

/*@ assigns \nothing; */
static uint16_t fold(uint64_t sum);

/*@ assigns \nothing; */
static uint16_t from_host_order(uint16_t v);

/*@ requires blocks <= 0x3ffffffffffffff;
    requires blocks > 0 ==> \valid_read(at + (0 .. 32 * blocks - 1));
    assigns \nothing; */
static uint64_t add_blocks(const uint8_t *at, size_t blocks);

#include "base/checksum.c"
