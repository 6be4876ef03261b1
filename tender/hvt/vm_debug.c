/* SPDX-License-Identifier: ISC */
#include "tender/hvt/vm_debug.h"

#include <linux/kvm.h>
#include <signal.h>
#include <sys/ioctl.h>

#define BREAKPOINT_EXCEPTION 3

static int set(struct vm *vm, const struct gdb_points *p, uint32_t more, struct error *e)
{
    struct kvm_guest_debug d = {.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP | more};
    if (gdb_points_have_software(p))
        d.control |= KVM_GUESTDBG_USE_SW_BP;
    for (unsigned i = 0; i < GDB_HARDWARE; i++)
        d.arch.debugreg[i] = p->hardware[i].at;
    d.arch.debugreg[7] = gdb_points_control(p);
    return ioctl(vm->vcpu, KVM_SET_GUEST_DEBUG, &d) == 0
               ? 0
               : fail_errno(e, "KVM does not take the breakpoints");
}

int vm_debug(struct vm *vm, const struct gdb_points *points, bool step, struct error *e)
{
    struct kvm_guest_debug off = {.control = 0};
    if (points)
        return set(vm, points, step ? KVM_GUESTDBG_SINGLESTEP : 0, e);
    return ioctl(vm->vcpu, KVM_SET_GUEST_DEBUG, &off) == 0
               ? 0
               : fail_errno(e, "KVM does not let go of the breakpoints");
}

/* Which of the processor's it is stands in the status register. */
static void hardware_point(struct gdb *g, uint64_t status)
{
    for (unsigned i = 0; i < GDB_HARDWARE; i++) {
        const struct gdb_hardware *h = &g->points.hardware[i];
        if (h->used && status >> i & 1) {
            g->stop.at_point = true;
            g->stop.kind = h->kind;
            g->stop.watched = h->at;
            return;
        }
    }
}

/* False: an image's own breakpoint instruction. */
static bool why_stopped(const struct vm *vm, struct gdb *g)
{
    const struct kvm_debug_exit_arch *why = &vm->run->debug.arch;
    g->stop = (struct gdb_stop){.signal = SIGTRAP};
    if (why->exception != BREAKPOINT_EXCEPTION) {
        hardware_point(g, why->dr6);
        return true;
    }
    g->stop.at_point = gdb_point_at(&g->points, g->cpu.rip, &g->stop.kind);
    return g->stop.at_point;
}

int vm_debug_run(struct vm *vm, struct guest *guest, struct gdb *g, bool step, struct error *e)
{
    if (vm_debug(vm, &g->points, step, e) != 0 || vm_run(vm, guest, e) != 0)
        return -1;
    if (!vm->stopped)
        return 0;
    if (cpu_read(vm->vcpu, &g->cpu, e) != 0)
        return -1;
    if (why_stopped(vm, g))
        return 0;
    /* The image has it, as it would without us. */
    return set(vm, &g->points, KVM_GUESTDBG_INJECT_BP, e) != 0 ? -1 : vm_run(vm, guest, e);
}

void vm_debug_finish(struct vm *vm)
{
    vm_interrupt(vm);
    if (ioctl(vm->vcpu, KVM_RUN, 0) == 0 && vm->run->exit_reason == KVM_EXIT_DEBUG)
        vm->stopped = true;
}
