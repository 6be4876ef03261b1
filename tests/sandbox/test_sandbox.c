/* SPDX-License-Identifier: ISC */
/* The border of an image: what it may do, and that all else ends it. */
#include "tests/check.h"
#include "tests/sandbox/tender.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KILLED   (128 + SIGSYS)
#define SYSCALLS 460 /* the highest number that is tried */
#define DISK_LEN 4096

static struct tender t;

static const char *disk(void)
{
    static char path[64];
    if (!path[0]) {
        snprintf(path, sizeof path, "/tmp/drupe-disk-XXXXXX");
        int fd = mkstemp(path);
        if (fd < 0 || ftruncate(fd, DISK_LEN) != 0)
            abort();
        close(fd);
    }
    return path;
}

/* An image that makes one system call, and how it ended. */
static int call_none(const char *call)
{
    char line[300];
    snprintf(line, sizeof line, "--mem=2 " GUEST "none.spt call %s", call);
    return tender_run(&t, line);
}

static int call_socket(const char *image, const char *call)
{
    char line[300];
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0)
        abort();
    snprintf(line, sizeof line, "--mem=2 --net:service=@%d%s call %s", ends[0], image, call);
    int status = tender_run(&t, line);
    close(ends[0]);
    close(ends[1]);
    return status;
}

static int call_net(const char *call)
{
    return call_socket(" " GUEST "net.spt", call);
}

/* With a header before each frame. */
static int call_offload(const char *call)
{
    return call_socket(",offload " GUEST "offload.spt", call);
}

static int call_disk(const char *call)
{
    char line[300];
    snprintf(line, sizeof line, "--mem=2 --block:disk=%s " GUEST "block.spt call %s", disk(),
             call);
    return tender_run(&t, line);
}

static bool listed(int n)
{
    static const int list[] = {SYS_read,       SYS_write,       SYS_pread64,
                               SYS_pwrite64,   SYS_arch_prctl,  SYS_clock_gettime,
                               SYS_exit_group, SYS_epoll_pwait, SYS_timerfd_settime};
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        if (list[i] == n)
            return true;
    return false;
}

/* uretprobe and uprobe: newer kernels show them to no filter. Called from elsewhere than
 * the kernel's own trampoline, one ends the caller and the other answers -ENXIO. */
static bool without_filter_and_effect(int n)
{
    return (n == 335 && t.status == 128 + SIGILL) ||
           (n == 336 &&
            (t.status == 128 + SIGILL || strcmp(t.text, "result 18446744073709551610\n") == 0));
}

TEST(every_system_call_that_is_not_listed_ends_the_image)
{
    char call[40];
    for (int n = 0; n <= SYSCALLS; n++) {
        if (listed(n))
            continue;
        snprintf(call, sizeof call, "%d", n);
        if (call_none(call) != KILLED && !without_filter_and_effect(n))
            test_failed(__FILE__, __LINE__, "call %d ends with %d: %s", n, t.status, t.text);
    }
}

TEST(calls_by_other_conventions_end_the_image)
{
    CHECK_INT(tender_run(&t, GUEST "none.spt int80"), KILLED);
    CHECK_INT(call_none("1073741825 1 buf 1"), KILLED); /* x32's write */
    CHECK_INT(call_none("1073741863"), KILLED);         /* x32's getpid */
    CHECK_INT(call_none("-1"), KILLED);
    CHECK_INT(call_none("100000"), KILLED);
}

TEST(the_listed_calls_with_their_arguments_work)
{
    CHECK_INT(call_none("1 1 buf 0"), 0);            /* write */
    CHECK_INT(call_none("228 0 buf"), 0);            /* clock_gettime */
    CHECK_INT(call_none("228 1 buf"), 0);            /* clock_gettime */
    CHECK_INT(call_none("281 epoll buf 1 0"), 0);    /* epoll_pwait */
    CHECK_INT(call_none("286 timer 1 buf 0"), 0);    /* timerfd_settime */
    CHECK_INT(call_none("158 4098 buf"), 0);         /* arch_prctl(ARCH_SET_FS) */
    CHECK_INT(call_none("231 7"), 7);                /* exit_group */
    CHECK_INT(call_net("0 net buf 2048"), 0);        /* read */
    CHECK_INT(call_net("1 net buf 60"), 0);          /* write */
    CHECK_INT(call_disk("17 disk buf 512 3584"), 0); /* pread64 */
    CHECK_INT(call_disk("18 disk buf 512 0"), 0);    /* pwrite64 */
    CHECK_STR(t.text, "result 512\n");
}

TEST(write_is_allowed_to_the_console_and_the_networks_alone)
{
    CHECK_INT(call_none("1 0 buf 1"), KILLED);
    CHECK_INT(call_none("1 2 buf 1"), KILLED);
    CHECK_INT(call_none("1 epoll buf 1"), KILLED);
    CHECK_INT(call_none("1 timer buf 1"), KILLED);
    CHECK_INT(call_none("1 -1 buf 1"), KILLED);
    CHECK_INT(call_none("1 4294967297 buf 1"), KILLED); /* 1 in its low half */
    CHECK_INT(call_net("1 2 buf 1"), KILLED);
    CHECK_INT(call_disk("1 disk buf 512"), KILLED);
}

