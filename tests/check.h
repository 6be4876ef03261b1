/* SPDX-License-Identifier: ISC */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

/* The whole test framework. A test is one behaviour and its name is a sentence
 * that is true:
 *
 *     TEST(a_frame_for_another_station_is_dropped) { CHECK(...); }
 *     TEST_MAIN(TEST_OF(a_frame_for_another_station_is_dropped), ...)
 *
 * A program prints a line a test, "ok NAME", "not ok NAME" or "skip NAME: why",
 * which tools/run-tests counts. The first failed CHECK of a test ends it.
 * An argument selects the tests whose names contain it. */

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct test {
    const char *name;
    void (*run)(void);
};

static jmp_buf test_end;

#define TEST(name)    static void test_##name(void)
#define TEST_OF(name) {#name, test_##name}

#define CHECK(expr)                                                                            \
    do {                                                                                       \
        if (!(expr))                                                                           \
            test_failed(__FILE__, __LINE__, "%s", #expr);                                      \
    } while (0)

#define CHECK_INT(got, want)                                                                   \
    do {                                                                                       \
        long long got_ = (long long)(got), want_ = (long long)(want);                          \
        if (got_ != want_)                                                                     \
            test_failed(__FILE__, __LINE__, "%s is %lld, not %lld", #got, got_, want_);        \
    } while (0)

#define CHECK_STR(got, want)                                                                   \
    do {                                                                                       \
        const char *got_ = (got), *want_ = (want);                                             \
        if (strcmp(got_, want_) != 0)                                                          \
            test_failed(__FILE__, __LINE__, "%s is \"%s\", not \"%s\"", #got, got_, want_);    \
    } while (0)

#define CHECK_MEM(got, want, len)                                                              \
    do {                                                                                       \
        if (memcmp((got), (want), (len)) != 0)                                                 \
            test_failed(__FILE__, __LINE__, "%s differs from %s", #got, #want);                \
    } while (0)

#define SKIP(why)                                                                              \
    do {                                                                                       \
        test_skip_reason = (why);                                                              \
        longjmp(test_end, 2);                                                                  \
    } while (0)

static const char *test_skip_reason __attribute__((unused)) = "";

#define test_failed(file, line, ...)                                                           \
    do {                                                                                       \
        printf("# %s:%d: ", file, line);                                                       \
        printf(__VA_ARGS__);                                                                   \
        printf("\n");                                                                          \
        longjmp(test_end, 1);                                                                  \
    } while (0)

static inline int test_run(const struct test *t)
{
    switch (setjmp(test_end)) {
    case 0:
        t->run();
        printf("ok %s\n", t->name);
        return 0;
    case 2:
        printf("skip %s: %s\n", t->name, test_skip_reason);
        return 0;
    default:
        printf("not ok %s\n", t->name);
        return 1;
    }
}

static inline int test_main(int argc, char **argv, const struct test *tests, size_t n)
{
    int failed = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; i < n; i++)
        if (argc < 2 || strstr(tests[i].name, argv[1]))
            failed |= test_run(&tests[i]);
    return failed;
}

#define TEST_MAIN(...)                                                                         \
    int main(int argc, char **argv)                                                            \
    {                                                                                          \
        static const struct test tests[] = {__VA_ARGS__};                                      \
        return test_main(argc, argv, tests, sizeof tests / sizeof tests[0]);                   \
    }

#endif
