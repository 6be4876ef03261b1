/* SPDX-License-Identifier: ISC */
#ifndef TESTS_INET_WORLD_H
#define TESTS_INET_WORLD_H

/* An inet at 10.0.0.2/24 (02:00:00:00:00:02), gateway 10.0.0.1, and whoever a test lets talk
 * to it, on a virtual clock. Host n is 10.0.0.n at 02:00:00:00:00:n; "far" hosts are
 * 10.9.x.y behind the gateway. What the inet sends and tells becomes text, one item after
 * another:
 *
 *     who-has 7   announce   answer 7               ARP
 *     S. 80>7:5000   P. 80>7:5000(10)               TCP, with the length of its text
 *     igmp 22 16                                     the message's type and length
 *     fragment 7:0+1480+  fragment 7:1480+100       [from, length), more to come
 *     udp 53>7:99(5)   echo-reply 7(8)   unreachable/3 7(36)
 *     <acceptable 80> <established> <readable> <writable> <ended -104>
 *     <datagram 53 7:99(5)> <error 53 7:99 -111> <found 7> <lost 7>
 *
 * with @n behind a frame that goes to another station than its packet's own. Every frame sent
 * is parsed as its receiver would; inet_check runs whenever a test looks. */

#include "base/checksum.h"
#include "net/inet/state.h"
#include "tests/check.h"
#include "tests/support/test_supply.h"

#include <errno.h>
#include <stdarg.h>

#define SECOND 1000000000ULL

static struct inet *in;
static uint64_t now;
static struct test_supply memory, buffers;
static char log_text[1 << 16];
static size_t log_len;
static bool quiet;     /* nothing becomes text */
static int send_error; /* what the device says */
static bool datagram_room = true;
static uint64_t frames_sent;
static struct tcp_segment last_segment; /* sent by the inet, without its text */
static struct eth_addr last_mac;
static uint8_t last_ttl, last_tos;
static uint16_t last_id;                     /* of the last fragment sent */
static struct ip4 last_to, last_from;        /* of the last packet sent */
static struct ip4_endpoint last_datagram_to; /* of the last told */
static struct ip4 hears_at = {0x0a000002};   /* where what arrives is sent to */
static uint32_t last_end;                    /* the sequence number after it */
static uint32_t random_state;

__attribute__((format(printf, 1, 2))) static inline void note(const char *format, ...)
{
    if (quiet || log_len + 80 > sizeof log_text)
        return;
    if (log_len > 0)
        log_text[log_len++] = ' ';
    va_list args;
    va_start(args, format);
    log_len += (size_t)vsnprintf(log_text + log_len, sizeof log_text - log_len, format, args);
    va_end(args);
}

static inline unsigned host_of(struct ip4 ip)
{
    return ip.n & 0xff;
}

static inline struct ip4 ip_of(unsigned host)
{
    return ip4_of(10, 0, 0, (uint8_t)host);
}

static inline struct eth_addr mac_of(unsigned host)
{
    return (struct eth_addr){{2, 0, 0, 0, 0, (uint8_t)host}};
}

/* ---- What the inet sends ---------------------------------------------------------------- */

static inline void note_arp(struct bytes payload)
{
    struct arp_packet p;
    CHECK_INT(arp_parse(payload, &p), ARP_OK);
    CHECK(!in || inet_is_own(in, p.sender));
    if (p.op == ARP_REPLY)
        note("answer %u", host_of(p.target));
    else if (ip4_equal(p.target, p.sender))
        note("announce");
    else
        note("who-has %u", host_of(p.target));
}

