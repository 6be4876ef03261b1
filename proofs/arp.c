/* SPDX-License-Identifier: ISC */
/* Whatever the packet: arp_parse reads only octets of it, and ends. */

// left out: arp_print: it writes

#include "proofs/eth.h"

#include "net/arp/arp.h"

/*@ requires \valid(r) && cursor(r);
    assigns r->at, r->ran_out;
    ensures moved{Pre, Post}(r, 6); */
static struct eth_addr read_mac(struct reader *r);

/*@ requires view(packet) && \valid(out);
    assigns *out;
    ensures \result == ARP_OK ==> packet.len >= 28; */
enum arp_verdict arp_parse(struct bytes packet, struct arp_packet *out);

#include "net/arp/arp.c"
