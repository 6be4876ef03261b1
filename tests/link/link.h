/* SPDX-License-Identifier: ISC */
#ifndef TESTS_SIM_LINK_H
#define TESTS_SIM_LINK_H

/* A link between two ends, 0 and 1, that does to packets what networks do. Each packet in
 * flight is a block of its own, so that a sanitizer sees what reads past its end. */

#include "base/octets.h"
#include "tests/sim/rng.h"

#define LINK_PACKETS 1024

struct link_packet {
    uint64_t at;
    uint8_t *octets;
    uint32_t len;
    int to;
};

struct link {
    struct rng *rng;
    /* Of 1000: */
    unsigned loss, duplication, corruption;
    uint32_t sound;               /* the first octets, which corruption spares */
    uint64_t delay_ns, jitter_ns; /* jitter reorders */
    uint64_t octets_per_s;        /* 0: no bound */
    uint64_t queue_ns; /* longest wait for the bandwidth; what would wait more is lost */
    uint64_t busy_until[2];
    unsigned packets;
    struct link_packet packet[LINK_PACKETS];
};

/* Loss up to max_loss of 1000, and the rest at random. */
void link_init(struct link *l, struct rng *rng, unsigned max_loss);
void link_send(struct link *l, int to, struct bytes packet, uint64_t now);
/* When the next packet arrives; UINT64_MAX for none. */
uint64_t link_next(const struct link *l);
/* Takes out the packet that arrives next; the caller frees its octets. */
struct link_packet link_take(struct link *l);
void link_end(struct link *l);

#endif
