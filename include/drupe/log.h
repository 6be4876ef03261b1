/* SPDX-License-Identifier: ISC */
#ifndef DRUPE_LOG_H
#define DRUPE_LOG_H

/* Lines on the console:
 *
 *     2026-06-13T06:13:32-00:00: [INFO] [application] text
 *
 * Each source has a name and a level. --logs=*:info,net:debug sets them: the last
 * rule that names a source, or else `*`, holds. The default is *:info. A line
 * longer than DR_LOG_LINE_MAX octets is cut, and ends with "...". Control
 * characters are printed as \xNN, so that what comes from a peer cannot forge a line. */

#include <drupe/base.h>
#include <stdarg.h>

#define DR_LOG_LINE_MAX 512

enum dr_log_level { DR_LOG_QUIET, DR_LOG_ERROR, DR_LOG_WARN, DR_LOG_INFO, DR_LOG_DEBUG };

#pragma GCC visibility push(default)

/* Whether a line of this level from this source would be printed. */
bool dr_log_wants(const char *source, enum dr_log_level level);

/* Never waits. `fmt` is printf's without floating point, wide characters, %n and %m: from such
 * a directive on, `fmt` itself is printed. */
void dr_log(const char *source, enum dr_log_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* For applications: their source is "application". */
#define dr_error(...) dr_log("application", DR_LOG_ERROR, __VA_ARGS__)
#define dr_warn(...)  dr_log("application", DR_LOG_WARN, __VA_ARGS__)
#define dr_info(...)  dr_log("application", DR_LOG_INFO, __VA_ARGS__)
#define dr_debug(...) dr_log("application", DR_LOG_DEBUG, __VA_ARGS__)

/* A negative error number of this library's calls in words, "connection refused"; for another
 * one "error". Valid for ever. */
const char *dr_error_text(int error);

#pragma GCC visibility pop
#endif
