/* SPDX-License-Identifier: ISC */
/* Devices: reading and writing them. */
#include "plat/bare/devices.h"
#include "plat/plat.h"
#include "plat/spt/call.h"

#include <errno.h>
#include <string.h>

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

/* The sandbox ends an image that asks for anything but one whole block of the device. */
static int transfer(long call, int handle, uint64_t offset, void *buf, size_t len)
{
    const struct abi_manifest_entry *e = device_at(handle, ABI_DEVICE_BLOCK);
    if (!e || !device_has_blocks(e, offset, len))
        return -EINVAL;
    size_t size = e->u.block.block_size;
    for (size_t done = 0; done < len; done += size) {
        long n;
        do
            n = spt_call4(call, e->b.hostfd, (long)buf + (long)done, (long)size,
                          (long)(offset + done));
        while (n == -EINTR);
        if (n != (long)size)
            return -EIO;
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

int plat_block_flush(int handle)
{
    return device_at(handle, ABI_DEVICE_BLOCK) ? -EOPNOTSUPP : -EINVAL;
}

int plat_block_discard(int handle, uint64_t offset, uint64_t len)
{
    const struct abi_manifest_entry *e = device_at(handle, ABI_DEVICE_BLOCK);
    return e && device_has_blocks(e, offset, len) ? -EOPNOTSUPP : -EINVAL;
}
