/* SPDX-License-Identifier: ISC */
/* A whole inet to which anything happens: frames from a handful of hosts, whole or mended so
 * that they get past the checksums, calls of its users, time, a device that is full, memory
 * that runs out. After each step inet_check; at the end everything is given back.
 *
 * The input is a sequence of steps: an octet that says what, and what that takes. */
#include "base/checksum.h"
#include "net/inet/state.h"
#include "tests/support/test_supply.h"

#include <errno.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

#define CONNS     4
#define FRAME_MAX 600U

static struct inet *inet;
static uint64_t now;
static struct test_supply memory, buffers;
static struct tcp_conn *conn[CONNS];
static struct inet_listener *listener;
static struct inet_udp *socket;
static int device;                   /* what it says */
static struct tcp_segment last_sent; /* so that answers can fit */
static struct ip4 last_to;
static int owner;

/* ---- The rim: what is sent must be what a receiver takes ------------------------------------
 */

static void receive_segment(const struct ip4_packet *p)
{
    struct tcp_segment s;
    check(tcp_parse(p->payload, p->src, p->dst, &s) == TCP_OK);
    last_sent = s;
    last_to = p->dst;
}

static int rim_send(void *ctx, struct bytes frame)
{
    (void)ctx;
    struct eth_addr receiver;
    struct eth_frame f;
    struct ip4_packet p;
    check(frame.len >= ETH_HEADER_LEN && frame.len <= INET_FRAME_MAX(576U));
    if (device != 0)
        return device;
    memcpy(receiver.octet, frame.at, sizeof receiver.octet);
    check(eth_parse(frame, &receiver, &f) == ETH_OK);
    struct arp_packet a;
    if (f.type == ETH_ARP) {
        check(arp_parse(f.payload, &a) == ARP_OK);
        return 0;
    }
    struct reader r = reader_of(f.payload);
    read_bytes(&r, 16);
    struct ip4_own host = ip4_own_of((struct ip4){read_u32(&r)}, 32);
    check(ip4_parse(f.payload, &host, &p) == IP4_OK);
    if (p.protocol == IP4_TCP)
        receive_segment(&p);
    return 0;
}

static void rim_event(void *ctx, struct tcp_conn *c, unsigned events)
{
    (void)ctx;
    check(c->owner == &owner && events != 0 && !(events & TCP_EVENT_FREE));
}

static void rim_acceptable(void *ctx, struct inet_listener *l)
{
    (void)ctx;
    check(l == listener);
}

static bool rim_datagram(void *ctx, struct inet_udp *u, const struct inet_datagram *d)
{
    (void)ctx;
    check(u == socket && d->from.ip.n != 0);
    return d->text.len % 2 == 0;
}

static void rim_resolved(void *ctx, struct ip4 hop, bool found)
{
    (void)ctx, (void)hop, (void)found;
}

static uint32_t rim_random(void *ctx)
{
    (void)ctx;
    return 7;
}

static const struct inet_rim rim = {.send = rim_send,
                                    .tcp_event = rim_event,
                                    .acceptable = rim_acceptable,
                                    .datagram = rim_datagram,
                                    .resolved = rim_resolved,
                                    .random = rim_random};

/* ---- Frames
 * ----------------------------------------------------------------------------------- */

static struct ip4 host_ip(unsigned n)
{
    return n % 8 == 7 ? ip4_of(8, 8, 8, 8) : ip4_of(10, 0, 0, (uint8_t)(3 + n % 8));
}

static void send_raw(struct reader *in)
{
    size_t len = read_u8(in) * 3U;
    inet_receive(inet, read_bytes(in, len < reader_left(in) ? len : reader_left(in)), now);
}

