/* SPDX-License-Identifier: ISC */
#include "host/gateway/gateway.h"
#include "base/check.h"
#include "host/gateway/policy.h"
#include "host/gateway/state.h"
#include "net/tcp/congestion.h"

#include <errno.h>
#include <stddef.h>

#define FRAME_MAX(mtu) ((size_t)(mtu) + ETH_HEADER_LEN)

uint64_t gateway_hash(const struct gateway *g, struct ip4_endpoint remote, uint16_t image_port,
                      uint8_t purpose)
{
    uint8_t octets[9];
    struct writer w = writer_of(octets, sizeof octets);
    write_u32(&w, remote.ip.n);
    write_u16(&w, remote.port);
    write_u16(&w, image_port);
    write_u8(&w, purpose);
    return siphash(&g->cfg.key, bytes_of(octets, sizeof octets));
}

void gateway_again(struct gateway *g, struct watch *w)
{
    if (list_empty(&w->ready))
        list_push(&g->ready, &w->ready);
}

/* ---- Beginning and ending ------------------------------------------------------------- */

static struct list *new_table(struct gateway *g)
{
    struct list *table = supply_get(g->cfg.memory, g->buckets * sizeof *table);
    for (uint32_t i = 0; table && i < g->buckets; i++)
        list_init(&table[i]);
    return table;
}

static void free_all(struct gateway *g)
{
    struct supply *m = g->cfg.memory;
    pool_end(&g->streams);
    pool_end(&g->flows);
    supply_put(m, g->stream_table, g->buckets * sizeof(struct list));
    supply_put(m, g->flow_table, g->buckets * sizeof(struct list));
    supply_put(m, g->frame, FRAME_MAX(g->cfg.mtu));
    supply_put(m, g->text, GATEWAY_DATAGRAM);
    supply_put(m, g, sizeof *g);
}

static void init_parts(struct gateway *g, uint64_t now)
{
    g->tcp = (struct tcp_shared){.buffers = g->cfg.buffers,
                                 .congestion = &tcp_reno, /* the link loses nothing */
                                 .receive_max = GATEWAY_RING_MAX,
                                 .send_max = GATEWAY_RING_MAX,
                                 .random = g->host.random,
                                 .random_ctx = g->host.ctx};
    wheel_init(&g->wheel, now);
    timer_init(&g->flow_timer);
    timer_init(&g->ask_timer);
    pool_init(&g->streams, g->cfg.memory, sizeof(struct stream), g->cfg.streams_max);
    pool_init(&g->flows, g->cfg.memory, sizeof(struct flow), SIZE_MAX);
    list_init(&g->pending);
    list_init(&g->ready);
    list_init(&g->over);
    list_init(&g->ages);
    list_init(&g->gone);
    for (g->buckets = 64; g->buckets < g->cfg.streams_max;)
        g->buckets *= 2;
}

int gateway_new(struct gateway **out, const struct gateway_config *cfg,
                const struct gateway_host *host, uint64_t now)
{
    check(cfg->mtu >= 576 && cfg->streams_max > 0 && cfg->flows_max > 0 &&
          cfg->resolvers <= GATEWAY_RESOLVERS_MAX);
    struct gateway *g = supply_get(cfg->memory, sizeof *g);
    if (!g)
        return -ENOMEM;
    g->cfg = *cfg;
    g->host = *host;
    g->own = (struct ip4_net){cfg->ip, cfg->prefix_len};
    memcpy(g->mac.octet, cfg->mac, sizeof g->mac.octet);
    init_parts(g, now);
    g->stream_table = new_table(g);
    g->flow_table = new_table(g);
    g->frame = supply_get(cfg->memory, FRAME_MAX(cfg->mtu));
    g->text = supply_get(cfg->memory, GATEWAY_DATAGRAM);
    if (!g->stream_table || !g->flow_table || !g->frame || !g->text) {
        free_all(g);
        return -ENOMEM;
    }
    for (unsigned i = 0; i < cfg->ports; i++)
        list_init(&cfg->port[i].watch.ready);
    *out = g;
    return 0;
}

void gateway_free(struct gateway **gp)
{
    struct gateway *g = *gp;
    if (!g)
        return;
    *gp = NULL;
    stream_end_all(g);
    flow_end_all(g);
    free_all(g);
}

/* ---- Frames ------------------------------------------------------------------------------ */

static enum gateway_count count_of(enum packet_verdict v)
{
    switch (v) {
    case PACKET_ETHERNET:
        return COUNT_ETHERNET;
    case PACKET_PROTOCOL:
        return COUNT_PROTOCOL;
    case PACKET_FRAGMENT:
        return COUNT_FRAGMENT;
    case PACKET_OK:
    case PACKET_MALFORMED:
        return COUNT_MALFORMED;
    }
    return COUNT_MALFORMED;
}

