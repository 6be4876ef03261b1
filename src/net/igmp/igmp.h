/* SPDX-License-Identifier: ISC */
#ifndef NET_IGMP_IGMP_H
#define NET_IGMP_IGMP_H

/* Which groups a host is in, and how its routers learn of it: IGMP version 3 (RFC 3376), or 2
 * (RFC 2236) for as long as a querier of that version, or of 1, is about. Pure: messages and
 * the time go in; what is to be sent is fetched with igmp_next_packet. Sources are not
 * filtered.
 *
 * Who joins says so at once and, in case that was lost, once more within a second; who leaves
 * likewise. A query is answered after a random part of the time that it gives. A report by
 * another member silences ours in version 2.
 *
 * Invariants, verified by igmp_check:
 * M1  no group twice; each is a multicast address, and not 224.0.0.1
 * M2  a group without members has something to say, or it is gone
 * M3  `due` is set exactly when there is something to say */

#include "base/names.h"
#include "base/octets.h"
#include "net/ip4/addr.h"

#define IGMP_GROUPS_MAX    16U
#define IGMP_ROBUSTNESS    2U            /* RFC 3376 8.1 */
#define IGMP_UNSOLICITED   1000000000ULL /* ns: RFC 3376 8.11 */
#define IGMP_OLDER_QUERIER 400000000000ULL
/* ns: RFC 3376 8.12, with the default query interval (125 s) and the longest time to answer */
#define IGMP_PACKET_MAX 16U /* octets of a message of ours */

#define IGMP_VERDICTS(X)                                                                       \
    X(IGMP_OK, "in")                                                                           \
    X(IGMP_TRUNCATED, "truncated")                                                             \
    X(IGMP_BAD_CHECKSUM, "bad_checksum")                                                       \
    X(IGMP_BAD_GROUP, "bad_group") /* a query or report about what is no group */              \
    X(IGMP_IGNORED, "ignored")     /* a type of message that a host has no use for */
enum igmp_verdict { IGMP_VERDICTS(NAMES_MEMBER) IGMP_VERDICT_COUNT };

#define IGMP_EVENTS(X)                                                                         \
    X(IGMP_QUERIES, "queries")                                                                 \
    X(IGMP_REPORTS_OUT, "reports_out")                                                         \
    X(IGMP_LEAVES_OUT, "leaves_out")                                                           \
    X(IGMP_SILENCED, "silenced") /* reports not sent because another member's was heard */
enum igmp_event { IGMP_EVENTS(NAMES_MEMBER) IGMP_EVENT_COUNT };

/* What a group has to say next. */
enum igmp_news { IGMP_NOTHING, IGMP_CHANGE, IGMP_ANSWER };

struct igmp_group {
    struct ip4 ip;    /* 0: not in use */
    unsigned members; /* 0: it was left, and that is yet to be said */
    uint8_t news;     /* enum igmp_news */
    uint8_t changes;  /* how many times more */
    uint64_t due;
};

struct igmp {
    struct igmp_group group[IGMP_GROUPS_MAX];
    uint64_t version_2_until;
    uint32_t (*random)(void *ctx);
    void *random_ctx;
    uint64_t verdicts[IGMP_VERDICT_COUNT], events[IGMP_EVENT_COUNT];
};

void igmp_init(struct igmp *g, uint32_t (*random)(void *ctx), void *random_ctx);

/* One more member, or one less. igmp_join: 0, -EINVAL (no group that can be joined), -ENOSPC.
 */
int igmp_join(struct igmp *g, struct ip4 group, uint64_t now);
void igmp_leave(struct igmp *g, struct ip4 group, uint64_t now);
/* Whether packets to the group are for us: 224.0.0.1, all hosts, always are (RFC 1112 7.2). */
bool igmp_is_member(const struct igmp *g, struct ip4 group);

/* A message arrived, in a packet to `dst`. */
enum igmp_verdict igmp_arrives(struct igmp *g, struct bytes message, struct ip4 dst,
                               uint64_t now);
/* Writes the next message that is due, and where it goes; false when there is none. It is to be
 * sent with a time to live of 1 and the router alert option. */
bool igmp_next_packet(struct igmp *g, uint64_t now, struct writer *w, struct ip4 *dst);
uint64_t igmp_deadline(const struct igmp *g); /* UINT64_MAX for never */

void igmp_check(const struct igmp *g);

#endif
