/* SPDX-License-Identifier: ISC */
#include "base/hash.h"
#include "base/list.h"
#include "tests/check.h"
#include "tests/support/test_supply.h"

#define MANY 20000U

struct thing {
    struct hash_link link;
    uint32_t id;
};

static struct thing things[MANY];
static struct test_supply memory;
static struct hash table;

static void begin(void)
{
    memset(things, 0, sizeof things);
    memory = test_supply_of(SIZE_MAX);
    CHECK(hash_init(&table, &memory.supply, 8));
}

static void end(void)
{
    for (uint32_t i = 0; i < MANY; i++)
        hash_remove(&table, &things[i].link);
    CHECK_INT(table.count, 0);
    hash_end(&table);
    CHECK_INT(memory.supply.used, 0);
}

static uint32_t key_of(uint32_t id)
{
    return id / 2 * 2654435761U; /* two of each */
}

static void add(uint32_t id)
{
    things[id].id = id;
    hash_add(&table, &things[id].link, key_of(id));
}

static struct thing *find(uint32_t id)
{
    for (struct hash_link *l = hash_find(&table, key_of(id)); l;
         l = hash_find_next(&table, l)) {
        struct thing *t = container_of(l, struct thing, link);
        if (t->id == id)
            return t;
    }
    return NULL;
}

static uint32_t seen(void)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < hash_chains(&table); i++)
        for (struct hash_link *l = hash_chain(&table, i); l; l = l->next)
            n++;
    return n;
}

TEST(what_was_added_is_found_while_the_table_grows)
{
    begin();
    for (uint32_t i = 0; i < MANY; i++) {
        add(i);
        for (uint32_t j = i > 70 ? i - 70 : 0; j <= i; j++)
            CHECK(find(j) == &things[j]);
        CHECK(find(i * 7919 % (i + 1)) == &things[i * 7919 % (i + 1)]);
        CHECK(i + 1 >= MANY || !find(i + 1));
    }
    CHECK_INT(seen(), MANY);
    CHECK(table.len >= MANY / 2);
    end();
}

TEST(an_addition_moves_no_more_than_a_few_chains)
{
    begin();
    bool growing = false;
    for (uint32_t i = 0; i < MANY; i++) {
        uint32_t before = table.old ? table.moved : 0, len = table.old_len;
        add(i);
        growing |= table.old != NULL;
        if (table.old && table.old_len == len)
            CHECK_INT(table.moved, before + HASH_MOVED);
    }
    CHECK(growing);
    end();
}

TEST(what_was_removed_is_not_found_and_the_rest_is)
{
    begin();
    for (uint32_t i = 0; i < MANY; i++) {
        add(i);
        if (i % 3 == 2)
            hash_remove(&table, &things[i - 1].link);
    }
    for (uint32_t i = 0; i < MANY; i++)
        CHECK(find(i) == (i % 3 == 1 && i + 1 < MANY ? NULL : &things[i]));
    hash_remove(&table, &things[1].link); /* harmless */
    add(1);
    CHECK(find(1) == &things[1]);
    end();
}

TEST(without_memory_to_grow_it_goes_on)
{
    begin();
    memory.supply.limit = memory.supply.used;
    for (uint32_t i = 0; i < 500; i++)
        add(i);
    CHECK_INT(table.len, 8);
    for (uint32_t i = 0; i < 500; i++)
        CHECK(find(i) == &things[i]);
    CHECK(memory.supply.refused > 0);
    memory.supply.limit = SIZE_MAX;
    for (uint32_t i = 500; i < MANY; i++)
        add(i);
    CHECK_INT(seen(), MANY);
    end();
}

TEST(a_table_without_memory_is_refused)
{
    memory = test_supply_of(0);
    memory.supply.limit = 0;
    CHECK(!hash_init(&table, &memory.supply, 8));
}

TEST_MAIN(TEST_OF(what_was_added_is_found_while_the_table_grows),
          TEST_OF(an_addition_moves_no_more_than_a_few_chains),
          TEST_OF(what_was_removed_is_not_found_and_the_rest_is),
          TEST_OF(without_memory_to_grow_it_goes_on),
          TEST_OF(a_table_without_memory_is_refused))
