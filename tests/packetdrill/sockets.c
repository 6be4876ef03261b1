/* SPDX-License-Identifier: ISC */
/* Sockets: from socket() to close(), and poll(). */
#include "tests/packetdrill/drill.h"

#include <errno.h>
#include <netinet/in.h>

#define SOMAXCONN_HERE 128U

/* A call's end: the lock is left, and a negative error number becomes -1 and errno. */
static int leave(struct drill *d, int n)
{
    wire_leave(d);
    if (n >= 0)
        return n;
    errno = -n;
    return -1;
}

struct drill_socket *socket_of(struct drill *d, int fd)
{
    if (fd < (int)DRILL_FD_FIRST || fd >= (int)DRILL_SOCKETS_MAX ||
        d->socket[fd].kind == SOCKET_FREE) {
        errno = EBADF;
        return NULL;
    }
    return &d->socket[fd];
}

int socket_error(struct drill_socket *s)
{
    if (s->conn->state != TCP_CLOSED || s->error_told)
        return 0;
    s->error_told = true;
    return s->conn->error;
}

static int new_fd(struct drill *d, enum socket_kind kind)
{
    for (unsigned i = DRILL_FD_FIRST; i < DRILL_SOCKETS_MAX; i++)
        if (d->socket[i].kind == SOCKET_FREE) {
            d->socket[i] = (struct drill_socket){.kind = kind};
            return (int)i;
        }
    return -EMFILE;
}

int sockets_socket(void *u, int domain, int type, int protocol)
{
    struct drill *d = u;
    if (domain != AF_INET || (type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) != SOCK_STREAM ||
        (protocol != 0 && protocol != IPPROTO_TCP)) {
        errno = ENOSYS;
        return -1;
    }
    if (!wire_enter(d))
        return -1;
    int fd = new_fd(d, SOCKET_FRESH);
    if (fd >= 0)
        d->socket[fd].nonblock = type & SOCK_NONBLOCK;
    return leave(d, fd);
}

static bool good_address(const struct sockaddr *a, socklen_t len, uint32_t *ip, uint16_t *port)
{
    struct sockaddr_in in;
    if (!a || len < sizeof in)
        return false;
    memcpy(&in, a, sizeof in);
    *ip = ntohl(in.sin_addr.s_addr);
    *port = ntohs(in.sin_port);
    return in.sin_family == AF_INET;
}

static void put_address(struct sockaddr *a, socklen_t *len, struct ip4_endpoint e)
{
    struct sockaddr_in in = {
        .sin_family = AF_INET, .sin_port = htons(e.port), .sin_addr.s_addr = htonl(e.ip.n)};
    if (!a || !len)
        return;
    memcpy(a, &in, *len < sizeof in ? *len : sizeof in);
    *len = sizeof in;
}

int sockets_bind(void *u, int fd, const struct sockaddr *a, socklen_t len)
{
    struct drill *d = u;
    uint32_t ip;
    uint16_t port;
    if (!wire_enter(d))
        return -1;
    struct drill_socket *s = socket_of(d, fd);
    if (!s)
        return leave(d, -EBADF);
    if (!good_address(a, len, &ip, &port) || s->kind != SOCKET_FRESH || s->bound)
        return leave(d, -EINVAL);
    int err = ip ? wire_start(d, ip) : 0;
    s->ip = ip;
    s->port = port;
    s->bound = err == 0;
    return leave(d, err);
}

int sockets_listen(void *u, int fd, int backlog)
{
    struct drill *d = u;
    if (!wire_enter(d))
        return -1;
    struct drill_socket *s = socket_of(d, fd);
    if (!s)
        return leave(d, -EBADF);
    if (s->kind == SOCKET_LISTENING)
        return leave(d, 0);
    if (s->kind != SOCKET_FRESH || !d->in)
        return leave(d, -EINVAL);
    uint32_t queue = backlog < 1 ? 1U : (uint32_t)backlog;
    int err = inet_listen(d->in, s->port, queue < SOMAXCONN_HERE ? queue : SOMAXCONN_HERE, s,
                          &s->listener);
    if (err == 0)
        s->kind = SOCKET_LISTENING;
    return leave(d, err);
}

static int take_connection(struct drill *d, struct drill_socket *l)
{
    if (list_empty(&l->listener->queue))
        return -EAGAIN;
    int fd = new_fd(d, SOCKET_CONNECTED);
    if (fd < 0)
        return fd;
    struct drill_socket *s = &d->socket[fd];
    s->established = true;
    s->nodelay = l->nodelay;
    s->keepalive = l->keepalive;
    s->keepalive_ns = l->keepalive_ns;
    s->conn = inet_accept(d->in, l->listener, s);
    options_apply(d, s);
    return fd;
}

int sockets_accept(void *u, int fd, struct sockaddr *a, socklen_t *len)
{
    struct drill *d = u;
    if (!wire_enter(d))
        return -1;
    for (;;) {
        struct drill_socket *l = socket_of(d, fd);
        if (!l)
            return leave(d, -EBADF);
        if (l->kind != SOCKET_LISTENING)
            return leave(d, -EINVAL);
        int got = take_connection(d, l);
        if (got >= 0)
            put_address(a, len, inet_tcp_peer(d->socket[got].conn));
        if (got != -EAGAIN || l->nonblock)
            return leave(d, got);
        if (!wire_wait(d, UINT64_MAX))
            return leave(d, -EBADF);
    }
}

