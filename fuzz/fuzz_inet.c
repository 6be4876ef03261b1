/* SPDX-License-Identifier: ISC */
/* A whole inet to which anything happens: frames from a handful of hosts, whole or mended so
 * that they get past the checksums, to any of its addresses and groups, in fragments, as
 * super-frames; calls of its users, connections to itself among them; time, a device that is
 * full, memory that runs out. inet_check after each frame and each step; at the end everything
 * is given back.
 *
 * The input is an octet about the configuration, and a sequence of steps: an octet that says
 * what, and what that takes. */
#include "base/checksum.h"
#include "net/inet/state.h"
#include "net/tcp/congestion.h"
#include "tests/support/test_supply.h"

#include <errno.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

#define CONNS     4
#define FRAME_MAX 8192U
#define OWN       ip4_of(10, 0, 0, 2)
#define SECOND    ip4_of(10, 1, 0, 2) /* an address that comes and goes */
#define GROUP     ip4_of(224, 5, 6, 0)

static struct inet *inet;
static uint64_t now;
static struct test_supply memory, buffers;
static struct tcp_conn *conn[CONNS];
static struct inet_listener *listener;
static struct inet_udp *socket;
static uint16_t mtu;
static uint32_t features;
static int device;                   /* what it says */
static struct tcp_segment last_sent; /* so that answers can fit */
static struct ip4 last_to;
static uint32_t last_stamp; /* of what was sent to us */
static int owner;

/* How packets to us are sent, until a step changes it. */
static struct {
    struct ip4 dst;
    uint8_t tos;
    uint32_t cut;    /* into fragments of so many octets; 0: not */
    uint8_t missing; /* the fragments, by bit, that do not arrive */
    bool backwards;
    uint16_t id;
} letter;

/* ---- The rim: what is sent must be what a receiver takes ------------------------------------
 */

static void receive_segment(const struct ip4_packet *p)
{
    struct tcp_segment s;
    check(tcp_parse(p->payload, p->src, p->dst, &s) == TCP_OK);
    last_sent = s;
    last_to = p->dst;
}

static void receive_frame(struct bytes frame)
{
    struct eth_addr receiver;
    struct eth_frame f;
    struct ip4_packet p;
    memcpy(receiver.octet, frame.at, sizeof receiver.octet);
    check(eth_parse(frame, &receiver, &f) == ETH_OK);
    struct arp_packet a;
    if (f.type == ETH_ARP) {
        check(arp_parse(f.payload, &a) == ARP_OK);
        return;
    }
    check(ip4_parse(f.payload, NULL, &p) == IP4_OK);
    if (p.protocol == IP4_TCP && !ip4_is_fragment(&p))
        receive_segment(&p);
}

static int rim_send(void *ctx, struct bytes frame)
{
    (void)ctx;
    check(frame.len >= ETH_HEADER_LEN && frame.len <= INET_FRAME_MAX((uint32_t)mtu));
    if (device == 0)
        receive_frame(frame);
    return device;
}

