/* SPDX-License-Identifier: ISC */
/* Whatever a device hands over: offload_take reads only octets of it; the frame it gives is a
 * view of them, and a checksum that it leaves to be done lies inside of the frame. */

// left out: put_le16 offload_print: they write
// also: offload_header_len

#include "proofs/octets.h"

#include "base/offload.h"

/*@ predicate inside(struct offload work, integer frame_len) =
      work.partial ==> work.sum_from + work.sum_at + 2 <= frame_len; */

/*@ requires \valid_read(at + (0 .. 1));
    assigns \nothing; */
static uint16_t get_le16(const uint8_t *at);

/*@ assigns \nothing;
    ensures \result == 0 || \result == OFFLOAD_HEADER_LEN; */
static inline uint32_t offload_header_len(uint32_t features);

/*@ requires \valid_read(header + (0 .. OFFLOAD_HEADER_LEN - 1)) && \valid(work);
    assigns *work;
    ensures \result ==> inside(*work, frame_len); */
bool offload_parse(const uint8_t header[OFFLOAD_HEADER_LEN], size_t frame_len,
                   struct offload *work);

/*@ requires view(octets) && \valid(frame) && \valid(work) && \separated(frame, work);
    assigns *frame, *work;
    ensures \result ==> part(*frame, octets) && inside(*work, frame->len); */
bool offload_take(uint32_t features, struct bytes octets, struct bytes *frame,
                  struct offload *work);

#include "base/offload.c"