static int begin_connect(struct drill *d, struct drill_socket *s, struct ip4_endpoint to)
{
    struct ip4_endpoint from = {{s->ip}, s->port};
    if (!d->in)
        return -EADDRNOTAVAIL;
    int err = inet_connect_from(d->in, from, to, s, wire_now(), &s->conn);
    if (err)
        return err;
    s->kind = SOCKET_CONNECTED;
    options_apply(d, s);
    wire_turn(d);
    return 0;
}

/* 0 when connected, -EINPROGRESS while not. */
static int connected(struct drill_socket *s)
{
    if (s->established)
        return 0;
    if (s->conn->state != TCP_CLOSED)
        return -EINPROGRESS;
    int err = socket_error(s);
    return err ? err : -ECONNABORTED;
}

int sockets_connect(void *u, int fd, const struct sockaddr *a, socklen_t len)
{
    struct drill *d = u;
    struct ip4_endpoint to;
    if (!wire_enter(d))
        return -1;
    struct drill_socket *s = socket_of(d, fd);
    if (!s)
        return leave(d, -EBADF);
    if (s->kind == SOCKET_CONNECTED && s->conn->state != TCP_CLOSED)
        return leave(d, s->established ? -EISCONN : -EALREADY);
    if (!good_address(a, len, &to.ip.n, &to.port) || s->kind != SOCKET_FRESH)
        return leave(d, -EINVAL);
    int err = begin_connect(d, s, to);
    if (err)
        return leave(d, err);
    while ((s = socket_of(d, fd)) && s->kind == SOCKET_CONNECTED) {
        err = connected(s);
        if (err != -EINPROGRESS || s->nonblock)
            return leave(d, err);
        if (!wire_wait(d, UINT64_MAX))
            break;
    }
    return leave(d, -EBADF);
}

int sockets_close(void *u, int fd)
{
    struct drill *d = u;
    if (!wire_enter(d))
        return -1;
    struct drill_socket *s = socket_of(d, fd);
    if (!s)
        return leave(d, -EBADF);
    if (s->kind == SOCKET_LISTENING)
        inet_unlisten(d->in, &s->listener, wire_now());
    else if (s->kind == SOCKET_CONNECTED && s->linger_hard)
        inet_tcp_abort(d->in, &s->conn, wire_now());
    else if (s->kind == SOCKET_CONNECTED)
        inet_tcp_close(d->in, &s->conn, wire_now());
    *s = (struct drill_socket){0};
    wire_turn(d);
    return leave(d, 0);
}

int sockets_shutdown(void *u, int fd, int how)
{
    struct drill *d = u;
    if (!wire_enter(d))
        return -1;
    struct drill_socket *s = socket_of(d, fd);
    if (!s)
        return leave(d, -EBADF);
    if (s->kind != SOCKET_CONNECTED || s->conn->state == TCP_CLOSED)
        return leave(d, -ENOTCONN);
    if (how == SHUT_WR || how == SHUT_RDWR)
        inet_tcp_shutdown(d->in, s->conn, wire_now());
    wire_turn(d);
    return leave(d, how == SHUT_RD ? -ENOSYS : 0);
}

/* ---- poll ------------------------------------------------------------------------------- */

static short events_of_conn(const struct drill_socket *s)
{
    const struct tcp_conn *c = s->conn;
    bool closed = c->state == TCP_CLOSED;
    int e = 0;
    if (tcp_readable(c) > 0 || c->fin_in || closed)
        e |= POLLIN | POLLRDNORM;
    if (s->established && (closed || queue_has_room(&c->out)))
        e |= POLLOUT | POLLWRNORM;
    if (c->fin_in || closed)
        e |= POLLRDHUP;
    if (closed || (c->fin_in && c->fin_queued))
        e |= POLLHUP;
    if (closed && c->error && !s->error_told)
        e |= POLLERR;
    return (short)e;
}

static short events_of(struct drill *d, int fd)
{
    const struct drill_socket *s = socket_of(d, fd);
    if (!s)
        return POLLNVAL;
    if (s->kind == SOCKET_LISTENING)
        return list_empty(&s->listener->queue) ? 0 : POLLIN | POLLRDNORM;
    return s->kind == SOCKET_CONNECTED ? events_of_conn(s) : POLLOUT | POLLHUP;
}

static int look(struct drill *d, struct pollfd *fds, nfds_t n)
{
    int ready = 0;
    for (nfds_t i = 0; i < n; i++) {
        int wanted = fds[i].events | POLLERR | POLLHUP | POLLNVAL;
        fds[i].revents = fds[i].fd < 0 ? 0 : (short)(events_of(d, fds[i].fd) & wanted);
        ready += fds[i].revents != 0;
    }
    return ready;
}

int sockets_poll(void *u, struct pollfd *fds, nfds_t n, int timeout_ms)
{
    struct drill *d = u;
    uint64_t until = timeout_ms < 0 ? UINT64_MAX : wire_now() + (uint64_t)timeout_ms * 1000000U;
    if (!wire_enter(d))
        return -1;
    int ready;
    while ((ready = look(d, fds, n)) == 0 && wire_wait(d, until))
        ;
    return leave(d, ready);
}
