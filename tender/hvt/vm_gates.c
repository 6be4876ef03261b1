/* SPDX-License-Identifier: ISC */
#include "tender/hvt/vm_gates.h"

#include <linux/kvm.h>
#include <signal.h>
#include <sys/ioctl.h>

#define STEPS_MAX 20000 /* at ring 0 before an image is taken for one that stays there */
#define TRAP_FLAG 0x100U

/* Vectors of the faults that matter. */
enum { STEPPED = 1, BREAKPOINT = 3, NO_INSTRUCTION = 6, PROTECTION = 13 };
static const uint8_t vectors[GDB_HARDWARE] = {STEPPED, BREAKPOINT, NO_INSTRUCTION, PROTECTION};

/* What the processor leaves on the stack. Where the gate is not for ring 3, a breakpoint
 * instruction there is a breach of protection, with this error code. */
struct frame {
    uint64_t rip, cs, rflags, rsp, ss;
};
#define BREAKPOINT_REFUSED (BREAKPOINT * 8U + 2U)

static bool at_ring3(const struct cpu *c)
{
    return (c->segment[CPU_CS] & 3) == 3;
}

/* About to go there, which is not seen as a step. */
static bool returns_to_ring3(const struct gdb *g)
{
    static const uint8_t iretq[2] = {0x48, 0xcf};
    uint8_t at[sizeof iretq];
    struct frame f;
    return gdb_points_read(&g->points, g->memory, g->cpu.rip, at, sizeof at) &&
           memcmp(at, iretq, sizeof at) == 0 &&
           gdb_points_read(&g->points, g->memory, g->cpu.general[CPU_RSP], (uint8_t *)&f,
                           sizeof f) &&
           (f.cs & 3) == 3;
}

/* Where the gate of this vector leads, or 0. */
static uint64_t gate(const struct kvm_sregs *s, const struct gdb *g, unsigned vector)
{
    uint8_t d[16];
    uint64_t at = s->idt.base + vector * sizeof d;
    if (vector * sizeof d + sizeof d - 1 > s->idt.limit ||
        !gdb_points_read(&g->points, g->memory, at, d, sizeof d))
        return 0;
    return (uint64_t)d[0] | (uint64_t)d[1] << 8 | (uint64_t)d[6] << 16 | (uint64_t)d[7] << 24 |
           (uint64_t)d[8] << 32 | (uint64_t)d[9] << 40;
}

static int watch_gates(struct vm *vm, const struct gdb *g, struct gdb_points *p,
                       struct error *e)
{
    struct kvm_sregs s;
    if (ioctl(vm->vcpu, KVM_GET_SREGS, &s) != 0)
        return fail_errno(e, "KVM does not tell the processor's registers");
    *p = (struct gdb_points){.use = GDB_USE_HARDWARE};
    for (unsigned i = 0; i < GDB_HARDWARE; i++) {
        uint64_t at = gate(&s, g, vectors[i]);
        p->hardware[i] = (struct gdb_hardware){at != 0, GDB_HARDWARE_BREAK, at, 1};
    }
    return vm_debug(vm, p, false, e);
}

/* The vector whose gate it has come through, or 0. */
static unsigned came_by(const struct gdb_points *p, uint64_t rip)
{
    for (unsigned i = 0; i < GDB_HARDWARE; i++)
        if (p->hardware[i].used && p->hardware[i].at == rip)
            return vectors[i];
    return 0;
}

/* ---- Back to where a fault was ------------------------------------------------- */

static int go_back(struct vm *vm, struct gdb *g, const struct frame *f, struct error *e)
{
    struct kvm_sregs s;
    g->cpu.rip = f->rip;
    g->cpu.rflags = f->rflags & ~(uint64_t)TRAP_FLAG;
    g->cpu.general[CPU_RSP] = f->rsp;
    g->cpu.segment[CPU_CS] = f->cs;
    g->cpu.segment[CPU_SS] = f->ss;
    if (ioctl(vm->vcpu, KVM_GET_SREGS, &s) != 0)
        return fail_errno(e, "KVM does not tell the processor's registers");
    s.cs.selector = (uint16_t)f->cs;
    s.ss.selector = (uint16_t)f->ss;
    s.cs.dpl = s.ss.dpl = 3;
    s.ss.present = s.ss.s = 1;
    s.ss.unusable = 0;
    s.ss.type = 3; /* read and write, accessed */
    s.ss.limit = 0xffffffff;
    s.ss.g = s.ss.db = 1;
    return ioctl(vm->vcpu, KVM_SET_SREGS, &s) != 0
               ? fail_errno(e, "KVM does not take the processor's registers")
               : cpu_write(vm->vcpu, &g->cpu, e);
}

