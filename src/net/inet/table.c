/* SPDX-License-Identifier: ISC */
#include "net/inet/state.h"

/* What a number is for: a peer that learns one kind must not learn the other. */
enum purpose { FOR_TABLE = 1, FOR_ISN = 2, FOR_STAMPS = 3, FOR_ID = 4 };

static uint64_t keyed(const struct inet *in, enum purpose purpose, struct ip4_endpoint local,
                      struct ip4_endpoint peer)
{
    uint8_t octets[13];
    struct writer w = writer_of(octets, sizeof octets);
    write_u32(&w, peer.ip.n);
    write_u16(&w, peer.port);
    write_u16(&w, local.port);
    write_u32(&w, local.ip.n);
    write_u8(&w, (uint8_t)purpose);
    return siphash(&in->cfg.hash_key, bytes_of(octets, sizeof octets));
}

uint32_t table_key(const struct inet *in, struct ip4_endpoint local, struct ip4_endpoint peer)
{
    return (uint32_t)keyed(in, FOR_TABLE, local, peer);
}

struct tcp_conn *table_find(const struct inet *in, struct ip4_endpoint local,
                            struct ip4_endpoint peer)
{
    struct hash_link *l = hash_find(&in->table, table_key(in, local, peer));
    for (; l; l = hash_find_next(&in->table, l)) {
        struct tcp_conn *c = container_of(l, struct tcp_conn, hash);
        if (endpoint_equal(c->peer, peer) && endpoint_equal(c->local, local))
            return c;
    }
    return NULL;
}

void table_add(struct inet *in, struct tcp_conn *c)
{
    hash_add(&in->table, &c->hash, table_key(in, c->local, c->peer));
}

struct seq table_isn(const struct inet *in, struct ip4_endpoint local, struct ip4_endpoint peer,
                     uint64_t now)
{
    uint64_t isn = now / INET_ISN_TICK_NS + keyed(in, FOR_ISN, local, peer);
    return (struct seq){(uint32_t)isn};
}

uint32_t table_ts_offset(const struct inet *in, struct ip4_endpoint local,
                         struct ip4_endpoint peer)
{
    return (uint32_t)keyed(in, FOR_STAMPS, local, peer);
}

uint16_t table_next_id(struct inet *in, struct ip4 src, struct ip4 dst, uint8_t protocol)
{
    uint64_t hash =
        keyed(in, FOR_ID, (struct ip4_endpoint){src, protocol}, (struct ip4_endpoint){dst, 0});
    return (uint16_t)((hash >> 32) + in->ids[hash % INET_ID_BUCKETS]++);
}

uint16_t table_ephemeral_port(struct inet *in, struct ip4 local, struct ip4_endpoint peer)
{
    uint32_t ports = UINT16_MAX + 1U - INET_EPHEMERAL_MIN;
    uint32_t first = in->rim.random(in->rim.ctx);
    for (uint32_t i = 0; i < ports; i++) {
        uint16_t port = (uint16_t)(INET_EPHEMERAL_MIN + (first + i) % ports);
        const struct inet_ends ends = {{local, port}, peer};
        if (!table_find(in, ends.local, peer) && !waits_have(in, &ends) &&
            !listener_has(in, port))
            return port;
    }
    return 0;
}
