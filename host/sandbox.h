/* SPDX-License-Identifier: ISC */
#ifndef HOST_SANDBOX_H
#define HOST_SANDBOX_H

/* Filters on system calls: docs/design/sandbox.md. A call that is not listed, or has an
 * argument other than those listed, ends the process with SIGSYS. */

#include "host/manifest.h"

#include <linux/filter.h>
#include <seccomp.h>

/* The filter in which an spt image runs, for these attached devices and the two descriptors of
 * the contract. The program is never freed: it lasts as long as the process. */
int sandbox_build(const struct manifest *m, int epollfd, int timerfd, struct sock_fprog *out,
                  struct error *e);

/* Closes every descriptor but those, and standard input, output and error: what else
 * the process was started with is not the image's. */
int sandbox_close_others(const struct manifest *m, int epollfd, int timerfd, struct error *e);

/* A call that may be made when all of `when` hold. */
struct sandbox_rule {
    int call; /* an SCMP_SYS */
    unsigned conditions;
    struct scmp_arg_cmp when[3];
};

/* Any other filter. The calls are looked for in the order of the rules. */
int sandbox_build_rules(const struct sandbox_rule *rule, size_t rules, struct sock_fprog *out,
                        struct error *e);

/* Puts the process, with all its threads, for good, under the filter, and without a way to new
 * privileges. Nothing but the listed calls can be made after it. */
int sandbox_enter(const struct sock_fprog *filter, struct error *e);

#endif
