/* SPDX-License-Identifier: ISC */
/* From ring 3 to the C library (hvt.h tells the whole way). */
#include "plat/bare/boot.h"
#include "plat/bare/devices.h"
#include "plat/bare/limit.h"
#include "plat/hvt/call.h"
#include "plat/hvt/hvt.h"
#include "plat/hvt/ring0.h"
#include "plat/plat.h"

#include <string.h>

static uint8_t seed[sizeof(((struct hvt_more *)0)->entropy)];
static size_t seed_len;

UNCHECKED _Noreturn void hvt_start(void);
UNCHECKED static _Noreturn void start_image(void);

/* While the boot info can still be written: what our tender gave for a seed is taken away. */
UNCHECKED static void take_more(struct hvt_more *more)
{
    if (more->magic != HVT_MORE_MAGIC || more->len < HVT_MORE_LEN_ENTROPY)
        return;
    if (more->len >= sizeof *more)
        devices_features = more->net;
    hvt_layout.features = more->features;
    if (more->features & HVT_MORE_BLOCKS)
        devices_block_features = PLAT_BLOCK_FLUSH | PLAT_BLOCK_DISCARD;
    memcpy(seed, more->entropy, sizeof seed);
    memset(more->entropy, 0, sizeof more->entropy);
    seed_len = sizeof seed;
}

uint8_t *bare_offered(size_t *len)
{
    *len = seed_len;
    return seed;
}

UNCHECKED int limit_thread_pointer(void *tp)
{
    hvt_set_thread_pointer(tp);
    return 0;
}

UNCHECKED static void seal_range(uintptr_t start, uintptr_t end)
{
    struct hvt_seal s = {.start = start, .end = end};
    hvt_call(HVT_SEAL, &s);
}

/* What only ring 0 may write the tender could still be made to: by the address of an answer.
 * Ours is told to refuse that. */
UNCHECKED static void seal_against_calls(const struct hvt_layout *l)
{
    if (!(l->features & HVT_MORE_SEAL))
        return;
    seal_range((uintptr_t)&hvt_ring0, (uintptr_t)&hvt_report);
    seal_range(l->tables, (uintptr_t)l->frames);
}

/* Before there is thread-local storage; address 0 is still mapped, and stands for it. */
UNCHECKED _Noreturn void hvt_start(void)
{
    const struct hvt_boot_info *info = hvt_layout.info;
    take_more((struct hvt_more *)(uintptr_t)(info + 1));
    hvt_lay_out();
    hvt_seal(hvt_layout.tables);
    seal_against_calls(&hvt_layout);
    hvt_continue(hvt_layout.top, start_image);
}

UNCHECKED static _Noreturn void start_image(void)
{
    const struct hvt_layout *l = &hvt_layout;
    limit_start(l->main_stack, l->emergency + HVT_EMERGENCY_STACK);
    hvt_clock_start(l->info->cpu_cycle_freq);
    struct plat_boot found = {.mem = (uint8_t *)l->heap,
                              .mem_len = l->stacks - l->heap,
                              .budget = l->info->mem_size,
                              .poll_is_dear = true,
                              .stacks_len = l->stacks_count * l->stack_slot};
    bare_boot(&found, (const char *)(uintptr_t)l->info->cmdline);
    rt_start_libc();
}
