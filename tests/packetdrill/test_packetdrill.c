/* SPDX-License-Identifier: ISC */
/* packetdrill's part, played by hand: the shared object is loaded as packetdrill loads it,
 * calls that wait are made by a second thread, packets go in and out. */
#include "tests/check.h"
#include "tests/packetdrill/interface.h"
#include "tests/tcp/packet.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>

#define LOCAL 0xc0a80005U /* 192.168.0.5 */
#define PEER  0xc0000201U /* 192.0.2.1 */

static struct packetdrill_interface i;
static const struct addresses ADDRESSES = {LOCAL, PEER};
static struct flow flow;
static struct packet last; /* what the stack sent */

typedef void init_fn(const char *flags, struct packetdrill_interface *i);

static void begin(const char *flags)
{
    static void *so;
    if (!so)
        so = dlopen("build/unix/packetdrill-drupe.so", RTLD_NOW | RTLD_LOCAL);
    if (!so)
        test_failed(__FILE__, __LINE__, "%s", dlerror());
    init_fn *init;
    *(void **)(void *)&init = dlsym(so, "packetdrill_interface_init");
    CHECK(init);
    init(flags, &i);
    flow = (struct flow){.peer_port = 5000, .local_port = 8080};
}

static void end(void)
{
    i.free(i.userdata);
}

static struct sockaddr_in address(uint32_t ip, uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(ip)};
}

static int open_socket(int flags)
{
    int fd = i.socket(i.userdata, AF_INET, SOCK_STREAM | flags, IPPROTO_TCP);
    CHECK(fd >= 0);
    return fd;
}

static int listens(int flags)
{
    struct sockaddr_in a = address(LOCAL, 8080);
    int fd = open_socket(flags);
    CHECK_INT(i.bind(i.userdata, fd, (struct sockaddr *)&a, sizeof a), 0);
    CHECK_INT(i.listen(i.userdata, fd, 1), 0);
    return fd;
}

/* The peer sends this. */
static void in(uint8_t flags, uint32_t seq, uint32_t len, uint32_t ack)
{
    static uint8_t room[2048];
    struct writer w = writer_of(room, sizeof room);
    struct packet p = {.flags = flags, .seq = seq, .len = len, .ack = ack, .window = 65535};
    packet_write(&w, &p, &flow, &ADDRESSES);
    CHECK_INT(i.netdev_send(i.userdata, room, writer_len(&w)), 0);
}

static struct flow *the_flow(void *ctx, uint16_t peer_port, uint16_t local_port)
{
    (void)ctx;
    if (!flow.isn_known)
        flow.local_port = local_port;
    return peer_port == flow.peer_port && local_port == flow.local_port ? &flow : NULL;
}

/* The stack sends this next. */
static void out(uint8_t flags, uint32_t seq, uint32_t len)
{
    static uint8_t room[2048];
    size_t n = sizeof room;
    long long at = 0;
    CHECK_INT(i.netdev_receive(i.userdata, room, &n, &at), 0);
    CHECK(n > 0);
    CHECK(at > 0);
    const char *bad = packet_read(bytes_of(room, n), &last, &ADDRESSES, the_flow, NULL);
    CHECK_STR(bad ? bad : "", "");
    CHECK_INT(last.flags, flags);
    CHECK_INT(last.seq, seq);
    CHECK_INT(last.len, len);
}

static void handshake(void)
{
    in(F_SYN, 0, 0, 0);
    out(F_SYN | F_ACK, 0, 0);
    in(F_ACK, 1, 0, 1);
}

/* ---- Calls that wait ------------------------------------------------------------------- */

struct waiting {
    pthread_t thread;
    int fd;
    ssize_t result;
    int error;
    uint8_t text[64];
};

static void call(struct waiting *w, void *(*run)(void *), int fd)
{
    *w = (struct waiting){.fd = fd};
    CHECK_INT(pthread_create(&w->thread, NULL, run, w), 0);
}

static ssize_t result_of(struct waiting *w)
{
    CHECK_INT(pthread_join(w->thread, NULL), 0);
    return w->result;
}

static void *accepts(void *arg)
{
    struct waiting *w = arg;
    struct sockaddr_in a;
    socklen_t len = sizeof a;
    w->result = i.accept(i.userdata, w->fd, (struct sockaddr *)&a, &len);
    w->error = w->result < 0 ? errno : ntohs(a.sin_port);
    return NULL;
}

static void *reads(void *arg)
{
    struct waiting *w = arg;
    w->result = i.read(i.userdata, w->fd, w->text, sizeof w->text);
    w->error = errno;
    return NULL;
}

static void *connects(void *arg)
{
    struct waiting *w = arg;
    struct sockaddr_in to = address(PEER, 5000);
    w->result = i.connect(i.userdata, w->fd, (struct sockaddr *)&to, sizeof to);
    w->error = errno;
    return NULL;
}

