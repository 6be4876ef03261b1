/* SPDX-License-Identifier: ISC */
#include "net/inet/state.h"

#include "base/check.h"

#include <errno.h>

#define MTU_MIN  576U
#define RING_MAX (1U << 30)
/* Most text of a super-frame: a packet of 65,535 octets with the longest headers. */
#define SUPER_TEXT_MAX (UINT16_MAX - IP4_HEADER_MIN - TCP_HEADER_MAX)

/* ---- Beginning ------------------------------------------------------------------------ */

static bool good_ring(uint32_t max)
{
    return max == 0 || (max >= RING_LEN_MIN && max <= RING_MAX && (max & (max - 1)) == 0);
}

static bool good_first(uint32_t first, uint32_t max)
{
    return good_ring(first) && first <= (max ? max : INET_RING_MAX);
}

static bool good_gateway(const struct inet_config *cfg, const struct ip4_net *own)
{
    if (cfg->gateway.n == 0)
        return true;
    bool reachable = own->prefix_len == 32 || ip4_in_net(cfg->gateway, own);
    return reachable && ip4_is_host(cfg->gateway, own) && !ip4_equal(cfg->gateway, cfg->ip);
}

/* Whom a gateway serves is a host, and not the gateway. */
static bool good_guest(const struct inet_config *cfg, const struct ip4_net *own)
{
    return !cfg->transparent ||
           (ip4_is_host(cfg->guest, own) && !ip4_equal(cfg->guest, cfg->ip));
}

static bool good_config(const struct inet_config *cfg, const struct eth_addr *mac)
{
    const struct ip4_net net = {cfg->ip, cfg->prefix_len}, *own = &net;
    return cfg->mtu >= MTU_MIN && cfg->prefix_len <= 32 && ip4_is_host(cfg->ip, own) &&
           good_gateway(cfg, own) && good_guest(cfg, own) && eth_is_station(mac) &&
           cfg->connections_max > 0 && cfg->half_open_max > 0 && good_ring(cfg->receive_max) &&
           good_ring(cfg->send_max) && good_first(cfg->receive_first, cfg->receive_max) &&
           good_first(cfg->send_first, cfg->send_max);
}

static void init_lists(struct inet *in)
{
    for (unsigned i = 0; i < INET_PORT_BUCKETS; i++) {
        list_init(&in->listening[i]);
        list_init(&in->bound[i]);
    }
    list_init(&in->half_open);
    list_init(&in->let_go);
    list_init(&in->time_wait);
    list_init(&in->ended);
    list_init(&in->pending);
    list_init(&in->waiting);
    list_init(&in->looped);
}

static void init_tcp(struct inet *in)
{
    const struct inet_config *cfg = &in->cfg;
    in->tcp = (struct tcp_shared){
        .buffers = cfg->buffers,
        .receive_max = cfg->receive_max ? cfg->receive_max : INET_RING_MAX,
        .super_max = cfg->offloads & OFFLOAD_TSO4 ? SUPER_TEXT_MAX : 0,
        .send_max = cfg->send_max ? cfg->send_max : INET_RING_MAX,
        .congestion = cfg->congestion,
        .ecn = cfg->ecn,
        .receive_first = cfg->receive_first,
        .send_first = cfg->send_first,
        .random = in->rim.random,
        .random_ctx = in->rim.ctx,
    };
}

static void init_parts(struct inet *in, uint64_t now)
{
    const struct inet_config *cfg = &in->cfg;
    init_lists(in);
    init_tcp(in);
    wheel_init(&in->wheel, now);
    timer_init(&in->arp_timer);
    waits_init(in);
    timer_init(&in->reassembly_timer);
    reassembly_init(&in->reassembly, cfg->buffers);
    pool_init(&in->conns, cfg->memory, sizeof(struct tcp_conn), cfg->connections_max);
    pool_init(&in->listeners, cfg->memory, sizeof(struct inet_listener), INET_LISTENERS_MAX);
    pool_init(&in->udps, cfg->memory, sizeof(struct inet_udp), INET_UDP_MAX);
    arp_init(&in->arp, &in->own, cfg->gateway, &in->mac, now);
    in->arp.proxy = cfg->proxy_arp;
    in->ways[0].route.gateway = cfg->gateway;
    in->ways_len = cfg->gateway.n != 0;
}

