/* SPDX-License-Identifier: ISC */
#ifndef PROOFS_IP4_H
#define PROOFS_IP4_H

/* The contracts of net/ip4/addr.h, proved in proofs/ip4.c. */

#include "proofs/octets.h"

#include "net/ip4/addr.h"

/*@ assigns \nothing; */
static inline bool ip4_equal(struct ip4 a, struct ip4 b);

/*@ assigns \nothing; */
static inline bool ip4_is_multicast(struct ip4 a);

#endif
