/* SPDX-License-Identifier: ISC */
/* Datagrams: UDP and ICMP echo. A flow is the image's port (or echo identifier), another's
 * address and port, and a socket of the host that is connected to that other, so that the host
 * itself lets nobody else answer. The clients of a published port share the port's socket. */
#include "base/check.h"
#include "host/gateway/policy.h"
#include "host/gateway/state.h"
#include "net/icmp/icmp.h"
#include "net/udp/udp.h"

#include <errno.h>

enum { FOR_FLOWS = 3, FOR_PORT = 4 };

#define PORT_MIN   49152U
#define PORT_TRIES 8U

static struct flow *flow_of(struct list *link)
{
    return container_of(link, struct flow, hash);
}

static struct list *bucket(const struct gateway *g, struct ip4_endpoint remote,
                           uint16_t image_port)
{
    return &g->flow_table[gateway_hash(g, remote, image_port, FOR_FLOWS) & (g->buckets - 1)];
}

static struct flow *flow_find(const struct gateway *g, struct ip4_endpoint remote,
                              uint16_t image_port)
{
    struct list *head = bucket(g, remote, image_port);
    list_each(l, head) {
        struct flow *f = flow_of(l);
        if (f->remote.port == remote.port && f->image_port == image_port &&
            ip4_equal(f->remote.ip, remote.ip))
            return f;
    }
    return NULL;
}

static struct flow *oldest(const struct gateway *g)
{
    return list_empty(&g->ages) ? NULL : container_of(g->ages.next, struct flow, age);
}

static void set_timer(struct gateway *g)
{
    const struct flow *f = oldest(g);
    timer_set(&g->wheel, &g->flow_timer, f ? f->used_at + GATEWAY_FLOW_NS : WHEEL_NEVER);
}

static void close_host(struct gateway *g, struct flow *f)
{
    if (f->watch.fd >= 0)
        g->host.close(g->host.ctx, f->watch.fd, false);
    f->watch.fd = -1;
    f->watch.readable = false;
    list_remove(&f->watch.ready);
}

/* The struct stays until the end of the turn, for events that name it. */
static void flow_end(struct gateway *g, struct flow *f)
{
    close_host(g, f);
    list_remove(&f->hash);
    list_remove(&f->age);
    list_push(&g->gone, &f->age);
    g->flow_count--;
}

static struct flow *flow_new(struct gateway *g, enum flow_kind kind, struct ip4_endpoint remote,
                             uint16_t image_port)
{
    if (g->flow_count >= g->cfg.flows_max) {
        g->counts[COUNT_FLOWS_EVICTED]++;
        flow_end(g, oldest(g));
    }
    struct flow *f = pool_get(&g->flows);
    if (!f) {
        g->counts[COUNT_NO_SOCKET]++;
        return NULL;
    }
    f->watch = (struct watch){.kind = WATCH_FLOW, .fd = -1};
    f->kind = kind;
    f->remote = remote;
    f->image_port = image_port;
    list_init(&f->watch.ready);
    list_init(&f->hash);
    list_init(&f->age);
    list_push(bucket(g, remote, image_port), &f->hash);
    list_push(&g->ages, &f->age);
    g->flow_count++;
    g->counts[COUNT_FLOWS]++;
    return f;
}

static void touch(struct gateway *g, struct flow *f, uint64_t now)
{
    f->used_at = now;
    list_remove(&f->age);
    list_push(&g->ages, &f->age);
    if (!timer_is_set(&g->flow_timer))
        set_timer(g);
}

/* ---- From the image ------------------------------------------------------------------- */

static int open_host(struct gateway *g, struct flow *f)
{
    struct ip4_endpoint to = f->remote;
    switch (f->kind) {
    case FLOW_CLIENT:
        return 0;
    case FLOW_ECHO:
        f->watch.fd = g->host.echoes(g->host.ctx, to.ip, &f->watch);
        break;
    case FLOW_DNS:
        to.ip = g->cfg.resolver[f->resolver];
        f->watch.fd = g->host.datagrams(g->host.ctx, to, &f->watch);
        break;
    case FLOW_HOST:
        f->watch.fd = g->host.datagrams(g->host.ctx, to, &f->watch);
        break;
    }
    return f->watch.fd < 0 ? f->watch.fd : 0;
}

/* What the image sent cannot get there. `error` is the host's. */
static void tell_error(struct gateway *g, const struct flow *f, int error, uint64_t now)
{
    uint8_t head[8];
    struct writer w = writer_of(head, sizeof head);
    bool echo = f->kind == FLOW_ECHO;
    write_u16(&w, echo ? ICMP_ECHO_REQUEST << 8 : f->image_port);
    write_u16(&w, echo ? 0 : f->remote.port);
    write_u16(&w, echo ? f->image_port : UDP_HEADER_LEN);
    write_u16(&w, 0);
    image_unreachable(g, f->remote.ip, echo ? IP4_ICMP : IP4_UDP, head, error, now);
}

static ssize_t send_host(struct gateway *g, struct flow *f, struct bytes text)
{
    if (f->kind == FLOW_CLIENT)
        return g->host.send_to(g->host.ctx, f->port->watch.fd, f->client, text);
    return g->host.send(g->host.ctx, f->watch.fd, text);
}

