/* SPDX-License-Identifier: ISC */
/* Whatever the packet: icmp_parse and icmp_parse_quote read only octets of it, and end; what
 * they give are views of them. */

// left out: icmp_print: it writes

#include "proofs/checksum.h"

#include "net/icmp/icmp.h"

/*@ requires view(packet) && \valid(out);
    assigns *out;
    ensures \result == ICMP_OK ==> part(out->body, packet); */
enum icmp_verdict icmp_parse(struct bytes packet, struct icmp_message *out);

/*@ predicate quote_of(struct icmp_quote q, struct bytes body) =
      part(q.payload, body) && q.payload.len >= ICMP_QUOTE_MIN; */

/*@ assigns \nothing; */
bool icmp_is_error(uint8_t type);

/*@ requires \valid_read(p) && view(p->payload);
    assigns \nothing; */
bool icmp_forbids_errors(const struct ip4_packet *p);

/*@ assigns \nothing; */
static int unreachable(uint8_t code);

/*@ requires \valid_read(error);
    assigns \nothing; */
int icmp_error_number(const struct icmp_message *error);

/*@ requires \valid_read(error) && view(error->body) && \valid(out) && \separated(error, out);
    assigns *out;
    ensures \result == ICMP_OK ==> quote_of(*out, error->body); */
enum icmp_verdict icmp_parse_quote(const struct icmp_message *error, struct icmp_quote *out);

#include "net/icmp/icmp.c"
