/* SPDX-License-Identifier: ISC */
#ifndef TENDER_HVT_VM_GATES_H
#define TENDER_HVT_VM_GATES_H

/* A debugger's stops where KVM interprets ring 0.
 *
 * Such a KVM (on a machine without hardware support of its own) stops for a debugger while it
 * interprets, at ring 0, and never at ring 3, where the image runs on the processor as it is:
 * what a breakpoint instruction or a step leads to there goes to the image's own gates for
 * faults. Those lead to ring 0. So:
 *
 *   at ring 3   the processor's four breakpoints, which work at ring 0, are set to where the
 *               image's gates lead for the faults that matter; a stop there that is about our
 *               instruction or our step is undone, as if it had not happened, and told
 *   at ring 0   it goes step by step, until ring 3 is reached, or so long that this image seems
 *               to stay at ring 0. Then none of this is needed */

#include "tender/hvt/vm_debug.h"

struct vm_gates {
    bool used;
};

/* As vm_debug_run. */
int vm_gates_run(struct vm_gates *gates, struct vm *vm, struct guest *guest, struct gdb *g,
                 bool step, struct error *e);

#endif
