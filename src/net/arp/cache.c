/* SPDX-License-Identifier: ISC */
#include "net/arp/cache.h"

#include "base/check.h"

static bool knows_mac(const struct arp_entry *e)
{
    return e->state == ARP_KNOWN || e->state == ARP_REFRESHING;
}

static uint8_t *hint_of(struct arp_cache *a, struct ip4 ip)
{
    return &a->hint[ip.n & (ARP_ENTRIES_MAX - 1)];
}

static struct arp_entry *look_up(struct arp_cache *a, struct ip4 ip)
{
    uint8_t *hint = hint_of(a, ip);
    struct arp_entry *e = &a->entry[*hint];
    if (e->state != ARP_FREE && ip4_equal(e->ip, ip))
        return e;
    for (uint8_t i = 0; i < ARP_ENTRIES_MAX; i++)
        if (a->entry[i].state != ARP_FREE && ip4_equal(a->entry[i].ip, ip)) {
            *hint = i;
            return &a->entry[i];
        }
    return NULL;
}

/* Whether an address may be a neighbour's at all. */
static bool may_be_neighbour(const struct arp_cache *a, struct ip4 ip)
{
    bool here =
        ip4_own_net(a->own, ip) != NULL || (a->gateway.n != 0 && ip4_equal(ip, a->gateway));
    return here && ip4_own_host(a->own, ip) && !ip4_own_has(a->own, ip);
}

static void set_due(struct arp_cache *a, struct arp_entry *e, uint64_t at)
{
    e->due = at;
    if (at < a->due)
        a->due = at;
}

static void set_free(struct arp_entry *e)
{
    *e = (struct arp_entry){.state = ARP_FREE, .due = UINT64_MAX};
}

/* ---- Which entry gives way ------------------------------------------------------ */

static unsigned count_asking(const struct arp_cache *a)
{
    unsigned n = 0;
    for (unsigned i = 0; i < ARP_ENTRIES_MAX; i++)
        n += a->entry[i].state == ARP_ASKING;
    return n;
}

/* What an entry is worth; the least goes first, and among equals the longest unused. */
enum worth { WORTH_NOTHING, WORTH_A_FAILURE, WORTH_HEARSAY, WORTH_A_QUESTION, WORTH_ITS_USE };

static enum worth worth_of(const struct arp_entry *e)
{
    if (e->state == ARP_FREE)
        return WORTH_NOTHING;
    if (e->state == ARP_FAILED)
        return WORTH_A_FAILURE;
    if (!e->wanted)
        return WORTH_HEARSAY;
    return e->state == ARP_ASKING ? WORTH_A_QUESTION : WORTH_ITS_USE;
}

/* The entry worth least, at most `most`; or NULL. */
static struct arp_entry *least(struct arp_cache *a, enum worth from, enum worth most)
{
    struct arp_entry *best = NULL;
    for (unsigned i = 0; i < ARP_ENTRIES_MAX; i++) {
        struct arp_entry *e = &a->entry[i];
        enum worth w = worth_of(e);
        if (w < from || w > most)
            continue;
        if (!best || w < worth_of(best) || (w == worth_of(best) && e->used < best->used))
            best = e;
    }
    return best;
}

/* An entry for an address that we ask for: when too many are being asked for already, the
 * oldest question is given up, unless the last that was is yet to be told (arp_next_news);
 * otherwise what is worth least goes. */
static struct arp_entry *victim_for_question(struct arp_cache *a)
{
    if (count_asking(a) >= ARP_ASKING_MAX)
        return a->gave_way ? NULL : least(a, WORTH_A_QUESTION, WORTH_A_QUESTION);
    struct arp_entry *e = least(a, WORTH_NOTHING, WORTH_HEARSAY);
    return e ? e : least(a, WORTH_ITS_USE, WORTH_ITS_USE);
}

