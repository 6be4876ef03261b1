/* SPDX-License-Identifier: ISC */
/* Stands before musl's own header of this name: a system call becomes a call of the C
 * function drupe_sys_NAME. The number is a constant nearly everywhere, so the choice is made by
 * the compiler and an image holds only the handlers that it can reach; the few calls with a
 * number that is not constant (syscall(2)) answer -ENOSYS. drupe_calls.h is generated
 * from musl's list of numbers (calls.awk). */
#define __SYSCALL_LL_E(x) (x)
#define __SYSCALL_LL_O(x) (x)

#include "drupe_calls.h"

#define DR_INLINE static __inline __attribute__((always_inline))

DR_INLINE long __syscall0(long n)
{
	return ((long (*)(void))drupe_call(n))();
}

DR_INLINE long __syscall1(long n, long a)
{
	return ((long (*)(long))drupe_call(n))(a);
}

DR_INLINE long __syscall2(long n, long a, long b)
{
	return ((long (*)(long, long))drupe_call(n))(a, b);
}

DR_INLINE long __syscall3(long n, long a, long b, long c)
{
	return ((long (*)(long, long, long))drupe_call(n))(a, b, c);
}

DR_INLINE long __syscall4(long n, long a, long b, long c, long d)
{
	return ((long (*)(long, long, long, long))drupe_call(n))(a, b, c, d);
}

DR_INLINE long __syscall5(long n, long a, long b, long c, long d, long e)
{
	return ((long (*)(long, long, long, long, long))drupe_call(n))(a, b, c, d, e);
}

DR_INLINE long __syscall6(long n, long a, long b, long c, long d, long e, long f)
{
	return ((long (*)(long, long, long, long, long, long))drupe_call(n))(a, b, c, d, e, f);
}

/* musl's cancellation points call a function of this name with the number as an argument.
 * This one, which its later declaration finds, lets the number stay a constant; there are no
 * threads to cancel. (The file with musl's is left out of the library.) */
DR_INLINE long __syscall_cp(long n, long a, long b, long c, long d, long e, long f)
{
	return __syscall6(n, a, b, c, d, e, f);
}

#undef DR_INLINE

#define IPC_64 0
