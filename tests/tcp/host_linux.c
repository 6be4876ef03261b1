/* SPDX-License-Identifier: ISC */
/* The kernel's TCP in a network namespace of its own, behind a tun device, in real time. */
#include "tests/tcp/host.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MS 1000000ULL

struct linux_host {
    struct host host;
    int tun;
    uint64_t begin;
};

static struct linux_host *of(struct host *h)
{
    return (struct linux_host *)(void *)h;
}

static void *of_fd(int fd)
{
    return (void *)(intptr_t)(fd + 1);
}

static int fd_of(void *p)
{
    return (int)(intptr_t)p - 1;
}

/* ---- Time and packets ---------------------------------------------------------------------
 */

static uint64_t clock_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

static uint64_t linux_now(struct host *h)
{
    return clock_ns() - of(h)->begin;
}

/* What it sends to others than the peer (its own multicast) is none of a script's. */
static void take_packet(struct host *h)
{
    uint8_t room[2048];
    ssize_t n = read(of(h)->tun, room, sizeof room);
    struct reader r = reader_of(bytes_of(room, n > 0 ? (size_t)n : 0));
    uint8_t first = read_u8(&r);
    read_bytes(&r, 15);
    if (first >> 4 == 4 && read_u32(&r) == HOST_PEER)
        host_sent(h, bytes_of(room, (size_t)n), linux_now(h));
}

static void linux_run(struct host *h, uint64_t until)
{
    while (!h->first) {
        uint64_t now = linux_now(h), left = until > now ? until - now : 0;
        struct timespec t = {(time_t)(left / 1000000000U), (long)(left % 1000000000U)};
        struct pollfd p = {.fd = of(h)->tun, .events = POLLIN};
        if (ppoll(&p, 1, &t, NULL) > 0)
            take_packet(h);
        else if (left == 0)
            return;
    }
}

static void linux_inject(struct host *h, struct bytes packet)
{
    if (write(of(h)->tun, packet.at, packet.len) != (ssize_t)packet.len)
        fprintf(stderr, "the tun device does not take a packet: %s\n", strerror(errno));
}

/* ---- Calls --------------------------------------------------------------------------------
 */

static long long result(long long n)
{
    return n < 0 ? -errno : n;
}

static struct sockaddr_in address(uint32_t ip, uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(ip)};
}

static long long open_socket(int type, uint16_t port, void **out)
{
    struct sockaddr_in a = address(HOST_LOCAL, port);
    int one = 1, fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    *out = of_fd(fd);
    return result(bind(fd, (struct sockaddr *)&a, sizeof a));
}

static long long linux_listen(struct host *h, uint16_t port, unsigned backlog, void **out)
{
    (void)h;
    long long err = open_socket(SOCK_STREAM, port, out);
    return err ? err : result(listen(fd_of(*out), (int)backlog));
}

static long long linux_bind(struct host *h, uint16_t port, void **out)
{
    (void)h;
    return open_socket(SOCK_DGRAM, port, out);
}