static struct arp_entry *take_entry(struct arp_cache *a, struct arp_entry *e, struct ip4 ip)
{
    if (!e) {
        a->counts[ARP_NO_ROOM]++;
        return NULL;
    }
    if (e->state != ARP_FREE)
        a->counts[ARP_EVICTED]++;
    if (e->state == ARP_ASKING) {
        a->gave_way = a->work = true;
        a->gave_way_ip = e->ip;
    }
    set_free(e);
    e->ip = ip;
    *hint_of(a, ip) = (uint8_t)(e - a->entry);
    return e;
}

/* ---- Asking ------------------------------------------------------------------- */

static void ask(struct arp_cache *a, struct arp_entry *e, enum arp_state state, uint64_t now)
{
    e->state = (uint8_t)state;
    e->tries = 1;
    e->ask = a->work = true;
    set_due(a, e, now + ARP_TRY_NS);
}

static enum arp_found begin_to_ask(struct arp_cache *a, struct ip4 ip, uint64_t now)
{
    if (!may_be_neighbour(a, ip))
        return ARP_NOT_FOUND;
    struct arp_entry *e = take_entry(a, victim_for_question(a), ip);
    if (!e)
        return ARP_NOT_FOUND;
    e->wanted = true;
    e->used = now;
    ask(a, e, ARP_ASKING, now);
    return ARP_WAIT;
}

enum arp_found arp_find(struct arp_cache *a, struct ip4 ip, uint64_t now, struct eth_addr *mac)
{
    struct arp_entry *e = look_up(a, ip);
    if (!e)
        return begin_to_ask(a, ip, now);
    e->used = now;
    e->wanted = true;
    if (e->state == ARP_FAILED)
        return ARP_NOT_FOUND;
    if (e->state == ARP_ASKING)
        return ARP_WAIT;
    if (e->state == ARP_KNOWN && now - e->heard >= ARP_FRESH_NS)
        ask(a, e, ARP_REFRESHING, now);
    *mac = e->mac;
    return ARP_FOUND;
}

/* ---- Hearing ------------------------------------------------------------------ */

static void hear(struct arp_cache *a, struct arp_entry *e, const struct eth_addr *mac,
                 uint64_t now)
{
    if (!knows_mac(e))
        a->counts[ARP_LEARNED]++;
    else if (!eth_equal(&e->mac, mac))
        a->counts[ARP_MOVED]++;
    if (e->state == ARP_ASKING)
        e->reported = a->work = true;
    e->state = ARP_KNOWN;
    e->mac = *mac;
    e->heard = now;
    e->ask = false;
    e->tries = 0;
    set_due(a, e, now + ARP_UNUSED_NS);
}

/* RFC 5227 2.4 (c): the address is kept; each conflict is answered with one announcement,
 * but not within DEFEND_INTERVAL of the last, so that two hosts do not do it for ever. */
static void defend(struct arp_cache *a, unsigned n, uint64_t now)
{
    a->counts[ARP_CONFLICTS]++;
    if (now - a->defended < ARP_DEFEND_NS)
        return;
    a->counts[ARP_DEFENCES]++;
    a->announce |= (uint8_t)(1U << n);
    a->work = true;
    a->defended = now;
}

/* Whether the packet asks for an address that we answer for: a listed one, or when we stand
 * for all hosts any other's. Nobody who asks for its own address is answered: it announces. */
static bool asks_for_us(const struct arp_cache *a, const struct arp_packet *p)
{
    if (p->op != ARP_REQUEST || ip4_equal(p->sender, p->target))
        return false;
    return ip4_own_index(a->own, p->target) < a->own->len ||
           (a->proxy && ip4_own_has(a->own, p->target));
}

