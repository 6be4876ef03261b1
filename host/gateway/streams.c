/* SPDX-License-Identifier: ISC */
/* TCP: the image's connections to others, and those of published ports' clients to it.
 *
 *   the image's SYN  -> asks (the host connects)  -> answered: the connection begins
 *                                                 -> refused: a reset, an ICMP error
 *   a host's client  -> the connection begins
 *   both sides ended, or one reset                -> orphan: it ends by itself
 *   CLOSED, or TIME-WAIT with nothing to say      -> over: freed at the end of the turn
 *
 * TIME-WAIT is for segments that are late, and the link has none: it keeps the order. */
#include "base/check.h"
#include "host/gateway/state.h"
#include "host/gateway/policy.h"

#include <errno.h>

enum { FOR_STREAMS = 1, FOR_ISN = 2, FOR_STAMPS = 5 };

#define ISN_TICK_NS 4000U /* RFC 6528 3 */
#define PORT_MIN    49152U
#define PORT_TRIES  64U
#define TCP_HEADERS (IP4_HEADER_MIN + TCP_HEADER_MIN)

static struct stream *stream_of(struct list *link)
{
    return container_of(link, struct stream, hash);
}

static struct list *bucket(const struct gateway *g, struct ip4_endpoint remote,
                           uint16_t image_port)
{
    uint64_t hash = gateway_hash(g, remote, image_port, FOR_STREAMS);
    return &g->stream_table[hash & (g->buckets - 1)];
}

static struct stream *stream_find(const struct gateway *g, struct ip4_endpoint remote,
                                  uint16_t image_port)
{
    struct list *head = bucket(g, remote, image_port);
    list_each(l, head) {
        struct stream *s = stream_of(l);
        if (s->conn.local.port == remote.port && s->conn.peer.port == image_port &&
            ip4_equal(s->conn.local.ip, remote.ip))
            return s;
    }
    return NULL;
}

static struct stream *stream_new(struct gateway *g, struct ip4_endpoint remote,
                                 uint16_t image_port)
{
    struct stream *s = pool_get(&g->streams);
    if (!s) {
        g->counts[COUNT_STREAMS_FULL]++;
        return NULL;
    }
    s->watch = (struct watch){.kind = WATCH_STREAM, .fd = -1};
    s->chunk = GATEWAY_CHUNK_MIN;
    list_init(&s->watch.ready);
    list_init(&s->hash);
    list_init(&s->conn.queue);
    list_init(&s->conn.pending);
    timer_init(&s->conn.timer);
    s->conn.local = remote;
    s->conn.peer = (struct ip4_endpoint){g->cfg.image, image_port};
    list_push(bucket(g, remote, image_port), &s->hash);
    return s;
}

static struct tcp_open open_of(const struct gateway *g, struct stream *s, uint64_t now)
{
    uint64_t isn =
        now / ISN_TICK_NS + gateway_hash(g, s->conn.local, s->conn.peer.port, FOR_ISN);
    return (struct tcp_open){
        .iss = {(uint32_t)isn}, .mss = (uint16_t)(g->cfg.mtu - TCP_HEADERS), .owner = s};
}

/* ---- Ending ------------------------------------------------------------------------ */

static void close_host(struct gateway *g, struct stream *s, bool reset)
{
    if (s->watch.fd >= 0)
        g->host.close(g->host.ctx, s->watch.fd, reset);
    s->watch.fd = -1;
    list_remove(&s->watch.ready);
}

/* What it still has to send, a reset, goes first. */
static void put_over(struct gateway *g, struct stream *s, uint64_t now)
{
    s->over = true;
    close_host(g, s, false);
    list_remove(&s->hash);
    timer_stop(&g->wheel, &s->conn.timer);
    if (s->asks || !tcp_wants_to_send(&s->conn, now)) {
        list_remove(&s->conn.pending);
        list_push(&g->over, &s->conn.queue);
    } else if (list_empty(&s->conn.pending)) {
        list_push(&g->pending, &s->conn.pending);
    }
}

static bool is_done(const struct stream *s, uint64_t now)
{
    return s->conn.orphan && s->conn.state == TCP_TIME_WAIT &&
           !tcp_wants_to_send(&s->conn, now);
}

/* After every event of its connection. */
static void settle(struct gateway *g, struct stream *s, unsigned events, uint64_t now)
{
    if (events & TCP_EVENT_ENDED && !s->conn.orphan) {
        struct tcp_out out = {0};
        g->counts[COUNT_RESETS_IN]++;
        close_host(g, s, true);
        tcp_close(&s->conn, now, &out);
        events |= out.events;
    }
    if (events & TCP_EVENT_FREE || is_done(s, now)) {
        put_over(g, s, now);
        return;
    }
    if (list_empty(&s->conn.pending) && tcp_wants_to_send(&s->conn, now))
        list_push(&g->pending, &s->conn.pending);
    uint64_t at = tcp_deadline(&s->conn);
    if (s->conn.timer.at != at)
        timer_set(&g->wheel, &s->conn.timer, at);
}

