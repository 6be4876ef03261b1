/* SPDX-License-Identifier: ISC */
#ifndef NET_IP4_REASSEMBLY_H
#define NET_IP4_REASSEMBLY_H

/* Datagrams put together again from their fragments (RFC 791 3.2, RFC 1122 3.3.2). Pure: it
 * gets fragments and the time, and memory from a budget; a fragment takes what it is long.
 *
 * Fragments are an attacker's favourite: so there are limits to everything, the oldest
 * datagram gives way, and one whose fragments overlap or contradict each other is dropped as a
 * whole with whatever of it may still come (the spirit of RFC 5722), because two receivers
 * would read it in two ways. The very same fragment twice is harmless and passed over. As no
 * two fragments overlap, a datagram is whole when as many octets are there as it has.
 *
 * Invariants, verified by reassembly_check:
 * F1  the fragments of a datagram are in order and do not overlap
 * F2  no fragment ends after the end, where that is known
 * F3  at most IP4_REASSEMBLIES_MAX datagrams, of IP4_FRAGMENTS_MAX fragments each, and
 *     IP4_REASSEMBLY_OCTETS in all
 * F4  datagrams stand in the order in which they began
 * F5  a datagram that is being refused holds no fragment */

#include "base/list.h"
#include "base/supply.h"
#include "net/ip4/ip4.h"

#define IP4_REASSEMBLIES_MAX  16U            /* datagrams at once */
#define IP4_FRAGMENTS_MAX     128U           /* of a datagram: enough for an MTU of 576 */
#define IP4_REASSEMBLY_OCTETS (256U << 10)   /* of memory in all */
#define IP4_REASSEMBLY_NS     60000000000ULL /* from the first fragment to the last */
#define IP4_FIRST_MIN         40U /* payload of a first fragment: whole headers of TCP and UDP */

#define REASSEMBLY_VERDICTS(X)                                                                 \
    X(REASSEMBLY_HELD, "held")            /* a fragment; others are missing */                 \
    X(REASSEMBLY_WHOLE, "reassembled")    /* the last that was missing */                      \
    X(REASSEMBLY_DUPLICATE, "duplicates") /* a fragment that is there */                       \
    X(REASSEMBLY_BAD_LEN, "bad_length")   /* empty, or not the last and not of 8s of octets */ \
    X(REASSEMBLY_TOO_LONG, "too_long")    /* would make a datagram longer than there can be */ \
    X(REASSEMBLY_TINY, "tiny")            /* a first fragment under IP4_FIRST_MIN */           \
    X(REASSEMBLY_OVERLAP, "overlap")      /* and with it the datagram */                       \
    X(REASSEMBLY_TOO_MANY, "too_many")    /* likewise */                                       \
    X(REASSEMBLY_NO_MEMORY, "no_memory")  /* likewise */                                       \
    X(REASSEMBLY_REFUSED, "refused")      /* of a datagram that was dropped before */
enum reassembly_verdict { REASSEMBLY_VERDICTS(NAMES_MEMBER) REASSEMBLY_VERDICT_COUNT };

#define REASSEMBLY_EVENTS(X)                                                                   \
    X(REASSEMBLY_EVICTED, "evicted") /* datagrams that gave way to another */                  \
    X(REASSEMBLY_TIMED_OUT, "timed_out")
enum reassembly_event { REASSEMBLY_EVENTS(NAMES_MEMBER) REASSEMBLY_EVENT_COUNT };

struct reassembly {
    struct supply *supply;
    struct list datagrams; /* oldest first */
    unsigned len;
    size_t octets; /* of memory */
    /* What was given out last: a whole datagram, or one that timed out. */
    uint8_t *given;
    size_t given_len;
    uint64_t verdicts[REASSEMBLY_VERDICT_COUNT], events[REASSEMBLY_EVENT_COUNT];
};

void reassembly_init(struct reassembly *r, struct supply *supply);
void reassembly_end(struct reassembly *r);

/* A packet that ip4_is_fragment. On REASSEMBLY_WHOLE *out is the datagram, with the header of
 * its first fragment; it is valid until reassembly_release or the next call. `out` may be the
 * same as `p`. */
enum reassembly_verdict reassembly_arrives(struct reassembly *r, const struct ip4_packet *p,
                                           uint64_t now, struct ip4_packet *out);

void reassembly_release(struct reassembly *r);

/* The next datagram whose time is up, to be called until false: if *first is true, *out is its
 * first fragment, valid until the next call: what RFC 792 wants to be told about. */
bool reassembly_expires(struct reassembly *r, uint64_t now, bool *first,
                        struct ip4_packet *out);
uint64_t reassembly_deadline(const struct reassembly *r); /* UINT64_MAX for never */

void reassembly_check(const struct reassembly *r);

#endif