static long long linux_accept(struct host *h, void *listener, void **out, uint16_t *peer_port)
{
    (void)h;
    struct sockaddr_in a;
    socklen_t len = sizeof a;
    int fd =
        accept4(fd_of(listener), (struct sockaddr *)&a, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return -errno;
    *out = of_fd(fd);
    *peer_port = ntohs(a.sin_port);
    return 0;
}

static long long linux_connect(struct host *h, uint16_t peer_port, void **out,
                               uint16_t *local_port)
{
    (void)h;
    struct sockaddr_in to = address(HOST_PEER, peer_port), a;
    socklen_t len = sizeof a;
    long long err = open_socket(SOCK_STREAM, 0, out);
    if (err)
        return err;
    if (connect(fd_of(*out), (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS)
        return -errno;
    if (getsockname(fd_of(*out), (struct sockaddr *)&a, &len) != 0)
        return -errno;
    *local_port = ntohs(a.sin_port);
    return 0;
}

static long long linux_read(struct host *h, void *conn, void *buf, size_t len)
{
    (void)h;
    return result(read(fd_of(conn), buf, len));
}

static long long linux_write(struct host *h, void *conn, const void *buf, size_t len)
{
    (void)h;
    return result(send(fd_of(conn), buf, len, MSG_NOSIGNAL));
}

static long long linux_shutdown(struct host *h, void *conn)
{
    (void)h;
    return result(shutdown(fd_of(conn), SHUT_WR));
}

static void linux_close(struct host *h, void *what, bool is_conn, bool abort)
{
    (void)h, (void)is_conn;
    struct linger hard = {1, 0};
    if (abort)
        setsockopt(fd_of(what), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close(fd_of(what));
}

static long long set_option(void *conn, int level, int option, int value)
{
    return result(setsockopt(fd_of(conn), level, option, &value, sizeof value));
}

static long long linux_nodelay(struct host *h, void *conn, bool on)
{
    (void)h;
    return set_option(conn, IPPROTO_TCP, TCP_NODELAY, on);
}

static long long linux_keepalive(struct host *h, void *conn, uint64_t idle_ns)
{
    (void)h;
    long long err = set_option(conn, IPPROTO_TCP, TCP_KEEPIDLE, (int)(idle_ns / 1000000000U));
    return err ? err : set_option(conn, SOL_SOCKET, SO_KEEPALIVE, idle_ns > 0);
}

static long long linux_user_timeout(struct host *h, void *conn, uint64_t ns)
{
    (void)h;
    return set_option(conn, IPPROTO_TCP, TCP_USER_TIMEOUT, (int)(ns / MS));
}

static const char *linux_state(struct host *h, void *conn)
{
    static const char *const names[] = {
        "none",      "ESTABLISHED", "SYN-SENT",   "SYN-RECEIVED", "FIN-WAIT-1", "FIN-WAIT-2",
        "TIME-WAIT", "CLOSED",      "CLOSE-WAIT", "LAST-ACK",     "LISTEN",     "CLOSING"};
    (void)h;
    struct tcp_info info = {0};
    socklen_t len = sizeof info;
    if (getsockopt(fd_of(conn), IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
        return "none";
    return info.tcpi_state < sizeof names / sizeof names[0] ? names[info.tcpi_state] : "none";
}

static long long linux_error(struct host *h, void *conn)
{
    (void)h;
    int err = 0;
    socklen_t len = sizeof err;
    return getsockopt(fd_of(conn), SOL_SOCKET, SO_ERROR, &err, &len) ? -errno : -err;
}

static long long linux_counter(struct host *h, const char *name)
{
    (void)h, (void)name;
    return -ENOSYS;
}

static void linux_end(struct host *h)
{
    host_forget_packets(h);
    close(of(h)->tun);
    free(of(h));
}

static const struct host_ops OPS = {
    linux_now,    linux_inject,  linux_run,       linux_listen,       linux_bind,
    linux_accept, linux_connect, linux_read,      linux_write,        linux_shutdown,
    linux_close,  linux_nodelay, linux_keepalive, linux_user_timeout, linux_state,
    linux_error,  linux_counter, linux_end};

/* ---- The namespace -------------------------------------------------------------------------
 */

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return; /* the host has no such switch */
    if (write(fd, text, strlen(text)) < 0)
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
    close(fd);
}

static bool enter_namespace(void)
{
    return unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
}

static bool configure(const char *name, uint16_t mtu)
{
    struct ifreq r = {0};
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in ip = address(HOST_LOCAL, 0), mask = address(0xffffff00U, 0);
    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
    memcpy(&r.ifr_addr, &ip, sizeof ip);
    bool good = ioctl(s, SIOCSIFADDR, &r) == 0;
    memcpy(&r.ifr_netmask, &mask, sizeof mask);
    good = good && ioctl(s, SIOCSIFNETMASK, &r) == 0;
    r.ifr_mtu = mtu;
    good = good && ioctl(s, SIOCSIFMTU, &r) == 0;
    r.ifr_flags = IFF_UP | IFF_RUNNING;
    good = good && ioctl(s, SIOCSIFFLAGS, &r) == 0;
    close(s);
    return good;
}

static int open_tun(uint16_t mtu)
{
    struct ifreq r = {0};
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return -1;
    r.ifr_flags = IFF_TUN | IFF_NO_PI;
    snprintf(r.ifr_name, sizeof r.ifr_name, "script%%d");
    write_file("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
    write_file("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
    if (ioctl(fd, TUNSETIFF, &r) == 0 && configure(r.ifr_name, mtu))
        return fd;
    close(fd);
    return -1;
}

struct host *host_linux(const struct script_options *o, const char **skip)
{
    if (!enter_namespace()) {
        *skip = "no network namespace can be made here";
        return NULL;
    }
    int tun = open_tun(o->mtu);
    if (tun < 0) {
        *skip = "there is no tun device here";
        return NULL;
    }
    struct linux_host *h = calloc(1, sizeof *h);
    if (!h)
        abort();
    h->host = (struct host){
        .ops = &OPS, .last = &h->host.first, .late_ns = 100 * MS, .early_ns = 10 * MS};
    h->tun = tun;
    h->begin = clock_ns();
    return &h->host;
}
