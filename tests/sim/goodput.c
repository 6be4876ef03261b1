/* SPDX-License-Identifier: ISC */
/* How fast a bulk transfer is over a link that loses: goodput in Mbit/s by loss, round trip
 * time, congestion control, and whether the peers know SACK and timestamps.
 *
 *     goodput [SECONDS [SEEDS]]     of virtual time, 30; runs that are averaged, 5
 *
 * The link: 100 Mbit/s, a queue of 50 ms, losses at random and in both directions. */

#include "net/tcp/congestion.h"
#include "tests/link/link.h"

#include <stdio.h>
#include <stdlib.h>

#define MS  1000000ULL
#define SEC 1000000000ULL

struct end {
    struct supply memory;
    struct tcp_shared shared;
    struct tcp_conn conn;
    bool exists;
};

struct path {
    struct rng rng;
    struct link link;
    struct end end[2];
    uint64_t now, read;
    bool sack;
};

static const struct ip4 IPS[2] = {{0x0a000001}, {0x0a000002}};

static void *get(struct supply *s, size_t len)
{
    (void)s;
    return calloc(1, len);
}

static void put(struct supply *s, void *at, size_t len)
{
    (void)s, (void)len;
    free(at);
}

static uint32_t no_random(void *ctx)
{
    (void)ctx;
    return 0;
}

static void flush(struct path *p, int id)
{
    static uint8_t wire[2048];
    struct tcp_conn *c = &p->end[id].conn;
    struct tcp_segment seg;
    while (p->end[id].exists && tcp_next_segment(c, p->now, &seg)) {
        struct writer out = writer_of(wire, sizeof wire);
        seg.src_port = (uint16_t)(1000 + id);
        seg.dst_port = (uint16_t)(1001 - id);
        if (seg.flags & TCP_SYN && !p->sack)
            seg.sack_permitted = seg.has_ts = false;
        tcp_print(&out, &seg, &c->out, IPS[id], IPS[!id]);
        link_send(&p->link, !id, bytes_of(wire, writer_len(&out)), seg.ecn, p->now);
    }
}

static void arrives(struct path *p)
{
    static const struct tcp_open open = {.iss = {7777}, .mss = 1460};
    struct link_packet packet = link_take(&p->link);
    struct end *e = &p->end[packet.to];
    struct tcp_segment seg;
    struct tcp_out out = {0};
    p->now = packet.at;
    if (tcp_parse(bytes_of(packet.octets, packet.len), IPS[!packet.to], IPS[packet.to], &seg) !=
        TCP_OK)
        abort();
    if (e->exists)
        tcp_arrives(&e->conn, &seg, p->now, &out);
    else
        tcp_accept(&e->conn, &e->shared, &open, &seg, p->now);
    e->exists = true;
    free(packet.octets);
}

/* The one writes whatever fits, the other reads whatever is there. */
static void users_act(struct path *p)
{
    static uint8_t text[1 << 16];
    struct end *e = p->end;
    while (tcp_write(&e[0].conn, bytes_of(text, sizeof text), p->now) == sizeof text)
        ;
    size_t n;
    while (e[1].exists && (n = tcp_read(&e[1].conn, text, sizeof text, p->now)) > 0)
        p->read += n;
}

static void step(struct path *p)
{
    uint64_t at = link_next(&p->link);
    int who = -1;
    for (int i = 0; i < 2; i++)
        if (p->end[i].exists && tcp_deadline(&p->end[i].conn) < at) {
            at = tcp_deadline(&p->end[i].conn);
            who = i;
        }
    struct tcp_out out = {0};
    if (who < 0) {
        arrives(p);
    } else {
        p->now = at > p->now ? at : p->now;
        tcp_expires(&p->end[who].conn, p->now, &out);
    }
    users_act(p);
    flush(p, 0);
    flush(p, 1);
}

static void begin(struct path *p, const struct tcp_congestion *congestion)
{
    static const struct tcp_open open = {.iss = {1234}, .mss = 1460};
    for (int i = 0; i < 2; i++) {
        struct end *e = &p->end[i];
        e->memory = (struct supply){.get = get, .put = put, .limit = SIZE_MAX};
        e->shared = (struct tcp_shared){.buffers = &e->memory,
                                        .receive_max = 1 << 21,
                                        .send_max = 1 << 21,
                                        .congestion = congestion,
                                        .random = no_random};
    }
    p->now = SEC;
    tcp_connect(&p->end[0].conn, &p->end[0].shared, &open, p->now);
    p->end[0].exists = true;
    flush(p, 0);
}

/* In Mbit/s. */
static double run(const struct tcp_congestion *congestion, bool sack, unsigned loss,
                  uint64_t rtt_ns, uint64_t len_ns, uint64_t seed)
{
    static struct path p;
    p = (struct path){.rng = {seed}, .sack = sack};
    p.link = (struct link){.rng = &p.rng};
    for (int to = 0; to < 2; to++)
        p.link.way[to] = (struct link_way){.losses = {rng_next(&p.rng)},
                                           .loss = loss * (LINK_SURE / 1000),
                                           .delay_ns = rtt_ns / 2,
                                           .octets_per_s = 12500000,
                                           .queue_ns = 50 * MS};
    begin(&p, congestion);
    while (p.now < SEC + len_ns)
        step(&p);
    if (getenv("STATS")) {
        const struct tcp_counts *n = &p.end[0].shared.counts;
        fprintf(stderr,
                "# loss %u rtt %llu sack %d: retransmits %llu, fast %llu, time-outs %llu, "
                "undone %llu, probes %llu\n",
                loss, (unsigned long long)(rtt_ns / MS), sack,
                (unsigned long long)n->retransmits, (unsigned long long)n->fast_retransmits,
                (unsigned long long)n->timeouts, (unsigned long long)n->recoveries_undone,
                (unsigned long long)n->tail_probes);
    }
    tcp_free(&p.end[0].conn);
    if (p.end[1].exists)
        tcp_free(&p.end[1].conn);
    link_end(&p.link);
    return (double)p.read * 8 * 1000 / (double)len_ns;
}

int main(int argc, char **argv)
{
    static const unsigned losses[] = {0, 1, 5, 10, 30}; /* of 1000 */
    static const unsigned rtts[] = {2, 40, 100};        /* ms */
    static const struct tcp_congestion *const congestion[] = {&tcp_reno, &tcp_cubic};
    uint64_t len_ns = (argc > 1 ? strtoull(argv[1], NULL, 10) : 30) * SEC;
    uint64_t seeds = argc > 2 ? strtoull(argv[2], NULL, 10) : 5;
    puts("| loss | RTT | Reno, without SACK | Reno | CUBIC, without SACK | CUBIC |");
    puts("|---|---|---|---|---|---|");
    for (unsigned r = 0; r < sizeof rtts / sizeof rtts[0]; r++)
        for (unsigned l = 0; l < sizeof losses / sizeof losses[0]; l++) {
            printf("| %u.%u %% | %u ms |", losses[l] / 10, losses[l] % 10, rtts[r]);
            for (unsigned k = 0; k < 4; k++) {
                double sum = 0;
                for (uint64_t seed = 1; seed <= seeds; seed++)
                    sum += run(congestion[k / 2], k % 2, losses[l], rtts[r] * MS, len_ns, seed);
                printf(" %.1f |", sum / (double)seeds);
            }
            puts("");
        }
    return 0;
}
