/* SPDX-License-Identifier: ISC */
/* Devices by hypercalls; frames are sent by the ring where the tender has one. */
#include "plat/bare/devices.h"
#include "plat/hvt/call.h"
#include "plat/hvt/hvt.h"
#include "plat/plat.h"

#include <errno.h>
#include <string.h>

/* Under a tender without RECEIVE nothing is ever on. */
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

static int result_of(int ret)
{
    return ret == HVT_OK ? 0 : ret == HVT_AGAIN ? -EAGAIN : -EIO;
}

/* A frame that is too large for the ring, from where it lies. */
static int send_parts(int handle, const struct bytes *part, unsigned parts)
{
    struct hvt_send s = {.handle = (uint64_t)handle, .parts = parts};
    for (unsigned i = 0; i < parts; i++)
        s.part[i] = (struct hvt_part){(uintptr_t)part[i].at, part[i].len};
    hvt_call(HVT_SEND, &s);
    return result_of(s.ret);
}

static int send_one(int handle, struct bytes frame)
{
    struct hvt_net net = {
        .handle = (uint64_t)handle, .data = (uintptr_t)frame.at, .len = frame.len};
    hvt_call(HVT_NET_WRITE, &net);
    return result_of(net.ret);
}

int plat_net_write(int handle, const struct bytes *part, unsigned parts,
                   const struct offload *work)
{
    const struct abi_manifest_entry *e = device_at(handle, ABI_DEVICE_NET);
    static const struct offload nothing;
    struct bytes all[1 + PLAT_NET_PARTS_MAX];
    uint8_t header[OFFLOAD_HEADER_LEN];
    uint32_t features = device_features(handle);
    size_t len, before = offload_header_len(features);
    if (!e || device_is_lost(handle) || !device_takes(e, features, part, parts, work, &len))
        return -EIO;
    if (before) {
        offload_print(header, work ? work : &nothing);
        all[0] = bytes_of(header, before);
        memcpy(all + 1, part, parts * sizeof *part);
        part = all;
        parts++;
    }
    if (hvt_layout.ring && before + len <= hvt_layout.frame_len)
        return hvt_ring_write(handle, part, parts);
    bool in_parts = hvt_layout.features & HVT_MORE_SEND;
    return in_parts ? send_parts(handle, part, parts) : send_one(handle, part[0]);
}
_Static_assert(1 + PLAT_NET_PARTS_MAX <= HVT_SEND_PARTS_MAX, "parts");

static int call_block(enum hvt_call call, int handle, uint64_t offset, const void *buf,
                      uint64_t len)
{
    struct hvt_block block = {
        .handle = (uint64_t)handle, .offset = offset, .data = (uintptr_t)buf, .len = len};
    hvt_call(call, &block);
    if (block.ret == HVT_EINVAL)
        return -EINVAL;
    if (block.ret == HVT_ENOTSUP)
        return -EOPNOTSUPP;
    return block.ret == HVT_OK && block.len == len ? 0 : -EIO;
}

/* A tender that does not say more takes one block a call. */
static int transfer(enum hvt_call call, int handle, uint64_t offset, const void *buf,
                    size_t len)
{
    const struct abi_manifest_entry *e = device_at(handle, ABI_DEVICE_BLOCK);
    if (!e || !device_has_blocks(e, offset, len))
        return -EINVAL;
    size_t step = hvt_layout.features & HVT_MORE_BLOCKS ? len : e->u.block.block_size;
    int err = 0;
    for (size_t done = 0; done < len && !err; done += step)
        err = call_block(call, handle, offset + done, (const uint8_t *)buf + done, step);
    return err;
}

int plat_block_read(int handle, uint64_t offset, void *buf, size_t len)
{
    return transfer(HVT_BLOCK_READ, handle, offset, buf, len);
}

int plat_block_write(int handle, uint64_t offset, const void *buf, size_t len)
{
    return transfer(HVT_BLOCK_WRITE, handle, offset, buf, len);
}

int plat_block_flush(int handle)
{
    if (!device_at(handle, ABI_DEVICE_BLOCK))
        return -EINVAL;
    if (!(hvt_layout.features & HVT_MORE_BLOCKS))
        return -EOPNOTSUPP;
    return call_block(HVT_FLUSH, handle, 0, NULL, 0);
}

int plat_block_discard(int handle, uint64_t offset, uint64_t len)
{
    const struct abi_manifest_entry *e = device_at(handle, ABI_DEVICE_BLOCK);
    if (!e || !device_has_blocks(e, offset, len))
        return -EINVAL;
    if (!(hvt_layout.features & HVT_MORE_BLOCKS))
        return -EOPNOTSUPP;
    return call_block(HVT_DISCARD, handle, offset, NULL, len);
}
