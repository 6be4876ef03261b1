/* SPDX-License-Identifier: ISC */
/* Reading and writing. */
#include "tests/packetdrill/drill.h"

#include <errno.h>

static ssize_t leave(struct drill *d, ssize_t n)
{
    wire_leave(d);
    if (n >= 0)
        return n;
    errno = (int)-n;
    return -1;
}

static struct drill_socket *connection(struct drill *d, int fd, ssize_t *err)
{
    struct drill_socket *s = socket_of(d, fd);
    *err = !s ? -EBADF : -ENOTCONN;
    return s && s->kind == SOCKET_CONNECTED ? s : NULL;
}

/* ---- In ---------------------------------------------------------------------------------- */

static size_t take(struct drill *d, struct tcp_conn *c, const struct iovec *v, size_t n)
{
    size_t done = 0;
    for (size_t i = 0; i < n; i++) {
        size_t got = inet_tcp_read(d->in, c, v[i].iov_base, v[i].iov_len, wire_now());
        done += got;
        if (got < v[i].iov_len)
            break;
    }
    return done;
}

/* > 0, 0 at the end, or a negative error number: -EAGAIN when nothing is there. */
static ssize_t read_now(struct drill *d, struct drill_socket *s, const struct iovec *v,
                        size_t n)
{
    size_t got = take(d, s->conn, v, n);
    wire_turn(d);
    if (got > 0)
        return (ssize_t)got;
    int err = socket_error(s);
    if (err)
        return err;
    return tcp_at_end(s->conn) || s->conn->state == TCP_CLOSED ? 0 : -EAGAIN;
}

static ssize_t receive(struct drill *d, int fd, const struct iovec *v, size_t n, int flags)
{
    if (flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL)) {
        errno = ENOSYS;
        return -1;
    }
    if (!wire_enter(d))
        return -1;
    ssize_t err;
    struct drill_socket *s;
    while ((s = connection(d, fd, &err))) {
        ssize_t got = read_now(d, s, v, n);
        if (got != -EAGAIN || s->nonblock || flags & MSG_DONTWAIT)
            return leave(d, got);
        if (!wire_wait(d, UINT64_MAX))
            return leave(d, -EBADF);
    }
    return leave(d, err);
}

ssize_t transfer_recv(void *u, int fd, void *buf, size_t len, int flags)
{
    struct iovec v = {buf, len};
    return receive(u, fd, &v, 1, flags);
}

ssize_t transfer_read(void *u, int fd, void *buf, size_t len)
{
    return transfer_recv(u, fd, buf, len, 0);
}

ssize_t transfer_readv(void *u, int fd, const struct iovec *v, int n)
{
    return receive(u, fd, v, n < 0 ? 0 : (size_t)n, 0);
}

ssize_t transfer_recvfrom(void *u, int fd, void *buf, size_t len, int flags, struct sockaddr *a,
                          socklen_t *alen)
{
    if (a && alen)
        *alen = 0; /* a stream's peer is not told */
    return transfer_recv(u, fd, buf, len, flags);
}

ssize_t transfer_recvmsg(void *u, int fd, struct msghdr *m, int flags)
{
    m->msg_controllen = 0;
    m->msg_flags = 0;
    return receive(u, fd, m->msg_iov, m->msg_iovlen, flags);
}

/* ---- Out --------------------------------------------------------------------------------- */

static ssize_t write_now(struct drill *d, struct drill_socket *s, const void *buf, size_t len)
{
    int err = socket_error(s);
    if (err)
        return err;
    if (s->conn->fin_queued || s->conn->state == TCP_CLOSED)
        return -EPIPE;
    if (!s->established)
        return -EAGAIN;
    size_t n = inet_tcp_write(d->in, s->conn, bytes_of(buf, len), wire_now());
    wire_turn(d);
    return n > 0 || len == 0 ? (ssize_t)n : -EAGAIN;
}

/* All of it, unless it may not wait. */
static ssize_t write_all(struct drill *d, int fd, const uint8_t *at, size_t len, bool no_wait)
{
    size_t done = 0;
    ssize_t err;
    struct drill_socket *s;
    while ((s = connection(d, fd, &err))) {
        ssize_t n = write_now(d, s, at + done, len - done);
        if (n < 0 && n != -EAGAIN)
            return done > 0 ? (ssize_t)done : n;
        done += n > 0 ? (size_t)n : 0;
        if (done == len)
            return (ssize_t)done;
        if (s->nonblock || no_wait)
            return done > 0 ? (ssize_t)done : -EAGAIN;
        if (!wire_wait(d, UINT64_MAX))
            return -EBADF;
    }
    return done > 0 ? (ssize_t)done : err;
}

static ssize_t transmit(struct drill *d, int fd, const struct iovec *v, size_t n, int flags)
{
    if (flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL)) {
        errno = ENOSYS;
        return -1;
    }
    if (!wire_enter(d))
        return -1;
    ssize_t done = 0;
    for (size_t i = 0; i < n; i++) {
        ssize_t got = write_all(d, fd, v[i].iov_base, v[i].iov_len, flags & MSG_DONTWAIT);
        if (got < 0)
            return leave(d, done > 0 ? done : got);
        done += got;
        if ((size_t)got < v[i].iov_len)
            break;
    }
    return leave(d, done);
}

ssize_t transfer_send(void *u, int fd, const void *buf, size_t len, int flags)
{
    struct iovec v = {(void *)(uintptr_t)buf, len};
    return transmit(u, fd, &v, 1, flags);
}

ssize_t transfer_write(void *u, int fd, const void *buf, size_t len)
{
    return transfer_send(u, fd, buf, len, 0);
}

ssize_t transfer_writev(void *u, int fd, const struct iovec *v, int n)
{
    return transmit(u, fd, v, n < 0 ? 0 : (size_t)n, 0);
}

ssize_t transfer_sendto(void *u, int fd, const void *buf, size_t len, int flags,
                        const struct sockaddr *a, socklen_t alen)
{
    if (a && alen > 0 && flags & MSG_FASTOPEN) {
        errno = ENOSYS;
        return -1;
    }
    return transfer_send(u, fd, buf, len, flags);
}

ssize_t transfer_sendmsg(void *u, int fd, const struct msghdr *m, int flags)
{
    return transmit(u, fd, m->msg_iov, m->msg_iovlen, flags);
}
