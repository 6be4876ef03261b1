/* SPDX-License-Identifier: ISC */
#ifndef HOST_BLOCKFILE_H
#define HOST_BLOCKFILE_H

/* What is done to the file or disk behind a block device. The range is the caller's to check.
 * Each call goes on until all is done, and may take as long as the host does. Return 0, -EIO,
 * or -EOPNOTSUPP: this kind of file cannot be discarded from, and is unchanged. */

#include <stddef.h>
#include <stdint.h>

int file_read(int fd, uint64_t offset, void *to, size_t len);
int file_write(int fd, uint64_t offset, const void *from, size_t len);
/* What was written is on the disk. */
int file_flush(int fd);
/* [offset, offset + len) takes no room any more and reads as zeroes; the length stays. */
int file_discard(int fd, uint64_t offset, uint64_t len);

#endif
