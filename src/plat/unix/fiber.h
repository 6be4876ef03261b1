/* SPDX-License-Identifier: ISC */
#ifndef PLAT_UNIX_FIBER_H
#define PLAT_UNIX_FIBER_H

/* What a sanitizer must be told when the stack is switched. A build takes either
 * fiber_none.c or, with -fsanitize=address, fiber_asan.c. */

#include <stdbool.h>
#include <stddef.h>

/* As plat_stack_leave and plat_stack_enter. */
void fiber_leave(void **saved, const void *stack, size_t len, bool ending);
void fiber_enter(void *saved);

/* The memory becomes a stack: nothing that was known of it holds. */
void fiber_fresh(void *stack, size_t len);

#endif