static inline void note_segment(const struct ip4_packet *p, const char *via)
{
    static const char letters[] = "FSRP.U";
    struct tcp_segment s;
    char flags[8];
    size_t n = 0;
    CHECK_INT(tcp_parse(p->payload, p->src, p->dst, &s), TCP_OK);
    for (unsigned i = 0; i < 6; i++)
        if (s.flags & 1U << i && letters[i] != '.')
            flags[n++] = letters[i];
    if (s.flags & TCP_ACK)
        flags[n++] = '.';
    flags[n] = 0;
    last_segment = s;
    last_to = p->dst;
    last_end = s.seq.n + (uint32_t)s.text.len + !!(s.flags & TCP_SYN) + !!(s.flags & TCP_FIN);
    if (s.text.len > 0)
        note("%s %u>%u:%u(%zu)%s", flags, s.src_port, host_of(p->dst), s.dst_port, s.text.len,
             via);
    else
        note("%s %u>%u:%u%s", flags, s.src_port, host_of(p->dst), s.dst_port, via);
}

static inline void note_icmp(const struct ip4_packet *p, const char *via)
{
    struct icmp_message m;
    CHECK_INT(icmp_parse(p->payload, &m), ICMP_OK);
    if (m.type == ICMP_ECHO_REPLY)
        note("echo-reply %u(%zu)%s", host_of(p->dst), m.body.len, via);
    else if (m.type == ICMP_PARAMETER_PROBLEM)
        note("error 12/%u %u(%zu) at %u%s", m.code, host_of(p->dst), m.body.len, m.rest >> 24,
             via);
    else if (m.type != ICMP_UNREACHABLE)
        note("error %u/%u %u(%zu)%s", m.type, m.code, host_of(p->dst), m.body.len, via);
    else
        note("unreachable/%u %u(%zu)%s", m.code, host_of(p->dst), m.body.len, via);
}

static inline void note_packet(const struct eth_frame *f)
{
    struct reader r = reader_of(f->payload);
    struct ip4_packet p;
    char via[8] = "";
    read_bytes(&r, 16);
    struct ip4_own receiver = ip4_own_of((struct ip4){read_u32(&r)}, 32);
    CHECK_INT(ip4_parse(f->payload, &receiver, &p), IP4_OK);
    CHECK_INT(p.whole.len, f->payload.len);
    last_from = p.src;
    last_mac = f->dst;
    last_ttl = p.ttl;
    last_tos = p.tos;
    if (p.protocol == IP4_IGMP) {
        CHECK(p.ttl == 1 && p.has_options);
        note("igmp %02x %zu", p.payload.at[0], p.payload.len);
        return;
    }
    if (f->dst.octet[5] != host_of(p.dst))
        snprintf(via, sizeof via, "@%u", f->dst.octet[5]);
    if (ip4_is_fragment(&p)) {
        last_id = p.id;
        note("fragment %u:%u+%zu%s%s", host_of(p.dst), p.fragment_at, p.payload.len,
             p.more_fragments ? "+" : "", via);
    } else if (p.protocol == IP4_TCP) {
        note_segment(&p, via);
    } else if (p.protocol == IP4_ICMP) {
        note_icmp(&p, via);
    } else {
        struct udp_datagram d;
        CHECK_INT(udp_parse(p.payload, p.src, p.dst, &d), UDP_OK);
        note("udp %u>%u:%u(%zu)%s", d.src_port, host_of(p.dst), d.dst_port, d.text.len, via);
    }
}

static struct offload sent_work;
static unsigned sent_parts;
static struct offload hears_work; /* what the device says of the next frames */

static inline int world_send(void *ctx, struct bytes frame)
{
    (void)ctx;
    if (send_error)
        return send_error;
    struct eth_addr receiver;
    struct eth_frame f;
    memcpy(receiver.octet, frame.at, sizeof receiver.octet);
    CHECK(frame.len <= INET_FRAME_MAX(in ? in->cfg.mtu : 1500U) || sent_work.segment_len > 0);
    CHECK_INT(eth_parse(frame, &receiver, &f), ETH_OK);
    CHECK_INT(f.src.octet[5], 2);
    frames_sent++;
    if (f.type == ETH_ARP)
        note_arp(f.payload);
    else
        note_packet(&f);
    return 0;
}

/* A frame in parts is put together, and its checksum completed, as a device would; what is left
 * is a super-frame, which is not cut. */

