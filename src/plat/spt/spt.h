/* SPDX-License-Identifier: ISC */
#ifndef PLAT_SPT_SPT_H
#define PLAT_SPT_SPT_H

/* What the files of this target share. */

#include <abi/spt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* For what runs while the thread pointer or the stack changes: neither a stack check nor a
 * canary of its own. (clang 14 makes no stack checks, nor knows this attribute.) */
#ifdef __clang__
#define UNCHECKED __attribute__((no_stack_protector))
#else
#define UNCHECKED __attribute__((no_stack_protector, no_split_stack))
#endif

/* Memory kept for the first stack, at the top; see tls.c for its limit. */
#define SPT_MAIN_STACK (64U << 10) /* octets */

/* The tender's boot info; constant from start-up on. */
extern const struct spt_boot_info *spt_boot;

/* The other end of the network device is gone: it will never be ready again. */
void spt_wait_forget(int handle);

/* Thread-local storage of start-up, in use until the C library's is; sets the first stack's
 * limit, `bottom` being its lowest address. */
void spt_tls_start(uintptr_t bottom);

#endif
