/* SPDX-License-Identifier: ISC */
/* The system calls that are left to drupe-hvt, in a process that is under its filter: each of
 * the list works, and no other, nor the same with another argument. */
#include "tender/hvt/sandbox.h"
#include "tender/hvt/signals.h"
#include "tests/check.h"

#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CAPACITY 8192
#define SYSCALLS 470 /* above the last that there is */
#define WORKS    7
#define PUNCH    (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)

static struct guest guest = {.console = STDOUT_FILENO};
static struct vm vm;
static struct debug debug;
static struct tender_descriptors with = {&guest, &vm, &debug, -1};
static int net, disk, other;
static uint8_t room[CAPACITY];

static void attach(unsigned handle, enum abi_device type, int fd)
{
    struct abi_manifest_entry *d = &guest.manifest.entry[handle];
    *d = (struct abi_manifest_entry){.type = (uint32_t)type, .attached = 1};
    d->b.hostfd = fd;
    if (type == ABI_DEVICE_BLOCK)
        d->u.block = (struct abi_block_info){.capacity = CAPACITY, .block_size = 512};
}

/* Everything that the tender has at that time; a file stands for the virtual processor. */
static void begin(void)
{
    int ends[2];
    struct epoll_event event = {.events = EPOLLIN, .data = {.u64 = 1}};
    if (disk)
        return;
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends) == 0);
    net = ends[0];
    disk = memfd_create("disk", MFD_CLOEXEC);
    other = memfd_create("other", MFD_CLOEXEC);
    vm.vcpu = open("/dev/null", O_RDWR | O_CLOEXEC);
    guest.epollfd = epoll_create1(EPOLL_CLOEXEC);
    guest.timerfd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    with.bell = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    CHECK(ftruncate(disk, CAPACITY) == 0 && ftruncate(other, CAPACITY) == 0);
    CHECK(epoll_ctl(guest.epollfd, EPOLL_CTL_ADD, net, &event) == 0);
    guest.manifest = (struct manifest){.version = 1, .entries = 3};
    attach(1, ABI_DEVICE_NET, net);
    attach(2, ABI_DEVICE_BLOCK, disk);
}

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

/* What becomes of a process under the filter that makes the call: 0 when it is ended for it;
 * WORKS when it goes on. Its own identity, as the filter compares it, is put for -7 and -8. */
static int fate(long n, long a, long b, long c, long d, long e)
{
    begin();
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        static const struct rlimit none;
        struct error error;
        /* A core dump of each would be more than this test is worth. */
        (void)setrlimit(RLIMIT_CORE, &none);
        a = a == -7 ? getpid() : a;
        b = b == -8 ? gettid() : b;
        if (tender_sandbox(&with, &error) != 0)
            _exit(99);
        (void)call(n, a, b, c, d, e, 8);
        call(SYS_exit_group, WORKS, 0, 0, 0, 0, 0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child)
        return 98;
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    return WTERMSIG(status) == SIGSYS ? 0 : 128 + WTERMSIG(status);
}

#define ALLOWED(...) CHECK_INT(fate(__VA_ARGS__), WORKS)
#define KILLS(...)   CHECK_INT(fate(__VA_ARGS__), 0)

static long at(void *p)
{
    return (long)(uintptr_t)p;
}

TEST(what_serves_an_image_is_allowed)
{
    static struct itimerspec soon = {.it_value = {.tv_nsec = 1}};
    begin();
    ALLOWED(SYS_ioctl, vm.vcpu, KVM_RUN, 0, 0, 0);
    ALLOWED(SYS_ioctl, vm.vcpu, KVM_GET_REGS, at(room), 0, 0);
    ALLOWED(SYS_read, net, at(room), 2048, 0, 0);
    ALLOWED(SYS_write, net, at(room), 60, 0, 0);
    ALLOWED(SYS_writev, net, at(room), 0, 0, 0);
    ALLOWED(SYS_pread64, disk, at(room), 512, 0, 0);
    ALLOWED(SYS_pread64, disk, at(room), CAPACITY, 0, 0);
    ALLOWED(SYS_pwrite64, disk, at(room), 512, CAPACITY - 512, 0);
    ALLOWED(SYS_fdatasync, disk, 0, 0, 0, 0);
    ALLOWED(SYS_fallocate, disk, PUNCH, 0, 4096, 0);
    ALLOWED(SYS_read, with.bell, at(room), 8, 0, 0);
    CHECK_INT(fate(SYS_tgkill, -7, -8, SIGNALS_RING, 0, 0), 128 + SIGNALS_RING);
    ALLOWED(SYS_write, STDOUT_FILENO, at(room), 0, 0, 0);
    ALLOWED(SYS_write, STDERR_FILENO, at(room), 0, 0, 0);
    ALLOWED(SYS_epoll_pwait, guest.epollfd, at(room), 1, 0, 0);
    ALLOWED(SYS_epoll_ctl, guest.epollfd, EPOLL_CTL_DEL, net, 0, 0);
    ALLOWED(SYS_timerfd_settime, guest.timerfd, 0, at(&soon), 0, 0);
    ALLOWED(SYS_clock_gettime, CLOCK_REALTIME, at(room), 0, 0, 0);
}

