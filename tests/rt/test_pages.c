/* SPDX-License-Identifier: ISC */
#include "tests/support/vplat.h"

#include "rt/pages.h"

#include <stdlib.h>
#include <sys/mman.h>

static uint8_t *memory;
static size_t memory_len;

static void begin(size_t len)
{
    vplat_reset();
    if (memory)
        munmap(memory, memory_len);
    memory_len = len;
    memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        abort();
    pages_init(memory, len);
}

static uint64_t seed = 1;
static uint64_t dice(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

TEST(all_memory_but_a_three_hundredth_is_handed_out)
{
    begin(8U << 20);
    CHECK(pages_total() > (8U << 20) - (8U << 20) / 250);
    CHECK_INT(pages_left(), pages_total());
    size_t n = 0;
    while (pages_get(1, false))
        n++;
    CHECK_INT(n, pages_total() / PAGE_LEN);
    CHECK_INT(pages_left(), 0);
}

TEST(the_whole_can_be_had_in_one_piece_and_again)
{
    begin(8U << 20);
    for (int i = 0; i < 3; i++) {
        void *all = pages_get(pages_total(), false);
        CHECK(all);
        CHECK(!pages_get(1, false));
        pages_put(all, pages_total());
    }
    CHECK(!pages_get(pages_total() + 1, false));
    CHECK(!pages_get(SIZE_MAX, false));
    CHECK(!pages_get(0, false));
    pages_put(NULL, 5);
}

TEST(memory_too_small_to_describe_itself_holds_nothing)
{
    for (size_t pages = 0; pages < 3; pages++) {
        begin((pages + 1) * PAGE_LEN);
        pages_init(memory, pages * PAGE_LEN);
        while (pages_get(1, true))
            ;
        CHECK_INT(pages_left(), 0);
    }
}

static bool all_zero(const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (p[i])
            return false;
    return true;
}

TEST(zeroed_memory_is_zero_whoever_had_it_before)
{
    begin(4U << 20);
    for (int i = 0; i < 400; i++) {
        size_t len = (dice() % 100 + 1) * PAGE_LEN;
        bool zeroed = dice() & 1;
        uint8_t *p = pages_get(len, zeroed);
        CHECK(p);
        CHECK(!zeroed || all_zero(p, len));
        memset(p, 0xaa, len);
        size_t more = (dice() % 200 + 1) * PAGE_LEN;
        uint8_t *q = pages_get(more, true);
        CHECK(q && all_zero(q, more));
        memset(q, 0xbb, more);
        pages_put(p, len);
        pages_put(q, more);
        if (dice() % 8 == 0)
            begin(4U << 20);
    }
}

TEST(a_run_can_be_given_back_in_parts)
{
    begin(1U << 20);
    uint8_t *p = pages_get(16 * PAGE_LEN, false);
    size_t left = pages_left();
    CHECK(p);
    pages_put(p + 4 * PAGE_LEN, 4 * PAGE_LEN);
    pages_put(p + 12 * PAGE_LEN, 4 * PAGE_LEN);
    pages_put(p, 4 * PAGE_LEN);
    CHECK_INT(pages_left(), left + 12 * PAGE_LEN);
    pages_put(p + 8 * PAGE_LEN, 4 * PAGE_LEN);
    CHECK(pages_get(pages_total(), false));
}

static uint8_t *twice;

static void put_twice(void)
{
    pages_init(memory, memory_len);
    twice = pages_get(8 * PAGE_LEN, false);
    pages_put(twice + PAGE_LEN, PAGE_LEN);
    pages_put(twice, 8 * PAGE_LEN); /* page 1 is free */
}

static void put_foreign(void)
{
    pages_init(memory, memory_len);
    pages_put(memory, PAGE_LEN); /* what describes the pages is not a page */
}

static void put_beyond(void)
{
    pages_init(memory, memory_len);
    uint8_t *p = pages_get(pages_total(), false);
    pages_put(p, pages_total() + PAGE_LEN);
}

static void put_crooked(void)
{
    pages_init(memory, memory_len);
    uint8_t *p = pages_get(2 * PAGE_LEN, false);
    pages_put(p + 16, PAGE_LEN);
}

TEST(what_is_given_back_twice_or_was_never_given_is_found)
{
    begin(1U << 20);
    CHECK_INT(vplat_run_bare(put_twice), 255);
    CHECK(strstr(vplat_console(), "check failed"));
    CHECK_INT(vplat_run_bare(put_foreign), 255);
    CHECK_INT(vplat_run_bare(put_beyond), 255);
    CHECK_INT(vplat_run_bare(put_crooked), 255);
}

/* ---- Against a model: an array that says whose each page is ---------------- */

#define RUNS 300

struct run {
    size_t first, pages; /* from `memory` */
};

static uint16_t owner[4096];
static struct run runs[RUNS];

static size_t longest_free(size_t ahead, size_t total)
{
    size_t best = 0, n = 0;
    for (size_t i = ahead; i < ahead + total; i++) {
        n = owner[i] ? 0 : n + 1;
        best = n > best ? n : best;
    }
    return best;
}

static void model_get(unsigned which, size_t ahead, size_t total)
{
    static const size_t usual[] = {1, 1, 2, 8, 8, 8, 16, 64, 256, 1024};
    size_t pages = dice() % 3 ? usual[dice() % 10] : dice() % 70 + 1;
    uint8_t *p = pages_get(pages * PAGE_LEN - dice() % PAGE_LEN, false);
    CHECK(!!p == (longest_free(ahead, total) >= pages));
    if (!p)
        return;
    size_t first = (size_t)(p - memory) / PAGE_LEN;
    CHECK(first >= ahead && first + pages <= ahead + total);
    for (size_t i = first; i < first + pages; i++) {
        CHECK_INT(owner[i], 0);
        owner[i] = (uint16_t)(which + 1);
    }
    runs[which] = (struct run){first, pages};
}

static void model_put(unsigned which)
{
    struct run *r = &runs[which];
    size_t n = dice() % 4 ? r->pages : dice() % r->pages + 1; /* from the end or all */
    size_t from = r->first + r->pages - n;
    for (size_t i = from; i < from + n; i++) {
        CHECK_INT(owner[i], which + 1);
        owner[i] = 0;
    }
    pages_put(memory + from * PAGE_LEN, n * PAGE_LEN);
    r->pages -= n;
}

TEST(pages_agree_with_a_naive_model)
{
    begin(16U << 20);
    size_t total = pages_total() / PAGE_LEN, ahead = 4096 - total, used = 0;
    memset(owner, 0, sizeof owner);
    memset(runs, 0, sizeof runs);
    for (int step = 0; step < 20000; step++) {
        unsigned which = (unsigned)(dice() % RUNS);
        if (runs[which].pages)
            model_put(which);
        else
            model_get(which, ahead, total);
    }
    for (size_t i = ahead; i < ahead + total; i++)
        used += owner[i] != 0;
    CHECK_INT(pages_left(), (total - used) * PAGE_LEN);
    for (unsigned i = 0; i < RUNS; i++)
        while (runs[i].pages)
            model_put(i);
    CHECK(pages_get(pages_total(), false));
}

TEST(stacks_and_rings_mixed_for_long_leave_room_for_a_large_ring)
{
    static void *stack[64], *ring[32];
    begin(16U << 20);
    for (int step = 0; step < 20000; step++) {
        unsigned s = (unsigned)(dice() % 64), r = (unsigned)(dice() % 32);
        if (stack[s])
            pages_put(stack[s], 32768);
        stack[s] = dice() & 1 ? pages_get(32768, false) : NULL;
        if (ring[r])
            pages_put(ring[r], 65536);
        ring[r] = dice() & 1 ? pages_get(65536, false) : NULL;
        if (step % 1000 == 999) {
            void *large = pages_get(4U << 20, false);
            CHECK(large);
            pages_put(large, 4U << 20);
        }
    }
}

TEST(single_pages_are_kept_warm_until_a_longer_run_needs_them)
{
    begin(1U << 20);
    uint8_t *page[40];
    size_t all = pages_left();
    for (int i = 0; i < 40; i++)
        CHECK(page[i] = pages_get(PAGE_LEN, false));
    for (int i = 0; i < 40; i++)
        pages_put(page[i], PAGE_LEN);
    CHECK_INT(pages_left(), all);
    uint8_t *first = pages_get(PAGE_LEN, false), *second = pages_get(PAGE_LEN, false);
    CHECK(first == page[15] && second == page[14]);
    pages_put(first, PAGE_LEN);
    CHECK(pages_get(PAGE_LEN, true) == first && all_zero(first, PAGE_LEN));
    pages_put(second, PAGE_LEN);
    pages_put(first, PAGE_LEN);
    CHECK(pages_get(all, false));
    CHECK_INT(pages_left(), 0);
}

static void put_a_kept_page_twice(void)
{
    pages_init(memory, memory_len);
    uint8_t *p = pages_get(2 * PAGE_LEN, false);
    pages_put(p, PAGE_LEN);
    pages_put(p, 2 * PAGE_LEN);
}

TEST(a_run_of_which_a_page_is_kept_is_not_given_back_again)
{
    begin(1U << 20);
    CHECK_INT(vplat_run_bare(put_a_kept_page_twice), 255);
    CHECK(strstr(vplat_console(), "check failed"));
}

TEST(a_supply_of_pages_keeps_to_its_budget)
{
    struct supply s;
    begin(4U << 20);
    pages_supply(&s, 64U << 10);
    void *a = supply_get(&s, 60U << 10);
    CHECK(a);
    CHECK(!supply_get(&s, 5U << 10));
    CHECK_INT(s.refused, 1);
    supply_put(&s, a, 60U << 10);
    CHECK_INT(s.used, 0);
    CHECK_INT(pages_left(), pages_total());
}

TEST_MAIN(TEST_OF(all_memory_but_a_three_hundredth_is_handed_out),
          TEST_OF(the_whole_can_be_had_in_one_piece_and_again),
          TEST_OF(memory_too_small_to_describe_itself_holds_nothing),
          TEST_OF(zeroed_memory_is_zero_whoever_had_it_before),
          TEST_OF(a_run_can_be_given_back_in_parts),
          TEST_OF(what_is_given_back_twice_or_was_never_given_is_found),
          TEST_OF(pages_agree_with_a_naive_model),
          TEST_OF(stacks_and_rings_mixed_for_long_leave_room_for_a_large_ring),
          TEST_OF(single_pages_are_kept_warm_until_a_longer_run_needs_them),
          TEST_OF(a_run_of_which_a_page_is_kept_is_not_given_back_again),
          TEST_OF(a_supply_of_pages_keeps_to_its_budget))
