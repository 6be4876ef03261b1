/* SPDX-License-Identifier: ISC */
#ifndef CLI_CLI_H
#define CLI_CLI_H

/* What the commands of drupe share. A command returns its exit status, or one of the
 * two below with the line that says why. Only main prints it and exits. */

#include "host/error.h"

#include <stdbool.h>
#include <stddef.h>

#define CLI_VERSION  "0.1"
#define CLI_FAILED   (-1) /* exit status 1 */
#define CLI_MISUSED  (-2) /* exit status 64: the command line is wrong */
#define CLI_LIST_MAX 64
#define CLI_PATH     4096

struct command {
    const char *name;
    const char *summary;                                /* one line */
    const char *help;                                   /* usage and options */
    int (*run)(int argc, char **argv, struct error *e); /* argv[0] is the command */
};

extern const struct command commands[];
extern const size_t commands_n;
const struct command *command_find(const char *name);

int cmd_new(int argc, char **argv, struct error *e);
int cmd_build(int argc, char **argv, struct error *e);
int cmd_run(int argc, char **argv, struct error *e);
int cmd_net(int argc, char **argv, struct error *e);
int cmd_inspect(int argc, char **argv, struct error *e);
int cmd_doctor(int argc, char **argv, struct error *e);
int cmd_help(int argc, char **argv, struct error *e);
extern const char help_new[], help_build[], help_run[], help_net[], help_inspect[],
    help_doctor[], help_help[];

/* An error of the command line's: formats it and returns CLI_MISUSED. */
int misused(struct error *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* --- options (cli/options.c; pure) */

/* The values of an option that may be repeated; the texts are the command line's. */
struct cli_list {
    size_t n;
    const char *at[CLI_LIST_MAX];
};

/* One option: -c and --name. It sets `flag`, or takes a value: the next word, or what
 * follows in the same (--name=VALUE, -cVALUE). A `text` may be given once. */
struct cli_option {
    char c; /* 0: none */
    const char *name;
    bool *flag;
    const char **text;
    struct cli_list *list;
};

/* Reads options and words in any order up to "--"; `rest` is what follows it. Options
 * end with one whose name is NULL. Returns 0 or CLI_MISUSED. */
int cli_parse(int argc, char **argv, const struct cli_option *options, struct cli_list *words,
              char ***rest, struct error *e);

/* A whole number in [min, max], decimal. */
bool cli_number(const char *text, unsigned long min, unsigned long max, unsigned long *out);

/* Whether an application may be called so: a letter, then letters, digits, - and _;
 * at most 63 octets. */
bool cli_name_ok(const char *name);

/* --- places (cli/place.c) */

/* The tree's folder (above build/bin), by where this program is. `out` has CLI_PATH. */
int place_tree(char *out, struct error *e);
/* A program beside this one. */
int place_program(const char *name, char *out, struct error *e);

/* --- building (cli/make.c) */

/* "spt" unless given; refuses what is no target. */
int target_of(const char *given, const char **out, struct error *e);
/* Builds the application in `dir`; what make says goes to stderr. */
int make_build(const char *dir, const char *target, struct error *e);
/* Where its image is, once built. */
int make_image(const char *dir, const char *target, char *out, struct error *e);

/* Runs a program and waits; its output goes into `out` of `size` octets (NUL at the
 * end, cut short), or to stderr when `out` is NULL. Returns the exit status, or -1. */
int spawn_wait(char *const argv[], char *out, size_t size, struct error *e);

#endif
