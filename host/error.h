/* SPDX-License-Identifier: ISC */
#ifndef HOST_ERROR_H
#define HOST_ERROR_H

/* How host code reports what went wrong: a call that fails returns -1 (or NULL)
 * and leaves one line, without a newline, that says what and what to do. Only main
 * functions print it and exit. */

struct error {
    char text[400];
};

/* Formats the line and returns -1. */
int fail(struct error *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same with ": " and strerror(errno) at the end. */
int fail_errno(struct error *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Puts "subject: " before the line that is there, and returns -1. */
int fail_about(struct error *e, const char *subject);

#endif
