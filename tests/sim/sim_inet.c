/* SPDX-License-Identifier: ISC */
/* Two whole Internet hosts over a bad link, under one virtual clock: several connections at
 * once, each octet compared, the invariants checked after every event, nothing held at the
 * end.
 *
 *     sim_inet [COUNT [FIRST]]    seeds FIRST.. of each kind */

#include "net/inet/inet.h"
#include "tests/sim/profile.h"
#include "tests/support/test_supply.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define SEC     1000000000ULL
#define CLIENTS 4
#define USERS   (2 * CLIENTS + 16) /* clients, and whom the listener serves, tries included */
#define PORT    80

enum kind { POLITE, STARVED, RUDE, KINDS };

static const char *const KIND_NAMES[KINDS] = {
    "whole_hosts_deliver_every_octet_of_every_connection",
    "whole_hosts_come_through_refused_memory",
    "whole_hosts_keep_nothing_of_those_who_hang_up",
};

struct user {
    struct world *world;
    struct tcp_conn *conn;
    int host;
    uint16_t port;     /* the client's: it tells which two are peers */
    struct user *peer; /* NULL until the other side has accepted */
    bool shut, finished;
    uint64_t total, written, read, acts_at;
    int error;
};

struct host {
    struct world *world;
    int id;
    struct inet *inet;
    struct inet_listener *listener;
    struct supply memory, buffers;
};

struct world {
    struct rng rng, dice;
    enum kind kind;
    uint64_t now;
    struct link link;
    struct host host[2];
    struct user user[USERS];
    unsigned users, refusals;
    bool acceptable;
    char why[200];
};

static const struct ip4 IPS[2] = {{0x0a000001}, {0x0a000002}};

__attribute__((format(printf, 2, 3))) static void fail(struct world *w, const char *fmt, ...)
{
    va_list args;
    if (w->why[0])
        return;
    va_start(args, fmt);
    vsnprintf(w->why, sizeof w->why, fmt, args);
    va_end(args);
}

/* ---- What the hosts stand on -------------------------------------------------- */
static struct world *the_world;

static void *get(struct supply *s, size_t len)
{
    (void)s;
    return calloc(1, len);
}

static void *get_or_not(struct supply *s, size_t len)
{
    (void)s;
    return rng_chance(&the_world->dice, the_world->refusals) ? NULL : dirty_memory(len);
}

static void put(struct supply *s, void *at, size_t len)
{
    (void)s, (void)len;
    free(at);
}

static int send(void *ctx, struct bytes frame)
{
    struct host *h = ctx;
    if (rng_chance(&h->world->dice, 4))
        return -EAGAIN;
    link_send(&h->world->link, !h->id, frame, 0, h->world->now);
    return 0;
}

static void tcp_event(void *ctx, struct tcp_conn *c, unsigned events)
{
    struct user *u = c->owner;
    (void)ctx;
    if (u->conn != c)
        fail(u->world, "an event for a connection that was let go");
    if (events & TCP_EVENT_ENDED)
        u->error = c->error;
    u->acts_at = u->world->now;
}

static void acceptable(void *ctx, struct inet_listener *l)
{
    struct host *h = ctx;
    (void)l;
    h->world->acceptable = true;
}

static bool datagram(void *ctx, struct inet_udp *u, const struct inet_datagram *d)
{
    (void)ctx, (void)u, (void)d;
    return false;
}

static void resolved(void *ctx, struct ip4 hop, bool found)
{
    (void)ctx, (void)hop, (void)found;
}

static uint32_t random_of(void *ctx)
{
    return (uint32_t)rng_next(&((struct host *)ctx)->world->dice);
}

static void host_init(struct world *w, int id)
{
    struct host *h = &w->host[id];
    *h = (struct host){.world = w, .id = id};
    h->memory = (struct supply){.get = get, .put = put, .limit = SIZE_MAX};
    h->buffers = (struct supply){.get = get_or_not, .put = put, .limit = SIZE_MAX};
    struct inet_config cfg = {.mac = {2, 0, 0, 0, 0, (uint8_t)(1 + id)},
                              .mtu = (uint16_t)(576 + rng_below(&w->rng, 925)),
                              .ip = IPS[id],
                              .prefix_len = 24,
                              .hash_key = {rng_next(&w->rng), rng_next(&w->rng)},
                              .memory = &h->memory,
                              .buffers = &h->buffers,
                              .connections_max = 64,
                              .half_open_max = 16,
                              .ecn = rng_chance(&w->dice, 500),
                              .receive_max = 4096U << rng_below(&w->rng, 8),
                              .send_max = 4096U << rng_below(&w->rng, 8)};
    struct inet_rim rim = {.ctx = h,
                           .send = send,
                           .tcp_event = tcp_event,
                           .acceptable = acceptable,
                           .datagram = datagram,
                           .resolved = resolved,
                           .random = random_of};
    if (inet_init(&h->inet, &cfg, &rim, w->now) != 0)
        fail(w, "inet_init");
}

