/* SPDX-License-Identifier: ISC */
#ifndef RT_ARGS_H
#define RT_ARGS_H

/* The arguments' parser, pure: it prints nothing and ends nothing. */

#include <drupe/args.h>

#define ARGS_MAX     128U /* in a table, with those inside it */
#define ARGS_WHY_LEN 256U
#define ARGS_NESTING 8 /* tables within tables */

enum args_verdict {
    ARGS_OK,
    ARGS_HELP, /* --help was asked for; what follows it was not looked at */
    ARGS_BAD,  /* `why` says in one line what is wrong and what is expected */
};

/* Reads argv[1] to argv[argc - 1] into the variables of the table. On ARGS_BAD some
 * may have been written. */
DR_CHECKED enum args_verdict args_parse(const struct dr_arg *table, int argc, char **argv,
                                        char why[ARGS_WHY_LEN]);

/* Says each line of the help by `say`, without its newline. The table's variables
 * still have their defaults. */
void args_help(const char *name, const char *about, const struct dr_arg *table,
               void (*say)(const char *line));

#endif
