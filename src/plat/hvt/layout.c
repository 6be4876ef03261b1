/* SPDX-License-Identifier: ISC */
/* What is where (hvt.h has the picture). Runs at ring 3, before the image is sealed. */
#include "plat/bare/boot.h"
#include "plat/bare/devices.h"
#include "plat/hvt/call.h"
#include "plat/hvt/hvt.h"
#include "plat/hvt/pagetable.h"
#include "plat/hvt/ring0.h"
#include "plat/plat.h"

#define READ      (PAGETABLE_U | PAGETABLE_NX)
#define WRITE     (PAGETABLE_U | PAGETABLE_NX | PAGETABLE_W)
#define EXECUTE   PAGETABLE_U
#define RING0     (PAGETABLE_NX | PAGETABLE_W)
#define FRAME_MIN 2048U /* octets for a frame in the ring */

/* Frames to be sent may take this part of the memory, within limits, and those that were
 * received as much. */
#define FRAMES_PART 64U
#define FRAMES_MIN  16U
#define FRAMES_MAX  256U

struct hvt_layout hvt_layout;

extern const uint8_t _etext[], _erodata[]; /* the linker script */
extern const uint8_t hvt_trap_entries[];   /* trap.S: 16 octets a vector */

static uint64_t page_up(uint64_t at)
{
    return (at + HVT_PAGE - 1) & ~(uint64_t)(HVT_PAGE - 1);
}

/* The longest that all attached network devices may deliver at once, in octets, with the header
 * of an offload's; 0 when there are none. */
static uint32_t largest_frame(void)
{
    uint32_t largest = 0;
    for (int handle = 1; handle <= PLAT_DEVICE_MAX; handle++) {
        const struct abi_manifest_entry *e = device_at(handle, ABI_DEVICE_NET);
        uint32_t features = device_features(handle);
        uint32_t len =
            e ? offload_header_len(features) + offload_frame_max(features, e->u.net.mtu) : 0;
        largest = len > largest ? len : largest;
    }
    return largest;
}

/* An older tender has the manifest where the features are: neither word alone is proof. */
static struct hvt_ring *find_ring(const struct hvt_boot_info *info)
{
    bool there = info->host_features & HVT_FEATURE_RING;
    return there ? (struct hvt_ring *)(uintptr_t)info->net_ring : NULL;
}

/* How many frames there is room for, and as what they pass. */
static void plan_network(struct hvt_layout *l)
{
    uint32_t count = FRAMES_MIN;
    l->frame_max = largest_frame();
    if (!l->frame_max)
        return;
    l->ring = find_ring(l->info);
    /* Large frames are not copied into the ring where SEND takes them from where they lie. */
    bool copied = l->frame_max > FRAME_MIN && !(l->features & HVT_MORE_SEND);
    l->frame_len = copied ? (l->frame_max + 63) & ~63U : FRAME_MIN;
    while (count < FRAMES_MAX && 2ULL * count * l->frame_len <= l->info->mem_size / FRAMES_PART)
        count *= 2;
    l->frames_count = l->ring ? count : 0;
    l->received_len = l->features & HVT_MORE_RECEIVE ? count * l->frame_len : 0;
    if (l->received_len && l->received_len < 2 * (l->frame_max + HVT_FRAME_ALIGN))
        l->received_len = 2 * (l->frame_max + HVT_FRAME_ALIGN);
}

/* From the top of memory down: stacks. */
static void place_stacks(struct hvt_layout *l)
{
    l->top = l->info->mem_size & ~(uint64_t)(HVT_PAGE - 1);
    l->main_stack = l->top - HVT_MAIN_STACK;
    l->emergency = l->main_stack - HVT_PAGE - HVT_EMERGENCY_STACK;
    uintptr_t end = l->emergency - HVT_PAGE;
    l->stack_slot = rt_stack_len() + HVT_PAGE;
    l->stacks_count = rt_stack_share(end - (uintptr_t)_end) / l->stack_slot;
    l->stacks = end - l->stacks_count * l->stack_slot;
}

static bool map_image(struct pagetable *t)
{
    uint64_t text_end = page_up((uintptr_t)_etext), rodata_end = page_up((uintptr_t)_erodata);
    return pagetable_map(t, HVT_BOOT_INFO_AT, ABI_LOAD_MIN, READ) &&
           pagetable_map(t, ABI_LOAD_MIN, text_end, EXECUTE) &&
           pagetable_map(t, text_end, rodata_end, READ) &&
           pagetable_map(t, rodata_end, (uintptr_t)_end, WRITE) &&
           pagetable_map(t, (uintptr_t)&hvt_ring0, (uintptr_t)&hvt_report, RING0) &&
           pagetable_map(t, (uintptr_t)&hvt_report, (uintptr_t)&hvt_report + HVT_PAGE, WRITE);
}

static bool map_stacks(struct pagetable *t, const struct hvt_layout *l)
{
    for (uintptr_t at = l->stacks, i = 0; i < l->stacks_count; i++, at += l->stack_slot)
        if (!pagetable_map(t, at + HVT_PAGE, at + l->stack_slot, WRITE))
            return false;
    return pagetable_map(t, l->emergency, l->emergency + HVT_EMERGENCY_STACK, WRITE) &&
           pagetable_map(t, l->main_stack, l->top, WRITE);
}

static bool map_ring(struct pagetable *t, const struct hvt_layout *l)
{
    uintptr_t at = (uintptr_t)l->ring;
    return !at || pagetable_map(t, at, page_up(at + sizeof *l->ring), WRITE);
}

static void fill_gates(void)
{
    for (unsigned i = 0; i < HVT_VECTORS; i++) {
        /* A double fault, a machine check or an NMI may come while another is handled. */
        uint8_t stack = i == 2 || i == 8 || i == 18 ? 2 : 1;
        hvt_ring0.fault[i] = hvt_gate_to((uintptr_t)hvt_trap_entries + 16 * i, stack);
    }
}

/* The tables' own pages and the heap come last, since only then it is known where they meet.
 * Four pages are enough for both: the ends of each may lie in 2 MiB that nothing else is in. */
static bool map_rest(struct pagetable *t, struct hvt_layout *l)
{
    uintptr_t tables_end = t->next + 4 * HVT_PAGE;
    l->frames = (uint8_t *)tables_end;
    uintptr_t frames_end = tables_end + (uintptr_t)l->frames_count * l->frame_len;
    l->received = l->received_len ? (uint8_t *)frames_end : NULL;
    devices_hold_frames = l->received;
    l->heap = page_up(frames_end + l->received_len);
    if (tables_end > t->end || l->heap >= l->stacks)
        return false;
    t->end = tables_end;
    return pagetable_map(t, (uintptr_t)t->root, tables_end, RING0) &&
           pagetable_map(t, tables_end, l->stacks, WRITE);
}

void hvt_lay_out(void)
{
    struct hvt_layout *l = &hvt_layout;
    struct pagetable t;
    uintptr_t tables = (uintptr_t)&hvt_report + HVT_PAGE;
    devices_manifest = (const struct abi_manifest *)(uintptr_t)l->info->manifest;
    plan_network(l);
    place_stacks(l);
    if (!pagetable_init(&t, tables, l->stacks) || !map_image(&t) || !map_stacks(&t, l) ||
        !map_ring(&t, l) || !map_rest(&t, l))
        BARE_REFUSE("There is not enough memory: give the image more with --mem.");
    l->tables = (uintptr_t)t.root;
    fill_gates();
}
