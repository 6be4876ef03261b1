/* SPDX-License-Identifier: ISC */
/* Devices by hypercalls; frames are sent by the ring where the tender has one. */
#include "plat/bare/devices.h"
#include "plat/hvt/call.h"
#include "plat/hvt/hvt.h"
#include "plat/plat.h"

#include <errno.h>

int plat_net_read(int handle, void *buf, size_t size, struct plat_net_in *in)
{
    if (!device_at(handle, ABI_DEVICE_NET))
        return -EIO;
    if (device_is_lost(handle))
        return -EAGAIN;
    if (hvt_layout.received)
        return hvt_receive_read(handle, in);
    struct hvt_net net = {.handle = (uint64_t)handle, .data = (uintptr_t)buf, .len = size};
    hvt_call(HVT_NET_READ, &net);
    if (net.ret == HVT_AGAIN)
        return -EAGAIN;
    if (net.ret != HVT_OK || net.len == 0 || net.len > size)
        return device_lose(handle);
    *in = (struct plat_net_in){.frame = bytes_of(buf, net.len)};
    return 0;
}

int plat_net_write(int handle, const struct bytes *part, unsigned parts,
                   const struct offload *work)
{
    const struct abi_manifest_entry *e = device_at(handle, ABI_DEVICE_NET);
    size_t len;
    if (!e || device_is_lost(handle) || !device_takes(e, 0, part, parts, work, &len))
        return -EIO;
    if (hvt_layout.ring)
        return hvt_ring_write(handle, part[0].at, len);
    struct hvt_net net = {
        .handle = (uint64_t)handle, .data = (uintptr_t)part[0].at, .len = len};
    hvt_call(HVT_NET_WRITE, &net);
    return net.ret == HVT_OK ? 0 : net.ret == HVT_AGAIN ? -EAGAIN : -EIO;
}

static int transfer(enum hvt_call call, int handle, uint64_t offset, const void *buf,
                    size_t len)
{
    const struct abi_manifest_entry *e = device_at(handle, ABI_DEVICE_BLOCK);
    if (!e || !device_has_block(e, offset, len))
        return -EINVAL;
    struct hvt_block block = {
        .handle = (uint64_t)handle, .offset = offset, .data = (uintptr_t)buf, .len = len};
    hvt_call(call, &block);
    if (block.ret == HVT_EINVAL)
        return -EINVAL;
    return block.ret == HVT_OK && block.len == len ? 0 : -EIO;
}

int plat_block_read(int handle, uint64_t offset, void *buf, size_t len)
{
    return transfer(HVT_BLOCK_READ, handle, offset, buf, len);
}

int plat_block_write(int handle, uint64_t offset, const void *buf, size_t len)
{
    return transfer(HVT_BLOCK_WRITE, handle, offset, buf, len);
}
