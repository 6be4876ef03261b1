/* SPDX-License-Identifier: ISC */
/* What the capture's sandbox forbids and allows, each tried in a child that has entered it. */
#include "host/capture/sandbox.h"
#include "host/capture/wire.h"
#include "tests/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Makes the call in the sandbox: whether it came back, or the process died of SIGSYS. */
static bool may(long number, long a, long b, long c)
{
    pid_t pid = fork();
    if (pid == 0) {
        struct error e;
        if (capture_sandbox(&e) < 0)
            syscall(SYS_exit_group, 255);
        syscall(number, a, b, c, 0L, 0L, 0L);
        syscall(SYS_exit_group, 0);
    }
    int status;
    CHECK_INT(waitpid(pid, &status, 0), pid);
    if (WIFSIGNALED(status)) {
        if (WTERMSIG(status) != SIGSYS)
            test_failed(__FILE__, __LINE__, "call %ld ends with signal %d", number,
                        WTERMSIG(status));
        return false;
    }
    CHECK_INT(WEXITSTATUS(status), 0);
    return true;
}

/* None of these descriptors need be open, or addresses be right: a call that is refused by the
 * kernel was let through by the filter. */
TEST(what_hands_frames_on_and_writes_the_file_is_allowed)
{
    CHECK(may(SYS_read, CAPTURE_LINK_FD, 0, 0));
    CHECK(may(SYS_write, CAPTURE_LINK_FD + 125, 0, 0));
    CHECK(may(SYS_pwritev, CAPTURE_FILE_FD, 0, 0));
    CHECK(may(SYS_writev, CAPTURE_FILE_FD, 0, 0));
    CHECK(may(SYS_ftruncate, CAPTURE_FILE_FD, 0, 0));
    CHECK(may(SYS_write, HELPER_WORD_FD, 0, 0));
    CHECK(may(SYS_write, STDERR_FILENO, 0, 0));
    CHECK(may(SYS_poll, 0, 0, 0));
    CHECK(may(SYS_close, 99, 0, 0));
    CHECK(may(SYS_clock_gettime, CLOCK_REALTIME, 0, 0));
}

TEST(the_same_on_other_descriptors_ends_the_process)
{
    CHECK(!may(SYS_read, CAPTURE_FILE_FD, 0, 0));
    CHECK(!may(SYS_read, STDIN_FILENO, 0, 0));
    CHECK(!may(SYS_write, CAPTURE_FILE_FD, 0, 0));
    CHECK(!may(SYS_write, STDOUT_FILENO, 0, 0));
    CHECK(!may(SYS_writev, CAPTURE_LINK_FD, 0, 0));
    CHECK(!may(SYS_pwritev, CAPTURE_LINK_FD, 0, 0));
    CHECK(!may(SYS_ftruncate, CAPTURE_LINK_FD, 0, 0));
}

/* Kernels answer these to nobody but their own probes, before a filter is asked. */
#define UPROBE_FIRST 335
#define UPROBE_LAST  336

static bool is_listed(long n)
{
    static const long listed[] = {
        SYS_read, SYS_write, SYS_pwritev,       SYS_writev,     SYS_ftruncate,
        SYS_poll, SYS_close, SYS_clock_gettime, SYS_exit_group, SYS_restart_syscall};
    for (unsigned i = 0; i < sizeof listed / sizeof listed[0]; i++)
        if (listed[i] == n)
            return true;
    return false;
}

TEST(every_other_call_ends_the_process)
{
    for (long n = 0; n <= 460; n++)
        if (!is_listed(n) && (n < UPROBE_FIRST || n > UPROBE_LAST) &&
            may(n, CAPTURE_LINK_FD, 0, 0))
            test_failed(__FILE__, __LINE__, "system call %ld is allowed", n);
}

TEST_MAIN(TEST_OF(what_hands_frames_on_and_writes_the_file_is_allowed),
          TEST_OF(the_same_on_other_descriptors_ends_the_process),
          TEST_OF(every_other_call_ends_the_process))
