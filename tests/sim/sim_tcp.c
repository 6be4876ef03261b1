/* SPDX-License-Identifier: ISC */
/* Two TCP cores over a bad link, under one virtual clock.
 *
 *     sim_tcp [COUNT [FIRST [KIND]]]    seeds FIRST.. of each kind, or of one (0..3);
 *                                       TRACE=1 prints every segment, STATS=1 all counts
 *
 * Every octet that is read is compared with what was written; the invariants are checked
 * after every event; all must end within a bound of virtual time with no memory held. */

#include "net/tcp/conn.h"
#include "tests/sim/profile.h"
#include "tests/support/test_supply.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define MS  1000000ULL
#define SEC 1000000000ULL

enum kind {
    POLITE,   /* both write all, shut down, read all: all must arrive */
    STARVED,  /* the same, while memory is refused now and then */
    ATTACKED, /* the same, while somebody guesses segments */
    RUDE,     /* closes and aborts at any time: what arrives is a beginning of what was sent */
    KINDS
};

static const char *const KIND_NAMES[KINDS] = {
    "all_octets_arrive_whatever_the_link_does", "refused_memory_delays_but_does_no_harm",
    "guessed_segments_do_no_harm", "whoever_hangs_up_leaves_nothing_behind"};

struct world;

struct host {
    struct world *world;
    int id;
    struct tcp_shared shared;
    struct supply memory;
    struct tcp_conn conn;
    bool exists, freed, let_go, shut, device_full;
    uint64_t total, written, read;
    uint64_t acts_at, device_at;
};

struct world {
    struct rng rng, dice; /* `dice` for what happens inside callbacks */
    enum kind kind;
    uint64_t seed, now;
    struct link link;
    struct host host[2];
    bool trace;
    unsigned refusals;        /* of 1000 requests for memory */
    bool no_stamps, no_sacks; /* somebody on the way takes the offer out of SYNs */
    uint64_t attack_at;
    unsigned attacks; /* left to come */
    char why[200];
};

static void *get(struct supply *s, size_t len)
{
    struct host *h = (struct host *)(void *)((char *)s - offsetof(struct host, memory));
    if (rng_chance(&h->world->dice, h->world->refusals))
        return NULL;
    return dirty_memory(len);
}

static void put(struct supply *s, void *at, size_t len)
{
    (void)s, (void)len;
    free(at);
}

static uint32_t random_of(void *ctx)
{
    struct host *h = ctx;
    return (uint32_t)rng_next(&h->world->dice);
}

__attribute__((format(printf, 2, 3))) static void fail(struct world *w, const char *fmt, ...)
{
    va_list args;
    if (w->why[0])
        return;
    va_start(args, fmt);
    vsnprintf(w->why, sizeof w->why, fmt, args);
    va_end(args);
}

static uint8_t octet_of(const struct host *from, uint64_t at)
{
    return (uint8_t)((at + 1) * 2654435761U >> (16 + from->id));
}

static void trace(const struct world *w, const char *what, int id, const struct tcp_segment *s,
                  size_t len)
{
    if (!w->trace)
        return;
    printf("# %12.6f %s %d: %s%s%s%s%s %u(%zu) ack %u win %u  [state %d una %u nxt %u wnd %u "
           "cwnd %u rcv %u]\n",
           (double)w->now / 1e9, what, id, s->flags & TCP_SYN ? "S" : "",
           s->flags & TCP_FIN ? "F" : "", s->flags & TCP_RST ? "R" : "",
           s->flags & TCP_PSH ? "P" : "", s->flags & TCP_ACK ? "." : "", s->seq.n, len,
           s->ack.n, s->window, w->host[id].conn.state, w->host[id].conn.snd_una.n,
           w->host[id].conn.snd_nxt.n, w->host[id].conn.snd_wnd, w->host[id].conn.cwnd,
           w->host[id].conn.rcv_nxt.n);
}

static const struct ip4 IPS[2] = {{0x0a000001}, {0x0a000002}};

