/* SPDX-License-Identifier: ISC */
/* What drupe-spt does for an image, for its user, and with what is wrong. */
#include "tests/check.h"
#include "tests/sandbox/tender.h"
#include "tests/support/image.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <arpa/inet.h>
#include <sched.h>

#define NONE    GUEST "none.spt"
#define NET     GUEST "net.spt"
#define BLOCK   GUEST "block.spt"
#define OFFLOAD GUEST "offload.spt" /* as NET, and understands frames with a header */

static struct tender t;

/* The tender refuses with exactly one line of its own that contains `why`, and status 1. */
static void check_refused(const char *command, const char *why, int line)
{
    if (tender_run(&t, command) != 1)
        test_failed(__FILE__, line, "'%s' ends with %d: %s", command, t.status, t.text);
    if (strncmp(t.text, "drupe-spt: ", 11) != 0 || strchr(t.text, '\n') != t.text + t.len - 1)
        test_failed(__FILE__, line, "'%s' says %s", command, t.text);
    if (!strstr(t.text, why))
        test_failed(__FILE__, line, "'%s' says %s", command, t.text);
}

#define CHECK_REFUSED(command, why) check_refused(command, why, __LINE__)

#define CHECK_RUNS(command)                                                                    \
    do {                                                                                       \
        if (tender_run(&t, command) != 0)                                                      \
            test_failed(__FILE__, __LINE__, "ends with %d: %s", t.status, t.text);             \
    } while (0)

static char path_of_file[64];

static void remove_file(void)
{
    unlink(path_of_file);
}

/* A file in a place of its own, with this content; good until the next, or the end. */
static const char *file_with(const void *content, size_t len)
{
    char *path = path_of_file;
    if (path[0])
        remove_file();
    else
        atexit(remove_file);
    snprintf(path, sizeof path_of_file, "/tmp/drupe-test-XXXXXX");
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, content, len) != (ssize_t)len)
        abort();
    close(fd);
    return path;
}

static const char *command(const char *fmt, const char *path)
{
    static char line[300];
    const char *at = strchr(fmt, '@');
    snprintf(line, sizeof line, "%.*s%s%s", (int)(at - fmt), fmt, path, at + 1);
    return line;
}

/* ---- The contract ---------------------------------------------------------- */

TEST(the_image_finds_what_the_contract_promises)
{
    CHECK_RUNS("--mem=32 " NONE " boot");
    CHECK_STR(t.text, "memory 33554432\n");
    CHECK_RUNS(NONE " boot");
    CHECK_STR(t.text, "memory 536870912\n");
    CHECK_RUNS("--mem=8 " NONE " touch");
    CHECK_RUNS(NONE " clocks");
    CHECK_RUNS(NONE " timer");
    CHECK_RUNS(NONE " fs");
}

TEST(the_smallest_memory_is_that_of_the_image)
{
    CHECK_RUNS("--mem=2 " NONE " boot");
    CHECK_REFUSED("--mem=1 " NONE,
                  "needs more than 1 MB of memory: give it more with --mem=MB");
}

TEST(the_exit_status_is_the_images)
{
    CHECK_INT(tender_run(&t, NONE " exit 0"), 0);
    CHECK_INT(tender_run(&t, NONE " exit 7"), 7);
    CHECK_INT(tender_run(&t, NONE " exit 255"), 255);
    CHECK_INT(tender_run(&t, NONE " exit 300"), 44);
    CHECK_STR(t.text, "");
}

TEST(arguments_reach_the_image_verbatim_or_quoted)
{
    CHECK_RUNS(NONE " arguments --help --mem=3 -- --solo5:debug {x}");
    CHECK_STR(t.text, "arguments --help --mem=3 -- --solo5:debug {x}");
    const char *words[] = {"drupe-spt", NONE, "arguments", "a b", "", "\"", NULL};
    tender_start_words(&t, words);
    CHECK_INT(tender_end(&t), 0);
    CHECK_STR(t.text, "arguments \"a b\" \"\" \"\\\"\"");
}

