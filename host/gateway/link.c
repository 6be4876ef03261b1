/* SPDX-License-Identifier: ISC */
#include "host/gateway/link.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#define LENGTH sizeof(uint32_t)

static bool waits(const struct link *l)
{
    return l->head != l->tail;
}

/* The frames at the head of the queue, as many as one system call takes. */
static unsigned gather(struct link *l, struct iovec iov[LINK_BATCH])
{
    unsigned n = 0;
    for (size_t at = l->head; at != l->tail && n < LINK_BATCH; n++) {
        uint32_t len;
        memcpy(&len, l->queue + at, LENGTH);
        iov[n] = (struct iovec){l->queue + at + LENGTH, len};
        at += LENGTH + len;
    }
    return n;
}

/* How many of the frames went out; none: the link is full, or gone. */
static unsigned send_now(struct link *l, struct iovec *iov, unsigned n)
{
    struct mmsghdr msgs[LINK_BATCH];
    int sent;
    for (unsigned i = 0; i < n; i++)
        msgs[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &iov[i], .msg_iovlen = 1}};
    do
        sent = sendmmsg(l->fd, msgs, n, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent > 0)
        return (unsigned)sent;
    l->full = true;
    l->gone |= errno != EAGAIN && errno != ENOBUFS;
    return 0;
}

static int put(struct link *l, struct bytes frame)
{
    uint32_t len = (uint32_t)frame.len;
    if (LENGTH + len > LINK_QUEUE - l->tail && l->head > 0) {
        memmove(l->queue, l->queue + l->head, l->tail - l->head);
        l->tail -= l->head;
        l->head = 0;
    }
    if (LENGTH + len > LINK_QUEUE - l->tail)
        return -EAGAIN;
    memcpy(l->queue + l->tail, &len, LENGTH);
    memcpy(l->queue + l->tail + LENGTH, frame.at, len);
    l->tail += LENGTH + len;
    return 0;
}

/* A long frame goes at once, after what waits. */
int link_send(struct link *l, struct bytes frame)
{
    struct iovec iov = {(void *)(uintptr_t)frame.at, frame.len};
    if (frame.len <= LINK_SHORT)
        return put(l, frame);
    if (!l->full)
        link_flush(l);
    if (!l->full && send_now(l, &iov, 1) == 1)
        return 0;
    return put(l, frame);
}

void link_flush(struct link *l)
{
    struct iovec iov[LINK_BATCH];
    l->full = false;
    while (waits(l) && !l->full) {
        unsigned n = send_now(l, iov, gather(l, iov));
        for (unsigned i = 0; i < n; i++)
            l->head += LENGTH + iov[i].iov_len;
    }
    if (!waits(l))
        l->head = l->tail = 0; /* the same few pages, while little waits */
}

/* An empty frame and a closed end look alike but for the hang-up. */
static bool hung_up(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR)) != 0;
}

size_t link_receive(struct link *l, void (*take)(void *arg, struct bytes frame), void *arg)
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
            take(arg, bytes_of(room[i], msgs[i].msg_len));
    }
    return (size_t)n;
}
