/* SPDX-License-Identifier: ISC */
/* From the tender's entry to the C library: memory, arguments, stack limit. */
#include "plat/bare/cmdline.h"
#include "plat/plat.h"
#include "plat/spt/spt.h"

#define PAGE 4096U

const struct spt_boot_info *spt_boot;

static struct plat_boot boot;
static char *argv[CMDLINE_ARGS_MAX + 1];
static char cmdline[ABI_CMDLINE_SIZE];

extern char _end[]; /* of the image, page aligned: the linker script */

UNCHECKED _Noreturn void spt_start(const struct spt_boot_info *info);

const struct plat_boot *plat_boot(void)
{
    return &boot;
}

static _Noreturn void refuse(const char *line, size_t len)
{
    plat_console_write(line, len);
    plat_exit(1);
}

#define REFUSE(line) refuse(line "\n", sizeof line)

/* The tender's command line is copied once; the image's own memory is what is split. */
static void read_arguments(const char *from)
{
    size_t len = 0;
    while (len < sizeof cmdline - 1 && from[len]) {
        cmdline[len] = from[len];
        len++;
    }
    char *rest = cmdline_log_level(cmdline, &boot.log_level);
    static char name[] = "image";
    argv[0] = name;
    int argc = cmdline_split(rest, argv + 1, CMDLINE_ARGS_MAX - 1);
    if (argc == CMDLINE_UNCLOSED)
        REFUSE("The arguments have a quote that is not closed.");
    if (argc == CMDLINE_TOO_MANY)
        REFUSE("There are too many arguments.");
    boot.argc = argc + 1;
    boot.argv = argv;
}

/* Runs before there is thread-local storage. */
UNCHECKED _Noreturn void spt_start(const struct spt_boot_info *info)
{
    spt_boot = info;
    uintptr_t heap = (uintptr_t)_end;
    uintptr_t stack = (info->mem_size - SPT_MAIN_STACK) & ~(uintptr_t)(PAGE - 1);
    spt_tls_start(stack);
    if (info->mem_size < heap + SPT_MAIN_STACK + PAGE)
        REFUSE("There is not enough memory: give the image more with --mem.");
    boot.mem = (uint8_t *)heap;
    boot.mem_len = stack - heap;
    boot.budget = info->mem_size;
    read_arguments(info->cmdline);
    rt_start_libc();
}