static void transmit_one(struct host *h, struct tcp_segment *seg)
{
    uint8_t wire[2048];
    struct world *w = h->world;
    struct writer out = writer_of(wire, sizeof wire);
    seg->src_port = (uint16_t)(1000 + h->id);
    seg->dst_port = (uint16_t)(1001 - h->id);
    if (seg->flags & TCP_SYN) {
        seg->has_ts &= !w->no_stamps;
        seg->sack_permitted &= !w->no_sacks;
    }
    trace(w, "sends", h->id, seg, seg->text_len);
    tcp_print(&out, seg, &h->conn.out, IPS[h->id], IPS[!h->id]);
    link_send(&w->link, !h->id, bytes_of(wire, writer_len(&out)), seg->ecn, w->now);
}

/* As a device cuts up a super-frame. */
static void transmit(struct host *h, const struct tcp_segment *seg)
{
    uint32_t step = seg->segment_len ? seg->segment_len : seg->text_len;
    for (uint32_t at = 0; at == 0 || at < seg->text_len; at += step ? step : 1) {
        struct tcp_segment one = *seg;
        one.seq = seq_add(seg->seq, at);
        one.text_at += at;
        one.text_len = seg->text_len - at < step ? seg->text_len - at : step;
        one.segment_len = 0;
        if (at + one.text_len < seg->text_len)
            one.flags &= (uint8_t) ~(TCP_FIN | TCP_PSH);
        if (at > 0)
            one.flags &= (uint8_t)~TCP_CWR;
        transmit_one(h, &one);
    }
}

static void flush(struct host *h)
{
    struct tcp_segment seg;
    for (unsigned n = 0; h->exists && !h->device_full; n++) {
        bool wants = tcp_wants_to_send(&h->conn, h->world->now);
        if (wants != tcp_next_segment(&h->conn, h->world->now, &seg))
            fail(h->world, "tcp_wants_to_send is not what tcp_next_segment does");
        tcp_check(&h->conn);
        if (!wants)
            return;
        if (n > 5000) {
            fail(h->world, "never stops sending");
            return;
        }
        if (rng_chance(&h->world->rng, 4)) {
            tcp_unsent(&h->conn, &seg, h->world->now);
            tcp_check(&h->conn);
            h->device_full = true;
            h->device_at = h->world->now + rng_size(&h->world->rng, 22);
        } else {
            transmit(h, &seg);
        }
    }
}

static void handle(struct host *h, const struct tcp_out *out)
{
    if (out->events & TCP_EVENT_FREE) {
        if (!h->let_go)
            fail(h->world, "host %d is told to free what its user has", h->id);
        flush(h);
        h->device_full = false;
        flush(h);
        tcp_free(&h->conn);
        h->exists = false;
        h->freed = true;
    }
}

static void let_go(struct host *h, bool abort)
{
    struct tcp_out out = {0};
    h->let_go = true;
    h->acts_at = UINT64_MAX;
    if (abort)
        tcp_abort(&h->conn, &out);
    else
        tcp_close(&h->conn, h->world->now, &out);
    tcp_check(&h->conn);
    handle(h, &out);
}

static void read_some(struct host *h)
{
    static uint8_t buf[1 << 17];
    struct host *from = &h->world->host[!h->id];
    size_t n = tcp_read(&h->conn, buf, rng_size(&h->world->rng, 17), h->world->now);
    for (size_t i = 0; i < n; i++)
        if (buf[i] != octet_of(from, h->read + i)) {
            fail(h->world, "host %d reads a wrong octet at %llu", h->id,
                 (unsigned long long)(h->read + i));
            return;
        }
    h->read += n;
    if (h->read > from->written)
        fail(h->world, "host %d reads more than was written", h->id);
}

static void write_some(struct host *h)
{
    static uint8_t buf[1 << 16];
    size_t n = rng_size(&h->world->rng, 16);
    n = n < h->total - h->written ? n : h->total - h->written;
    for (size_t i = 0; i < n; i++)
        buf[i] = octet_of(h, h->written + i);
    h->written += tcp_write(&h->conn, bytes_of(buf, n), h->world->now);
}