/* An error may be about an earlier datagram: the image hears of it, and this one is sent. */
static void send_datagram(struct gateway *g, struct flow *f, struct bytes text, uint64_t now)
{
    ssize_t n = send_host(g, f, text);
    if (n == -ECONNREFUSED) {
        tell_error(g, f, (int)n, now);
        n = send_host(g, f, text);
    }
    touch(g, f, now);
    if (n >= 0) {
        g->counts[COUNT_DATAGRAMS_IN]++;
        return;
    }
    g->counts[COUNT_NOT_SENT]++;
    if (n == -ENETUNREACH || n == -EHOSTUNREACH || n == -EACCES || n == -EPERM)
        tell_error(g, f, (int)n, now);
}

/* A flow with its socket; NULL, and the image told, when there can be none. */
static struct flow *flow_open(struct gateway *g, enum flow_kind kind,
                              struct ip4_endpoint remote, uint16_t image_port, uint64_t now)
{
    struct flow *f = flow_new(g, kind, remote, image_port);
    int err = f ? open_host(g, f) : 0;
    if (err == 0)
        return f;
    bool unreachable = err == -ENETUNREACH || err == -EHOSTUNREACH;
    bool no_ping = kind == FLOW_ECHO && !unreachable;
    g->counts[unreachable ? COUNT_UNREACHABLE : no_ping ? COUNT_NO_PING : COUNT_NO_SOCKET]++;
    if (unreachable)
        tell_error(g, f, err, now);
    flow_end(g, f);
    return NULL;
}

/* A question that is asked again without an answer goes to the next resolver. */
static void choose_resolver(struct gateway *g, struct flow *f)
{
    if (f->unanswered && g->cfg.resolvers > 1) {
        g->counts[COUNT_ASKED_AGAIN]++;
        f->resolver = (uint8_t)((f->resolver + 1) % g->cfg.resolvers);
        close_host(g, f);
        if (open_host(g, f) < 0)
            g->counts[COUNT_NO_SOCKET]++;
    }
    f->unanswered = true;
}

/* The first datagram from this port to the gateway: a question, or nothing it may send. */
static struct flow *to_gateway(struct gateway *g, struct ip4_endpoint remote,
                               uint16_t image_port, uint64_t now)
{
    if (remote.port == GATEWAY_DNS_PORT && g->cfg.resolvers > 0)
        return flow_open(g, FLOW_DNS, remote, image_port, now);
    const struct flow none = {.kind = FLOW_DNS, .remote = remote, .image_port = image_port};
    g->counts[COUNT_UNASKED]++;
    if (remote.port == GATEWAY_DNS_PORT)
        tell_error(g, &none, -ECONNREFUSED, now);
    return NULL;
}

void flow_datagram(struct gateway *g, const struct packet *p, uint64_t now)
{
    struct udp_datagram d;
    if (udp_parse(p->payload, p->src, p->dst, &d) != UDP_OK || d.src_port == 0) {
        g->counts[COUNT_MALFORMED]++;
        return;
    }
    struct ip4_endpoint remote = {p->dst, d.dst_port};
    struct flow *f = flow_find(g, remote, d.src_port);
    if (!f)
        f = ip4_equal(p->dst, g->own.ip) ? to_gateway(g, remote, d.src_port, now)
                                         : flow_open(g, FLOW_HOST, remote, d.src_port, now);
    if (!f)
        return;
    if (f->kind == FLOW_DNS)
        choose_resolver(g, f);
    send_datagram(g, f, d.text, now);
}

void flow_echo(struct gateway *g, const struct packet *p, uint64_t now)
{
    struct icmp_message m;
    if (icmp_parse(p->payload, &m) != ICMP_OK) {
        g->counts[COUNT_MALFORMED]++;
        return;
    }
    if (m.type != ICMP_ECHO_REQUEST) {
        g->counts[COUNT_IGNORED]++;
        return;
    }
    struct ip4_endpoint remote = {p->dst, 0};
    uint16_t identifier = (uint16_t)(m.rest >> 16);
    struct flow *f = flow_find(g, remote, identifier);
    if (!f)
        f = flow_open(g, FLOW_ECHO, remote, identifier, now);
    if (f)
        send_datagram(g, f, p->payload, now);
}

/* ---- From the host --------------------------------------------------------------------- */

static void udp_to_image(struct gateway *g, struct flow *f, struct bytes text, uint64_t now)
{
    struct ip4_endpoint image = {g->cfg.image, f->image_port};
    if (text.len > (size_t)g->cfg.mtu - IP4_HEADER_MIN - UDP_HEADER_LEN) {
        g->counts[COUNT_TOO_LONG]++;
        return;
    }
    struct writer w = image_payload(g);
    udp_print(&w, f->remote, image, text);
    if (image_send(g, f->remote.ip, IP4_UDP, writer_len(&w), now) == 0)
        g->counts[COUNT_DATAGRAMS_OUT]++;
}