TEST(a_connection_is_accepted_read_written_and_closed)
{
    struct waiting w;
    begin(NULL);
    int l = listens(0);
    call(&w, accepts, l);
    handshake();
    int fd = (int)result_of(&w);
    CHECK(fd > l);
    CHECK_INT(w.error, 5000);
    call(&w, reads, fd);
    in(F_ACK | F_PSH, 1, 10, 1);
    CHECK_INT(result_of(&w), 10);
    for (uint32_t n = 0; n < 10; n++)
        CHECK_INT(w.text[n], packet_octet(1 + n));
    out(F_ACK, 1, 0);
    uint8_t text[20];
    for (uint32_t n = 0; n < sizeof text; n++)
        text[n] = packet_octet(1 + n);
    CHECK_INT(i.write(i.userdata, fd, text, sizeof text), sizeof text);
    out(F_ACK | F_PSH, 1, 20);
    CHECK_INT(last.ack, 11);
    in(F_ACK, 11, 0, 21);
    call(&w, reads, fd);
    in(F_ACK | F_FIN, 11, 0, 21);
    CHECK_INT(result_of(&w), 0);
    out(F_ACK, 21, 0);
    CHECK_INT(i.close(i.userdata, fd), 0);
    out(F_ACK | F_FIN, 21, 0);
    CHECK_INT(i.close(i.userdata, fd), -1);
    CHECK_INT(errno, EBADF);
    end();
}

TEST(a_connect_waits_for_the_handshake)
{
    struct waiting w;
    begin("local=192.168.0.5");
    call(&w, connects, open_socket(0));
    out(F_SYN, 0, 0);
    in(F_SYN | F_ACK, 0, 0, 1);
    CHECK_INT(result_of(&w), 0);
    out(F_ACK, 1, 0);
    end();
}

TEST(a_connect_that_is_refused_says_so)
{
    struct waiting w;
    begin("local=192.168.0.5");
    call(&w, connects, open_socket(0));
    out(F_SYN, 0, 0);
    in(F_RST | F_ACK, 0, 0, 1);
    CHECK_INT(result_of(&w), -1);
    CHECK_INT(w.error, ECONNREFUSED);
    end();
}

TEST(what_may_not_wait_says_again_and_poll_tells_when)
{
    struct sockaddr_in to = address(PEER, 5000);
    begin(NULL);
    int l = listens(SOCK_NONBLOCK);
    struct pollfd p = {.fd = l, .events = POLLIN};
    CHECK_INT(i.accept(i.userdata, l, NULL, NULL), -1);
    CHECK_INT(errno, EAGAIN);
    CHECK_INT(i.poll(i.userdata, &p, 1, 0), 0);
    handshake();
    CHECK_INT(i.poll(i.userdata, &p, 1, 5000), 1);
    int fd = i.accept(i.userdata, l, NULL, NULL);
    CHECK(fd > l);
    CHECK_INT(i.fcntl(i.userdata, fd, F_SETFL, O_NONBLOCK), 0);
    char text[8];
    CHECK_INT(i.recv(i.userdata, fd, text, sizeof text, 0), -1);
    CHECK_INT(errno, EAGAIN);
    int c = open_socket(SOCK_NONBLOCK);
    CHECK_INT(i.connect(i.userdata, c, (struct sockaddr *)&to, sizeof to), -1);
    CHECK_INT(errno, EINPROGRESS);
    end();
}

TEST(options_are_told_and_taken)
{
    begin(NULL);
    int l = listens(0), one = 1, n = 0;
    socklen_t len = sizeof n;
    CHECK_INT(i.setsockopt(i.userdata, l, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one), 0);
    handshake();
    int fd = i.accept(i.userdata, l, NULL, NULL);
    CHECK_INT(i.getsockopt(i.userdata, fd, IPPROTO_TCP, TCP_NODELAY, &n, &len), 0);
    CHECK_INT(n, 1);
    CHECK_INT(i.getsockopt(i.userdata, fd, SOL_SOCKET, SO_ERROR, &n, &len), 0);
    CHECK_INT(n, 0);
    struct tcp_info info;
    len = sizeof info;
    CHECK_INT(i.getsockopt(i.userdata, fd, IPPROTO_TCP, TCP_INFO, &info, &len), 0);
    CHECK_INT(info.tcpi_state, TCP_ESTABLISHED);
    CHECK_INT(info.tcpi_snd_cwnd, 10);
    in(F_RST, 1, 0, 0);
    CHECK_INT(i.getsockopt(i.userdata, fd, SOL_SOCKET, SO_ERROR, &n, &len), 0);
    CHECK_INT(n, ECONNRESET);
    end();
}

TEST(what_is_not_supported_is_enosys)
{
    int fds[2];
    begin(NULL);
    CHECK_INT(i.epoll_create(i.userdata, 1), -1);
    CHECK_INT(errno, ENOSYS);
    errno = 0;
    CHECK_INT(i.pipe(i.userdata, fds), -1);
    CHECK_INT(errno, ENOSYS);
    errno = 0;
    CHECK_INT(i.socket(i.userdata, AF_INET6, SOCK_STREAM, 0), -1);
    CHECK_INT(errno, ENOSYS);
    errno = 0;
    CHECK_INT(i.splice(i.userdata, 0, NULL, 1, NULL, 1, 0), -1);
    CHECK_INT(errno, ENOSYS);
    end();
}

TEST_MAIN(TEST_OF(a_connection_is_accepted_read_written_and_closed),
          TEST_OF(a_connect_waits_for_the_handshake),
          TEST_OF(a_connect_that_is_refused_says_so),
          TEST_OF(what_may_not_wait_says_again_and_poll_tells_when),
          TEST_OF(options_are_told_and_taken), TEST_OF(what_is_not_supported_is_enosys))