TEST(arguments_may_take_8191_octets_and_no_more)
{
    static char word[8192];
    const char *words[] = {"drupe-spt", NONE, "arguments", word, NULL};
    memset(word, 'a', 8191 - strlen("arguments "));
    tender_start_words(&t, words);
    CHECK_INT(tender_end(&t), 0);
    CHECK_INT(t.len, 8191);
    word[strlen(word)] = 'a';
    tender_start_words(&t, words);
    CHECK_INT(tender_end(&t), 1);
    CHECK_STR(t.text, "drupe-spt: the image's arguments are longer than 8191 octets\n");
}

TEST(a_block_device_is_read_and_written_block_by_block)
{
    static uint8_t content[8192];
    memset(content, 0x5a, 4096);
    const char *path = file_with(content, sizeof content);
    CHECK_RUNS(command("--block:disk=@ " BLOCK " boot", path));
    CHECK_STR(t.text, "memory 536870912\ncapacity 8192\nsector 512\n");
    CHECK_RUNS(command("--block:disk=@ --block-sector-size:disk=4096 " BLOCK " disk", path));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(pread(fd, content, sizeof content, 0) == sizeof content);
    close(fd);
    CHECK_INT(content[0], 0x5a);
    CHECK_INT(content[4096], 0xa5);
    CHECK_INT(content[8191], 0xa5);
    struct stat st;
    CHECK(stat(path, &st) == 0 && st.st_size == 8192);
}

TEST(what_is_said_on_a_closed_console_does_not_reach_a_device)
{
    static const uint8_t content[1024];
    uint8_t after[2048];
    char line[300];
    const char *path = file_with(content, sizeof content);
    snprintf(line, sizeof line, TENDER " --block:disk=%s " BLOCK " boot >&-", path);
    CHECK_INT(system(line), 0);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    CHECK_INT(read(fd, after, sizeof after), sizeof content);
    CHECK_MEM(after, content, sizeof content);
    close(fd);
}

/* ---- Networks by descriptor ------------------------------------------------ */

static const uint8_t frame[60] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 0x88, 0xb5, 'x', 'y'};

/* The image sends the frame back, its addresses exchanged. */
static void echo_over_socket(int type)
{
    int ends[2];
    char line[200];
    uint8_t back[2000];
    CHECK(socketpair(AF_UNIX, type, 0, ends) == 0);
    CHECK(fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0);
    snprintf(line, sizeof line, "--net:service=@%d " NET " echo", ends[0]);
    tender_start(&t, line);
    close(ends[0]);
    CHECK(tender_says(&t, "ready"));
    CHECK(write(ends[1], frame, sizeof frame) == sizeof frame);
    CHECK_INT(tender_end(&t), 0);
    CHECK_INT(read(ends[1], back, sizeof back), sizeof frame);
    CHECK_MEM(back, frame + 6, 6);
    CHECK_MEM(back + 6, frame, 6);
    CHECK_MEM(back + 12, frame + 12, sizeof frame - 12);
    close(ends[1]);
}

TEST(a_socket_of_packets_is_a_network)
{
    echo_over_socket(SOCK_SEQPACKET);
    echo_over_socket(SOCK_DGRAM);
}

TEST(a_frame_to_a_network_whose_other_end_is_gone_is_an_error)
{
    int ends[2];
    char line[200];
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
    close(ends[1]);
    snprintf(line, sizeof line, "--net:service=@%d " NET " call 1 net buf 60 0 0 0", ends[0]);
    CHECK_INT(tender_run(&t, line), 0);
    CHECK_STR(t.text, "result 18446744073709551584\n"); /* -EPIPE */
    close(ends[0]);
}

/* By SIGPIPE's default it would be its end, with no word. */
TEST(a_console_that_nobody_reads_does_not_end_the_image)
{
    int ends[2];
    char line[200];
    CHECK(pipe(ends) == 0);
    close(ends[0]);
    snprintf(line, sizeof line, TENDER " " NONE " arguments it speaks >&%d", ends[1]);
    CHECK_INT(system(line), 0);
    close(ends[1]);
}

