/* SPDX-License-Identifier: ISC */
#include "tests/link/link.h"

#include "base/check.h"
#include "tests/link/frame.h"

#include <stdlib.h>

#define SEC           1000000000ULL
#define IP_HEADER_LEN 20U

static bool falls(struct rng *rng, uint32_t chance)
{
    return chance > 0 && rng_below(rng, LINK_SURE) < chance;
}

static bool happens(struct link *l, uint32_t chance)
{
    return falls(l->rng, chance);
}

/* ---- The heap of what is on its way --------------------------------------------------- */

static bool before(const struct link_packet *a, const struct link_packet *b)
{
    return a->at < b->at || (a->at == b->at && a->number < b->number);
}

static void swap(struct link_packet *a, struct link_packet *b)
{
    struct link_packet t = *a;
    *a = *b;
    *b = t;
}

static bool has_room(struct link *l)
{
    if (l->packets < l->room)
        return true;
    if (l->room == LINK_PACKETS_MAX)
        return false;
    l->room = l->room ? l->room * 2 : 64;
    l->packet = realloc(l->packet, l->room * sizeof *l->packet);
    check(l->packet);
    return true;
}

static void push(struct link *l, const struct link_packet *p)
{
    uint32_t i = l->packets++;
    l->packet[i] = *p;
    for (; i > 0 && before(&l->packet[i], &l->packet[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&l->packet[i], &l->packet[(i - 1) / 2]);
}

uint64_t link_next(const struct link *l)
{
    return l->packets ? l->packet[0].at : UINT64_MAX;
}

struct link_packet link_take(struct link *l)
{
    check(l->packets > 0);
    struct link_packet p = l->packet[0];
    l->packet[0] = l->packet[--l->packets];
    for (uint32_t i = 0, least = 0;; i = least) {
        for (uint32_t child = 2 * i + 1; child <= 2 * i + 2 && child < l->packets; child++)
            if (before(&l->packet[child], &l->packet[least]))
                least = child;
        if (least == i)
            return p;
        swap(&l->packet[i], &l->packet[least]);
    }
}

void link_end(struct link *l)
{
    while (l->packets)
        free(l->packet[--l->packets].octets);
    free(l->packet);
    l->packet = NULL;
    l->room = 0;
}

/* ---- What happens to a packet ---------------------------------------------------------- */

static bool is_lost(struct link_way *way, uint64_t now)
{
    bool bad = now < way->bad_until;
    if (bad ? falls(&way->losses, way->burst_ends) : falls(&way->losses, way->burst_begins)) {
        bad = !bad;
        way->bad_until = bad ? now + LINK_BURST_MAX_NS : 0;
    }
    if (bad && falls(&way->losses, way->burst_loss)) {
        way->counts.lost_in_burst++;
        return true;
    }
    bool lost = falls(&way->losses, way->loss);
    way->counts.lost += lost;
    return lost;
}

static bool is_too_long(const struct link *l, const struct link_way *way, struct bytes packet,
                        uint64_t now)
{
    if (way->mtu == 0 || now < way->mtu_from)
        return false;
    return (l->frames ? frame_ip_len(packet) : packet.len + IP_HEADER_LEN) > way->mtu;
}

/* How long a packet waits for the bandwidth that comes now. */
static uint64_t waits(const struct link_way *way, uint64_t now)
{
    return way->octets_per_s && way->busy_until > now ? way->busy_until - now : 0;
}

/* When the bandwidth has let it through. */
static uint64_t departs(struct link_way *way, size_t len, uint64_t now)
{
    if (!way->octets_per_s)
        return now;
    way->busy_until = now + waits(way, now) + len * SEC / way->octets_per_s;
    return way->busy_until;
}

static void mark(struct link *l, struct link_way *way, struct link_packet *p, uint64_t wait)
{
    if (p->ecn != LINK_ECT0 && p->ecn != LINK_ECT1)
        return;
    if (!happens(l, way->marking) && (way->mark_above_ns == 0 || wait < way->mark_above_ns))
        return;
    p->ecn = LINK_CE;
    if (l->frames)
        frame_mark(p->octets, p->len);
    way->counts.marked++;
}

/* A bit turned over, or, less often, the end cut off. */
static void corrupt(struct link *l, struct link_way *way, struct link_packet *p)
{
    if (p->len <= l->sound || !happens(l, way->corruption))
        return;
    uint32_t at = l->sound + (uint32_t)rng_below(l->rng, p->len - l->sound);
    way->counts.corrupted++;
    if (rng_chance(l->rng, 200) && at > 0)
        p->len = at;
    else
        p->octets[at] ^= (uint8_t)(1U << rng_below(l->rng, 8));
}

/* Lets a packet that has departed arrive. */
static void put(struct link *l, int to, struct bytes b, uint8_t ecn, uint64_t departed,
                uint64_t wait)
{
    struct link_way *way = &l->way[to];
    if (!has_room(l)) {
        way->counts.no_room++;
        return;
    }
    struct link_packet p = {.at = departed + way->delay_ns,
                            .number = l->numbers++,
                            .octets = malloc(b.len ? b.len : 1),
                            .len = (uint32_t)b.len,
                            .to = to,
                            .ecn = ecn};
    check(p.octets);
    memcpy(p.octets, b.at, b.len);
    if (way->jitter_ns)
        p.at += rng_below(l->rng, way->jitter_ns);
    if (happens(l, way->holding)) {
        p.at += way->hold_ns;
        way->counts.held++;
    }
    mark(l, way, &p, wait);
    corrupt(l, way, &p);
    push(l, &p);
}

/* The router in front of the narrow part says what would have fitted (RFC 1191 4). */
static void tell_too_long(struct link *l, int to, struct bytes frame, uint64_t now)
{
    uint8_t answer[LINK_FRAME_MAX];
    struct link_way *way = &l->way[to];
    size_t len = l->frames ? frame_too_big(frame, way->mtu, answer, sizeof answer) : 0;
    way->counts.too_long++;
    if (len == 0 || way->silent)
        return;
    way->counts.told_too_long++;
    put(l, !to, bytes_of(answer, len), LINK_NOT_ECT, now, 0);
}

void link_send(struct link *l, int to, struct bytes packet, uint8_t ecn, uint64_t now)
{
    struct link_way *way = &l->way[to];
    way->counts.sent++;
    if (is_too_long(l, way, packet, now)) {
        tell_too_long(l, to, packet, now);
        return;
    }
    uint64_t wait = waits(way, now);
    if (wait > way->queue_ns) {
        way->counts.queue_full++;
        return;
    }
    uint64_t departed = departs(way, packet.len, now);
    if (l->frames)
        ecn = frame_ecn(packet);
    if (!is_lost(way, now))
        put(l, to, packet, ecn, departed, wait);
    while (happens(l, way->duplication)) {
        way->counts.doubled++;
        put(l, to, packet, ecn, departed, wait);
    }
}
