/* SPDX-License-Identifier: ISC */
#include "plat/bare/boot.h"

#include "plat/bare/cmdline.h"
#include <abi/note.h>

static struct plat_boot boot;
static char *argv[CMDLINE_ARGS_MAX + 1];
static char cmdline[ABI_CMDLINE_SIZE];

const struct plat_boot *plat_boot(void)
{
    return &boot;
}

_Noreturn void bare_refuse(const char *line, size_t len)
{
    plat_console_write(line, len);
    plat_exit(1);
}

void bare_boot(const struct plat_boot *found, const char *from)
{
    boot = *found;
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
        BARE_REFUSE("The arguments have a quote that is not closed.");
    if (argc == CMDLINE_TOO_MANY)
        BARE_REFUSE("There are too many arguments.");
    boot.argc = argc + 1;
    boot.argv = argv;
}
