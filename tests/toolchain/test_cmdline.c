/* SPDX-License-Identifier: ISC */
#include "plat/bare/cmdline.h"
#include "tests/check.h"

#include <stdlib.h>

/* Splits a copy of the line that ends where its memory does, and shows the words with a bar
 * after each; "unclosed" or "too many" for a refusal. */
static const char *split(const char *line)
{
    static char shown[256];
    char *argv[5], *copy = strdup(line);
    int n = cmdline_split(copy, argv, 4);
    shown[0] = 0;
    if (n < 0)
        strcpy(shown, n == CMDLINE_UNCLOSED ? "unclosed" : "too many");
    for (int i = 0; i < n; i++) {
        strcat(shown, argv[i]);
        strcat(shown, "|");
    }
    if (n >= 0 && argv[n])
        strcpy(shown, "argv does not end with NULL");
    free(copy);
    return shown;
}

TEST(blanks_separate_words_and_many_are_as_one)
{
    CHECK_STR(split("a bc  \t d\n"), "a|bc|d|");
    CHECK_STR(split("  a"), "a|");
    CHECK_STR(split(""), "");
    CHECK_STR(split("   "), "");
}

TEST(single_quotes_keep_everything)
{
    CHECK_STR(split("'a b' c"), "a b|c|");
    CHECK_STR(split("--x='a \\ \" b'"), "--x=a \\ \" b|");
    CHECK_STR(split("''"), "|");
}

TEST(double_quotes_keep_all_but_an_escaped_quote_and_backslash)
{
    CHECK_STR(split("--x=\"a b\""), "--x=a b|");
    CHECK_STR(split("\"a \\\" \\\\ \\n '\""), "a \" \\ \\n '|");
    CHECK_STR(split("a\"\" \"\" b"), "a||b|");
}

TEST(a_backslash_takes_the_next_character_as_it_is)
{
    CHECK_STR(split("a\\ b \\'c\\\""), "a b|'c\"|");
    CHECK_STR(split("a\\\\b"), "a\\b|");
    CHECK_STR(split("at-the-end\\"), "at-the-end\\|");
}

TEST(quotes_may_begin_and_end_inside_a_word)
{
    CHECK_STR(split("a'b c'd\"e f\"g"), "ab cde fg|");
}

TEST(a_quote_that_is_not_closed_is_refused)
{
    CHECK_STR(split("a 'b"), "unclosed");
    CHECK_STR(split("\"b\\\""), "unclosed");
}

TEST(more_words_than_there_is_room_for_are_refused)
{
    CHECK_STR(split("a b c d"), "a|b|c|d|");
    CHECK_STR(split("a b c d e"), "too many");
}

/* The rest of the line after the log levels, and the level. */
static const char *after_levels(const char *line, unsigned *level)
{
    static char copy[128];
    strcpy(copy, line);
    return cmdline_log_level(copy, level);
}

TEST(the_log_level_is_info_unless_the_first_words_say_otherwise)
{
    unsigned level;
    CHECK_STR(after_levels("a --solo5:debug", &level), "a --solo5:debug");
    CHECK_INT(level, 3);
    CHECK_STR(after_levels("", &level), "");
    CHECK_INT(level, 3);
}

TEST(each_level_is_known_and_taken_away)
{
    static const struct {
        const char *line;
        unsigned level;
    } cases[] = {
        {"--solo5:quiet a", 1}, {"--solo5:error a", 1}, {"  --solo5:warn\ta", 2},
        {"--solo5:info a", 3},  {"--solo5:debug a", 4},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned level;
        CHECK_STR(after_levels(cases[i].line, &level), "a");
        CHECK_INT(level, cases[i].level);
    }
}

TEST(the_last_of_several_levels_holds)
{
    unsigned level;
    CHECK_STR(after_levels("--solo5:debug --solo5:warn", &level), "");
    CHECK_INT(level, 2);
}

TEST(a_longer_word_is_not_a_level)
{
    unsigned level;
    CHECK_STR(after_levels("--solo5:debugger", &level), "--solo5:debugger");
    CHECK_INT(level, 3);
}

TEST_MAIN(TEST_OF(blanks_separate_words_and_many_are_as_one),
          TEST_OF(single_quotes_keep_everything),
          TEST_OF(double_quotes_keep_all_but_an_escaped_quote_and_backslash),
          TEST_OF(a_backslash_takes_the_next_character_as_it_is),
          TEST_OF(quotes_may_begin_and_end_inside_a_word),
          TEST_OF(a_quote_that_is_not_closed_is_refused),
          TEST_OF(more_words_than_there_is_room_for_are_refused),
          TEST_OF(the_log_level_is_info_unless_the_first_words_say_otherwise),
          TEST_OF(each_level_is_known_and_taken_away),
          TEST_OF(the_last_of_several_levels_holds), TEST_OF(a_longer_word_is_not_a_level))
