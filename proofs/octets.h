/* SPDX-License-Identifier: ISC */
#ifndef PROOFS_OCTETS_H
#define PROOFS_OCTETS_H

/* The contracts of base/octets.h: a view is readable from end to end; a cursor stays within
 * its view and never moves back, whatever is asked of it. */

#include "proofs/libc.h"

#include "base/octets.h"

/*@ predicate view(struct bytes b) =
      b.len <= 0x7fffffffffffffff && (b.len > 0 ==> \valid_read(b.at + (0 .. b.len - 1)));

    // Of the very octets of another, none before or beyond them. Of the views themselves, by
    // value: the prover follows a copy of a whole struct best.
    predicate part(struct bytes b, struct bytes whole) =
      b.len == 0 ||
      (\base_addr(b.at) == \base_addr(whole.at) &&
       0 <= b.at - whole.at <= whole.len - b.len);

    predicate cursor(struct reader *r) =
      \base_addr(r->at) == \base_addr(r->end) && r->at <= r->end &&
      r->end - r->at <= 0x7fffffffffffffff &&
      (r->at < r->end ==> \valid_read(r->at + (0 .. r->end - r->at - 1)));

    logic integer left(struct reader *r) = r->end - r->at;

    // It has moved on by n octets, or found that there are fewer.
    predicate moved{Before, After}(struct reader *r, integer n) =
      \at(cursor(r), After) && \at(r->end, After) == \at(r->end, Before) &&
      (\at(r->ran_out, After)
         ? \at(r->at, After) == \at(r->at, Before)
         : \at(r->at, After) == \at(r->at, Before) + n && !\at(r->ran_out, Before)); */

/*@ assigns \nothing;
    ensures \result.at == (uint8_t *)at && \result.len == len; */
static inline struct bytes bytes_of(const void *at, size_t len);

/*@ requires view(b);
    assigns \nothing;
    ensures \result.at == b.at && \result.end == b.at + b.len && !\result.ran_out; */
static inline struct reader reader_of(struct bytes b);

/*@ requires \valid_read(r) && cursor(r);
    assigns \nothing;
    ensures \result == left(r); */
static inline size_t reader_left(const struct reader *r);

/*@ requires \valid(r) && cursor(r);
    assigns r->at, r->ran_out;
    ensures moved{Pre, Post}(r, n);
    ensures view(\result);
    ensures r->ran_out ? \result.len == 0 : \result.len == n && \result.at == \old(r->at);
    ensures r->ran_out <==> \old(r->ran_out) || \old(left(r)) < n; */
static inline struct bytes read_bytes(struct reader *r, size_t n);

/*@ requires \valid(r) && cursor(r);
    assigns r->at, r->ran_out;
    ensures cursor(r) && view(\result) && r->end == \old(r->end);
    ensures r->ran_out <==> \old(r->ran_out);
    ensures !r->ran_out ==> \result.at == \old(r->at) && \result.len == \old(left(r));
    ensures r->ran_out ==> \result.len == 0; */
static inline struct bytes read_rest(struct reader *r);

/*@ requires \valid(r) && cursor(r);
    assigns r->at, r->ran_out;
    ensures moved{Pre, Post}(r, 1);
    ensures r->ran_out <==> \old(r->ran_out) || \old(left(r)) < 1; */
static inline uint8_t read_u8(struct reader *r);

/*@ requires \valid(r) && cursor(r);
    assigns r->at, r->ran_out;
    ensures moved{Pre, Post}(r, 2);
    ensures r->ran_out <==> \old(r->ran_out) || \old(left(r)) < 2; */
static inline uint16_t read_u16(struct reader *r);

/*@ requires \valid(r) && cursor(r);
    assigns r->at, r->ran_out;
    ensures moved{Pre, Post}(r, 4);
    ensures r->ran_out <==> \old(r->ran_out) || \old(left(r)) < 4; */
static inline uint32_t read_u32(struct reader *r);

#endif
