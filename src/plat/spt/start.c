/* SPDX-License-Identifier: ISC */
/* From the tender's entry to the C library: memory, arguments, stack limit. */
#include "plat/bare/boot.h"
#include "plat/bare/devices.h"
#include "plat/bare/limit.h"
#include "plat/plat.h"
#include "plat/spt/call.h"
#include "plat/spt/spt.h"

#include "base/supply.h"

#define ARCH_SET_FS 0x1002

const struct spt_boot_info *spt_boot;

extern char _end[]; /* of the image, page aligned: the linker script */

UNCHECKED _Noreturn void spt_start(const struct spt_boot_info *info);

/* What our own tender offers; NULL under another. It is in memory of the image's own, which the
 * tender wrote before it let us in. */
UNCHECKED static struct spt_more *spt_more(void)
{
    struct spt_more *more = (struct spt_more *)(uintptr_t)(spt_boot + 1);
    return more->magic == SPT_MORE_MAGIC && more->len >= SPT_MORE_LEN_ENTROPY ? more : NULL;
}

/* Runs before there is thread-local storage. */
UNCHECKED _Noreturn void spt_start(const struct spt_boot_info *info)
{
    spt_boot = info;
    devices_manifest = info->manifest;
    const struct spt_more *more = spt_more();
    devices_features = more && more->len >= sizeof *more ? more->net : NULL;
    if (more && more->features & SPT_MORE_BLOCKS)
        devices_block_features = PLAT_BLOCK_FLUSH | PLAT_BLOCK_DISCARD;
    uintptr_t heap = (uintptr_t)_end;
    uintptr_t stack = (info->mem_size - SPT_MAIN_STACK) & ~(uintptr_t)(BARE_PAGE - 1);
    static _Alignas(16) uint8_t emergency_stack[16384];
    limit_start(stack, (uintptr_t)emergency_stack + sizeof emergency_stack);
    if (info->mem_size < heap + SPT_MAIN_STACK + BARE_PAGE)
        BARE_REFUSE("There is not enough memory: give the image more with --mem.");
    struct plat_boot found = {
        .mem = (uint8_t *)heap, .mem_len = stack - heap, .budget = info->mem_size};
    bare_boot(&found, info->cmdline);
    spt_fault_announce();
    rt_start_libc();
}

UNCHECKED int limit_thread_pointer(void *tp)
{
    return (int)spt_call3(SPT_ARCH_PRCTL, ARCH_SET_FS, (long)tp, 0);
}

uint8_t *bare_offered(size_t *len)
{
    struct spt_more *more = spt_more();
    *len = more ? sizeof more->entropy : 0;
    return more ? more->entropy : NULL;
}

void *plat_stack_new(struct supply *pages, size_t len)
{
    return supply_get(pages, len);
}

void plat_stack_free(struct supply *pages, void *stack, size_t len)
{
    supply_put(pages, stack, len);
}