static void send_payload_from(unsigned host, uint8_t protocol, struct bytes payload)
{
    uint8_t frame[FRAME_MAX];
    struct eth_addr own = {{2, 0, 0, 0, 0, 2}},
                    from = {{2, 0, 0, 0, 0, (uint8_t)(3 + host % 7)}};
    struct writer w = writer_of(frame, sizeof frame);
    eth_print(&w, &own, &from, ETH_IP4);
    ip4_print(&w, host_ip(host), ip4_of(10, 0, 0, 2), protocol, payload.len);
    write_bytes(&w, payload);
    inet_receive(inet, bytes_of(frame, writer_len(&w)), now);
}

static void send_arp_from(unsigned host, struct reader *in)
{
    uint8_t frame[64], op = read_u8(in);
    struct arp_packet p = {.op = op & 1 ? ARP_REQUEST : ARP_REPLY,
                           .sender = op & 4 ? ip4_of(10, 0, 0, op) : host_ip(host),
                           .sender_mac = {{2, 0, 0, 0, 0, (uint8_t)(3 + host % 7)}},
                           .target = ip4_of(10, 0, 0, op & 2 ? op : 2)};
    struct writer w = writer_of(frame, sizeof frame);
    eth_print(&w, &eth_broadcast, &p.sender_mac, ETH_ARP);
    arp_print(&w, &p);
    inet_receive(inet, bytes_of(frame, writer_len(&w)), now);
}

/* A segment near what the connection expects: the offsets are small and signed. */
static void send_segment_from(unsigned host, struct reader *in)
{
    static uint8_t text[256], room[512];
    uint8_t flags = read_u8(in);
    int8_t off = (int8_t)read_u8(in), ack_off = (int8_t)read_u8(in);
    struct tcp_segment s = {.src_port = (uint16_t)(1000 + host / 8 % 4),
                            .dst_port = 80,
                            .window = (uint16_t)(read_u8(in) << 8),
                            .flags = flags & 63,
                            .text = bytes_of(text, sizeof text),
                            .text_len = flags & TCP_SYN ? 0 : read_u8(in)};
    s.has_mss = flags & TCP_SYN && flags & 128;
    s.mss = 100;
    s.seq = seq_add(last_sent.ack, (uint32_t)(int32_t)off);
    s.ack = seq_add(last_sent.seq, (uint32_t)(int32_t)ack_off + (uint32_t)last_sent.text.len);
    if (flags & 64) { /* as an answer to what was last sent */
        s.src_port = last_sent.dst_port;
        s.dst_port = last_sent.src_port;
    }
    struct writer w = writer_of(room, sizeof room);
    tcp_print(&w, &s, NULL, host_ip(host), ip4_of(10, 0, 0, 2));
    send_payload_from(host, IP4_TCP, bytes_of(room, writer_len(&w)));
}

/* An error that quotes something like the last segment sent. */
static void send_error_from(unsigned host, struct reader *in)
{
    uint8_t quote[64], room[128], type = read_u8(in);
    struct writer q = writer_of(quote, sizeof quote), w = writer_of(room, sizeof room);
    ip4_print(&q, ip4_of(10, 0, 0, 2), last_to, IP4_TCP, 20);
    write_u16(&q, last_sent.src_port);
    write_u16(&q, last_sent.dst_port);
    write_u32(&q, last_sent.seq.n + read_u8(in));
    struct icmp_message m = {type & 15, type >> 4, 0, bytes_of(quote, writer_len(&q))};
    icmp_print(&w, &m);
    send_payload_from(host, IP4_ICMP, bytes_of(room, writer_len(&w)));
}

static void send_datagram_from(unsigned host, struct reader *in)
{
    uint8_t room[300];
    struct writer w = writer_of(room, sizeof room);
    struct bytes text = read_bytes(in, read_u8(in) % 32U);
    udp_print(&w, (struct ip4_endpoint){host_ip(host), 99},
              (struct ip4_endpoint){ip4_of(10, 0, 0, 2), read_u8(in)}, text);
    send_payload_from(host, IP4_UDP, bytes_of(room, writer_len(&w)));
}

