/* SPDX-License-Identifier: ISC */
#ifndef PLAT_HVT_PAGETABLE_H
#define PLAT_HVT_PAGETABLE_H

/* Page tables of x86_64 that map addresses below 4 GiB to themselves. Pure: they lie wherever
 * the caller says. */

#include <stdbool.h>
#include <stdint.h>

#define PAGETABLE_W  (1ULL << 1)  /* may be written */
#define PAGETABLE_U  (1ULL << 2)  /* at ring 3 too */
#define PAGETABLE_NX (1ULL << 63) /* not executed */

struct pagetable {
    uint64_t *root;      /* what CR3 points to */
    uintptr_t next, end; /* zeroed pages that tables are taken from */
};

/* Begins with a root in the first of the zeroed pages [at, end). False: there is none. */
bool pagetable_init(struct pagetable *t, uintptr_t at, uintptr_t end);

/* Maps the whole pages [from, to), in as large pages as fit; nothing of it may be mapped
 * already. False: there were not enough pages for the tables. */
bool pagetable_map(struct pagetable *t, uint64_t from, uint64_t to, uint64_t flags);

#endif
