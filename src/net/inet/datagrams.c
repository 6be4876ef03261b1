/* SPDX-License-Identifier: ISC */
#include "net/inet/state.h"

#include <errno.h>

static struct inet_udp *udp_of(struct list *link)
{
    return container_of(link, struct inet_udp, link);
}

static bool is_in_group(const struct inet_udp *u, struct ip4 group)
{
    for (unsigned i = 0; i < INET_UDP_GROUPS_MAX; i++)
        if (ip4_equal(u->group[i], group))
            return true;
    return false;
}

static bool hears(const struct inet_udp *u, struct ip4_endpoint local, struct ip4_endpoint peer)
{
    if (ip4_is_multicast(local.ip) && !is_in_group(u, local.ip))
        return false;
    return u->peer.port == 0 || endpoint_equal(u->peer, peer);
}

static struct inet_udp *best_in(const struct inet *in, uint16_t bucket_of,
                                struct ip4_endpoint local, struct ip4_endpoint peer)
{
    struct list *bucket = port_bucket(in->bound, bucket_of);
    struct inet_udp *best = NULL;
    list_each(e, bucket) {
        struct inet_udp *u = udp_of(e);
        if (hears(u, local, peer) &&
            bound_fit(u->at, local) > (best ? bound_fit(best->at, local) : 0))
            best = u;
    }
    return best;
}

struct inet_udp *udp_find(const struct inet *in, struct ip4_endpoint local,
                          struct ip4_endpoint peer)
{
    struct inet_udp *u = best_in(in, local.port, local, peer);
    return u ? u : best_in(in, 0, local, peer);
}

static bool clashes(const struct inet *in, struct ip4_endpoint at)
{
    struct list *bucket = port_bucket(in->bound, at.port);
    list_each(e, bucket) {
        if (bound_clash(udp_of(e)->at, at))
            return true;
    }
    return false;
}

/* RFC 6056 3.3.1; 0 when there is none. */
static uint16_t free_port(struct inet *in, struct ip4 ip)
{
    uint32_t ports = UINT16_MAX + 1U - INET_EPHEMERAL_MIN;
    uint32_t first = in->rim.random(in->rim.ctx);
    for (uint32_t i = 0; i < ports; i++) {
        uint16_t port = (uint16_t)(INET_EPHEMERAL_MIN + (first + i) % ports);
        if (!clashes(in, (struct ip4_endpoint){ip, port}))
            return port;
    }
    return 0;
}

static int bind(struct inet *in, struct ip4_endpoint at, void *owner, struct inet_udp **out)
{
    if (clashes(in, at))
        return -EADDRINUSE;
    struct inet_udp *u = pool_get(&in->udps);
    if (!u)
        return -ENOMEM;
    u->at = at;
    u->owner = owner;
    list_init(&u->link);
    list_push(port_bucket(in->bound, at.port), &u->link);
    *out = u;
    return 0;
}

int inet_udp_bind_at(struct inet *in, struct ip4_endpoint at, void *owner,
                     struct inet_udp **out)
{
    if (at.ip.n != 0 && !inet_is_own(in, at.ip))
        return -EADDRNOTAVAIL;
    if (at.port == 0)
        at.port = free_port(in, at.ip);
    return at.port == 0 ? -EADDRINUSE : bind(in, at, owner, out);
}

int inet_udp_bind_all(struct inet *in, void *owner, struct inet_udp **out)
{
    return bind(in, (struct ip4_endpoint){{0}, 0}, owner, out);
}

int inet_udp_bind(struct inet *in, uint16_t port, void *owner, struct inet_udp **out)
{
    return inet_udp_bind_at(in, (struct ip4_endpoint){{0}, port}, owner, out);
}

int inet_udp_connect(struct inet *in, struct inet_udp *u, struct ip4_endpoint peer)
{
    if (peer.port != 0 && !inet_is_reachable(in, peer.ip))
        return -EINVAL;
    u->peer = peer;
    return 0;
}

uint16_t inet_udp_port(const struct inet_udp *u)
{
    return u->at.port;
}

void *inet_udp_owner(const struct inet_udp *u)
{
    return u->owner;
}

void inet_udp_set(struct inet_udp *u, const struct inet_udp_options *options)
{
    u->options = *options;
}

void inet_udp_close(struct inet *in, struct inet_udp **up)
{
    if (!*up)
        return;
    if (in->groups)
        in->groups->leave_all(in, *up);
    list_remove(&(*up)->link);
    pool_put(&in->udps, *up);
    *up = NULL;
}

