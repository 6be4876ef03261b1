/* SPDX-License-Identifier: ISC */
#ifndef TESTS_HVTTENDER_SUPPORT_H
#define TESTS_HVTTENDER_SUPPORT_H

/* What the tests of drupe-hvt share. */

#include "tests/check.h"
#include "tests/sandbox/tender.h"

#define NONE  GUEST "none.hvt"
#define NET   GUEST "net.hvt"
#define BLOCK GUEST "block.hvt"
#define PLAT  "build/hvt/plat.hvt" /* one of ours: tests/target/plat */

/* Why no virtual machine can be run here, or NULL. */
const char *no_kvm(void);
#define NEEDS_KVM()                                                                            \
    do {                                                                                       \
        if (no_kvm())                                                                          \
            SKIP(no_kvm());                                                                    \
    } while (0)

/* Runs it, and expects status 1 and exactly one line of the tender's that contains `why`.
 * Returns what is not so, or NULL. */
const char *refusal_wrong(struct tender *t, const char *command, const char *why);

#define CHECK_REFUSED(command, why)                                                            \
    do {                                                                                       \
        if (refusal_wrong(&t, command, why))                                                   \
            test_failed(__FILE__, __LINE__, "'%s' %s: %s", command,                            \
                        refusal_wrong(&t, command, why), t.text);                              \
    } while (0)

#define CHECK_RUNS(command)                                                                    \
    do {                                                                                       \
        if (tender_run(&t, command) != 0)                                                      \
            test_failed(__FILE__, __LINE__, "'%s' ends with %d: %s", command, t.status,        \
                        t.text);                                                               \
    } while (0)

/* A file in a place of its own, with this content; good until the next, or the end. */
const char *file_with(const void *content, size_t len);

/* `fmt` with its "@" replaced; good until the next. */
const char *command(const char *fmt, const char *path);

#endif
