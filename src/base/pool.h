/* SPDX-License-Identifier: ISC */
#ifndef BASE_POOL_H
#define BASE_POOL_H

/* Objects of one size, carved from slabs of a supply and kept for reuse. */

#include "base/supply.h"

struct pool {
    struct supply *supply;
    size_t size;             /* octets of an object, a multiple of 16 */
    size_t slab_len;         /* octets asked of the supply at a time */
    void *free;              /* chain through the free objects */
    size_t live;             /* objects handed out */
    size_t max;              /* most objects at once; SIZE_MAX for the supply's limit alone */
    struct pool_slab *slabs; /* all of them, for pool_end */
};

/* Objects of at least `size` octets. Never fails; takes no memory yet. */
void pool_init(struct pool *p, struct supply *supply, size_t size, size_t max);
/* A zeroed object, or NULL. */
void *pool_get(struct pool *p);
/* Whether pool_get would give one. */
bool pool_may_give(const struct pool *p);
void pool_put(struct pool *p, void *object);
/* Gives every slab back. All objects must have been put back. */
void pool_end(struct pool *p);

#endif
