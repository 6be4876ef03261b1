/* SPDX-License-Identifier: ISC */
/* Devices: reading and writing them. */
#include "plat/bare/devices.h"
#include "plat/plat.h"
#include "plat/spt/call.h"

#include <errno.h>

int plat_net_read(int handle, void *buf, size_t size)
{
    const struct abi_manifest_entry *e = device_at(handle, ABI_DEVICE_NET);
    if (!e)
        return -EIO;
    if (device_is_lost(handle))
        return -EAGAIN;
    long n;
    do
        n = spt_call3(SPT_READ, e->b.hostfd, (long)buf, (long)size);
    while (n == -EINTR);
    if (n > 0 || n == -EAGAIN)
        return (int)n;
    return device_lose(handle);
}

int plat_net_write(int handle, const void *buf, size_t len)
{
    const struct abi_manifest_entry *e = device_at(handle, ABI_DEVICE_NET);
    if (!e || device_is_lost(handle) || len > e->u.net.mtu + ETHERNET_HEADER)
        return -EIO;
    long n;
    do
        n = spt_call3(SPT_WRITE, e->b.hostfd, (long)buf, (long)len);
    while (n == -EINTR);
    if (n == (long)len)
        return 0;
    return n == -EAGAIN || n == -ENOBUFS ? -EAGAIN : -EIO;
}

/* The sandbox ends an image that asks for anything but one whole block of the device. */
static int transfer(long call, int handle, uint64_t offset, void *buf, size_t len)
{
    const struct abi_manifest_entry *e = device_at(handle, ABI_DEVICE_BLOCK);
    if (!e || !device_has_block(e, offset, len))
        return -EINVAL;
    long n;
    do
        n = spt_call4(call, e->b.hostfd, (long)buf, (long)len, (long)offset);
    while (n == -EINTR);
    return n == (long)len ? 0 : -EIO;
}

int plat_block_read(int handle, uint64_t offset, void *buf, size_t len)
{
    return transfer(SPT_PREAD64, handle, offset, buf, len);
}

int plat_block_write(int handle, uint64_t offset, const void *buf, size_t len)
{
    return transfer(SPT_PWRITE64, handle, offset, (void *)(uintptr_t)buf, len);
}