/* RFC 826: merge what the sender says of itself; if it asked for us, know it and answer. */
void arp_arrives(struct arp_cache *a, const struct arp_packet *p, uint64_t now)
{
    if (eth_equal(&p->sender_mac, &a->mac))
        return;
    unsigned n = ip4_own_index(a->own, p->sender);
    if (n < a->own->len) {
        defend(a, n, now);
        return;
    }
    bool asks_us = asks_for_us(a, p);
    struct arp_entry *e = look_up(a, p->sender);
    if (!e && asks_us && may_be_neighbour(a, p->sender)) {
        e = take_entry(a, least(a, WORTH_NOTHING, WORTH_HEARSAY), p->sender);
        if (e)
            e->used = now;
    }
    if (e)
        hear(a, e, &p->sender_mac, now);
    else if (!asks_us)
        a->counts[ARP_UNASKED]++;
    if (asks_us) {
        a->reply = a->work = true;
        a->reply_from = p->target;
        a->reply_to = p->sender;
        a->reply_mac = p->sender_mac;
    }
}

/* ---- Time --------------------------------------------------------------------- */

static void fail(struct arp_cache *a, struct arp_entry *e, uint64_t now)
{
    a->counts[ARP_GAVE_UP]++;
    e->state = ARP_FAILED;
    e->reported = a->work = true;
    set_due(a, e, now + ARP_FAILED_NS);
}

static void entry_expires(struct arp_cache *a, struct arp_entry *e, uint64_t now)
{
    switch ((enum arp_state)e->state) {
    case ARP_FREE:
        return;
    case ARP_ASKING:
    case ARP_REFRESHING:
        if (e->tries < ARP_TRIES) {
            e->tries++;
            e->ask = a->work = true;
            set_due(a, e, now + ARP_TRY_NS);
        } else if (e->state == ARP_ASKING) {
            fail(a, e, now);
        } else {
            set_free(e); /* whoever needs it asks everybody */
        }
        return;
    case ARP_KNOWN:
        if (now - e->used >= ARP_UNUSED_NS)
            set_free(e);
        else
            set_due(a, e, e->used + ARP_UNUSED_NS);
        return;
    case ARP_FAILED:
        set_free(e);
        return;
    }
}

static void announce_expires(struct arp_cache *a, uint64_t now)
{
    a->announce |= a->announcing;
    a->work = true;
    a->defended = now;
    a->announcements_left--;
    a->announce_due = a->announcements_left > 0 ? now + ARP_ANNOUNCE_NS : UINT64_MAX;
    if (a->announcements_left == 0)
        a->announcing = 0;
}

void arp_expires(struct arp_cache *a, uint64_t now)
{
    if (now < a->due)
        return;
    a->due = UINT64_MAX;
    if (a->announce_due <= now)
        announce_expires(a, now);
    for (unsigned i = 0; i < ARP_ENTRIES_MAX; i++) {
        if (a->entry[i].due <= now)
            entry_expires(a, &a->entry[i], now);
        if (a->entry[i].due < a->due)
            a->due = a->entry[i].due;
    }
    if (a->announce_due < a->due)
        a->due = a->announce_due;
}

uint64_t arp_deadline(const struct arp_cache *a)
{
    return a->due;
}

/* ---- Sending ------------------------------------------------------------------ */

/* An announcement is a request for our own address from ourselves (RFC 5227 2.3). */
static void print_announcement(struct arp_cache *a, struct eth_addr *to, struct arp_packet *p)
{
    unsigned n = 0;
    while (!(a->announce & 1U << n))
        n++;
    a->announce &= (uint8_t) ~(1U << n);
    a->counts[ARP_ANNOUNCED]++;
    p->sender = p->target = a->own->net[n].ip;
    *to = eth_broadcast;
}

static void print_reply(struct arp_cache *a, struct eth_addr *to, struct arp_packet *p)
{
    a->reply = false;
    a->counts[ARP_REPLIES_OUT]++;
    p->op = ARP_REPLY;
    p->sender = a->reply_from;
    p->target = a->reply_to;
    p->target_mac = a->reply_mac;
    *to = a->reply_mac;
}

/* Who asks: the address that stands in the same network (RFC 826: the answer must find it). */
static struct ip4 own_toward(const struct arp_cache *a, struct ip4 ip)
{
    const struct ip4_net *net = ip4_own_net(a->own, ip);
    return net ? net->ip : a->own->net[0].ip;
}

