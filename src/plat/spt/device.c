/* SPDX-License-Identifier: ISC */
/* Devices: what the manifest says, and reading and writing them. */
#include "plat/plat.h"
#include "plat/spt/call.h"
#include "plat/spt/spt.h"

#include <errno.h>
#include <string.h>

#define ETHERNET_HEADER 14U

static uint64_t gone; /* bit n: the other end of network device n went away */

/* The entry `handle` when it is an attached device of this type, else NULL. */
static const struct abi_manifest_entry *device(int handle, enum abi_device type)
{
    const struct abi_manifest *m = spt_boot->manifest;
    if (handle < 1 || (uint32_t)handle >= m->entries || handle > PLAT_DEVICE_MAX)
        return NULL;
    const struct abi_manifest_entry *e = &m->entry[handle];
    return e->type == (uint32_t)type && e->attached ? e : NULL;
}

/* The attached device of this name and type, its handle in *handle; NULL when there is none. */
static const struct abi_manifest_entry *find(const char *name, enum abi_device type,
                                             int *handle)
{
    for (*handle = 1; *handle <= PLAT_DEVICE_MAX; ++*handle) {
        const struct abi_manifest_entry *e = device(*handle, type);
        if (e && strncmp(e->name, name, sizeof e->name) == 0)
            return e;
    }
    return NULL;
}

int plat_net_acquire(const char *name, struct plat_net_info *info)
{
    int handle;
    const struct abi_manifest_entry *e = find(name, ABI_DEVICE_NET, &handle);
    if (!e)
        return -ENODEV;
    memcpy(info->mac, e->u.net.mac, sizeof info->mac);
    info->mtu = e->u.net.mtu;
    return handle;
}

const char *plat_net_name(unsigned n)
{
    for (int handle = 1; handle <= PLAT_DEVICE_MAX; handle++) {
        const struct abi_manifest_entry *e = device(handle, ABI_DEVICE_NET);
        if (e && n-- == 0)
            return e->name;
    }
    return NULL;
}

/* The device will never carry a frame again. Says so once; then there is nothing to read. */
static int lose(int handle)
{
    uint64_t bit = 1ULL << handle;
    if (gone & bit)
        return -EAGAIN;
    gone |= bit;
    spt_wait_forget(handle);
    return -EIO;
}

int plat_net_read(int handle, void *buf, size_t size)
{
    const struct abi_manifest_entry *e = device(handle, ABI_DEVICE_NET);
    if (!e)
        return -EIO;
    if (gone >> handle & 1)
        return -EAGAIN;
    long n;
    do
        n = spt_call3(SPT_READ, e->b.hostfd, (long)buf, (long)size);
    while (n == -EINTR);
    if (n > 0 || n == -EAGAIN)
        return (int)n;
    return lose(handle);
}

int plat_net_write(int handle, const void *buf, size_t len)
{
    const struct abi_manifest_entry *e = device(handle, ABI_DEVICE_NET);
    if (!e || gone >> handle & 1 || len > e->u.net.mtu + ETHERNET_HEADER)
        return -EIO;
    long n;
    do
        n = spt_call3(SPT_WRITE, e->b.hostfd, (long)buf, (long)len);
    while (n == -EINTR);
    if (n == (long)len)
        return 0;
    return n == -EAGAIN || n == -ENOBUFS ? -EAGAIN : -EIO;
}

int plat_block_acquire(const char *name, struct plat_block_info *info)
{
    int handle;
    const struct abi_manifest_entry *e = find(name, ABI_DEVICE_BLOCK, &handle);
    if (!e)
        return -ENODEV;
    info->capacity = e->u.block.capacity;
    info->block_size = e->u.block.block_size;
    return handle;
}

/* The sandbox ends an image that asks for anything but one whole block of the device. */
static int transfer(long call, int handle, uint64_t offset, void *buf, size_t len)
{
    const struct abi_manifest_entry *e = device(handle, ABI_DEVICE_BLOCK);
    if (!e || len == 0 || len != e->u.block.block_size || offset % len != 0 ||
        e->u.block.capacity < len || offset > e->u.block.capacity - len)
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
