/* SPDX-License-Identifier: ISC */
/* An image that does one thing, named on its command line, without any library: the
 * other side of the contract, for tests of the tender. It has a network device
 * "service" and a block device "disk" when built with those. Its status is 0 when what
 * it did went as the contract says, else the line where it did not, modulo 200. */
#include <abi/spt.h>

#include <asm/prctl.h>
#include <linux/time_types.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

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
                                {ABI_TARGET_SPT, ABI_VERSION_SPT, {0, 0}}};

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

static long call(long n, long a, long b, long c, long d, long e, long f)
{
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

static _Noreturn void end(long status)
{
    for (;;)
        call(SYS_exit_group, status, 0, 0, 0, 0, 0);
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
    call(SYS_write, 1, (long)text, (long)length(text), 0, 0, 0);
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

static const char *next; /* what is left of it */

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
    if (*at && *at != ' ')
        return false;
    next = at;
    skip_blanks();
    return true;
}

static long number(void)
{
    uint64_t n = 0;
    bool minus = *next == '-';
    if (minus)
        next++;
    for (; *next >= '0' && *next <= '9'; next++)
        n = n * 10 + (uint64_t)(*next - '0');
    skip_blanks();
    return (long)(minus ? 0 - n : n);
}

/* ---- What it can do -------------------------------------------------------- */

static const struct spt_boot_info *boot;
static uint8_t buffer[4096] __attribute__((aligned(4096)));
static uint64_t data_word = 0xc3c3c3c3c3c3c3c3; /* "ret" in each octet */
static const uint64_t constant = 0xc3c3c3c3c3c3c3c3;
extern char guest_end[];

static int fd_of(unsigned handle)
{
    return boot->manifest->entry[handle].b.hostfd;
}

static void tell_boot_info(void)
{
    const struct spt_more *more = (const void *)(boot + 1);
    const struct abi_manifest *m = boot->manifest;
    uint8_t any = 0;
    EXPECT((uintptr_t)boot == SPT_BOOT_INFO_AT);
    EXPECT(boot->kernel_end == (uintptr_t)guest_end);
    EXPECT(more->magic == SPT_MORE_MAGIC && more->len == sizeof *more &&
           (more->features & ~SPT_MORE_BLOCKS) == 0);
    for (size_t i = 0; i < sizeof more->entropy; i++)
        any |= more->entropy[i];
    EXPECT(any != 0);
    EXPECT(m->version == 1 && m->entries == ENTRIES);
    for (unsigned i = 1; i < m->entries; i++)
        EXPECT(m->entry[i].attached == 1);
    say_number("memory", boot->mem_size);
    for (unsigned i = 1; i < m->entries; i++) {
        const struct abi_manifest_entry *d = &m->entry[i];
        if (d->type == ABI_DEVICE_NET) {
            say_number("mtu", d->u.net.mtu);
            say_number("mac0", d->u.net.mac[0]);
            say_number("mac5", d->u.net.mac[5]);
            say_number("features", more->net[i]);
        } else {
            say_number("capacity", d->u.block.capacity);
            say_number("sector", d->u.block.block_size);
        }
    }
}

/* All of the memory that is promised can be written, and was zero. */
static void touch_memory(void)
{
    volatile uint8_t *heap = (volatile uint8_t *)guest_end;
    uint8_t *top = (uint8_t *)boot->mem_size;
    for (; heap < (volatile uint8_t *)(top - 65536); heap += 4096) {
        EXPECT(*heap == 0);
        *heap = 1;
    }
    for (unsigned i = 0; i < sizeof buffer; i++)
        EXPECT(buffer[i] == 0);
}

static void any_call(void)
{
    long n = number(), a[6];
    for (int i = 0; i < 6; i++)
        a[i] = takes("net")     ? fd_of(1)
               : takes("disk")  ? fd_of(ENTRIES - 1)
               : takes("epoll") ? boot->epollfd
               : takes("timer") ? boot->timerfd
               : takes("buf")   ? (long)buffer
                                : number();
    say_number("result", (uint64_t)call(n, a[0], a[1], a[2], a[3], a[4], a[5]));
}

static void use_clocks(void)
{
    struct __kernel_timespec t[3];
    EXPECT(call(SYS_clock_gettime, 1, (long)&t[0], 0, 0, 0, 0) == 0);
    EXPECT(call(SYS_clock_gettime, 1, (long)&t[1], 0, 0, 0, 0) == 0);
    EXPECT(call(SYS_clock_gettime, 0, (long)&t[2], 0, 0, 0, 0) == 0);
    EXPECT(t[1].tv_sec > t[0].tv_sec ||
           (t[1].tv_sec == t[0].tv_sec && t[1].tv_nsec >= t[0].tv_nsec));
    EXPECT(t[2].tv_sec > 1500000000);
}

/* Waits for the next event; returns its data. */
static uint64_t wait_event(void)
{
    struct epoll_event event;
    long n;
    do
        n = call(SYS_epoll_pwait, boot->epollfd, (long)&event, 1, -1, 0, 8);
    while (n == -4); /* EINTR */
    EXPECT(n == 1);
    return event.data.u64;
}

static void use_timer(void)
{
    struct __kernel_itimerspec at = {0};
    EXPECT(call(SYS_clock_gettime, 1, (long)&at.it_value, 0, 0, 0, 0) == 0);
    at.it_value.tv_nsec |= 1;
    EXPECT(call(SYS_timerfd_settime, boot->timerfd, 1, (long)&at, 0, 0, 0) == 0);
    EXPECT(wait_event() == SPT_TIMER_EVENT);
}

/* Nothing is mapped at 0, so that this does not come back if FS is as it should be. */
static void read_thread_pointer(void)
{
    uint64_t got;
    __asm__ volatile("mov %%fs:0, %0" : "=r"(got));
    say_number("fs", got);
}

static uint64_t thread_word[1] = {0x1234};

static void use_fs(void)
{
    uint64_t got;
    EXPECT(call(SYS_arch_prctl, ARCH_SET_FS, (long)thread_word, 0, 0, 0, 0) == 0);
    __asm__ volatile("mov %%fs:0, %0" : "=r"(got));
    EXPECT(got == 0x1234);
}

static void echo_frame(void)
{
    long n;
    say("ready\n");
    do {
        EXPECT(wait_event() == 1);
        n = call(SYS_read, fd_of(1), (long)buffer, sizeof buffer, 0, 0, 0);
        EXPECT(n > 0);
    } while (n < 14 || buffer[12] != 0x88 || buffer[13] != 0xb5);
    for (int i = 0; i < 6; i++) {
        uint8_t octet = buffer[i];
        buffer[i] = buffer[i + 6];
        buffer[i + 6] = octet;
    }
    EXPECT(call(SYS_write, fd_of(1), (long)buffer, n, 0, 0, 0) == n);
    EXPECT(call(SYS_read, fd_of(1), (long)buffer, sizeof buffer, 0, 0, 0) == -11 || n > 0);
}

/* Copies the first block to the last, upside down. */
static void use_disk(void)
{
    const struct abi_manifest_entry *d = &boot->manifest->entry[ENTRIES - 1];
    long size = d->u.block.block_size, last = (long)d->u.block.capacity - size;
    int fd = d->b.hostfd;
    EXPECT(call(SYS_pread64, fd, (long)buffer, size, 0, 0, 0) == size);
    for (long i = 0; i < size; i++)
        buffer[i] = (uint8_t)~buffer[i];
    EXPECT(call(SYS_pwrite64, fd, (long)buffer, size, last, 0, 0) == size);
    EXPECT(call(SYS_pread64, fd, (long)buffer, size, last, 0, 0) == size);
}

static void jump_to(const volatile void *at)
{
    __asm__ volatile("call *%0" : : "r"(at) : "memory");
}

static void write_to(uintptr_t at)
{
    *(volatile uint64_t *)at = 1;
}

/* Faults, with a reporter that does so too. */
static void fault_twice(void)
{
    struct spt_reporter *r = (struct spt_reporter *)SPT_REPORTER_AT;
    r->entry = 0x40;
    r->magic = SPT_REPORTER_MAGIC;
    write_to(8);
}

static _Noreturn void spin(void)
{
    say("ready\n");
    for (;;)
        __asm__ volatile("pause");
}

/* Nothing that a handler might lean on is left: no stack, no FS, the direction flag. */
static _Noreturn void spin_without_a_stack(void)
{
    say("ready\n");
    call(SYS_arch_prctl, ARCH_SET_FS, 16, 0, 0, 0, 0);
    __asm__ volatile("mov $8, %rsp\n\tmov $8, %rbp\n\tstd\n1:\tpause\n\tjmp 1b");
    __builtin_unreachable();
}

static void misbehave(void)
{
    uint64_t on_stack = constant;
    uint8_t *heap = (uint8_t *)guest_end;
    heap[0] = 0xc3;
    if (takes("execute-data"))
        jump_to(&data_word);
    else if (takes("execute-constants"))
        jump_to(&constant);
    else if (takes("execute-stack"))
        jump_to(&on_stack);
    else if (takes("execute-heap"))
        jump_to(heap);
    else if (takes("execute-boot-info"))
        jump_to((void *)(uintptr_t)SPT_BOOT_INFO_AT);
    else if (takes("write-text"))
        write_to(ABI_LOAD_MIN);
    else if (takes("write-constants"))
        write_to((uintptr_t)&constant);
    else if (takes("write-zero-page"))
        write_to(8);
    else if (takes("write-below-memory"))
        write_to(SPT_MEM_START - 8);
    else if (takes("write-above-memory"))
        write_to(boot->mem_size);
    else if (takes("jump-to-zero"))
        jump_to(0);
    else if (takes("illegal"))
        __asm__ volatile("ud2");
    else if (takes("divide"))
        __asm__ volatile("xor %%ecx, %%ecx\n\tdiv %%ecx" : : : "eax", "ecx", "edx");
    else if (takes("breakpoint"))
        __asm__ volatile("int3");
    else if (takes("privileged"))
        __asm__ volatile("hlt");
    else if (takes("bus"))
        __asm__ volatile("mov %0, %%rsp\n\tpush %%rax" : : "r"(1ULL << 63 | 8));
    else if (takes("no-stack"))
        __asm__ volatile("mov $8, %rsp\n\tpush %rax");
    else if (takes("int80"))
        __asm__ volatile("int $0x80" : : "a"(20));
}

__attribute__((used)) static _Noreturn void guest_main(const struct spt_boot_info *info)
{
    boot = info;
    next = info->cmdline;
    if (takes("arguments"))
        say(info->cmdline);
    else if (takes("exit"))
        end(number());
    else if (takes("boot"))
        tell_boot_info();
    else if (takes("touch"))
        touch_memory();
    else if (takes("call"))
        any_call();
    else if (takes("clocks"))
        use_clocks();
    else if (takes("timer"))
        use_timer();
    else if (takes("fs"))
        use_fs();
    else if (takes("read-thread-pointer"))
        read_thread_pointer();
    else if (takes("fault-twice"))
        fault_twice();
    else if (takes("echo"))
        echo_frame();
    else if (takes("disk"))
        use_disk();
    else if (takes("spin"))
        spin();
    else if (takes("spin-without-a-stack"))
        spin_without_a_stack();
    else if (takes("wait"))
        say("ready\n"), (void)wait_event();
    else
        misbehave();
    end(0);
}

/* The tender enters here: the stack is at the top of memory, eight octets down. */
__asm__(".section .text.start, \"ax\"\n"
        ".globl guest_start\n"
        "guest_start:\n\t"
        "mov %rsp, %rax\n\t"
        "add $8, %rax\n\t"
        "cmp %rax, (%rdi)\n\t" /* mem_size */
        "jne 1f\n\t"
        "jmp guest_main\n"
        "1:\tud2\n"
        ".text\n");