/* The user's turn: in a random order, as much as it likes. */
static void act(struct host *h)
{
    struct world *w = h->world;
    h->acts_at = w->now + rng_size(&w->rng, rng_chance(&w->rng, 900) ? 22 : 33);
    if (rng_chance(&w->rng, 700))
        read_some(h);
    tcp_check(&h->conn);
    if (h->written < h->total)
        write_some(h);
    tcp_check(&h->conn);
    if (h->written == h->total && !h->shut && rng_chance(&w->rng, 500)) {
        h->shut = true;
        tcp_shutdown(&h->conn, w->now);
        tcp_check(&h->conn);
    }
    if (w->kind == RUDE && rng_chance(&w->rng, 10)) {
        let_go(h, rng_chance(&w->rng, 300));
        return;
    }
    if (h->conn.state == TCP_CLOSED && h->conn.error && w->kind != RUDE)
        fail(w, "host %d ended with %d", h->id, h->conn.error);
    bool done = h->shut && tcp_at_end(&h->conn);
    if (done || (h->conn.state == TCP_CLOSED && tcp_readable(&h->conn) == 0))
        let_go(h, false);
}

static void likes(struct host *h)
{
    tcp_set_nodelay(&h->conn, rng_chance(&h->world->rng, 300));
    if (rng_chance(&h->world->rng, 300))
        tcp_set_keepalive(&h->conn, 5 * SEC + rng_size(&h->world->rng, 36), h->world->now);
}

static void accept_at(struct host *h, const struct tcp_segment *syn)
{
    struct tcp_open open = {.iss = {(uint32_t)rng_next(&h->world->rng)},
                            .mss = (uint16_t)(100 + rng_below(&h->world->rng, 1361)),
                            .ts_offset = (uint32_t)rng_next(&h->world->dice)};
    h->exists = true;
    tcp_accept(&h->conn, &h->shared, &open, syn, h->world->now);
    h->acts_at = h->world->now;
    likes(h);
}

static void nobody(struct host *h, const struct tcp_segment *seg)
{
    struct tcp_segment reply;
    if (tcp_reset_for(seg, &reply))
        transmit(h, &reply);
}

