/* SPDX-License-Identifier: ISC */
#include "plat/bare/symbols.h"
#include "tests/check.h"

#include <stdlib.h>

/* begin at 0x1000, middle at 0x1010, end at 0x1010 + 300 = 0x113c */
static const uint8_t table[] = "\x00"
                               "begin\0"
                               "\x10"
                               "middle\0"
                               "\xac\x02"
                               "end";

static const char *find(uintptr_t pc, uintptr_t *start)
{
    return symbols_find(table, sizeof table, 0x1000, pc, start);
}

TEST(an_address_is_the_last_function_that_begins_before_it)
{
    uintptr_t start;
    CHECK_STR(find(0x1000, &start), "begin");
    CHECK_INT(start, 0x1000);
    CHECK_STR(find(0x100f, &start), "begin");
    CHECK_STR(find(0x1010, &start), "middle");
    CHECK_INT(start, 0x1010);
    CHECK_STR(find(0x113b, &start), "middle");
    CHECK_STR(find(0x113c, &start), "end");
    CHECK_INT(start, 0x113c);
    CHECK_STR(find(UINTPTR_MAX, &start), "end");
}

TEST(before_the_first_function_there_is_none)
{
    uintptr_t start;
    CHECK(find(0xfff, &start) == NULL);
}

TEST(an_empty_table_has_no_function)
{
    uintptr_t start;
    CHECK(symbols_find(table, 0, 0x1000, 0x1000, &start) == NULL);
}

/* Each copy ends where its memory does: the sanitizer sees a read past it. */
TEST(a_table_cut_anywhere_is_not_read_past_its_end)
{
    for (size_t len = 0; len < sizeof table; len++) {
        uint8_t *cut = malloc(len);
        uintptr_t start;
        if (len)
            memcpy(cut, table, len);
        const char *name = symbols_find(cut, len, 0x1000, 0x2000, &start);
        CHECK(len < 7 ? name == NULL : name != NULL);
        free(cut);
    }
}

TEST(a_number_without_end_is_no_table)
{
    static const uint8_t endless[16] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
                                        0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0};
    uintptr_t start;
    CHECK(symbols_find(endless, sizeof endless, 0x1000, UINTPTR_MAX, &start) == NULL);
}

TEST_MAIN(TEST_OF(an_address_is_the_last_function_that_begins_before_it),
          TEST_OF(before_the_first_function_there_is_none),
          TEST_OF(an_empty_table_has_no_function),
          TEST_OF(a_table_cut_anywhere_is_not_read_past_its_end),
          TEST_OF(a_number_without_end_is_no_table))