TEST(a_sockets_mtu_is_1500_and_the_address_is_random_or_given)
{
    int ends[2];
    char line[200];
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
    snprintf(line, sizeof line,
             "--net:service=@%d --net-mac:service=02:00:00:00:00:fe " NET " boot", ends[0]);
    CHECK_RUNS(line);
    CHECK_STR(t.text, "memory 536870912\nmtu 1500\nmac0 2\nmac5 254\nfeatures 0\n");
    snprintf(line, sizeof line, "--net:service=@%d " NET " boot", ends[0]);
    CHECK_RUNS(line);
    const char *mac0 = strstr(t.text, "mac0 ");
    CHECK(mac0 && (atoi(mac0 + 5) & 3) == 2); /* one station, locally administered */
    close(ends[0]);
    close(ends[1]);
}

TEST(a_sockets_mtu_can_be_given)
{
    int ends[2];
    char line[200];
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
    snprintf(line, sizeof line, "--net:service=@%d,mtu=65520 " NET " boot", ends[0]);
    CHECK_RUNS(line);
    CHECK(strstr(t.text, "mtu 65520\n"));
    CHECK_REFUSED("--net:service=@3,mtu=67 " NET, "an MTU is 68 to 65521");
    CHECK_REFUSED("--net:service=@3,mtu= " NET, "an MTU is 68 to 65521");
    CHECK_REFUSED("--net:service=@3,mtu=99999999999999999999 " NET, "an MTU is 68 to 65521");
    CHECK_REFUSED("--net:service=@3,mtu=1500x " NET, "give the number of an open descriptor");
    close(ends[0]);
    close(ends[1]);
}

TEST(a_descriptor_that_is_no_network_is_refused)
{
    char line[200];
    int ends[2];
    CHECK_REFUSED("--net:service=@97 " NET, "@97 is not an open descriptor");
    CHECK_REFUSED("--net:service=@ " NET, "give the number of an open descriptor");
    CHECK_REFUSED("--net:service=@x " NET, "give the number of an open descriptor");
    CHECK_REFUSED("--net:service=@3x " NET, "give the number of an open descriptor");
    CHECK_REFUSED("--net:service=@-1 " NET, "give the number of an open descriptor");
    CHECK_REFUSED("--net:service=@99999999999999999999 " NET, "give the number");
    CHECK_REFUSED("--net:service=@0 " NET, "@0 is neither a tap nor a Unix socket of packets");
    CHECK_REFUSED("--net:service=@1 " NET, "@1 is the image's console");
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    snprintf(line, sizeof line, "--net:service=@%d " NET, ends[0]);
    CHECK_REFUSED(line, "is neither a tap nor a Unix socket of packets");
    close(ends[0]);
    close(ends[1]);
    int udp = socket(AF_INET, SOCK_DGRAM, 0);
    snprintf(line, sizeof line, "--net:service=@%d " NET, udp);
    CHECK_REFUSED(line, "is neither a tap nor a Unix socket of packets");
    close(udp);
}

/* ---- What of the person who starts it the image is left with ------------------- */

/* Whether these octets are anywhere in a process's memory that it may write. */
static bool has_in_memory(pid_t pid, const char *text)
{
    char path[64], line[512];
    bool found = false;
    snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    FILE *maps = fopen(path, "re");
    snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
    int mem = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(maps && mem >= 0);
    while (fgets(line, sizeof line, maps)) {
        char *end, *rights;
        unsigned long at = strtoul(line, &end, 16), to = strtoul(end + 1, &rights, 16);
        char *octets = malloc(to - at);
        ssize_t n = rights[2] == 'w' && octets ? pread(mem, octets, to - at, (off_t)at) : 0;
        found |= n > 0 && memmem(octets, (size_t)n, text, strlen(text));
        free(octets);
    }
    fclose(maps);
    close(mem);
    return found;
}

TEST(the_environment_is_not_in_the_images_reach)
{
    CHECK(setenv("DRUPE_TEST_SECRET", "open-sesame-5417", 1) == 0);
    tender_start(&t, "--mem=2 " NONE " wait here-it-waits");
    CHECK(tender_says(&t, "ready"));
    CHECK(has_in_memory(t.pid, "here-it-waits"));
    CHECK(!has_in_memory(t.pid, "open-sesame-5417"));
    CHECK(!has_in_memory(t.pid, "DRUPE_TEST_SECRET"));
    kill(t.pid, SIGTERM);
    tender_end(&t);
    unsetenv("DRUPE_TEST_SECRET");
}

