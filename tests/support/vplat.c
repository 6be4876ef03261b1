/* SPDX-License-Identifier: ISC */
#include "tests/support/vplat.h"

#include "base/list.h"
#include "rt/budget.h"
#include "rt/leak.h"
#include "rt/pages.h"
#include <drupe/app.h>
#include <drupe/log.h>

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define PAGE           4096U
#define FIRST_STACK    (1U << 20)
#define ARGS_MAX       32
#define CONSOLE_OCTETS (1U << 20)
#define DEVICES_MAX    8

struct frame {
    struct list link;
    size_t len;
    bool malformed;
    struct offload work;
    uint8_t octet[];
};

struct device {
    const char *name;
    struct plat_net_info info;
    struct list inward, outward;
    size_t inward_count, outward_count;
    vplat_peer_fn *peer;
    void *peer_arg;
    unsigned full;
    bool gone, gone_told; /* its host side went away; the image was woken for it */
};

struct event {
    struct list link;
    uint64_t at;
    void (*fn)(void *arg);
    void *arg;
    struct frame *frame; /* with it: arrives at `handle` */
    int handle;
};

struct stack {
    struct list link;
    uint8_t *at;
    size_t len;
};

struct vplat vplat;

static struct plat_boot boot;
static char *argv[ARGS_MAX + 2];
static char console[CONSOLE_OCTETS];
static size_t console_len;
static uint64_t entropy_state;
static struct device devices[DEVICES_MAX];
static int device_count;
static struct list events, stacks;

static uint8_t *mapped; /* the image's memory */
static size_t mapped_len;
static uint8_t *first_stack;

/* ---- Setting up ------------------------------------------------------------ */

static void drop_frames(struct list *l)
{
    for (struct list *e; (e = list_pop(l)) != NULL;)
        free(container_of(e, struct frame, link));
}

static void drop_events(void)
{
    for (struct list *e; (e = list_pop(&events)) != NULL;) {
        struct event *event = container_of(e, struct event, link);
        free(event->frame);
        free(event);
    }
}

static void drop_stacks(void)
{
    for (struct list *e; (e = list_pop(&stacks)) != NULL;) {
        struct stack *s = container_of(e, struct stack, link);
        munmap(s->at - PAGE, s->len + PAGE);
        free(s);
    }
}

void vplat_reset(void)
{
    if (!events.next) {
        list_init(&events);
        list_init(&stacks);
    }
    drop_events();
    drop_stacks();
    for (int i = 0; i < device_count; i++) {
        drop_frames(&devices[i].inward);
        drop_frames(&devices[i].outward);
    }
    device_count = 0;
    vplat_console_clear();
    vplat_args(NULL);
    vplat_seed(1);
    vplat = (struct vplat){.now = VPLAT_START,
                           .wall = VPLAT_WALL_START,
                           .mem_len = 32U << 20,
                           .log_level = DR_LOG_INFO};
}

void vplat_args(const char *first, ...)
{
    static char name[] = "test";
    int n = 0;
    va_list more;
    va_start(more, first);
    argv[n++] = name;
    for (const char *a = first; a; a = va_arg(more, const char *)) {
        if (n > ARGS_MAX)
            abort();
        union {
            const char *in;
            char *out;
        } text = {.in = a}; /* argv is not constant, but nobody writes to it */
        argv[n++] = text.out;
    }
    va_end(more);
    argv[n] = NULL;
    boot.argc = n;
    boot.argv = argv;
}

void vplat_seed(uint64_t seed)
{
    entropy_state = seed * 2654435769U + 1;
}

/* ---- Running --------------------------------------------------------------- */

/* AddressSanitizer's own calls, absent in builds without it. */
void __sanitizer_start_switch_fiber(void **save, const void *bottom, size_t size)
    __attribute__((weak));
void __sanitizer_finish_switch_fiber(void *saved, const void **bottom, size_t *size)
    __attribute__((weak));
void __asan_unpoison_memory_region(void const volatile *at, size_t len) __attribute__((weak));

