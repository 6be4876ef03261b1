/* SPDX-License-Identifier: ISC */
/* The table that packetdrill fills its calls from. */
#include "base/check.h"
#include "tests/packetdrill/drill.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

_Noreturn void check_failed(const char *expr, const char *file, int line)
{
    fprintf(stderr, "%s:%d: check failed: %s\n", file, line, expr);
    abort();
}

static void end(void *u)
{
    wire_free(u);
}

static int not_supported(void)
{
    errno = ENOSYS;
    return -1;
}

static int no_epoll_create(void *u, int size)
{
    (void)u, (void)size;
    return not_supported();
}

static int no_epoll_ctl(void *u, int epfd, int op, int fd, struct epoll_event *event)
{
    (void)u, (void)epfd, (void)op, (void)fd, (void)event;
    return not_supported();
}

static int no_epoll_wait(void *u, int epfd, struct epoll_event *events, int max, int timeout_ms)
{
    (void)u, (void)epfd, (void)events, (void)max, (void)timeout_ms;
    return not_supported();
}

static int no_pipe(void *u, int fds[2])
{
    (void)u, (void)fds;
    return not_supported();
}

static int no_splice(void *u, int in, loff_t *in_at, int out, loff_t *out_at, size_t len,
                     unsigned flags)
{
    (void)u, (void)in, (void)in_at, (void)out, (void)out_at, (void)len, (void)flags;
    return not_supported();
}

/* The address in "local=A"; 0 when there is none. */
static uint32_t local_of(const char *flags)
{
    struct in_addr a;
    if (!flags || strncmp(flags, "local=", 6) != 0)
        return 0;
    if (inet_pton(AF_INET, flags + 6, &a) != 1) {
        fprintf(stderr, "packetdrill-drupe: --so_flags=local=A needs an IPv4 address\n");
        return 0;
    }
    return ntohl(a.s_addr);
}

void packetdrill_interface_init(const char *flags, struct packetdrill_interface *i)
{
    struct drill *d = wire_new();
    check(d);
    uint32_t local = local_of(flags);
    if (local && wire_enter(d)) {
        check(wire_start(d, local) == 0);
        wire_leave(d);
    }
    *i = (struct packetdrill_interface){
        d,
        end,
        sockets_socket,
        sockets_bind,
        sockets_listen,
        sockets_accept,
        sockets_connect,
        transfer_read,
        transfer_readv,
        transfer_recv,
        transfer_recvfrom,
        transfer_recvmsg,
        transfer_write,
        transfer_writev,
        transfer_send,
        transfer_sendto,
        transfer_sendmsg,
        options_fcntl,
        options_ioctl,
        sockets_close,
        sockets_shutdown,
        options_get,
        options_set,
        sockets_poll,
        wire_send,
        wire_receive,
        wire_usleep,
        wire_gettimeofday,
        no_epoll_create,
        no_epoll_ctl,
        no_epoll_wait,
        no_pipe,
        no_splice,
    };
}
