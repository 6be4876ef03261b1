/* SPDX-License-Identifier: ISC */
#ifndef TESTS_LINK_LINK_H
#define TESTS_LINK_LINK_H

/* A link between two ends, 0 and 1, that does to packets what networks do: loses them, one by
 * one and in bursts, delays, reorders, doubles and corrupts them, queues them before a
 * bottleneck, marks them, and finds them too long. Pure: packets and the time go in, packets
 * and a time come out; what is left to chance comes from a seed. tests/sim runs cores over it,
 * and the program tests/link/main.c real stacks.
 *
 * Times are nanoseconds, lengths octets, chances parts of a million (LINK_SURE). */

#include "base/octets.h"
#include "tests/link/rng.h"

#define LINK_SURE         1000000U
#define LINK_PACKETS_MAX  65536U /* on their way at once; further ones are lost, and counted */
#define LINK_BURST_MAX_NS 1000000000ULL
#define LINK_FRAME_MAX    2048U /* of a frame that the link makes itself */

enum link_ecn { LINK_NOT_ECT, LINK_ECT1, LINK_ECT0, LINK_CE }; /* RFC 3168 5 */

struct link_packet {
    uint64_t at;
    uint64_t number; /* of two that arrive at once the first sent comes first */
    uint8_t *octets; /* a block of its own, so that a sanitizer sees what reads past its end */
    uint32_t len;
    int to;
    uint8_t ecn; /* enum link_ecn */
};

#define LINK_COUNTS(X)                                                                         \
    X(sent)                                                                                    \
    X(lost)          /* one by one */                                                          \
    X(lost_in_burst) /* while the link was bad */                                              \
    X(queue_full)                                                                              \
    X(doubled)                                                                                 \
    X(corrupted)                                                                               \
    X(held) /* and so overtaken */                                                             \
    X(marked)                                                                                  \
    X(too_long)                                                                                \
    X(told_too_long) /* of those, by ICMP */                                                   \
    X(no_room)       /* LINK_PACKETS_MAX */

#define LINK_COUNT_MEMBER(name) uint64_t name;
struct link_counts {
    LINK_COUNTS(LINK_COUNT_MEMBER)
};

/* One direction. All zero: a wire that does nothing. */
struct link_way {
    uint32_t loss;
    /* Gilbert and Elliott's bursts: with each packet the link may go bad, and good again; a bad
     * one loses `burst_loss`. It is good again after LINK_BURST_MAX_NS in any case, or nothing
     * would ever come of those who send rarely. */
    uint32_t burst_begins, burst_ends, burst_loss;
    uint32_t duplication, corruption;
    uint32_t holding; /* chance to arrive hold_ns later */
    uint64_t hold_ns;
    uint64_t delay_ns, jitter_ns; /* jitter: up to so much more */
    uint64_t octets_per_s;        /* 0: no bound */
    uint64_t queue_ns; /* longest wait for the bandwidth; what would wait more is lost */
    /* Packets that may be marked (ECT) are: by chance, or when they wait so long; 0: never. */
    uint32_t marking;
    uint64_t mark_above_ns;
    /* Longest IP packet, from a moment on; 0: no bound. */
    uint32_t mtu;
    uint64_t mtu_from;
    bool silent; /* who sends a longer one is not told */
    /* State. The dice for losses are apart: whatever else happens, the n-th packet of the same
     * seed is lost or not. */
    struct rng losses;
    uint64_t bad_until, busy_until;
    struct link_counts counts;
};

struct link {
    struct rng *rng;
    struct link_way way[2]; /* by the end that it leads to */
    /* Whether packets are Ethernet frames, in which ECN can be read and written and to which
     * ICMP can answer; else they are the payload of IP packets, and `ecn` stands beside. */
    bool frames;
    uint32_t sound; /* the first octets, which corruption spares */
    uint64_t numbers;
    uint32_t packets, room;
    struct link_packet *packet; /* a heap: the first is the next to arrive */
};

/* `ecn` is that of the IP packet; of a frame it is read from there. The octets are copied. */
void link_send(struct link *l, int to, struct bytes packet, uint8_t ecn, uint64_t now);
/* When the next packet arrives; UINT64_MAX for none. */
uint64_t link_next(const struct link *l);
/* Takes out the packet that arrives next; there is one. The caller frees its octets. */
struct link_packet link_take(struct link *l);
/* Forgets what is on its way. */
void link_end(struct link *l);

#endif
