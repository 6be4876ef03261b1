/* SPDX-License-Identifier: ISC */
#include "host/gateway/sandbox.h"
#include "host/confine.h"
#include "host/gateway/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

/* The memory it may map: the budgets of serve.c, and libraries. */
#define ADDRESS_SPACE (1UL << 30)

/* A condition on an argument: (argument & mask) == value. */
struct condition {
    unsigned at;
    uint64_t mask, value;
};

/* A system call that may be used, under all of its conditions, and why. */
struct call {
    const char *name;
    const char *reason;
    unsigned n;
    struct condition when[3];
};

#define WORD 0xffffffffU /* an int: the upper half of the register is undefined */
#define ARG(i, v)                                                                              \
    {                                                                                          \
        i, WORD, v                                                                             \
    }
#define OPEN   (SOCK_NONBLOCK | SOCK_CLOEXEC)
#define STREAM (SOCK_STREAM | OPEN)
#define DGRAM  (SOCK_DGRAM | OPEN)
#define OPTION(level, name)                                                                    \
    2,                                                                                         \
    {                                                                                          \
        ARG(1, level), ARG(2, name)                                                            \
    }

static const struct call calls[] = {
    {"epoll_wait", "the loop's wait", 0, {{0}}},
    {"epoll_ctl", "a new socket; what the link is waited for", 0, {{0}}},
    {"poll", "whether the image's end is closed", 0, {{0}}},
    {"recvmmsg", "frames from the image", 0, {{0}}},
    {"sendmmsg", "frames to the image", 0, {{0}}},
    {"recvfrom", "data from the host's sockets", 0, {{0}}},
    {"sendto", "data to the host's sockets", 0, {{0}}},
    {"accept4", "clients of published ports", 1, {ARG(3, OPEN)}},
    {"connect", "connections that the image makes", 0, {{0}}},
    {"shutdown", "one side of a connection is closed", 1, {ARG(1, SHUT_WR)}},
    {"close", "a connection is closed", 0, {{0}}},
    {"getsockopt", "the error of a connection", OPTION(SOL_SOCKET, SO_ERROR)},
    {"socket",
     "connections that the image makes",
     3,
     {ARG(0, AF_INET), ARG(1, STREAM), ARG(2, 0)}},
    {"socket",
     "datagrams that the image sends",
     3,
     {ARG(0, AF_INET), ARG(1, DGRAM), ARG(2, 0)}},
    {"socket",
     "pings that the image sends",
     3,
     {ARG(0, AF_INET), ARG(1, DGRAM), ARG(2, IPPROTO_ICMP)}},
    {"setsockopt", "no delay of small segments", OPTION(IPPROTO_TCP, TCP_NODELAY)},
    {"setsockopt", "peers that vanish are found out", OPTION(SOL_SOCKET, SO_KEEPALIVE)},
    {"setsockopt", "a reset is passed on", OPTION(SOL_SOCKET, SO_LINGER)},
    {"getrandom", "ports that nobody guesses", 0, {{0}}},
    {"clock_gettime", "the clock, where the kernel's page for it is missing", 0, {{0}}},
    {"mmap", "buffers; never executable", 1, {{2, PROT_EXEC, 0}}},
    {"munmap", "memory is given back", 0, {{0}}},
    {"write", "the word to the parent: ready", 1, {ARG(0, USERNET_WORD_FD)}},
    {"write", "a last word on stderr when a check fails", 1, {ARG(0, 2)}},
    {"rt_sigreturn", "the end of a signal's handling", 0, {{0}}},
    {"restart_syscall", "the wait goes on after a stop", 0, {{0}}},
    {"exit_group", "the end", 0, {{0}}},
};

static int add_call(scmp_filter_ctx filter, const struct call *c)
{
    struct scmp_arg_cmp args[3];
    for (unsigned i = 0; i < c->n; i++)
        args[i] =
            SCMP_CMP64(c->when[i].at, SCMP_CMP_MASKED_EQ, c->when[i].mask, c->when[i].value);
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, seccomp_syscall_resolve_name(c->name),
                                  c->n, args);
}

static int load_filter(struct error *e)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int r = filter ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < sizeof calls / sizeof calls[0]; i++)
        r = add_call(filter, &calls[i]);
    if (r == 0)
        r = seccomp_load(filter);
    seccomp_release(filter);
    if (r == 0)
        return 0;
    errno = -r;
    return fail_errno(e, "cannot install the user-mode network's system-call filter");
}

static void limit(__rlimit_resource_t what, rlim_t most)
{
    struct rlimit r = {most, most};
    setrlimit(what, &r);
}

int usernet_sandbox(struct error *e)
{
    confine_privileges();
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NPROC, 0);
    limit(RLIMIT_MEMLOCK, 0);
    limit(RLIMIT_AS, ADDRESS_SPACE);
    confine_files();
    return load_filter(e);
}
