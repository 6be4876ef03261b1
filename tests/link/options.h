/* SPDX-License-Identifier: ISC */
#ifndef TESTS_LINK_OPTIONS_H
#define TESTS_LINK_OPTIONS_H

/* A link in words. */

#include "tests/link/link.h"

#define LINK_ERROR_LEN 160U

/* The lines of --help about them. */
extern const char link_options_help[];

/* Takes one option, "loss=1%", for both directions, or after "ab-" or "ba-" for that from the
 * first end to the second, or the other. 0; or -1 and a line that says what was wrong. */
int link_option(struct link *l, const char *option, char error[LINK_ERROR_LEN]);

#endif
