/* SPDX-License-Identifier: ISC */
#ifndef PROOFS_CHECKSUM_H
#define PROOFS_CHECKSUM_H

/* The contracts of base/checksum.h, proved in proofs/checksum.c. */

#include "proofs/octets.h"

#include "base/checksum.h"

/*@ requires view(b);
    assigns \nothing; */
uint64_t checksum_add(uint64_t sum, struct bytes b);

/*@ assigns \nothing; */
uint16_t checksum_end(uint64_t sum);

#endif
