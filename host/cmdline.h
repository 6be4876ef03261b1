/* SPDX-License-Identifier: ISC */
#ifndef HOST_CMDLINE_H
#define HOST_CMDLINE_H

/* An image's command line is one text. Words are joined by one blank, as they are
 * when they are plain (as a stock tender does with all); a word that is empty or holds
 * a blank, a quote or a backslash is put in double quotes, and the double quotes and
 * backslashes in it are preceded by a backslash. Images undo this. */

#include "host/error.h"

#include <stddef.h>

/* Joins argv[0..argc) into `to`, which holds `size` octets; ends with a NUL. */
int cmdline_join(char *to, size_t size, int argc, char **argv, struct error *e);

#endif