/* ---- Users --------------------------------------------------------------------- */
static struct user *user_new(struct world *w, int host)
{
    struct user *u = &w->user[w->users];
    if (w->users == USERS) {
        fail(w, "more connections than were asked for");
        return NULL;
    }
    w->users++;
    *u = (struct user){.world = w, .host = host, .acts_at = w->now};
    u->total = rng_chance(&w->rng, 100) ? 0 : rng_size(&w->rng, 17);
    return u;
}

static struct inet *inet_of(const struct user *u)
{
    return u->world->host[u->host].inet;
}

static uint8_t octet_of(const struct user *from, uint64_t at)
{
    return (uint8_t)((at + 1) * 2654435761U >> (12 + from->host + from->port % 8));
}

static void let_go(struct user *u, bool abort)
{
    u->finished = true;
    u->acts_at = UINT64_MAX;
    if (abort)
        inet_tcp_abort(inet_of(u), &u->conn, u->world->now);
    else
        inet_tcp_close(inet_of(u), &u->conn, u->world->now);
    if (u->conn)
        fail(u->world, "close leaves the pointer");
}

static void open_connection(struct user *u)
{
    struct ip4_endpoint to = {IPS[!u->host], PORT};
    if (inet_connect(inet_of(u), to, u, u->world->now, &u->conn) != 0) {
        fail(u->world, "inet_connect");
        return;
    }
    u->port = inet_tcp_local(u->conn).port;
}

static void accept_all(struct world *w)
{
    struct host *h = &w->host[1];
    struct tcp_conn *c;
    w->acceptable = false;
    while (!w->why[0] && (c = inet_accept(h->inet, h->listener, NULL)) != NULL) {
        struct user *u = user_new(w, 1);
        if (!u)
            return;
        c->owner = u;
        u->conn = c;
        u->port = inet_tcp_peer(c).port;
        for (unsigned i = 0; i < w->users && !u->peer; i++)
            if (w->user[i].host == 0 && w->user[i].port == u->port)
                u->peer = &w->user[i];
        if (u->peer)
            u->peer->peer = u;
        else
            fail(w, "a connection from nowhere");
    }
}

static void read_some(struct user *u)
{
    static uint8_t buf[1 << 17];
    struct world *w = u->world;
    size_t n = inet_tcp_read(inet_of(u), u->conn, buf, rng_size(&w->rng, 17), w->now);
    for (size_t i = 0; i < n && u->peer; i++)
        if (buf[i] != octet_of(u->peer, u->read + i)) {
            fail(w, "a wrong octet at %llu", (unsigned long long)(u->read + i));
            return;
        }
    u->read += n;
    if (n > 0 && (!u->peer || u->read > u->peer->written))
        fail(w, "more is read than was written");
}

static void write_some(struct user *u)
{
    static uint8_t buf[1 << 16];
    struct world *w = u->world;
    size_t n = rng_size(&w->rng, 16);
    n = n < u->total - u->written ? n : u->total - u->written;
    for (size_t i = 0; i < n; i++)
        buf[i] = octet_of(u, u->written + i);
    u->written += inet_tcp_write(inet_of(u), u->conn, bytes_of(buf, n), w->now);
}

/* An open that came to nothing: no answer to ARP. It is tried again. */
static bool opens_again(struct user *u)
{
    if (u->host != 0 || u->peer || u->conn->state != TCP_CLOSED || u->world->kind == RUDE)
        return false;
    inet_tcp_close(inet_of(u), &u->conn, u->world->now);
    u->written = u->read = 0;
    u->shut = false;
    open_connection(u);
    return true;
}

static void act(struct user *u)
{
    struct world *w = u->world;
    u->acts_at = w->now + rng_size(&w->rng, rng_chance(&w->rng, 900) ? 22 : 33);
    if (!u->conn) {
        open_connection(u);
        return;
    }
    if (opens_again(u))
        return;
    if (rng_chance(&w->rng, 700))
        read_some(u);
    if (u->written < u->total)
        write_some(u);
    if (u->written == u->total && !u->shut && rng_chance(&w->rng, 500)) {
        u->shut = true;
        inet_tcp_shutdown(inet_of(u), u->conn, w->now);
    }
    if (w->kind == RUDE && rng_chance(&w->rng, 10)) {
        let_go(u, rng_chance(&w->rng, 300));
        return;
    }
    bool closed = u->conn->state == TCP_CLOSED;
    if (closed && u->conn->error && w->kind != RUDE)
        fail(w, "the connection of port %u ended with %d", u->port, u->conn->error);
    if ((u->shut && tcp_at_end(u->conn)) || (closed && tcp_readable(u->conn) == 0))
        let_go(u, false);
}

