/* SPDX-License-Identifier: ISC */
/* Devices: the host's descriptors, and waiting for them. */
#include "base/check.h"
#include "host/blockfile.h"
#include "plat/plat.h"
#include "plat/unix/unix.h"

#include <errno.h>
#include <poll.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000ULL

struct manifest unix_manifest;

/* The networks, by their order; `handle` says which. A closed one has fd -1. */
static struct pollfd polled[PLAT_DEVICE_MAX];
static unsigned handle_of[PLAT_DEVICE_MAX];
static unsigned polled_count;

void unix_watch_networks(void)
{
    for (unsigned i = 1; i < unix_manifest.entries; i++) {
        if (unix_manifest.entry[i].type != ABI_DEVICE_NET)
            continue;
        polled[polled_count] =
            (struct pollfd){.fd = unix_manifest.entry[i].b.hostfd, .events = POLLIN};
        handle_of[polled_count++] = i;
    }
}

static const struct abi_manifest_entry *entry(int handle, enum abi_device type)
{
    check(handle > 0 && (unsigned)handle < unix_manifest.entries);
    check(unix_manifest.entry[handle].type == (uint32_t)type);
    return &unix_manifest.entry[handle];
}

/* ---- Waiting --------------------------------------------------------------- */

/* How long from now; NULL for ever. */
static const struct timespec *until(uint64_t deadline, struct timespec *t)
{
    if (deadline == PLAT_NEVER)
        return NULL;
    uint64_t now = plat_clock_monotonic();
    uint64_t left = deadline > now ? deadline - now : 0;
    t->tv_sec = (time_t)(left / NS_PER_S);
    t->tv_nsec = (long)(left % NS_PER_S);
    return t;
}

uint64_t plat_wait(uint64_t deadline)
{
    struct timespec t;
    uint64_t ready = 0;
    if (ppoll(polled, polled_count, until(deadline, &t), NULL) <= 0)
        return 0;
    for (unsigned i = 0; i < polled_count; i++)
        if (polled[i].fd >= 0 && polled[i].revents)
            ready |= 1ULL << handle_of[i];
    return ready;
}

/* The other end is gone: it would be ready for ever. */
static void stop_polling(int handle)
{
    for (unsigned i = 0; i < polled_count; i++)
        if (handle_of[i] == (unsigned)handle)
            polled[i].fd = -1;
}

/* ---- Networks -------------------------------------------------------------- */

int plat_net_acquire(const char *name, struct plat_net_info *info)
{
    unsigned handle = manifest_find(&unix_manifest, name, strlen(name), ABI_DEVICE_NET);
    if (handle == 0)
        return -ENODEV;
    const struct abi_net_info *n = &unix_manifest.entry[handle].u.net;
    memcpy(info->mac, n->mac, sizeof info->mac);
    info->mtu = n->mtu;
    info->features = unix_manifest.features[handle];
    info->room =
        offload_header_len(info->features) + offload_frame_max(info->features, info->mtu);
    return (int)handle;
}

const char *plat_net_name(unsigned n)
{
    return n < polled_count ? unix_manifest.entry[handle_of[n]].name : NULL;
}

int plat_net_read(int handle, void *buf, size_t size, struct plat_net_in *in)
{
    ssize_t n = read(entry(handle, ABI_DEVICE_NET)->b.hostfd, buf, size);
    if (n > 0)
        return offload_take(unix_manifest.features[handle], bytes_of(buf, (size_t)n),
                            &in->frame, &in->work)
                   ? 0
                   : -EBADMSG;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return -EAGAIN;
    stop_polling(handle);
    return -EIO;
}

/* The header, where there is one, and the parts. Returns the octets. */
static size_t lay_out(uint32_t features, const struct bytes *part, unsigned parts,
                      uint8_t header[OFFLOAD_HEADER_LEN], struct iovec *v)
{
    size_t len = v[0].iov_len = offload_header_len(features);
    v[0].iov_base = header;
    for (unsigned i = 0; i < parts; len += part[i++].len)
        v[i + 1] =
            (struct iovec){.iov_base = (void *)(uintptr_t)part[i].at, .iov_len = part[i].len};
    return len;
}

int plat_net_write(int handle, const struct bytes *part, unsigned parts,
                   const struct offload *work)
{
    static const struct offload nothing;
    const struct abi_manifest_entry *e = entry(handle, ABI_DEVICE_NET);
    uint32_t features = unix_manifest.features[handle];
    uint8_t header[OFFLOAD_HEADER_LEN];
    struct iovec v[1 + PLAT_NET_PARTS_MAX];
    bool super = work && work->segment_len > 0;
    if (parts > (features ? PLAT_NET_PARTS_MAX : 1))
        return -EIO;
    offload_print(header, work ? work : &nothing);
    size_t len = lay_out(features, part, parts, header, v);
    if (len - v[0].iov_len > offload_frame_max(super ? features : 0, e->u.net.mtu))
        return -EIO;
    ssize_t n = writev(e->b.hostfd, v, (int)parts + 1);
    if (n == (ssize_t)len)
        return 0;
    return n < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOBUFS) ? -EAGAIN : -EIO;
}

/* ---- Block devices --------------------------------------------------------- */

int plat_block_acquire(const char *name, struct plat_block_info *info)
{
    unsigned handle = manifest_find(&unix_manifest, name, strlen(name), ABI_DEVICE_BLOCK);
    if (handle == 0)
        return -ENODEV;
    const struct abi_block_info *b = &unix_manifest.entry[handle].u.block;
    *info = (struct plat_block_info){.capacity = b->capacity,
                                     .block_size = b->block_size,
                                     .features = PLAT_BLOCK_FLUSH | PLAT_BLOCK_DISCARD};
    return (int)handle;
}

static const struct abi_manifest_entry *blocks(int handle, uint64_t offset, uint64_t len)
{
    const struct abi_manifest_entry *d = entry(handle, ABI_DEVICE_BLOCK);
    const struct abi_block_info *b = &d->u.block;
    bool within = len > 0 && len % b->block_size == 0 && offset % b->block_size == 0 &&
                  len <= b->capacity && offset <= b->capacity - len;
    return within ? d : NULL;
}

int plat_block_read(int handle, uint64_t offset, void *buf, size_t len)
{
    const struct abi_manifest_entry *d = blocks(handle, offset, len);
    return d ? file_read(d->b.hostfd, offset, buf, len) : -EINVAL;
}

int plat_block_write(int handle, uint64_t offset, const void *buf, size_t len)
{
    const struct abi_manifest_entry *d = blocks(handle, offset, len);
    return d ? file_write(d->b.hostfd, offset, buf, len) : -EINVAL;
}

int plat_block_flush(int handle)
{
    return file_flush(entry(handle, ABI_DEVICE_BLOCK)->b.hostfd);
}

int plat_block_discard(int handle, uint64_t offset, uint64_t len)
{
    const struct abi_manifest_entry *d = blocks(handle, offset, len);
    return d ? file_discard(d->b.hostfd, offset, len) : -EINVAL;
}
