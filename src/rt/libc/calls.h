/* SPDX-License-Identifier: ISC */
#ifndef RT_LIBC_CALLS_H
#define RT_LIBC_CALLS_H

/* The C library's system calls: musl calls drupe_sys_NAME where it would enter a kernel
 * (toolchain/musl/syscall_arch.h), and gets a result, or a negative error number. What has
 * no handler answers -ENOSYS. An argument that a handler takes no notice of is not named.
 *
 * stdio has no locks here, so what it calls (write, writev, readv) never lets
 * another task run. */

#include <stddef.h>
#include <sys/types.h>

struct iovec;
struct timespec;
struct utsname;

#pragma GCC visibility push(default)

/* console.c: descriptors 0, 1 and 2 are the console, which has no input; there are no files. */
long drupe_sys_write(long fd, const void *buf, size_t len);
long drupe_sys_writev(long fd, const struct iovec *iov, long n);
long drupe_sys_read(long fd, void *buf, size_t len);
long drupe_sys_readv(long fd, const struct iovec *iov, long n);
long drupe_sys_ioctl(long fd, long request, long arg);
long drupe_sys_lseek(long fd, off_t offset, long whence);
long drupe_sys_close(long fd);
long drupe_sys_open(const char *path, long flags, long mode);
long drupe_sys_openat(long dir, const char *path, long flags, long mode);

/* memory.c: pages for malloc. */
long drupe_sys_mmap(long at, size_t len, long prot, long flags, long fd, off_t offset);
long drupe_sys_munmap(void *at, size_t len);
long drupe_sys_mremap(void *at, size_t old_len, size_t len, long flags);
long drupe_sys_madvise(void *at, size_t len, long advice);
long drupe_sys_brk(long at);

/* time.c */
long drupe_sys_clock_gettime(long clock, struct timespec *t);
long drupe_sys_clock_getres(long clock, struct timespec *t);
long drupe_sys_nanosleep(const struct timespec *t, struct timespec *left);
long drupe_sys_clock_nanosleep(long clock, long flags, const struct timespec *t,
                               struct timespec *left);

/* process.c: one process, one thread, no users and no signals. */
long drupe_sys_exit(long status) __attribute__((noreturn));
long drupe_sys_exit_group(long status) __attribute__((noreturn));
long drupe_sys_set_tid_address(long at);
long drupe_sys_gettid(void);
long drupe_sys_getpid(void);
long drupe_sys_getppid(void);
long drupe_sys_getuid(void);
long drupe_sys_geteuid(void);
long drupe_sys_getgid(void);
long drupe_sys_getegid(void);
long drupe_sys_rt_sigprocmask(long how, const void *set, void *old, size_t len);
long drupe_sys_rt_sigaction(long signal, const void *action, void *old, size_t len);
long drupe_sys_tkill(long tid, long signal);
long drupe_sys_kill(long pid, long signal);
long drupe_sys_futex(int *at, long op, long value, const struct timespec *t);
long drupe_sys_sched_yield(void);
long drupe_sys_getrandom(void *buf, size_t len, long flags);
long drupe_sys_uname(struct utsname *u);

#pragma GCC visibility pop
#endif