/* ---- The clock -------------------------------------------------------------------- */
static void earliest(uint64_t *best, int *which, uint64_t at, int id)
{
    if (at < *best) {
        *best = at;
        *which = id;
    }
}

static void frame_arrives(struct world *w)
{
    struct link_packet p = link_take(&w->link);
    uint8_t *exact = malloc(p.len);
    if (!exact)
        abort();
    memcpy(exact, p.octets, p.len);
    free(p.octets);
    inet_receive(w->host[p.to].inet, bytes_of(exact, p.len), w->now);
    free(exact);
}

static void settle(struct world *w)
{
    if (w->acceptable)
        accept_all(w);
    for (int i = 0; i < 2; i++) {
        inet_flush(w->host[i].inet, w->now);
        inet_check(w->host[i].inet);
    }
}

static bool turn(struct world *w, uint64_t end)
{
    uint64_t at = end;
    int which = -1;
    earliest(&at, &which, link_next(&w->link), 0);
    for (int i = 0; i < 2; i++)
        earliest(&at, &which, inet_next(w->host[i].inet), 1 + i);
    for (unsigned i = 0; i < w->users; i++)
        earliest(&at, &which, w->user[i].acts_at, 3 + (int)i);
    if (which < 0)
        return false;
    w->now = at > w->now ? at : w->now;
    if (which == 0)
        frame_arrives(w);
    else if (which <= 2)
        inet_expire(w->host[which - 1].inet, w->now);
    else
        act(&w->user[which - 3]);
    settle(w);
    return true;
}

static bool all_finished(const struct world *w)
{
    for (unsigned i = 0; i < w->users; i++)
        if (!w->user[i].finished)
            return false;
    return true;
}

static void verdict(struct world *w)
{
    for (unsigned i = 0; i < w->users; i++) {
        struct user *u = &w->user[i];
        if (!u->finished)
            fail(w, "user %u of host %d has not finished", i, u->host);
        else if (w->kind != RUDE && (!u->peer || u->read != u->peer->total))
            fail(w, "user %u of host %d read %llu octets", i, u->host,
                 (unsigned long long)u->read);
    }
    for (int i = 0; i < 2; i++)
        if (w->host[i].buffers.used != 0)
            fail(w, "host %d holds %zu octets of buffers", i, w->host[i].buffers.used);
}

static void hosts_end(struct world *w)
{
    for (int i = 0; i < 2; i++) {
        struct host *h = &w->host[i];
        if (h->listener)
            inet_unlisten(h->inet, &h->listener, w->now);
        inet_end(&h->inet, w->now);
        if (h->memory.used != 0 || h->buffers.used != 0)
            fail(w, "host %d keeps memory when it has ended", i);
    }
    link_end(&w->link);
}

static void simulate(struct world *w)
{
    uint64_t end = w->now + 8 * 3600 * SEC, turns = 0;
    while (!w->why[0] && !all_finished(w) && turn(w, end))
        if (++turns > 5000000)
            fail(w, "no end after %llu turns", (unsigned long long)turns);
    /* What goes on by itself has its own bounds. */
    end = w->now + 700 * SEC;
    while (!w->why[0] && turn(w, end))
        if (++turns > 5000000)
            fail(w, "no rest after %llu turns", (unsigned long long)turns);
    if (!w->why[0])
        verdict(w);
}

static bool run(enum kind kind, uint64_t seed)
{
    static struct world w;
    w = (struct world){.kind = kind, .now = 1000 * SEC};
    the_world = &w;
    w.rng.s = seed * 8 + kind;
    w.dice.s = ~w.rng.s;
    w.refusals = kind == STARVED ? 20 + (unsigned)rng_below(&w.rng, 200) : 0;
    w.link = profile_of(&w.rng, kind == RUDE ? 300 : 100, w.now);
    w.link.frames = true;
    w.link.sound = 34; /* a frame has a check sequence, which no frame here has */
    host_init(&w, 0);
    host_init(&w, 1);
    if (inet_listen(w.host[1].inet, PORT, 16, NULL, &w.host[1].listener) != 0)
        fail(&w, "inet_listen");
    for (uint64_t n = 1 + rng_below(&w.rng, CLIENTS); n > 0; n--)
        user_new(&w, 0);
    simulate(&w);
    hosts_end(&w);
    if (w.why[0])
        printf("# seed %llu of kind %d, at %.3f s: %s\n", (unsigned long long)seed, kind,
               (double)w.now / 1e9, w.why);
    return !w.why[0];
}

int main(int argc, char **argv)
{
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 200;
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    int bad = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (enum kind k = 0; k < KINDS; k++) {
        unsigned failed = 0;
        for (uint64_t seed = first; seed < first + count && failed < 5; seed++)
            failed += !run(k, seed);
        printf("%s %s\n", failed ? "not ok" : "ok", KIND_NAMES[k]);
        bad |= failed > 0;
    }
    return bad;
}