/* ---- What one side sends to the other ------------------------------------------------ */

/* False: the host's side failed. */
static bool to_host(struct gateway *g, struct stream *s)
{
    while (s->watch.writable) {
        struct bytes b = tcp_unread(&s->conn);
        if (b.len == 0)
            break;
        ssize_t n = g->host.send(g->host.ctx, s->watch.fd, b);
        if (n == -EAGAIN)
            s->watch.writable = false;
        else if (n < 0)
            return false;
        else
            tcp_take(&s->conn, (uint32_t)n);
    }
    if (tcp_at_end(&s->conn) && !s->image_ended) {
        s->image_ended = true;
        g->host.end(g->host.ctx, s->watch.fd);
    }
    return true;
}

/* One piece: false when it was the last for now, and *failed when there will be none. A piece
 * that is less than what was asked for is the last, unless the end is behind it. */
static bool receive_some(struct gateway *g, struct stream *s, uint64_t now, bool *failed)
{
    struct ring_room room = tcp_room(&s->conn, s->chunk, now);
    if (room.len == 0)
        return false;
    ssize_t n = g->host.receive(g->host.ctx, s->watch.fd, room.at, room.len);
    tcp_put(&s->conn, n > 0 ? (uint32_t)n : 0, now);
    if (n == 0) {
        s->host_ended = true;
        tcp_shutdown(&s->conn, now);
    } else if (n == -EAGAIN || (n > 0 && (uint32_t)n < room.len && !s->watch.ending)) {
        s->watch.readable = false;
    }
    bool full = n > 0 && (uint32_t)n == room.len;
    if (!full)
        s->chunk = GATEWAY_CHUNK_MIN;
    else if (s->chunk < GATEWAY_CHUNK_MAX)
        s->chunk *= 2;
    *failed = n < 0 && n != -EAGAIN;
    return n > 0;
}

static bool to_image(struct gateway *g, struct stream *s, uint64_t now)
{
    bool failed = false;
    while (s->watch.readable && !s->host_ended && receive_some(g, s, now, &failed))
        ;
    return !failed;
}

static void relay(struct gateway *g, struct stream *s, uint64_t now)
{
    struct tcp_out out = {0};
    if (s->watch.fd < 0) {
        settle(g, s, 0, now);
        return;
    }
    if (!to_host(g, s) || !to_image(g, s, now)) {
        g->counts[COUNT_RESETS_OUT]++;
        close_host(g, s, true);
        tcp_abort(&s->conn, &out);
    } else if (s->host_ended && s->image_ended) {
        close_host(g, s, false);
        tcp_close(&s->conn, now, &out);
    }
    settle(g, s, out.events, now);
}

/* ---- The image connects --------------------------------------------------------------- */

static void send_reset(struct gateway *g, struct ip4 src, const struct tcp_segment *seg,
                       uint64_t now)
{
    struct tcp_segment reset;
    if (!tcp_reset_for(seg, &reset))
        return;
    struct writer w = image_payload(g);
    tcp_print(&w, &reset, NULL, src, g->cfg.image);
    image_send(g, src, IP4_TCP, writer_len(&w), now);
}

static void send_unreachable(struct gateway *g, const struct stream *s, int error, uint64_t now)
{
    uint8_t head[8];
    struct writer w = writer_of(head, sizeof head);
    write_u16(&w, s->syn.src_port);
    write_u16(&w, s->syn.dst_port);
    write_u32(&w, s->syn.seq.n);
    g->counts[COUNT_UNREACHABLE]++;
    image_unreachable(g, s->conn.local.ip, IP4_TCP, head, error, now);
}

/* The host could not connect: the image is told what it would have heard from the network. */
static void refuse(struct gateway *g, struct stream *s, int error, uint64_t now)
{
    switch (error) {
    case -ECONNREFUSED:
    case -ECONNRESET:
        g->counts[COUNT_REFUSED]++;
        send_reset(g, s->conn.local.ip, &s->syn, now);
        break;
    case -EMFILE:
    case -ENFILE:
    case -ENOMEM:
    case -ENOBUFS:
    case -EADDRNOTAVAIL:
    case -EAGAIN:
        g->counts[COUNT_NO_SOCKET]++; /* the image tries again */
        break;
    default:
        send_unreachable(g, s, error, now);
    }
    put_over(g, s, now);
}

