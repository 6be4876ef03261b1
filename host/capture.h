/* SPDX-License-Identifier: ISC */
#ifndef HOST_CAPTURE_H
#define HOST_CAPTURE_H

/* Captures what goes over network devices: a process of its own (drupe-pcap, beside the
 * running program) is put between the image and the devices, hands on every frame, and writes
 * it to a file before that. So it is the same for every target, also where the image reads its
 * device itself, and for taps, sockets and the user-mode network. Without a capture nothing
 * is in between. */

#include "host/error.h"

#include <stdint.h>

#define CAPTURE_DEVICES_MAX 63

struct capture_device {
    const char *name;     /* as the image declares it */
    const char *attached; /* what the command line says that it is attached to */
    uint8_t mac[6];
    uint8_t features; /* on for it: enum offload_feature */
    int fd;           /* of the device; then, of the image's end of a socket to it */
};

/* `file`: a file that does not exist yet, which is made for its owner alone; a FIFO; or "-" for
 * standard output, and then the image's console is standard error. The process ends by itself
 * when the image does. Returns 0, or -1 with the line. */
int capture_start(const char *file, const struct capture_device *device, unsigned devices,
                  struct error *e);

#endif
