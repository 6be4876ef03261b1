/* SPDX-License-Identifier: ISC */
#ifndef HOST_USERNET_H
#define HOST_USERNET_H

/* The user-mode network: a gateway without root or a tap. It runs in a helper
 * process of its own, in a sandbox of its own, and is joined to the image by a socket
 * that carries one Ethernet frame a packet. What does the work behind this interface
 * can change. The network is 10.0.0.0/24: the gateway is 10.0.0.1, the image 10.0.0.2. */

#include "host/error.h"
#include "host/usernet_spec.h"

#include <stdint.h>
#include <sys/types.h>

#define USERNET_IMAGE_PREFIX "10.0.0.2/24"
#define USERNET_GATEWAY      "10.0.0.1"

struct usernet {
    int fd;    /* the image's end: SOCK_SEQPACKET, non-blocking, close-on-exec */
    pid_t pid; /* the helper; it ends by itself when `fd` and its copies are closed */
    uint16_t mtu;
};

/* Starts the helper (drupe-usernet, beside the running program) for a specification
 * "user[,publish=ADDR:PORT:GUESTPORT[/tcp|/udp]]...". The published ports are bound
 * when this returns. ADDR may be left out: it is 127.0.0.1. Returns 0, or -1: the
 * specification is wrong, a port is in use or not permitted, the helper is missing. */
int usernet_start(const char *spec, struct usernet *out, struct error *e);

#endif
