/* SPDX-License-Identifier: ISC */
/* An image for drupe-hvt that does one thing, named on its command line, without any
 * library: the other side of the contract, for tests of the tender. It stays at ring 0 and
 * uses general registers only. Its status is 0 when what it did went as the contract says,
 * else the line where it did not, modulo 200. */
#include <abi/hvt.h>

#include <stdbool.h>

/* ---- Notes ----------------------------------------------------------------- */

#define NOTE(section_) __attribute__((section(section_), used, aligned(4)))

static const struct {
    uint32_t name_len, desc_len, type;
    char name[8];
    struct abi_note desc;
} abi_note NOTE(".note.abi") = {ABI_NOTE_NAME_LEN,
                                sizeof(struct abi_note),
                                ABI_NOTE_ABI,
                                ABI_NOTE_NAME,
                                {ABI_TARGET_HVT, ABI_VERSION_HVT, {0, 0}}};

#define ENTRIES (sizeof devices.entry / sizeof devices.entry[0])
static const struct {
    struct abi_manifest_note_head head;
    uint32_t version, entries;
    struct abi_manifest_entry entry[GUEST_ENTRIES];
} devices NOTE(".note.manifest") = {
    {ABI_NOTE_NAME_LEN, 4 + 8 + sizeof devices.entry, ABI_NOTE_MANIFEST, ABI_NOTE_NAME, 0},
    ABI_MANIFEST_VERSION,
    ENTRIES,
    {{.type = ABI_DEVICE_RESERVED_FIRST}, GUEST_DEVICES}};

/* ---- Calls ----------------------------------------------------------------- */

static void out32(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "d"(port) : "memory");
}

static void call(enum hvt_call n, const void *argument)
{
    out32((uint16_t)(HVT_CALL_PORT + n), (uint32_t)(uintptr_t)argument);
}

static _Noreturn void end(long status)
{
    struct hvt_halt h = {.exit_status = (int32_t)status};
    for (;;)
        call(HVT_HALT, &h);
}

#define EXPECT(expr)                                                                           \
    do {                                                                                       \
        if (!(expr))                                                                           \
            end(__LINE__ % 200 + 1);                                                           \
    } while (0)

static size_t length(const char *text)
{
    size_t n = 0;
    while (text[n])
        n++;
    return n;
}

static void say(const char *text)
{
    struct hvt_puts p = {.data = (uintptr_t)text, .len = length(text)};
    call(HVT_PUTS, &p);
}

static void say_number(const char *what, uint64_t n)
{
    char digits[24];
    size_t i = sizeof digits;
    digits[--i] = 0;
    digits[--i] = '\n';
    do
        digits[--i] = (char)('0' + n % 10);
    while ((n /= 10) != 0);
    say(what);
    say(" ");
    say(digits + i);
}

/* ---- The command line ------------------------------------------------------ */

static const struct hvt_boot_info *boot;
static uint8_t buffer[4096] __attribute__((aligned(4096)));
static const uint64_t constant = 0x1234;
static volatile uint64_t datum = 0x5678; /* so that there is a segment of data */
static const char *next;                 /* what is left of it */
extern char guest_end[];

static void skip_blanks(void)
{
    while (*next == ' ')
        next++;
}

/* Takes `word` if it comes next. */
static bool takes(const char *word)
{
    const char *at = next;
    for (; *word; word++, at++)
        if (*at != *word)
            return false;
    if (*at && *at != ' ' && *at != '+' && *at != '-')
        return false;
    next = at;
    skip_blanks();
    return true;
}

static uint64_t digits(void)
{
    uint64_t n = 0;
    for (; *next >= '0' && *next <= '9'; next++)
        n = n * 10 + (uint64_t)(*next - '0');
    skip_blanks();
    return n;
}

/* A number, or a place in memory, and what is added to it: "top-8". */
static uint64_t number(void)
{
    uint64_t n = takes("top")     ? boot->mem_size
                 : takes("buf")   ? (uintptr_t)buffer
                 : takes("text")  ? ABI_LOAD_MIN
                 : takes("const") ? (uintptr_t)&constant
                                  : digits();
    while (*next == '+' || *next == '-') {
        bool minus = *next++ == '-';
        uint64_t by = digits();
        n = minus ? n - by : n + by;
    }
    return n;
}

/* ---- What it is told ------------------------------------------------------- */

