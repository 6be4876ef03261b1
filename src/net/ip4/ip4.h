/* SPDX-License-Identifier: ISC */
#ifndef NET_IP4_IP4_H
#define NET_IP4_IP4_H

/* IPv4 packets (RFC 791, RFC 1122 3.2.1). What fits the MTU is sent so that nobody fragments
 * it on the way (DF), so its identification is zero (RFC 6864 4.1). */

#include "base/names.h"
#include "base/octets.h"
#include "net/ip4/addr.h"

#define IP4_HEADER_MIN 20U
#define IP4_HEADER_MAX 60U
#define IP4_TTL        64U /* of what we send (RFC 1700) */

enum ip4_protocol { IP4_ICMP = 1, IP4_IGMP = 2, IP4_TCP = 6, IP4_UDP = 17 };

struct ip4_packet {
    struct ip4 src, dst;
    uint8_t protocol, ttl, tos;
    bool to_broadcast; /* or to a multicast group: not to us alone */
    bool has_options;
    bool more_fragments;  /* this is one, and not the last */
    uint16_t id;          /* of the datagram that it is a fragment of */
    uint32_t fragment_at; /* octets of that before this */
    uint8_t fault_at;     /* octet of the header that an error is about: IP4_BAD_OPTION */
    /* What the device says of it, for whom parsed it to fill in: its TCP or UDP checksum need
     * not be checked; its text is that of segments of this length (0: of one). */
    bool verified;
    uint16_t segment_len;
    struct bytes whole;   /* header and payload, without what pads the frame */
    struct bytes payload; /* of the packet */
};

#define IP4_VERDICTS(X)                                                                        \
    X(IP4_OK, "in")                                                                            \
    X(IP4_TRUNCATED, "truncated") /* shorter than its header, or than it says */               \
    X(IP4_BAD_VERSION, "bad_version")                                                          \
    X(IP4_BAD_HEADER_LEN, "bad_header_len") /* header length < 5, or > total length */         \
    X(IP4_BAD_CHECKSUM, "bad_checksum")                                                        \
    X(IP4_BAD_OPTION, "bad_option")           /* an option's length is impossible */           \
    X(IP4_SOURCE_ROUTE, "source_route")       /* refused, RFC 7126 4.3.5 */                    \
    X(IP4_SOURCE_OWN, "source_own")           /* martians (RFC 1812 5.3.7): from ourselves, */ \
    X(IP4_SOURCE_ZERO, "source_zero")         /* 0/8, */                                       \
    X(IP4_SOURCE_LOOPBACK, "source_loopback") /* 127/8, */                                     \
    X(IP4_SOURCE_MULTICAST, "source_multicast")                                                \
    X(IP4_SOURCE_RESERVED, "source_reserved") /* 240/4, */                                     \
    X(IP4_SOURCE_BROADCAST, "source_broadcast")                                                \
    X(IP4_SOURCE_NETWORK, "source_network") /* a network's own number; */                      \
    X(IP4_TO_ZERO, "to_zero")               /* and to such */                                  \
    X(IP4_TO_LOOPBACK, "to_loopback")                                                          \
    X(IP4_TO_RESERVED, "to_reserved")                                                          \
    X(IP4_NOT_FOR_US, "not_for_us")                                                            \
    X(IP4_UNKNOWN_PROTOCOL, "unknown_protocol")
enum ip4_verdict { IP4_VERDICTS(NAMES_MEMBER) IP4_VERDICT_COUNT };

/* Parses a packet that an interface with the addresses `own` received; NULL: whose addresses
 * are not looked at. Writes *out only on IP4_OK, and on IP4_BAD_OPTION, about which the sender
 * may be told. Fragments are packets like others here. A time to live of any value is accepted:
 * "a host MUST NOT discard a datagram just because it was received with TTL less than 2" (RFC
 * 1122 3.2.1.7). Protocols are not looked at. */
enum ip4_verdict ip4_parse(struct bytes packet, const struct ip4_own *own,
                           struct ip4_packet *out);

/* The flags and the offset of a fragment, which counts units of 8 octets. */
#define IP4_DONT_FRAGMENT  0x4000U
#define IP4_MORE_FRAGMENTS 0x2000U
#define IP4_FRAGMENT_AT    0x1fffU

/* What the header of a packet that we send says. */
struct ip4_head {
    struct ip4 src, dst;
    uint8_t protocol, ttl, tos;
    uint16_t id, fragment; /* flags and offset */
    bool router_alert;     /* with that option (RFC 2113) */
};

static inline bool ip4_is_fragment(const struct ip4_packet *p)
{
    return p->more_fragments || p->fragment_at > 0;
}

/* The usual one: IP4_TTL, not to be fragmented. */
struct ip4_head ip4_head_of(struct ip4 src, struct ip4 dst, uint8_t protocol);

/* Writes the header of a packet with payload_len octets of payload. */
void ip4_print_head(struct writer *w, const struct ip4_head *h, size_t payload_len);

/* The same with the usual head. */
void ip4_print(struct writer *w, struct ip4 src, struct ip4 dst, uint8_t protocol,
               size_t payload_len);

#endif
