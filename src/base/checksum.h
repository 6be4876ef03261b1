/* SPDX-License-Identifier: ISC */
#ifndef BASE_CHECKSUM_H
#define BASE_CHECKSUM_H

/* The Internet checksum (RFC 1071). A partial sum is carried from part to part;
 * every part but the last has an even number of octets. Numbers of 16 or 32 bits in
 * host order may also be added to a partial sum with `+`, as for a pseudo-header. */

#include "base/octets.h"

/* `sum` (0 to begin) with the octets added. At most 0xffff more than `sum`. */
uint64_t checksum_add(uint64_t sum, struct bytes b);

/* The 16 bits to write, in host order (write_u16 puts them on the wire). Over data
 * that includes a right checksum it is 0. */
uint16_t checksum_end(uint64_t sum);

#endif
