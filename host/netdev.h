/* SPDX-License-Identifier: ISC */
#ifndef HOST_NETDEV_H
#define HOST_NETDEV_H

/* What a network device can be attached to. */

#include "host/error.h"

#include <stdint.h>

#define NETDEV_MTU 1500 /* octets; of a socket, which cannot say */

struct netdev {
    int fd; /* one frame a read and a write; does not block; closes on exec */
    uint16_t mtu;
};

/* A tap interface by its name: it must exist and be up. */
int netdev_open_tap(const char *name, struct netdev *out, struct error *e);

/* A descriptor that the process was started with: "@3". A tap without a packet header,
 * or a Unix socket that keeps packets apart (SOCK_SEQPACKET, SOCK_DGRAM). */
int netdev_adopt(const char *text, struct netdev *out, struct error *e);

#endif
