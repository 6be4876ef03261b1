/* SPDX-License-Identifier: ISC */
#ifndef NET_ARP_CACHE_H
#define NET_ARP_CACHE_H

/* Who is where: the neighbours' hardware addresses, our own announcements and the defence
 * of our address. Pure: packets and the time go in; what is to be sent is fetched with
 * arp_next_packet.
 *
 * An entry is made in two ways only: we asked for an address, or somebody asked for ours
 * (RFC 826 merges such a sender). Whatever else is heard can only correct an entry that
 * exists. So a station that floods us fills at most the entries nobody uses: a sender that
 * merely asked takes a free entry, a failed one, or one of its own kind, never one that we
 * use; and the addresses being asked for are at most ARP_ASKING_MAX.
 *
 *   state      means                               left by
 *   FREE       nothing
 *   ASKING     asked, no answer yet                answer -> KNOWN; ARP_TRIES -> FAILED
 *   KNOWN      the address is there                old and used -> REFRESHING; unused -> FREE
 *   REFRESHING there, asked again                  answer -> KNOWN; ARP_TRIES -> FREE
 *   FAILED     asked in vain                       ARP_FAILED_NS -> FREE; heard -> KNOWN
 *
 * Invariants, verified by arp_check:
 * C1  no two entries that are not FREE have the same address
 * C2  at most ARP_ASKING_MAX are ASKING
 * C3  our own address is in none
 * C4  a KNOWN or REFRESHING entry holds an address that a station can have */

#include "net/arp/arp.h"

#define ARP_ENTRIES_MAX   64U /* a power of 2 */
#define ARP_ASKING_MAX    32U
#define ARP_TRIES         3U
#define ARP_TRY_NS        1000000000U   /* between requests for an address (RFC 1122 2.3.2.1) */
#define ARP_FAILED_NS     5000000000U   /* for which a failure is believed */
#define ARP_FRESH_NS      60000000000U  /* after which an entry in use is asked for again */
#define ARP_UNUSED_NS     600000000000U /* after which one not in use is forgotten */
#define ARP_ANNOUNCEMENTS 2U            /* RFC 5227 1.1: ANNOUNCE_NUM */
#define ARP_ANNOUNCE_NS   2000000000U   /* ANNOUNCE_INTERVAL */
#define ARP_DEFEND_NS     10000000000U  /* DEFEND_INTERVAL */

enum arp_state { ARP_FREE, ARP_ASKING, ARP_KNOWN, ARP_REFRESHING, ARP_FAILED };

struct arp_entry {
    struct ip4 ip;
    struct eth_addr mac;
    uint8_t state;  /* enum arp_state */
    uint8_t tries;  /* requests sent since the last answer */
    bool ask;       /* a request is to be sent */
    bool wanted;    /* we have looked it up: not merely heard of */
    bool reported;  /* its success or failure is yet to be told (arp_next_news) */
    uint64_t used;  /* when it was last looked up */
    uint64_t heard; /* when its station last spoke */
    uint64_t due;   /* when something happens to it by itself */
};

#define ARP_EVENTS(X)                                                                          \
    X(ARP_REQUESTS_OUT, "requests_out")                                                        \
    X(ARP_REPLIES_OUT, "replies_out")                                                          \
    X(ARP_ANNOUNCED, "announcements_out")                                                      \
    X(ARP_LEARNED, "learned")       /* entries made or completed */                            \
    X(ARP_MOVED, "moved")           /* entries whose hardware address changed */               \
    X(ARP_UNASKED, "unasked")       /* what was heard concerned no entry of ours */            \
    X(ARP_GAVE_UP, "gave_up")       /* addresses asked for in vain */                          \
    X(ARP_EVICTED, "evicted")       /* entries that gave way to another */                     \
    X(ARP_NO_ROOM, "no_room")       /* no entry could give way */                              \
    X(ARP_CONFLICTS, "conflicts")   /* others using our address (RFC 5227 2.4) */              \
    X(ARP_DEFENCES, "defences_out") /* conflicts answered with an announcement */
enum arp_event { ARP_EVENTS(NAMES_MEMBER) ARP_EVENT_COUNT };

struct arp_cache {
    const struct ip4_own *own; /* the caller's */
    bool proxy;                /* answers for all that own->all stands for */
    struct ip4 gateway;        /* may stand outside our networks; 0 for none */
    struct eth_addr mac;
    struct arp_entry entry[ARP_ENTRIES_MAX];
    uint8_t hint[ARP_ENTRIES_MAX]; /* by low bits of an address: where it was last found */
    uint64_t due;                  /* no later than anything that happens by itself */
    uint64_t counts[ARP_EVENT_COUNT];

    bool work;     /* there may be packets or news to fetch */
    bool gave_way; /* a question was evicted: */
    struct ip4 gave_way_ip;

    /* Sets of our listed addresses, by their index as a bit: */
    uint8_t announcing; /* that are to be announced announcements_left times more, */
    uint8_t announce;   /* and now */
    unsigned announcements_left;
    uint64_t announce_due;
    uint64_t defended; /* when an announcement was last sent; conflicts within ARP_DEFEND_NS are
                          not answered */
    bool reply;        /* one is to be sent: */
    struct ip4 reply_from, reply_to;
    struct eth_addr reply_mac;
};

/* Begins with announcements (RFC 5227 2.3). `own` is looked at until the end. */
void arp_init(struct arp_cache *a, const struct ip4_own *own, struct ip4 gateway,
              const struct eth_addr *mac, uint64_t now);
/* The n-th own address is new: it is announced too, and in no entry any more. */
void arp_add_own(struct arp_cache *a, unsigned n, uint64_t now);
/* The list of own addresses is about to lose its n-th. */
void arp_remove_own(struct arp_cache *a, unsigned n);

enum arp_found {
    ARP_FOUND,     /* *mac is written */
    ARP_WAIT,      /* asked: see arp_next_packet, arp_next_news */
    ARP_NOT_FOUND, /* asked in vain not long ago, or there is no room to ask */
};
/* Where the neighbour `ip` is, asking when that is not known. */
enum arp_found arp_find(struct arp_cache *a, struct ip4 ip, uint64_t now, struct eth_addr *mac);

/* A packet arrived (RFC 826 "Packet Reception", RFC 5227 2.4). */
void arp_arrives(struct arp_cache *a, const struct arp_packet *p, uint64_t now);
/* The deadline has come; harmless when it has not. */
void arp_expires(struct arp_cache *a, uint64_t now);
uint64_t arp_deadline(const struct arp_cache *a); /* UINT64_MAX for never */

/* The next packet to be sent, and where; false when there is none. To be called after each of
 * the calls above, until false; cheap when there is none. */
bool arp_next_packet(struct arp_cache *a, struct eth_addr *to, struct arp_packet *p);
/* The next neighbour that arp_find made wait and that was found, or not. To be called after
 * arp_next_packet said false, until false. */
bool arp_next_news(struct arp_cache *a, struct ip4 *ip, bool *found);

void arp_check(const struct arp_cache *a);

#endif
