/* SPDX-License-Identifier: ISC */
/* A bad link between two taps: see `test-link --help`. What happens to frames is link.c's;
 * here are the descriptors and the clock. */
#include "tests/link/options.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SEC        1000000000ULL
#define BATCH      64    /* frames read from one end before the other is looked at */
#define FRAME_MOST 65550 /* no tap's MTU allows more */
/* Bits may flip behind the Ethernet and IPv4 headers: frames have a check sequence, which those
 * of taps lack, and a header's checksum would tell. */
#define SOUND 34U

enum event { END_0, END_1, CLOCK, SIGNAL };

static const char usage[] =
    "usage: test-link [seed=N] [OPTION...] [NAMESPACE:]TAP [NAMESPACE:]TAP\n"
    "\n"
    "Carries frames between two taps as a bad link does, until SIGTERM or SIGINT; then says "
    "on\n"
    "standard error what became of them. Writes \"ready\" once both taps are there.\n"
    "\n"
    "Options, for both directions; with ab- or ba- before them (ab-loss=1%) for that from the\n"
    "first tap to the second, or back:\n";

static struct link the_link;
static struct rng rng = {1};
static int fds[4]; /* by enum event */
static uint64_t began, full[2];

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "test-link: %s\n", what);
    exit(2);
}

static _Noreturn void die_errno(const char *what)
{
    fprintf(stderr, "test-link: %s: %s\n", what, strerror(errno));
    exit(2);
}

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SEC + (uint64_t)t.tv_nsec - began;
}

/* ---- What is opened ---------------------------------------------------------------------- */

static void enter(const char *name, int len)
{
    char path[300];
    snprintf(path, sizeof path, "/run/netns/%.*s", len, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || setns(fd, CLONE_NEWNET) != 0)
        die_errno(path);
    close(fd);
}

/* A tap belongs to the namespace in which it was attached, wherever we are later. */
static int open_end(const char *end)
{
    struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    const char *colon = strchr(end, ':'), *tap = colon ? colon + 1 : end;
    int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (strlen(tap) == 0 || strlen(tap) >= IFNAMSIZ)
        die("a tap's name has 1 to 15 characters");
    if (colon)
        enter(end, (int)(colon - end));
    memcpy(r.ifr_name, tap, strlen(tap));
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || ioctl(fd, TUNSETIFF, &r) != 0)
        die_errno(end);
    (void)ioctl(fd, TUNSETOFFLOAD, 0UL);
    if (home < 0 || setns(home, CLONE_NEWNET) != 0)
        die_errno("cannot come back from a namespace");
    close(home);
    return fd;
}

static int signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

static int wait_set(void)
{
    int set = epoll_create1(EPOLL_CLOEXEC);
    for (uint32_t i = END_0; i <= SIGNAL; i++) {
        struct epoll_event e = {.events = EPOLLIN, .data.u32 = i};
        if (fds[i] < 0 || epoll_ctl(set, EPOLL_CTL_ADD, fds[i], &e) != 0)
            die_errno("cannot wait");
    }
    return set;
}

/* ---- Frames ---------------------------------------------------------------------------------
 */

static void take_from(int end)
{
    static uint8_t frame[FRAME_MOST];
    for (int i = 0; i < BATCH; i++) {
        ssize_t n = read(fds[end], frame, sizeof frame);
        if (n < 0 && (errno == EAGAIN || errno == EIO)) /* EIO: it is down, and may come back */
            return;
        if (n < 0)
            die_errno("a tap has gone");
        link_send(&the_link, !end, bytes_of(frame, (size_t)n), 0, now());
    }
}

static void deliver(void)
{
    while (link_next(&the_link) <= now()) {
        struct link_packet p = link_take(&the_link);
        if (write(fds[p.to], p.octets, p.len) < 0)
            full[p.to]++;
        free(p.octets);
    }
}

static void set_clock(void)
{
    uint64_t at = link_next(&the_link);
    struct itimerspec t = {0};
    if (at != UINT64_MAX) {
        t.it_value.tv_sec = (time_t)((at + began) / SEC);
        t.it_value.tv_nsec = (long)((at + began) % SEC);
    }
    if (timerfd_settime(fds[CLOCK], TFD_TIMER_ABSTIME, &t, NULL) != 0)
        die_errno("cannot set the clock");
}

static void carry(void)
{
    int set = wait_set();
    bool ends = false;
    while (!ends) {
        struct epoll_event e[4];
        int n = epoll_wait(set, e, 4, -1);
        if (n < 0 && errno != EINTR)
            die_errno("cannot wait");
        for (int i = 0; i < n; i++) {
            if (e[i].data.u32 <= END_1)
                take_from((int)e[i].data.u32);
            ends |= e[i].data.u32 == SIGNAL;
        }
        deliver();
        set_clock(); /* which also makes a clock that has rung silent */
    }
}

#define PRINT_COUNT(name)                                                                      \
    fprintf(stderr, " " #name " %llu", (unsigned long long)the_link.way[to].counts.name);
static void report(void)
{
    for (int to = 1; to >= 0; to--) {
        fputs(to ? "ab:" : "ba:", stderr);
        LINK_COUNTS(PRINT_COUNT)
        fprintf(stderr, " not_taken %llu\n", (unsigned long long)full[to]);
    }
}

static void set_option(const char *option)
{
    char error[LINK_ERROR_LEN], *end;
    if (strncmp(option, "seed=", 5) == 0) {
        rng.s = strtoull(option + 5, &end, 10);
        if (end == option + 5 || *end)
            die("a seed is a number");
    } else if (link_option(&the_link, option, error) != 0) {
        die(error);
    }
}

int main(int argc, char **argv)
{
    the_link = (struct link){.rng = &rng, .frames = true, .sound = SOUND};
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        printf("%s%s", usage, link_options_help);
        return 0;
    }
    if (argc < 3)
        die("two taps are needed: see --help");
    for (int i = 1; i < argc - 2; i++)
        set_option(argv[i]);
    for (int to = 0; to < 2; to++)
        the_link.way[to].losses.s = rng_next(&rng);
    fds[END_0] = open_end(argv[argc - 2]);
    fds[END_1] = open_end(argv[argc - 1]);
    fds[CLOCK] = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    fds[SIGNAL] = signals();
    began = now();
    puts("ready");
    fflush(stdout);
    carry();
    report();
    link_end(&the_link);
    return 0;
}