/* What the descriptors of a process are, but for standard input, output and error. */
static const char *descriptors_of(pid_t pid)
{
    static char list[1000];
    char path[64], to[64];
    list[0] = 0;
    for (int fd = 3; fd < 1000; fd++) {
        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, fd);
        ssize_t n = readlink(path, to, sizeof to - 1);
        if (n < 0)
            continue;
        to[n] = 0;
        size_t len = strlen(list);
        snprintf(list + len, sizeof list - len, "%.*s ", (int)strcspn(to, ":"), to);
    }
    return list;
}

TEST(the_image_inherits_no_descriptor_but_its_devices)
{
    int ends[2];
    char line[100];
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
    CHECK(fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0);
    CHECK(dup2(STDIN_FILENO, 99) == 99 && dup2(ends[0], 55) == 55 && dup2(ends[0], 3) == 3);
    snprintf(line, sizeof line, "--net:service=@55 " NET " wait");
    tender_start(&t, line);
    CHECK(tender_says(&t, "ready"));
    CHECK_STR(descriptors_of(t.pid), "anon_inode anon_inode socket ");
    kill(t.pid, SIGTERM);
    tender_end(&t);
    close(99);
    close(55);
    close(3);
    close(ends[0]);
    close(ends[1]);
}

TEST(the_thread_pointer_does_not_lead_to_the_tender)
{
    CHECK_INT(tender_run(&t, NONE " read-thread-pointer"), 128 + SIGSEGV);
    CHECK(strstr(t.text, "faulted: SIGSEGV at address 0x0, "));
}

TEST(a_reporter_that_faults_itself_ends_the_process_by_the_signal)
{
    CHECK_INT(tender_run(&t, NONE " fault-twice"), 128 + SIGSEGV);
    CHECK(strstr(t.text, "faulted: SIGSEGV at address 0x8, "));
}

/* ---- Signals --------------------------------------------------------------- */

static void end_by_signal(const char *what, int signal)
{
    char line[100], says[100];
    snprintf(line, sizeof line, NONE " %s", what);
    snprintf(says, sizeof says, "ready\ndrupe-spt: Exiting on signal %d\n", signal);
    tender_start(&t, line);
    CHECK(tender_says(&t, "ready"));
    kill(t.pid, signal);
    CHECK_INT(tender_end(&t), 1);
    CHECK_STR(t.text, says);
}

TEST(an_image_that_waits_ends_on_sigint_and_sigterm)
{
    end_by_signal("wait", SIGINT);
    end_by_signal("wait", SIGTERM);
}

TEST(an_image_that_never_waits_ends_too)
{
    end_by_signal("spin", SIGINT);
    end_by_signal("spin", SIGTERM);
}

TEST(an_image_that_lost_its_stack_and_thread_pointer_ends_too)
{
    /* It moves FS after it has said so; either way it ends properly. */
    end_by_signal("spin-without-a-stack", SIGINT);
    end_by_signal("spin-without-a-stack", SIGTERM);
}

TEST(a_signal_that_the_parent_ignored_or_blocked_still_ends_the_image)
{
    sigset_t all, before;
    signal(SIGINT, SIG_IGN);
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    end_by_signal("wait", SIGINT);
    end_by_signal("wait", SIGTERM);
    sigprocmask(SIG_SETMASK, &before, NULL);
    signal(SIGINT, SIG_DFL);
}

/* ---- Command lines --------------------------------------------------------- */

TEST(help_and_version_are_answers_not_errors)
{
    CHECK_INT(tender_run(&t, "--help"), 0);
    CHECK(strstr(t.text, "usage: drupe-spt") && strstr(t.text, "--net:NAME=TAP"));
    CHECK_INT(tender_run(&t, "--version"), 0);
    CHECK(strstr(t.text, "ABI version 2\n"));
}

