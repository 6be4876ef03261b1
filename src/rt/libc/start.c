/* SPDX-License-Identifier: ISC */
/* Starts musl as a kernel would: one block of words that holds the arguments, an empty
 * environment, and the auxiliary vector. */
#include "plat/plat.h"

#include "base/check.h"
#include "rt/budget.h"
#include "rt/pages.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ARGS_MAX   129 /* with the image's name */
#define AUX_WORDS  18
#define RANDOM_LEN 16 /* octets: the stack canary's */

extern const Elf64_Ehdr __ehdr_start; /* where the linker put the ELF header */

typedef int main_fn(int argc, char **argv, char **envp);
int __libc_start_main(main_fn *main, int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*ldso)(void));

static size_t words[ARGS_MAX + 2 + AUX_WORDS];
static uint8_t random_octets[RANDOM_LEN];

/* There only when the application prints by it. */
extern FILE *const stdout __attribute__((weak));

/* What it returns goes through exit(): handlers are called and files flushed. */
static int enter_runtime(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    /* A line is on the console when it ends: an image that serves for ever never flushes. */
    if (&stdout)
        setvbuf(stdout, NULL, _IOLBF, 0);
    return rt_start();
}

static size_t *put(size_t *at, size_t type, size_t value)
{
    *at++ = type;
    *at++ = value;
    return at;
}

/* Builds the block; its address is argv's. */
static char **arguments(void)
{
    const struct plat_boot *boot = plat_boot();
    size_t *at = words;
    check(boot->argc <= ARGS_MAX);
    for (int i = 0; i < boot->argc; i++)
        *at++ = (size_t)boot->argv[i];
    *at++ = 0;
    *at++ = 0; /* no environment */
    at = put(at, AT_PAGESZ, PAGE_LEN);
    at = put(at, AT_PHDR, (size_t)&__ehdr_start + __ehdr_start.e_phoff);
    at = put(at, AT_PHNUM, __ehdr_start.e_phnum);
    at = put(at, AT_PHENT, __ehdr_start.e_phentsize);
    at = put(at, AT_UID, 0);
    at = put(at, AT_EUID, 0);
    at = put(at, AT_SECURE, 0);
    at = put(at, AT_RANDOM, (size_t)random_octets);
    put(at, AT_NULL, 0);
    return (char **)(void *)words;
}

/* Does not return, so the canary that changes on the way is never compared here. Without
 * randomness the canary is a constant for a moment: the runtime refuses to start. */
_Noreturn void rt_start_libc(void)
{
    const struct plat_boot *boot = plat_boot();
    pages_init(boot->mem, boot->mem_len);
    budget_init();
    if (plat_entropy(random_octets, sizeof random_octets) < 0)
        memset(random_octets, 0, sizeof random_octets);
    __libc_start_main(enter_runtime, boot->argc, arguments(), NULL, NULL, NULL);
    plat_abort();
}
