/* SPDX-License-Identifier: ISC */
#ifndef PROOFS_LIBC_H
#define PROOFS_LIBC_H

/* What the proofs know of the C library: its two functions that walk octets, with octets as
 * their type, which the prover's memory model follows exactly where `void *` would lose it. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define memcpy octets_copy
#define memcmp octets_compare

// assumed: octets_copy octets_compare

/*@ requires \valid(to + (0 .. n - 1)) && \valid_read(from + (0 .. n - 1));
    requires \separated(to + (0 .. n - 1), from + (0 .. n - 1));
    assigns to[0 .. n - 1] \from from[0 .. n - 1]; */
void octets_copy(uint8_t *to, const uint8_t *from, size_t n);

/*@ requires \valid_read(a + (0 .. n - 1)) && \valid_read(b + (0 .. n - 1));
    assigns \result \from a[0 .. n - 1], b[0 .. n - 1]; */
int octets_compare(const uint8_t *a, const uint8_t *b, size_t n);

#endif