TEST(a_wrong_command_line_is_one_line_and_status_1)
{
    CHECK_REFUSED("", "which image?");
    CHECK_REFUSED("--mem=2", "which image?");
    CHECK_REFUSED("--mem=none " NONE, "megabytes");
    CHECK_REFUSED("--gdb " NONE, "--gdb: no such option");
    CHECK_REFUSED("--net:service=t0 --net:service=t1 " NET, "given twice");
    CHECK_REFUSED("--net:service " NET, "a value is missing");
    CHECK_REFUSED("/nonexistent.spt", "/nonexistent.spt: cannot be opened: No such file");
}

TEST(devices_must_be_those_that_the_image_declares)
{
    CHECK_REFUSED(NET,
                  "network device 'service' is not attached: add --net:service=TAP, or =user");
    CHECK_REFUSED(BLOCK, "block device 'disk' is not attached: add --block:disk=FILE");
    CHECK_REFUSED("--net:service=t0 " NONE, "declares no network device of that name");
    CHECK_REFUSED("--net:other=t0 " NET, "--net:other: the image declares no network device");
    CHECK_REFUSED("--block:service=f " NET,
                  "--block:service: the image declares no block device");
    CHECK_REFUSED("--net-mac:other=02:00:00:00:00:01 " NET,
                  "--net-mac:other: the image declares");
    CHECK_REFUSED("--block-sector-size:a=512 " NONE, "declares no block device");
    CHECK_REFUSED("--net-mac:service=02:00:00:00:00:01 " NET, "'service' is not attached");
}

TEST(the_values_of_device_options_are_checked)
{
    char line[200];
    int ends[2];
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
    snprintf(line, sizeof line, "--net:service=@%d --net-mac:service=1 " NET, ends[0]);
    CHECK_REFUSED(line, "--net-mac:service: '1' is not a hardware address");
    snprintf(line, sizeof line, "--net:service=@%d --net-mac:service=ff:ff:ff:ff:ff:ff " NET,
             ends[0]);
    CHECK_REFUSED(line, "is not the address of one station");
    close(ends[0]);
    close(ends[1]);
    CHECK_REFUSED("--net:service=nonexistent0 " NET, "there is no network interface");
    CHECK_REFUSED("--net:service=averyverylongname " NET, "too long");
    CHECK_REFUSED("--net:service=lo " NET, "--net:service: ");
}

TEST(a_block_devices_file_must_be_whole_blocks)
{
    static const char content[1536];
    const char *path = file_with(content, sizeof content);
    CHECK_RUNS(command("--block:disk=@ " BLOCK " boot", path));
    CHECK_REFUSED(command("--block:disk=@ --block-sector-size:disk=1024 " BLOCK, path),
                  "not a multiple of the sector size 1024");
    CHECK_REFUSED(command("--block:disk=@ --block-sector-size:disk=500 " BLOCK, path),
                  "not a power of 2");
    CHECK_REFUSED(command("--block:disk=@ --block-sector-size:disk=4096 " BLOCK, path),
                  "not a multiple");
    CHECK_REFUSED(command("--block:disk=@ " BLOCK, file_with("", 0)), "not a multiple");
    CHECK_REFUSED("--block:disk=/nonexistent " BLOCK, "cannot open '/nonexistent'");
    CHECK_REFUSED("--block:disk=/dev/null " BLOCK, "neither a file nor a disk");
    CHECK_REFUSED("--block:disk=/ " BLOCK, "cannot open '/'");
}

TEST(what_is_no_image_is_refused)
{
    static struct image i;
    static uint8_t octets[8192];
    CHECK_REFUSED("/", "not an image: not a regular file");
    CHECK_REFUSED("/dev/null", "not an image: not a regular file");
    CHECK_REFUSED(TENDER, "not an image: its ELF type is 3");
    CHECK_REFUSED(file_with("", 0), "not an image");
    CHECK_REFUSED(file_with("#!/bin/sh\n", 10), "not an image: not an ELF file");
    image_init(&i);
    i.abi_note[5] = ABI_TARGET_HVT;
    CHECK_REFUSED(file_with(octets, image_build(&i, octets, sizeof octets)),
                  "for the target hvt (1), not spt");
    image_init(&i);
    i.abi_note[6] = 1;
    CHECK_REFUSED(file_with(octets, image_build(&i, octets, sizeof octets)), "version 1");
    image_init(&i);
    i.ph[PH_TEXT].p_flags = PF_R | PF_W | PF_X;
    CHECK_REFUSED(file_with(octets, image_build(&i, octets, sizeof octets)),
                  "both writable and executable");
}