static void segment_for(struct host *h, const struct tcp_segment *seg)
{
    struct tcp_out out = {0};
    trace(h->world, "gets ", h->id, seg, seg->text.len);
    if (!h->exists && !h->freed && h->id == 1 &&
        (seg->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN) {
        accept_at(h, seg);
        return;
    }
    if (!h->exists) {
        nobody(h, seg);
        return;
    }
    tcp_arrives(&h->conn, seg, h->world->now, &out);
    tcp_check(&h->conn);
    if (h->id == 1 && h->conn.state == TCP_CLOSED && h->conn.passive && h->read == 0 &&
        h->written == 0 && h->conn.error == -ECONNREFUSED) {
        /* A handshake that came to nothing goes back to the listener. */
        tcp_free(&h->conn);
        h->exists = false;
        h->acts_at = UINT64_MAX;
        return;
    }
    handle(h, &out);
    if (out.events & (TCP_EVENT_READABLE | TCP_EVENT_WRITABLE) && !h->let_go &&
        rng_chance(&h->world->rng, 500))
        h->acts_at = h->world->now;
}

static void packet_arrives(struct world *w)
{
    struct link_packet p = link_take(&w->link);
    struct tcp_segment seg;
    w->now = p.at;
    uint8_t *exact = malloc(p.len);
    if (!exact)
        abort();
    memcpy(exact, p.octets, p.len);
    free(p.octets);
    if (tcp_parse(bytes_of(exact, p.len), IPS[!p.to], IPS[p.to], &seg) == TCP_OK) {
        seg.ecn = p.ecn;
        segment_for(&w->host[p.to], &seg);
    }
    free(exact);
}

static void time_comes(struct host *h)
{
    struct tcp_out out = {0};
    tcp_expires(&h->conn, h->world->now, &out);
    tcp_check(&h->conn);
    handle(h, &out);
}

/* One who sees nothing: numbers at random, or, luckier than is likely, a sequence number in
 * the window but not its start, with an acknowledgement that cannot be. */
static void attack(struct world *w)
{
    static const uint8_t junk[1400];
    struct host *h = &w->host[rng_below(&w->rng, 2)];
    struct tcp_segment seg = {.src_port = (uint16_t)(1001 - h->id),
                              .dst_port = (uint16_t)(1000 + h->id),
                              .flags = (uint8_t)rng_next(&w->rng),
                              .window = (uint16_t)rng_next(&w->rng)};
    w->attack_at = --w->attacks ? w->now + rng_size(&w->rng, 26) : UINT64_MAX;
    if (!h->exists || h->conn.state == TCP_SYN_SENT || h->conn.state == TCP_SYN_RECEIVED)
        return;
    seg.seq.n = (uint32_t)rng_next(&w->rng);
    seg.ack.n = h->conn.snd_una.n + (1U << 30) + (uint32_t)rng_below(&w->rng, 1U << 31);
    uint32_t wnd = (uint32_t)seq_diff(h->conn.rcv_adv, h->conn.rcv_nxt);
    if (wnd > 1 && rng_chance(&w->rng, 700))
        seg.seq = seq_add(h->conn.rcv_nxt, 1 + (uint32_t)rng_below(&w->rng, wnd - 1));
    seg.has_ts = h->conn.stamped && rng_chance(&w->rng, 700);
    seg.ts_val = h->conn.ts_recent + (uint32_t)rng_below(&w->rng, 1000);
    seg.text = bytes_of(junk, rng_chance(&w->rng, 500) ? rng_below(&w->rng, sizeof junk) : 0);
    segment_for(h, &seg);
}

/* ---- The clock --------------------------------------------------------------- */
static void earliest(uint64_t *best, int *which, uint64_t at, int id)
{
    if (at < *best) {
        *best = at;
        *which = id;
    }
}

static bool turn(struct world *w)
{
    uint64_t at = UINT64_MAX;
    int which = -1;
    earliest(&at, &which, link_next(&w->link), 0);
    for (int i = 0; i < 2; i++) {
        struct host *h = &w->host[i];
        if (!h->exists)
            continue;
        earliest(&at, &which, tcp_deadline(&h->conn), 1 + i);
        earliest(&at, &which, h->acts_at, 3 + i);
        if (h->device_full)
            earliest(&at, &which, h->device_at, 5 + i);
    }
    if (which < 0)
        return false;
    if (w->kind == ATTACKED)
        earliest(&at, &which, w->attack_at, 7);
    if (which == 0) {
        packet_arrives(w);
    } else {
        w->now = at > w->now ? at : w->now;
        struct host *h = &w->host[!(which & 1)];
        if (which <= 2)
            time_comes(h);
        else if (which <= 4)
            act(h);
        else if (which <= 6)
            h->device_full = false;
        else
            attack(w);
    }
    flush(&w->host[0]);
    flush(&w->host[1]);
    return true;
}

static void host_init(struct world *w, int id)
{
    struct host *h = &w->host[id];
    *h = (struct host){.world = w, .id = id, .acts_at = UINT64_MAX};
    h->memory = (struct supply){.get = get, .put = put, .limit = SIZE_MAX};
    h->shared = (struct tcp_shared){.buffers = &h->memory,
                                    .receive_max = 4096U << rng_below(&w->rng, 8),
                                    .send_max = 4096U << rng_below(&w->rng, 8),
                                    .ecn = rng_chance(&w->dice, 500),
                                    .random = random_of,
                                    .random_ctx = h};
    if (rng_chance(&w->dice, 300))
        h->shared.super_max = 2000U << rng_below(&w->dice, 6);
    h->total = rng_chance(&w->rng, 100) ? 0 : rng_size(&w->rng, 18);
}

static void verdict(struct world *w)
{
    for (int i = 0; i < 2; i++) {
        struct host *h = &w->host[i];
        if (h->exists && !h->freed)
            fail(w, "host %d is still there, in state %d", i, h->conn.state);
        if (h->memory.used != 0)
            fail(w, "host %d still holds %zu octets", i, h->memory.used);
        if (w->kind != RUDE && h->read != w->host[!i].total)
            fail(w, "host %d read %llu of %llu octets", i, (unsigned long long)h->read,
                 (unsigned long long)w->host[!i].total);
    }
}

/* What the seeds have led to, summed: whether they are any good (STATS=1). */
static struct tcp_counts totals;

static void add_up(const struct world *w)
{
    uint64_t *to = (uint64_t *)&totals;
    for (int i = 0; i < 2; i++) {
        const uint64_t *from = (const uint64_t *)&w->host[i].shared.counts;
        for (size_t n = 0; n < sizeof totals / sizeof *to; n++)
            to[n] += from[n];
    }
}

static void print_totals(void)
{
    static const char *const names[] = {
        "segments_in",      "segments_out",      "text_in",           "text_out",
        "not_acceptable",   "challenge_acks",    "challenge_limited", "resets_in",
        "resets_out",       "retransmits",       "fast_retransmits",  "timeouts",
        "keepalive_probes", "window_probes",     "out_of_order",      "out_of_order_dropped",
        "duplicates",       "no_memory",         "old_acks",          "early_acks",
        "text_after_end",   "growths",           "growth_refused",    "black_holes",
        "path_probes",      "marks_in",          "echoes_in",         "sacks_ignored",
        "sacks_reneged",    "recoveries_undone", "tail_probes",       "tail_losses",
        "without_ack",      "without_syn",       "resets_ignored",    "old_timestamps",
        "without_timestamp"};
    _Static_assert(sizeof names / sizeof names[0] == sizeof totals / sizeof(uint64_t),
                   "every count has a name");
    const uint64_t *from = (const uint64_t *)&totals;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        printf("# %-22s %llu\n", names[i], (unsigned long long)from[i]);
    totals = (struct tcp_counts){0};
}

static bool run(enum kind kind, uint64_t seed)
{
    static struct world w;
    w = (struct world){.kind = kind, .seed = seed, .trace = getenv("TRACE") != NULL};
    w.rng.s = seed * 8 + kind;
    w.dice.s = ~w.rng.s;
    w.refusals = kind == STARVED ? 20 + (unsigned)rng_below(&w.rng, 180) : 0;
    w.link = profile_of(&w.rng, kind == RUDE ? 300 : 120, w.now);
    host_init(&w, 0);
    host_init(&w, 1);
    w.no_stamps = rng_chance(&w.dice, 300);
    w.no_sacks = rng_chance(&w.dice, 300);
    w.now = 1000 * SEC + rng_below(&w.rng, SEC);
    w.attack_at = w.now;
    w.attacks = 5000;
    struct tcp_open open = {.iss = {(uint32_t)rng_next(&w.rng)},
                            .mss = (uint16_t)(100 + rng_below(&w.rng, 1361)),
                            .ts_offset = (uint32_t)rng_next(&w.dice)};
    tcp_connect(&w.host[0].conn, &w.host[0].shared, &open, w.now);
    w.host[0].exists = true;
    w.host[0].acts_at = w.now;
    likes(&w.host[0]);
    flush(&w.host[0]);
    uint64_t end = w.now + 8 * 3600 * SEC, turns = 0;
    while (!w.why[0] && turn(&w))
        if (w.now > end || ++turns > 5000000) {
            fail(&w, "has not ended after %llu turns", (unsigned long long)turns);
            break;
        }
    if (!w.why[0])
        verdict(&w);
    for (int i = 0; i < 2; i++)
        if (w.host[i].exists)
            tcp_free(&w.host[i].conn);
    link_end(&w.link);
    add_up(&w);
    if (w.why[0])
        printf("# seed %llu of kind %d, at %.3f s: %s\n", (unsigned long long)seed, kind,
               (double)w.now / 1e9, w.why);
    return !w.why[0];
}

int main(int argc, char **argv)
{
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 500;
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    int bad = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (enum kind k = 0; k < KINDS; k++) {
        if (argc > 3 && k != strtoull(argv[3], NULL, 10))
            continue;
        unsigned failed = 0;
        for (uint64_t seed = first; seed < first + count && failed < 5; seed++)
            failed += !run(k, seed);
        printf("%s %s\n", failed ? "not ok" : "ok", KIND_NAMES[k]);
        if (getenv("STATS"))
            print_totals();
        bad |= failed > 0;
    }
    return bad;
}
