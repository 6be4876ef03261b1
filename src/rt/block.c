/* SPDX-License-Identifier: ISC */
/* Block devices: the target's, by name. */
#include "plat/plat.h"
#include <drupe/block.h>

#include <errno.h>
#include <stdlib.h>

struct dr_block {
    int handle;
    struct plat_block_info info;
};

int dr_block_open(const char *name, struct dr_block **out)
{
    struct plat_block_info info;
    int handle = plat_block_acquire(name, &info);
    if (handle < 0)
        return -ENODEV;
    struct dr_block *b = malloc(sizeof *b);
    if (!b)
        return -ENOMEM;
    *b = (struct dr_block){.handle = handle, .info = info};
    *out = b;
    return 0;
}

void dr_block_close(struct dr_block **b)
{
    free(*b);
    *b = NULL;
}

void dr_block_info(const struct dr_block *b, struct dr_block_info *info)
{
    *info = (struct dr_block_info){.capacity = b->info.capacity,
                                   .block_size = b->info.block_size,
                                   .flushes = b->info.features & PLAT_BLOCK_FLUSH,
                                   .discards = b->info.features & PLAT_BLOCK_DISCARD};
}

int dr_block_read(struct dr_block *b, uint64_t offset, void *buf, size_t len)
{
    return plat_block_read(b->handle, offset, buf, len);
}

int dr_block_write(struct dr_block *b, uint64_t offset, const void *buf, size_t len)
{
    return plat_block_write(b->handle, offset, buf, len);
}

int dr_block_flush(struct dr_block *b)
{
    return plat_block_flush(b->handle);
}

int dr_block_discard(struct dr_block *b, uint64_t offset, size_t len)
{
    return plat_block_discard(b->handle, offset, len);
}