TEST(an_image_cut_short_anywhere_is_refused)
{
    static struct image i;
    static uint8_t octets[8192];
    image_init(&i);
    size_t len = image_build(&i, octets, sizeof octets);
    for (size_t n = 0; n < len; n += 7)
        CHECK_REFUSED(file_with(octets, n), "image");
    CHECK_INT(tender_run(&t, file_with(octets, len)), 128 + SIGTRAP);
}

TEST(data_is_not_executable_even_if_the_parent_asked_for_it)
{
    int before = personality(0xffffffff);
    if (personality((unsigned long)before | READ_IMPLIES_EXEC) < 0)
        SKIP("the personality cannot be changed here");
    tender_run(&t, NONE " execute-data");
    personality((unsigned long)before);
    /* Kernels clear it for such a program; one that did not would be refused. */
    CHECK(t.status == 128 + SIGSEGV || strstr(t.text, "READ_IMPLIES_EXEC"));
}

TEST(more_memory_than_there_are_addresses_for_is_refused)
{
    /* One terabyte is only promised; it may be refused, but never half done. */
    int status = tender_run(&t, "--mem=1048576 " NONE " boot");
    CHECK(status == 0 || (status == 1 && strstr(t.text, "drupe-spt: ")));
}

/* ---- Taps, in a network of this process's own: the last tests ----------------- */

/* An interface request for `name`. */
static struct ifreq request(const char *name)
{
    struct ifreq r;
    memset(&r, 0, sizeof r);
    strncpy(r.ifr_name, name, sizeof r.ifr_name - 1);
    return r;
}

/* Leaves for an empty network, once; without root in a user namespace. */
static void enter_network(void)
{
    static bool entered;
    if (!entered && unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        SKIP("needs root or user namespaces, for a network of its own");
    entered = true;
}

static int open_tap(const char *name, short flags)
{
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    struct ifreq r = request(name);
    r.ifr_flags = flags;
    if (fd < 0 || ioctl(fd, TUNSETIFF, &r) != 0)
        SKIP("needs /dev/net/tun");
    return fd;
}

/* Sets flags (0: down) and the MTU of an interface. */
static void configure(const char *name, short flags, int mtu)
{
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq r = request(name);
    r.ifr_mtu = mtu;
    CHECK(ioctl(s, SIOCSIFMTU, &r) == 0);
    r = request(name);
    r.ifr_flags = flags;
    CHECK(ioctl(s, SIOCSIFFLAGS, &r) == 0);
    close(s);
}

/* A tap that stays when it is closed. */
static void make_tap(const char *name, short flags, int mtu)
{
    enter_network();
    int fd = open_tap(name, IFF_TAP | IFF_NO_PI);
    CHECK(ioctl(fd, TUNSETPERSIST, 1) == 0);
    configure(name, flags, mtu);
    close(fd);
}

TEST(a_tap_must_exist_be_up_and_be_a_tap)
{
    enter_network();
    CHECK_REFUSED("--net:service=none0 " NET, "there is no network interface 'none0'");
    make_tap("down0", 0, 1500);
    CHECK_REFUSED("--net:service=down0 " NET, "'down0' is down (ip link set down0 up)");
    configure("lo", IFF_UP, 65536);
    CHECK_REFUSED("--net:service=lo " NET, "'lo' is not a tap");
}

TEST(a_taps_mtu_is_what_the_image_is_told)
{
    make_tap("mtu0", IFF_UP, 1280);
    CHECK_RUNS("--net:service=mtu0 " NET " boot");
    CHECK(strstr(t.text, "mtu 1280\n"));
}

TEST(a_tap_in_use_is_waited_for_and_then_refused)
{
    make_tap("busy0", IFF_UP, 1500);
    int fd = open_tap("busy0", IFF_TAP | IFF_NO_PI);
    CHECK_REFUSED("--net:service=busy0 " NET, "the tap 'busy0' is in use by another process");
    close(fd);
    CHECK_RUNS("--net:service=busy0 " NET " boot");
}

static int open_packets(const char *name)
{
    int s = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
    struct ifreq r = request(name);
    CHECK(s >= 0 && ioctl(s, SIOCGIFINDEX, &r) == 0);
    struct sockaddr_ll to = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETH_P_ALL),
                             .sll_ifindex = r.ifr_ifindex};
    CHECK(bind(s, (struct sockaddr *)&to, sizeof to) == 0);
    return s;
}

