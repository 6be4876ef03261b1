/* SPDX-License-Identifier: ISC */
#include "plat/bare/symbols.h"
#include "tests/check.h"

#include <stdlib.h>

/* begin at 0x1000, middle at 0x1010, end at 0x1010 + 300 = 0x113c. 0x80 is "dd", 0x81 "mi",
 * 0x82 "midd". */
static const uint8_t table[] = "\x03"
                               "dd"
                               "mi"
                               "\x81\x80"
                               "\x00"
                               "begin\0"
                               "\x10"
                               "\x82le\0"
                               "\xac\x02"
                               "end";
#define FIRST_ENDS 14U /* octets up to the end of "begin" */

static const char *find_in(const uint8_t *at, size_t len, uintptr_t pc, uintptr_t *start)
{
    static char name[SYMBOLS_NAME_MAX];
    return symbols_find(at, len, 0x1000, pc, start, name) ? name : NULL;
}

static const char *find(uintptr_t pc, uintptr_t *start)
{
    return find_in(table, sizeof table, pc, start);
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
    CHECK(find_in(table, 0, 0x1000, &start) == NULL);
}

/* Each copy ends where its memory does: the sanitizer sees a read past it. */
TEST(a_table_cut_anywhere_is_not_read_past_its_end)
{
    for (size_t len = 0; len < sizeof table; len++) {
        uint8_t *cut = malloc(len);
        uintptr_t start;
        if (len)
            memcpy(cut, table, len);
        const char *name = find_in(cut, len, 0x2000, &start);
        CHECK(len < FIRST_ENDS ? name == NULL : name != NULL);
        free(cut);
    }
}

TEST(a_number_without_end_is_no_table)
{
    static const uint8_t endless[16] = {0,    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
                                        0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0};
    uintptr_t start;
    CHECK(find_in(endless, sizeof endless, UINTPTR_MAX, &start) == NULL);
}

/* A code that means itself, and one that there is not. */
TEST(codes_that_are_wrong_are_question_marks)
{
    static const uint8_t itself[] = "\x01"
                                    "\x80\x80"
                                    "\x00"
                                    "a\x80\x81z";
    uintptr_t start;
    CHECK_STR(find_in(itself, sizeof itself, 0x1000, &start), "a??z");
}

TEST(more_pairs_than_there_is_table_are_no_table)
{
    static const uint8_t many[] = "\x7f"
                                  "ab"
                                  "\x00"
                                  "a";
    static const uint8_t too_many[300] = {129};
    uintptr_t start;
    CHECK(find_in(many, sizeof many, 0x1000, &start) == NULL);
    CHECK(find_in(too_many, sizeof too_many, 0x1000, &start) == NULL);
}

TEST(a_long_name_is_cut)
{
    uint8_t long_name[103];
    uintptr_t start;
    memset(long_name, 'x', sizeof long_name);
    long_name[0] = long_name[1] = long_name[102] = 0;
    CHECK_INT(strlen(find_in(long_name, sizeof long_name, 0x1000, &start)),
              SYMBOLS_NAME_MAX - 1);
}

TEST_MAIN(TEST_OF(an_address_is_the_last_function_that_begins_before_it),
          TEST_OF(before_the_first_function_there_is_none),
          TEST_OF(an_empty_table_has_no_function),
          TEST_OF(a_table_cut_anywhere_is_not_read_past_its_end),
          TEST_OF(a_number_without_end_is_no_table),
          TEST_OF(codes_that_are_wrong_are_question_marks),
          TEST_OF(more_pairs_than_there_is_table_are_no_table), TEST_OF(a_long_name_is_cut))
