/* SPDX-License-Identifier: ISC */
/* A target tried from inside: a runtime that does nothing but that. With the argument overflow
 * it uses up the first stack instead. */
#include "base/check.h"
#include "plat/plat.h"
#include <drupe/app.h>
#include "rt/budget.h"
#include "rt/pages.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MS          1000000U
#define STACK       32768U
#define LAST_FRAMES 20U

static int failed;

static void ok(bool passed, const char *name)
{
    printf("%s %s\n", passed ? "ok" : "not ok", name);
    failed |= !passed;
}

/* The parts of the runtime that start-up calls. */
void pages_init(uint8_t *mem, size_t len)
{
    (void)mem, (void)len;
}

void budget_init(void)
{
}

_Noreturn void check_failed(const char *expr, const char *file, int line)
{
    printf("not ok %s:%d: %s\n", file, line, expr);
    fflush(stdout);
    plat_abort();
}

_Noreturn void dr_panic_at(const char *file, int line, const char *fmt, ...)
{
    check_failed(fmt, file, line);
}

_Noreturn void rt_stack_overflow(void)
{
    static const char line[] = "stack overflow\n";
    plat_console_write(line, sizeof line - 1);
    plat_abort();
}

_Noreturn void rt_fault(const char *what)
{
    plat_console_write(what, strlen(what));
    plat_abort();
}

size_t rt_stack_len(void)
{
    return STACK;
}

size_t rt_stack_share(size_t mem_len)
{
    return mem_len / 16;
}

static void try_start(void)
{
    const struct plat_boot *boot = plat_boot();
    ok(boot->argc == 4 && strcmp(boot->argv[1], "a b") == 0 &&
           strcmp(boot->argv[2], "c") == 0 && strcmp(boot->argv[3], "\"") == 0 &&
           !boot->argv[4],
       "arguments_with_blanks_and_quotes_arrive_as_they_were_given");
    ok(boot->log_level == 2, "the_log_level_is_taken_from_the_first_words");
    ok(boot->budget == 8U << 20 && boot->mem_len > 6U << 20 && boot->mem_len < boot->budget,
       "the_memory_is_what_the_tender_gave");
    ok((uintptr_t)boot->mem % PAGE_LEN == 0 && boot->mem_len % PAGE_LEN == 0,
       "the_memory_is_whole_pages");
    memset(boot->mem, 1, boot->mem_len);
    ok(true, "all_of_the_memory_can_be_written");
}

/* Where a target takes stacks from the supply: from an array. */
static void *get_some(struct supply *s, size_t len)
{
    static _Alignas(PAGE_LEN) uint8_t some[4 * STACK];
    void *at = some + s->used;
    return len <= sizeof some - s->used ? at : NULL;
}

static void put_some(struct supply *s, void *at, size_t len)
{
    (void)s, (void)at, (void)len;
}

static void try_stacks(void)
{
    struct supply pages = {.get = get_some, .put = put_some, .limit = 4 * STACK};
    uint8_t *stack[100];
    unsigned n = 0;
    while (n < 100 && (stack[n] = plat_stack_new(&pages, STACK)) != NULL)
        memset(stack[n++], 1, STACK);
    ok(n >= 4 && n < 100 && pages.refused == 1, "stacks_are_handed_out_until_none_is_left");
    bool apart = true;
    for (unsigned i = 0; i < n; i++)
        for (unsigned k = 0; k < i; k++)
            apart &= stack[i] >= stack[k] + STACK || stack[k] >= stack[i] + STACK;
    ok(apart && (uintptr_t)stack[0] % PAGE_LEN == 0, "no_two_stacks_overlap");
    plat_stack_free(&pages, stack[n - 1], STACK);
    ok(plat_stack_new(&pages, STACK) == stack[n - 1], "a_stack_that_was_freed_is_there_again");
}

__attribute__((noinline)) static void descend(volatile char *above)
{
    volatile char frame[1000];
    frame[0] = *above + 1;
    if (plat_boot()) /* always: but a compiler would refuse what never ends */
        descend(frame);
    *above = frame[0];
}