TEST(frames_pass_through_a_tap)
{
    uint8_t back[2000];
    struct sockaddr_ll from;
    socklen_t len = sizeof from;
    make_tap("echo0", IFF_UP, 1500);
    tender_start(&t, "--net:service=echo0 " NET " echo");
    CHECK(tender_says(&t, "ready"));
    int s = open_packets("echo0");
    CHECK(write(s, frame, sizeof frame) == sizeof frame);
    CHECK_INT(tender_end(&t), 0);
    do
        CHECK(recvfrom(s, back, sizeof back, MSG_DONTWAIT, (struct sockaddr *)&from, &len) > 0);
    while (from.sll_pkttype == PACKET_OUTGOING || memcmp(back + 12, frame + 12, 2) != 0);
    CHECK_MEM(back, frame + 6, 6);
    close(s);
}

TEST(an_open_tap_is_adopted_and_one_with_headers_refused)
{
    char line[100];
    make_tap("fd0", IFF_UP, 1400);
    int fd = open_tap("fd0", IFF_TAP | IFF_NO_PI);
    CHECK(fcntl(fd, F_SETFD, 0) == 0);
    snprintf(line, sizeof line, "--net:service=@%d " NET " boot", fd);
    CHECK_RUNS(line);
    CHECK(strstr(t.text, "mtu 1400\n"));
    close(fd);
    fd = open_tap("fd0", IFF_TAP | IFF_NO_PI | IFF_VNET_HDR);
    CHECK(fcntl(fd, F_SETFD, 0) == 0);
    snprintf(line, sizeof line, "--net:service=@%d " NET " boot", fd);
    CHECK_REFUSED(line, "a tap with IFF_VNET_HDR, which the image does not understand");
    close(fd);
}

/* Segments cut and checksums filled in are what the other end of the tap would see. */
static void check_offloads(const char *name, bool on)
{
    static const uint32_t asked[] = {ETHTOOL_GTXCSUM, ETHTOOL_GTSO};
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    for (unsigned i = 0; i < 2; i++) {
        struct ethtool_value v = {.cmd = asked[i]};
        struct ifreq r = request(name);
        r.ifr_data = (void *)&v;
        CHECK(ioctl(s, SIOCETHTOOL, &r) == 0);
        CHECK_INT(v.data != 0, on);
    }
    close(s);
}

TEST(a_tap_has_offloads_on_for_an_image_that_understands_them_alone)
{
    make_tap("off0", IFF_UP, 1500);
    tender_start(&t, "--net:service=off0 " OFFLOAD " wait");
    CHECK(tender_says(&t, "ready"));
    check_offloads("off0", true);
    kill(t.pid, SIGTERM);
    CHECK_INT(tender_end(&t), 1);
    CHECK_RUNS("--net:service=off0 " OFFLOAD " boot");
    CHECK(strstr(t.text, "features 3\n"));
    /* The tap stays, and forgets what its last user had switched on. */
    tender_start(&t, "--net:service=off0 " NET " wait");
    CHECK(tender_says(&t, "ready"));
    check_offloads("off0", false);
    kill(t.pid, SIGTERM);
    CHECK_INT(tender_end(&t), 1);
    CHECK_RUNS("--net:service=off0 " NET " boot");
    CHECK(strstr(t.text, "features 0\n"));
}

