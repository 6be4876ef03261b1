/* SPDX-License-Identifier: ISC */
#include "net/inet/state.h"

#include <errno.h>

struct inet_udp *udp_find(const struct inet *in, uint16_t port)
{
    struct list *bucket = port_bucket(in->bound, port);
    list_each(l, bucket) {
        struct inet_udp *u = container_of(l, struct inet_udp, link);
        if (u->port == port)
            return u;
    }
    return NULL;
}

/* RFC 6056 3.3.1; 0 when there is none. */
static uint16_t free_port(struct inet *in)
{
    uint32_t ports = UINT16_MAX + 1U - INET_EPHEMERAL_MIN;
    uint32_t first = in->rim.random(in->rim.ctx);
    for (uint32_t i = 0; i < ports; i++) {
        uint16_t port = (uint16_t)(INET_EPHEMERAL_MIN + (first + i) % ports);
        if (!udp_find(in, port))
            return port;
    }
    return 0;
}

int inet_udp_bind(struct inet *in, uint16_t port, void *owner, struct inet_udp **out)
{
    if (port == 0)
        port = free_port(in);
    if (port == 0 || udp_find(in, port))
        return -EADDRINUSE;
    struct inet_udp *u = pool_get(&in->udps);
    if (!u)
        return -ENOMEM;
    u->port = port;
    u->owner = owner;
    list_init(&u->link);
    list_push(port_bucket(in->bound, port), &u->link);
    *out = u;
    return 0;
}

uint16_t inet_udp_port(const struct inet_udp *u)
{
    return u->port;
}

void *inet_udp_owner(const struct inet_udp *u)
{
    return u->owner;
}

void inet_udp_close(struct inet *in, struct inet_udp **up)
{
    if (!*up)
        return;
    list_remove(&(*up)->link);
    pool_put(&in->udps, *up);
    *up = NULL;
}

int inet_udp_send(struct inet *in, struct inet_udp *u, struct ip4_endpoint to,
                  struct bytes text, uint64_t now)
{
    struct eth_addr mac;
    if (ip4_is_broadcast(to.ip, &in->own))
        return -EACCES;
    if (to.port == 0 || !ip4_is_host(to.ip, &in->own) || ip4_equal(to.ip, in->own.ip))
        return -EINVAL;
    if (text.len > (size_t)in->cfg.mtu - IP4_HEADER_MIN - UDP_HEADER_LEN)
        return -EMSGSIZE;
    int err = send_next_hop(in, to.ip, now, &mac);
    if (err == 0) {
        struct writer w = send_payload(in);
        udp_print(&w, (struct ip4_endpoint){in->own.ip, u->port}, to, text);
        err = send_packet(in, &mac, to.ip, IP4_UDP, writer_len(&w));
        in->counts[INET_UDP_OUT] += err == 0;
    }
    send_arp(in, now);
    return err;
}

void udp_arrives(struct inet *in, const struct ip4_packet *p, uint64_t now)
{
    struct udp_datagram d;
    enum udp_verdict v = udp_parse(p->payload, p->src, p->dst, &d);
    in->udp_counts[v]++;
    if (v != UDP_OK)
        return;
    struct inet_udp *u = udp_find(in, d.dst_port);
    if (!u) {
        in->counts[INET_UDP_NO_SOCKET]++;
        icmp_unreachable(in, p, ICMP_BAD_PORT, now);
        return;
    }
    struct ip4_endpoint from = {p->src, d.src_port};
    if (!in->rim.datagram(in->rim.ctx, u, from, d.text))
        in->counts[INET_UDP_NO_ROOM]++;
}