static void tell_devices(const struct abi_manifest *m)
{
    for (unsigned i = 1; i < m->entries; i++) {
        const struct abi_manifest_entry *d = &m->entry[i];
        EXPECT(d->attached == 1 && d->b.data == 0);
        if (d->type == ABI_DEVICE_NET) {
            say_number("mtu", d->u.net.mtu);
            say_number("mac5", d->u.net.mac[5]);
        } else {
            say_number("capacity", d->u.block.capacity);
            say_number("sector", d->u.block.block_size);
        }
    }
}

static void tell_boot_info(void)
{
    const struct hvt_more *more = (const void *)(boot + 1);
    const struct abi_manifest *m = (const void *)boot->manifest;
    uint8_t any = 0;
    EXPECT((uintptr_t)boot == HVT_BOOT_INFO_AT);
    EXPECT(boot->kernel_end == (uintptr_t)guest_end);
    EXPECT(boot->cpu_cycle_freq > 100000000 && boot->cpu_cycle_freq < 10000000000);
    EXPECT(datum == 0x5678);
    EXPECT(boot->guest_features == 0);
    EXPECT((boot->host_features == HVT_FEATURE_RING) == (boot->net_ring != 0));
    EXPECT(boot->net_ring == 0 || boot->net_ring == boot->mem_size);
    EXPECT(more->magic == HVT_MORE_MAGIC && more->len == sizeof *more);
    EXPECT(more->features ==
           (HVT_MORE_RECEIVE | HVT_MORE_SEAL | HVT_MORE_BLOCKS | HVT_MORE_SEND));
    for (size_t i = 0; i < sizeof more->entropy; i++)
        any |= more->entropy[i];
    EXPECT(any != 0);
    EXPECT((uintptr_t)m == HVT_BOOT_INFO_AT + 56 + 144);
    EXPECT(m->version == 1 && m->entries == ENTRIES);
    EXPECT(boot->cmdline == (uintptr_t)&m->entry[ENTRIES]);
    say_number("memory", boot->mem_size);
    tell_devices(m);
}

/* The machine's state: control registers, EFER, flags, selectors. */
static void check_state(void)
{
    uint64_t cr0, cr3, cr4, flags;
    uint32_t efer_low, efer_high;
    uint16_t cs, ss, ds, tr;
    struct __attribute__((packed)) {
        uint16_t limit;
        uint64_t base;
    } gdt;
    __asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
    __asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
    __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
    __asm__ volatile("pushf\n\tpop %0" : "=r"(flags));
    __asm__ volatile("rdmsr" : "=a"(efer_low), "=d"(efer_high) : "c"(0xc0000080));
    __asm__ volatile("mov %%cs, %0\n\tmov %%ss, %1\n\tmov %%ds, %2"
                     : "=r"(cs), "=r"(ss), "=r"(ds));
    __asm__ volatile("str %0" : "=r"(tr));
    __asm__ volatile("sgdt %0" : "=m"(gdt));
    EXPECT((cr0 & 0x80010021) == 0x80010021);
    EXPECT(cr3 == HVT_PML4_AT);
    EXPECT((cr4 & 0x620) == 0x620);
    EXPECT((efer_low & 0xd01) == 0x500); /* no NXE, no SCE */
    EXPECT((flags & 0x200) == 0);
    EXPECT(cs == 8 && ss == 16 && ds == 16 && tr == 0);
    EXPECT(gdt.base == HVT_GDT_AT && gdt.limit == 23);
}

/* All of the memory that is promised can be written, and was zero. */
static void touch_memory(void)
{
    volatile uint8_t *heap = (volatile uint8_t *)guest_end;
    uint8_t *top = (uint8_t *)boot->mem_size;
    for (; heap < (volatile uint8_t *)(top - 65536); heap += 65536) {
        EXPECT(*heap == 0);
        *heap = 1;
    }
}

/* ---- Every call as it should be -------------------------------------------- */

static uint64_t wall(void)
{
    struct hvt_walltime w = {0};
    call(HVT_WALLTIME, &w);
    return w.nsecs;
}

