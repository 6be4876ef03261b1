/* SPDX-License-Identifier: ISC */
#include "tests/attack/world.h"
#include "tests/attack/failing.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#define IDLE_WINDOW_MS 100
#define IDLE_CPU_NS    5000000U /* of the window, for time-outs that come due in it */

struct world world;
jmp_buf *test_to_end;

/* ---- What the image sends ----------------------------------------------------------- */

static void see_arp(struct bytes packet)
{
    struct arp_packet p;
    CHECK_INT(arp_parse(packet, &p), ARP_OK);
    if (p.op == ARP_REPLY)
        world.seen.arp_replies++;
    else if (ip4_equal(p.sender, p.target))
        world.seen.announcements++;
    else
        world.seen.arp_requests++;
    if (p.op == ARP_REQUEST && ip4_equal(p.target, evil_ip())) {
        struct frame f;
        frame_arp(&f, &image_mac,
                  &(struct arp_packet){ARP_REPLY, evil_mac, image_mac, evil_ip(), image_ip()});
        wire_send(&f);
    }
}

static void see_tcp(const struct ip4_packet *p)
{
    struct tcp_segment s;
    CHECK_INT(tcp_parse(p->payload, p->src, p->dst, &s), TCP_OK);
    world.seen.segments++;
    if (s.flags & TCP_RST)
        world.seen.resets++;
    else if (s.flags & TCP_SYN)
        world.seen.syn_acks++;
    if (!ip4_equal(p->dst, evil_ip()))
        return;
    struct trace *t = &world.trace[s.dst_port];
    uint32_t len = (uint32_t)s.text.len + !!(s.flags & TCP_SYN) + !!(s.flags & TCP_FIN);
    *t = (struct trace){s.seq, s.ack, seq_add(s.seq, len), s.window, s.flags, t->segments + 1};
}

static void see_icmp(const struct ip4_packet *p)
{
    struct icmp_message m;
    CHECK_INT(icmp_parse(p->payload, &m), ICMP_OK);
    world.seen.echo_replies += m.type == ICMP_ECHO_REPLY;
    world.seen.unreachables += m.type == ICMP_UNREACHABLE;
}

/* Whatever it is driven to, what it sends is right. */
static void see(struct bytes frame)
{
    struct reader r = reader_of(frame);
    struct bytes dst = read_bytes(&r, 6), src = read_bytes(&r, 6);
    uint16_t type = read_u16(&r);
    CHECK(!r.ran_out && memcmp(src.at, image_mac.octet, 6) == 0);
    (void)dst;
    struct bytes rest = bytes_of(frame.at + ETH_HEADER_LEN, frame.len - ETH_HEADER_LEN);
    if (type == ETH_ARP) {
        see_arp(rest);
        return;
    }
    CHECK_INT(type, ETH_IP4);
    struct ip4_packet p;
    struct reader ip = reader_of(rest);
    read_bytes(&ip, 16);
    struct ip4_own to = ip4_own_of((struct ip4){read_u32(&ip)}, 0);
    CHECK_INT(ip4_parse(rest, &to, &p), IP4_OK);
    CHECK(ip4_equal(p.src, image_ip()));
    if (p.protocol == IP4_TCP)
        see_tcp(&p);
    else
        see_icmp(&p);
}

