/* SPDX-License-Identifier: ISC */
#ifndef TENDER_HVT_NETRING_H
#define TENDER_HVT_NETRING_H

/* The network ring of the contract: the image puts frames to be sent, and requests for
 * frames that came, into shared memory, and a thread of the tender's serves them beside it.
 *
 * The image can write all of the ring at any time. So: the tender's indices are its own,
 * and only copied there; ent_tail is read once a round and must not be more than a full
 * ring ahead; each entry is copied out once and the copy is checked and used.
 *
 * An image that makes the call RECEIVE has the ring served by that, beside the thread: who
 * serves holds the lock, and who does not get it has nothing to do. */

#include "tender/hvt/guest.h"

struct netring {
    bool locked;
    const struct guest *guest;
    struct hvt_ring *shared;
    uint32_t ent_head, com_tail;
    struct net_stats net;
    uint64_t entries, rounds; /* served; times that there were some */
};

/* The ring lies in the guest's memory from memory.size on. */
void netring_init(struct netring *r, const struct guest *g);

/* Whether there is something to serve. A hint: it may be served meanwhile. */
bool netring_waiting(const struct netring *r);

/* Serves what is there, unless another thread is about it: that one looks again before it
 * sleeps. Returns -1, with the line, when an entry is malformed. */
int netring_serve(struct netring *r, struct error *e);

/* What the image reads to see whether it must kick. */
void netring_ask_for_kicks(struct netring *r, bool ask);

#endif