/* Completes the near end of a datagram to `to`. */
static int choose_from(const struct inet *in, const struct inet_udp *u,
                       struct ip4_endpoint *from, struct ip4_endpoint to)
{
    bool broadcast = ip4_own_broadcast(&in->own, to.ip);
    if (broadcast && !u->options.broadcast)
        return -EACCES;
    bool several = broadcast || ip4_is_multicast(to.ip);
    if (to.port == 0 || (!several && !inet_is_reachable(in, to.ip)))
        return -EINVAL;
    if (from->port == 0)
        from->port = u->at.port;
    if (from->ip.n == 0)
        from->ip = u->at.ip.n != 0 ? u->at.ip : inet_source_for(in, to.ip);
    return from->port != 0 && inet_may_send_from(in, from->ip, to.ip) ? 0 : -EADDRNOTAVAIL;
}

static struct ip4_head head_of(const struct inet_udp *u, struct ip4 src, struct ip4 dst)
{
    struct ip4_head head = ip4_head_of(src, dst, IP4_UDP);
    if (ip4_is_multicast(dst))
        head.ttl = u->options.multicast_ttl ? u->options.multicast_ttl : 1;
    else if (u->options.ttl)
        head.ttl = u->options.ttl;
    head.tos = u->options.tos;
    return head;
}

/* Whether a copy of what is sent to a group is for members of it here. */
static bool loops_too(const struct inet *in, const struct inet_udp *u, struct ip4 dst)
{
    return ip4_is_multicast(dst) && !u->options.no_loop && in->groups &&
           in->groups->is_member(in, dst);
}

/* So that a router's word about it can be told from a stranger's. */
static void note_long(struct inet_udp *u, struct ip4 to, size_t len)
{
    if (len <= TCP_PATH_MTU_MIN)
        return;
    u->long_to = to;
    u->long_len = (uint16_t)len;
}

int inet_udp_send(struct inet *in, struct inet_udp *u, struct ip4_endpoint to,
                  struct bytes text, uint64_t now)
{
    return inet_udp_send_from(in, u, (struct ip4_endpoint){{0}, 0}, to, text, now);
}

int inet_udp_send_from(struct inet *in, struct inet_udp *u, struct ip4_endpoint from,
                       struct ip4_endpoint to, struct bytes text, uint64_t now)
{
    struct eth_addr mac;
    int err = choose_from(in, u, &from, to);
    if (err)
        return err;
    if (text.len > UDP_TEXT_MAX)
        return -EMSGSIZE;
    size_t len = UDP_HEADER_LEN + text.len;
    uint16_t mtu = path_mtu(in, to.ip, now);
    if (u->options.whole && IP4_HEADER_MIN + len > mtu && !loops(in, to.ip))
        return -EMSGSIZE;
    err = send_next_hop(in, to.ip, now, &mac);
    if (err == 0) {
        struct ip4_head head = head_of(u, from.ip, to.ip);
        struct writer w = send_payload_within(in, mtu, len);
        note_long(u, to.ip, IP4_HEADER_MIN + len);
        udp_print(&w, from, to, text);
        if (!w.ran_out && loops_too(in, u, to.ip)) /* what is lost of it is counted */
            (void)!loop_send(in, &head, bytes_of(w.start, writer_len(&w)));
        err = w.ran_out ? -ENOBUFS : send_packet(in, &mac, &head, writer_len(&w));
        in->counts[INET_UDP_OUT] += err == 0;
    }
    send_arp(in, now);
    return err;
}

void udp_arrives(struct inet *in, const struct ip4_packet *p, uint64_t now)
{
    struct udp_datagram d;
    enum udp_verdict v = p->verified ? udp_parse_verified(p->payload, &d)
                                     : udp_parse(p->payload, p->src, p->dst, &d);
    in->udp_counts[v]++;
    if (v != UDP_OK)
        return;
    const struct inet_datagram arrived = {{p->src, d.src_port}, {p->dst, d.dst_port}, d.text};
    struct inet_udp *u = udp_find(in, arrived.to, arrived.from);
    if (!u) {
        in->counts[INET_UDP_NO_SOCKET]++;
        icmp_unreachable(in, p, ICMP_BAD_PORT, now);
        return;
    }
    if (!in->rim.datagram(in->rim.ctx, u, &arrived))
        in->counts[INET_UDP_NO_ROOM]++;
}
