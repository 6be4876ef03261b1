/* SPDX-License-Identifier: ISC */
#ifndef TENDER_HVT_VM_H
#define TENDER_HVT_VM_H

/* A virtual machine with one processor and one stretch of memory, under KVM. */

#include "tender/hvt/guest.h"
#include "tender/hvt/machine.h"

struct kvm_run;

struct vm {
    int kvm, vm, vcpu;
    struct kvm_run *run;
    uint64_t exits; /* to the tender */
    bool stopped;   /* where a debugger asked for it; vm_run returns then */
};

/* Opens /dev/kvm and makes an empty machine. What is missing is said with what to do. */
int vm_open(struct vm *vm, struct error *e);

/* Gives it the memory. */
int vm_memory(struct vm *vm, const struct memory *m, struct error *e);

/* A 32-bit OUT to this port signals `eventfd`, and does not come to the tender. Returns
 * false where KVM cannot do that. */
bool vm_doorbell(struct vm *vm, uint16_t port, int eventfd);

/* Makes vm_run return. Safe in a handler of signals. vm_go_on: takes that back. */
void vm_interrupt(struct vm *vm);
void vm_go_on(struct vm *vm);

/* Runs the image until it ends itself (0: guest->ended, exit_status), breaks the contract
 * (-1, with the line), *guest->ending is set, or vm->stopped (0 too: ask them). */
int vm_run(struct vm *vm, struct guest *g, struct error *e);

#endif
