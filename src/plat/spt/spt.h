/* SPDX-License-Identifier: ISC */
#ifndef PLAT_SPT_SPT_H
#define PLAT_SPT_SPT_H

/* What the files of this target share. */

#include <abi/spt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Memory kept for the first stack, at the top; bare/limit.h has its limit. */
#define SPT_MAIN_STACK (64U << 10) /* octets */

/* The tender's boot info; constant from start-up on. */
extern const struct spt_boot_info *spt_boot;

/* fault.c: tells the tender who reports a fault. Once the C library can be used. */
void spt_fault_announce(void);

/* report.S: who does, and the way back to the tender while it does (else 0 is where that
 * leads). */
void spt_fault_enter(const struct spt_fault *f);
_Noreturn void spt_fault(const struct spt_fault *f);
_Noreturn void spt_fault_leave(void);
extern uintptr_t spt_fault_return;

#endif
