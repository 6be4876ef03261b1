/* SPDX-License-Identifier: ISC */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char help_help[] = "usage: drupe help [COMMAND]\n";

const struct command commands[] = {
    {"new", "make the folder of a new application", help_new, cmd_new},
    {"build", "build an application's image", help_build, cmd_build},
    {"run", "run an image, with a network if it has one", help_run, cmd_run},
    {"net", "make, or remove, a bridge and a tap for images", help_net, cmd_net},
    {"inspect", "say what is in an image", help_inspect, cmd_inspect},
    {"doctor", "say what this machine can do, and what to do about the rest", help_doctor,
     cmd_doctor},
    {"help", "say more about a command", help_help, cmd_help},
};
const size_t commands_n = sizeof commands / sizeof commands[0];

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < commands_n; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

int misused(struct error *e, const char *fmt, ...)
{
    char text[sizeof e->text];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    fail(e, "%s", text);
    return CLI_MISUSED;
}

static void list(void)
{
    printf("usage: drupe COMMAND ...\n\n");
    for (size_t i = 0; i < commands_n; i++)
        printf("  %-9s %s\n", commands[i].name, commands[i].summary);
    printf("\ndrupe help COMMAND says more; drupe --version prints the version.\n"
           "Exit status: 0; 1 when it could not be done; 64 when the command line is wrong;\n"
           "of drupe run, the image's.\n");
}

int cmd_help(int argc, char **argv, struct error *e)
{
    if (argc > 2)
        return misused(e, "help takes one command");
    if (argc < 2) {
        list();
        return 0;
    }
    const struct command *c = command_find(argv[1]);
    if (!c)
        return misused(e, "'%.100s' is not a command: drupe help lists them", argv[1]);
    printf("%s", c->help);
    return 0;
}
