/* SPDX-License-Identifier: ISC */
#ifndef CAPTURE_RECORD_H
#define CAPTURE_RECORD_H

/* The capture's file: frames in batches, each batch a system call. What cannot be written is
 * left out, said once on standard error, and counted in the file when writing works again. */

#include "base/offload.h"
#include "host/pcap.h"

#include <sys/types.h>

#define RECORD_BATCH 16U /* frames */

/* What the file says of a device. */
struct record_interface {
    struct pcap_interface is;
    uint64_t start_ns;
    uint64_t received, dropped;
    uint64_t missing; /* dropped since the last one that was written */
    uint64_t lost;    /* frames that the device or the image did not take */
};

struct record {
    const char *name; /* of the file, for messages */
    int fd;
    bool seeks; /* it is a file, and ends at `end` */
    bool over;  /* nobody reads it any more */
    bool said;  /* that something was left out */
    off_t end;  /* octets */
    struct record_interface *interface;
    unsigned interfaces;
};

/* A frame as it goes over the link: with its header where the device has offloads. The octets
 * are changed for a moment while they are written. */
struct record_frame {
    uint8_t *at;
    size_t len;
};

/* Writes what stands before the frames. */
void record_begin(struct record *r, uint64_t now_ns);

/* At most RECORD_BATCH frames, all of one interface and one way. */
void record_frames(struct record *r, unsigned interface, bool inbound, uint8_t features,
                   const struct record_frame *frame, unsigned frames, uint64_t now_ns);

/* The statistics. */
void record_end(struct record *r, uint64_t now_ns);

#endif
