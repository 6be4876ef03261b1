/* SPDX-License-Identifier: ISC */
#include "base/rate.h"
#include "tests/check.h"

TEST(a_fresh_rate_allows_a_burst_and_no_more)
{
    struct rate r = {0};
    for (int i = 0; i < 5; i++)
        CHECK(rate_allows(&r, 100, 5, 1000));
    CHECK(!rate_allows(&r, 100, 5, 1000));
}

TEST(time_brings_uses_back_one_by_one)
{
    struct rate r = {0};
    while (rate_allows(&r, 100, 5, 1000))
        ;
    CHECK(!rate_allows(&r, 100, 5, 1099));
    CHECK(rate_allows(&r, 100, 5, 1100));
    CHECK(!rate_allows(&r, 100, 5, 1199));
    CHECK(rate_allows(&r, 100, 5, 1200));
}

TEST(a_long_rest_is_worth_no_more_than_a_burst)
{
    struct rate r = {0};
    CHECK(rate_allows(&r, 100, 2, 1000));
    CHECK(rate_allows(&r, 100, 2, 1000000));
    CHECK(rate_allows(&r, 100, 2, 1000000));
    CHECK(!rate_allows(&r, 100, 2, 1000000));
}

TEST_MAIN(TEST_OF(a_fresh_rate_allows_a_burst_and_no_more),
          TEST_OF(time_brings_uses_back_one_by_one),
          TEST_OF(a_long_rest_is_worth_no_more_than_a_burst))
