/* SPDX-License-Identifier: ISC */
/* Waiting: the tender's epoll set, which holds every network device and one timer.
 *
 * The timer is never read (the sandbox would end us). Once it has gone off it stays ready until
 * it is set again, so a deadline that has passed and is asked for again needs no call to set
 * it. */
#include "plat/bare/devices.h"
#include "plat/plat.h"
#include "plat/spt/call.h"
#include "plat/spt/spt.h"

#include <errno.h>
#include <time.h>

#define TFD_TIMER_ABSTIME 1
#define EVENTS_MAX        (PLAT_DEVICE_MAX + 1)
#define SIGSET_LEN        8

struct event {
    uint32_t events;
    uint64_t data;
} __attribute__((packed));

static uint64_t armed = PLAT_NEVER; /* the timer's deadline; PLAT_NEVER: it is off */

static void arm(uint64_t deadline)
{
    if (deadline == armed)
        return;
    armed = deadline;
    struct {
        struct timespec interval, value;
    } t = {0};
    if (deadline != PLAT_NEVER) {
        t.value.tv_sec = (time_t)(deadline / 1000000000U);
        /* All zeroes would switch it off. */
        t.value.tv_nsec = (long)(deadline % 1000000000U) | 1;
    }
    spt_call4(SPT_TIMERFD_SETTIME, spt_boot->timerfd, TFD_TIMER_ABSTIME, (long)&t, 0);
}

uint64_t plat_wait(uint64_t deadline)
{
    struct event events[EVENTS_MAX];
    bool poll = deadline == 0;
    if (!poll)
        arm(deadline);
    long n = spt_call6(SPT_EPOLL_PWAIT, spt_boot->epollfd, (long)events, EVENTS_MAX,
                       poll ? 0 : -1, 0, SIGSET_LEN);
    uint64_t ready = 0;
    bool timer = false;
    for (long i = 0; i < n; i++) {
        if (events[i].data == SPT_TIMER_EVENT)
            timer = true;
        else if (events[i].data <= PLAT_DEVICE_MAX)
            ready |= 1ULL << events[i].data;
    }
    return devices_ready(ready, !poll && !timer);
}
