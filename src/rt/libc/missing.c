/* SPDX-License-Identifier: ISC */
/* What musl has in assembly with system calls of its own: its objects are left out of the
 * library, and these stand in their place. There are no other threads and no processes. */
#include <errno.h>
#include <sys/types.h>
#include <unistd.h>

#pragma GCC visibility push(default)

/* Returns a negative error number, as the one it replaces. */
int __clone(int (*fn)(void *), void *stack, int flags, void *arg, ...);
_Noreturn void __unmapself(void *at, size_t len);
_Noreturn void __restore_rt(void);
_Noreturn void __restore(void);
long __syscall_cp_asm(void);

int __clone(int (*fn)(void *), void *stack, int flags, void *arg, ...)
{
    (void)fn, (void)stack, (void)flags, (void)arg;
    return -ENOSYS;
}

pid_t vfork(void)
{
    errno = ENOSYS;
    return -1;
}

/* The end of a detached thread; the return from a signal handler: neither comes to be. */
_Noreturn void __unmapself(void *at, size_t len)
{
    (void)at, (void)len;
    __builtin_trap();
}

_Noreturn void __restore_rt(void)
{
    __builtin_trap();
}

_Noreturn void __restore(void)
{
    __builtin_trap();
}

long __syscall_cp_asm(void)
{
    return -ENOSYS;
}

#pragma GCC visibility pop
