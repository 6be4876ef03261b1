/* SPDX-License-Identifier: ISC */
/* The helper at work. The test is both the image, on the link, and the host's clients. */
#include "host/usernet.h"
#include "tests/check.h"
#include "tests/usernet/frames.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 5000 /* the bound of every wait */

static struct usernet net;
static struct error e;

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons(port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* A server on the host's loopback; its port is the kernel's choice. */
static int loopback_server(int type, uint16_t *port)
{
    struct sockaddr_in a = loopback(0);
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, type | SOCK_NONBLOCK, 0);
    CHECK_INT(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    if (type == SOCK_STREAM)
        CHECK_INT(listen(fd, 5), 0);
    getsockname(fd, (struct sockaddr *)&a, &len);
    *port = ntohs(a.sin_port);
    return fd;
}

/* A port of loopback that nobody uses now. */
static uint16_t free_port(int type)
{
    uint16_t port;
    close(loopback_server(type, &port));
    return port;
}

static int host_client(int type, uint16_t port)
{
    struct sockaddr_in a = loopback(port);
    int fd = socket(AF_INET, type | SOCK_NONBLOCK, 0);
    int r = connect(fd, (struct sockaddr *)&a, sizeof a);
    CHECK(r == 0 || errno == EINPROGRESS);
    return fd;
}

static void begin(const char *options)
{
    char spec[200];
    snprintf(spec, sizeof spec, "user%s", options);
    if (usernet_start(spec, &net, &e) < 0)
        test_failed(__FILE__, __LINE__, "%s", e.text);
}

static uint16_t publish(int type, const char *suffix, uint16_t guest_port)
{
    uint16_t port = free_port(type);
    char options[100];
    snprintf(options, sizeof options, ",publish=%u:%u%s", port, guest_port, suffix);
    begin(options);
    return port;
}

/* Closes the link; the helper must end, well, by itself. */
static void end(void)
{
    int status = 0;
    close(net.fd);
    for (int i = 0; i < PATIENCE_MS; i++) {
        if (waitpid(net.pid, &status, WNOHANG) == net.pid) {
            CHECK_INT(status, 0);
            return;
        }
        poll(NULL, 0, 1);
    }
    kill(net.pid, SIGKILL);
    waitpid(net.pid, NULL, 0);
    test_failed(__FILE__, __LINE__, "the helper does not end");
}

static void put(struct frame f)
{
    CHECK_INT(send(net.fd, f.at, f.len, 0), f.len);
}

static bool readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, PATIENCE_MS) == 1;
}

/* The next IPv4 frame for the image; questions for its address are answered. */
static struct frame get(void)
{
    for (;;) {
        struct frame f;
        if (!readable(net.fd))
            test_failed(__FILE__, __LINE__, "no frame has come in %d ms", PATIENCE_MS);
        ssize_t n = recv(net.fd, f.at, sizeof f.at, 0);
        CHECK(n >= 42);
        f.len = (size_t)n;
        if (f.at[12] == 8 && f.at[13] == 0)
            return f;
        CHECK_INT(f.at[13], 6);
        if (f.at[21] == 1)
            put(arp_frame(2, f.at + 6, GATEWAY_ADDR));
    }
}

static uint16_t u16_at(const struct frame *f, size_t at)
{
    return (uint16_t)(f->at[at] << 8 | f->at[at + 1]);
}

static uint32_t u32_at(const struct frame *f, size_t at)
{
    return (uint32_t)u16_at(f, at) << 16 | u16_at(f, at + 2);
}

TEST(a_client_of_a_published_port_arrives_as_a_syn)
{
    int client = host_client(SOCK_STREAM, publish(SOCK_STREAM, "", 80));
    struct frame syn = get();
    CHECK_INT(syn.at[23], 6);
    CHECK_INT(u32_at(&syn, 26), GATEWAY_ADDR);
    CHECK_INT(u32_at(&syn, 30), IMAGE_ADDR);
    CHECK_INT(u16_at(&syn, 36), 80);
    CHECK_INT(syn.at[47], 0x02);
    close(client);
    end();
}

