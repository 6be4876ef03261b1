/* SPDX-License-Identifier: ISC */
#ifndef RT_PAGES_H
#define RT_PAGES_H

/* The image's memory, by pages: all of plat_boot()->mem. What every other part
 * holds comes from here through a budget of its own (struct supply). */

#include "base/supply.h"

#define PAGE_LEN 4096U

/* Takes the memory over (page aligned, zeroed). Some of it, 1 part in 340, describes the
 * rest. To be called once, before anything else here. */
void pages_init(uint8_t *mem, size_t len);

/* Contiguous pages, at least `len` octets rounded up, not zeroed unless `zeroed`.
 * NULL when there are none. Never waits. */
void *pages_get(size_t len, bool zeroed);
/* Takes back a whole run, or a part of one (page-aligned), as musl's munmap does. */
void pages_put(void *at, size_t len);

size_t pages_total(void); /* octets */
size_t pages_left(void);  /* octets */

/* A supply of pages with a budget of `limit` octets; small requests are rounded up
 * to pages, so it is for slabs, stacks and buffers. */
void pages_supply(struct supply *s, size_t limit);
/* The same, whose memory is as it was left: for stacks, which nobody reads before
 * writing, and where zeroing would be most of the cost. */
void pages_supply_raw(struct supply *s, size_t limit);

#endif
