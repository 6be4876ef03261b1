/* SPDX-License-Identifier: ISC */
#ifndef TESTS_TEST_SUPPLY_H
#define TESTS_TEST_SUPPLY_H

/* A supply from the host's heap that a test can make refuse. Every block is one of its
 * own, so that the address sanitizer sees each octet too far. */

#include "base/supply.h"

#include <stdlib.h>
#include <string.h>

struct test_supply {
    struct supply supply;
    long grants; /* requests still granted; -1 for all */
    bool dirty;  /* its memory is not zeroed, as that of buffers need not be */
};

static inline void *dirty_memory(size_t len)
{
    void *at = malloc(len);
    return at ? memset(at, 0xa5, len) : NULL;
}

static inline void *test_supply_get(struct supply *s, size_t len)
{
    struct test_supply *t = (struct test_supply *)(void *)s;
    if (t->grants == 0)
        return NULL;
    if (t->grants > 0)
        t->grants--;
    return t->dirty ? dirty_memory(len) : calloc(1, len);
}

static inline void test_supply_put(struct supply *s, void *at, size_t len)
{
    (void)s, (void)len;
    free(at);
}

static inline struct test_supply test_supply_of(size_t limit)
{
    return (struct test_supply){
        .supply = {.get = test_supply_get, .put = test_supply_put, .limit = limit},
        .grants = -1};
}

#endif