static inline int world_send_parts(void *ctx, const struct bytes *part, unsigned parts,
                                   const struct offload *work)
{
    static uint8_t frame[OFFLOAD_FRAME_MAX];
    struct writer w = writer_of(frame, sizeof frame);
    CHECK(parts >= 1 && parts <= INET_PARTS_MAX);
    for (unsigned i = 0; i < parts; i++)
        write_bytes(&w, part[i]);
    CHECK(!w.ran_out && work->partial);
    size_t len = writer_len(&w);
    CHECK(work->segment_len > 0 || len <= INET_FRAME_MAX(in ? in->cfg.mtu : 1500U));
    CHECK(work->sum_from + work->sum_at + 2U <= len);
    sent_work = *work;
    sent_parts = parts;
    uint16_t sum =
        checksum_end(checksum_add(0, bytes_of(frame + work->sum_from, len - work->sum_from)));
    frame[work->sum_from + work->sum_at] = (uint8_t)(sum >> 8);
    frame[work->sum_from + work->sum_at + 1] = (uint8_t)sum;
    return world_send(ctx, bytes_of(frame, len));
}

/* ---- What the inet tells ------------------------------------------------------------------
 */

static inline void world_event(void *ctx, struct tcp_conn *c, unsigned events)
{
    (void)ctx;
    CHECK(c->owner);
    CHECK(!(events & TCP_EVENT_FREE));
    if (events & TCP_EVENT_ESTABLISHED)
        note("<established>");
    if (events & TCP_EVENT_READABLE)
        note("<readable>");
    if (events & TCP_EVENT_WRITABLE)
        note("<writable>");
    if (events & TCP_EVENT_ENDED)
        note("<ended %d>", c->error);
}

static inline void world_acceptable(void *ctx, struct inet_listener *l)
{
    (void)ctx;
    note("<acceptable %u>", inet_listener_port(l));
}

static inline bool world_datagram(void *ctx, struct inet_udp *u, const struct inet_datagram *d)
{
    (void)ctx;
    last_datagram_to = d->to;
    if (datagram_room)
        note("<datagram %u %u:%u(%zu)>", inet_udp_port(u), host_of(d->from.ip), d->from.port,
             d->text.len);
    return datagram_room;
}

static inline void world_resolved(void *ctx, struct ip4 hop, bool found)
{
    (void)ctx;
    note("<%s %u>", found ? "found" : "lost", host_of(hop));
}

static inline void world_udp_error(void *ctx, struct inet_udp *u, struct ip4_endpoint to,
                                   int error)
{
    (void)ctx;
    note("<error %u %u:%u %d>", inet_udp_port(u), host_of(to.ip), to.port, error);
}

static inline uint32_t world_random(void *ctx)
{
    (void)ctx;
    random_state = random_state * 1664525 + 1013904223;
    return random_state >> 8;
}

static const struct inet_rim rim = {
    NULL,           world_send,   world_event,      world_acceptable, world_datagram,
    world_resolved, world_random, world_send_parts, world_udp_error,  NULL};

/* ---- The world ------------------------------------------------------------------------------
 */

static inline struct inet_config config_of(void)
{
    return (struct inet_config){.mac = {2, 0, 0, 0, 0, 2},
                                .mtu = 1500,
                                .ip = ip_of(2),
                                .prefix_len = 24,
                                .gateway = ip_of(1),
                                .hash_key = {1, 2},
                                .memory = &memory.supply,
                                .buffers = &buffers.supply,
                                .connections_max = 64,
                                .half_open_max = 16,
                                .receive_max = 16384,
                                .send_max = 16384};
}

/* What was sent and told since the last time. */
static inline const char *said(void)
{
    static char text[sizeof log_text];
    memcpy(text, log_text, log_len);
    text[log_len] = 0;
    log_len = 0;
    if (in)
        inet_check(in);
    return text;
}

static inline void end(void)
{
    quiet = true;
    inet_end(&in, now);
    CHECK_INT(memory.supply.used, 0);
    CHECK_INT(buffers.supply.used, 0);
}

static inline void flush(void)
{
    inet_flush(in, now);
}

