/* SPDX-License-Identifier: ISC */
/* In the runtime's place on the unix target: does what its first argument says, so that
 * a script can look at src/plat/unix alone. */
#include "base/check.h"
#include "base/supply.h"
#include "plat/plat.h"

#include <abi/manifest.h>
#include <abi/note.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

const struct {
    struct abi_manifest_note_head head;
    uint32_t version, entries;
    struct abi_manifest_entry entry[3];
} program_note __asm__("drupe_manifest_note") __attribute__((used)) = {
    {ABI_NOTE_NAME_LEN, 4 + 8 + 3 * 104, ABI_NOTE_MANIFEST, ABI_NOTE_NAME, 0},
    1,
    3,
    {{.type = ABI_DEVICE_RESERVED_FIRST},
     {.name = "service", .type = ABI_DEVICE_NET},
     {.name = "disk", .type = ABI_DEVICE_BLOCK}}};

static void say(const char *text)
{
    plat_console_write(text, strlen(text));
}

static void tell_boot(void)
{
    const struct plat_boot *b = plat_boot();
    printf("memory %zu of %zu, level %u\n", b->mem_len, b->budget, b->log_level);
    for (int i = 1; i < b->argc; i++)
        printf("[%s]", b->argv[i]);
    printf("%s\n", b->argv[b->argc] ? "?" : "");
    check(b->mem[0] == 0 && b->mem[b->mem_len - 1] == 0);
    b->mem[0] = b->mem[b->mem_len - 1] = 1;
}

static void use_disk(void)
{
    struct plat_block_info info;
    uint8_t block[512];
    check(plat_block_acquire("none", &info) == -ENODEV);
    check(plat_block_acquire("service", &info) == -ENODEV);
    int disk = plat_block_acquire("disk", &info);
    check(disk == 2 && info.block_size == 512 && info.capacity == 2048);
    memset(block, 'd', sizeof block);
    check(plat_block_write(disk, 1536, block, 512) == 0);
    check(plat_block_read(disk, 1536, block, 512) == 0 && block[511] == 'd');
    check(plat_block_read(disk, 2048, block, 512) == -EINVAL);
    check(plat_block_read(disk, 1, block, 512) == -EINVAL);
    check(plat_block_write(disk, 0, block, 511) == -EINVAL);
    check(plat_block_write(disk, UINT64_MAX - 511, block, 512) == -EINVAL);
    say("disk works\n");
}

static void use_network(void)
{
    struct plat_net_info info;
    struct plat_net_in in;
    const struct bytes ours = bytes_of("a frame of ours", 15);
    uint8_t frame[1514];
    int net = plat_net_acquire("service", &info);
    check(net == 1 && info.mtu == 1500 && info.mac[5] == 9);
    check(plat_net_acquire("disk", &info) == -ENODEV);
    check(strcmp(plat_net_name(0), "service") == 0 && !plat_net_name(1));
    check(plat_net_read(net, frame, sizeof frame, &in) == -EAGAIN);
    check(plat_net_write(net, &ours, 1, NULL) == 0);
    say("sent\n");
    check(plat_wait(PLAT_NEVER) == 2);
    check(plat_net_read(net, frame, sizeof frame, &in) == 0);
    printf("got %.*s\n", (int)in.frame.len, (const char *)in.frame.at);
    /* The peer goes: an error once, and then no more events. */
    while (plat_wait(PLAT_NEVER) != 2 ||
           plat_net_read(net, frame, sizeof frame, &in) == -EAGAIN)
        continue;
    check(plat_wait(plat_clock_monotonic() + 1000000) == 0);
    say("peer is gone\n");
}

