/* SPDX-License-Identifier: ISC */
#ifndef GATEWAY_GATEWAY_H
#define GATEWAY_GATEWAY_H

/* The relay between an image on an Ethernet link and the host's sockets, pure: frames, events
 * and the time go in; frames and calls of struct gateway_host come out. TCP ends here on both
 * sides: what one side sends waits, bounded, until the other takes it, and no longer than
 * that is more asked for.
 *
 *  G1  The image reaches what policy.h lets it reach, from its own address alone.
 *  G2  Every table has a limit. Full, datagram flows give way to newer ones; no stream does:
 *      a SYN of the image is not answered, and clients wait in the host's backlog.
 *  G3  A connection of the image's is answered when the host has made it: refused is a reset,
 *      unreachable an ICMP error. Ends and resets are passed on as what they are, each way.
 *  G4  A client of a published port waits until the image answers ARP, as long as TCP waits
 *      for the answer to a SYN. */

#include "base/siphash.h"
#include "base/supply.h"
#include "host/gateway/host.h"

#define GATEWAY_RESOLVERS_MAX 3U /* as resolv.conf(5) */
#define GATEWAY_DNS_PORT      53U

struct gateway;

/* A port of the host that leads to the image. Its descriptor is the caller's. */
struct gateway_port {
    struct watch watch;
    uint16_t image_port;
    bool udp;
};

struct gateway_config {
    struct ip4 ip, image; /* ours, and the image's: neighbours in a /prefix_len */
    uint8_t prefix_len;
    uint16_t mtu; /* of the link: 576 to 65,520 */
    uint8_t mac[6];
    struct ip4 resolver[GATEWAY_RESOLVERS_MAX];
    unsigned resolvers; /* 0: questions are refused */
    struct gateway_port *port;
    unsigned ports;
    uint32_t streams_max, flows_max; /* each may hold a descriptor of the host */
    struct supply *memory;           /* tables */
    struct supply *buffers;          /* what waits for the image or the host; not zeroed */
    struct siphash_key key;
};

/* 0 or -ENOMEM. The configuration is copied; the ports and supplies must outlive it. */
int gateway_new(struct gateway **out, const struct gateway_config *cfg,
                const struct gateway_host *host, uint64_t now);
/* Closes what it opened. */
void gateway_free(struct gateway **g);

/* A frame that the image sent. */
void gateway_frame(struct gateway *g, struct bytes frame, uint64_t now);
/* Something happened to a descriptor (enum host_event). */
void gateway_ready(struct gateway *g, struct watch *w, unsigned events, uint64_t now);
/* The link takes frames again. */
void gateway_link_ready(struct gateway *g);
/* Timers, what is left of the last turn, then what is to be sent. Once a turn, after the
 * events; no watch that it freed is named by an event of an earlier turn. */
void gateway_turn(struct gateway *g, uint64_t now);
/* When the next turn is due at the latest: 0 for at once, UINT64_MAX for never. */
uint64_t gateway_next(const struct gateway *g);

/* Counters: the name of the n-th and its value; NULL when there are fewer. */
const char *gateway_counter(const struct gateway *g, unsigned n, uint64_t *value);
/* How many of each are held. */
uint32_t gateway_streams(const struct gateway *g);
uint32_t gateway_flows(const struct gateway *g);

/* Every invariant, verified: for tests and fuzzers. */
void gateway_check(const struct gateway *g);

#endif