static void free_all(struct inet *in)
{
    struct supply *memory = in->cfg.memory;
    reassembly_end(&in->reassembly);
    loop_end(in);
    if (in->groups)
        in->groups->end(in);
    pool_end(&in->conns);
    pool_end(&in->listeners);
    pool_end(&in->udps);
    waits_end(in);
    if (in->table.chain)
        hash_end(&in->table);
    supply_put(memory, in->frame, INET_FRAME_MAX(in->cfg.mtu));
    supply_put(memory, in, sizeof *in);
}

int inet_init(struct inet **out, const struct inet_config *cfg, const struct inet_rim *rim,
              uint64_t now)
{
    struct eth_addr mac;
    memcpy(mac.octet, cfg->mac, sizeof mac.octet);
    if (!good_config(cfg, &mac))
        return -EINVAL;
    struct inet *in = supply_get(cfg->memory, sizeof *in);
    if (!in)
        return -ENOMEM;
    in->cfg = *cfg;
    if (in->cfg.time_wait_max == 0)
        in->cfg.time_wait_max = cfg->connections_max;
    in->rim = *rim;
    in->own = ip4_own_of(cfg->ip, cfg->prefix_len);
    in->own.all = cfg->transparent;
    in->own.but = cfg->guest;
    in->mac = mac;
    init_parts(in, now);
    in->frame = supply_get(cfg->memory, INET_FRAME_MAX(cfg->mtu));
    if (!in->frame || !hash_init(&in->table, cfg->memory, INET_TABLE_MIN) ||
        !hash_init(&in->waits_table, cfg->memory, INET_TABLE_MIN)) {
        free_all(in);
        return -ENOMEM;
    }
    *out = in;
    send_arp(in, now);
    return 0;
}

/* ---- Ending --------------------------------------------------------------------------- */

static void end_conn(struct inet *in, struct tcp_conn *c, uint64_t now)
{
    c->owner = NULL;
    inet_tcp_abort(in, &c, now);
}

static void end_connections(struct inet *in, uint64_t now)
{
    for (uint32_t i = 0; i < hash_chains(&in->table); i++)
        for (struct hash_link *l; (l = hash_chain(&in->table, i)) != NULL;)
            end_conn(in, container_of(l, struct tcp_conn, hash), now);
    while (!list_empty(&in->ended))
        end_conn(in, container_of(in->ended.next, struct tcp_conn, queue), now);
}

void inet_end(struct inet **inp, uint64_t now)
{
    struct inet *in = *inp;
    if (!in)
        return;
    *inp = NULL;
    for (unsigned i = 0; i < INET_PORT_BUCKETS; i++) {
        while (!list_empty(&in->listening[i])) {
            struct inet_listener *l =
                container_of(in->listening[i].next, struct inet_listener, link);
            inet_unlisten(in, &l, now);
        }
        while (!list_empty(&in->bound[i])) {
            struct inet_udp *u = container_of(in->bound[i].next, struct inet_udp, link);
            inet_udp_close(in, &u);
        }
    }
    end_connections(in, now);
    free_all(in);
}

/* ---- Addresses ------------------------------------------------------------------------ */

bool inet_is_own(const struct inet *in, struct ip4 ip)
{
    return ip4_own_has(&in->own, ip) || ip4_is_loopback(ip);
}

struct ip4 inet_ip(const struct inet *in)
{
    return in->own.net[0].ip;
}

