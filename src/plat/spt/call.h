/* SPDX-License-Identifier: ISC */
#ifndef PLAT_SPT_CALL_H
#define PLAT_SPT_CALL_H

/* The system calls that the sandbox lets an image make, and no others. Each returns
 * what the kernel does: a result, or a negative error number. */

#define SPT_READ            0
#define SPT_WRITE           1
#define SPT_PREAD64         17
#define SPT_PWRITE64        18
#define SPT_WRITEV          20
#define SPT_FDATASYNC       75
#define SPT_FALLOCATE       285
#define SPT_ARCH_PRCTL      158
#define SPT_CLOCK_GETTIME   228
#define SPT_EXIT_GROUP      231
#define SPT_EPOLL_PWAIT     281
#define SPT_TIMERFD_SETTIME 286

static inline long spt_call6(long n, long a, long b, long c, long d, long e, long f)
{
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

static inline long spt_call4(long n, long a, long b, long c, long d)
{
    register long r10 __asm__("r10") = d;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10)
                     : "rcx", "r11", "memory");
    return result;
}

static inline long spt_call3(long n, long a, long b, long c)
{
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(n), "D"(a), "S"(b), "d"(c)
                     : "rcx", "r11", "memory");
    return result;
}

#endif