/* A neighbour that we know is asked alone first (RFC 1122 2.3.2.1 (2)). */
static void print_request(struct arp_cache *a, struct arp_entry *e, struct eth_addr *to,
                          struct arp_packet *p)
{
    e->ask = false;
    a->counts[ARP_REQUESTS_OUT]++;
    p->target = e->ip;
    p->sender = own_toward(a, e->ip);
    *to = e->state == ARP_REFRESHING ? e->mac : eth_broadcast;
}

bool arp_next_packet(struct arp_cache *a, struct eth_addr *to, struct arp_packet *p)
{
    if (!a->work)
        return false;
    *p = (struct arp_packet){.op = ARP_REQUEST, .sender_mac = a->mac};
    if (a->reply) {
        print_reply(a, to, p);
        return true;
    }
    if (a->announce) {
        print_announcement(a, to, p);
        return true;
    }
    for (unsigned i = 0; i < ARP_ENTRIES_MAX; i++)
        if (a->entry[i].ask) {
            print_request(a, &a->entry[i], to, p);
            return true;
        }
    return false;
}

bool arp_next_news(struct arp_cache *a, struct ip4 *ip, bool *found)
{
    if (!a->work)
        return false;
    if (a->gave_way) {
        a->gave_way = *found = false;
        *ip = a->gave_way_ip;
        return true;
    }
    for (unsigned i = 0; i < ARP_ENTRIES_MAX; i++) {
        struct arp_entry *e = &a->entry[i];
        if (!e->reported)
            continue;
        e->reported = false;
        *ip = e->ip;
        *found = knows_mac(e);
        return true;
    }
    a->work = false;
    return false;
}

/* ------------------------------------------------------------------------------- */

static void begin_to_announce(struct arp_cache *a, uint8_t which, uint64_t now)
{
    a->announcing |= which;
    a->announcements_left = ARP_ANNOUNCEMENTS;
    announce_expires(a, now);
    if (a->announce_due < a->due)
        a->due = a->announce_due;
}

void arp_init(struct arp_cache *a, const struct ip4_own *own, struct ip4 gateway,
              const struct eth_addr *mac, uint64_t now)
{
    *a = (struct arp_cache){.own = own, .gateway = gateway, .mac = *mac, .due = UINT64_MAX};
    for (unsigned i = 0; i < ARP_ENTRIES_MAX; i++)
        set_free(&a->entry[i]);
    begin_to_announce(a, (uint8_t)((1U << own->len) - 1), now);
}

void arp_add_own(struct arp_cache *a, unsigned n, uint64_t now)
{
    struct arp_entry *e = look_up(a, a->own->net[n].ip);
    if (e)
        set_free(e);
    begin_to_announce(a, (uint8_t)(1U << n), now);
}

/* The bits above move down with the addresses they stand for. */
static uint8_t without_bit(uint8_t set, unsigned n)
{
    unsigned below = set & ((1U << n) - 1);
    return (uint8_t)(below | (set >> (n + 1)) << n);
}

void arp_remove_own(struct arp_cache *a, unsigned n)
{
    a->announcing = without_bit(a->announcing, n);
    a->announce = without_bit(a->announce, n);
}

static void check_entry(const struct arp_cache *a, unsigned i)
{
    const struct arp_entry *e = &a->entry[i];
    if (e->state == ARP_FREE)
        return;
    check(!ip4_own_has(a->own, e->ip));              /* C3 */
    check(!knows_mac(e) || eth_is_station(&e->mac)); /* C4 */
    check(e->due >= a->due);
    for (unsigned k = 0; k < i; k++) /* C1 */
        check(a->entry[k].state == ARP_FREE || !ip4_equal(a->entry[k].ip, e->ip));
}

void arp_check(const struct arp_cache *a)
{
    for (unsigned i = 0; i < ARP_ENTRIES_MAX; i++)
        check_entry(a, i);
    check(count_asking(a) <= ARP_ASKING_MAX); /* C2 */
}
