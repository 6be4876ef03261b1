/* SPDX-License-Identifier: ISC */
#include "rt/libc/calls.h"

#include "base/check.h"
#include "plat/plat.h"
#include <drupe/app.h>
#include <drupe/random.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/utsname.h>

#define THE_PROCESS 1

#define FUTEX_WAIT    0
#define FUTEX_WAKE    1
#define FUTEX_COMMAND 0x7f

/* 255 is kept for bugs. */
long drupe_sys_exit_group(long status)
{
    plat_exit((status & 255) == 255 ? 1 : (int)(status & 255));
}

long drupe_sys_exit(long status)
{
    drupe_sys_exit_group(status);
}

long drupe_sys_set_tid_address(long at)
{
    (void)at;
    return THE_PROCESS;
}

long drupe_sys_gettid(void)
{
    return THE_PROCESS;
}

long drupe_sys_getpid(void)
{
    return THE_PROCESS;
}

long drupe_sys_getppid(void)
{
    return 0;
}

long drupe_sys_getuid(void)
{
    return 0;
}

long drupe_sys_geteuid(void)
{
    return 0;
}

long drupe_sys_getgid(void)
{
    return 0;
}

long drupe_sys_getegid(void)
{
    return 0;
}

/* No signal ever comes, so blocking and handling them is granted and has no effect. */
long drupe_sys_rt_sigprocmask(long how, const void *set, void *old, size_t len)
{
    (void)how, (void)set;
    if (old)
        memset(old, 0, len);
    return 0;
}

long drupe_sys_rt_sigaction(long signal, const void *action, void *old, size_t len)
{
    (void)signal, (void)action, (void)len;
    return old ? -ENOSYS : 0;
}

/* abort() and raise() come to this: there is no handler that could run. */
long drupe_sys_tkill(long tid, long signal)
{
    if (tid != THE_PROCESS)
        return -ESRCH;
    if (signal == 0)
        return 0;
    if (signal == SIGABRT)
        dr_panic("abort() was called");
    dr_panic("the image sent itself signal %ld", signal);
}

long drupe_sys_kill(long pid, long signal)
{
    return drupe_sys_tkill(pid == 0 ? THE_PROCESS : pid, signal);
}

/* With one thread nobody else can change the word: a wait that would begin would never end. */
long drupe_sys_futex(int *at, long op, long value, const struct timespec *t)
{
    switch (op & FUTEX_COMMAND) {
    case FUTEX_WAKE:
        return 0;
    case FUTEX_WAIT:
        if (*at != (int)value)
            return -EAGAIN;
        if (t)
            return -ETIMEDOUT;
        dr_panic("a lock of the C library's is waited for that its own task holds");
    default:
        return -ENOSYS;
    }
}

long drupe_sys_sched_yield(void)
{
    return 0;
}

long drupe_sys_getrandom(void *buf, size_t len, long flags)
{
    (void)flags;
    dr_random(buf, len);
    return (long)len;
}

long drupe_sys_uname(struct utsname *u)
{
    memset(u, 0, sizeof *u);
    strcpy(u->sysname, "Drupe");
    strncpy(u->nodename, dr_app.name, sizeof u->nodename - 1);
    strcpy(u->release, "1");
    strcpy(u->machine, "x86_64");
    return 0;
}
