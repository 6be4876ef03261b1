/* SPDX-License-Identifier: ISC */
/* The console, the clocks and the end. */
#include "plat/plat.h"
#include "plat/spt/call.h"
#include "plat/spt/spt.h"

#include <errno.h>
#include <time.h>

void plat_console_write(const void *buf, size_t len)
{
    const char *at = buf;
    while (len > 0) {
        long n = spt_call3(SPT_WRITE, 1, (long)at, (long)len);
        if (n == -EINTR)
            continue;
        if (n <= 0)
            return;
        at += n;
        len -= (size_t)n;
    }
}

static uint64_t clock_read(long id)
{
    struct timespec t = {0};
    spt_call3(SPT_CLOCK_GETTIME, id, (long)&t, 0);
    return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

uint64_t plat_clock_monotonic(void)
{
    return clock_read(CLOCK_MONOTONIC);
}

uint64_t plat_clock_wall(void)
{
    return clock_read(CLOCK_REALTIME);
}

_Noreturn void plat_exit(int status)
{
    for (;;)
        spt_call3(SPT_EXIT_GROUP, status, 0, 0);
}

/* A fault's report ends where it came from: the tender ends the process by the signal. */
_Noreturn void plat_abort(void)
{
    if (spt_fault_return != 0)
        spt_fault_leave();
    plat_exit(255);
}
