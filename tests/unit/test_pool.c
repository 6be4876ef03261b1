/* SPDX-License-Identifier: ISC */
#include "base/pool.h"
#include "tests/check.h"

#include <stdlib.h>

static int refuse; /* n > 0: the n-th request from now is refused */

static void *heap_get(struct supply *s, size_t len)
{
    (void)s;
    if (refuse > 0 && --refuse == 0)
        return NULL;
    return calloc(1, len);
}

static void heap_put(struct supply *s, void *at, size_t len)
{
    (void)s;
    (void)len;
    free(at);
}

static struct supply heap_of(size_t limit)
{
    refuse = 0;
    return (struct supply){.get = heap_get, .put = heap_put, .limit = limit};
}

TEST(a_pool_takes_no_memory_before_its_first_object)
{
    struct supply s = heap_of(SIZE_MAX);
    struct pool p;
    pool_init(&p, &s, 100, SIZE_MAX);
    CHECK_INT(s.used, 0);
    void *a = pool_get(&p);
    CHECK(a);
    CHECK_INT(s.used, p.slab_len);
    pool_put(&p, a);
    pool_end(&p);
    CHECK_INT(s.used, 0);
}

TEST(objects_are_zeroed_aligned_and_apart)
{
    struct supply s = heap_of(SIZE_MAX);
    struct pool p;
    static uint8_t zeroes[100];
    uint8_t *at[500];
    pool_init(&p, &s, 100, SIZE_MAX);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 500; i++) {
            at[i] = pool_get(&p);
            CHECK(at[i]);
            CHECK_INT((uintptr_t)at[i] % 16, 0);
            CHECK_MEM(at[i], zeroes, 100);
            memset(at[i], i & 0xff, 100);
        }
        for (int i = 0; i < 500; i++) {
            for (int j = 0; j < 100; j++)
                CHECK_INT(at[i][j], i & 0xff);
            pool_put(&p, at[i]);
        }
    }
    pool_end(&p);
    CHECK_INT(s.used, 0);
}

TEST(a_pool_stops_at_its_own_limit)
{
    struct supply s = heap_of(SIZE_MAX);
    struct pool p;
    pool_init(&p, &s, 16, 3);
    void *a = pool_get(&p), *b = pool_get(&p), *c = pool_get(&p);
    CHECK(a && b && c);
    CHECK(!pool_get(&p));
    pool_put(&p, b);
    CHECK(pool_get(&p) == b);
    pool_put(&p, a);
    pool_put(&p, b);
    pool_put(&p, c);
    pool_put(&p, NULL);
    pool_end(&p);
}

TEST(a_pool_stops_where_its_supply_does_and_goes_on_later)
{
    for (int n = 1; n < 5; n++) {
        struct supply s = heap_of(SIZE_MAX);
        struct pool p;
        void *at[64];
        size_t got = 0;
        pool_init(&p, &s, 1000, SIZE_MAX);
        size_t in_slab = (p.slab_len - 16) / p.size;
        refuse = n;
        while (got < 64 && (at[got] = pool_get(&p)) != NULL)
            got++;
        CHECK_INT(got, in_slab * (size_t)(n - 1));
        CHECK_INT(s.refused, 1);
        CHECK(p.live == got);
        at[got] = pool_get(&p);
        CHECK(at[got]);
        for (size_t i = 0; i <= got; i++)
            pool_put(&p, at[i]);
        pool_end(&p);
        CHECK_INT(s.used, 0);
    }
}

TEST(a_large_object_has_a_slab_that_fits_it)
{
    struct supply s = heap_of(SIZE_MAX);
    struct pool p;
    pool_init(&p, &s, 70000, 1);
    void *a = pool_get(&p);
    CHECK(a);
    memset(a, 1, 70000);
    pool_put(&p, a);
    pool_end(&p);
}

TEST_MAIN(TEST_OF(a_pool_takes_no_memory_before_its_first_object),
          TEST_OF(objects_are_zeroed_aligned_and_apart), TEST_OF(a_pool_stops_at_its_own_limit),
          TEST_OF(a_pool_stops_where_its_supply_does_and_goes_on_later),
          TEST_OF(a_large_object_has_a_slab_that_fits_it))