TEST(octets_go_to_the_image_and_back)
{
    int client = host_client(SOCK_STREAM, publish(SOCK_STREAM, "", 80));
    struct frame f = get();
    uint16_t from = u16_at(&f, 34);
    uint32_t seq = u32_at(&f, 38);
    put(tcp_frame(GATEWAY_ADDR, 80, from, 1000, seq + 1, 0x12));
    f = get();
    CHECK_INT(f.at[47], 0x10);
    CHECK_INT(send(client, "hello", 5, 0), 5);
    f = get();
    CHECK_INT(f.len, 59);
    CHECK_MEM(f.at + 54, "hello", 5);
    put(tcp_frame(GATEWAY_ADDR, 80, from, 1001, seq + 6, 0x11)); /* FIN, ACK */
    CHECK(readable(client));
    char octet;
    CHECK_INT(recv(client, &octet, 1, 0), 0);
    close(client);
    end();
}

TEST(a_published_udp_port_delivers_a_datagram_and_its_answer)
{
    int client = host_client(SOCK_DGRAM, publish(SOCK_DGRAM, "/udp", 53));
    char answer[10] = "";
    CHECK_INT(send(client, "ask", 3, 0), 3);
    struct frame f = get();
    CHECK_INT(f.at[23], 17);
    CHECK_INT(u32_at(&f, 26), GATEWAY_ADDR);
    CHECK_INT(u16_at(&f, 36), 53);
    CHECK_MEM(f.at + 42, "ask", 3);
    put(udp_frame(GATEWAY_ADDR, 53, u16_at(&f, 34), "answer"));
    CHECK(readable(client));
    CHECK_INT(recv(client, answer, sizeof answer, 0), 6);
    CHECK_STR(answer, "answer");
    close(client);
    end();
}

TEST(the_gateway_answers_pings)
{
    begin("");
    put(arp_frame(1, image_mac, IMAGE_ADDR));
    put(ping_frame(GATEWAY_ADDR, 7));
    struct frame f = get();
    CHECK_INT(f.at[23], 1);
    CHECK_INT(f.at[34], 0);
    CHECK_INT(u16_at(&f, 40), 7);
    end();
}

TEST(the_image_cannot_connect_to_the_hosts_loopback)
{
    uint16_t port;
    int server = loopback_server(SOCK_STREAM, &port);
    begin("");
    put(arp_frame(1, image_mac, IMAGE_ADDR));
    put(tcp_frame(0x7f000001, 4000, port, 1, 0, 0x02));
    put(tcp_frame(GATEWAY_ADDR, 4000, port, 1, 0, 0x02));
    struct frame f = get();
    CHECK_INT(f.at[23], 6);
    CHECK_INT(f.at[47], 0x14); /* RST, ACK */
    CHECK_INT(u32_at(&f, 42), 2);
    CHECK_INT(accept(server, NULL, NULL), -1);
    close(server);
    end();
}

TEST(the_image_cannot_send_to_the_hosts_loopback)
{
    uint16_t port;
    char octet;
    int server = loopback_server(SOCK_DGRAM, &port);
    begin("");
    put(arp_frame(1, image_mac, IMAGE_ADDR));
    put(udp_frame(0x7f000001, 4000, port, "x"));
    put(udp_frame(GATEWAY_ADDR, 4000, port, "x"));
    put(udp_frame(0xffffffff, 4000, port, "x"));
    put(ping_frame(GATEWAY_ADDR, 1)); /* answered after the others were judged */
    CHECK_INT(get().at[23], 1);
    CHECK_INT(recv(server, &octet, 1, 0), -1);
    close(server);
    end();
}

/* An address of this host that is not its loopback's; the test is skipped when there is none.
 */
static uint32_t own_address(void)
{
    struct ifaddrs *all, *a;
    uint32_t found = 0;
    CHECK_INT(getifaddrs(&all), 0);
    for (a = all; a && !found; a = a->ifa_next)
        if (a->ifa_addr && a->ifa_addr->sa_family == AF_INET &&
            !(a->ifa_flags & IFF_LOOPBACK) && a->ifa_flags & IFF_UP)
            found = ntohl(((struct sockaddr_in *)(void *)a->ifa_addr)->sin_addr.s_addr);
    freeifaddrs(all);
    if (!found)
        SKIP("this host has no address but its loopback's");
    return found;
}

/* A server at every address of this host. */
static int open_server(int type, uint16_t *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, type | SOCK_NONBLOCK, 0);
    CHECK_INT(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    if (type == SOCK_STREAM)
        CHECK_INT(listen(fd, 5), 0);
    getsockname(fd, (struct sockaddr *)&a, &len);
    *port = ntohs(a.sin_port);
    return fd;
}

