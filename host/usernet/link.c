/* SPDX-License-Identifier: ISC */
#include "host/usernet/link.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

void link_send(struct link *l, const void *frame, size_t len)
{
    if (l->waiting == LINK_QUEUE || len > USERNET_FRAME_MAX) {
        l->dropped++;
        return;
    }
    size_t at = (l->head + l->waiting) % LINK_QUEUE;
    memcpy(l->frame[at], frame, len);
    l->len[at] = (uint16_t)len;
    l->waiting++;
    if (l->waiting > l->most)
        l->most = l->waiting;
}

/* One system call's worth; returns how many frames went out, or -1. */
static int send_some(struct link *l)
{
    struct mmsghdr msgs[LINK_BATCH];
    struct iovec iov[LINK_BATCH];
    unsigned n = 0;
    for (; n < LINK_BATCH && n < l->waiting; n++) {
        size_t at = (l->head + n) % LINK_QUEUE;
        iov[n] = (struct iovec){l->frame[at], l->len[at]};
        msgs[n] = (struct mmsghdr){.msg_hdr = {.msg_iov = &iov[n], .msg_iovlen = 1}};
    }
    return sendmmsg(l->fd, msgs, n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void link_flush(struct link *l)
{
    while (l->waiting) {
        int n = send_some(l);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN && errno != ENOBUFS)
            l->gone = true;
        if (n <= 0)
            return;
        l->head = (l->head + (size_t)n) % LINK_QUEUE;
        l->waiting -= (size_t)n;
    }
    l->head = 0; /* the same few frames of memory, while the queue stays short */
}

/* An empty frame and a closed end look alike but for the hang-up. */
static bool hung_up(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR)) != 0;
}

size_t link_receive(struct link *l, void (*take)(void *arg, const uint8_t *frame, size_t len),
                    void *arg)
{
    static uint8_t room[LINK_BATCH][USERNET_FRAME_MAX];
    struct mmsghdr msgs[LINK_BATCH];
    struct iovec iov[LINK_BATCH];
    for (size_t i = 0; i < LINK_BATCH; i++) {
        iov[i] = (struct iovec){room[i], sizeof room[i]};
        msgs[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &iov[i], .msg_iovlen = 1}};
    }
    int n = recvmmsg(l->fd, msgs, LINK_BATCH, MSG_DONTWAIT, NULL);
    if (n < 0) {
        l->gone |= errno != EAGAIN && errno != EINTR;
        return 0;
    }
    for (int i = 0; i < n; i++) {
        if (msgs[i].msg_len == 0 && hung_up(l->fd))
            l->gone = true;
        else if (!(msgs[i].msg_hdr.msg_flags & MSG_TRUNC))
            take(arg, room[i], msgs[i].msg_len);
    }
    return (size_t)n;
}

void link_trim(struct link *l)
{
    size_t page = 4096;
    uintptr_t from = ((uintptr_t)l->frame[LINK_BATCH] + page - 1) & ~(page - 1);
    uintptr_t to = (uintptr_t)l->frame[LINK_QUEUE - 1] & ~(page - 1);
    if (l->waiting || l->most <= LINK_BATCH)
        return;
    madvise((void *)from, to - from, MADV_DONTNEED);
    l->most = 0;
}