/* Does the work that is left, as a device does, except that a super-frame stays whole. */
static int rim_send_parts(void *ctx, const struct bytes *part, unsigned parts,
                          const struct offload *work)
{
    static uint8_t frame[OFFLOAD_FRAME_MAX];
    struct writer w = writer_of(frame, sizeof frame);
    (void)ctx;
    check(parts >= 1 && parts <= INET_PARTS_MAX);
    for (unsigned i = 0; i < parts; i++)
        write_bytes(&w, part[i]);
    size_t len = writer_len(&w);
    check(!w.ran_out && len >= ETH_HEADER_LEN);
    check(work->segment_len == 0 ? len <= INET_FRAME_MAX((uint32_t)mtu)
                                 : features & OFFLOAD_TSO4 && work->partial &&
                                       work->headers_len + work->segment_len <= mtu + 14U &&
                                       work->headers_len < len);
    if (work->partial) {
        check(work->sum_from + work->sum_at + 2U <= len);
        struct bytes summed = bytes_of(frame + work->sum_from, len - work->sum_from);
        struct writer sum = writer_of(frame + work->sum_from + work->sum_at, 2);
        write_u16(&sum, checksum_end(checksum_add(0, summed)));
    }
    if (device == 0)
        receive_frame(bytes_of(frame, len));
    return device;
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

static void rim_udp_error(void *ctx, struct inet_udp *u, struct ip4_endpoint to, int error)
{
    (void)ctx, (void)to;
    check(u == socket && error < 0);
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
                                    .udp_error = rim_udp_error,
                                    .random = rim_random,
                                    .send_parts = rim_send_parts};

/* ---- Frames
 * ----------------------------------------------------------------------------------- */

static struct ip4 host_ip(unsigned n)
{
    return n % 8 == 7 ? ip4_of(8, 8, 8, 8) : ip4_of(10, 0, 0, (uint8_t)(3 + n % 8));
}

/* An exact copy, so that a sanitizer sees what reads past its end. */
static void arrives(struct bytes frame, const struct offload *work)
{
    uint8_t *exact = malloc(frame.len ? frame.len : 1);
    check(exact);
    memcpy(exact, frame.at, frame.len);
    inet_receive_with(inet, bytes_of(exact, frame.len), work, now);
    free(exact);
    inet_check(inet);
}

static void send_raw(struct reader *in)
{
    static const struct offload none;
    size_t len = read_u8(in) * 3U;
    struct bytes b = read_bytes(in, len < reader_left(in) ? len : reader_left(in));
    if (b.len > 0)
        arrives(b, &none);
}

/* One packet, or a fragment of one. */
static void send_packet_from(unsigned host, uint8_t protocol, struct bytes payload,
                             uint16_t fragment, const struct offload *work)
{
    static uint8_t frame[FRAME_MAX];
    struct eth_addr to = {{2, 0, 0, 0, 0, 2}},
                    from = {{2, 0, 0, 0, 0, (uint8_t)(3 + host % 7)}};
    struct ip4_head h = ip4_head_of(host_ip(host), letter.dst, protocol);
    struct writer w = writer_of(frame, sizeof frame);
    if (ip4_is_multicast(letter.dst))
        to = eth_of_group(letter.dst);
    h.tos = letter.tos;
    h.id = letter.id;
    h.fragment = fragment;
    eth_print(&w, &to, &from, ETH_IP4);
    ip4_print_head(&w, &h, payload.len);
    write_bytes(&w, payload);
    check(!w.ran_out);
    arrives(bytes_of(frame, writer_len(&w)), work);
}

static void send_fragments_from(unsigned host, uint8_t protocol, struct bytes payload)
{
    static const struct offload none;
    size_t count = (payload.len + letter.cut - 1) / letter.cut;
    for (size_t i = 0; i < count; i++) {
        size_t n = letter.backwards ? count - 1 - i : i, at = n * letter.cut;
        size_t len = payload.len - at < letter.cut ? payload.len - at : letter.cut;
        uint16_t more = at + len < payload.len ? IP4_MORE_FRAGMENTS : 0;
        if (!(letter.missing >> n % 8 & 1))
            send_packet_from(host, protocol, bytes_of(payload.at + at, len),
                             (uint16_t)(at / 8 | more), &none);
    }
    letter.id++;
}

static void send_payload_from(unsigned host, uint8_t protocol, struct bytes payload)
{
    static const struct offload none;
    if (letter.cut)
        send_fragments_from(host, protocol, payload);
    else
        send_packet_from(host, protocol, payload, IP4_DONT_FRAGMENT, &none);
}

static void choose_letter(struct reader *in)
{
    uint8_t to = read_u8(in), how = read_u8(in), cut = read_u8(in);
    const struct ip4 dsts[] = {OWN,
                               SECOND,
                               {GROUP.n + to / 8 % 4U},
                               ip4_of(10, 0, 0, 255),
                               ip4_of(255, 255, 255, 255),
                               ip4_of(127, 0, 0, 1),
                               ip4_of(10, 0, 0, 77),
                               ip4_of(224, 0, 0, 1)};
    letter.dst = dsts[to % 8];
    letter.tos = how & 3;
    letter.backwards = how & 4;
    letter.cut = how & 8 ? 8U + cut / 8U * 8U : 0;
    letter.missing = how & 16 ? read_u8(in) : 0;
    letter.id -= how & 32 ? 1 : 0; /* the same datagram again, perhaps cut otherwise */
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

static struct seq near(struct seq base, struct reader *in)
{
    return seq_add(base, (uint32_t)(int32_t)(int8_t)read_u8(in) * 4);
}

/* Options, and what else is not in every segment; returns in how long segments a super-frame's
 * text was, 0 for none. */
static uint16_t add_options(struct tcp_segment *s, struct reader *in)
{
    uint8_t what = read_u8(in);
    s->has_ts = what & 1;
    s->ts_val = last_stamp += what & 1 ? (uint32_t)(int32_t)(int8_t)read_u8(in) : 0;
    s->ts_ecr = last_sent.ts_val;
    s->sack_permitted = s->has_wscale = s->flags & TCP_SYN && what & 2;
    s->wscale = what % 15;
    s->sacks = s->flags & TCP_SYN ? 0 : what >> 2 & 3;
    for (unsigned i = 0; i < s->sacks; i++) {
        s->sack[i].from = near(last_sent.seq, in);
        s->sack[i].to = near(s->sack[i].from, in);
    }
    s->urgent = what & 16 ? read_u8(in) : 0;
    if (!(what & 32) || s->flags & TCP_SYN)
        return 0;
    s->text_len = 256U + read_u8(in) * 16U;
    return (uint16_t)(64U + read_u8(in) * 4U);
}

/* A segment near what the connection expects: the offsets are small and signed. */
static void send_segment_from(unsigned host, struct reader *in, bool options)
{
    static uint8_t text[FRAME_MAX], room[FRAME_MAX];
    uint16_t cut = 0;
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
    if (options) {
        cut = add_options(&s, in);
        s.flags |= letter.backwards ? TCP_ECE : 0;
    }
    struct writer w = writer_of(room, sizeof room);
    tcp_print(&w, &s, NULL, host_ip(host), letter.dst);
    check(!w.ran_out);
    struct bytes segment = bytes_of(room, writer_len(&w));
    struct offload work = {.verified = true,
                           .segment_len = cut,
                           .headers_len = (uint16_t)(34U + (room[12] >> 4) * 4U)};
    if (cut)
        send_packet_from(host, IP4_TCP, segment, IP4_DONT_FRAGMENT, &work);
    else
        send_payload_from(host, IP4_TCP, segment);
}

/* An error that quotes something like the last segment sent, or a datagram. */
static void send_error_from(unsigned host, struct reader *in, bool of_udp, bool too_big)
{
    uint8_t quote[64], room[128], type = read_u8(in);
    struct writer q = writer_of(quote, sizeof quote), w = writer_of(room, sizeof room);
    ip4_print(&q, OWN, of_udp ? host_ip(host) : last_to, of_udp ? IP4_UDP : IP4_TCP,
              too_big ? 1400 : 20);
    write_u16(&q, of_udp ? 53 : last_sent.src_port);
    write_u16(&q, of_udp ? 99 : last_sent.dst_port);
    write_u32(&q, last_sent.seq.n + read_u8(in));
    struct icmp_message m = {type & 15, type >> 4, 0, bytes_of(quote, writer_len(&q))};
    if (too_big)
        m = (struct icmp_message){ICMP_UNREACHABLE, ICMP_TOO_BIG, type * 6U, m.body};
    icmp_print(&w, &m);
    send_payload_from(host, IP4_ICMP, bytes_of(room, writer_len(&w)));
}

/* An IGMP message, or an echo. */
static void send_message_from(unsigned host, struct reader *in)
{
    uint8_t room[40], len = read_u8(in), text[32] = {0};
    struct bytes b = read_bytes(in, len % 32U);
    struct writer w = writer_of(room, sizeof room);
    if (b.len > 0)
        memcpy(text, b.at, b.len);
    if (len & 128) {
        struct icmp_message m = {len & 64 ? ICMP_ECHO_REQUEST : text[0], text[1], 0, b};
        icmp_print(&w, &m);
        send_payload_from(host, IP4_ICMP, bytes_of(room, writer_len(&w)));
        return;
    }
    text[2] = text[3] = 0;
    uint16_t sum = checksum_end(checksum_add(0, bytes_of(text, b.len < 8 ? 8 : b.len)));
    text[2] = (uint8_t)(sum >> 8);
    text[3] = (uint8_t)sum;
    send_payload_from(host, IP4_IGMP, bytes_of(text, b.len < 8 ? 8 : b.len));
}

static void send_datagram_from(unsigned host, struct reader *in, bool large)
{
    static uint8_t room[4096], much[4000];
    struct writer w = writer_of(room, sizeof room);
    uint8_t len = read_u8(in);
    struct bytes text = large ? bytes_of(much, len * 15U) : read_bytes(in, len % 32U);
    udp_print(&w, (struct ip4_endpoint){host_ip(host), 99},
              (struct ip4_endpoint){letter.dst, read_u8(in)}, text);
    send_payload_from(host, IP4_UDP, bytes_of(room, writer_len(&w)));
}

static void send_other_from(unsigned what, struct reader *in)
{
    if (what & 1)
        send_error_from(what, in, what & 8, what & 16);
    else if (what & 8)
        send_message_from(what, in);
    else
        send_datagram_from(what, in, what & 16);
}

/* ---- Calls
 * ---------------------------------------------------------------------------------------- */

static void call_tcp(unsigned what, struct reader *in)
{
    static uint8_t text[5000];
    struct tcp_conn **c = &conn[what / 8 % CONNS];
    size_t len = read_u8(in) * 19U;
    struct ip4_endpoint to = {host_ip((unsigned)len), 99};
    if (len / 19 >= 240) /* a connection to ourselves, to our own listener */
        to = (struct ip4_endpoint){len & 1 ? OWN : ip4_of(127, 0, 0, 1), 80};
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
    else if (len % 4 == 2)
        inet_tcp_keepalive(inet, *c, len * 1000000000ULL, now);
    else if (len % 4 == 3)
        inet_tcp_user_timeout(inet, *c, len * 1000000000ULL, now);
    else
        inet_tcp_nodelay(inet, *c, len % 2);
}

/* Addresses, groups and routes. */
static void call_of_hosts(unsigned what, uint8_t n)
{
    struct ip4 group = {GROUP.n + n % 4U};
    struct inet_route route = {{ip4_of(10, 9, n % 8, 0), 24}, host_ip(n), n};
    if (what == 1)
        (void)!inet_udp_join(inet, socket, group, now);
    else if (what == 2)
        (void)!inet_udp_leave(inet, socket, group, now);
    else if (what == 3)
        (void)!inet_add_address(inet, SECOND, 24, now);
    else if (what == 4)
        (void)!inet_remove_address(inet, SECOND, now);
    else if (what == 5)
        (void)!inet_route_add(inet, &route);
    else if (what == 6)
        (void)!inet_route_remove(inet, &route);
    else
        (void)!inet_udp_connect(inet, socket,
                                (struct ip4_endpoint){host_ip(n), n & 64 ? 0 : 99});
}

static void call_udp(unsigned what, struct ip4_endpoint to, uint8_t n)
{
    static const uint8_t much[4000];
    const struct ip4 dsts[] = {to.ip, to.ip, ip4_of(10, 0, 0, 255), {GROUP.n + n % 4U}, OWN};
    struct inet_udp_options options = {.broadcast = n & 1, .no_loop = n & 2, .tos = n & 3};
    to.ip = dsts[what < 5 ? what : 0];
    to.port = what == 4 ? 53 : 99;
    if (what == 7)
        inet_udp_set(socket, &options);
    else
        (void)!inet_udp_send(inet, socket, to,
                             what ? bytes_of(much, n * 15U) : bytes_of("hello", 5), now);
}

static void call_others(unsigned what, struct reader *in)
{
    uint8_t n = read_u8(in);
    struct ip4_endpoint to = {host_ip(n), 99};
    if (what == 0) {
        inet_unlisten(inet, &listener, now);
        check(inet_listen(inet, 80, 2, NULL, &listener) == 0 || memory.grants == 0);
    } else if (what % 4 == 0) {
        call_of_hosts(what / 4, n);
    } else if (what % 4 == 1) {
        call_udp(what / 4, to, n);
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
        what < 16 ? send_raw(in) : choose_letter(in);
        break;
    case 1:
        send_arp_from(what, in);
        break;
    case 2:
    case 3:
        send_segment_from(what, in, op >> 5 == 3);
        break;
    case 4:
        send_other_from(what, in);
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

static void begin(uint8_t how)
{
    features = how & 1 ? OFFLOAD_CSUM | (how & 2 ? OFFLOAD_TSO4 : 0) : 0;
    mtu = how & 4 ? 1500 : 576;
    struct inet_config cfg = {.mac = {2, 0, 0, 0, 0, 2},
                              .mtu = mtu,
                              .offloads = features,
                              .ecn = how & 8,
                              .congestion = how & 16 ? &tcp_reno : NULL,
                              .ip = OWN,
                              .prefix_len = 24,
                              .gateway = ip4_of(10, 0, 0, 3),
                              .hash_key = {1, 2},
                              .memory = &memory.supply,
                              .buffers = &buffers.supply,
                              .connections_max = 6,
                              .half_open_max = 3,
                              .receive_max = how & 32 ? 65536 : 4096,
                              .send_max = how & 32 ? 65536 : 8192,
                              .receive_first = 4096,
                              .send_first = 4096};
    memory = test_supply_of(SIZE_MAX);
    buffers = test_supply_of(how & 32 ? 262144 : 32768);
    device = 0;
    now = 0;
    memset(conn, 0, sizeof conn);
    memset(&letter, 0, sizeof letter);
    letter.dst = OWN;
    last_stamp = 1000;
    last_sent = (struct tcp_segment){.src_port = 80};
    last_to = ip4_of(10, 0, 0, 4);
    check(inet_init(&inet, &cfg, &rim, now) == 0);
    check(inet_listen(inet, 80, 2, NULL, &listener) == 0);
    check(inet_udp_bind(inet, 53, NULL, &socket) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct reader in = reader_of(bytes_of(at, len));
    begin(read_u8(&in));
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