static uint64_t cycles(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

static void use_clocks(void)
{
    uint64_t then = wall(), begin = cycles();
    struct hvt_poll p = {.timeout_nsecs = 5000000};
    EXPECT(then > 1500000000ULL * 1000000000ULL);
    p.ready_set = 9;
    p.ret = 9;
    call(HVT_POLL, &p);
    EXPECT(p.ret == 0 && p.ready_set == 0);
    EXPECT(wall() > then);
    EXPECT(cycles() - begin >= boot->cpu_cycle_freq / 200);
    p.timeout_nsecs = 0;
    call(HVT_POLL, &p);
    EXPECT(p.ret == 0 && p.ready_set == 0);
}

/* Waits for a frame; it is the first device's. */
static void wait_frame(void)
{
    struct hvt_poll p = {.timeout_nsecs = 10000000000ULL};
    call(HVT_POLL, &p);
    EXPECT(p.ret == 1 && p.ready_set == 2);
}

static bool is_ours(uint64_t len)
{
    return len >= 14 && buffer[12] == 0x88 && buffer[13] == 0xb5;
}

static void turn_round(void)
{
    for (int i = 0; i < 6; i++) {
        uint8_t octet = buffer[i];
        buffer[i] = buffer[i + 6];
        buffer[i + 6] = octet;
    }
}

static void echo_by_calls(void)
{
    struct hvt_net n;
    say("ready\n");
    do {
        wait_frame();
        n = (struct hvt_net){.handle = 1, .data = (uintptr_t)buffer, .len = sizeof buffer};
        n.ret = -1;
        call(HVT_NET_READ, &n);
        EXPECT(n.ret == HVT_OK);
    } while (!is_ours(n.len));
    turn_round();
    n.ret = -1;
    call(HVT_NET_WRITE, &n);
    EXPECT(n.ret == HVT_OK);
    n.len = sizeof buffer;
    call(HVT_NET_READ, &n);
    EXPECT(n.ret == HVT_AGAIN && n.len == sizeof buffer);
}

/* A network whose other side is gone says so once and is silent then; it does not wake the
 * image for ever. */
static void outlive_network(void)
{
    struct hvt_net n = {.handle = 1, .data = (uintptr_t)buffer, .len = sizeof buffer};
    struct hvt_poll p = {.timeout_nsecs = 1000000};
    say("ready\n");
    do {
        wait_frame();
        call(HVT_NET_READ, &n);
    } while (n.ret == HVT_OK);
    EXPECT(n.ret == HVT_EUNSPEC);
    call(HVT_POLL, &p);
    EXPECT(p.ret == 0 && p.ready_set == 0);
    call(HVT_NET_READ, &n);
    EXPECT(n.ret == HVT_AGAIN);
    n.len = 60;
    call(HVT_NET_WRITE, &n);
    EXPECT(n.ret == HVT_OK);
}

/* ---- The network ring ------------------------------------------------------ */

static volatile struct hvt_ring *ring;

static void publish(uint32_t tail)
{
    __atomic_store_n(&ring->ent_tail, tail, __ATOMIC_RELEASE);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (__atomic_load_n(&ring->needs_kick, __ATOMIC_RELAXED))
        out32(HVT_KICK_PORT, 0);
}

static void enter(uint32_t op, uint32_t handle, uint64_t data, uint32_t len)
{
    uint32_t tail = ring->ent_tail;
    ring->entry[tail % HVT_RING_SLOTS] = (struct hvt_ring_entry){
        .op = op, .handle = handle, .data = data, .len = len, .id = tail ^ 0x5a5a};
    publish(tail + 1);
}

static struct hvt_ring_commit read_by_ring(uint32_t handle, uint64_t len)
{
    uint32_t head = ring->com_head, id = ring->ent_tail ^ 0x5a5a;
    enter(HVT_RING_READ, handle, (uintptr_t)buffer, (uint32_t)len);
    while (__atomic_load_n(&ring->com_tail, __ATOMIC_ACQUIRE) == head)
        __asm__ volatile("pause");
    struct hvt_ring_commit c = ring->commit[head % HVT_RING_SLOTS];
    ring->com_head = head + 1;
    EXPECT(c.id == id);
    return c;
}

static void wait_until_served(void)
{
    while (__atomic_load_n(&ring->ent_head, __ATOMIC_ACQUIRE) != ring->ent_tail)
        __asm__ volatile("pause");
}

static void echo_by_ring(void)
{
    struct hvt_ring_commit c;
    say("ready\n");
    EXPECT(read_by_ring(7, sizeof buffer).ret == HVT_EINVAL);
    do {
        wait_frame();
        c = read_by_ring(1, sizeof buffer);
        EXPECT(c.ret == HVT_OK);
    } while (!is_ours(c.len));
    turn_round();
    enter(HVT_RING_WRITE, 7, (uintptr_t)buffer, c.len); /* to nowhere */
    enter(HVT_RING_WRITE, 1, (uintptr_t)buffer, c.len);
    wait_until_served();
    c = read_by_ring(1, sizeof buffer);
    EXPECT(c.ret == HVT_AGAIN && c.len == 0);
}

/* ---- Receiving many at once ------------------------------------------------ */

static uint8_t frames[65536] __attribute__((aligned(4096)));

static struct hvt_receive receive(uint64_t wanted, uint32_t len, uint32_t frame_max)
{
    struct hvt_receive r = {.timeout_nsecs = 10000000000ULL,
                            .wanted = wanted,
                            .data = (uintptr_t)frames,
                            .len = len,
                            .frame_max = frame_max,
                            .used = 77,
                            .ret = -1};
    call(HVT_RECEIVE, &r);
    EXPECT(r.used <= len && r.ret >= 0);
    return r;
}

static uint32_t record_len(const struct hvt_frame *f)
{
    return ((uint32_t)sizeof *f + f->len + HVT_FRAME_ALIGN - 1) & ~(HVT_FRAME_ALIGN - 1);
}

/* Every frame of ours goes back by the ring, which is never kicked. */
static long send_back(const struct hvt_receive *r)
{
    long n = 0;
    int32_t records = 0;
    for (uint32_t at = 0; at < r->used; records++) {
        struct hvt_frame *f = (struct hvt_frame *)(void *)(frames + at);
        uint8_t *frame = (uint8_t *)(f + 1);
        EXPECT(f->handle == 1 && f->len >= 14 && f->len <= 1514 && f->zero == 0);
        at += record_len(f);
        if (frame[12] != 0x88 || frame[13] != 0xb5)
            continue;
        n++;
        ring->entry[ring->ent_tail % HVT_RING_SLOTS] = (struct hvt_ring_entry){
            .op = HVT_RING_WRITE, .handle = 1, .data = (uintptr_t)frame, .len = f->len};
        __atomic_store_n(&ring->ent_tail, ring->ent_tail + 1, __ATOMIC_RELEASE);
    }
    EXPECT(records == r->ret);
    return n;
}

/* receive N: send all, wait, receive all. */
static void echo_many(void)
{
    long left = (long)number();
    say("ready\n");
    while (left > 0) {
        struct hvt_receive r = receive(2, sizeof frames, 1514);
        left -= send_back(&r);
    }
    struct hvt_receive last = {.data = (uintptr_t)frames, .len = 100};
    call(HVT_RECEIVE, &last);
    EXPECT(last.ret == 0 && last.used == 0);
}

/* A frame from where its parts lie, and what is no frame. */
static void send_in_parts(void)
{
    struct hvt_send s = {.handle = 1, .parts = 3, .ret = -1};
    for (int i = 0; i < 60; i++)
        buffer[i] = (uint8_t)i;
    buffer[12] = 0x88;
    buffer[13] = 0xb5;
    s.part[0] = (struct hvt_part){(uintptr_t)buffer, 14};
    s.part[1] = (struct hvt_part){(uintptr_t)buffer, 0};
    s.part[2] = (struct hvt_part){(uintptr_t)buffer + 14, 46};
    enter(HVT_RING_WRITE, 1, (uintptr_t)buffer, 59); /* comes before it */
    wait_until_served();
    call(HVT_SEND, &s);
    EXPECT(s.ret == HVT_OK);
    s.parts = 0;
    call(HVT_SEND, &s);
    EXPECT(s.ret == HVT_EINVAL);
    s.parts = HVT_SEND_PARTS_MAX + 1;
    call(HVT_SEND, &s);
    EXPECT(s.ret == HVT_EINVAL);
    s.handle = 7;
    s.parts = 1;
    call(HVT_SEND, &s);
    EXPECT(s.ret == HVT_EINVAL);
}

/* part ADDRESS LENGTH: a good SEND whose second part is anywhere. */
static void any_part(void)
{
    struct hvt_send s = {.handle = 1, .parts = 2, .part = {{(uintptr_t)buffer, 20}}};
    s.part[1].data = number();
    s.part[1].len = number();
    call(HVT_SEND, &s);
}

/* With three frames of 60 octets to come, then the end. */
static void receive_within_limits(void)
{
    say("ready\n");
    /* Not wanted, or no room: the network is ready, and its frames are left alone. */
    struct hvt_receive r = receive(0, sizeof frames, 1514);
    EXPECT(r.ret == 0 && r.used == 0 && r.ready_set == 2);
    r = receive(2, 0, 1514);
    EXPECT(r.ret == 0 && r.used == 0 && r.ready_set == 2);
    r = receive(2, sizeof frames, 0);
    EXPECT(r.ret == 0 && r.used == 0 && r.ready_set == 2);
    r = receive(~0ULL, 75, 60);
    EXPECT(r.ret == 0 && r.used == 0 && r.ready_set == 2);
    r = receive(2, sizeof frames, ~0U);
    EXPECT(r.ret == 0 && r.used == 0 && r.ready_set == 2);
    /* Room for one, and for the two that are left, one of them cut. */
    frames[76] = 0x77;
    r = receive(~0ULL, 76, 60);
    EXPECT(r.ret == 1 && r.used == 76 && r.ready_set == 2 && frames[76] == 0x77);
    r = receive(2, 80 + 16 + 20, 20);
    EXPECT(r.ret == 2 && r.used == 48 + 48 && record_len((void *)frames) == 48);
    do
        r = receive(2, sizeof frames, 1514);
    while (r.lost_set == 0);
    EXPECT(r.lost_set == 2 && r.ret == 0 && r.ready_set == 0);
    struct hvt_receive again = {.wanted = 2, .data = (uintptr_t)frames, .len = 4096};
    again.frame_max = 1514;
    call(HVT_RECEIVE, &again);
    EXPECT(again.ret == 0 && again.lost_set == 0 && again.ready_set == 0);
}

/* Many frames with one kick at most in 16. */
static void send_burst(void)
{
    long n = (long)number();
    for (int i = 0; i < 60; i++)
        buffer[i] = i == 12 ? 0x88 : i == 13 ? 0xb5 : 2;
    for (long i = 0; i < n; i += 16) {
        for (int j = 0; j < 16; j++) {
            uint32_t tail = ring->ent_tail + (uint32_t)j;
            ring->entry[tail % HVT_RING_SLOTS] = (struct hvt_ring_entry){
                .op = HVT_RING_WRITE, .handle = 1, .data = (uintptr_t)buffer, .len = 60};
        }
        publish(ring->ent_tail + 16);
        wait_until_served();
    }
}

static void misuse_ring(void)
{
    say("ready\n");
    if (takes("op"))
        enter(3, 1, (uintptr_t)buffer, 60);
    else if (takes("tail"))
        publish((uint32_t)number());
    else if (takes("write")) {
        uint64_t data = number();
        enter(HVT_RING_WRITE, 1, data, (uint32_t)number());
    } else if (takes("read")) {
        uint64_t data = number();
        enter(HVT_RING_READ, 1, data, (uint32_t)number());
    }
    for (;;)
        __asm__ volatile("pause");
}

/* ---- A disk ---------------------------------------------------------------- */

static int block(enum hvt_call n, uint64_t offset, uint64_t len)
{
    struct hvt_block b = {
        .handle = 1, .offset = offset, .data = (uintptr_t)buffer, .len = len, .ret = -1};
    call(n, &b);
    EXPECT(b.len == len);
    return b.ret;
}

/* Copies the first block to the last, upside down; and what is not within is refused. */
static void use_disk(void)
{
    uint64_t size = 512, capacity = number();
    EXPECT(block(HVT_BLOCK_READ, 0, size) == HVT_OK);
    for (uint64_t i = 0; i < size; i++)
        buffer[i] = (uint8_t)~buffer[i];
    EXPECT(block(HVT_BLOCK_WRITE, capacity - size, size) == HVT_OK);
    EXPECT(block(HVT_BLOCK_READ, capacity - size, size) == HVT_OK);
    EXPECT(block(HVT_BLOCK_READ, 0, sizeof buffer) == HVT_OK);
    EXPECT(block(HVT_BLOCK_READ, capacity - size, size + 1) == HVT_EINVAL);
    EXPECT(block(HVT_BLOCK_WRITE, capacity - size, size + 1) == HVT_EINVAL);
    EXPECT(block(HVT_BLOCK_WRITE, capacity, size) == HVT_EINVAL);
    EXPECT(block(HVT_BLOCK_WRITE, capacity, 0) == HVT_EINVAL);
    EXPECT(block(HVT_BLOCK_READ, ~0ULL, size) == HVT_EINVAL);
    EXPECT(block(HVT_BLOCK_READ, 0 - size, size) == HVT_EINVAL);
}

/* Writes, says so, and discards: the file has a hole then, or the host cannot. */
static void tend_disk(void)
{
    uint64_t capacity = number();
    for (uint64_t i = 0; i < sizeof buffer; i++)
        buffer[i] = 0x3c;
    EXPECT(block(HVT_BLOCK_WRITE, 0, sizeof buffer) == HVT_OK);
    EXPECT(block(HVT_FLUSH, ~0ULL, ~0ULL) == HVT_OK);
    EXPECT(block(HVT_DISCARD, 0, 0) == HVT_EINVAL);
    EXPECT(block(HVT_DISCARD, capacity, 512) == HVT_EINVAL);
    EXPECT(block(HVT_DISCARD, 0, capacity + 1) == HVT_EINVAL);
    EXPECT(block(HVT_DISCARD, ~0ULL, 512) == HVT_EINVAL);
    int ret = block(HVT_DISCARD, 512, 1024);
    EXPECT(ret == HVT_OK || ret == HVT_ENOTSUP);
    say(ret == HVT_OK ? "discarded\n" : "kept\n");
}

/* Handles that are no device of that kind. */
static void use_no_device(void)
{
    static const uint64_t handles[] = {0, 2, 63, 64, 65, 1ULL << 32, ~0ULL};
    bool net = takes("net");
    for (unsigned i = 0; i < sizeof handles / sizeof handles[0]; i++) {
        struct hvt_net n = {.handle = handles[i], .data = (uintptr_t)buffer, .len = 60};
        struct hvt_block b = {.handle = handles[i], .data = (uintptr_t)buffer, .len = 512};
        call(HVT_NET_READ, &n);
        EXPECT(n.ret == HVT_EINVAL && n.len == 60);
        call(HVT_NET_WRITE, &n);
        EXPECT(n.ret == HVT_EINVAL);
        call(HVT_BLOCK_READ, &b);
        EXPECT(b.ret == HVT_EINVAL);
        call(HVT_BLOCK_WRITE, &b);
        EXPECT(b.ret == HVT_EINVAL);
        call(HVT_FLUSH, &b);
        EXPECT(b.ret == HVT_EINVAL);
        call(HVT_DISCARD, &b);
        EXPECT(b.ret == HVT_EINVAL);
    }
    struct hvt_block b = {.handle = net, .data = (uintptr_t)buffer, .len = 512};
    call(HVT_BLOCK_READ, &b);
    EXPECT(b.ret == HVT_EINVAL);
}

/* A file that became shorter while the image ran. */
static void outlive_disk(void)
{
    say("ready\n");
    struct hvt_poll p = {.timeout_nsecs = 1000000};
    int ret;
    while ((ret = block(HVT_BLOCK_READ, 0, 512)) == HVT_OK)
        call(HVT_POLL, &p);
    EXPECT(ret == HVT_EUNSPEC);
}

/* seal START END: what calls may not write to from then on; 0: it is not taken. */
static int seal(uint64_t start, uint64_t end)
{
    struct hvt_seal s = {.start = start, .end = end, .ret = -1};
    call(HVT_SEAL, &s);
    return s.ret;
}

static void use_seals(void)
{
    uint64_t at = (uintptr_t)buffer, top = boot->mem_size;
    struct hvt_walltime *into = (void *)(buffer + 1016);
    EXPECT(seal(at, at) == HVT_EINVAL && seal(at + 1, at) == HVT_EINVAL);
    EXPECT(seal(top - 8, top + 1) == HVT_EINVAL && seal(0, ~0ULL) == HVT_EINVAL);
    EXPECT(seal(at + 1024, at + 2048) == HVT_OK);
    call(HVT_WALLTIME, into);
    EXPECT(into->nsecs != 0);
    for (unsigned i = 1; i < HVT_SEALS_MAX; i++)
        EXPECT(seal(at + 1024 + i, at + 1025 + i) == HVT_OK);
    EXPECT(seal(at + 4000, at + 4001) == HVT_EINVAL);
    call(HVT_WALLTIME, buffer + 2048);
    call(HVT_WALLTIME, buffer + number());
}

/* ---- What it must not do --------------------------------------------------- */

/* call N ADDRESS: the structure is anywhere. */
static void any_call(void)
{
    uint64_t n = number();
    out32((uint16_t)(HVT_CALL_PORT + n), (uint32_t)number());
}

/* data N ADDRESS LENGTH: a good structure that names any data. */
static void any_data(void)
{
    uint64_t n = number(), at = number(), len = number();
    struct hvt_puts p = {.data = at, .len = len};
    struct hvt_block b = {.handle = 1, .data = at, .len = len};
    struct hvt_net t = {.handle = 1, .data = at, .len = len};
    struct hvt_halt h = {.cookie = at, .exit_status = 7};
    struct hvt_receive r = {.data = at, .len = (uint32_t)len};
    call((enum hvt_call)n, n == HVT_PUTS                                 ? (void *)&p
                           : n == HVT_BLOCK_READ || n == HVT_BLOCK_WRITE ? (void *)&b
                           : n == HVT_HALT                               ? (void *)&h
                           : n == HVT_RECEIVE                            ? (void *)&r
                                                                         : (void *)&t);
}

static void any_port(void)
{
    uint16_t at = (uint16_t)number();
    uint64_t size = number();
    if (takes("in"))
        __asm__ volatile("inl %0, %%eax" : : "d"(at) : "eax");
    else if (size == 1)
        __asm__ volatile("outb %%al, %0" : : "d"(at), "a"(0));
    else if (size == 2)
        __asm__ volatile("outw %%ax, %0" : : "d"(at), "a"(0));
    else
        out32(at, 0);
}

static void misbehave(void)
{
    if (takes("write"))
        *(volatile uint64_t *)number() = 1;
    else if (takes("read"))
        (void)*(volatile uint64_t *)number();
    else if (takes("hlt"))
        __asm__ volatile("hlt");
    else
        end(99);
}

static _Noreturn void spin(void)
{
    say("ready\n");
    for (;;)
        __asm__ volatile("pause");
}

static void wait(void)
{
    struct hvt_poll p = {.timeout_nsecs = ~0ULL};
    say("ready\n");
    call(HVT_POLL, &p);
}

static const struct {
    const char *word;
    void (*does)(void);
} tricks[] = {
    {"boot", tell_boot_info},
    {"state", check_state},
    {"touch", touch_memory},
    {"clocks", use_clocks},
    {"echo", echo_by_calls},
    {"ring", echo_by_ring},
    {"burst", send_burst},
    {"receive", echo_many},
    {"within-limits", receive_within_limits},
    {"misuse", misuse_ring},
    {"disk", use_disk},
    {"no-device", use_no_device},
    {"tend-disk", tend_disk},
    {"outlive-disk", outlive_disk},
    {"call", any_call},
    {"data", any_data},
    {"port", any_port},
    {"seal", use_seals},
    {"send-parts", send_in_parts},
    {"part", any_part},
    {"outlive-network", outlive_network},
    {"wait", wait},
};

__attribute__((used)) static _Noreturn void guest_main(const struct hvt_boot_info *info)
{
    boot = info;
    ring = (void *)info->net_ring;
    next = (const char *)info->cmdline;
    if (takes("arguments"))
        say((const char *)info->cmdline), end(0);
    if (takes("exit"))
        end((long)number());
    if (takes("spin"))
        spin();
    for (unsigned i = 0; i < sizeof tricks / sizeof tricks[0]; i++)
        if (takes(tricks[i].word)) {
            tricks[i].does();
            end(0);
        }
    misbehave();
    end(0);
}

/* The tender enters here: the stack is at the top of memory, eight octets down, and all
 * registers but RDI, RSP and RIP are zero. */
__asm__(".section .text.start, \"ax\"\n"
        ".globl guest_start\n"
        "guest_start:\n\t"
        "or %rbx, %rax\n\t"
        "or %rcx, %rax\n\t"
        "or %rdx, %rax\n\t"
        "or %rsi, %rax\n\t"
        "or %rbp, %rax\n\t"
        "or %r8, %rax\n\t"
        "or %r15, %rax\n\t"
        "jnz 1f\n\t"
        "mov %rsp, %rax\n\t"
        "add $8, %rax\n\t"
        "cmp %rax, (%rdi)\n\t" /* mem_size */
        "jne 1f\n\t"
        "jmp guest_main\n"
        "1:\thlt\n"
        ".text\n");
