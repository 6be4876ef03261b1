/* SPDX-License-Identifier: ISC */
#include "host/waitset.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>

static int watch(int epollfd, int fd, uint64_t data)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.u64 = data}};
    return epoll_ctl(epollfd, EPOLL_CTL_ADD, fd, &event);
}

int waitset_open(const struct manifest *m, uint64_t timer_data, int *epollfd, int *timerfd,
                 struct error *e)
{
    *epollfd = epoll_create1(EPOLL_CLOEXEC);
    *timerfd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (*epollfd < 0 || *timerfd < 0 || watch(*epollfd, *timerfd, timer_data) != 0)
        return fail_errno(e, "cannot make what an image waits with");
    for (unsigned i = 1; i < m->entries; i++)
        if (m->entry[i].type == ABI_DEVICE_NET && watch(*epollfd, m->entry[i].b.hostfd, i) != 0)
            return fail_errno(e, "cannot wait for the network device '%s'", m->entry[i].name);
    return 0;
}
