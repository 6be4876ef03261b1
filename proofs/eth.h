/* SPDX-License-Identifier: ISC */
#ifndef PROOFS_ETH_H
#define PROOFS_ETH_H

/* The contracts of net/eth/eth.h that others stand on, proved in proofs/eth.c. */

#include "proofs/octets.h"

#include "net/eth/eth.h"

/*@ requires \valid_read(a);
    assigns \nothing; */
bool eth_is_station(const struct eth_addr *a);

#endif