TEST(the_image_connects_to_another_address_of_the_host)
{
    uint32_t own = own_address();
    uint16_t port;
    char text[10] = "";
    int server = open_server(SOCK_STREAM, &port);
    begin("");
    put(arp_frame(1, image_mac, IMAGE_ADDR));
    put(tcp_frame(own, 4000, port, 1000, 0, 0x02));
    struct frame f = get();
    CHECK_INT(f.at[47], 0x12);
    CHECK_INT(u32_at(&f, 42), 1001);
    CHECK_INT(u32_at(&f, 26), own);
    CHECK(readable(server));
    int conn = accept(server, NULL, NULL);
    CHECK_INT(send(conn, "hi", 2, MSG_NOSIGNAL), 2);
    put(tcp_frame(own, 4000, port, 1001, u32_at(&f, 38) + 1, 0x10));
    f = get();
    CHECK_INT(f.len, 56);
    CHECK_MEM(f.at + 54, "hi", 2);
    put(tcp_frame(own, 4000, port, 1001, u32_at(&f, 38) + 2, 0x14)); /* RST */
    CHECK(readable(conn));
    CHECK_INT(recv(conn, text, 1, 0), -1);
    CHECK_INT(errno, ECONNRESET);
    close(conn);
    close(server);
    put(tcp_frame(own, 4001, port, 1000, 0, 0x02));
    CHECK_INT(get().at[47], 0x14); /* nobody listens any more: RST, ACK */
    end();
}

TEST(the_image_sends_datagrams_and_echoes_to_another_address_of_the_host)
{
    uint32_t own = own_address();
    uint16_t port;
    char text[10] = "";
    struct sockaddr_in from;
    socklen_t len = sizeof from;
    int server = open_server(SOCK_DGRAM, &port);
    begin("");
    put(arp_frame(1, image_mac, IMAGE_ADDR));
    put(udp_frame(own, 4000, port, "ask"));
    CHECK(readable(server));
    CHECK_INT(recvfrom(server, text, sizeof text, 0, (struct sockaddr *)&from, &len), 3);
    CHECK_INT(sendto(server, "answer", 6, 0, (struct sockaddr *)&from, len), 6);
    struct frame f = get();
    CHECK_INT(f.at[23], 17);
    CHECK_INT(u32_at(&f, 26), own);
    CHECK_MEM(f.at + 42, "answer", 6);
    close(server);
    put(udp_frame(own, 4000, port, "x"));
    f = get();
    CHECK_INT(f.at[23], 1);
    CHECK_INT(f.at[34] << 8 | f.at[35], 0x0303); /* port unreachable */
    put(ping_frame(own, 1)); /* where the host allows no pings there is no answer */
    put(ping_frame(GATEWAY_ADDR, 2));
    CHECK_INT(get().at[23], 1);
    end();
}

TEST(a_thousand_clients_arrive)
{
    enum { CLIENTS = 1000 };
    static int client[CLIENTS];
    struct rlimit r;
    getrlimit(RLIMIT_NOFILE, &r);
    if (r.rlim_max < CLIENTS + 100)
        SKIP("too few descriptors are allowed");
    r.rlim_cur = r.rlim_max;
    setrlimit(RLIMIT_NOFILE, &r);
    uint16_t port = publish(SOCK_STREAM, "", 80);
    for (int i = 0; i < CLIENTS; i++)
        client[i] = host_client(SOCK_STREAM, port);
    for (int i = 0; i < CLIENTS; i++) {
        struct frame f = get();
        CHECK_INT(f.at[47], 0x02);
        put(tcp_frame(GATEWAY_ADDR, 80, u16_at(&f, 34), 1, u32_at(&f, 38) + 1, 0x14));
    }
    for (int i = 0; i < CLIENTS; i++) {
        char octet;
        CHECK(readable(client[i]));
        CHECK_INT(recv(client[i], &octet, 1, 0), -1); /* each was reset */
        close(client[i]);
    }
    put(ping_frame(GATEWAY_ADDR, 2));
    CHECK_INT(get().at[23], 1);
    end();
}

/* The answers are more than the link holds: the rest waits in the helper. */
TEST(frames_for_a_slow_image_wait_in_order)
{
    enum { PINGS = 700 };
    begin("");
    put(arp_frame(1, image_mac, IMAGE_ADDR));
    for (uint16_t i = 0; i < PINGS; i++) {
        struct frame f = ping_frame(GATEWAY_ADDR, i);
        while (send(net.fd, f.at, f.len, 0) < 0) {
            struct pollfd p = {.fd = net.fd, .events = POLLOUT};
            CHECK_INT(errno, EAGAIN);
            CHECK_INT(poll(&p, 1, PATIENCE_MS), 1);
        }
    }
    CHECK_INT(get().at[23], 1);
    for (uint16_t i = 1; i < PINGS; i++) {
        struct frame f = get();
        CHECK_INT(u16_at(&f, 40), i);
    }
    end();
}

