/* SPDX-License-Identifier: ISC */
#include "host/gateway/sockets.h"
#include "host/gateway/link.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024
#define OPEN    (SOCK_NONBLOCK | SOCK_CLOEXEC)

/* Each event is told once. A stream tells that it can be written only after it could not; a
 * datagram socket would tell it after each datagram, and is not asked. */
#define STREAM_EVENTS (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)
#define OTHER_EVENTS  (EPOLLIN | EPOLLET)

static struct sockaddr_in address_of(struct ip4_endpoint e)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(e.port), .sin_addr.s_addr = htonl(e.ip.n)};
}

static struct ip4_endpoint endpoint_of(const struct sockaddr_in *a)
{
    return (struct ip4_endpoint){{ntohl(a->sin_addr.s_addr)}, ntohs(a->sin_port)};
}

/* Of a system call: its result, or a negative error number. */
static ssize_t result(ssize_t n)
{
    if (n >= 0)
        return n;
    return errno == EINTR || errno == EWOULDBLOCK ? -EAGAIN : -errno;
}

static int watch_events(const struct sockets *s, int fd, struct watch *w, uint32_t events)
{
    struct epoll_event ev = {.events = events, .data.ptr = w};
    return (int)result(epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &ev));
}

static int set(int fd, int level, int name)
{
    int on = 1;
    return setsockopt(fd, level, name, &on, sizeof on);
}

static int watch(void *ctx, int fd, struct watch *w)
{
    return watch_events(ctx, fd, w, STREAM_EVENTS);
}

/* A socket that begins to connect, or an error. */
static int connect_to(struct sockets *s, int type, int protocol, struct ip4_endpoint to,
                      struct watch *w)
{
    struct sockaddr_in a = address_of(to);
    int fd = socket(AF_INET, type | OPEN, protocol);
    if (fd < 0)
        return -errno;
    if (type == SOCK_STREAM) {
        set(fd, IPPROTO_TCP, TCP_NODELAY);
        set(fd, SOL_SOCKET, SO_KEEPALIVE);
    }
    int err = connect(fd, (struct sockaddr *)&a, sizeof a) < 0 ? -errno : 0;
    if (err == 0 || err == -EINPROGRESS)
        err = watch_events(s, fd, w, type == SOCK_STREAM ? STREAM_EVENTS : OTHER_EVENTS);
    if (err == 0)
        return fd;
    close(fd);
    return err;
}

static int stream(void *ctx, struct ip4_endpoint to, struct watch *w)
{
    return connect_to(ctx, SOCK_STREAM, 0, to, w);
}

static int datagrams(void *ctx, struct ip4_endpoint to, struct watch *w)
{
    return connect_to(ctx, SOCK_DGRAM, 0, to, w);
}

static int echoes(void *ctx, struct ip4 to, struct watch *w)
{
    return connect_to(ctx, SOCK_DGRAM, IPPROTO_ICMP, (struct ip4_endpoint){to, 0}, w);
}

/* Its options are those of the socket that listens. */
static int accept_client(void *ctx, int fd, struct ip4_endpoint *from)
{
    struct sockaddr_in a = {0};
    socklen_t len = sizeof a;
    (void)ctx;
    int client = (int)result(accept4(fd, (struct sockaddr *)&a, &len, OPEN));
    *from = endpoint_of(&a);
    return client;
}

static ssize_t send_host(void *ctx, int fd, struct bytes b)
{
    (void)ctx;
    return result(send(fd, b.at, b.len, MSG_NOSIGNAL));
}

static ssize_t send_to(void *ctx, int fd, struct ip4_endpoint to, struct bytes b)
{
    struct sockaddr_in a = address_of(to);
    (void)ctx;
    return result(sendto(fd, b.at, b.len, MSG_NOSIGNAL, (struct sockaddr *)&a, sizeof a));
}

static ssize_t receive(void *ctx, int fd, void *to, size_t len)
{
    (void)ctx;
    return result(recv(fd, to, len, 0));
}

static ssize_t receive_from(void *ctx, int fd, void *to, size_t len, struct ip4_endpoint *from)
{
    struct sockaddr_in a = {0};
    socklen_t alen = sizeof a;
    (void)ctx;
    ssize_t n = result(recvfrom(fd, to, len, 0, (struct sockaddr *)&a, &alen));
    *from = endpoint_of(&a);
    return n;
}

static int socket_error(void *ctx, int fd)
{
    int err = 0;
    socklen_t len = sizeof err;
    (void)ctx;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0 ? -errno : -err;
}

static void end(void *ctx, int fd)
{
    (void)ctx;
    shutdown(fd, SHUT_WR);
}

static void close_host(void *ctx, int fd, bool reset)
{
    const struct linger now = {.l_onoff = 1, .l_linger = 0};
    (void)ctx;
    if (reset)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
}

static int frame(void *ctx, struct bytes b)
{
    const struct sockets *s = ctx;
    return link_send(s->link, b);
}

static uint32_t random_number(void *ctx)
{
    uint32_t n = 0;
    (void)ctx;
    return getrandom(&n, sizeof n, 0) == sizeof n ? n : 0;
}

struct gateway_host sockets_host(struct sockets *s)
{
    return (struct gateway_host){
        .ctx = s,
        .stream = stream,
        .datagrams = datagrams,
        .echoes = echoes,
        .accept = accept_client,
        .watch = watch,
        .send = send_host,
        .send_to = send_to,
        .receive = receive,
        .receive_from = receive_from,
        .error = socket_error,
        .end = end,
        .close = close_host,
        .frame = frame,
        .random = random_number,
    };
}

/* ---- Published ports ------------------------------------------------------------------- */

static int bind_port(const struct usernet_publish *p)
{
    struct sockaddr_in a = address_of((struct ip4_endpoint){{p->addr}, p->port});
    int fd = socket(AF_INET, (p->udp ? SOCK_DGRAM : SOCK_STREAM) | OPEN, 0);
    if (fd < 0)
        return -errno;
    int r = 0;
    if (!p->udp) {
        r = set(fd, SOL_SOCKET, SO_REUSEADDR) | set(fd, SOL_SOCKET, SO_KEEPALIVE) |
            set(fd, IPPROTO_TCP, TCP_NODELAY);
    }
    if (r < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0 ||
        (!p->udp && listen(fd, BACKLOG) < 0)) {
        int err = -errno;
        close(fd);
        return err;
    }
    return fd;
}

int sockets_publish(struct sockets *s, const struct usernet_publish *p,
                    struct gateway_port *out, struct error *e)
{
    char text[USERNET_PUBLISH_TEXT];
    int fd = bind_port(p);
    *out = (struct gateway_port){
        .watch = {.kind = WATCH_PORT, .fd = fd}, .image_port = p->guest_port, .udp = p->udp};
    int err = fd < 0 ? fd : watch_events(s, fd, &out->watch, OTHER_EVENTS);
    if (err == 0)
        return 0;
    usernet_publish_print(p, text);
    *strrchr(text, ':') = '\0'; /* the address and port of the host alone */
    if (err == -EADDRINUSE)
        return fail(e, "%s is in use: stop what listens there or publish another port", text);
    if (err == -EACCES)
        return fail(e, "%s needs root: publish a port from 1024 on", text);
    if (err == -EADDRNOTAVAIL)
        return fail(e, "%s: this host has no such address", text);
    errno = -err;
    return fail_errno(e, "cannot publish %s", text);
}
