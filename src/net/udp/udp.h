/* SPDX-License-Identifier: ISC */
#ifndef NET_UDP_UDP_H
#define NET_UDP_UDP_H

/* UDP datagrams (RFC 768, RFC 1122 4.1). */

#include "base/names.h"
#include "base/octets.h"
#include "net/ip4/addr.h"

#define UDP_HEADER_LEN  8U
#define UDP_CHECKSUM_AT 6U     /* octets from the header's beginning */
#define UDP_TEXT_MAX    65507U /* 65,535 without the headers of IPv4 and UDP */

struct udp_datagram {
    uint16_t src_port; /* 0 when no answer is wanted */
    uint16_t dst_port;
    struct bytes text;
};

#define UDP_VERDICTS(X)                                                                        \
    X(UDP_OK, "in")                                                                            \
    X(UDP_TRUNCATED, "truncated") /* shorter than its header, or than it says */               \
    X(UDP_BAD_LEN, "bad_len")     /* says it is shorter than its header */                     \
    X(UDP_BAD_CHECKSUM, "bad_checksum")                                                        \
    X(UDP_BAD_PORT, "bad_port") /* to port 0 */
enum udp_verdict { UDP_VERDICTS(NAMES_MEMBER) UDP_VERDICT_COUNT };

/* Parses the payload of a packet from src to dst; writes *out only on UDP_OK. A checksum of
 * zero means none was computed, and is accepted (RFC 1122 4.1.3.4). */
enum udp_verdict udp_parse(struct bytes packet, struct ip4 src, struct ip4 dst,
                           struct udp_datagram *out);

/* The same for one whose checksum is known to be right. */
enum udp_verdict udp_parse_verified(struct bytes packet, struct udp_datagram *out);

/* Writes the whole datagram with its checksum. */
void udp_print(struct writer *w, struct ip4_endpoint src, struct ip4_endpoint dst,
               struct bytes text);

#endif
