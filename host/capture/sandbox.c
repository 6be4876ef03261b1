/* SPDX-License-Identifier: ISC */
#include "host/capture/sandbox.h"
#include "host/capture/wire.h"
#include "host/confine.h"
#include "host/sandbox.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#define AT_FD(call, cmp, fd)                                                                   \
    {                                                                                          \
        SCMP_SYS(call), 1,                                                                     \
        {                                                                                      \
            {                                                                                  \
                .arg = 0, .op = (cmp), .datum_a = (fd)                                         \
            }                                                                                  \
        }                                                                                      \
    }

/* The whole list, with the reasons. */
static const struct sandbox_rule rules[] = {
    /* Frames, from the links and the devices, which are all that is open from there on. */
    AT_FD(read, SCMP_CMP_GE, CAPTURE_LINK_FD),
    AT_FD(write, SCMP_CMP_GE, CAPTURE_LINK_FD),
    /* The file; and its end, when half a block was written. */
    AT_FD(pwritev, SCMP_CMP_EQ, CAPTURE_FILE_FD),
    AT_FD(writev, SCMP_CMP_EQ, CAPTURE_FILE_FD),
    AT_FD(ftruncate, SCMP_CMP_EQ, CAPTURE_FILE_FD),
    /* The loop's wait, which is the same for a stopped process that goes on. */
    {SCMP_SYS(poll), 0, {{0}}},
    {SCMP_SYS(restart_syscall), 0, {{0}}},
    /* A device that ended; the word to the parent. */
    {SCMP_SYS(close), 0, {{0}}},
    /* The word to the parent; a line on a disk that is full. */
    AT_FD(write, SCMP_CMP_EQ, HELPER_WORD_FD),
    AT_FD(write, SCMP_CMP_EQ, 2),
    /* The clock, where the kernel's page for it is missing. */
    {SCMP_SYS(clock_gettime), 0, {{0}}},
    {SCMP_SYS(exit_group), 0, {{0}}},
};

static void limit(__rlimit_resource_t what, rlim_t most)
{
    struct rlimit r = {most, most};
    setrlimit(what, &r);
}

int capture_sandbox(struct error *e)
{
    struct sock_fprog filter;
    if (sandbox_build_rules(rules, sizeof rules / sizeof rules[0], &filter, e) != 0)
        return -1;
    confine_privileges();
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NPROC, 0);
    confine_files();
    return sandbox_enter(&filter, e);
}
