/* SPDX-License-Identifier: ISC */
/* Whatever the packet: tcp_parse reads only octets of it, whatever its options say, and ends;
 * the text it gives is a view of them. */

// left out: options_len print_nops print_stamps print_sacks print_options print_header: they write
// left out: put_checksum tcp_print tcp_print_header tcp_reset_for: they write
// also: tcp_min

#include "proofs/checksum.h"

#include "net/tcp/core.h"

/*@ assigns \nothing;
    ensures \result == (a < b ? a : b); */
static inline uint32_t tcp_min(uint32_t a, uint32_t b);

/*@ assigns \nothing; */
static uint64_t pseudo_sum(struct ip4 src, struct ip4 dst, size_t len);

/*@ requires view(body) && \valid(seg);
    assigns *seg; */
static void take_syn_option(uint8_t kind, struct bytes body, struct tcp_segment *seg);

/*@ requires view(body) && \valid(seg);
    assigns *seg; */
static void take_option(uint8_t kind, struct bytes body, struct tcp_segment *seg);

/*@ requires view(options) && \valid(seg);
    assigns *seg; */
static bool parse_options(struct bytes options, struct tcp_segment *seg);

/*@ predicate text_of(struct tcp_segment seg, struct bytes packet) = part(seg.text, packet); */

/*@ requires view(packet) && \valid(seg);
    assigns *seg;
    ensures \result == TCP_OK ==> text_of(*seg, packet); */
static enum tcp_verdict parse(struct bytes packet, bool sum_is_right, struct tcp_segment *seg);

/*@ requires view(packet) && \valid(seg);
    assigns *seg;
    ensures \result == TCP_OK ==> text_of(*seg, packet); */
enum tcp_verdict tcp_parse(struct bytes packet, struct ip4 src, struct ip4 dst,
                           struct tcp_segment *seg);

/*@ requires view(packet) && \valid(seg);
    assigns *seg;
    ensures \result == TCP_OK ==> text_of(*seg, packet); */
enum tcp_verdict tcp_parse_verified(struct bytes packet, struct tcp_segment *seg);

#include "net/tcp/segment.c"