/* Connects; to the next resolver when there is another and this one does not answer. */
static void connect_host(struct gateway *g, struct stream *s, int error, uint64_t now)
{
    if (s->dns && error != 0)
        s->resolver++;
    if (error != 0 && (!s->dns || s->resolver >= g->cfg.resolvers)) {
        refuse(g, s, error, now);
        return;
    }
    struct ip4_endpoint to = s->conn.local;
    if (s->dns)
        to.ip = g->cfg.resolver[s->resolver];
    close_host(g, s, false);
    s->watch.readable = s->watch.writable = s->watch.ending = false;
    int fd = g->host.stream(g->host.ctx, to, &s->watch);
    if (fd >= 0)
        s->watch.fd = fd;
    else
        connect_host(g, s, fd, now);
}

/* What the host said of connecting. */
static void connected(struct gateway *g, struct stream *s, uint64_t now)
{
    int error = g->host.error(g->host.ctx, s->watch.fd);
    if (error != 0) {
        connect_host(g, s, error, now);
        return;
    }
    struct tcp_open open = open_of(g, s, now);
    s->asks = false;
    tcp_accept(&s->conn, &g->tcp, &open, &s->syn, now);
    tcp_set_nodelay(&s->conn, true);
    relay(g, s, now);
}

static void ask(struct gateway *g, struct ip4_endpoint to, const struct tcp_segment *syn,
                uint64_t now)
{
    bool own = ip4_equal(to.ip, g->own.ip);
    if (own && (to.port != GATEWAY_DNS_PORT || g->cfg.resolvers == 0)) {
        g->counts[COUNT_REFUSED]++;
        send_reset(g, to.ip, syn, now);
        return;
    }
    struct stream *s = stream_new(g, to, syn->src_port);
    if (!s)
        return;
    g->counts[COUNT_CONNECTS]++;
    s->asks = true;
    s->dns = own;
    s->syn = *syn;
    s->syn.text = bytes_of(NULL, 0); /* a view of the frame; the image sends it again */
    connect_host(g, s, 0, now);
}

/* A segment for a stream whose host's side is not there yet. */
static void arrives_early(struct gateway *g, struct stream *s, const struct tcp_segment *seg,
                          uint64_t now)
{
    if (!(seg->flags & TCP_RST))
        return;
    g->counts[COUNT_GIVEN_UP]++;
    put_over(g, s, now);
}