/* P4. An ARP probe comes from 0.0.0.0 (RFC 5227 1.1). */
static bool is_the_images(struct gateway *g, const struct packet *p)
{
    struct ip4 src = p->is_arp ? p->arp.sender : p->src;
    bool probe = p->is_arp && src.n == 0;
    if (!probe && !ip4_equal(src, g->cfg.image))
        return false;
    if (p->is_arp && !eth_equal(&p->arp.sender_mac, &p->from))
        return false;
    if (!g->image_known && !probe) {
        g->image_known = true;
        g->image_mac = p->from;
        timer_stop(&g->wheel, &g->ask_timer);
    }
    return !g->image_known || eth_equal(&g->image_mac, &p->from);
}

static void packet_arrives(struct gateway *g, const struct packet *p, uint64_t now)
{
    bool own = ip4_equal(p->dst, g->own.ip);
    if (!own && !policy_reaches(p->dst, &g->own)) {
        g->counts[COUNT_FORBIDDEN]++;
        return;
    }
    switch (p->protocol) {
    case IP4_TCP:
        stream_segment(g, p, now);
        break;
    case IP4_UDP:
        flow_datagram(g, p, now);
        break;
    case IP4_ICMP:
        if (own)
            image_echo(g, p, now);
        else
            flow_echo(g, p, now);
        break;
    default:
        g->counts[COUNT_PROTOCOL]++;
    }
}

void gateway_frame(struct gateway *g, struct bytes frame, uint64_t now)
{
    struct packet p;
    g->counts[COUNT_FRAMES_IN]++;
    enum packet_verdict v = packet_parse(frame, &g->mac, &p);
    if (v != PACKET_OK)
        g->counts[count_of(v)]++;
    else if (!is_the_images(g, &p))
        g->counts[COUNT_SPOOFED]++;
    else if (p.is_arp)
        image_arp(g, &p.arp);
    else
        packet_arrives(g, &p, now);
}

/* ---- Events and time ------------------------------------------------------------------------
 */

static void serve(struct gateway *g, struct watch *w, uint64_t now)
{
    switch ((enum watch_kind)w->kind) {
    case WATCH_STREAM:
        stream_ready(g, container_of(w, struct stream, watch), now);
        break;
    case WATCH_FLOW:
        flow_ready(g, container_of(w, struct flow, watch), now);
        break;
    case WATCH_PORT: {
        struct gateway_port *p = container_of(w, struct gateway_port, watch);
        if (p->udp)
            flow_receive(g, p, now);
        else
            stream_accept(g, p, now);
    }
    }
}

void gateway_ready(struct gateway *g, struct watch *w, unsigned events, uint64_t now)
{
    if (w->fd < 0)
        return; /* closed earlier this turn */
    w->readable |= (events & (HOST_READABLE | HOST_ENDING)) != 0;
    w->writable |= (events & (HOST_WRITABLE | HOST_ENDING)) != 0;
    w->ending |= (events & HOST_ENDING) != 0;
    serve(g, w, now);
}

void gateway_link_ready(struct gateway *g)
{
    g->link_full = false;
}

static void expire(struct gateway *g, uint64_t now)
{
    for (struct timer *t; (t = wheel_expire(&g->wheel, now));) {
        if (t == &g->flow_timer)
            flow_expire(g, now);
        else if (t == &g->ask_timer)
            g->asked_at = 0; /* whoever still waits asks again */
        else
            stream_expire(g, container_of(t, struct stream, conn.timer), now);
    }
}

/* Once each of those that had more to do. */
static void go_on(struct gateway *g, uint64_t now)
{
    struct list round;
    list_init(&round);
    for (struct list *l; (l = list_pop(&g->ready));)
        list_push(&round, l);
    for (struct list *l; (l = list_pop(&round));)
        serve(g, container_of(l, struct watch, ready), now);
}

static bool link_takes(const struct gateway *g)
{
    return g->image_known && !g->link_full;
}

void gateway_turn(struct gateway *g, uint64_t now)
{
    expire(g, now);
    go_on(g, now);
    stream_flush(g, now);
    flow_free_gone(g);
    stream_free_over(g);
}

uint64_t gateway_next(const struct gateway *g)
{
    if (link_takes(g) && !(list_empty(&g->ready) && list_empty(&g->pending)))
        return 0;
    return wheel_next(&g->wheel);
}

/* ---- Looking in
 * ------------------------------------------------------------------------------ */

const char *gateway_counter(const struct gateway *g, unsigned n, uint64_t *value)
{
    static const char *const names[] = {GATEWAY_COUNTS(NAMES_TEXT)};
    if (n >= GATEWAY_COUNT)
        return NULL;
    *value = g->counts[n];
    return names[n];
}

uint32_t gateway_streams(const struct gateway *g)
{
    return (uint32_t)g->streams.live;
}

uint32_t gateway_flows(const struct gateway *g)
{
    return g->flow_count;
}

void gateway_check(const struct gateway *g)
{
    stream_check(g);
    flow_check(g);
}
