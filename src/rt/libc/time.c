/* SPDX-License-Identifier: ISC */
#include "rt/libc/calls.h"

#include "plat/plat.h"
#include <drupe/task.h>

#include <errno.h>
#include <stdint.h>
#include <time.h>

#define NS 1000000000U

long drupe_sys_clock_gettime(long clock, struct timespec *t)
{
    uint64_t now;
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
        now = plat_clock_wall();
        break;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
    case CLOCK_PROCESS_CPUTIME_ID:
    case CLOCK_THREAD_CPUTIME_ID:
        now = plat_clock_monotonic();
        break;
    default:
        return -EINVAL;
    }
    t->tv_sec = (time_t)(now / NS);
    t->tv_nsec = (long)(now % NS);
    return 0;
}

long drupe_sys_clock_getres(long clock, struct timespec *t)
{
    struct timespec now;
    long error = drupe_sys_clock_gettime(clock, &now);
    if (!error && t)
        *t = (struct timespec){.tv_nsec = 1};
    return error;
}

/* A sleep is a task's: the others run. One that is ended early (the scope was cancelled, or its
 * deadline passed) is interrupted, as by a signal. */
static long sleep_for(uint64_t ns)
{
    return dr_sleep(ns) < 0 ? -EINTR : 0;
}

/* Nanoseconds; a time too long to be told is the longest. */
static uint64_t ns_of(const struct timespec *t)
{
    if ((uint64_t)t->tv_sec > UINT64_MAX / NS - 1)
        return DR_NEVER;
    return (uint64_t)t->tv_sec * NS + (uint64_t)t->tv_nsec;
}

static bool is_time(const struct timespec *t)
{
    return t->tv_sec >= 0 && t->tv_nsec >= 0 && t->tv_nsec < (long)NS;
}

long drupe_sys_nanosleep(const struct timespec *t, struct timespec *left)
{
    return drupe_sys_clock_nanosleep(CLOCK_MONOTONIC, 0, t, left);
}

long drupe_sys_clock_nanosleep(long clock, long flags, const struct timespec *t,
                               struct timespec *left)
{
    struct timespec clock_now;
    if (!is_time(t) || drupe_sys_clock_gettime(clock, &clock_now) < 0)
        return -EINVAL;
    uint64_t begin = plat_clock_monotonic(), ns = ns_of(t);
    if (flags & TIMER_ABSTIME) {
        uint64_t now = ns_of(&clock_now);
        return sleep_for(ns > now ? ns - now : 0);
    }
    long error = sleep_for(ns);
    uint64_t slept = plat_clock_monotonic() - begin;
    if (error && left) {
        uint64_t rest = ns > slept ? ns - slept : 0;
        *left = (struct timespec){.tv_sec = (time_t)(rest / NS), .tv_nsec = (long)(rest % NS)};
    }
    return error;
}
