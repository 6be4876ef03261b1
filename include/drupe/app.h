/* SPDX-License-Identifier: ISC */
#ifndef DRUPE_APP_H
#define DRUPE_APP_H

/* An application is one constant:
 *
 *     const struct dr_app dr_app = {
 *         .name = "hello",
 *         .about = "Says hello.",
 *         .args = args,
 *         .main = hello,
 *     };
 *
 * The runtime reads the arguments, then runs `main` as the first task. What it
 * returns becomes the image's exit status: 0 to 254 as it is, a negative error
 * number is logged and ends the image with status 1. */

#include <drupe/args.h>
#include <drupe/base.h>

struct dr_app {
    const char *name;          /* for logs, and for --help */
    const char *about;         /* one sentence, for --help */
    const struct dr_arg *args; /* ends with DR_ARG_END; NULL for none */
    int (*main)(void);
    size_t stack_len;          /* octets of each task's stack; 0 for the default, 32 KiB */
};

/* Defined by the application. */
#pragma GCC visibility push(default)
extern const struct dr_app dr_app;

/* Stops the image because of a bug: prints the text (formatted as dr_log's), where it was
 * called, and a backtrace of symbols, and ends with status 255. */
#define dr_panic(...) dr_panic_at(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void dr_panic_at(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
#pragma GCC visibility pop

#endif
