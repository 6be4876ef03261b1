/* SPDX-License-Identifier: ISC */
/* The thread pointer, and the stack limit that lies behind it.
 *
 * gcc's -fsplit-stack has each function compare the stack pointer with the word at
 * %fs:0x70 before it makes its frame, and call __morestack when it would go below. There is
 * one thread, so musl's own use of that word (the result of a thread) does not arise. A limit
 * of 0 lets everything pass, which is what holds while a switch of stacks is under way. */
#include "plat/bare/limit.h"

#include "plat/plat.h"

#include <stdbool.h>

#define LIMIT_AT 0x70

/* Below the limit there is room for what does not check: functions whose frame is under 256
 * octets compare before they push, and assembly does not compare at all. */
#define MARGIN 1024U

/* As much of musl's thread structure as code compiled with the checks looks at. */
static uintptr_t start_tls[32];
static uintptr_t main_limit, next_limit;
static bool reporting;

uintptr_t limit_emergency_top;

UNCHECKED int __set_thread_area(void *tp);

UNCHECKED static uintptr_t limit(void)
{
    uintptr_t value;
    __asm__ volatile("movq %%fs:%c1, %0" : "=r"(value) : "i"(LIMIT_AT));
    return value;
}

UNCHECKED static void set_limit(uintptr_t value)
{
    __asm__ volatile("movq %0, %%fs:%c1" : : "r"(value), "i"(LIMIT_AT) : "memory");
}

UNCHECKED void limit_start(uintptr_t bottom, uintptr_t emergency_top)
{
    limit_emergency_top = emergency_top;
    start_tls[0] = (uintptr_t)start_tls;
    main_limit = bottom + MARGIN;
    start_tls[LIMIT_AT / sizeof start_tls[0]] = main_limit;
    limit_thread_pointer(start_tls);
}

/* musl calls this with its own thread structure. The limit moves along. */
UNCHECKED __attribute__((visibility("default"))) int __set_thread_area(void *tp)
{
    uintptr_t *word = tp;
    word[LIMIT_AT / sizeof *word] = limit();
    return limit_thread_pointer(tp);
}

UNCHECKED void limit_emergency(void)
{
    static const char again[] = "The image failed again while its end was reported.\n";
    if (reporting) {
        plat_console_write(again, sizeof again - 1);
        plat_abort();
    }
    reporting = true;
    set_limit(0);
}

UNCHECKED _Noreturn void limit_overflow(void)
{
    limit_emergency();
    rt_stack_overflow();
}

UNCHECKED void plat_stack_leave(void **saved, void *stack, size_t len, bool ending)
{
    (void)saved, (void)len, (void)ending;
    next_limit = stack ? (uintptr_t)stack + MARGIN : main_limit;
    set_limit(0);
}

UNCHECKED void plat_stack_enter(void *saved)
{
    (void)saved;
    set_limit(next_limit);
}
