/* SPDX-License-Identifier: ISC */
#include "net/inet/state.h"

#include "base/check.h"

/* What a number is for: a peer that learns one kind must not learn the other. */
enum purpose { FOR_TABLE = 1, FOR_ISN = 2, FOR_STAMPS = 3 };

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

static struct tcp_conn *conn_of(struct list *link)
{
    return container_of(link, struct tcp_conn, hash);
}

static struct list *bucket(const struct inet *in, struct ip4_endpoint local,
                           struct ip4_endpoint peer)
{
    return &in->table[keyed(in, FOR_TABLE, local, peer) & (in->table_len - 1)];
}

static struct list *new_table(struct inet *in, uint32_t len)
{
    struct list *table = supply_get(in->cfg.memory, len * sizeof *table);
    for (uint32_t i = 0; table && i < len; i++)
        list_init(&table[i]);
    return table;
}

bool table_init(struct inet *in)
{
    in->table = new_table(in, INET_TABLE_MIN);
    in->table_len = in->table ? INET_TABLE_MIN : 0;
    return in->table;
}

void table_end(struct inet *in)
{
    check(in->in_table == 0);
    supply_put(in->cfg.memory, in->table, in->table_len * sizeof *in->table);
    in->table = NULL;
    in->table_len = 0;
}

static void file(struct inet *in, struct tcp_conn *c)
{
    list_push(bucket(in, c->local, c->peer), &c->hash);
}

static void grow(struct inet *in)
{
    struct list *old = in->table;
    uint32_t old_len = in->table_len;
    struct list *table = new_table(in, old_len * 2);
    if (!table)
        return;
    in->table = table;
    in->table_len = old_len * 2;
    for (uint32_t i = 0; i < old_len; i++)
        for (struct list *l; (l = list_pop(&old[i]));)
            file(in, conn_of(l));
    supply_put(in->cfg.memory, old, old_len * sizeof *old);
}

struct tcp_conn *table_find(const struct inet *in, struct ip4_endpoint local,
                            struct ip4_endpoint peer)
{
    struct list *head = bucket(in, local, peer);
    list_each(l, head) {
        struct tcp_conn *c = conn_of(l);
        if (endpoint_equal(c->peer, peer) && endpoint_equal(c->local, local))
            return c;
    }
    return NULL;
}

void table_add(struct inet *in, struct tcp_conn *c)
{
    if (in->in_table >= in->table_len)
        grow(in);
    file(in, c);
    in->in_table++;
}

void table_remove(struct inet *in, struct tcp_conn *c)
{
    if (list_empty(&c->hash))
        return;
    list_remove(&c->hash);
    in->in_table--;
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

uint16_t table_ephemeral_port(struct inet *in, struct ip4 local, struct ip4_endpoint peer)
{
    uint32_t ports = UINT16_MAX + 1U - INET_EPHEMERAL_MIN;
    uint32_t first = in->rim.random(in->rim.ctx);
    for (uint32_t i = 0; i < ports; i++) {
        uint16_t port = (uint16_t)(INET_EPHEMERAL_MIN + (first + i) % ports);
        if (!table_find(in, (struct ip4_endpoint){local, port}, peer) &&
            !listener_has(in, port))
            return port;
    }
    return 0;
}
