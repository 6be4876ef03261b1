/* SPDX-License-Identifier: ISC */
#ifndef HOST_USERNET_LINK_H
#define HOST_USERNET_LINK_H

/* The socket to the image, a frame a packet, and the frames that wait until it takes
 * more. Frames of one turn of the loop go out in one system call, and come in so. */

#include "host/usernet/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINK_QUEUE 1024 /* frames that wait at most */
#define LINK_PAUSE 128  /* with so many waiting, no more is read from the host's sockets */
#define LINK_BATCH 32   /* frames of one system call */

struct link {
    int fd;
    bool gone;        /* the image's end is closed */
    uint64_t dropped; /* frames for the image for which there was no room */
    size_t head;      /* the first waiting frame */
    size_t waiting;
    size_t most; /* waiting at once, since the memory was last given back */
    uint16_t len[LINK_QUEUE];
    uint8_t frame[LINK_QUEUE][USERNET_FRAME_MAX];
};

/* Puts a frame at the end of the queue; without room it is dropped and counted. */
void link_send(struct link *l, const void *frame, size_t len);

/* Writes what the socket takes. Does not wait. */
void link_flush(struct link *l);

/* Hands up to LINK_BATCH frames to `take`; returns how many there were. Does not
 * wait. Longer frames than the network's are not handed over. */
size_t link_receive(struct link *l, void (*take)(void *arg, const uint8_t *frame, size_t len),
                    void *arg);

/* Gives the memory of a long queue back, when it is empty. */
void link_trim(struct link *l);

#endif
