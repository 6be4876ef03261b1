/* SPDX-License-Identifier: ISC */
#include "rt/libc/calls.h"

#include "plat/plat.h"

#include <errno.h>
#include <sys/uio.h>

static bool is_console(long fd)
{
    return fd >= 0 && fd <= 2;
}

long drupe_sys_write(long fd, const void *buf, size_t len)
{
    if (fd != 1 && fd != 2)
        return -EBADF;
    plat_console_write(buf, len);
    return (long)len;
}

long drupe_sys_writev(long fd, const struct iovec *iov, long n)
{
    long total = 0;
    if (fd != 1 && fd != 2)
        return -EBADF;
    for (long i = 0; i < n; i++) {
        plat_console_write(iov[i].iov_base, iov[i].iov_len);
        total += (long)iov[i].iov_len;
    }
    return total;
}

long drupe_sys_read(long fd, void *buf, size_t len)
{
    (void)buf, (void)len;
    return fd == 0 ? 0 : -EBADF;
}

long drupe_sys_readv(long fd, const struct iovec *iov, long n)
{
    (void)iov, (void)n;
    return fd == 0 ? 0 : -EBADF;
}

/* Asked whether it is a terminal, the console says no: nobody wants colours in a log. */
long drupe_sys_ioctl(long fd, long request, long arg)
{
    (void)request, (void)arg;
    return is_console(fd) ? -ENOTTY : -EBADF;
}

long drupe_sys_lseek(long fd, off_t offset, long whence)
{
    (void)offset, (void)whence;
    return is_console(fd) ? -ESPIPE : -EBADF;
}

long drupe_sys_close(long fd)
{
    return is_console(fd) ? 0 : -EBADF;
}

long drupe_sys_open(const char *path, long flags, long mode)
{
    (void)path, (void)flags, (void)mode;
    return -ENOENT;
}

long drupe_sys_openat(long dir, const char *path, long flags, long mode)
{
    (void)dir;
    return drupe_sys_open(path, flags, mode);
}
