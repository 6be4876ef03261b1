/* SPDX-License-Identifier: ISC */
#ifndef BASE_SUPPLY_H
#define BASE_SUPPLY_H

/* Where memory comes from, as an argument: pure code takes a supply and never
 * knows a heap, so that a test can refuse the n-th request. A supply is also a
 * budget: what a subsystem holds never exceeds its limit. */

#include "base/check.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct supply {
    /* `len` octets aligned to 16 (to the page size when len is a multiple of it), or NULL;
     * zeroed, unless the supply is for buffers. Never waits. */
    void *(*get)(struct supply *s, size_t len);
    /* Takes back what get gave, with the same len. */
    void (*put)(struct supply *s, void *at, size_t len);
    size_t limit;     /* octets; SIZE_MAX for none */
    size_t used;      /* octets now */
    uint64_t refused; /* requests that the limit or the source refused */
};

static inline void *supply_get(struct supply *s, size_t len)
{
    void *at = len <= s->limit - s->used ? s->get(s, len) : NULL;
    if (at)
        s->used += len;
    else
        s->refused++;
    return at;
}

static inline void supply_put(struct supply *s, void *at, size_t len)
{
    if (!at)
        return;
    check(s->used >= len);
    s->used -= len;
    s->put(s, at, len);
}

#endif
