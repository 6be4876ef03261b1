/* SPDX-License-Identifier: ISC */
#include "plat/unix/fiber.h"

#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

/* The stack that main runs on: the sanitizer names it when it is first left. */
static const void *first_stack;
static size_t first_len;

__attribute__((no_sanitize_address)) void fiber_leave(void **saved, const void *stack,
                                                      size_t len, bool ending)
{
    *saved = NULL;
    __sanitizer_start_switch_fiber(ending ? NULL : saved, stack ? stack : first_stack,
                                   stack ? len : first_len);
}

__attribute__((no_sanitize_address)) void fiber_enter(void *saved)
{
    const void *left;
    size_t left_len;
    __sanitizer_finish_switch_fiber(saved, &left, &left_len);
    if (!first_stack) {
        first_stack = left;
        first_len = left_len;
    }
}

void fiber_fresh(void *stack, size_t len)
{
    ASAN_UNPOISON_MEMORY_REGION(stack, len);
}
