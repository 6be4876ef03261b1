/* SPDX-License-Identifier: ISC */
#ifndef HOST_HELPER_H
#define HOST_HELPER_H

/* Processes that stand beside an image: the user-mode network's, and that which captures
 * frames. Each is a program of its own beside the running one; it gets its descriptors in
 * fixed places, from HELPER_FD on and in the order given, and a pipe at HELPER_WORD_FD, into
 * which it writes "ready" or the one line that says what is wrong, and which it closes.
 * Descriptors 0 and 1 are /dev/null, 2 is ours. Its environment is empty. */

#include "host/error.h"

#include <stddef.h>
#include <sys/types.h>

#define HELPER_WORD_FD 3
#define HELPER_FD      4
#define HELPER_FDS_MAX 256
#define HELPER_READY   "ready"

struct helper {
    const char *name; /* of the program */
    char *const *argv;
    const int *fd;
    size_t fds;
};

/* Starts it and waits for its word. Returns its process id, or -1 with the line: it cannot be
 * started, or what it said. The descriptors stay the caller's. */
pid_t helper_start(const struct helper *h, struct error *e);

/* A socket pair for frames, one a packet, neither end blocking, both closing on exec. 0, or
 * -1 and errno. */
int helper_link(int fds[2]);

#endif
