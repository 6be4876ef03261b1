/* SPDX-License-Identifier: ISC */
/* Devices: reading and writing them. */
#include "plat/bare/devices.h"
#include "plat/plat.h"
#include "plat/spt/call.h"

#include <abi/spt.h>
#include <errno.h>
#include <string.h>

#define HOLE 3 /* FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE */

_Static_assert(sizeof(struct bytes) == 16 && offsetof(struct bytes, len) == 8, "an iovec");

/* What the kernel says of one call; it is repeated when a signal came in between. */
static long again(long call, int fd, const void *what, size_t size)
{
    long n;
    do
        n = spt_call3(call, fd, (long)what, (long)size);
    while (n == -EINTR);
    return n;
}

/* With any feature on, the header stands before the frame: in the buffer, too. */
int plat_net_read(int handle, void *buf, size_t size, struct plat_net_in *in)
{
    const struct abi_manifest_entry *e = device_at(handle, ABI_DEVICE_NET);
    if (!e)
        return -EIO;
    if (device_is_lost(handle))
        return -EAGAIN;
    long n = again(SPT_READ, e->b.hostfd, buf, size);
    if (n == -EAGAIN)
        return -EAGAIN;
    if (n <= 0)
        return device_lose(handle);
    return offload_take(device_features(handle), bytes_of(buf, (size_t)n), &in->frame,
                        &in->work)
               ? 0
               : -EBADMSG;
}

static long write_parts(int fd, const struct bytes *part, unsigned parts,
                        const struct offload *work)
{
    static const struct offload nothing;
    uint8_t header[OFFLOAD_HEADER_LEN];
    struct bytes all[1 + PLAT_NET_PARTS_MAX]; /* laid out as the kernel's struct iovec */
    offload_print(header, work ? work : &nothing);
    all[0] = bytes_of(header, sizeof header);
    memcpy(all + 1, part, parts * sizeof *part);
    long n = again(SPT_WRITEV, fd, all, 1 + parts);
    return n > 0 ? n - (long)sizeof header : n;
}

int plat_net_write(int handle, const struct bytes *part, unsigned parts,
                   const struct offload *work)
{
    const struct abi_manifest_entry *e = device_at(handle, ABI_DEVICE_NET);
    uint32_t features = device_features(handle);
    size_t len;
    if (!e || device_is_lost(handle) || !device_takes(e, features, part, parts, work, &len))
        return -EIO;
    long n = features ? write_parts(e->b.hostfd, part, parts, work)
                      : again(SPT_WRITE, e->b.hostfd, part[0].at, len);
    if (n == (long)len)
        return 0;
    return n == -EAGAIN || n == -ENOBUFS ? -EAGAIN : -EIO;
}

/* How many of the `left` octets at `offset` the sandbox lets pass at once: one block, or more
 * under a tender of ours, of which the end of the device is taken in smaller steps. */
static size_t step(const struct abi_manifest_entry *e, uint64_t offset, size_t left)
{
    static const uint32_t batch[] = SPT_BLOCK_BATCHES;
    const struct abi_block_info *b = &e->u.block;
    for (size_t i = 0; devices_block_features && i < sizeof batch / sizeof batch[0]; i++)
        if (batch[i] > b->block_size && batch[i] <= b->capacity &&
            offset <= b->capacity - batch[i])
            return left < batch[i] ? left : batch[i];
    return b->block_size;
}

static int transfer(long call, int handle, uint64_t offset, void *buf, size_t len)
{
    const struct abi_manifest_entry *e = device_at(handle, ABI_DEVICE_BLOCK);
    if (!e || !device_has_blocks(e, offset, len))
        return -EINVAL;
    for (size_t done = 0; done < len;) {
        size_t size = step(e, offset + done, len - done);
        long n;
        do
            n = spt_call4(call, e->b.hostfd, (long)buf + (long)done, (long)size,
                          (long)(offset + done));
        while (n == -EINTR);
        /* Whole blocks of a batch may come one after the other; half of one is an error. */
        if (n <= 0 || n % e->u.block.block_size != 0)
            return -EIO;
        done += (size_t)n;
    }
    return 0;
}

int plat_block_read(int handle, uint64_t offset, void *buf, size_t len)
{
    return transfer(SPT_PREAD64, handle, offset, buf, len);
}

int plat_block_write(int handle, uint64_t offset, const void *buf, size_t len)
{
    return transfer(SPT_PWRITE64, handle, offset, (void *)(uintptr_t)buf, len);
}

static int tended(long n)
{
    return n == 0 ? 0 : n == -EOPNOTSUPP || n == -ENOSYS || n == -ENODEV ? -EOPNOTSUPP : -EIO;
}

int plat_block_flush(int handle)
{
    const struct abi_manifest_entry *e = device_at(handle, ABI_DEVICE_BLOCK);
    if (!e)
        return -EINVAL;
    if (!(devices_block_features & PLAT_BLOCK_FLUSH))
        return -EOPNOTSUPP;
    return tended(again(SPT_FDATASYNC, e->b.hostfd, NULL, 0));
}

int plat_block_discard(int handle, uint64_t offset, uint64_t len)
{
    const struct abi_manifest_entry *e = device_at(handle, ABI_DEVICE_BLOCK);
    if (!e || !device_has_blocks(e, offset, len))
        return -EINVAL;
    if (!(devices_block_features & PLAT_BLOCK_DISCARD))
        return -EOPNOTSUPP;
    long n;
    do
        n = spt_call4(SPT_FALLOCATE, e->b.hostfd, HOLE, (long)offset, (long)len);
    while (n == -EINTR);
    return tended(n);
}
