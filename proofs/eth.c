/* SPDX-License-Identifier: ISC */
/* Whatever the frame: eth_parse reads only octets of it, and ends; the payload it gives is a
 * view of them. */

// left out: eth_print eth_of_group: they write
// also: eth_equal eth_is_group

#include "proofs/eth.h"

/*@ requires \valid_read(a) && \valid_read(b);
    assigns \nothing; */
static inline bool eth_equal(const struct eth_addr *a, const struct eth_addr *b);

/*@ requires \valid_read(a);
    assigns \nothing; */
static inline bool eth_is_group(const struct eth_addr *a);

/*@ requires \valid(r) && cursor(r);
    assigns r->at, r->ran_out;
    ensures moved{Pre, Post}(r, 6);
    ensures r->ran_out <==> \old(r->ran_out) || \old(left(r)) < 6; */
static struct eth_addr read_addr(struct reader *r);

/*@ requires \valid_read(dst) && \valid_read(own);
    assigns \nothing; */
static bool for_us(const struct eth_addr *dst, const struct eth_addr *own);

/*@ requires view(frame) && \valid_read(own) && \valid(out);
    assigns *out;
    ensures \result == ETH_OK ==> part(out->payload, frame); */
enum eth_verdict eth_parse(struct bytes frame, const struct eth_addr *own,
                           struct eth_frame *out);

#include "net/eth/eth.c"
