/* SPDX-License-Identifier: ISC */
#ifndef RT_SWITCH_H
#define RT_SWITCH_H

/* Switching stacks: src/rt/arch/MACHINE/switch.c. */

#include <stdint.h>

/* Saves the calling context on its stack and the stack pointer in *from, and goes
 * on where the context `to` was saved. Returns when somebody switches back. */
void switch_stacks(void **from, void *to);

/* Lays out a context on a new stack that ends at `top` (a multiple of 16), which
 * begins at `entry`; entry must not return. Returns what to pass as `to`. */
void *switch_prepare(void *top, void (*entry)(void));

#endif
