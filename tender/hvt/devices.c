/* SPDX-License-Identifier: ISC */
/* What stands behind the calls of devices: the host's descriptors. */
#include "host/blockfile.h"
#include "tender/hvt/guest.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

/* ---- Networks -------------------------------------------------------------- */

/* What the host answered (n < 0: with errno) for a frame of len octets. */
static int sent(ssize_t n, size_t len, struct net_stats *stats)
{
    if (n < 0 && (errno == EINVAL || errno == EMSGSIZE))
        return HVT_EINVAL;
    if (n >= 0 && (size_t)n == len)
        stats->sent++;
    else
        stats->lost++;
    return HVT_OK;
}

int net_send(const struct abi_manifest_entry *d, struct bytes frame, struct net_stats *stats)
{
    ssize_t n;
    do
        n = write(d->b.hostfd, frame.at, frame.len);
    while (n < 0 && errno == EINTR);
    return sent(n, frame.len, stats);
}

int net_send_parts(const struct abi_manifest_entry *d, const struct bytes *part, unsigned parts,
                   struct net_stats *stats)
{
    struct iovec of[HVT_SEND_PARTS_MAX];
    size_t len = 0;
    for (unsigned i = 0; i < parts; len += part[i++].len)
        of[i] = (struct iovec){(void *)(uintptr_t)part[i].at, part[i].len};
    ssize_t n;
    do
        n = writev(d->b.hostfd, of, (int)parts);
    while (n < 0 && errno == EINTR);
    return sent(n, len, stats);
}

/* A network whose other side is gone would be ready for ever. The image hears of it once. */
static int forget(const struct guest *g, int fd, struct net_stats *stats)
{
    if (epoll_ctl(g->epollfd, EPOLL_CTL_DEL, fd, NULL) != 0)
        return HVT_AGAIN;
    stats->ends++;
    return HVT_EUNSPEC;
}

int net_receive(const struct guest *g, const struct abi_manifest_entry *d, uint8_t *room,
                uint64_t *len, struct net_stats *stats)
{
    ssize_t n;
    if (*len == 0)
        return HVT_EINVAL;
    do
        n = read(d->b.hostfd, room, *len);
    while (n < 0 && errno == EINTR);
    if (n > 0) {
        *len = (uint64_t)n;
        stats->received++;
        return HVT_OK;
    }
    return n < 0 && errno == EAGAIN ? HVT_AGAIN : forget(g, d->b.hostfd, stats);
}

static bool has_room(const struct intake *in)
{
    uint64_t needed = sizeof(struct hvt_frame) + (uint64_t)in->frame_max;
    return in->frame_max > 0 && needed <= in->len - in->used;
}

/* One frame behind those that are there; an enum hvt_result. */
static int take_frame(const struct guest *g, unsigned handle, struct intake *in,
                      struct net_stats *stats)
{
    struct hvt_frame head = {.handle = handle};
    uint64_t len = in->frame_max;
    uint8_t *at = in->room + in->used;
    int result = net_receive(g, &g->manifest.entry[handle], at + sizeof head, &len, stats);
    if (result != HVT_OK)
        return result;
    head.len = (uint32_t)len;
    memcpy(at, &head, sizeof head);
    uint64_t end = in->used + sizeof head + len + HVT_FRAME_ALIGN - 1;
    end &= ~(uint64_t)(HVT_FRAME_ALIGN - 1);
    in->used = end < in->len ? (uint32_t)end : in->len;
    in->frames++;
    return HVT_OK;
}

void net_take_in(const struct guest *g, uint64_t wanted, struct intake *in,
                 struct net_stats *stats)
{
    for (unsigned handle = 0; handle < ABI_MANIFEST_ENTRIES_MAX; handle++)
        if (!(wanted >> handle & 1) || !guest_device(g, handle, ABI_DEVICE_NET))
            wanted &= ~(1ULL << handle);
    for (uint64_t left = wanted; left != 0 && has_room(in); left &= wanted) {
        unsigned handle = (unsigned)__builtin_ctzll(left);
        int result = take_frame(g, handle, in, stats);
        if (result == HVT_EUNSPEC)
            in->lost_set |= 1ULL << handle;
        if (result != HVT_OK)
            wanted &= ~(1ULL << handle);
        left &= ~(1ULL << handle);
        if (left == 0)
            left = wanted;
    }
    in->more_set |= wanted;
}

/* ---- Block devices --------------------------------------------------------- */

bool block_holds(const struct abi_manifest_entry *d, uint64_t offset, uint64_t len)
{
    uint64_t capacity = d->u.block.capacity;
    return offset < capacity && len <= capacity - offset;
}

static int result_of(int error)
{
    return error == 0 ? HVT_OK : error == -EOPNOTSUPP ? HVT_ENOTSUP : HVT_EUNSPEC;
}

int block_read(const struct abi_manifest_entry *d, uint64_t offset, uint8_t *to, uint64_t len)
{
    return result_of(file_read(d->b.hostfd, offset, to, len));
}

int block_write(const struct abi_manifest_entry *d, uint64_t offset, struct bytes from)
{
    return result_of(file_write(d->b.hostfd, offset, from.at, from.len));
}

int block_flush(const struct abi_manifest_entry *d)
{
    return result_of(file_flush(d->b.hostfd));
}

int block_discard(const struct abi_manifest_entry *d, uint64_t offset, uint64_t len)
{
    return result_of(file_discard(d->b.hostfd, offset, len));
}

/* ---- Waiting --------------------------------------------------------------- */

static struct poll_result sort(const struct epoll_event *event, int n)
{
    struct poll_result r = {0};
    for (int i = 0; i < n; i++) {
        if (event[i].data.u64 == GUEST_TIMER_EVENT)
            continue;
        r.ready_set |= 1ULL << event[i].data.u64;
        r.ready++;
    }
    return r;
}

struct poll_result guest_wait(const struct guest *g, uint64_t timeout_ns)
{
    struct epoll_event event[ABI_MANIFEST_ENTRIES_MAX];
    /* An odd number: zero would disarm it. */
    struct itimerspec it = {.it_value = {.tv_sec = (time_t)(timeout_ns / 1000000000U),
                                         .tv_nsec = (long)(timeout_ns % 1000000000U) | 1}};
    int n = 0;
    if (timeout_ns == 0)
        n = epoll_pwait(g->epollfd, event, ABI_MANIFEST_ENTRIES_MAX, 0, NULL);
    else if (timerfd_settime(g->timerfd, 0, &it, NULL) == 0)
        do
            /* (Whoever sets `ending` from here on sets off the timer too.) */
            n = *g->ending ? 0
                           : epoll_pwait(g->epollfd, event, ABI_MANIFEST_ENTRIES_MAX, -1, NULL);
        while (n < 0 && errno == EINTR);
    return sort(event, n);
}