TEST(writing_in_parts_is_allowed_to_networks_with_a_header_alone)
{
    CHECK_INT(call_offload("20 net buf 0"), 0); /* writev */
    CHECK_INT(call_offload("0 net buf 2048"), 0);
    CHECK_INT(call_offload("1 1 buf 0"), 0);
    CHECK_INT(call_offload("20 1 buf 0"), KILLED);
    CHECK_INT(call_offload("20 epoll buf 0"), KILLED);
    CHECK_INT(call_offload("20 4294967299 buf 0"), KILLED);
    CHECK_INT(call_offload("1 net buf 60"), KILLED); /* write: no image needs it */
    CHECK_INT(call_offload("19 net buf 0"), KILLED); /* readv: nor that */
    CHECK_INT(call_net("20 net buf 0"), KILLED);
    CHECK_INT(call_socket(" " GUEST "offload.spt", "20 net buf 0"), KILLED);
    CHECK_INT(call_disk("20 disk buf 0"), KILLED);
}

TEST(read_is_allowed_from_the_networks_alone)
{
    CHECK_INT(call_none("0 0 buf 1"), KILLED);
    CHECK_INT(call_none("0 1 buf 1"), KILLED);
    CHECK_INT(call_none("0 timer buf 8"), KILLED);
    CHECK_INT(call_net("0 0 buf 1"), KILLED);
    CHECK_INT(call_disk("0 disk buf 512"), KILLED);
}

TEST(block_devices_are_allowed_in_whole_blocks_inside_them)
{
    static const char *const arguments[] = {
        "disk buf 511 0",    "disk buf 513 0",    "disk buf 1024 0",   "disk buf 0 0",
        "disk buf 512 3585", "disk buf 512 4096", "disk buf 512 -512", "disk buf 512 -1",
        "0 buf 512 0",       "epoll buf 512 0"};
    char call[64];
    for (size_t i = 0; i < sizeof arguments / sizeof arguments[0]; i++) {
        snprintf(call, sizeof call, "17 %s", arguments[i]);
        CHECK_INT(call_disk(call), KILLED);
        snprintf(call, sizeof call, "18 %s", arguments[i]);
        CHECK_INT(call_disk(call), KILLED);
    }
    CHECK_INT(call_none("17 3 buf 512 0"), KILLED);
    CHECK_INT(call_net("17 net buf 512 0"), KILLED);
    CHECK_INT(call_net("18 net buf 512 0"), KILLED);
}

/* An image whose note says that it knows of more, with a disk of 16 KiB. */
static int call_blocks(const char *call)
{
    char line[300];
    CHECK(truncate(disk(), 16384) == 0);
    snprintf(line, sizeof line, "--mem=2 --block:disk=%s " GUEST "blocks.spt call %s", disk(),
             call);
    int status = tender_run(&t, line);
    CHECK(truncate(disk(), DISK_LEN) == 0);
    return status;
}

TEST(batches_of_blocks_are_allowed_where_they_cannot_reach_beyond_the_end)
{
    static const char *const good[] = {"disk buf 1024 0", "disk buf 4096 8192",
                                       "disk buf 1024 512", "disk buf 512 15872"};
    static const char *const bad[] = {"disk buf 8193 0",     "disk buf 1024 8193",
                                      "disk buf 1024 15872", "disk buf 65536 0",
                                      "disk buf 1024 -512",  "epoll buf 1024 0"};
    char call[64];
    for (int n = SYS_pread64; n <= SYS_pwrite64; n++) {
        for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
            snprintf(call, sizeof call, "%d %s", n, good[i]);
            CHECK_INT(call_blocks(call), 0);
        }
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
            snprintf(call, sizeof call, "%d %s", n, bad[i]);
            CHECK_INT(call_blocks(call), KILLED);
        }
    }
}

TEST(flushing_and_discarding_are_allowed_to_images_that_know_of_it)
{
    CHECK_INT(call_blocks("75 disk"), 0); /* fdatasync */
    CHECK_INT(call_blocks("75 1"), KILLED);
    CHECK_INT(call_blocks("285 disk 3 0 4096"), 0); /* fallocate */
    CHECK_INT(call_blocks("285 disk 3 16384 512"), KILLED);
    CHECK_INT(call_blocks("285 disk 0 0 32768"), KILLED);
    CHECK_INT(call_blocks("285 disk 2 0 512"), KILLED);
    CHECK_INT(call_blocks("285 disk 8 0 4096"), KILLED);
    CHECK_INT(call_blocks("285 timer 3 0 512"), KILLED);
    CHECK_INT(call_disk("75 disk"), KILLED);
    CHECK_INT(call_disk("285 disk 3 0 512"), KILLED);
}

