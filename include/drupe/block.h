/* SPDX-License-Identifier: ISC */
#ifndef DRUPE_BLOCK_H
#define DRUPE_BLOCK_H

/* Block devices: what an application's Makefile declares with BLOCK = name, and the command
 * line attaches with --block:name=FILE.
 *
 * Offsets and lengths are octets and multiples of the block size; there is no cache. The whole
 * image stands still while the host works, as long as that takes: other tasks and
 * deadlines have to wait, and a call is not cancelled. Short transfers are better company. */

#include <drupe/base.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dr_block;

struct dr_block_info {
    uint64_t capacity;   /* octets, a multiple of block_size */
    uint32_t block_size; /* octets, a power of two, at least 512 */
    bool flushes;        /* dr_block_flush does something */
    bool discards;       /* dr_block_discard does something */
};

#pragma GCC visibility push(default)

/* Opens the device declared under this name, as often as one likes. Returns 0, -ENODEV (none of
 * that name is declared as a block device), or -ENOMEM. */
DR_CHECKED int dr_block_open(const char *name, struct dr_block **out);
void dr_block_close(struct dr_block **b);

void dr_block_info(const struct dr_block *b, struct dr_block_info *info);

/* Reads or writes `len` octets at `offset`: any whole number of blocks, and any address of
 * memory. Returns 0, or -EINVAL (not whole blocks, or not within the device; nothing was done),
 * or -EIO (the host failed; some of the blocks may have been transferred).
 *
 * What was written is the host's, and survives the image, but not a failure of the host's power
 * before a dr_block_flush. */
DR_CHECKED int dr_block_read(struct dr_block *b, uint64_t offset, void *buf, size_t len);
DR_CHECKED int dr_block_write(struct dr_block *b, uint64_t offset, const void *buf, size_t len);

/* When it returns 0, all that was written is on the disk. -EIO: it may not be; -EOPNOTSUPP: the
 * tender does not do that (Solo5's do not). */
DR_CHECKED int dr_block_flush(struct dr_block *b);

/* Says that these blocks are not needed any more, so that the host can use the room; they read
 * as zeroes from then on. Returns 0, -EINVAL and -EIO as above, or -EOPNOTSUPP (neither every
 * tender nor every file system does that; nothing was done). */
DR_CHECKED int dr_block_discard(struct dr_block *b, uint64_t offset, size_t len);

#pragma GCC visibility pop
#endif