/* ---- Calls
 * ---------------------------------------------------------------------------------------- */

static void call_tcp(unsigned what, struct reader *in)
{
    static uint8_t text[5000];
    struct tcp_conn **c = &conn[what / 8 % CONNS];
    size_t len = read_u8(in) * 19U;
    struct ip4_endpoint to = {host_ip((unsigned)len), 99};
    if (!*c && what % 2)
        *c = inet_accept(inet, listener, &owner);
    else if (!*c)
        (void)!inet_connect(inet, to, &owner, now, c);
    else if (what % 8 < 2)
        inet_tcp_read(inet, *c, text, len, now);
    else if (what % 8 < 4)
        inet_tcp_write(inet, *c, bytes_of(text, len), now);
    else if (what % 8 == 4)
        inet_tcp_shutdown(inet, *c, now);
    else if (what % 8 == 5)
        inet_tcp_close(inet, c, now);
    else if (what % 8 == 6)
        inet_tcp_abort(inet, c, now);
    else
        inet_tcp_nodelay(inet, *c, len % 2);
}

static void call_others(unsigned what, struct reader *in)
{
    struct ip4_endpoint to = {host_ip(read_u8(in)), 99};
    if (what % 4 == 0) {
        inet_unlisten(inet, &listener, now);
        check(inet_listen(inet, 80, 2, NULL, &listener) == 0 || buffers.grants == 0);
    } else if (what % 4 == 1 && socket) {
        (void)!inet_udp_send(inet, socket, to, bytes_of("hello", 5), now);
    } else if (what % 4 == 2) {
        (void)!inet_resolve(inet, to.ip, now);
    } else {
        device = what & 4 ? -EAGAIN : what & 8 ? -EIO : 0;
        memory.grants = buffers.grants = what & 16 ? 0 : -1;
    }
}

static void step(struct reader *in)
{
    unsigned op = read_u8(in), what = op & 31;
    switch (op >> 5) {
    case 0:
        send_raw(in);
        break;
    case 1:
        send_arp_from(what, in);
        break;
    case 2:
    case 3:
        send_segment_from(what, in);
        break;
    case 4:
        what & 1 ? send_error_from(what, in) : send_datagram_from(what, in);
        break;
    case 5:
        call_tcp(what, in);
        break;
    case 6:
        call_others(what, in);
        break;
    default:
        now += (uint64_t)read_u8(in) << what << 4;
        inet_expire(inet, now);
    }
}

static void begin(void)
{
    struct inet_config cfg = {.mac = {2, 0, 0, 0, 0, 2},
                              .mtu = 576,
                              .ip = ip4_of(10, 0, 0, 2),
                              .prefix_len = 24,
                              .gateway = ip4_of(10, 0, 0, 3),
                              .hash_key = {1, 2},
                              .memory = &memory.supply,
                              .buffers = &buffers.supply,
                              .connections_max = 6,
                              .half_open_max = 3,
                              .receive_max = 4096,
                              .send_max = 8192};
    memory = test_supply_of(SIZE_MAX);
    buffers = test_supply_of(32768);
    device = 0;
    now = 0;
    memset(conn, 0, sizeof conn);
    last_sent = (struct tcp_segment){.src_port = 80};
    last_to = ip4_of(10, 0, 0, 4);
    check(inet_init(&inet, &cfg, &rim, now) == 0);
    check(inet_listen(inet, 80, 2, NULL, &listener) == 0);
    check(inet_udp_bind(inet, 53, NULL, &socket) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct reader in = reader_of(bytes_of(at, len));
    begin();
    while (!in.ran_out && reader_left(&in) > 0) {
        step(&in);
        inet_check(inet);
        inet_flush(inet, now);
        inet_check(inet);
    }
    inet_end(&inet, now);
    check(memory.supply.used == 0 && buffers.supply.used == 0);
    return 0;
}