static void use_clocks(void)
{
    uint64_t start = plat_clock_monotonic();
    check(plat_wait(start + 2000000) == 0);
    check(plat_clock_monotonic() >= start + 2000000);
    check(plat_wait(0) == 0);
    check(plat_clock_wall() > 1500000000000000000U);
    uint8_t a[32] = {0}, b[32] = {0};
    check(plat_entropy(a, sizeof a) == 0 && plat_entropy(b, sizeof b) == 0);
    check(memcmp(a, b, sizeof a) != 0);
    say("clocks work\n");
}

/* ---- Stacks ---------------------------------------------------------------- */

#define STACK_LEN 65536

static ucontext_t first, second;
static void *saved_first, *saved_second;
static int depth_wanted;

/* The frame is used after the call, lest a compiler make a loop of it. */
static int recurse(int depth)
{
    volatile char frame[512];
    memset((void *)(uintptr_t)frame, depth, sizeof frame);
    int below = depth > 0 ? recurse(depth - 1) : 0;
    __asm__ volatile("" : : "r"(frame) : "memory");
    return below + frame[0];
}

static void on_second(void)
{
    plat_stack_enter(saved_second);
    say(recurse(depth_wanted) == 1 ? "?" : "second stack\n");
    plat_stack_leave(&saved_second, NULL, 0, true);
    setcontext(&first);
}

static void use_stacks(int depth)
{
    struct supply pages = {.limit = 2 * STACK_LEN};
    void *stack = plat_stack_new(&pages, STACK_LEN);
    void *other = plat_stack_new(&pages, STACK_LEN);
    check(stack && other && !plat_stack_new(&pages, 4096) && pages.refused == 1);
    plat_stack_free(&pages, other, STACK_LEN);
    check(pages.used == STACK_LEN);
    depth_wanted = depth;
    getcontext(&second);
    second.uc_stack.ss_sp = stack;
    second.uc_stack.ss_size = STACK_LEN;
    makecontext(&second, on_second, 0);
    plat_stack_leave(&saved_first, stack, STACK_LEN, false);
    swapcontext(&first, &second);
    plat_stack_enter(saved_first);
    plat_stack_free(&pages, stack, STACK_LEN);
    say("first stack\n");
}

_Noreturn void rt_stack_overflow(void)
{
    say("stack overflow\n");
    plat_abort();
}

_Noreturn void rt_fault(const char *what)
{
    printf("%s\n", what);
    fflush(stdout);
    plat_abort();
}

/* (A sanitizer would find it before the processor does.) */
__attribute__((no_sanitize("undefined", "address"))) static void fault(void)
{
    static int *volatile nowhere = (int *)16;
    *nowhere = 1;
}

_Noreturn void check_failed(const char *expr, const char *file, int line)
{
    printf("%s:%d: %s\n", file, line, expr);
    plat_abort();
}

static void tell_symbol(void)
{
    uintptr_t start = 0;
    const char *name = plat_symbol((uintptr_t)tell_symbol + 3, &start);
    check(start == (uintptr_t)tell_symbol);
    check(!plat_symbol(16, &start));
    printf("symbol %s\n", name);
}

int rt_start(void)
{
    const struct plat_boot *b = plat_boot();
    const char *what = b->argc > 1 ? b->argv[1] : "boot";
    if (strcmp(what, "disk") == 0)
        use_disk();
    else if (strcmp(what, "network") == 0)
        use_network();
    else if (strcmp(what, "clocks") == 0)
        use_clocks();
    else if (strcmp(what, "stacks") == 0)
        use_stacks(20);
    else if (strcmp(what, "overflow") == 0)
        use_stacks(1000);
    else if (strcmp(what, "symbol") == 0)
        tell_symbol();
    else if (strcmp(what, "fault") == 0)
        fault();
    else if (strcmp(what, "abort") == 0)
        plat_abort();
    else if (strcmp(what, "exit") == 0)
        plat_exit(atoi(b->argv[2]));
    else if (strcmp(what, "wait") == 0)
        for (say("ready\n");;)
            (void)plat_wait(PLAT_NEVER);
    else
        tell_boot();
    return 0;
}
