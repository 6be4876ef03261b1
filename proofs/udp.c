/* SPDX-License-Identifier: ISC */
/* Whatever the packet: udp_parse reads only octets of it, and ends; the text it gives is a view
 * of them. */

// left out: udp_print: it writes

#include "proofs/checksum.h"

#include "net/udp/udp.h"

/*@ assigns \nothing; */
static uint64_t pseudo_header(struct ip4 src, struct ip4 dst, size_t len);

/*@ predicate text_of(struct udp_datagram d, struct bytes packet) = part(d.text, packet); */

/*@ requires view(packet) && \valid(out);
    requires ends == \null || \valid_read(ends + (0 .. 1));
    assigns *out;
    ensures \result == UDP_OK ==> text_of(*out, packet); */
static enum udp_verdict parse(struct bytes packet, const struct ip4 *ends,
                              struct udp_datagram *out);

/*@ requires view(packet) && \valid(out);
    assigns *out;
    ensures \result == UDP_OK ==> text_of(*out, packet); */
enum udp_verdict udp_parse(struct bytes packet, struct ip4 src, struct ip4 dst,
                           struct udp_datagram *out);

/*@ requires view(packet) && \valid(out);
    assigns *out;
    ensures \result == UDP_OK ==> text_of(*out, packet); */
enum udp_verdict udp_parse_verified(struct bytes packet, struct udp_datagram *out);

#include "net/udp/udp.c"