TEST(waiting_is_allowed_on_the_prepared_descriptors_alone)
{
    CHECK_INT(call_none("281 timer buf 1 0"), KILLED);
    CHECK_INT(call_none("281 0 buf 1 0"), KILLED);
    CHECK_INT(call_none("281 epoll buf 1 0 buf 8"), KILLED); /* signals are put off */
    CHECK_INT(call_none("286 epoll 1 buf 0"), KILLED);
    CHECK_INT(call_none("286 0 1 buf 0"), KILLED);
    CHECK_INT(call_net("281 net buf 1 0"), KILLED);
}

TEST(other_clocks_and_other_registers_are_not_allowed)
{
    CHECK_INT(call_none("228 2 buf"), KILLED); /* the process's CPU time */
    CHECK_INT(call_none("228 4 buf"), KILLED); /* the raw monotonic clock */
    CHECK_INT(call_none("228 -6 buf"), KILLED);
    CHECK_INT(call_none("158 4097 buf"), KILLED); /* ARCH_SET_GS */
    CHECK_INT(call_none("158 4099 buf"), KILLED); /* ARCH_GET_FS */
    CHECK_INT(call_none("158 4114 0"), KILLED);   /* ARCH_SET_CPUID */
}

/* An image that ends by `signal`, with a line that names it. */
static void check_fault(const char *what, int signal, const char *name, int line)
{
    char text[100];
    snprintf(text, sizeof text, GUEST "none.spt %s", what);
    int status = tender_run(&t, text);
    if (status != 128 + signal)
        test_failed(__FILE__, line, "%s ends with %d, not %d: %s", what, status, 128 + signal,
                    t.text);
    snprintf(text, sizeof text, "drupe-spt: The image faulted: %s at address 0x", name);
    if (strncmp(t.text, text, strlen(text)) != 0 || strchr(t.text, '\n') != t.text + t.len - 1)
        test_failed(__FILE__, line, "%s says %s", what, t.text);
}

#define CHECK_SEGV(what) check_fault(what, SIGSEGV, "SIGSEGV", __LINE__)

TEST(nothing_but_code_can_be_executed)
{
    CHECK_SEGV("execute-data");
    CHECK_SEGV("execute-constants");
    CHECK_SEGV("execute-stack");
    CHECK_SEGV("execute-heap");
    CHECK_SEGV("execute-boot-info");
}

TEST(code_and_constants_cannot_be_written)
{
    CHECK_SEGV("write-text");
    CHECK_SEGV("write-constants");
}

TEST(the_zero_page_and_what_is_outside_of_memory_fault)
{
    CHECK_SEGV("write-zero-page");
    CHECK_SEGV("jump-to-zero");
    CHECK_SEGV("write-below-memory");
    CHECK_SEGV("write-above-memory");
}

TEST(a_fault_ends_the_image_by_its_signal_with_one_line)
{
    CHECK_SEGV("privileged");
    CHECK_SEGV("no-stack");
    check_fault("illegal", SIGILL, "SIGILL", __LINE__);
    check_fault("divide", SIGFPE, "SIGFPE", __LINE__);
    check_fault("breakpoint", SIGTRAP, "SIGTRAP", __LINE__);
    check_fault("bus", SIGBUS, "SIGBUS", __LINE__);
}

TEST(the_process_has_no_way_to_new_privileges)
{
    char path[64], status[4096] = "";
    tender_start(&t, GUEST "none.spt wait");
    CHECK(tender_says(&t, "ready"));
    snprintf(path, sizeof path, "/proc/%d/status", (int)t.pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, status, sizeof status - 1);
    close(fd);
    kill(t.pid, SIGTERM);
    tender_end(&t);
    CHECK(n > 0);
    CHECK(strstr(status, "NoNewPrivs:\t1\n"));
    CHECK(strstr(status, "Seccomp:\t2\n"));
    CHECK(strstr(status, "Seccomp_filters:\t"));
}

TEST(the_disk_of_these_tests_is_removed)
{
    CHECK(unlink(disk()) == 0);
}

TEST_MAIN(TEST_OF(every_system_call_that_is_not_listed_ends_the_image),
          TEST_OF(calls_by_other_conventions_end_the_image),
          TEST_OF(the_listed_calls_with_their_arguments_work),
          TEST_OF(write_is_allowed_to_the_console_and_the_networks_alone),
          TEST_OF(writing_in_parts_is_allowed_to_networks_with_a_header_alone),
          TEST_OF(read_is_allowed_from_the_networks_alone),
          TEST_OF(block_devices_are_allowed_in_whole_blocks_inside_them),
          TEST_OF(batches_of_blocks_are_allowed_where_they_cannot_reach_beyond_the_end),
          TEST_OF(flushing_and_discarding_are_allowed_to_images_that_know_of_it),
          TEST_OF(waiting_is_allowed_on_the_prepared_descriptors_alone),
          TEST_OF(other_clocks_and_other_registers_are_not_allowed),
          TEST_OF(nothing_but_code_can_be_executed),
          TEST_OF(code_and_constants_cannot_be_written),
          TEST_OF(the_zero_page_and_what_is_outside_of_memory_fault),
          TEST_OF(a_fault_ends_the_image_by_its_signal_with_one_line),
          TEST_OF(the_process_has_no_way_to_new_privileges),
          TEST_OF(the_disk_of_these_tests_is_removed))