TEST(the_same_calls_with_other_arguments_end_the_tender)
{
    begin();
    KILLS(SYS_ioctl, vm.vcpu, KVM_SET_REGS, at(room), 0, 0);
    KILLS(SYS_ioctl, vm.vcpu, KVM_SET_SREGS, at(room), 0, 0);
    KILLS(SYS_ioctl, vm.vcpu, KVM_GET_SREGS, at(room), 0, 0);
    KILLS(SYS_ioctl, other, KVM_RUN, 0, 0, 0);
    KILLS(SYS_read, STDIN_FILENO, at(room), 1, 0, 0);
    KILLS(SYS_read, disk, at(room), 512, 0, 0);
    KILLS(SYS_write, disk, at(room), 512, 0, 0);
    KILLS(SYS_write, other, at(room), 1, 0, 0);
    KILLS(SYS_writev, disk, at(room), 0, 0, 0);
    KILLS(SYS_writev, other, at(room), 0, 0, 0);
    KILLS(SYS_write, with.bell, at(room), 8, 0, 0);
    KILLS(SYS_pread64, other, at(room), 512, 0, 0);
    KILLS(SYS_pread64, disk, at(room), CAPACITY + 1, 0, 0);
    KILLS(SYS_pread64, disk, at(room), 512, CAPACITY, 0);
    KILLS(SYS_pwrite64, disk, at(room), 512, CAPACITY, 0);
    KILLS(SYS_pwrite64, disk, at(room), 512, -512, 0);
    KILLS(SYS_pwrite64, net, at(room), 512, 0, 0);
    KILLS(SYS_fdatasync, other, 0, 0, 0, 0);
    KILLS(SYS_fallocate, other, PUNCH, 0, 512, 0);
    KILLS(SYS_fallocate, disk, 0, 0, 2 * CAPACITY, 0);
    KILLS(SYS_fallocate, disk, FALLOC_FL_PUNCH_HOLE, 0, 512, 0);
    KILLS(SYS_fallocate, disk, FALLOC_FL_COLLAPSE_RANGE, 0, 4096, 0);
    KILLS(SYS_fallocate, disk, PUNCH, CAPACITY, 512, 0);
    KILLS(SYS_epoll_pwait, other, at(room), 1, 0, 0);
    KILLS(SYS_epoll_ctl, guest.epollfd, EPOLL_CTL_ADD, disk, at(room), 0);
    KILLS(SYS_epoll_ctl, guest.epollfd, EPOLL_CTL_MOD, net, at(room), 0);
    KILLS(SYS_timerfd_settime, other, 0, at(room), 0, 0);
    KILLS(SYS_clock_gettime, CLOCK_MONOTONIC, at(room), 0, 0, 0);
    KILLS(SYS_tgkill, 1, -8, SIGTERM, 0, 0);
    KILLS(SYS_tgkill, -7, -8, SIGKILL, 0, 0);
    KILLS(SYS_ioctl | 0x40000000, vm.vcpu, KVM_RUN, 0, 0, 0); /* x32's */
}

static bool listed(long n)
{
    static const int list[] = {SYS_ioctl,        SYS_read,          SYS_write,
                               SYS_pread64,      SYS_pwrite64,      SYS_writev,
                               SYS_fdatasync,    SYS_fallocate,     SYS_tgkill,
                               SYS_epoll_pwait,  SYS_epoll_ctl,     SYS_exit_group,
                               SYS_rt_sigreturn, SYS_clock_gettime, SYS_timerfd_settime};
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        if (list[i] == n)
            return true;
    return n == 335 || n == 336; /* uretprobe, uprobe: newer kernels show them to no filter */
}

TEST(every_other_system_call_ends_the_tender)
{
    for (long n = 0; n <= SYSCALLS; n++)
        if (!listed(n) && fate(n, 0, 0, 0, 0, 0) != 0)
            test_failed(__FILE__, __LINE__, "call %ld does not end it", n);
}

TEST(without_a_network_there_is_no_bell_and_no_signal)
{
    begin();
    int bell = with.bell;
    with.bell = -1;
    KILLS(SYS_read, bell, at(room), 8, 0, 0);
    KILLS(SYS_tgkill, -7, -8, SIGUSR1, 0, 0);
    with.bell = bell;
}

TEST(a_core_dump_opens_its_folder_and_shows_memory_only_where_it_was_asked_for)
{
    begin();
    debug.core.dir = other;
    debug.core.fd = other;
    KILLS(SYS_openat, other, at(room), CORE_FLAGS, CORE_MODE, 0);
    KILLS(SYS_ioctl, vm.vcpu, KVM_GET_FPU, at(room), 0, 0);
    KILLS(SYS_mprotect, 0, 0, MEMORY_SHOWN, 0, 0);
    debug.dumpcore = "/";
    ALLOWED(SYS_openat, other, at(room), CORE_FLAGS, CORE_MODE, 0);
    ALLOWED(SYS_ioctl, vm.vcpu, KVM_GET_FPU, at(room), 0, 0);
    KILLS(SYS_openat, AT_FDCWD, at(room), CORE_FLAGS, CORE_MODE, 0);
    KILLS(SYS_openat, other, at(room), O_RDWR, CORE_MODE, 0);
    KILLS(SYS_mprotect, at(room), 4096, PROT_READ | PROT_EXEC, 0, 0);
    debug.dumpcore = NULL;
}

TEST_MAIN(TEST_OF(what_serves_an_image_is_allowed),
          TEST_OF(the_same_calls_with_other_arguments_end_the_tender),
          TEST_OF(every_other_system_call_ends_the_tender),
          TEST_OF(without_a_network_there_is_no_bell_and_no_signal),
          TEST_OF(a_core_dump_opens_its_folder_and_shows_memory_only_where_it_was_asked_for))
