/* SPDX-License-Identifier: ISC */
/* Ends in the way that --how names. */
#include <drupe/app.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *how = "return";
static uint64_t depth;

static const struct dr_arg args[] = {
    DR_ARG_STRING("how", &how, "WAY", "return, smash or panic"),
    DR_ARG_UINT("depth", &depth, 0, 100000, "N", "how many calls deep it panics"),
    DR_ARG_END,
};

/* Far enough to meet the canary and what lies behind it. */
__attribute__((noinline)) static void fill(volatile char *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        at[i] = 'A';
}

__attribute__((noinline)) static int smash(void)
{
    char text[16];
    fill(text, sizeof text + 40);
    return text[3];
}

__attribute__((noinline)) static int panic_at(uint64_t n)
{
    volatile char room[32];
    room[0] = (char)n;
    if (n == 0 && how) /* (so that the compiler does not find that it never returns) */
        dr_panic("as was asked, %d", 1);
    return n == 0 ? 0 : panic_at(n - 1) + room[0];
}

static void at_exit(void)
{
    puts("an atexit function ran");
}

__attribute__((destructor)) static void destroy(void)
{
    puts("a destructor ran");
}

static int ends(void)
{
    atexit(at_exit);
    if (strcmp(how, "smash") == 0)
        return smash();
    if (strcmp(how, "panic") == 0)
        return panic_at(depth);
    return 3;
}

const struct dr_app dr_app = {
    .name = "ends", .about = "Ends as it is told.", .args = args, .main = ends};
