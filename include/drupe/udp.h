/* SPDX-License-Identifier: ISC */
#ifndef DRUPE_UDP_H
#define DRUPE_UDP_H

/* UDP sockets (RFC 768). Each queues what arrives up to a limit that holds at least four
 * datagrams of the device's MTU and one of the greatest length; what does not fit is lost and counted ("stack.udp_full"). */

#include <drupe/net.h>

struct dr_udp;

#define DR_UDP_TEXT_MAX 65507U /* octets of a datagram at most */

#pragma GCC visibility push(default)

/* Binds `port` (host order; 0 picks a free one). Returns 0, -EADDRINUSE, -ENETDOWN,
 * -ENOMEM. */
DR_CHECKED int dr_udp_bind(struct dr_net *net, uint16_t port, struct dr_udp **out);
uint16_t dr_udp_port(const struct dr_udp *u);
void dr_udp_close(struct dr_udp **u);

/* Waits for a datagram. Returns its length, of which the first `len` octets are in
 * buf (the rest is lost), and its sender in *from (may be NULL); 0 is an empty
 * datagram. Or -ECANCELED, -ETIMEDOUT, -ENETDOWN. */
DR_CHECKED ssize_t dr_udp_recvfrom(struct dr_udp *u, void *buf, size_t len,
                                   struct dr_endpoint *from);

/* Sends one datagram; one that is longer than the MTU allows goes in fragments. May wait for
 * ARP, and for a device that is full. Returns len, or -EMSGSIZE (longer than
 * DR_UDP_TEXT_MAX), -ENOBUFS (no memory to fragment it), -EHOSTUNREACH, -ENETUNREACH, -EACCES (broadcast), -EINVAL (port 0),
 * -ENETDOWN, -ECANCELED, -ETIMEDOUT. */
DR_CHECKED ssize_t dr_udp_sendto(struct dr_udp *u, const void *buf, size_t len,
                                 const struct dr_endpoint *to);

#pragma GCC visibility pop
#endif