static ucontext_t outside, inside;
static void *outside_fake;         /* what the sanitizer saved of the test's stack */
static const void *outside_bottom; /* and where that is */
static size_t outside_size;
static bool running;
static int ended_with;
static jmp_buf *failed_at;
static void (*entry_fn)(void);

static int (*body_fn)(void);
static struct dr_arg app_args[2];

/* Where the image runs now, and a stack that its task has left for good. */
static uint8_t *current_stack;
static size_t current_len;
static uint8_t *dead_stack;
static size_t dead_len;

static void switch_start(void **save, const void *bottom, size_t len)
{
    if (__sanitizer_start_switch_fiber)
        __sanitizer_start_switch_fiber(save, bottom, len);
}

static void switch_finish(void *saved, const void **bottom, size_t *len)
{
    if (__sanitizer_finish_switch_fiber)
        __sanitizer_finish_switch_fiber(saved, bottom, len);
}

static void unpoison(const void *at, size_t len)
{
    if (__asan_unpoison_memory_region)
        __asan_unpoison_memory_region(at, len);
}

static _Noreturn void end_image(int status)
{
    ended_with = status;
    switch_start(NULL, outside_bottom, outside_size);
    setcontext(&outside);
    abort();
}

static void first_frame(void)
{
    switch_finish(NULL, &outside_bottom, &outside_size);
    entry_fn();
    end_image(0);
}

