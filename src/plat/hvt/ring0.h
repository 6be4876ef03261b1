/* SPDX-License-Identifier: ISC */
#ifndef PLAT_HVT_RING0_H
#define PLAT_HVT_RING0_H

/* Ring 0's page, at the end of the image: descriptors and the stacks of faults. entry.S and
 * trap.S know these offsets. */

#include <stdint.h>

#define HVT_VECTORS 32 /* of faults; there are no interrupts */

#define HVT_KERNEL_CODE 0x08
#define HVT_KERNEL_DATA 0x10
#define HVT_USER_DATA   0x18
#define HVT_USER_CODE   0x20
#define HVT_TSS         0x28

/* Where the processor goes at a fault. */
struct hvt_gate {
    uint16_t low, selector;
    uint8_t stack; /* which of the TSS's fault stacks */
    uint8_t type;
    uint16_t middle;
    uint32_t high, zero;
};

struct hvt_ring0 {
    uint64_t gdt[8];
    struct hvt_gate fault[HVT_VECTORS];
    struct hvt_gate begin[7]; /* in force until the image is sealed, by the last of them */
    uint64_t reported;        /* not 0: a fault has been handed to the reporter */
};
#define HVT_REPORTED_AT 688U
_Static_assert(sizeof(struct hvt_gate) == 16 && sizeof(struct hvt_ring0) == 696, "ring0");
_Static_assert(__builtin_offsetof(struct hvt_ring0, reported) == HVT_REPORTED_AT, "trap.S");

extern struct hvt_ring0 hvt_ring0; /* at _end */

/* A gate to `handler` on fault stack 1 or 2. */
static inline struct hvt_gate hvt_gate_to(uintptr_t handler, uint8_t stack)
{
    return (struct hvt_gate){.low = (uint16_t)handler,
                             .selector = HVT_KERNEL_CODE,
                             .stack = stack,
                             .type = 0x8e, /* present, interrupt gate of ring 0's */
                             .middle = (uint16_t)(handler >> 16),
                             .high = (uint32_t)(handler >> 32)};
}

#endif
