/* SPDX-License-Identifier: ISC */
#include "tender/hvt/machine.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <sys/ioctl.h>

/* ---- Tables ---------------------------------------------------------------- */

#define PRESENT  1ULL
#define WRITABLE 2ULL
#define LARGE    0x80ULL /* a page directory's entry is a page of 2 MiB */
#define ENTRIES  512U

static void put64(struct memory *m, uint64_t table, unsigned index, uint64_t value)
{
    memcpy(m->at + table + index * 8U, &value, sizeof value);
}

/* The first 2 MiB, page by page: the zero page and the tables are not there, what the
 * tender says is read-only. */
static void first_pages(struct memory *m)
{
    for (unsigned i = 0; i < ENTRIES; i++) {
        uint64_t at = i * (uint64_t)ELF_PAGE;
        uint64_t rights = at < HVT_BOOT_INFO_AT ? 0
                          : at < ABI_LOAD_MIN   ? PRESENT
                                                : PRESENT | WRITABLE;
        put64(m, HVT_PT_AT, i, rights ? at | rights : 0);
    }
}

static void page_tables(struct memory *m)
{
    put64(m, HVT_PML4_AT, 0, HVT_PDPT_AT | PRESENT | WRITABLE);
    for (unsigned i = 0; i < 4; i++)
        put64(m, HVT_PDPT_AT, i, (HVT_PD_AT + i * ELF_PAGE) | PRESENT | WRITABLE);
    put64(m, HVT_PD_AT, 0, HVT_PT_AT | PRESENT | WRITABLE);
    first_pages(m);
    for (unsigned i = 1; i * HVT_MEM_STEP < m->allocated; i++)
        put64(m, HVT_PD_AT, i, (i * HVT_MEM_STEP) | PRESENT | WRITABLE | LARGE);
}

#define SELECTOR_CODE 8U
#define SELECTOR_DATA 16U
#define GDT_LEN       24U

/* Flat segments of ring 0: code that is only executed, and data. */
void machine_tables(struct memory *m)
{
    put64(m, HVT_GDT_AT, 0, 0);
    put64(m, HVT_GDT_AT, SELECTOR_CODE / 8, 0x00af99000000ffffULL);
    put64(m, HVT_GDT_AT, SELECTOR_DATA / 8, 0x00cf93000000ffffULL);
    page_tables(m);
}

/* ---- Registers ------------------------------------------------------------- */

#define CR0_PE         1ULL
#define CR0_NE         (1ULL << 5)
#define CR0_WP         (1ULL << 16)
#define CR0_PG         (1ULL << 31)
#define CR4_PAE        (1ULL << 5)
#define CR4_OSFXSR     (1ULL << 9)
#define CR4_OSXMMEXCPT (1ULL << 10)
#define EFER_LME       (1ULL << 8)
#define EFER_LMA       (1ULL << 10)
#define RFLAGS_ONE     2ULL /* always set */

static const struct kvm_segment code = {.selector = SELECTOR_CODE,
                                        .limit = 0xffffffff,
                                        .type = 9, /* execute only, accessed */
                                        .present = 1,
                                        .s = 1,
                                        .l = 1,
                                        .g = 1};
static const struct kvm_segment data = {.selector = SELECTOR_DATA,
                                        .limit = 0xffffffff,
                                        .type = 3, /* read and write, accessed */
                                        .present = 1,
                                        .db = 1,
                                        .s = 1,
                                        .g = 1};
static const struct kvm_segment task = {.type = 11, .present = 1}; /* busy, 64 bits */
static const struct kvm_segment none = {.unusable = 1};

static int set_registers(int vcpu, const struct machine *machine, struct error *e)
{
    struct kvm_sregs s = {
        .cs = code,
        .ss = data,
        .ds = data,
        .es = data,
        .fs = data,
        .gs = data,
        .tr = task,
        .ldt = none,
        .gdt = {.base = HVT_GDT_AT, .limit = GDT_LEN - 1},
        .cr0 = CR0_PE | CR0_NE | CR0_WP | CR0_PG,
        .cr3 = HVT_PML4_AT,
        .cr4 = CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT,
        .efer = EFER_LME | EFER_LMA,
    };
    struct kvm_regs r = {.rip = machine->entry,
                         .rsp = machine->stack - 8,
                         .rdi = HVT_BOOT_INFO_AT,
                         .rflags = RFLAGS_ONE};
    if (ioctl(vcpu, KVM_SET_SREGS, &s) != 0 || ioctl(vcpu, KVM_SET_REGS, &r) != 0)
        return fail_errno(e, "KVM does not take the processor's registers");
    return 0;
}

#define FEATURES_MAX 256

/* All that KVM supports. */
static int set_features(int kvm, int vcpu, struct error *e)
{
    static _Alignas(struct kvm_cpuid2) uint8_t
        room[sizeof(struct kvm_cpuid2) + FEATURES_MAX * sizeof(struct kvm_cpuid_entry2)];
    struct kvm_cpuid2 *features = (void *)room;
    features->nent = FEATURES_MAX;
    if (ioctl(kvm, KVM_GET_SUPPORTED_CPUID, features) != 0 ||
        ioctl(vcpu, KVM_SET_CPUID2, features) != 0)
        return fail_errno(e, "KVM does not take the processor's features");
    return 0;
}

static int find_frequency(int vcpu, struct machine *machine, struct error *e)
{
    int khz = ioctl(vcpu, KVM_GET_TSC_KHZ);
    if (khz <= 0)
        return fail(e, "this machine's time-stamp counter is not stable, and an image on KVM "
                       "has no other clock: use the target spt");
    machine->cycles_per_s = (uint64_t)khz * 1000;
    return 0;
}

int machine_enter(int kvm, int vcpu, struct machine *machine, struct error *e)
{
    if (set_features(kvm, vcpu, e) != 0 || set_registers(vcpu, machine, e) != 0)
        return -1;
    return find_frequency(vcpu, machine, e);
}

void machine_where(int vcpu, char *text, size_t len)
{
    struct kvm_regs r;
    if (ioctl(vcpu, KVM_GET_REGS, &r) != 0)
        snprintf(text, len, "pc unknown");
    else
        snprintf(text, len, "pc %#llx, sp %#llx", r.rip, r.rsp);
}
