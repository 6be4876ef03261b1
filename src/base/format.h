/* SPDX-License-Identifier: ISC */
#ifndef BASE_FORMAT_H
#define BASE_FORMAT_H

/* printf for what images say: a tenth of the C library's, which comes only with applications
 * that call it. `fmt` is printf's with d, i, u, o, x, X, c, s, p and %, all flags, widths,
 * precisions and the lengths hh, h, l, ll, z, t and j. There is no floating point, no wide
 * character, no %n, %m or %1$d: from such a directive on, `fmt` itself is printed. */

#include <stdarg.h>
#include <stddef.h>

/* Writes the text and a NUL to `to`, of `size` octets, cutting what does not fit. Returns the
 * whole text's length, as snprintf. */
size_t format(char *to, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
size_t format_va(char *to, size_t size, const char *fmt, va_list args)
    __attribute__((format(printf, 3, 0)));

#endif
