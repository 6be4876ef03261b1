/* SPDX-License-Identifier: ISC */
#ifndef TESTS_LINK_FRAME_H
#define TESTS_LINK_FRAME_H

/* What a link reads and changes of an Ethernet frame with an IPv4 packet. Frames of other
 * kinds, and too short ones, pass as they are. */

#include "base/octets.h"

/* Length of the IPv4 packet; 0 when there is none. */
size_t frame_ip_len(struct bytes frame);
/* The ECN field of the packet; 0 when there is none. */
uint8_t frame_ecn(struct bytes frame);
/* Marks the packet: congestion experienced; its checksum stays right. */
void frame_mark(uint8_t *frame, size_t len);
/* Writes the ICMP error that a router with this MTU answers to a packet that must not be
 * fragmented, as if it came from the packet's destination. Returns its length; 0: there is
 * none (the packet may be fragmented, or is itself an error). */
size_t frame_too_big(struct bytes frame, uint32_t mtu, uint8_t *answer, size_t room);

#endif
