/* SPDX-License-Identifier: ISC */
#ifndef DRUPE_UDP_H
#define DRUPE_UDP_H

/* UDP sockets (RFC 768). Each queues what arrives up to a limit that holds at least four
 * datagrams of the device's MTU and one of the greatest length; what does not fit is lost and
 * counted ("stack.udp_full"). */

#include <drupe/net.h>

struct dr_udp;

#define DR_UDP_TEXT_MAX 65507U /* octets of a datagram at most */

#pragma GCC visibility push(default)

/* Binds `port` (host order; 0 picks a free one). Returns 0, -EADDRINUSE, -ENETDOWN,
 * -ENOMEM. */
DR_CHECKED int dr_udp_bind(struct dr_net *net, uint16_t port, struct dr_udp **out);
/* The same at one of the device's addresses, or 127.0.0.1, or (zero) at any. Also
 * -EADDRNOTAVAIL. */
DR_CHECKED int dr_udp_bind_at(struct dr_net *net, const struct dr_endpoint *at,
                              struct dr_udp **out);
uint16_t dr_udp_port(const struct dr_udp *u);
void dr_udp_close(struct dr_udp **u);

/* Connects the socket: from now on it receives only what `to` sends, and dr_udp_sendto with
 * a `to` of NULL sends there. NULL: to nobody any more. Sends nothing. Returns 0, -EINVAL
 * (port 0, or no single host's address), -ENETUNREACH, -ENETDOWN. */
DR_CHECKED int dr_udp_connect(struct dr_udp *u, const struct dr_endpoint *to);

/* The last error that the network reported about a datagram of this socket, as a negative
 * error number, and in *to (may be NULL) where that was sent; 0 for none. It is told once
 * (RFC 1122 4.1.3.3): -ECONNREFUSED (nobody there is bound to the port), -EHOSTUNREACH,
 * -ENETUNREACH, -EMSGSIZE (too long for the path:
 * what is sent there from now on goes in shorter fragments, or is refused if it is to go
 * `whole`). A connected socket is told by the next
 * dr_udp_recvfrom or dr_udp_sendto, as on Unix; any other, which may talk to many,
 * only by this call. Does not wait. */
DR_CHECKED int dr_udp_error(struct dr_udp *u, struct dr_endpoint *to);

/* Joins a multicast group (224.0.0.0/4; RFC 1112), which the routers are told (RFC 3376): what
 * is sent to it and the socket's port is then received. Closing leaves. Returns 0, -EINVAL (no
 * group, or 224.0.0.1), -EADDRINUSE (joined already), -ENOSPC (a socket may be in
 * DR_UDP_GROUPS_MAX groups, the sockets of a net together in 16), -ENOMEM, -ENETDOWN;
 * dr_udp_leave 0, -EADDRNOTAVAIL, -ENETDOWN. Does not wait. */
#define DR_UDP_GROUPS_MAX 4
DR_CHECKED int dr_udp_join(struct dr_udp *u, const struct dr_ip *group);
DR_CHECKED int dr_udp_leave(struct dr_udp *u, const struct dr_ip *group);

/* How the datagrams of a socket are sent; all zero at first. */
struct dr_udp_options {
    bool broadcast; /* may be sent to broadcast addresses (else -EACCES) */
    bool no_loop;   /* members of a group in this image get nothing of what is sent to it */
    uint8_t ttl;    /* time to live; 0 for 64 */
    uint8_t multicast_ttl; /* the same to groups; 0 for 1: they stay in this network */
    uint8_t tos;           /* type of service: DSCP and ECN */
    bool whole;            /* sent in one packet or not at all (-EMSGSIZE) */
};
void dr_udp_set(struct dr_udp *u, const struct dr_udp_options *options);

/* Waits for a datagram. Returns its length, of which the first `len` octets are in
 * buf (the rest is lost), and its sender in *from (may be NULL); 0 is an empty
 * datagram. Or an error as of dr_udp_error, -ECANCELED, -ETIMEDOUT, -ENETDOWN. */
DR_CHECKED ssize_t dr_udp_recvfrom(struct dr_udp *u, void *buf, size_t len,
                                   struct dr_endpoint *from);

/* Sends one datagram, to where the socket is connected when `to` is NULL (-EDESTADDRREQ when it
 * is not); one that is longer than the MTU allows goes in fragments. May wait for
 * ARP, and for a device that is full. Returns len, or -EMSGSIZE (longer than
 * DR_UDP_TEXT_MAX, or than what the path takes and to be sent whole), -ENOBUFS (no memory to fragment it), -EHOSTUNREACH, -ENETUNREACH, -EACCES
 * (broadcast), -EINVAL (port 0), -ENETDOWN, -ECANCELED, -ETIMEDOUT. */
DR_CHECKED ssize_t dr_udp_sendto(struct dr_udp *u, const void *buf, size_t len,
                                 const struct dr_endpoint *to);

#pragma GCC visibility pop
#endif
