/* SPDX-License-Identifier: ISC */
#include "plat/bare/devices.h"

#include "plat/plat.h"

#include <errno.h>
#include <string.h>

const struct abi_manifest *devices_manifest;
uint32_t devices_block_features;
bool devices_hold_frames;

const uint8_t *devices_features;

static uint64_t lost; /* bit n: network device n */

const struct abi_manifest_entry *device_at(int handle, enum abi_device type)
{
    const struct abi_manifest *m = devices_manifest;
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
        const struct abi_manifest_entry *e = device_at(*handle, type);
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
    info->features = device_features(handle);
    info->room = devices_hold_frames ? 0
                                     : offload_header_len(info->features) +
                                           offload_frame_max(info->features, info->mtu);
    return handle;
}

uint32_t device_features(int handle)
{
    return devices_features ? devices_features[handle] : 0;
}

bool device_takes(const struct abi_manifest_entry *e, uint32_t features,
                  const struct bytes *part, unsigned parts, const struct offload *work,
                  size_t *len)
{
    bool super = work && work->segment_len > 0;
    *len = 0;
    for (unsigned i = 0; i < parts && i < PLAT_NET_PARTS_MAX; i++)
        *len += part[i].len;
    return parts >= 1 && parts <= (features ? PLAT_NET_PARTS_MAX : 1U) &&
           *len <= offload_frame_max(super ? features : 0, e->u.net.mtu);
}

const char *plat_net_name(unsigned n)
{
    for (int handle = 1; handle <= PLAT_DEVICE_MAX; handle++) {
        const struct abi_manifest_entry *e = device_at(handle, ABI_DEVICE_NET);
        if (e && n-- == 0)
            return e->name;
    }
    return NULL;
}

int plat_block_acquire(const char *name, struct plat_block_info *info)
{
    int handle;
    const struct abi_manifest_entry *e = find(name, ABI_DEVICE_BLOCK, &handle);
    if (!e)
        return -ENODEV;
    info->capacity = e->u.block.capacity;
    info->block_size = e->u.block.block_size;
    info->features = devices_block_features;
    return handle;
}

bool device_has_blocks(const struct abi_manifest_entry *e, uint64_t offset, uint64_t len)
{
    const struct abi_block_info *b = &e->u.block;
    return len > 0 && b->block_size > 0 && len % b->block_size == 0 &&
           offset % b->block_size == 0 && len <= b->capacity && offset <= b->capacity - len;
}

int device_lose(int handle)
{
    bool was = device_is_lost(handle);
    lost |= 1ULL << handle;
    return was ? -EAGAIN : -EIO;
}

bool device_is_lost(int handle)
{
    return lost >> handle & 1;
}

uint64_t devices_ready(uint64_t ready, bool slept)
{
    static const char line[] = "A network device's other end is gone: nothing to wait for.\n";
    if (slept && ready && !(ready & ~lost)) {
        plat_console_write(line, sizeof line - 1);
        plat_exit(1);
    }
    return ready & ~lost;
}
