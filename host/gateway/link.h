/* SPDX-License-Identifier: ISC */
#ifndef GATEWAY_LINK_H
#define GATEWAY_LINK_H

/* The socket to the image, a frame a packet, and the frames that wait: the short ones until the
 * end of the turn, to go out many to a system call, and all of them while the image takes none.
 * In they come many to a system call too. */

#include "base/octets.h"
#include "host/gateway/wire.h"

#define LINK_QUEUE (4U * USERNET_FRAME_MAX) /* octets that wait at most */
#define LINK_BATCH 32U                      /* frames of one system call */
#define LINK_SHORT 4096U                    /* octets of a frame that waits for others */

struct link {
    int fd;
    bool gone;         /* the image's end is closed */
    bool full;         /* it takes no more now: link_flush tries again */
    size_t head, tail; /* of what waits in `queue`: a length, then a frame, and so on */
    uint8_t queue[LINK_QUEUE];
};

/* Sends a frame, or lets it wait. 0, or -EAGAIN when there is no room to wait in. */
int link_send(struct link *l, struct bytes frame);

/* Sends what waits, as far as the socket takes it. Does not wait. */
void link_flush(struct link *l);

/* Hands up to LINK_BATCH frames to `take`; returns how many there were. Does not wait. Longer
 * frames than the network's are not handed over. */
size_t link_receive(struct link *l, void (*take)(void *arg, struct bytes frame), void *arg);

#endif
