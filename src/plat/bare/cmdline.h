/* SPDX-License-Identifier: ISC */
#ifndef PLAT_BARE_CMDLINE_H
#define PLAT_BARE_CMDLINE_H

/* The command line, which a tender hands over as one string: the words that it was given,
 * joined by single blanks. */

#define CMDLINE_ARGS_MAX 128
#define CMDLINE_UNCLOSED (-1)
#define CMDLINE_TOO_MANY (-2)

/* Reads the words --solo5:quiet, :error, :warn, :info and :debug at the front. Returns where
 * the arguments proper begin; *level is an enum dr_log_level, the last word's, or info's when
 * there is none. */
char *cmdline_log_level(char *line, unsigned *level);

/* Splits the line, in place, into at most `max` words. Blanks (space, tab, newline) separate;
 * between single quotes every character stands for itself; between double quotes too but for
 * backslash before `"` or itself; elsewhere a backslash takes the next character as it is.
 * argv has room for max + 1, and ends with NULL. Returns the number of words,
 * CMDLINE_UNCLOSED or CMDLINE_TOO_MANY. */
int cmdline_split(char *line, char **argv, int max);

#endif
