/* SPDX-License-Identifier: ISC */
#ifndef TESTS_GATEWAY_WORLD_H
#define TESTS_GATEWAY_WORLD_H

/* The relay between a fake host and an image that is played by the test, packet by packet.
 * The image is 10.0.0.2, the gateway 10.0.0.1, and time stands still but for `passes`. */

#include "host/gateway/gateway.h"
#include "host/gateway/packet.h"
#include "net/icmp/icmp.h"
#include "net/tcp/tcp.h"
#include "net/udp/udp.h"
#include "tests/check.h"
#include "tests/gateway/fake_host.h"
#include "tests/support/test_supply.h"

#define MTU        65520U
#define SECOND     1000000000ULL
#define OUT_MAX    600U
#define OUT_OCTETS 200U /* of each packet that are kept */

static const struct ip4 GATEWAY = {0x0a000001}, IMAGE = {0x0a000002}, OTHER = {0xc0000207};
static const struct eth_addr gateway_mac = {{2, 0, 0, 0, 0, 1}},
                             image_mac = {{2, 0, 0, 0, 0, 2}};

/* A packet that the image got. */
struct out {
    uint16_t type;
    uint8_t protocol;
    struct ip4 src;
    struct tcp_segment seg; /* text: a view of `octets` when it is short */
    struct udp_datagram udp;
    struct icmp_message icmp;
    uint8_t octets[OUT_OCTETS];
    size_t text_len;
};

static struct gateway *gw;
static struct test_supply tables, buffers;
static struct gateway_config config;
static struct gateway_port ports[2];
static uint64_t now;
static struct out outs[OUT_MAX];
static unsigned out_count;
static size_t link_takes; /* frames */

static struct ip4_endpoint at(struct ip4 ip, uint16_t port)
{
    return (struct ip4_endpoint){ip, port};
}

/* ---- What the image gets -------------------------------------------------------------- */

static void keep(struct out *o, struct bytes text)
{
    o->text_len = text.len;
    memcpy(o->octets, text.at, text.len < OUT_OCTETS ? text.len : OUT_OCTETS);
}

static int take_frame(void *ctx, struct bytes frame)
{
    struct packet p;
    (void)ctx;
    if (link_takes == 0)
        return -EAGAIN;
    link_takes--;
    check(out_count < OUT_MAX);
    struct out *o = &outs[out_count++];
    *o = (struct out){0};
    check(frame.len <= MTU + ETH_HEADER_LEN);
    check(packet_parse(frame, &image_mac, &p) == PACKET_OK);
    o->type = p.is_arp ? ETH_ARP : ETH_IP4;
    if (p.is_arp)
        return 0;
    check(ip4_equal(p.dst, IMAGE));
    o->protocol = p.protocol;
    o->src = p.src;
    if (p.protocol == IP4_TCP) {
        check(tcp_parse(p.payload, p.src, p.dst, &o->seg) == TCP_OK);
        keep(o, o->seg.text);
    } else if (p.protocol == IP4_UDP) {
        check(udp_parse(p.payload, p.src, p.dst, &o->udp) == UDP_OK);
        keep(o, o->udp.text);
    } else {
        check(icmp_parse(p.payload, &o->icmp) == ICMP_OK);
        keep(o, o->icmp.body);
    }
    return 0;
}

/* The turn ends, and what it sent is looked at. */
static void turns(void)
{
    unsigned n = 0;
    do
        gateway_turn(gw, now);
    while (gateway_next(gw) == 0 && ++n < 10000);
    gateway_check(gw);
}

static unsigned looked_at;

/* The next packet that the image got; NULL when there is none. */
static struct out *got(void)
{
    turns();
    return looked_at < out_count ? &outs[looked_at++] : NULL;
}

/* Forgets what the image got so far. */
static void forget(void)
{
    turns();
    out_count = looked_at = 0;
}

/* Whether it is a segment with just these flags. */
static bool is_segment(const struct out *o, uint8_t flags)
{
    return o && o->protocol == IP4_TCP && (o->seg.flags & ~TCP_PSH) == flags;
}

