/* SPDX-License-Identifier: ISC */
#ifndef PLAT_BARE_LIMIT_H
#define PLAT_BARE_LIMIT_H

/* The thread pointer, and the stack limit that lies behind it. */

#include <stdint.h>

/* For what runs while the thread pointer or the stack changes: neither a stack check nor a
 * canary of its own. (clang 14 makes no stack checks, nor knows this attribute.) */
#ifdef __clang__
#define UNCHECKED __attribute__((no_stack_protector))
#else
#define UNCHECKED __attribute__((no_stack_protector, no_split_stack))
#endif

/* Thread-local storage of start-up, in use until the C library's is; sets the first stack's
 * limit, `bottom` being its lowest address. An overflow is reported on a stack that ends at
 * `emergency_top`. */
void limit_start(uintptr_t bottom, uintptr_t emergency_top);

/* Each target's own: makes `tp` the thread pointer. Returns 0 or a negative error number. */
int limit_thread_pointer(void *tp);

/* For what runs on the emergency stack: from here on no limit holds. Ends the image when
 * something is being reported already. */
void limit_emergency(void);

/* An overflow, on the emergency stack: morestack.S. */
_Noreturn void limit_overflow(void);

/* Where the emergency stack ends. */
extern uintptr_t limit_emergency_top;

#endif
