/* SPDX-License-Identifier: ISC */
#ifndef GATEWAY_POLICY_H
#define GATEWAY_POLICY_H

/* Whom the image may reach. It may reach any host but these, whatever the protocol:
 *
 *  P1  "this network", the host's loopback, link-local addresses (which no router passes on,
 *      RFC 3927 7; clouds keep credentials there), multicast, reserved, broadcast.
 *  P2  Addresses of the link's own network, for there is nobody but the gateway.
 *  P3  Of the gateway: its DNS port and its echo. A TCP connection elsewhere is refused, a
 *      datagram passes only as the answer to a client of a published port (flows.c).
 *  P4  It sends from its own address, and from one Ethernet address, the first it used. */

#include "net/ip4/addr.h"

#include <stdbool.h>

/* P1 and P2, for others than the gateway. */
bool policy_reaches(struct ip4 dst, const struct ip4_net *own);

/* The address that the image sees a client of a published port under: the client's own, when
 * the image's answers to it come here, else the gateway's. */
struct ip4 policy_shown(struct ip4 client, const struct ip4_net *own);

#endif
