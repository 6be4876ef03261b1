/* SPDX-License-Identifier: ISC */
#include "tender/hvt/cpu.h"

#include <linux/kvm.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>

static void take_general(struct cpu *c, const struct kvm_regs *r)
{
    const uint64_t general[CPU_GENERAL] = {r->rax, r->rbx, r->rcx, r->rdx, r->rsi, r->rdi,
                                           r->rbp, r->rsp, r->r8,  r->r9,  r->r10, r->r11,
                                           r->r12, r->r13, r->r14, r->r15};
    memcpy(c->general, general, sizeof general);
    c->rip = r->rip;
    c->rflags = r->rflags;
}

static void take_segments(struct cpu *c, const struct kvm_sregs *s)
{
    const uint64_t segment[CPU_SEGMENTS] = {s->cs.selector, s->ss.selector, s->ds.selector,
                                            s->es.selector, s->fs.selector, s->gs.selector};
    memcpy(c->segment, segment, sizeof segment);
    c->fs_base = s->fs.base;
    c->gs_base = s->gs.base;
}

static void take_fpu(struct cpu_fxsave *fx, const struct kvm_fpu *f)
{
    *fx = (struct cpu_fxsave){.control = f->fcw,
                              .status = f->fsw,
                              .tags = f->ftwx,
                              .opcode = f->last_opcode,
                              .instruction = f->last_ip,
                              .operand = f->last_dp,
                              .mxcsr = f->mxcsr};
    memcpy(fx->st, f->fpr, sizeof fx->st);
    memcpy(fx->xmm, f->xmm, sizeof fx->xmm);
}

int cpu_read(int vcpu, struct cpu *out, struct error *e)
{
    struct kvm_regs r;
    struct kvm_sregs s;
    struct kvm_fpu f;
    if (ioctl(vcpu, KVM_GET_REGS, &r) != 0 || ioctl(vcpu, KVM_GET_SREGS, &s) != 0 ||
        ioctl(vcpu, KVM_GET_FPU, &f) != 0)
        return fail_errno(e, "KVM does not tell the processor's registers");
    take_general(out, &r);
    take_segments(out, &s);
    take_fpu(&out->fx, &f);
    out->signal = SIGABRT;
    return 0;
}

/* ---- Writing --------------------------------------------------------------- */

static struct kvm_regs general_of(const struct cpu *c)
{
    const uint64_t *g = c->general;
    return (struct kvm_regs){.rax = g[CPU_RAX],
                             .rbx = g[CPU_RBX],
                             .rcx = g[CPU_RCX],
                             .rdx = g[CPU_RDX],
                             .rsi = g[CPU_RSI],
                             .rdi = g[CPU_RDI],
                             .rbp = g[CPU_RBP],
                             .rsp = g[CPU_RSP],
                             .r8 = g[CPU_R8],
                             .r9 = g[CPU_R8 + 1],
                             .r10 = g[CPU_R8 + 2],
                             .r11 = g[CPU_R8 + 3],
                             .r12 = g[CPU_R8 + 4],
                             .r13 = g[CPU_R8 + 5],
                             .r14 = g[CPU_R8 + 6],
                             .r15 = g[CPU_R15],
                             .rip = c->rip,
                             .rflags = c->rflags};
}

static struct kvm_fpu fpu_of(const struct cpu_fxsave *fx)
{
    struct kvm_fpu f = {.fcw = fx->control,
                        .fsw = fx->status,
                        .ftwx = fx->tags,
                        .last_opcode = fx->opcode,
                        .last_ip = fx->instruction,
                        .last_dp = fx->operand,
                        .mxcsr = fx->mxcsr};
    memcpy(f.fpr, fx->st, sizeof f.fpr);
    memcpy(f.xmm, fx->xmm, sizeof f.xmm);
    return f;
}

int cpu_write(int vcpu, const struct cpu *cpu, struct error *e)
{
    struct kvm_regs r = general_of(cpu);
    struct kvm_fpu f = fpu_of(&cpu->fx);
    struct kvm_sregs s;
    if (ioctl(vcpu, KVM_GET_SREGS, &s) != 0)
        return fail_errno(e, "KVM does not tell the processor's registers");
    s.fs.base = cpu->fs_base;
    s.gs.base = cpu->gs_base;
    if (ioctl(vcpu, KVM_SET_SREGS, &s) != 0 || ioctl(vcpu, KVM_SET_REGS, &r) != 0 ||
        ioctl(vcpu, KVM_SET_FPU, &f) != 0)
        return fail_errno(e, "KVM does not take the processor's registers");
    return 0;
}

/* ---- Where a fault was ------------------------------------------------------ */

/* Our images know all of them. */
static void take_report(struct cpu *c, const struct hvt_report *r)
{
    const uint64_t general[CPU_GENERAL] = {r->rax, r->rbx,      r->rcx, r->rdx, r->rsi, r->rdi,
                                           r->rbp, r->trap.rsp, r->r8,  r->r9,  r->r10, r->r11,
                                           r->r12, r->r13,      r->r14, r->r15};
    memcpy(c->general, general, sizeof general);
}

static int signal_of(uint64_t vector)
{
    switch (vector) {
    case 0:  /* division */
    case 16: /* x87 */
    case 19: /* SSE */
        return SIGFPE;
    case 6:
        return SIGILL;
    default:
        return SIGSEGV;
    }
}

bool cpu_at_fault(struct cpu *cpu, const uint8_t cookie[HVT_COOKIE_LEN])
{
    struct hvt_report report;
    _Static_assert(sizeof report <= HVT_COOKIE_LEN, "cookie");
    memcpy(&report, cookie, sizeof report);
    if (report.trap.cs == 0)
        return false;
    bool ours = report.magic == HVT_REPORT_MAGIC;
    if (ours)
        take_report(cpu, &report);
    cpu->signal = ours ? signal_of(report.vector) : SIGSEGV;
    cpu->rip = report.trap.rip;
    cpu->rflags = report.trap.rflags;
    cpu->general[CPU_RSP] = report.trap.rsp;
    cpu->segment[CPU_CS] = report.trap.cs;
    cpu->segment[CPU_SS] = report.trap.ss;
    return true;
}