void stream_segment(struct gateway *g, const struct packet *p, uint64_t now)
{
    struct tcp_segment seg;
    struct tcp_out out = {0};
    if (tcp_parse(p->payload, p->src, p->dst, &seg) != TCP_OK) {
        g->counts[COUNT_MALFORMED]++;
        return;
    }
    struct ip4_endpoint to = {p->dst, seg.dst_port};
    struct stream *s = stream_find(g, to, seg.src_port);
    if (s && s->asks) {
        arrives_early(g, s, &seg, now);
    } else if (s) {
        tcp_arrives(&s->conn, &seg, now, &out);
        settle(g, s, out.events, now);
        if (out.events & (TCP_EVENT_READABLE | TCP_EVENT_WRITABLE) && !s->over)
            relay(g, s, now);
    } else if ((seg.flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN) {
        ask(g, to, &seg, now);
    } else {
        g->counts[COUNT_NO_STREAM]++;
        send_reset(g, p->dst, &seg, now);
    }
}

/* ---- Clients of published ports ---------------------------------------------------------- */

/* A port under which the image does not know the address yet, the client's own if it can be;
 * 0 when none was found. */
static uint16_t shown_port(struct gateway *g, struct ip4 ip, uint16_t own, uint16_t image_port)
{
    bool dns = ip4_equal(ip, g->own.ip) && own == GATEWAY_DNS_PORT;
    uint16_t port = own;
    for (unsigned i = 0; i < PORT_TRIES; i++) {
        if (port != 0 && !dns && !stream_find(g, (struct ip4_endpoint){ip, port}, image_port))
            return port;
        dns = false;
        port = (uint16_t)(PORT_MIN + g->host.random(g->host.ctx) % (65536U - PORT_MIN));
    }
    return 0;
}

static void client(struct gateway *g, const struct gateway_port *p, int fd,
                   struct ip4_endpoint from, uint64_t now)
{
    struct ip4_endpoint shown = {policy_shown(from.ip, &g->own), 0};
    shown.port = shown_port(g, shown.ip, from.port, p->image_port);
    struct stream *s = shown.port ? stream_new(g, shown, p->image_port) : NULL;
    if (!s) {
        g->host.close(g->host.ctx, fd, true);
        return;
    }
    struct tcp_open open = open_of(g, s, now);
    g->counts[COUNT_CLIENTS]++;
    s->watch.fd = fd;
    tcp_connect(&s->conn, &g->tcp, &open, now);
    tcp_set_nodelay(&s->conn, true);
    struct tcp_out out = {0};
    if (g->host.watch(g->host.ctx, fd, &s->watch) < 0) {
        g->counts[COUNT_NO_SOCKET]++;
        close_host(g, s, true);
        tcp_abort(&s->conn, &out);
    }
    settle(g, s, out.events, now);
}

/* G2: with no room for a stream, or no descriptor, they wait in the backlog until one ends. */
void stream_accept(struct gateway *g, struct gateway_port *p, uint64_t now)
{
    struct ip4_endpoint from;
    for (unsigned n = 0; p->watch.readable; n++) {
        if (g->streams.live >= g->cfg.streams_max)
            return;
        if (n == GATEWAY_CLIENTS) {
            gateway_again(g, &p->watch);
            return;
        }
        int fd = g->host.accept(g->host.ctx, p->watch.fd, &from);
        if (fd >= 0)
            client(g, p, fd, from, now);
        else if (fd == -EAGAIN)
            p->watch.readable = false;
        else if (fd != -ECONNABORTED && fd != -EPROTO) {
            g->counts[COUNT_NO_SOCKET]++;
            return;
        }
    }
}

/* ---- Events -------------------------------------------------------------------------------
 */

void stream_ready(struct gateway *g, struct stream *s, uint64_t now)
{
    if (s->over || s->watch.fd < 0)
        return;
    if (!s->asks)
        relay(g, s, now);
    else if (s->watch.writable)
        connected(g, s, now);
}

void stream_expire(struct gateway *g, struct stream *s, uint64_t now)
{
    struct tcp_out out = {0};
    tcp_expires(&s->conn, now, &out);
    settle(g, s, out.events, now);
    if (out.events & TCP_EVENT_WRITABLE && !s->over)
        relay(g, s, now);
}

/* False when the link takes no more. */
static bool send_burst(struct gateway *g, struct stream *s, uint64_t now)
{
    struct tcp_segment seg;
    for (unsigned n = 0; n < GATEWAY_BURST; n++) {
        if (!tcp_next_segment(&s->conn, now, &seg))
            return true;
        if (image_send_segment(g, &s->conn, &seg, now) != 0) {
            tcp_unsent(&s->conn, &seg, now);
            return false;
        }
    }
    return true;
}

void stream_flush(struct gateway *g, uint64_t now)
{
    struct list *last = g->pending.prev, *l = NULL;
    bool takes = !list_empty(&g->pending) && image_takes(g, now);
    while (takes && l != last && !list_empty(&g->pending)) {
        l = list_pop(&g->pending);
        struct stream *s = container_of(l, struct stream, conn.pending);
        takes = send_burst(g, s, now);
        if (s->over)
            put_over(g, s, now);
        else
            settle(g, s, 0, now);
    }
}

void stream_free_over(struct gateway *g)
{
    if (list_empty(&g->over))
        return;
    for (struct list *l; (l = list_pop(&g->over));) {
        struct stream *s = container_of(l, struct stream, conn.queue);
        if (!s->asks)
            tcp_free(&s->conn);
        pool_put(&g->streams, s);
    }
    for (unsigned i = 0; i < g->cfg.ports; i++)
        if (g->cfg.port[i].watch.readable && !g->cfg.port[i].udp)
            gateway_again(g, &g->cfg.port[i].watch);
}

void stream_end_all(struct gateway *g)
{
    for (uint32_t i = 0; i < g->buckets; i++)
        while (!list_empty(&g->stream_table[i])) {
            struct stream *s = stream_of(g->stream_table[i].next);
            struct tcp_out out = {0};
            close_host(g, s, true);
            if (!s->asks)
                tcp_abort(&s->conn, &out);
            put_over(g, s, 0);
        }
    for (struct list *l; (l = list_pop(&g->pending));)
        list_push(&g->over, &container_of(l, struct stream, conn.pending)->conn.queue);
    stream_free_over(g);
}

void stream_check(const struct gateway *g)
{
    for (uint32_t i = 0; i < g->buckets; i++)
        list_each(l, &g->stream_table[i]) {
            const struct stream *s = stream_of(l);
            check(!s->over);                                              /* S1 */
            check(stream_find(g, s->conn.local, s->conn.peer.port) == s); /* S2 */
            if (s->asks) {
                check(s->watch.fd >= 0); /* S3 */
                continue;
            }
            check(s->watch.fd >= 0 || s->conn.orphan); /* S4 */
            check(s->conn.timer.at == tcp_deadline(&s->conn));
            tcp_check(&s->conn);
        }
}
