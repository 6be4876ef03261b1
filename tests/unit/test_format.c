/* SPDX-License-Identifier: ISC */
#include "base/format.h"
#include "tests/check.h"

#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* format() as a function that the compiler does not look at: some formats are wrong. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static size_t put(char *to, size_t size, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    size_t len = format_va(to, size, fmt, args);
    va_end(args);
    return len;
}

/* The same of ours and of the C library's. */
static void same(const char *fmt, ...)
{
    char ours[128], theirs[128];
    va_list args;
    va_start(args, fmt);
    size_t len = format_va(ours, sizeof ours, fmt, args);
    va_end(args);
    va_start(args, fmt);
    int want = vsnprintf(theirs, sizeof theirs, fmt, args);
    va_end(args);
    CHECK_INT(len, want);
    CHECK_STR(ours, theirs);
}

TEST(text_stands_for_itself)
{
    same("%s", "");
    same("a line, 100%% of it");
    same("");
}

TEST(strings_and_characters_are_as_printfs)
{
    same("[%s] [%10s] [%-10s] [%.3s] [%8.2s] [%-*s]", "abc", "abc", "abc", "abcdef", "abc", 6,
         "ab");
    same("[%.*s] [%.0s] [%.s] [%.*s]", 2, "abc", "abc", "abc", -1, "all of it");
    same("[%c] [%3c] [%-3c]", 'x', 'y', 'z');
    same("[%*s] [%*s]", 5, "r", -5, "l");
}

TEST(a_string_with_a_precision_needs_no_nul)
{
    const char text[3] = {'a', 'b', 'c'};
    char got[8];
    CHECK_INT(put(got, sizeof got, "%.*s", 3, text), 3);
    CHECK_STR(got, "abc");
}

TEST(no_string_is_shown_as_null)
{
    char got[16];
    put(got, sizeof got, "%s", (char *)NULL);
    CHECK_STR(got, "(null)");
}

TEST(integers_of_every_length_are_as_printfs)
{
    same("%d %d %d %i", 0, INT_MAX, INT_MIN, -7);
    same("%u %u", 0U, UINT_MAX);
    same("%ld %ld %lu", LONG_MAX, LONG_MIN, ULONG_MAX);
    same("%lld %lld %llu", LLONG_MAX, LLONG_MIN, ULLONG_MAX);
    same("%hhd %hhu %hd %hu", (signed char)-1, (unsigned char)255, (short)-1,
         (unsigned short)65535);
    same("%hhd %hhu %hd %hu", 511, 511, 131071, 131071);
    same("%zu %zd %td %jd %ju", SIZE_MAX, (ssize_t)-1, (ptrdiff_t)-5, INTMAX_MIN, UINTMAX_MAX);
    same("%x %X %lx %llX %o %lo", 0xabcdefU, 0xabcdefU, ULONG_MAX, ULLONG_MAX, 0755U,
         ULONG_MAX);
    same("%p", (void *)0x1234);
}

/* Every set of flags with widths and precisions around the number's length. */
TEST(flags_widths_and_precisions_are_as_printfs)
{
    static const char flags[] = "-0+ #", conversions[] = "diuxXo";
    static const int values[] = {0, 1, -1, 42, -4711, INT_MAX, INT_MIN};
    static const char *const sizes[] = {"",  "1",  "6",  "12",   ".0",
                                        ".", ".1", ".8", "12.8", "8.12"};
    for (unsigned set = 0; set < 32; set++)
        for (const char *c = conversions; *c; c++)
            for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
                char fmt[32] = "[%", *at = fmt + 2;
                for (unsigned f = 0; f < 5; f++)
                    if (set >> f & 1)
                        *at++ = flags[f];
                snprintf(at, 16, "%s%c]", sizes[s], *c);
                for (size_t v = 0; v < sizeof values / sizeof *values; v++)
                    same(fmt, values[v]);
            }
}

TEST(what_does_not_fit_is_cut_and_counted)
{
    char got[8] = "xxxxxxx";
    CHECK_INT(put(got, 4, "%d", 123456), 6);
    CHECK_STR(got, "123");
    CHECK(got[4] == 'x');
    CHECK_INT(put(got, 1, "abc"), 3);
    CHECK_STR(got, "");
    CHECK_INT(put(NULL, 0, "%s %5d", "abc", 1), 9);
}

TEST(from_a_directive_that_is_not_ours_the_format_itself_is_printed)
{
    static const char *const bad[] = {"%f and %s", "%5.2Lg", "%n",  "%1$d %2$d", "%ls %d",
                                      "%lc",       "%m",     "%",   "%-",        "%12",
                                      "%.",        "%l",     "%hh", "%q %d"};
    char got[64], want[64];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char fmt[64];
        snprintf(fmt, sizeof fmt, "%%d %s", bad[i]);
        snprintf(want, sizeof want, "7 %s", bad[i]);
        put(got, sizeof got, fmt, 7, 8);
        CHECK_STR(got, want);
    }
}

TEST_MAIN(TEST_OF(text_stands_for_itself), TEST_OF(strings_and_characters_are_as_printfs),
          TEST_OF(a_string_with_a_precision_needs_no_nul), TEST_OF(no_string_is_shown_as_null),
          TEST_OF(integers_of_every_length_are_as_printfs),
          TEST_OF(flags_widths_and_precisions_are_as_printfs),
          TEST_OF(what_does_not_fit_is_cut_and_counted),
          TEST_OF(from_a_directive_that_is_not_ours_the_format_itself_is_printed))
