/* SPDX-License-Identifier: ISC */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

/* check(expr) states what cannot be false unless this code has a bug. It is in
 * every build. It is never used for input: what a peer, a host or a user gets
 * wrong is an error or a verdict, and is returned.
 *
 * The expression is evaluated exactly once and must have no side effect. */
#define check(expr) ((expr) ? (void)0 : check_failed(#expr, __FILE__, __LINE__))

/* Says where and stops. Each program brings its own: the runtime prints a
 * backtrace, a host program a line on stderr. */
_Noreturn void check_failed(const char *expr, const char *file, int line);

#endif
