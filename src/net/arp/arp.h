/* SPDX-License-Identifier: ISC */
#ifndef NET_ARP_ARP_H
#define NET_ARP_ARP_H

/* ARP packets (RFC 826) for IPv4 on Ethernet. */

#include "base/names.h"
#include "base/octets.h"
#include "net/eth/eth.h"
#include "net/ip4/addr.h"

#define ARP_PACKET_LEN 28U

enum arp_op { ARP_REQUEST = 1, ARP_REPLY = 2 };

struct arp_packet {
    uint16_t op; /* enum arp_op */
    struct eth_addr sender_mac, target_mac;
    struct ip4 sender, target; /* sender 0.0.0.0: a probe (RFC 5227 1.1) */
};

#define ARP_VERDICTS(X)                                                                        \
    X(ARP_OK, "in")                                                                            \
    X(ARP_TRUNCATED, "truncated")                                                              \
    X(ARP_BAD_FORMAT, "bad_format") /* not IPv4 on Ethernet, or of another length */           \
    X(ARP_BAD_OP, "bad_op")         /* neither request nor reply */                            \
    X(ARP_BAD_SENDER, "bad_sender") /* a hardware address no station can have */
enum arp_verdict { ARP_VERDICTS(NAMES_MEMBER) ARP_VERDICT_COUNT };

/* Parses a packet; octets after it pad the frame. Writes *out only on ARP_OK. */
enum arp_verdict arp_parse(struct bytes packet, struct arp_packet *out);

void arp_print(struct writer *w, const struct arp_packet *p);

#endif