static void prepare_memory(void)
{
    if (mapped)
        munmap(mapped, mapped_len);
    mapped_len = vplat.mem_len;
    mapped = mmap(NULL, mapped_len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (!first_stack)
        first_stack =
            mmap(NULL, FIRST_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED || first_stack == MAP_FAILED)
        abort();
    unpoison(mapped, mapped_len);
    unpoison(first_stack, FIRST_STACK);
    boot.mem = mapped;
    boot.mem_len = mapped_len;
    boot.budget = mapped_len;
    boot.log_level = vplat.log_level;
    pages_init(boot.mem, boot.mem_len);
    budget_init();
}

int vplat_run_bare(void (*entry)(void))
{
    if (running)
        abort();
    prepare_memory();
    entry_fn = entry;
    failed_at = NULL;
    dead_stack = NULL;
    current_stack = first_stack;
    current_len = FIRST_STACK;
    running = true;
    if (getcontext(&inside) != 0)
        abort();
    inside.uc_stack.ss_sp = first_stack;
    inside.uc_stack.ss_size = FIRST_STACK;
    inside.uc_link = NULL;
    makecontext(&inside, first_frame, 0);
    switch_start(&outside_fake, first_stack, FIRST_STACK);
    swapcontext(&outside, &inside);
    switch_finish(outside_fake, NULL, NULL);
    running = false;
    if (failed_at)
        longjmp(*failed_at, 1);
    return ended_with;
}

static int app_main(void)
{
    return body_fn();
}

/* The application: its fields that tests choose are in `vplat`, which is set before
 * the runtime looks. */
struct dr_app_variable {
    struct dr_app app;
};
extern struct dr_app_variable vplat_app __asm__("dr_app");
struct dr_app_variable vplat_app = {
    {.name = "test", .about = "A test.", .args = app_args, .main = app_main}};

static void start(void)
{
    plat_exit(rt_start());
}

int vplat_run(int (*body)(void))
{
    body_fn = body;
    app_args[0] =
        vplat.args ? (struct dr_arg)DR_ARG_TABLE(vplat.args) : (struct dr_arg)DR_ARG_END;
    app_args[1] = (struct dr_arg)DR_ARG_END;
    vplat_app.app.stack_len = vplat.stack_len;
    return vplat_run_bare(start);
}

_Noreturn void vplat_check_failed(jmp_buf *end)
{
    if (!running)
        longjmp(*end, 1);
    failed_at = end;
    end_image(0);
}

/* ---- The console ----------------------------------------------------------- */

const char *vplat_console(void)
{
    return console;
}

void vplat_console_clear(void)
{
    console_len = 0;
    console[0] = '\0';
}

void plat_console_write(const void *buf, size_t len)
{
    if (getenv("VPLAT_ECHO") && write(STDERR_FILENO, buf, len) < 0)
        abort();
    size_t room = CONSOLE_OCTETS - 1 - console_len;
    size_t n = len < room ? len : room;
    memcpy(console + console_len, buf, n);
    console_len += n;
    console[console_len] = '\0';
}

/* ---- Time and events ------------------------------------------------------- */

uint64_t plat_clock_monotonic(void)
{
    return vplat.now;
}

uint64_t plat_clock_wall(void)
{
    return vplat.wall + (vplat.now - VPLAT_START);
}

void vplat_advance(uint64_t ns)
{
    vplat.now += ns;
}

static void add_event(struct event e)
{
    struct event *copy = malloc(sizeof *copy);
    if (!copy)
        abort();
    *copy = e;
    struct list *before = events.prev;
    while (before != &events && container_of(before, struct event, link)->at > e.at)
        before = before->prev;
    list_push(before->next, &copy->link);
}

void vplat_at(uint64_t at, void (*fn)(void *arg), void *arg)
{
    add_event((struct event){.at = at, .fn = fn, .arg = arg});
}

static uint64_t next_event(void)
{
    return list_empty(&events) ? PLAT_NEVER : container_of(events.next, struct event, link)->at;
}

static void receive(int handle, struct frame *f)
{
    struct device *d = &devices[handle - 1];
    list_push(&d->inward, &f->link);
    d->inward_count++;
}

static void happen(void)
{
    while (next_event() <= vplat.now) {
        struct event *e = container_of(list_pop(&events), struct event, link);
        if (e->frame)
            receive(e->handle, e->frame);
        else
            e->fn(e->arg);
        free(e);
    }
}

static uint64_t readable(void)
{
    uint64_t set = 0;
    for (int i = 0; i < device_count; i++) {
        struct device *d = &devices[i];
        if (d->gone ? !d->gone_told : d->inward_count > 0)
            set |= 1ULL << (i + 1);
        d->gone_told = d->gone;
    }
    return set;
}

uint64_t plat_wait(uint64_t deadline)
{
    vplat.waits++;
    if (deadline <= vplat.now)
        vplat.polls++;
    if (vplat.on_wait)
        vplat.on_wait(deadline);
    for (;;) {
        happen();
        uint64_t set = readable();
        if (set || deadline <= vplat.now)
            return set;
        uint64_t next = next_event();
        if (next > deadline)
            next = deadline;
        if (next == PLAT_NEVER)
            end_image(VPLAT_STUCK);
        vplat.now = next;
    }
}

/* ---- Network devices ------------------------------------------------------- */

static struct frame *frame_of(const void *octets, size_t len)
{
    struct frame *f = malloc(sizeof *f + len);
    if (!f)
        abort();
    list_init(&f->link);
    f->len = len;
    f->work = (struct offload){0};
    f->malformed = false;
    memcpy(f->octet, octets, len);
    return f;
}

static struct device *device_of(int handle)
{
    if (handle < 1 || handle > device_count)
        abort();
    return &devices[handle - 1];
}

int vplat_net_add(const char *name, const uint8_t mac[6], uint16_t mtu)
{
    if (device_count == DEVICES_MAX)
        abort();
    struct device *d = &devices[device_count++];
    *d = (struct device){.name = name, .info.mtu = mtu};
    memcpy(d->info.mac, mac, 6);
    list_init(&d->inward);
    list_init(&d->outward);
    vplat_net_offer(device_count, 0);
    return device_count;
}

void vplat_net_offer(int handle, uint32_t features)
{
    struct plat_net_info *info = &device_of(handle)->info;
    info->features = features;
    info->room = offload_frame_max(features, info->mtu);
}

void vplat_net_push_with(int handle, const void *frame, size_t len, const struct offload *work)
{
    device_of(handle);
    struct frame *f = frame_of(frame, len);
    f->work = *work;
    receive(handle, f);
}

void vplat_net_push(int handle, const void *frame, size_t len)
{
    device_of(handle);
    receive(handle, frame_of(frame, len));
}

void vplat_net_push_malformed(int handle)
{
    device_of(handle);
    struct frame *f = frame_of("", 0);
    f->malformed = true;
    receive(handle, f);
}

void vplat_net_push_at(uint64_t at, int handle, const void *frame, size_t len)
{
    device_of(handle);
    add_event((struct event){.at = at, .frame = frame_of(frame, len), .handle = handle});
}

ssize_t vplat_net_pop(int handle, void *buf, size_t size)
{
    struct device *d = device_of(handle);
    struct list *e = list_pop(&d->outward);
    if (!e)
        return -1;
    d->outward_count--;
    struct frame *f = container_of(e, struct frame, link);
    size_t len = f->len;
    memcpy(buf, f->octet, len < size ? len : size);
    free(f);
    return (ssize_t)len;
}

void vplat_net_peer(int handle, vplat_peer_fn *peer, void *arg)
{
    device_of(handle)->peer = peer;
    device_of(handle)->peer_arg = arg;
}

void vplat_net_full(int handle, unsigned n)
{
    device_of(handle)->full = n;
}

void vplat_net_gone(int handle)
{
    device_of(handle)->gone = true;
}

size_t vplat_net_inward(int handle)
{
    return device_of(handle)->inward_count;
}

size_t vplat_net_outward(int handle)
{
    return device_of(handle)->outward_count;
}

int plat_net_acquire(const char *name, struct plat_net_info *info)
{
    for (int i = 0; i < device_count; i++) {
        if (strcmp(devices[i].name, name) != 0)
            continue;
        *info = devices[i].info;
        return i + 1;
    }
    return -ENODEV;
}

const char *plat_net_name(unsigned n)
{
    return n < (unsigned)device_count ? devices[n].name : NULL;
}

int plat_net_read(int handle, void *buf, size_t size, struct plat_net_in *in)
{
    struct device *d = device_of(handle);
    struct list *e = list_pop(&d->inward);
    if (!e)
        return d->gone ? -EIO : -EAGAIN;
    d->inward_count--;
    struct frame *f = container_of(e, struct frame, link);
    if (f->malformed) {
        free(f);
        return -EBADMSG;
    }
    size_t len = f->len < size ? f->len : size;
    memcpy(buf, f->octet, len);
    *in = (struct plat_net_in){.frame = bytes_of(buf, len), .work = f->work};
    free(f);
    return 0;
}

static struct frame *gather(const struct bytes *part, unsigned parts, size_t len)
{
    struct frame *f = frame_of("", 0);
    f = realloc(f, sizeof *f + len);
    if (!f)
        abort();
    list_init(&f->link);
    f->len = 0;
    for (unsigned i = 0; i < parts; f->len += part[i++].len)
        memcpy(f->octet + f->len, part[i].at, part[i].len);
    return f;
}

/* What the device does not offer is a bug of who asks for it. */
static void check_asked(const struct device *d, unsigned parts, const struct offload *work)
{
    if (parts == 0 || parts > (d->info.features ? PLAT_NET_PARTS_MAX : 1) ||
        (work->partial && !(d->info.features & OFFLOAD_CSUM)) ||
        (work->segment_len && !(d->info.features & OFFLOAD_TSO4)))
        abort();
}

int plat_net_write(int handle, const struct bytes *part, unsigned parts,
                   const struct offload *work)
{
    struct device *d = device_of(handle);
    struct offload asked = work ? *work : (struct offload){0};
    size_t len = 0;
    for (unsigned i = 0; i < parts; i++)
        len += part[i].len;
    check_asked(d, parts, &asked);
    if (d->gone || len > (asked.segment_len ? OFFLOAD_FRAME_MAX : (size_t)d->info.mtu + 14U))
        return -EIO;
    if (d->full) {
        d->full--;
        return -EAGAIN;
    }
    struct frame *f = gather(part, parts, len);
    f->work = vplat.last_work = asked;
    if (d->peer) {
        d->peer(d->peer_arg, handle, f->octet, len);
        free(f);
        return 0;
    }
    list_push(&d->outward, &f->link);
    d->outward_count++;
    return 0;
}

/* ---- Stacks ---------------------------------------------------------------- */

/* The supply is only charged: its pages have no guards. */
void *plat_stack_new(struct supply *pages, size_t len)
{
    bool refused = vplat.refuse_stack > 0 && --vplat.refuse_stack == 0;
    if (refused || len > pages->limit - pages->used) {
        pages->refused++;
        return NULL;
    }
    pages->used += len;
    uint8_t *at = mmap(NULL, len + PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct stack *s = malloc(sizeof *s);
    if (at == MAP_FAILED || !s || mprotect(at + PAGE, len, PROT_READ | PROT_WRITE) != 0)
        abort();
    *s = (struct stack){.at = at + PAGE, .len = len};
    list_push(&stacks, &s->link);
    unpoison(s->at, len);
    vplat.stacks++;
    vplat.stacks_made++;
    vplat.last_stack = s->at;
    return s->at;
}

void plat_stack_free(struct supply *pages, void *stack, size_t len)
{
    (void)pages;
    list_each(e, &stacks) {
        struct stack *s = container_of(e, struct stack, link);
        if (s->at != stack || s->len != len)
            continue;
        list_remove(e);
        munmap(s->at - PAGE, s->len + PAGE);
        free(s);
        vplat.stacks--;
        return;
    }
    abort();
}

void plat_stack_leave(void **saved, void *stack, size_t len, bool ending)
{
    if (ending) {
        dead_stack = current_stack;
        dead_len = current_len;
    }
    current_stack = stack ? stack : first_stack;
    current_len = stack ? len : FIRST_STACK;
    switch_start(ending ? NULL : saved, current_stack, current_len);
}

void plat_stack_enter(void *saved)
{
    switch_finish(saved, NULL, NULL);
    /* A stack that will be used anew must not remember the last task's frames. */
    if (dead_stack)
        unpoison(dead_stack, dead_len);
    dead_stack = NULL;
}

/* ---- The rest -------------------------------------------------------------- */

const struct plat_boot *plat_boot(void)
{
    return &boot;
}

int plat_entropy(void *buf, size_t len)
{
    uint8_t *out = buf;
    if (vplat.no_entropy)
        return -EIO;
    for (size_t i = 0; i < len; i++) {
        entropy_state = entropy_state * 6364136223846793005U + 1442695040888963407U;
        out[i] = (uint8_t)(entropy_state >> 56);
    }
    return 0;
}

_Noreturn void plat_exit(int status)
{
    end_image(status);
}

_Noreturn void plat_abort(void)
{
    end_image(255);
}

int plat_block_acquire(const char *name, struct plat_block_info *info)
{
    (void)name;
    (void)info;
    return -ENODEV;
}

int plat_block_read(int handle, uint64_t offset, void *buf, size_t len)
{
    (void)handle;
    (void)offset;
    (void)buf;
    (void)len;
    return -EIO;
}

int plat_block_write(int handle, uint64_t offset, const void *buf, size_t len)
{
    (void)handle;
    (void)offset;
    (void)buf;
    (void)len;
    return -EIO;
}

int plat_block_flush(int handle)
{
    (void)handle;
    return -EIO;
}

int plat_block_discard(int handle, uint64_t offset, uint64_t len)
{
    (void)handle;
    (void)offset;
    (void)len;
    return -EIO;
}

const char *plat_symbol(uintptr_t pc, uintptr_t *start)
{
    (void)pc;
    (void)start;
    return NULL;
}

/* The tests' build: a leak ends the image, unless the test wants to see it. */
void rt_leaked(const char *what, const char *task)
{
    vplat.leaks++;
    if (!vplat.leaks_allowed)
        dr_panic("%s left behind by task %s", what, task);
}
