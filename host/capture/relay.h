/* SPDX-License-Identifier: ISC */
#ifndef CAPTURE_RELAY_H
#define CAPTURE_RELAY_H

/* Hands frames on between the image's links and the devices, each after it was recorded: what
 * anybody has seen is in the file. A side that is full is waited for, and meanwhile nothing is
 * read for it, so that the capture itself loses nothing. */

#include "host/capture/record.h"
#include "host/error.h"

/* A device of the image. */
struct relay_device {
    int link, fd;
    uint8_t features;
};

/* Room for `devices` of them; 0, or -1 with the line. */
int relay_open(const struct relay_device *device, unsigned devices, struct error *e);

/* Until every link's other end is closed, or the devices are gone. */
void relay_run(struct record *r);

#endif
