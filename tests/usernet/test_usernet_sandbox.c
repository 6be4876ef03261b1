/* SPDX-License-Identifier: ISC */
/* What the helper's sandbox forbids, each tried in a child that has entered it. */
#include "host/gateway/sandbox.h"
#include "tests/check.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs `call` in the sandbox: 0 when it returned >= 0, the error when it failed, the
 * negative signal when it died of one. */
static int tried(long (*call)(void))
{
    pid_t pid = fork();
    if (pid == 0) {
        struct error e;
        if (usernet_sandbox(&e) < 0)
            syscall(SYS_exit_group, 255);
        long r = call();
        syscall(SYS_exit_group, r < 0 ? errno : 0);
    }
    int status;
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

#define CALL(name, ...)                                                                        \
    static long name(void)                                                                     \
    {                                                                                          \
        return syscall(__VA_ARGS__);                                                           \
    }

CALL(opens, SYS_open, "/etc/passwd", O_RDONLY)
CALL(openats, SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY)
CALL(execs, SYS_execve, "/bin/true", NULL, NULL)
CALL(forks, SYS_fork)
CALL(clones, SYS_clone, SIGCHLD, NULL, NULL, NULL, 0UL)
CALL(kills, SYS_kill, 1, 0)
CALL(traces, SYS_ptrace, PTRACE_TRACEME, 0, NULL, NULL)
CALL(prctls, SYS_prctl, 1, 0, 0, 0, 0)
CALL(binds, SYS_bind, 3, NULL, 0)
CALL(listens, SYS_listen, 3, 1)
CALL(reads, SYS_read, 0, NULL, 0)
CALL(writes_elsewhere, SYS_write, 1, "", 0)
#define OPEN (SOCK_NONBLOCK | SOCK_CLOEXEC)
CALL(local_sockets, SYS_socket, AF_UNIX, SOCK_STREAM | OPEN, 0)
CALL(packet_sockets, SYS_socket, AF_PACKET, SOCK_RAW | OPEN, 0)
CALL(raw_sockets, SYS_socket, AF_INET, SOCK_RAW | OPEN, IPPROTO_ICMP)
CALL(netlink_sockets, SYS_socket, AF_NETLINK, SOCK_RAW | OPEN, 0)
CALL(blocking_sockets, SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)
CALL(ip6_sockets, SYS_socket, AF_INET6, SOCK_STREAM | OPEN, 0)
CALL(executable_maps, SYS_mmap, NULL, 4096UL, PROT_READ | PROT_WRITE | PROT_EXEC,
     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L)
CALL(executable_changes, SYS_mprotect, NULL, 4096UL, PROT_EXEC)
CALL(epolls, SYS_epoll_create1, 0)
CALL(messages, SYS_sendmsg, 3, NULL, 0)
CALL(shuts_reading, SYS_shutdown, 3, SHUT_RD)
CALL(unshares, SYS_unshare, CLONE_NEWUSER)
CALL(other_options, SYS_setsockopt, 3, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3)
CALL(other_ioctls, SYS_ioctl, 0, 0x5412, "x") /* TIOCSTI */

TEST(every_forbidden_call_ends_the_process)
{
    static const struct {
        const char *name;
        long (*call)(void);
    } forbidden[] = {
        {"open", opens},
        {"openat", openats},
        {"execve", execs},
        {"fork", forks},
        {"clone", clones},
        {"kill", kills},
        {"ptrace", traces},
        {"prctl", prctls},
        {"bind", binds},
        {"listen", listens},
        {"read", reads},
        {"write to another descriptor", writes_elsewhere},
        {"a local socket", local_sockets},
        {"a packet socket", packet_sockets},
        {"a raw socket", raw_sockets},
        {"a netlink socket", netlink_sockets},
        {"a socket that blocks", blocking_sockets},
        {"a second epoll", epolls},
        {"a message with descriptors", messages},
        {"a socket's other side", shuts_reading},
        {"an IPv6 socket", ip6_sockets},
        {"executable memory", executable_maps},
        {"memory made executable", executable_changes},
        {"unshare", unshares},
        {"another socket option", other_options},
        {"another ioctl", other_ioctls},
    };
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++) {
        int got = tried(forbidden[i].call);
        if (got != -SIGSYS)
            printf("# %s: %d\n", forbidden[i].name, got);
        CHECK_INT(got, -SIGSYS);
    }
}

CALL(tcp_sockets, SYS_socket, AF_INET, SOCK_STREAM | OPEN, 0)
CALL(udp_sockets, SYS_socket, AF_INET, SOCK_DGRAM | OPEN, 0)
CALL(plain_unmaps, SYS_munmap, (void *)4096, 4096UL)

TEST(what_the_helper_lives_on_is_allowed)
{
    CHECK_INT(tried(tcp_sockets), 0);
    CHECK_INT(tried(udp_sockets), 0);
    CHECK_INT(tried(plain_unmaps), 0);
}

TEST_MAIN(TEST_OF(every_forbidden_call_ends_the_process),
          TEST_OF(what_the_helper_lives_on_is_allowed))