static void try_symbols(void)
{
    uintptr_t start = 0;
    const char *name = plat_symbol((uintptr_t)try_symbols + 1, &start);
    ok(name && strcmp(name, "try_symbols") == 0 && start == (uintptr_t)try_symbols,
       "a_function_is_named_by_an_address_in_it");
    ok(!plat_symbol(0x1000, &start) && !plat_symbol((uintptr_t)&failed, &start),
       "what_is_not_code_has_no_name");
}

static void try_entropy(void)
{
    uint8_t a[200] = {0}, b[200] = {0};
    ok(plat_entropy(a, sizeof a) == 0 && plat_entropy(b, sizeof b) == 0 &&
           memcmp(a, b, sizeof a) != 0 && memcmp(a, a + 100, 100) != 0,
       "randomness_does_not_repeat");
}

static void try_wait(void)
{
    uint64_t begin = plat_clock_monotonic();
    ok(plat_wait(0) == 0 && plat_wait(begin) == 0 && plat_wait(1) == 0,
       "a_deadline_in_the_past_polls");
    uint64_t deadline = plat_clock_monotonic() + 5 * MS;
    while (plat_clock_monotonic() < deadline)
        plat_wait(deadline);
    ok(plat_wait(deadline) == 0, "a_deadline_that_passed_does_so_again");
    uint64_t later = plat_clock_monotonic() + 5 * MS;
    plat_wait(later);
    ok(plat_clock_monotonic() >= later, "a_later_deadline_is_waited_for_after_one_that_passed");
    ok(plat_clock_wall() > 1700000000U * UINT64_C(1000000000), "the_wall_clock_has_the_date");
}

static void try_block(void)
{
    static uint8_t block[512], back[512];
    struct plat_block_info info;
    int disk = plat_block_acquire("disk", &info);
    ok(disk == 2 && info.block_size == 512 && info.capacity == 4096,
       "a_block_device_is_found_by_name");
    ok(plat_block_acquire("service", &info) == -ENODEV &&
           plat_block_acquire("x", &info) == -ENODEV,
       "a_name_of_another_kind_or_of_none_is_no_device");
    memset(block, 0xa5, sizeof block);
    ok(plat_block_write(disk, 3584, block, 512) == 0 &&
           plat_block_read(disk, 3584, back, 512) == 0 && memcmp(block, back, 512) == 0,
       "the_last_block_is_written_and_read_back");
    ok(plat_block_read(disk, 4096, back, 512) == -EINVAL &&
           plat_block_read(disk, 1, back, 512) == -EINVAL &&
           plat_block_read(disk, 0, back, 1000) == -EINVAL &&
           plat_block_read(disk, 3584, back, 1024) == -EINVAL &&
           plat_block_write(disk, 3584, back, 1024) == -EINVAL &&
           plat_block_read(disk, 0, back, 8192) == -EINVAL &&
           plat_block_read(disk, 0, back, 0) == -EINVAL &&
           plat_block_read(disk, UINT64_MAX - 511, back, 512) == -EINVAL &&
           plat_block_read(1, 0, back, 512) == -EINVAL &&
           plat_block_read(63, 0, back, 512) == -EINVAL,
       "what_is_not_whole_blocks_of_the_device_is_refused");
}

/* The length of the frame that was read, or the error. */
static int read_frame(int net, uint8_t *back, size_t size)
{
    struct plat_net_in in;
    int err = plat_net_read(net, back, size, &in);
    if (err == 0)
        memmove(back, in.frame.at, in.frame.len);
    return err ? err : (int)in.frame.len;
}

static int write_frame(int net, const uint8_t *frame, size_t len)
{
    const struct bytes whole = bytes_of(frame, len);
    return plat_net_write(net, &whole, 1, NULL);
}

/* The other end is closed by now, or soon. */
static bool all_are(const uint8_t *at, size_t len, uint8_t value)
{
    for (size_t i = 0; i < len; i++)
        if (at[i] != value)
            return false;
    return true;
}