/* The host gives the message as it came, but with an identifier of its own. */
static void echo_to_image(struct gateway *g, struct flow *f, struct bytes text, uint64_t now)
{
    struct reader r = reader_of(text);
    uint8_t type = read_u8(&r);
    read_bytes(&r, 5);
    uint32_t sequence = read_u16(&r);
    struct icmp_message m = {.type = ICMP_ECHO_REPLY,
                             .rest = (uint32_t)f->image_port << 16 | sequence,
                             .body = read_rest(&r)};
    if (r.ran_out || type != ICMP_ECHO_REPLY) {
        g->counts[COUNT_IGNORED]++;
        return;
    }
    if (text.len > (size_t)g->cfg.mtu - IP4_HEADER_MIN) {
        g->counts[COUNT_TOO_LONG]++;
        return;
    }
    struct writer w = image_payload(g);
    icmp_print(&w, &m);
    if (image_send(g, f->remote.ip, IP4_ICMP, writer_len(&w), now) == 0)
        g->counts[COUNT_DATAGRAMS_OUT]++;
}

static void deliver(struct gateway *g, struct flow *f, ssize_t n, uint64_t now)
{
    f->unanswered = false;
    touch(g, f, now);
    if (f->kind == FLOW_ECHO)
        echo_to_image(g, f, bytes_of(g->text, (size_t)n), now);
    else
        udp_to_image(g, f, bytes_of(g->text, (size_t)n), now);
}

void flow_ready(struct gateway *g, struct flow *f, uint64_t now)
{
    for (unsigned n = 0; f->watch.fd >= 0 && f->watch.readable; n++) {
        if (n == GATEWAY_DATAGRAMS || !image_takes(g, now)) {
            gateway_again(g, &f->watch);
            return;
        }
        ssize_t len = g->host.receive(g->host.ctx, f->watch.fd, g->text, GATEWAY_DATAGRAM);
        if (len >= 0)
            deliver(g, f, len, now);
        else if (len == -EAGAIN)
            f->watch.readable = false;
        else
            tell_error(g, f, (int)len, now);
    }
}

/* The flow of a client: under its own port where the image does not know that yet. Which other
 * is tried is always the same, so that the flow is found again. */
static struct flow *flow_of_client(struct gateway *g, const struct gateway_port *p,
                                   struct ip4_endpoint from)
{
    struct ip4_endpoint shown = {policy_shown(from.ip, &g->own), from.port};
    uint64_t hash = gateway_hash(g, from, p->image_port, FOR_PORT);
    for (unsigned i = 0; i < PORT_TRIES; i++) {
        struct flow *f = flow_find(g, shown, p->image_port);
        if (f && f->port == p && f->client.port == from.port &&
            ip4_equal(f->client.ip, from.ip))
            return f;
        bool dns = ip4_equal(shown.ip, g->own.ip) && shown.port == GATEWAY_DNS_PORT;
        if (!f && !dns && shown.port != 0) {
            f = flow_new(g, FLOW_CLIENT, shown, p->image_port);
            if (f) {
                f->client = from;
                f->port = p;
            }
            return f;
        }
        shown.port = (uint16_t)(PORT_MIN + (hash >> i * 7) % (65536U - PORT_MIN));
    }
    g->counts[COUNT_NO_SOCKET]++;
    return NULL;
}

void flow_receive(struct gateway *g, struct gateway_port *p, uint64_t now)
{
    struct ip4_endpoint from;
    for (unsigned n = 0; p->watch.readable; n++) {
        if (n == GATEWAY_DATAGRAMS || !image_takes(g, now)) {
            gateway_again(g, &p->watch);
            return;
        }
        ssize_t len =
            g->host.receive_from(g->host.ctx, p->watch.fd, g->text, GATEWAY_DATAGRAM, &from);
        if (len < 0) {
            p->watch.readable = false;
            return;
        }
        struct flow *f = flow_of_client(g, p, from);
        if (f)
            deliver(g, f, len, now);
    }
}

/* ---- Time ---------------------------------------------------------------------------- */

void flow_expire(struct gateway *g, uint64_t now)
{
    for (struct flow *f; (f = oldest(g)) && now - f->used_at >= GATEWAY_FLOW_NS;) {
        g->counts[COUNT_FLOWS_EXPIRED]++;
        flow_end(g, f);
    }
    set_timer(g);
}

void flow_free_gone(struct gateway *g)
{
    for (struct list *l; (l = list_pop(&g->gone));)
        pool_put(&g->flows, container_of(l, struct flow, age));
}

void flow_end_all(struct gateway *g)
{
    for (struct flow *f; (f = oldest(g));)
        flow_end(g, f);
    flow_free_gone(g);
}

void flow_check(const struct gateway *g)
{
    uint64_t last = 0;
    uint32_t n = 0;
    list_each(l, &g->ages) {
        const struct flow *f = container_of(l, struct flow, age);
        check(flow_find(g, f->remote, f->image_port) == f); /* S2 */
        check((f->kind == FLOW_CLIENT) == (f->port != NULL));
        check(f->used_at >= last); /* S5 */
        last = f->used_at;
        n++;
    }
    check(n == g->flow_count && n <= g->cfg.flows_max);
}