int inet_add_address(struct inet *in, struct ip4 ip, uint8_t prefix_len, uint64_t now)
{
    struct ip4_own *own = &in->own;
    const struct ip4_net net = {ip, prefix_len};
    if (prefix_len > 32 || !ip4_is_host(ip, &net) || (own->all && ip4_equal(ip, own->but)))
        return -EINVAL;
    if (ip4_own_index(own, ip) < own->len)
        return -EEXIST;
    if (own->len == IP4_OWN_MAX)
        return -ENOSPC;
    own->net[own->len++] = net;
    arp_add_own(&in->arp, own->len - 1, now);
    send_arp(in, now);
    return 0;
}

/* What can no longer be sent from an address that is not ours. */
static void end_connections_from(struct inet *in, struct ip4 ip, uint64_t now)
{
    for (uint32_t i = 0; i < hash_chains(&in->table); i++)
        for (struct hash_link *l = hash_chain(&in->table, i), *next; l; l = next) {
            struct tcp_conn *c = container_of(l, struct tcp_conn, hash);
            next = l->next;
            if (!ip4_equal(c->local.ip, ip))
                continue;
            struct tcp_out out = {0};
            tcp_fail(c, -EADDRNOTAVAIL, &out);
            conn_settle(in, c, out.events, now);
        }
}

int inet_remove_address(struct inet *in, struct ip4 ip, uint64_t now)
{
    struct ip4_own *own = &in->own;
    unsigned n = ip4_own_index(own, ip);
    if (n == own->len)
        return -EADDRNOTAVAIL;
    if (n == 0)
        return -EBUSY;
    end_connections_from(in, ip, now);
    arp_remove_own(&in->arp, n);
    own->len--;
    for (; n < own->len; n++)
        own->net[n] = own->net[n + 1];
    routes_address_gone(in);
    return 0;
}

/* ---- Arrivals and time ------------------------------------------------------------------ */

static void arp_packet_arrives(struct inet *in, struct bytes payload, uint64_t now)
{
    struct arp_packet p;
    enum arp_verdict v = arp_parse(payload, &p);
    in->arp_counts[v]++;
    if (v != ARP_OK)
        return;
    uint64_t conflicts = in->arp.counts[ARP_CONFLICTS];
    arp_arrives(&in->arp, &p, now);
    if (in->arp.counts[ARP_CONFLICTS] != conflicts && in->rim.conflict)
        in->rim.conflict(in->rim.ctx, p.sender, p.sender_mac.octet);
    send_arp(in, now);
}

void datagram_arrives(struct inet *in, const struct ip4_packet *p, uint64_t now)
{
    switch (p->protocol) {
    case IP4_TCP:
        segment_arrives(in, p, now);
        return;
    case IP4_UDP:
        udp_arrives(in, p, now);
        return;
    case IP4_ICMP:
        icmp_arrives(in, p, now);
        return;
    case IP4_IGMP:
        if (in->groups) {
            in->groups->arrives(in, p, now);
            return;
        }
        /* fall through */
    default:
        in->ip4_counts[IP4_UNKNOWN_PROTOCOL]++;
        icmp_unreachable(in, p, ICMP_BAD_PROTOCOL, now);
    }
}

static void set_reassembly_timer(struct inet *in)
{
    uint64_t at = reassembly_deadline(&in->reassembly);
    if (in->reassembly_timer.at != at)
        timer_set(&in->wheel, &in->reassembly_timer, at);
}

static void fragment_arrives(struct inet *in, struct ip4_packet *p, uint64_t now)
{
    if (reassembly_arrives(&in->reassembly, p, now, p) == REASSEMBLY_WHOLE)
        datagram_arrives(in, p, now);
    reassembly_release(&in->reassembly);
    set_reassembly_timer(in);
}

/* RFC 1122 3.3.2: the sender is told when its first fragment was there. */
static void reassembly_time(struct inet *in, uint64_t now)
{
    bool first = false;
    struct ip4_packet p;
    while (reassembly_expires(&in->reassembly, now, &first, &p))
        if (first)
            icmp_error(in, &p, ICMP_TIME_EXCEEDED, ICMP_REASSEMBLY_TIME, 0, now);
    set_reassembly_timer(in);
}

