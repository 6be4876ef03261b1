/* SPDX-License-Identifier: ISC */
#ifndef TENDER_HVT_CPU_H
#define TENDER_HVT_CPU_H

/* The registers of the image's processor, for who looks into an image: core dumps and the
 * debugger's stub. One file for each kind of processor: cpu_x86_64.c. */

#include "host/error.h"

#include <abi/hvt.h>
#include <stdbool.h>

/* Indices of struct cpu's general registers, in the debugger's order. */
enum cpu_general {
    CPU_RAX,
    CPU_RBX,
    CPU_RCX,
    CPU_RDX,
    CPU_RSI,
    CPU_RDI,
    CPU_RBP,
    CPU_RSP,
    CPU_R8,
    CPU_R15 = 15,
    CPU_GENERAL,
};
enum cpu_segment { CPU_CS, CPU_SS, CPU_DS, CPU_ES, CPU_FS, CPU_GS, CPU_SEGMENTS };

/* Floating point and vectors, as the processor's FXSAVE lays them out. */
struct cpu_fxsave {
    uint16_t control, status;
    uint8_t tags, zero; /* a bit for each register in use */
    uint16_t opcode;
    uint64_t instruction, operand; /* addresses */
    uint32_t mxcsr, mxcsr_mask;
    uint8_t st[8][16]; /* ten octets each */
    uint8_t xmm[16][16];
    uint8_t rest[96];
};
_Static_assert(sizeof(struct cpu_fxsave) == 512, "FXSAVE");

struct cpu {
    uint64_t general[CPU_GENERAL];
    uint64_t rip, rflags;
    uint64_t segment[CPU_SEGMENTS]; /* selectors */
    uint64_t fs_base, gs_base;
    struct cpu_fxsave fx;
    int signal; /* what a process would have got: SIGABRT, or what the fault is */
};

int cpu_read(int vcpu, struct cpu *out, struct error *e);

/* Sets what a debugger may change: all but the segments. */
int cpu_write(int vcpu, const struct cpu *cpu, struct error *e);

/* The registers as they were where the fault happened that this cookie of a HALT call tells
 * of: the contract's, and all others if the image is one of ours. False, and nothing done,
 * when it tells of none. */
bool cpu_at_fault(struct cpu *cpu, const uint8_t cookie[HVT_COOKIE_LEN]);

#endif