/* Whether the fault that came by this vector is a stop of ours; then to `f` where it was. */
static bool is_ours(const struct gdb *g, unsigned vector, bool step, struct frame *f)
{
    struct {
        uint64_t error_code;
        struct frame f;
    } with;
    uint64_t at = g->cpu.general[CPU_RSP];
    enum gdb_point_kind kind;
    if (!gdb_points_read(&g->points, g->memory, at, (uint8_t *)f, sizeof *f) ||
        !gdb_points_read(&g->points, g->memory, at, (uint8_t *)&with, sizeof with))
        return false;
    if (vector == STEPPED)
        return step && f->rflags & TRAP_FLAG;
    if (vector == BREAKPOINT)
        f->rip--;
    else if (vector == PROTECTION && with.error_code == BREAKPOINT_REFUSED)
        *f = with.f;
    else
        return false;
    return gdb_point_at(&g->points, f->rip, &kind);
}

/* ---- Running ------------------------------------------------------------------- */

static void stop_here(struct vm *vm, struct gdb *g)
{
    g->stop = (struct gdb_stop){.signal = SIGTRAP};
    g->stop.at_point = gdb_point_at(&g->points, g->cpu.rip, &g->stop.kind);
    vm->stopped = true;
}

/* At a breakpoint, or after a step. A signal may have come just then: it is looked at after. */
static bool has_stopped(const struct vm *vm, const struct guest *guest)
{
    return !guest->ended && vm->stopped;
}

/* At ring 0, one step after another: to ring 3, a point, or (`step`) just one. */
static int run_ring0(struct vm_gates *gates, struct vm *vm, struct guest *guest, struct gdb *g,
                     bool step, struct error *e)
{
    static const struct gdb_points none;
    enum gdb_point_kind kind;
    if (vm_debug(vm, &none, true, e) != 0)
        return -1;
    for (unsigned n = 0; n < STEPS_MAX; n++) {
        if (vm_run(vm, guest, e) != 0 || cpu_read(vm->vcpu, &g->cpu, e) != 0)
            return -1;
        if (!has_stopped(vm, guest))
            return 0;
        if (step || gdb_point_at(&g->points, g->cpu.rip, &kind)) {
            stop_here(vm, g);
            return 0;
        }
        vm->stopped = false;
        if (*guest->ending || at_ring3(&g->cpu) || returns_to_ring3(g))
            return 0;
    }
    gates->used = false;
    gdb_points_use_hardware(&g->points, g->memory);
    return 0;
}

/* An image that has no gates yet: the processor gives up, and is still where it was. */
static int stopped_without_gate(struct vm *vm, struct gdb *g, bool step, struct error *e)
{
    struct error ignored;
    enum gdb_point_kind kind;
    if (cpu_read(vm->vcpu, &g->cpu, &ignored) != 0 || !at_ring3(&g->cpu))
        return -1;
    if (gdb_point_at(&g->points, g->cpu.rip - 1, &kind))
        g->cpu.rip--;
    else if (!step || !(g->cpu.rflags & TRAP_FLAG))
        return -1;
    g->cpu.rflags &= ~(uint64_t)TRAP_FLAG;
    if (cpu_write(vm->vcpu, &g->cpu, e) != 0)
        return -1;
    stop_here(vm, g);
    return 0;
}

/* For the next instruction at ring 3: in the flags, or in those that are about to be restored.
 */
static int set_trap_flag(struct vm *vm, struct gdb *g, struct error *e)
{
    uint64_t flags, at = g->cpu.general[CPU_RSP] + offsetof(struct frame, rflags);
    if (at_ring3(&g->cpu)) {
        g->cpu.rflags |= TRAP_FLAG;
        return cpu_write(vm->vcpu, &g->cpu, e);
    }
    if (!gdb_points_read(&g->points, g->memory, at, (uint8_t *)&flags, sizeof flags))
        return fail(e, "the image's stack is not in its memory");
    flags |= TRAP_FLAG;
    return gdb_points_write(&g->points, g->memory, at, bytes_of(&flags, sizeof flags))
               ? 0
               : fail(e, "the image's stack cannot be written to");
}

/* At ring 3, or about to go there, until it comes to ring 0. */
static int run_ring3(struct vm *vm, struct guest *guest, struct gdb *g, bool step,
                     struct error *e)
{
    struct gdb_points at_gates;
    struct frame f;
    if ((step && set_trap_flag(vm, g, e) != 0) || watch_gates(vm, g, &at_gates, e) != 0)
        return -1;
    int result = vm_run(vm, guest, e);
    if (result != 0 && vm->run->exit_reason == KVM_EXIT_SHUTDOWN)
        return stopped_without_gate(vm, g, step, e);
    if (result != 0 || cpu_read(vm->vcpu, &g->cpu, e) != 0)
        return -1;
    if (!has_stopped(vm, guest))
        return 0;
    vm->stopped = false;
    if (!is_ours(g, came_by(&at_gates, g->cpu.rip), step, &f))
        return 0;
    if (go_back(vm, g, &f, e) != 0)
        return -1;
    stop_here(vm, g);
    return 0;
}

int vm_gates_run(struct vm_gates *gates, struct vm *vm, struct guest *guest, struct gdb *g,
                 bool step, struct error *e)
{
    if (cpu_read(vm->vcpu, &g->cpu, e) != 0)
        return -1;
    return at_ring3(&g->cpu) || returns_to_ring3(g) ? run_ring3(vm, guest, g, step, e)
                                                    : run_ring0(gates, vm, guest, g, step, e);
}
