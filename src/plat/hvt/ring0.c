/* SPDX-License-Identifier: ISC */
/* At ring 0, on the tender's stack, in general registers only (toolchain/targets/hvt/ring0):
 * the least that ring 3 needs. Its page tables are made of 2 MiB pages, cover the image and
 * what layout.c may take behind it, and lie at the bottom of what will be the first stack. */
#include "plat/hvt/ring0.h"

#include "plat/hvt/call.h"
#include "plat/hvt/hvt.h"

#define LARGE_PAGE  (2ULL << 20)
#define LARGE_SHIFT 21U
#define ENTRIES     512U
#define USER_TABLE  7ULL           /* present, may be written, at ring 3 too */
#define USER_LARGE  0x87ULL        /* the same for a page of 2 MiB */
#define ROOM        (16ULL << 20)  /* octets behind the image, for the page tables */
#define LEAST       (256ULL << 10) /* octets behind the image without which nothing runs */

struct first_tables {
    uint64_t root[ENTRIES];
    uint64_t pointers[ENTRIES];
    uint64_t directory[4 * ENTRIES];
};
_Static_assert(sizeof(struct first_tables) <= HVT_MAIN_STACK / 2,
               "the tender's stack is above");

extern const uint8_t hvt_tss[], hvt_tss_end[]; /* entry.S */
extern const uint8_t hvt_seal_gate[];          /* entry.S */

static _Noreturn void refuse(void)
{
    static const char line[] = "There is not enough memory: give the image more with --mem.\n";
    static const struct hvt_halt halt = {.exit_status = 1};
    struct hvt_puts puts = {(uintptr_t)line, sizeof line - 1};
    hvt_call(HVT_PUTS, &puts);
    for (;;)
        hvt_call(HVT_HALT, &halt);
}

static void fill_descriptors(struct hvt_ring0 *r)
{
    uint64_t tss = (uintptr_t)hvt_tss, limit = (uint64_t)(hvt_tss_end - hvt_tss) - 1;
    /* All accessed already; code is for 64 bits. */
    r->gdt[HVT_KERNEL_CODE / 8] = 0x00209b0000000000;
    r->gdt[HVT_KERNEL_DATA / 8] = 0x0000930000000000;
    r->gdt[HVT_USER_DATA / 8] = 0x0000f30000000000;
    r->gdt[HVT_USER_CODE / 8] = 0x0020fb0000000000;
    r->gdt[HVT_TSS / 8] =
        limit | (tss & 0xffffff) << 16 | 0x89ULL << 40 | (tss >> 24 & 0xff) << 56;
    r->gdt[HVT_TSS / 8 + 1] = tss >> 32;
    r->begin[6] = hvt_gate_to((uintptr_t)hvt_seal_gate, 1);
}

uint64_t hvt_begin(const struct hvt_boot_info *info)
{
    uint64_t image_end = (uintptr_t)_end;
    if (info->mem_size > HVT_MEM_MAX || info->mem_size < image_end + LEAST)
        refuse();
    struct first_tables *t =
        (struct first_tables *)((info->mem_size & ~(HVT_PAGE - 1ULL)) - HVT_MAIN_STACK);
    t->root[0] = (uintptr_t)t->pointers | USER_TABLE;
    for (unsigned i = 0; i < 4; i++)
        t->pointers[i] = (uintptr_t)&t->directory[i * ENTRIES] | USER_TABLE;
    uint64_t pages = (image_end + ROOM) >> LARGE_SHIFT;
    for (uint64_t i = 0; i < pages && i < 4 * ENTRIES; i++)
        t->directory[i] = i << LARGE_SHIFT | USER_LARGE;
    fill_descriptors(&hvt_ring0);
    hvt_layout.info = info;
    return (uintptr_t)t;
}
