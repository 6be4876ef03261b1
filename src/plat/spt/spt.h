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

#endif
