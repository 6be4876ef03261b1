/* SPDX-License-Identifier: ISC */
#ifndef GATEWAY_PACKET_H
#define GATEWAY_PACKET_H

/* What of a frame the relay looks at. Unlike a host's, its packets may be for anybody. */

#include "net/arp/arp.h"
#include "net/eth/eth.h"
#include "net/ip4/ip4.h"

struct packet {
    struct eth_addr from;
    bool is_arp;
    struct arp_packet arp;
    struct ip4 src, dst;
    uint8_t protocol;
    struct bytes whole; /* the IPv4 packet, without what pads the frame */
    struct bytes payload;
};

enum packet_verdict {
    PACKET_OK,
    PACKET_ETHERNET, /* not a frame for the gateway or for all, from a station */
    PACKET_PROTOCOL, /* neither ARP nor IPv4 */
    PACKET_MALFORMED,
    PACKET_FRAGMENT
};

/* Reads a frame sent to the station `own`; writes *out only on PACKET_OK. */
enum packet_verdict packet_parse(struct bytes frame, const struct eth_addr *own,
                                 struct packet *out);

#endif
