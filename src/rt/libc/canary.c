/* SPDX-License-Identifier: ISC */
/* The stack canary. musl's own object is left out of the library (config.mak): to a canary
 * that was overwritten it answers with a fault, which tells nobody what happened. */
#include <drupe/app.h>

#include <stdint.h>
#include <string.h>

#define CANARY_AT 0x28 /* in the thread's structure: what -fstack-protector compares with */

#pragma GCC visibility push(default)

void __init_ssp(const void *random);
_Noreturn void __stack_chk_fail(void);

/* One octet is a NUL, so that no string that runs on past its end writes the canary; it is not
 * the first, so that the NUL that ends one is seen. */
void __init_ssp(const void *random)
{
    uint64_t canary;
    memcpy(&canary, random, sizeof canary);
    canary &= ~(uint64_t)0xff00;
    __asm__ volatile("movq %0, %%fs:%c1" : : "r"(canary), "i"(CANARY_AT) : "memory");
}

_Noreturn void __stack_chk_fail(void)
{
    dr_panic("the stack was smashed: a function wrote past the end of a variable of its own");
}

#pragma GCC visibility pop
