/* SPDX-License-Identifier: ISC */
/* What C code may expect of the library around it, tried inside an image: prints a line a
 * test, as test programs do. */
#include <drupe/app.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

static int failed;

static void ok(bool passed, const char *name)
{
    printf("%s %s\n", passed ? "ok" : "not ok", name);
    failed |= !passed;
}

static thread_local int initialised = 42;
static thread_local char zeroed[300];
static bool constructed;

__attribute__((constructor)) static void construct(void)
{
    constructed = true;
}

static bool is_filled(const unsigned char *at, int value, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (at[i] != value)
            return false;
    return true;
}

static void try_memory(void)
{
    size_t len = 300000;
    unsigned char *big = malloc(len);
    ok(big != NULL, "a_large_block_is_allocated");
    memset(big, 7, len);
    big = realloc(big, 3 * len);
    ok(big && is_filled(big, 7, len), "a_block_that_grows_keeps_its_contents");
    free(big);
    unsigned char *zeroes = calloc(1, len);
    ok(zeroes && is_filled(zeroes, 0, len), "what_was_freed_comes_back_zeroed_from_calloc");
    free(zeroes);
    errno = 0;
    void *volatile huge = malloc((size_t)1 << 40);
    ok(!huge && errno == ENOMEM, "more_memory_than_there_is_is_refused");
}

static void try_memory_again_and_again(void)
{
    bool enough = true;
    for (int i = 0; i < 10000 && enough; i++) {
        void *volatile a = malloc(200000), *volatile b = malloc(100);
        enough = a && b;
        free(a);
        free(b);
    }
    ok(enough, "memory_that_is_freed_is_there_again");
}

static void try_text(void)
{
    char text[64];
    snprintf(text, sizeof text, "%d %.3f %s %#llx", -5, 1.0 / 3, "x", 0xfeedULL);
    ok(strcmp(text, "-5 0.333 x 0xfeed") == 0, "printf_prints_integers_floats_and_strings");
    ok(strtod("1.5e3", NULL) > 1499 && strtol("-0x10", NULL, 0) == -16,
       "numbers_are_read_back");
    ok(memcmp("abcdefgh1", "abcdefgh2", 9) < 0 && memcmp("abcdefghb", "abcdefgha", 9) > 0 &&
           memcmp("\xff", "\x01", 1) > 0 && memcmp("a", "b", 0) == 0,
       "memcmp_compares_octets_as_unsigned");
}

static void try_time(void)
{
    struct timespec begin, end, pause = {.tv_nsec = 2000000};
    clock_gettime(CLOCK_MONOTONIC, &begin);
    ok(nanosleep(&pause, NULL) == 0, "a_task_sleeps");
    clock_gettime(CLOCK_MONOTONIC, &end);
    long long ns = (end.tv_sec - begin.tv_sec) * 1000000000LL + end.tv_nsec - begin.tv_nsec;
    ok(ns >= 2000000, "a_sleep_is_not_shorter_than_was_asked_for");
    ok(time(NULL) > 1700000000, "the_wall_clock_has_the_date");
    pause.tv_nsec = 1000000000;
    ok(nanosleep(&pause, NULL) == -1 && errno == EINVAL, "a_time_that_is_none_is_refused");
}

static void try_absent(void)
{
    char octet;
    ok(fopen("/etc/passwd", "r") == NULL && errno == ENOENT, "there_are_no_files");
    ok(read(0, &octet, 1) == 0, "the_console_has_no_input");
    ok(write(7, "", 0) == -1 && errno == EBADF, "only_the_console_can_be_written_to");
    ok(!isatty(1), "the_console_is_no_terminal");
    ok(getenv("PATH") == NULL, "the_environment_is_empty");
}

static void try_vendored(void)
{
    static unsigned char packed[4096], back[3000];
    unsigned char plain[3000];
    uLongf packed_len = sizeof packed, back_len = sizeof back;
    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = (unsigned char)(i / 7);
    ok(compress(packed, &packed_len, plain, sizeof plain) == Z_OK && packed_len < 2000 &&
           uncompress(back, &back_len, packed, packed_len) == Z_OK &&
           back_len == sizeof plain && memcmp(back, plain, sizeof plain) == 0,
       "a_vendored_library_works");
}

/* Without a newline: target.sh looks whether it comes out nevertheless. */
static void say_last_words(void)
{
    printf("# last words");
}

static int run(void)
{
    ok(atexit(say_last_words) == 0, "a_handler_for_the_end_is_taken");
    ok(constructed, "constructors_have_run");
    ok(initialised == 42 && is_filled((unsigned char *)zeroed, 0, sizeof zeroed),
       "thread_local_variables_have_their_initial_values");
    try_memory();
    try_memory_again_and_again();
    try_text();
    try_time();
    try_absent();
    try_vendored();
    return failed;
}

const struct dr_app dr_app = {
    .name = "libc", .about = "Tries the C library.", .main = run, .stack_len = 64 * 1024};
