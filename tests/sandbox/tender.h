/* SPDX-License-Identifier: ISC */
#ifndef TESTS_SANDBOX_TENDER_H
#define TESTS_SANDBOX_TENDER_H

/* Runs drupe-spt and looks at what becomes of it. Nothing sleeps: output is waited for,
 * with a bound of ten seconds, after which the tender is killed and the test fails. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define TENDER_TEXT_MAX 32768

struct tender {
    pid_t pid;
    int out;                        /* its output, standard error included */
    char text[TENDER_TEXT_MAX + 1]; /* what it has said */
    size_t len;
    int status; /* as a shell tells it: 128 + N for signal N; -1 when it had to be killed */
};

/* Starts it with the words of `line`, separated by blanks. */
void tender_start(struct tender *t, const char *line);
/* The same; words that are to hold blanks can be given. Ends with NULL. */
void tender_start_words(struct tender *t, const char *const *words);
/* Reads until the output contains `text`; false when it ends first. */
bool tender_says(struct tender *t, const char *text);
/* Reads to the end and waits; returns the status. */
int tender_end(struct tender *t);
/* Starts it and waits for its end; returns the status. */
int tender_run(struct tender *t, const char *line);

#endif