static uint64_t count(const char *name)
{
    uint64_t value;
    const char *n;
    for (unsigned i = 0; (n = gateway_counter(gw, i, &value)); i++)
        if (strcmp(n, name) == 0)
            return value;
    test_failed(__FILE__, __LINE__, "there is no counter %s", name);
    return 0;
}

/* ---- What the image sends -------------------------------------------------------------- */

static uint8_t frame_room[MTU + ETH_HEADER_LEN];

static struct writer packet_room(void)
{
    size_t headers = ETH_HEADER_LEN + IP4_HEADER_MIN;
    return writer_of(frame_room + headers, sizeof frame_room - headers);
}

static void sends_from(const struct eth_addr *mac, struct ip4 src, struct ip4 dst,
                       uint8_t protocol, size_t len)
{
    struct writer w = writer_of(frame_room, sizeof frame_room);
    eth_print(&w, &gateway_mac, mac, ETH_IP4);
    ip4_print(&w, src, dst, protocol, len);
    gateway_frame(gw, bytes_of(frame_room, writer_len(&w) + len), now);
}

static void sends(struct ip4 dst, uint8_t protocol, size_t len)
{
    sends_from(&image_mac, IMAGE, dst, protocol, len);
}

static void sends_arp(uint16_t op, struct ip4 target)
{
    struct arp_packet p = {
        .op = op, .sender_mac = image_mac, .sender = IMAGE, .target = target};
    struct writer w = writer_of(frame_room, sizeof frame_room);
    eth_print(&w, &eth_broadcast, &image_mac, ETH_ARP);
    arp_print(&w, &p);
    gateway_frame(gw, bytes_of(frame_room, writer_len(&w)), now);
}

__attribute__((unused)) static void sends_udp(struct ip4_endpoint to, uint16_t port,
                                              const char *text)
{
    struct writer w = packet_room();
    udp_print(&w, at(IMAGE, port), to, bytes_of(text, strlen(text)));
    sends(to.ip, IP4_UDP, writer_len(&w));
}

__attribute__((unused)) static void sends_ping(struct ip4 to, uint16_t identifier,
                                               uint16_t sequence)
{
    struct icmp_message m = {.type = ICMP_ECHO_REQUEST,
                             .rest = (uint32_t)identifier << 16 | sequence,
                             .body = bytes_of("ping", 4)};
    struct writer w = packet_room();
    icmp_print(&w, &m);
    sends(to, IP4_ICMP, writer_len(&w));
}

/* One end of a connection as the image sees it. */
struct peer {
    struct ip4_endpoint to;
    uint16_t port;
    uint32_t seq, ack; /* next to be sent; next expected */
    uint16_t window;   /* scaled by 2^8 after the SYN */
};

static void sends_tcp(struct peer *p, uint8_t flags, struct bytes text)
{
    struct tcp_segment seg = {.src_port = p->port,
                              .dst_port = p->to.port,
                              .seq = {p->seq},
                              .ack = {p->ack},
                              .window = p->window,
                              .flags = flags,
                              .has_mss = flags & TCP_SYN,
                              .has_wscale = flags & TCP_SYN,
                              .mss = MTU - 40,
                              .wscale = 8,
                              .text = text,
                              .text_len = (uint32_t)text.len};
    struct writer w = packet_room();
    tcp_print(&w, &seg, NULL, IMAGE, p->to.ip);
    p->seq += (uint32_t)text.len + !!(flags & TCP_SYN) + !!(flags & TCP_FIN);
    sends(p->to.ip, IP4_TCP, writer_len(&w));
}

__attribute__((unused)) static void says(struct peer *p, const char *text)
{
    sends_tcp(p, TCP_ACK | TCP_PSH, bytes_of(text, strlen(text)));
}

static void acks(struct peer *p)
{
    sends_tcp(p, TCP_ACK, bytes_of("", 0));
}

/* Takes a segment: what it carries is expected no more. */
static void takes(struct peer *p, const struct out *o)
{
    p->ack = o->seg.seq.n + (uint32_t)o->text_len + !!(o->seg.flags & TCP_SYN) +
             !!(o->seg.flags & TCP_FIN);
}

