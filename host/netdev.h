/* SPDX-License-Identifier: ISC */
#ifndef HOST_NETDEV_H
#define HOST_NETDEV_H

/* What a network device can be attached to. */

#include "host/error.h"

#include <stdint.h>

#define NETDEV_MTU 1500 /* octets; of a socket, which cannot say, when nobody else does */

struct netdev {
    int fd; /* one frame a read and a write; does not block; closes on exec */
    uint16_t mtu;
    uint8_t features; /* on for it: enum offload_feature; any puts a header before each frame */
};

/* `understood` says what of enum offload_feature the image can make use of.
 *
 * A tap interface by its name: it must exist and be up. */
int netdev_open_tap(const char *name, uint8_t understood, struct netdev *out, struct error *e);

/* A descriptor that the process was started with: "@3". A tap, whose frames have VIRTIO's
 * header before them only when the image understands it; or a Unix socket that keeps packets
 * apart (SOCK_SEQPACKET, SOCK_DGRAM), with "@3,offload" one whose other end speaks of its
 * frames with such headers, too, and with "@3,mtu=65520" one with another MTU. */
int netdev_adopt(const char *text, uint8_t understood, struct netdev *out, struct error *e);

#endif
