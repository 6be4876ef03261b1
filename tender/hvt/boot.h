/* SPDX-License-Identifier: ISC */
#ifndef TENDER_HVT_BOOT_H
#define TENDER_HVT_BOOT_H

/* What the image is told at its start, in low memory: boot info, hvt_more, manifest,
 * command line. */

#include "tender/hvt/guest.h"

struct boot {
    uint64_t kernel_end, cycles_per_s;
    uint64_t net_ring; /* address, or 0 */
    int argc;          /* of the image's arguments */
    char **argv;
};

int boot_write(const struct boot *b, struct guest *g, struct error *e);

#endif
