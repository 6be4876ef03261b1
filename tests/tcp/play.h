/* SPDX-License-Identifier: ISC */
#ifndef TESTS_TCP_PLAY_H
#define TESTS_TCP_PLAY_H

#include "tests/tcp/host.h"

#define PLAY_ANY_NS 1000000000000ULL /* how long a '*' waits at most */

/* Plays the script against the host. False: *problem says what was expected, and what came. */
struct play_problem {
    unsigned line;
    char text[1400];
};
bool play(const struct script *s, struct host *h, struct play_problem *problem);

#endif
