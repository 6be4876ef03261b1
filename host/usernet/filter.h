/* SPDX-License-Identifier: ISC */
#ifndef HOST_USERNET_FILTER_H
#define HOST_USERNET_FILTER_H

/* Which frames of the image reach libslirp. libslirp itself would pass a packet for
 * 127.0.0.1 on to the host's own loopback, and one for the gateway too; and what it
 * does not see cannot confuse it. Pure: no sockets, no clock.
 *
 *  F1  Only whole ARP and IPv4 packets pass.
 *  F2  No packet passes for the host's loopback, "this network", a multicast or
 *      broadcast address, or an address of this network other than the gateway's.
 *  F3  The image opens no TCP connection to the gateway: it is answered with a RST.
 *  F4  A UDP datagram to the gateway passes only as an answer: to a port from which
 *      a published port was sent a datagram before. */

#include "base/octets.h"

enum usernet_verdict {
    USERNET_PASS,
    USERNET_SHORT,     /* cut short, or lengths that do not agree */
    USERNET_PROTOCOL,  /* neither ARP nor IPv4 */
    USERNET_FORBIDDEN, /* an address that the image may not reach (F2, F4) */
    USERNET_REFUSED,   /* a connection to the gateway (F3): answer with usernet_reset */
    USERNET_VERDICTS
};

#define USERNET_FLOWS      1024 /* a power of two */
#define USERNET_RESET_SIZE 54   /* octets of the frame that usernet_reset writes */

/* The UDP clients that published ports have heard from, by port; a newer one takes
 * the place of an older one that falls on the same slot. */
struct usernet_flow {
    uint16_t client, image;
};
struct usernet_flows {
    struct usernet_flow slot[USERNET_FLOWS];
};

/* Judges a frame that the image sent. */
enum usernet_verdict usernet_filter(const struct usernet_flows *flows, struct bytes frame);

/* Notes a frame on its way to the image, so that its answer will pass. */
void usernet_note(struct usernet_flows *flows, struct bytes frame);

/* Writes the RST that refuses `frame`, for which usernet_filter said REFUSED
 * (RFC 9293 3.10.7.1: SEQ 0, ACK one past the SYN). */
void usernet_reset(struct bytes frame, uint8_t out[USERNET_RESET_SIZE]);

#endif