/* Time passes; whatever falls due in between is done at its time. */
static inline void passes(uint64_t ns)
{
    uint64_t until = now + ns;
    for (uint64_t next; (next = inet_next(in)) <= until;) {
        now = next > now ? next : now;
        inet_expire(in, now);
        flush();
    }
    now = until;
    inet_expire(in, now);
}

static inline void begin_with(const struct inet_config *cfg)
{
    in = NULL;
    log_len = 0;
    send_error = 0;
    sent_work = hears_work = (struct offload){0};
    frames_sent = 0;
    random_state = 1;
    hears_at = ip_of(2);
    quiet = false;
    datagram_room = true;
    now = 1000 * SECOND;
    memory = test_supply_of(SIZE_MAX);
    buffers = test_supply_of(SIZE_MAX);
    buffers.dirty = true;
    CHECK_INT(inet_init(&in, cfg, &rim, now), 0);
    passes(3 * SECOND);
    CHECK_STR(said(), "announce announce");
}

static inline void begin(void)
{
    struct inet_config cfg = config_of();
    begin_with(&cfg);
}

static inline uint64_t counter(const char *name)
{
    struct inet_counter c;
    char full[64];
    for (unsigned n = 0; inet_counter(in, n, &c); n++) {
        snprintf(full, sizeof full, "%s.%s", c.module, c.name);
        if (strcmp(full, name) == 0)
            return c.value;
    }
    test_failed(__FILE__, __LINE__, "no counter %s", name);
}

/* ---- What arrives
 * ---------------------------------------------------------------------------- */

static inline void hears(const uint8_t *frame, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1); /* so that the sanitizer sees its end */
    if (len > 0)
        memcpy(copy, frame, len);
    inet_receive_with(in, bytes_of(copy, len), &hears_work, now);
    free(copy);
    flush();
}

static uint8_t in_frame[OFFLOAD_FRAME_MAX];

/* A packet for hears_at in fragments of at most `most` octets, the last first if `backwards`;
 * all but the `but`-th. */
static inline void hears_fragments(unsigned host, uint8_t protocol, struct bytes payload,
                                   size_t most, bool backwards, unsigned but)
{
    static uint16_t id;
    struct eth_addr from = mac_of(host), to = mac_of(2);
    unsigned n = (unsigned)((payload.len + most - 1) / most);
    struct ip4_head h = ip4_head_of(ip_of(host), hears_at, protocol);
    h.id = ++id;
    for (unsigned i = 0; i < n; i++) {
        unsigned k = backwards ? n - 1 - i : i;
        size_t at = k * most, len = payload.len - at < most ? payload.len - at : most;
        struct writer w = writer_of(in_frame, sizeof in_frame);
        h.fragment = (uint16_t)(at / 8 | (k + 1 < n ? IP4_MORE_FRAGMENTS : 0));
        eth_print(&w, &to, &from, ETH_IP4);
        ip4_print_head(&w, &h, len);
        write_bytes(&w, bytes_of(payload.at + at, len));
        CHECK(!w.ran_out);
        if (k != but)
            hears(in_frame, writer_len(&w));
    }
}

/* A packet from `src`, by the station `host`, in in_frame; its length. */
static inline size_t packet_frame(unsigned host, struct ip4 src, uint8_t protocol,
                                  const void *payload, size_t len)
{
    struct eth_addr from = mac_of(host), to = mac_of(2);
    struct writer w = writer_of(in_frame, sizeof in_frame);
    eth_print(&w, &to, &from, ETH_IP4);
    ip4_print(&w, src, hears_at, protocol, len);
    write_bytes(&w, bytes_of(payload, len));
    CHECK(!w.ran_out);
    return writer_len(&w);
}

static inline void hears_packet(unsigned host, uint8_t protocol, const void *payload,
                                size_t len)
{
    hears(in_frame, packet_frame(host, ip_of(host), protocol, payload, len));
}