TEST(of_an_adopted_tap_it_is_found_out_whether_it_has_the_header)
{
    char line[100];
    make_tap("fd1", IFF_UP, 1400);
    for (int header = 0; header < 2; header++) {
        int fd = open_tap("fd1", (short)(IFF_TAP | IFF_NO_PI | (header ? IFF_VNET_HDR : 0)));
        CHECK(fcntl(fd, F_SETFD, 0) == 0);
        snprintf(line, sizeof line, "--net:service=@%d " OFFLOAD " boot", fd);
        CHECK_RUNS(line);
        CHECK(strstr(t.text, header ? "features 3\n" : "features 0\n"));
        close(fd);
    }
}

TEST(a_socket_has_headers_when_that_is_asked_for_and_understood)
{
    int ends[2];
    char line[200];
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
    snprintf(line, sizeof line, "--net:service=@%d,offload " OFFLOAD " boot", ends[0]);
    CHECK_RUNS(line);
    CHECK(strstr(t.text, "features 3\n"));
    snprintf(line, sizeof line, "--net:service=@%d " OFFLOAD " boot", ends[0]);
    CHECK_RUNS(line);
    CHECK(strstr(t.text, "features 0\n"));
    snprintf(line, sizeof line, "--net:service=@%d,offload " NET, ends[0]);
    CHECK_REFUSED(line, "the image understands no frames with a header");
    close(ends[0]);
    close(ends[1]);
}

TEST_MAIN(TEST_OF(the_image_finds_what_the_contract_promises),
          TEST_OF(the_smallest_memory_is_that_of_the_image),
          TEST_OF(the_exit_status_is_the_images),
          TEST_OF(arguments_reach_the_image_verbatim_or_quoted),
          TEST_OF(arguments_may_take_8191_octets_and_no_more),
          TEST_OF(a_block_device_is_read_and_written_block_by_block),
          TEST_OF(what_is_said_on_a_closed_console_does_not_reach_a_device),
          TEST_OF(a_socket_of_packets_is_a_network),
          TEST_OF(a_frame_to_a_network_whose_other_end_is_gone_is_an_error),
          TEST_OF(a_console_that_nobody_reads_does_not_end_the_image),
          TEST_OF(a_sockets_mtu_is_1500_and_the_address_is_random_or_given),
          TEST_OF(a_sockets_mtu_can_be_given),
          TEST_OF(a_descriptor_that_is_no_network_is_refused),
          TEST_OF(the_environment_is_not_in_the_images_reach),
          TEST_OF(the_image_inherits_no_descriptor_but_its_devices),
          TEST_OF(the_thread_pointer_does_not_lead_to_the_tender),
          TEST_OF(a_reporter_that_faults_itself_ends_the_process_by_the_signal),
          TEST_OF(an_image_that_waits_ends_on_sigint_and_sigterm),
          TEST_OF(an_image_that_never_waits_ends_too),
          TEST_OF(an_image_that_lost_its_stack_and_thread_pointer_ends_too),
          TEST_OF(a_signal_that_the_parent_ignored_or_blocked_still_ends_the_image),
          TEST_OF(help_and_version_are_answers_not_errors),
          TEST_OF(a_wrong_command_line_is_one_line_and_status_1),
          TEST_OF(devices_must_be_those_that_the_image_declares),
          TEST_OF(the_values_of_device_options_are_checked),
          TEST_OF(a_block_devices_file_must_be_whole_blocks),
          TEST_OF(what_is_no_image_is_refused), TEST_OF(an_image_cut_short_anywhere_is_refused),
          TEST_OF(data_is_not_executable_even_if_the_parent_asked_for_it),
          TEST_OF(more_memory_than_there_are_addresses_for_is_refused),
          TEST_OF(a_tap_must_exist_be_up_and_be_a_tap),
          TEST_OF(a_taps_mtu_is_what_the_image_is_told),
          TEST_OF(a_tap_in_use_is_waited_for_and_then_refused),
          TEST_OF(frames_pass_through_a_tap),
          TEST_OF(an_open_tap_is_adopted_and_one_with_headers_refused),
          TEST_OF(a_tap_has_offloads_on_for_an_image_that_understands_them_alone),
          TEST_OF(of_an_adopted_tap_it_is_found_out_whether_it_has_the_header),
          TEST_OF(a_socket_has_headers_when_that_is_asked_for_and_understood))