/* A checksum left to be completed is believed to be right only where the protocol has its. */
static void note_work(struct ip4_packet *p, struct bytes frame, const struct offload *work)
{
    size_t from = (size_t)(p->payload.at - frame.at);
    size_t at = p->protocol == IP4_TCP ? TCP_CHECKSUM_AT : UDP_CHECKSUM_AT;
    p->verified = offload_sum_is_good(work, from, at);
    p->segment_len = work->segment_len;
}

static void packet_arrives(struct inet *in, const struct eth_frame *f, struct bytes frame,
                           const struct offload *work, uint64_t now)
{
    struct ip4_packet p;
    enum ip4_verdict v = ip4_parse(f->payload, &in->own, &p);
    in->ip4_counts[v]++;
    if (v != IP4_OK && v != IP4_BAD_OPTION)
        return;
    if (eth_is_group(&f->dst) && !p.to_broadcast) {
        in->counts[INET_LINK_BROADCAST]++;
        return;
    }
    if (ip4_is_multicast(p.dst) && !(in->groups && in->groups->is_member(in, p.dst))) {
        in->counts[INET_NO_GROUP]++;
        return;
    }
    if (v == IP4_BAD_OPTION) { /* RFC 1122 3.2.2.5 */
        icmp_error(in, &p, ICMP_PARAMETER_PROBLEM, 0, (uint32_t)p.fault_at << 24, now);
        return;
    }
    if (p.has_options)
        in->counts[INET_OPTIONS]++;
    if (ip4_is_fragment(&p)) {
        fragment_arrives(in, &p, now);
        return;
    }
    note_work(&p, frame, work);
    datagram_arrives(in, &p, now);
}

void inet_receive(struct inet *in, struct bytes frame, uint64_t now)
{
    static const struct offload nothing;
    inet_receive_with(in, frame, &nothing, now);
}

void inet_receive_with(struct inet *in, struct bytes frame, const struct offload *work,
                       uint64_t now)
{
    struct eth_frame f;
    enum eth_verdict v = eth_parse(frame, &in->mac, &f);
    in->eth_counts[v]++;
    if (v != ETH_OK)
        return;
    if (f.type == ETH_IP4)
        packet_arrives(in, &f, frame, work, now);
    else
        arp_packet_arrives(in, f.payload, now);
}

void inet_expire(struct inet *in, uint64_t now)
{
    for (struct timer *t; (t = wheel_expire(&in->wheel, now));) {
        if (t == &in->arp_timer) {
            arp_expires(&in->arp, now);
            send_arp(in, now);
            continue;
        }
        if (t == &in->waits_timer) {
            waits_expire(in, now);
            continue;
        }
        if (t == &in->reassembly_timer) {
            reassembly_time(in, now);
            continue;
        }
        if (in->groups && in->groups->expires(in, t, now))
            continue;
        struct tcp_conn *c = container_of(t, struct tcp_conn, timer);
        struct tcp_out out = {0};
        tcp_expires(c, now, &out);
        conn_settle(in, c, out.events, now);
    }
}

uint64_t inet_next(const struct inet *in)
{
    uint64_t timer = wheel_next(&in->wheel);
    if (!list_empty(&in->looped))
        return 0;
    if (list_empty(&in->pending) || timer < in->retry_at)
        return timer;
    return in->retry_at;
}

static bool conn_delivers(const struct tcp_conn *c)
{
    return c->out.count > 0 || (c->fin_queued && !c->fin_acked);
}

bool inet_delivers(const struct inet *in)
{
    for (uint32_t i = 0; i < hash_chains(&in->table); i++)
        for (struct hash_link *l = hash_chain(&in->table, i); l; l = l->next)
            if (conn_delivers(container_of(l, struct tcp_conn, hash)))
                return true;
    return false;
}

int inet_resolve(struct inet *in, struct ip4 ip, uint64_t now)
{
    struct eth_addr mac;
    int err = send_next_hop(in, ip, now, &mac);
    send_arp(in, now);
    return err;
}
