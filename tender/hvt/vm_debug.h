/* SPDX-License-Identifier: ISC */
#ifndef TENDER_HVT_VM_DEBUG_H
#define TENDER_HVT_VM_DEBUG_H

/* What KVM does for a debugger of the image. */

#include "tender/hvt/gdb_commands.h"
#include "tender/hvt/vm.h"

/* Where the image is to stop from now on: at these points, and after one instruction. Or, with
 * NULL, nowhere. */
int vm_debug(struct vm *vm, const struct gdb_points *points, bool step, struct error *e);

/* As vm_run, and stops at the points, and after one instruction if `step`: with vm->stopped,
 * g->cpu and g->stop are those of the place. */
int vm_debug_run(struct vm *vm, struct guest *guest, struct gdb *g, bool step, struct error *e);

/* Finishes the call in which vm_run was left, so that the registers are those behind it. */
void vm_debug_finish(struct vm *vm);

#endif
