/* SPDX-License-Identifier: ISC */
#ifndef GATEWAY_MEMORY_H
#define GATEWAY_MEMORY_H

/* The memory of the helper as supplies: blocks straight from the kernel, and some that were
 * put back are kept for the next who wants one of the size. */

#include "base/supply.h"

#define MEMORY_KEPT        512U        /* blocks of one size at most, */
#define MEMORY_KEPT_OCTETS (16U << 20) /* and octets in all */
#define MEMORY_CLASSES     20U         /* sizes: a page, two, four ... */

struct memory {
    struct supply supply;
    void *kept[MEMORY_CLASSES][MEMORY_KEPT];
    unsigned n[MEMORY_CLASSES];
    size_t kept_octets;
    bool dirty; /* what was kept is handed out as it was left: for buffers */
};

void memory_init(struct memory *m, size_t limit);
/* Gives what is kept back to the kernel. */
void memory_trim(struct memory *m);

#endif