static void try_blocks(void)
{
    static uint8_t three[1536], back[4096];
    struct plat_block_info info;
    int disk = plat_block_acquire("disk", &info);
    memset(three, 0x3c, sizeof three);
    ok(plat_block_write(disk, 512, three, sizeof three) == 0 &&
           plat_block_read(disk, 0, back, sizeof back) == 0 && all_are(back, 512, 0) &&
           all_are(back + 512, 1536, 0x3c) && all_are(back + 2048, 1536, 0) &&
           all_are(back + 3584, 512, 0xa5),
       "several_blocks_are_written_and_read_at_once");
    int flushed = plat_block_flush(disk);
    ok(flushed == (info.features & PLAT_BLOCK_FLUSH ? 0 : -EOPNOTSUPP) &&
           plat_block_flush(1) == -EINVAL,
       "what_was_written_is_flushed_where_the_tender_does_that");
    ok(plat_block_discard(disk, 512, 100) == -EINVAL &&
           plat_block_discard(disk, 3584, 1024) == -EINVAL &&
           plat_block_discard(disk, 0, 0) == -EINVAL &&
           plat_block_discard(1, 0, 512) == -EINVAL,
       "only_whole_blocks_of_the_device_are_discarded");
    int discarded = plat_block_discard(disk, 1024, 512);
    ok(discarded == -EOPNOTSUPP ||
           ((info.features & PLAT_BLOCK_DISCARD) && discarded == 0 &&
            plat_block_read(disk, 0, back, sizeof back) == 0 &&
            all_are(back + 512, 512, 0x3c) && all_are(back + 1024, 512, 0) &&
            all_are(back + 1536, 512, 0x3c)),
       "what_was_discarded_reads_as_zeroes");
}

static void try_end(int net)
{
    static uint8_t frame[1514], back[1514];
    uint64_t deadline = plat_clock_monotonic() + 2000U * MS;
    int n;
    while ((n = read_frame(net, back, sizeof back)) == -EAGAIN &&
           plat_clock_monotonic() < deadline)
        plat_wait(deadline);
    ok(n == -EIO && read_frame(net, back, sizeof back) == -EAGAIN &&
           write_frame(net, frame, 60) == -EIO,
       "the_end_of_a_device_is_told_once");
    ok(plat_wait(0) == 0, "a_device_that_is_gone_is_not_ready");
}

static void try_net(void)
{
    static uint8_t frame[1515], back[1514];
    struct plat_net_info info;
    int net = plat_net_acquire("service", &info);
    ok(net == 1 && info.mtu == 1500 && plat_net_acquire("disk", &info) == -ENODEV,
       "a_network_device_is_found_by_name");
    ok(plat_net_name(0) && strcmp(plat_net_name(0), "service") == 0 && !plat_net_name(1),
       "network_devices_are_listed");
    ok(read_frame(net, back, sizeof back) == -EAGAIN, "reading_does_not_wait");
    memset(frame, 0x5a, sizeof frame);
    ok(write_frame(net, frame, 1514) == 0 && write_frame(net, frame, 1515) == -EIO,
       "a_frame_of_the_largest_size_is_written_and_no_larger_one");
    while (!plat_wait(PLAT_NEVER))
        ;
    ok(read_frame(net, back, sizeof back) == 1514 && memcmp(frame, back, sizeof back) == 0,
       "the_wait_ends_when_a_frame_is_there");
    try_end(net);
}

/* As the last thing that it does: the frames must come out. */
static void send_and_leave(void)
{
    static uint8_t frame[200];
    struct plat_net_info info;
    int net = plat_net_acquire("service", &info);
    for (unsigned i = 0; i < LAST_FRAMES; i++) {
        frame[100] = (uint8_t)i;
        if (write_frame(net, frame, sizeof frame) != 0)
            plat_exit(2);
    }
    plat_exit(0);
}

int rt_start(void)
{
    if (plat_boot()->argc == 2 && strcmp(plat_boot()->argv[1], "leave") == 0)
        send_and_leave();
    if (plat_boot()->argc == 2 && strcmp(plat_boot()->argv[1], "overflow") == 0)
        descend(&(volatile char){0});
    try_start();
    try_stacks();
    try_symbols();
    try_entropy();
    try_wait();
    try_block();
    try_blocks();
    try_net();
    fflush(stdout);
    if (failed)
        plat_exit(2);
    plat_wait(PLAT_NEVER); /* ends the image, status 1: see target.sh */
    plat_exit(3);
}