/* ---- The world turns -------------------------------------------------------------- */

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void receive_all(void)
{
    uint8_t at[FRAME_MAX];
    for (unsigned n = 0; n < 256; n++) {
        ssize_t len = recv(world.process.wire, at, sizeof at, MSG_DONTWAIT);
        if (len < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        CHECK(len > 0); /* or the image is gone */
        struct bytes frame = bytes_of(at, (size_t)len);
        host_receives(world.honest, frame);
        host_receives(world.crowd, frame);
        see(frame);
    }
}

static void turn(int ms, short events)
{
    uint64_t now = now_ns();
    uint64_t next = sooner(inet_next(world.honest->in), inet_next(world.crowd->in));
    int wait = next <= now ? 0 : ms;
    if (next > now && next - now < (uint64_t)ms * 1000000U)
        wait = (int)((next - now) / 1000000U) + 1;
    struct pollfd f = {world.process.wire, events, 0};
    CHECK(poll(&f, 1, wait) >= 0);
    receive_all();
    host_turn(world.honest);
    host_turn(world.crowd);
}

void world_turn(int ms)
{
    host_turn(world.honest);
    host_turn(world.crowd);
    turn(ms, POLLIN);
}

void wire_send_bytes(const void *at, size_t len)
{
    uint64_t until = now_ns() + PATIENCE_NS;
    while (send(world.process.wire, at, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
        CHECK(errno == EAGAIN || errno == EWOULDBLOCK);
        CHECK(now_ns() < until); /* the image reads on */
        turn(10, POLLIN | POLLOUT);
    }
}

void wire_send(const struct frame *f)
{
    wire_send_bytes(f->at, f->len);
}

/* ---- Beginning and end ---------------------------------------------------------------- */

static void clear(void)
{
    process_kill(&world.process);
    host_free(&world.honest);
    host_free(&world.crowd);
    memset(&world, 0, sizeof world);
}

void world_begin(const char *target, const char *image)
{
    clear();
    world.began = now_ns();
    process_start(&world.process, target, image);
    world.honest = host_new(1, world.process.wire);
    world.crowd = host_new(3, world.process.wire);
    UNTIL(strstr(process_log(&world.process), " port "));
}

void world_end(void)
{
    process_end(&world.process);
    clear();
}

/* ---- Proofs ------------------------------------------------------------------------- */

unsigned world_rate(unsigned burst, uint64_t every_ns)
{
    return burst + 1 + (unsigned)((now_ns() - world.began) / every_ns);
}

void world_settles(void)
{
    uint64_t until = now_ns() + PATIENCE_NS;
    struct frame f;
    world.seen.arp_replies = 0;
    frame_arp(&f, &image_mac,
              &(struct arp_packet){ARP_REQUEST, evil_mac, {{0}}, evil_ip(), image_ip()});
    while (world.seen.arp_replies == 0) {
        CHECK(now_ns() < until);
        wire_send(&f); /* again: what meets a full device is lost */
        for (uint64_t end = now_ns() + 20000000U; now_ns() < end && !world.seen.arp_replies;)
            world_turn(10);
    }
}

void world_asks(struct client *k)
{
    client_again(k);
    client_say(k, "GET /hello HTTP/1.1\r\nHost: image\r\n\r\n");
    UNTIL(client_heard(k, "Hello World!\n") || client_at_end(k));
    CHECK(client_heard(k, "HTTP/1.1 200 OK\r\n"));
    CHECK(client_heard(k, "Hello World!\n"));
}

void world_is_served(void)
{
    struct client *k = client_open(world.honest, 80);
    world_asks(k);
    client_close(&k);
}

static void is_idle(void)
{
    uint64_t until = now_ns() + PATIENCE_NS, used;
    do {
        CHECK(now_ns() < until);
        uint64_t before = process_cpu(&world.process);
        for (uint64_t end = now_ns() + IDLE_WINDOW_MS * 1000000U; now_ns() < end;)
            world_turn(IDLE_WINDOW_MS);
        used = process_cpu(&world.process) - before;
    } while (used > IDLE_CPU_NS);
}

/* After a round: whether the image holds more than after any before it. */
static bool has_grown(size_t *most)
{
    size_t now = process_resident(&world.process);
    CHECK(now <= MEM_GIVEN + MEM_ALLOWANCE);
    bool grown = now > *most + GROWTH_SEEN;
    *most = now > *most ? now : *most;
    return grown;
}

void world_withstands(const char *target, const char *image, void (*attack)(unsigned round),
                      void (*proof)(void))
{
    size_t most = 0, warm = 0;
    unsigned grown = 0;
    world_begin(target, image);
    proof();
    for (unsigned round = 0; round < ROUNDS; round++) {
        attack(round);
        world_settles();
        CHECK(process_lives(&world.process));
        proof();
        grown += has_grown(&most) && round >= ROUNDS_WARM;
        warm = round < ROUNDS_WARM ? most : warm;
    }
    CHECK(grown < ROUNDS - ROUNDS_WARM || most < warm + GROWTH_LEAK);
    is_idle();
    world_end();
}

/* ---- The attacker's own connections ----------------------------------------------------- */

void evil_sends(uint16_t port, uint16_t to, uint8_t flags, struct seq seq, const char *text,
                size_t len)
{
    struct frame f;
    struct tcp_segment s = {.src_port = port,
                            .dst_port = to,
                            .flags = flags,
                            .seq = seq,
                            .ack = world.trace[port].next,
                            .window = 65535};
    frame_tcp(&f, evil_ip(), &s, text, len);
    wire_send(&f);
}

struct seq evil_connects(uint16_t port, uint16_t to, uint16_t window)
{
    struct seq iss = {1000000U * port + 7};
    struct frame f;
    struct tcp_segment s = {
        .src_port = port, .dst_port = to, .flags = TCP_SYN, .seq = iss, .window = window};
    world.trace[port] = (struct trace){.segments = 0};
    frame_tcp(&f, evil_ip(), &s, NULL, 0);
    wire_send(&f);
    UNTIL(world.trace[port].flags & TCP_SYN);
    s.flags = TCP_ACK;
    s.seq = seq_add(iss, 1);
    s.ack = world.trace[port].next;
    frame_tcp(&f, evil_ip(), &s, NULL, 0);
    wire_send(&f);
    return s.seq;
}