static inline void hears_arp(enum arp_op op, unsigned host, unsigned target)
{
    struct arp_packet p = {.op = (uint16_t)op,
                           .sender = ip_of(host),
                           .sender_mac = mac_of(host),
                           .target = ip_of(target)};
    struct eth_addr from = mac_of(host);
    struct writer w = writer_of(in_frame, sizeof in_frame);
    eth_print(&w, &eth_broadcast, &from, ETH_ARP);
    arp_print(&w, &p);
    hears(in_frame, writer_len(&w));
}

/* Host n is known from now on. */
static inline void meet(unsigned host)
{
    hears_arp(ARP_REQUEST, host, 2);
    said();
}

static inline void hears_udp(unsigned host, uint16_t from, uint16_t to, size_t len)
{
    static const uint8_t text[1472];
    uint8_t room[1480];
    struct writer w = writer_of(room, sizeof room);
    udp_print(&w, (struct ip4_endpoint){ip_of(host), from}, (struct ip4_endpoint){hears_at, to},
              bytes_of(text, len));
    hears_packet(host, IP4_UDP, room, writer_len(&w));
}

static inline void hears_icmp(unsigned host, const struct icmp_message *m)
{
    uint8_t room[1480];
    struct writer w = writer_of(room, sizeof room);
    icmp_print(&w, m);
    hears_packet(host, IP4_ICMP, room, writer_len(&w));
}

/* ---- A TCP peer, as simple as can be
 * ------------------------------------------------------------ */

struct peer {
    unsigned host; /* the station its frames come from */
    struct ip4 ip; /* 0 for that station's own */
    uint16_t port, to;
    uint32_t seq, ack;
};

static inline struct peer peer_of(unsigned host, uint16_t port, uint16_t to)
{
    return (struct peer){.host = host, .ip = ip_of(host), .port = port, .to = to, .seq = 1000};
}

static inline void peer_hears(struct peer *p)
{
    if (ip4_equal(last_to, p->ip) && last_segment.dst_port == p->port)
        p->ack = last_end;
}

static uint16_t peer_syn_mss; /* 0: it names none */
static bool peer_modern;      /* has timestamps, window scale 7 and SACK */

/* Sends the next segment, and takes note of the answer. */
static inline void peer_sends(struct peer *p, uint8_t flags, size_t len)
{
    static uint8_t text[1 << 16], room[1 << 16];
    struct tcp_segment s = {.src_port = p->port,
                            .dst_port = p->to,
                            .seq = {p->seq},
                            .ack = {flags & TCP_ACK ? p->ack : 0},
                            .window = 65535,
                            .flags = flags,
                            .has_mss = flags & TCP_SYN && peer_syn_mss,
                            .mss = peer_syn_mss,
                            .text = bytes_of(text, len),
                            .has_ts = peer_modern,
                            .ts_val = (uint32_t)(now / 1000000),
                            .ts_ecr = flags & TCP_ACK ? last_segment.ts_val : 0,
                            .has_wscale = flags & TCP_SYN && peer_modern,
                            .wscale = 7,
                            .sack_permitted = flags & TCP_SYN && peer_modern,
                            .text_len = (uint32_t)len};
    struct writer w = writer_of(room, sizeof room);
    tcp_print(&w, &s, NULL, p->ip, hears_at);
    p->seq += (uint32_t)len + !!(flags & TCP_SYN) + !!(flags & TCP_FIN);
    hears(in_frame, packet_frame(p->host, p->ip, IP4_TCP, room, writer_len(&w)));
    peer_hears(p);
}

/* Listens, and lets the peer through the handshake; the connection, accepted. */
static struct inet_listener *listener;
static int an_owner;

static inline void listens(uint16_t port, uint32_t backlog)
{
    CHECK_INT(inet_listen(in, port, backlog, NULL, &listener), 0);
}

static inline void handshake(struct peer *p)
{
    peer_sends(p, TCP_SYN, 0);
    peer_sends(p, TCP_ACK, 0);
}

static inline struct tcp_conn *accepts(struct peer *p)
{
    handshake(p);
    struct tcp_conn *c = inet_accept(in, listener, &an_owner);
    CHECK(c);
    said();
    return c;
}

#endif
