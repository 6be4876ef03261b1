/* SPDX-License-Identifier: ISC */
#ifndef NET_ETH_ETH_H
#define NET_ETH_ETH_H

/* Ethernet frames (IEEE 802.3, RFC 894), without the frame check sequence. */

#include "base/names.h"
#include "base/octets.h"
#include "net/ip4/addr.h"

#define ETH_HEADER_LEN 14U

enum eth_type { ETH_IP4 = 0x0800, ETH_ARP = 0x0806 };

struct eth_addr {
    uint8_t octet[6];
};

extern const struct eth_addr eth_broadcast;

static inline bool eth_equal(const struct eth_addr *a, const struct eth_addr *b)
{
    return memcmp(a->octet, b->octet, sizeof a->octet) == 0;
}

/* A group address, the broadcast address among them: never one station's own. */
static inline bool eth_is_group(const struct eth_addr *a)
{
    return a->octet[0] & 1;
}

/* Whether one station can have it: not a group's, and not all zero. */
bool eth_is_station(const struct eth_addr *a);

struct eth_frame {
    struct eth_addr dst, src;
    uint16_t type;        /* enum eth_type, or one that is not known here */
    struct bytes payload; /* padding included */
};

#define ETH_VERDICTS(X)                                                                        \
    X(ETH_OK, "in")                                                                            \
    X(ETH_TRUNCATED, "truncated")   /* shorter than its header */                              \
    X(ETH_NOT_FOR_US, "not_for_us") /* for another station or kind of group */                 \
    X(ETH_BAD_SOURCE, "bad_source") /* from a group, or from nobody */                         \
    X(ETH_OWN_SOURCE, "own_source") /* our own frame, looped back (or our address taken) */    \
    X(ETH_UNKNOWN_TYPE, "unknown_type") /* neither IPv4 nor ARP, or an 802.3 length */
enum eth_verdict { ETH_VERDICTS(NAMES_MEMBER) ETH_VERDICT_COUNT };

/* Parses a frame that the station `own` received, for itself, all, or a group of IPv4 hosts
 * (whether this one is in it is for IPv4 to say); writes *out only on ETH_OK. */
enum eth_verdict eth_parse(struct bytes frame, const struct eth_addr *own,
                           struct eth_frame *out);

/* The group address that packets to a multicast address go to (RFC 1112 6.4). */
struct eth_addr eth_of_group(struct ip4 group);

/* Writes the header. */
void eth_print(struct writer *w, const struct eth_addr *dst, const struct eth_addr *src,
               uint16_t type);

#endif
