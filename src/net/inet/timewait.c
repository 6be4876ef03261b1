/* SPDX-License-Identifier: ISC */
/* Connections in TIME-WAIT that nobody holds: only what the protocol still needs of each. For a
 * segment that arrives the connection is made anew for the time of the call, so there is one
 * state machine, not two. All last equally long, so the oldest is the first to end. */
#include "net/inet/state.h"

#include "base/check.h"

struct wait {
    struct hash_link hash;
    struct list order; /* in in->waits: the oldest first */
    struct inet_ends ends;
    struct tcp_rest rest;
};

static struct wait *first_of(const struct inet *in)
{
    return list_empty(&in->waits) ? NULL : container_of(in->waits.next, struct wait, order);
}

static void set_timer(struct inet *in)
{
    const struct wait *first = first_of(in);
    uint64_t at = first ? first->rest.until : WHEEL_NEVER;
    if (in->waits_timer.at != at)
        timer_set(&in->wheel, &in->waits_timer, at);
}

static void forget(struct inet *in, struct wait *w)
{
    list_remove(&w->order);
    hash_remove(&in->waits_table, &w->hash);
    pool_put(&in->waits_pool, w);
}

void waits_init(struct inet *in)
{
    list_init(&in->waits);
    timer_init(&in->waits_timer);
    pool_init(&in->waits_pool, in->cfg.memory, sizeof(struct wait), in->cfg.time_wait_max);
}

void waits_forget_all(struct inet *in)
{
    for (struct wait *w; (w = first_of(in)) != NULL;)
        forget(in, w);
}

void waits_end(struct inet *in)
{
    waits_forget_all(in);
    pool_end(&in->waits_pool);
    if (in->waits_table.chain)
        hash_end(&in->waits_table);
}

static struct wait *find(const struct inet *in, const struct inet_ends *ends)
{
    uint32_t key = table_key(in, ends->local, ends->peer);
    struct hash_link *l = hash_find(&in->waits_table, key);
    for (; l; l = hash_find_next(&in->waits_table, l)) {
        struct wait *w = container_of(l, struct wait, hash);
        if (endpoint_equal(w->ends.peer, ends->peer) &&
            endpoint_equal(w->ends.local, ends->local))
            return w;
    }
    return NULL;
}

bool waits_have(const struct inet *in, const struct inet_ends *ends)
{
    return find(in, ends) != NULL;
}

/* The oldest gives way to a new one. */
static struct wait *wait_new(struct inet *in)
{
    struct wait *w = pool_get(&in->waits_pool);
    if (w || list_empty(&in->waits))
        return w;
    in->counts[INET_TCP_TIME_WAIT_EVICTED]++;
    forget(in, first_of(in));
    return pool_get(&in->waits_pool);
}

/* One that its owner held for a while may have to wait a little longer, so that all stay in
 * the order of their time. */
static void put_last(struct inet *in, struct wait *w)
{
    if (!list_empty(&in->waits)) {
        const struct wait *last = container_of(in->waits.prev, struct wait, order);
        if (w->rest.until < last->rest.until)
            w->rest.until = last->rest.until;
    }
    list_push(&in->waits, &w->order);
}

void waits_add(struct inet *in, const struct tcp_conn *c)
{
    struct wait *w = wait_new(in);
    if (!w) {
        in->counts[INET_TCP_TIME_WAIT_EVICTED]++;
        return;
    }
    w->ends = (struct inet_ends){c->local, c->peer};
    tcp_rest_of(c, &w->rest);
    hash_add(&in->waits_table, &w->hash, table_key(in, c->local, c->peer));
    list_init(&w->order);
    put_last(in, w);
    set_timer(in);
}

/* What it has to say is said now or, when there is no next hop or the device is full, not at
 * all: the peer asks again. */
static void answer(struct inet *in, struct tcp_conn *c, uint64_t now)
{
    struct eth_addr to;
    struct tcp_segment seg;
    if (!tcp_wants_to_send(c, now) || send_next_hop(in, c->peer.ip, now, &to) != 0)
        return;
    if (tcp_next_segment(c, now, &seg))
        send_segment(in, &to, c, &seg);
}

enum waits_verdict waits_arrives(struct inet *in, const struct inet_ends *ends,
                                 const struct tcp_segment *seg, uint64_t now, struct seq *iss)
{
    struct wait *w = find(in, ends);
    if (!w)
        return WAITS_NOT;
    struct tcp_conn c = {0};
    struct tcp_out out = {0};
    tcp_rest_wake(&w->rest, &in->tcp, &c);
    c.local = ends->local;
    c.peer = ends->peer;
    if (tcp_may_reuse(&c, seg) && listener_find(in, ends->local)) {
        *iss = tcp_reuse_iss(&c, table_isn(in, ends->local, ends->peer, now));
        forget(in, w);
        set_timer(in);
        return WAITS_REUSED;
    }
    tcp_arrives(&c, seg, now, &out);
    answer(in, &c, now);
    bool anew = c.at[TCP_TIMER_LIFE] != w->rest.until;
    tcp_rest_of(&c, &w->rest);
    if (anew) {
        list_remove(&w->order);
        put_last(in, w);
        set_timer(in);
    }
    return WAITS_TAKEN;
}

void waits_expire(struct inet *in, uint64_t now)
{
    for (struct wait *w; (w = first_of(in)) != NULL && w->rest.until <= now;)
        forget(in, w);
    set_timer(in);
}

void waits_check(const struct inet *in)
{
    size_t n = 0;
    uint64_t before = 0;
    list_each(e, &in->waits) {
        const struct wait *w = container_of(e, struct wait, order);
        check(find(in, &w->ends) == w && !table_find(in, w->ends.local, w->ends.peer));
        check(before <= w->rest.until);
        before = w->rest.until;
        n++;
    }
    check(n == in->waits_pool.live && n == in->waits_table.count);
    check(in->waits_timer.at == (n > 0 ? first_of(in)->rest.until : WHEEL_NEVER));
}