TEST(frames_that_make_no_sense_do_no_harm)
{
    static const uint8_t junk[3000] = {0};
    begin("");
    put(arp_frame(1, image_mac, IMAGE_ADDR));
    CHECK_INT(send(net.fd, junk, 0, 0), 0);
    CHECK_INT(send(net.fd, junk, 1, 0), 1);
    CHECK_INT(send(net.fd, junk, 60, 0), 60);
    CHECK_INT(send(net.fd, junk, sizeof junk, 0), sizeof junk);
    put(ping_frame(GATEWAY_ADDR, 3));
    CHECK_INT(get().at[23], 1);
    end();
}

/* Only a helper that spins switches so seldom of its own will, or so often. */
TEST(an_idle_helper_sleeps)
{
    struct rusage before, after;
    publish(SOCK_STREAM, "", 80);
    getrusage(RUSAGE_CHILDREN, &before);
    poll(NULL, 0, 1200);
    end();
    getrusage(RUSAGE_CHILDREN, &after);
    long used = (after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1000000 +
                after.ru_utime.tv_usec - before.ru_utime.tv_usec;
    CHECK(used < 400000); /* its whole life, the loading of libraries included */
    CHECK(after.ru_nvcsw - before.ru_nvcsw < 200);
}

TEST(a_port_in_use_is_one_line)
{
    uint16_t port;
    char spec[100], line[100];
    int server = loopback_server(SOCK_STREAM, &port);
    snprintf(spec, sizeof spec, "user,publish=%u:80", port);
    snprintf(line, sizeof line,
             "127.0.0.1:%u is in use: stop what listens there or publish another port", port);
    CHECK_INT(usernet_start(spec, &net, &e), -1);
    CHECK_STR(e.text, line);
    close(server);
    server = loopback_server(SOCK_DGRAM, &port);
    snprintf(spec, sizeof spec, "user,publish=%u:80/udp", port);
    CHECK_INT(usernet_start(spec, &net, &e), -1);
    CHECK(strstr(e.text, "is in use") != NULL);
    close(server);
}

TEST(an_address_of_another_host_is_one_line)
{
    CHECK_INT(usernet_start("user,publish=192.0.2.1:8080:80", &net, &e), -1);
    CHECK_STR(e.text, "192.0.2.1:8080: this host has no such address");
}

TEST(a_wrong_specification_starts_nothing)
{
    CHECK_INT(usernet_start("user,publish=0:80", &net, &e), -1);
    CHECK_STR(e.text, "'0' in '0:80' is not a port (1 to 65535)");
    CHECK_INT(waitpid(-1, NULL, WNOHANG), -1);
}

TEST(descriptors_are_not_leaked)
{
    int before = dup(0), after;
    close(before);
    for (int i = 0; i < 3; i++) {
        CHECK_INT(usernet_start("user,publish=192.0.2.1:8080:80", &net, &e), -1);
        begin("");
        end();
    }
    after = dup(0);
    close(after);
    CHECK_INT(after, before);
}

TEST_MAIN(TEST_OF(a_client_of_a_published_port_arrives_as_a_syn),
          TEST_OF(octets_go_to_the_image_and_back),
          TEST_OF(a_published_udp_port_delivers_a_datagram_and_its_answer),
          TEST_OF(the_gateway_answers_pings),
          TEST_OF(the_image_cannot_connect_to_the_hosts_loopback),
          TEST_OF(the_image_cannot_send_to_the_hosts_loopback),
          TEST_OF(the_image_connects_to_another_address_of_the_host),
          TEST_OF(the_image_sends_datagrams_and_echoes_to_another_address_of_the_host),
          TEST_OF(a_thousand_clients_arrive), TEST_OF(frames_for_a_slow_image_wait_in_order),
          TEST_OF(frames_that_make_no_sense_do_no_harm), TEST_OF(an_idle_helper_sleeps),
          TEST_OF(a_port_in_use_is_one_line), TEST_OF(an_address_of_another_host_is_one_line),
          TEST_OF(a_wrong_specification_starts_nothing), TEST_OF(descriptors_are_not_leaked))
