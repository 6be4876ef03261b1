/* SPDX-License-Identifier: ISC */
/* Page tables, walked as the processor does. */
#include "tests/check.h"

#include "plat/hvt/pagetable.h"

#include <stdlib.h>
#include <string.h>

#define PAGE    4096ULL
#define LARGE   (2ULL << 20)
#define ADDRESS 0x000ffffffffff000ULL
#define FLAGS   (PAGETABLE_W | PAGETABLE_U | PAGETABLE_NX)
#define ROOM    16U

static _Alignas(4096) uint8_t room[ROOM * 4096];

static struct pagetable fresh(unsigned pages)
{
    struct pagetable t;
    memset(room, 0, sizeof room);
    CHECK(pagetable_init(&t, (uintptr_t)room, (uintptr_t)room + pages * PAGE));
    return t;
}

/* What the address leads to: the last entry, or 0; *large when it is of 2 MiB. */
static uint64_t walk(const struct pagetable *t, uint64_t at, bool *large)
{
    const uint64_t *table = t->root;
    for (unsigned level = 3;; level--) {
        uint64_t entry = table[at >> (12 + 9 * level) & 511];
        *large = level == 1 && entry & 0x80;
        if (!(entry & 1))
            return 0;
        if (level == 0 || *large)
            return entry;
        CHECK((entry & 7) == 7 && !(entry & PAGETABLE_NX));
        table = (const uint64_t *)(uintptr_t)(entry & ADDRESS);
    }
}

static uint64_t leads_to(const struct pagetable *t, uint64_t at)
{
    bool large;
    uint64_t entry = walk(t, at, &large);
    return entry ? (entry & ADDRESS) + at % (large ? LARGE : PAGE) : 0;
}

TEST(what_is_mapped_leads_to_itself_and_nothing_else_does)
{
    struct pagetable t = fresh(ROOM);
    CHECK(pagetable_map(&t, 0x101000, 0x104000, PAGETABLE_U));
    CHECK(leads_to(&t, 0x101000) == 0x101000 && leads_to(&t, 0x103fff) == 0x103fff);
    CHECK(!leads_to(&t, 0x100fff) && !leads_to(&t, 0x104000) && !leads_to(&t, 0));
}

TEST(a_page_may_be_used_as_was_said)
{
    struct pagetable t = fresh(ROOM);
    bool large;
    CHECK(pagetable_map(&t, 0x1000, 0x2000, PAGETABLE_U));
    CHECK(pagetable_map(&t, 0x2000, 0x3000, PAGETABLE_W | PAGETABLE_NX));
    CHECK((walk(&t, 0x1000, &large) & FLAGS) == PAGETABLE_U);
    CHECK((walk(&t, 0x2000, &large) & FLAGS) == (PAGETABLE_W | PAGETABLE_NX));
}

TEST(large_pages_are_used_where_they_fit)
{
    struct pagetable t = fresh(ROOM);
    bool large;
    CHECK(pagetable_map(&t, LARGE - PAGE, 3 * LARGE + PAGE, PAGETABLE_U));
    CHECK(walk(&t, LARGE - PAGE, &large) && !large);
    CHECK(walk(&t, LARGE, &large) && large);
    CHECK(walk(&t, 3 * LARGE - 1, &large) && large);
    CHECK(walk(&t, 3 * LARGE, &large) && !large);
    CHECK(leads_to(&t, 2 * LARGE + 5) == 2 * LARGE + 5 && !leads_to(&t, 3 * LARGE + PAGE));
}

TEST(tables_reach_to_four_gigabytes)
{
    struct pagetable t = fresh(ROOM);
    uint64_t end = 4ULL << 30;
    CHECK(pagetable_map(&t, 0, end, PAGETABLE_U));
    for (uint64_t at = 0; at < end; at += LARGE / 2)
        CHECK(leads_to(&t, at) == at);
    CHECK(!leads_to(&t, end));
    CHECK_INT(t.next, (uintptr_t)room + 6 * PAGE); /* a root, a table of four, those four */
}

TEST(too_few_pages_are_told)
{
    struct pagetable t;
    CHECK(!pagetable_init(&t, (uintptr_t)room, (uintptr_t)room + PAGE - 1));
    for (unsigned pages = 1; pages < 4; pages++) {
        t = fresh(pages);
        CHECK(!pagetable_map(&t, PAGE, 2 * PAGE, PAGETABLE_U));
        CHECK(t.next <= t.end);
    }
    t = fresh(4);
    CHECK(pagetable_map(&t, PAGE, 2 * PAGE, PAGETABLE_U));
}

TEST(neighbours_share_tables)
{
    struct pagetable t = fresh(4);
    for (uint64_t at = 0; at < LARGE; at += 2 * PAGE)
        CHECK(pagetable_map(&t, at, at + PAGE, PAGETABLE_U));
    for (uint64_t at = 0; at < LARGE; at += PAGE)
        CHECK(!leads_to(&t, at + 1) == (at / PAGE % 2 == 1));
}

TEST_MAIN(TEST_OF(what_is_mapped_leads_to_itself_and_nothing_else_does),
          TEST_OF(a_page_may_be_used_as_was_said), TEST_OF(large_pages_are_used_where_they_fit),
          TEST_OF(tables_reach_to_four_gigabytes), TEST_OF(too_few_pages_are_told),
          TEST_OF(neighbours_share_tables))
