/* SPDX-License-Identifier: ISC */
#include "host/blockfile.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int file_read(int fd, uint64_t offset, void *to, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = pread(fd, (uint8_t *)to + done, len - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -EIO;
        done += (size_t)n;
    }
    return 0;
}

int file_write(int fd, uint64_t offset, const void *from, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t n =
            pwrite(fd, (const uint8_t *)from + done, len - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -EIO;
        done += (size_t)n;
    }
    return 0;
}

int file_flush(int fd)
{
    int bad;
    do
        bad = fdatasync(fd);
    while (bad != 0 && errno == EINTR);
    return bad ? -EIO : 0;
}

int file_discard(int fd, uint64_t offset, uint64_t len)
{
    int bad;
    do
        bad = fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset,
                        (off_t)len);
    while (bad != 0 && errno == EINTR);
    if (bad == 0)
        return 0;
    return errno == EOPNOTSUPP || errno == ENOSYS || errno == ENODEV ? -EOPNOTSUPP : -EIO;
}