/* ---- What happens at the host -------------------------------------------------------------
 */

static void happens(int fd, unsigned events)
{
    gateway_ready(gw, fake_at(fd)->watch, events, now);
    turns();
}

static struct fake_socket *sock(int fd)
{
    return fake[fd - FAKE_FIRST];
}

static int newest(void)
{
    return FAKE_FIRST + fakes - 1;
}

/* `ns` pass, and what falls due in between is done. */
__attribute__((unused)) static void passes(uint64_t ns)
{
    uint64_t end = now + ns;
    while (gateway_next(gw) <= end && gateway_next(gw) > now) {
        now = gateway_next(gw);
        turns();
    }
    now = end;
    turns();
}

/* ---- Beginning and end ----------------------------------------------------------------------
 */

static int take_frame(void *ctx, struct bytes frame);

static void begin_with(uint32_t streams, uint32_t flows)
{
    struct gateway_host host = fake_calls;
    host.frame = take_frame;
    gateway_free(&gw);
    fake_forget();
    tables = test_supply_of(SIZE_MAX);
    buffers = test_supply_of(SIZE_MAX);
    buffers.dirty = true;
    out_count = looked_at = 0;
    link_takes = SIZE_MAX;
    now = 1000 * SECOND;
    ports[0] = (struct gateway_port){.image_port = 80};
    ports[1] = (struct gateway_port){.image_port = 53, .udp = true};
    for (unsigned i = 0; i < 2; i++) {
        ports[i].watch = (struct watch){.kind = WATCH_PORT};
        ports[i].watch.fd = fake_new(FAKE_PORT, at(GATEWAY, 0), &ports[i].watch);
    }
    config = (struct gateway_config){.ip = GATEWAY,
                                     .image = IMAGE,
                                     .prefix_len = 24,
                                     .mtu = MTU,
                                     .mac = {2, 0, 0, 0, 0, 1},
                                     .resolver = {{0x7f000035}, {0xc0000203}},
                                     .resolvers = 2,
                                     .port = ports,
                                     .ports = 2,
                                     .streams_max = streams,
                                     .flows_max = flows,
                                     .memory = &tables.supply,
                                     .buffers = &buffers.supply,
                                     .key = {1, 2}};
    CHECK_INT(gateway_new(&gw, &config, &host, now), 0);
}

/* The image has said who it is. */
static void begin(void)
{
    begin_with(64, 64);
    sends_arp(ARP_REQUEST, IMAGE);
    forget();
}

/* Everything is given back. */
static void end(void)
{
    gateway_free(&gw);
    CHECK_INT(tables.supply.used, 0);
    CHECK_INT(buffers.supply.used, 0);
    CHECK_INT(fakes_open, 2); /* the ports */
    fake_forget();
}

/* A connection of the image's, as far as the host's answer. */
__attribute__((unused)) static struct peer asks(struct ip4_endpoint to, uint16_t port)
{
    struct peer p = {.to = to, .port = port, .seq = 1000, .window = 65535};
    sends_tcp(&p, TCP_SYN, bytes_of("", 0));
    turns();
    return p;
}

/* And to where octets go. */
__attribute__((unused)) static struct peer connects(struct ip4_endpoint to, uint16_t port)
{
    struct peer p = asks(to, port);
    happens(newest(), HOST_WRITABLE);
    struct out *o = got();
    CHECK(is_segment(o, TCP_SYN | TCP_ACK));
    takes(&p, o);
    acks(&p);
    forget();
    return p;
}

/* A client of the first port, answered by the image. */
__attribute__((unused)) static struct peer accepts(struct ip4_endpoint from)
{
    fake_clients[fake_client_count++] = from;
    happens(ports[0].watch.fd, HOST_READABLE);
    struct out *o = got();
    CHECK(is_segment(o, TCP_SYN));
    struct peer p = {
        .to = at(o->src, o->seg.src_port), .port = 80, .seq = 1000, .window = 65535};
    takes(&p, o);
    sends_tcp(&p, TCP_SYN | TCP_ACK, bytes_of("", 0));
    happens(newest(), HOST_WRITABLE);
    forget();
    return p;
}

#endif
