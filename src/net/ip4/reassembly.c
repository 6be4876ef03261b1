/* SPDX-License-Identifier: ISC */
#include "net/ip4/reassembly.h"

#include "base/check.h"

struct fragment {
    struct list link;
    uint16_t from, to; /* of the datagram's payload */
    uint16_t head_len; /* of the header before the payload: of the first fragment only */
    uint8_t octets[];  /* header and payload */
};

struct datagram {
    struct list link;
    struct ip4 src, dst;
    uint16_t id;
    uint8_t protocol;
    bool to_broadcast, refused;
    uint32_t end;  /* of its payload; 0 while that is not known */
    uint32_t have; /* octets of payload */
    unsigned len;  /* fragments */
    uint64_t due;
    struct list fragments; /* in order */
};

static struct fragment *fragment_of(struct list *link)
{
    return container_of(link, struct fragment, link);
}

static struct datagram *datagram_of(struct list *link)
{
    return container_of(link, struct datagram, link);
}

/* ---- Memory ------------------------------------------------------------------------ */

static void *take(struct reassembly *r, size_t len)
{
    void *at = len <= IP4_REASSEMBLY_OCTETS - r->octets ? supply_get(r->supply, len) : NULL;
    if (at)
        r->octets += len;
    return at;
}

static void give_back(struct reassembly *r, void *at, size_t len)
{
    r->octets -= len;
    supply_put(r->supply, at, len);
}

static size_t size_of(const struct fragment *f)
{
    return sizeof *f + f->head_len + f->to - f->from;
}

static void drop_fragments(struct reassembly *r, struct datagram *d)
{
    while (!list_empty(&d->fragments)) {
        struct fragment *f = fragment_of(d->fragments.next);
        list_remove(&f->link);
        give_back(r, f, size_of(f));
    }
    d->len = 0;
    d->have = 0;
}

static void drop(struct reassembly *r, struct datagram *d)
{
    drop_fragments(r, d);
    list_remove(&d->link);
    r->len--;
    give_back(r, d, sizeof *d);
}

/* The oldest datagram but `keep` goes. */
static bool evict(struct reassembly *r, const struct datagram *keep)
{
    list_each(e, &r->datagrams) {
        struct datagram *d = datagram_of(e);
        if (d == keep)
            continue;
        r->events[REASSEMBLY_EVICTED]++;
        drop(r, d);
        return true;
    }
    return false;
}

static void *take_or_evict(struct reassembly *r, size_t len, const struct datagram *keep)
{
    void *at;
    while (!(at = take(r, len)) && evict(r, keep))
        ;
    return at;
}

void reassembly_release(struct reassembly *r)
{
    if (r->given)
        give_back(r, r->given, r->given_len);
    r->given = NULL;
}

/* ---- Fragments ------------------------------------------------------------------------ */

static struct datagram *find(const struct reassembly *r, const struct ip4_packet *p)
{
    list_each(e, &r->datagrams) {
        struct datagram *d = datagram_of(e);
        if (d->id == p->id && d->protocol == p->protocol && ip4_equal(d->src, p->src) &&
            ip4_equal(d->dst, p->dst))
            return d;
    }
    return NULL;
}

static struct datagram *begin(struct reassembly *r, const struct ip4_packet *p, uint64_t now)
{
    if (r->len == IP4_REASSEMBLIES_MAX)
        evict(r, NULL);
    struct datagram *d = take_or_evict(r, sizeof *d, NULL);
    if (!d)
        return NULL;
    *d = (struct datagram){.src = p->src,
                           .dst = p->dst,
                           .id = p->id,
                           .protocol = p->protocol,
                           .to_broadcast = p->to_broadcast,
                           .due = now + IP4_REASSEMBLY_NS};
    list_init(&d->fragments);
    list_init(&d->link);
    list_push(&r->datagrams, &d->link);
    r->len++;
    return d;
}

/* What is wrong with a fragment by itself, whatever came before. */
static enum reassembly_verdict fault_of(const struct ip4_packet *p)
{
    size_t header_len = p->whole.len - p->payload.len;
    if (p->payload.len == 0 || (p->more_fragments && p->payload.len % 8 != 0))
        return REASSEMBLY_BAD_LEN;
    if (p->fragment_at + p->payload.len + header_len > UINT16_MAX)
        return REASSEMBLY_TOO_LONG;
    if (p->fragment_at == 0 && p->payload.len < IP4_FIRST_MIN)
        return REASSEMBLY_TINY;
    return REASSEMBLY_HELD;
}

/* Whether the fragment ends where it may: all but the last before the end, and the last at
 * it, and after all others. */
static bool contradicts_end(const struct datagram *d, const struct ip4_packet *p, uint32_t to)
{
    if (p->more_fragments)
        return d->end != 0 && to >= d->end;
    bool after_all = list_empty(&d->fragments) || fragment_of(d->fragments.prev)->to <= to;
    return (d->end != 0 && to != d->end) || !after_all;
}

/* Where in the order the fragment belongs: *next is what comes after it. */
static enum reassembly_verdict place(struct datagram *d, const struct ip4_packet *p,
                                     struct list **next)
{
    uint32_t from = p->fragment_at, to = from + (uint32_t)p->payload.len;
    struct list *l = d->fragments.prev; /* most come in order: looked for from the end */
    while (l != &d->fragments && fragment_of(l)->from >= to)
        l = l->prev;
    *next = l->next;
    if (l != &d->fragments && fragment_of(l)->to > from) {
        const struct fragment *f = fragment_of(l);
        bool same = f->from == from && f->to == to &&
                    memcmp(f->octets + f->head_len, p->payload.at, p->payload.len) == 0;
        bool same_end = p->more_fragments == (to != d->end);
        return same && same_end ? REASSEMBLY_DUPLICATE : REASSEMBLY_OVERLAP;
    }
    return contradicts_end(d, p, to) ? REASSEMBLY_OVERLAP : REASSEMBLY_HELD;
}

static enum reassembly_verdict add(struct reassembly *r, struct datagram *d,
                                   const struct ip4_packet *p)
{
    struct list *next = NULL;
    enum reassembly_verdict v = place(d, p, &next);
    if (v != REASSEMBLY_HELD)
        return v;
    if (d->len == IP4_FRAGMENTS_MAX)
        return REASSEMBLY_TOO_MANY;
    struct bytes kept = p->fragment_at == 0 ? p->whole : p->payload;
    struct fragment *f = take_or_evict(r, sizeof *f + kept.len, d);
    if (!f)
        return REASSEMBLY_NO_MEMORY;
    f->from = (uint16_t)p->fragment_at;
    f->to = (uint16_t)(p->fragment_at + p->payload.len);
    f->head_len = (uint16_t)(kept.len - p->payload.len);
    memcpy(f->octets, kept.at, kept.len);
    list_init(&f->link);
    list_push(next, &f->link); /* before it */
    d->len++;
    d->have += (uint32_t)p->payload.len;
    if (!p->more_fragments)
        d->end = f->to;
    return d->have == d->end ? REASSEMBLY_WHOLE : REASSEMBLY_HELD;
}

/* ---- Whole ------------------------------------------------------------------------------ */

static void packet_of(const struct datagram *d, const struct fragment *first,
                      struct bytes whole, struct ip4_packet *out)
{
    *out = (struct ip4_packet){
        .src = d->src,
        .dst = d->dst,
        .protocol = d->protocol,
        .id = d->id,
        .ttl = first->octets[8],
        .tos = first->octets[1],
        .to_broadcast = d->to_broadcast,
        .has_options = first->head_len > IP4_HEADER_MIN,
        .whole = whole,
        .payload = bytes_of(whole.at + first->head_len, whole.len - first->head_len)};
}

/* The header of the first fragment and the payload of all. */
static enum reassembly_verdict join(struct reassembly *r, struct datagram *d,
                                    struct ip4_packet *out)
{
    const struct fragment *first = fragment_of(d->fragments.next);
    size_t len = (size_t)first->head_len + d->end;
    r->given = len <= UINT16_MAX ? take_or_evict(r, len, d) : NULL;
    if (!r->given)
        return len <= UINT16_MAX ? REASSEMBLY_NO_MEMORY : REASSEMBLY_TOO_LONG;
    r->given_len = len;
    struct writer w = writer_of(r->given, len);
    list_each(e, &d->fragments) {
        const struct fragment *f = fragment_of(e);
        write_bytes(&w, bytes_of(f->octets, (size_t)f->head_len + f->to - f->from));
    }
    packet_of(d, first, bytes_of(r->given, len), out);
    drop(r, d);
    return REASSEMBLY_WHOLE;
}

static enum reassembly_verdict arrives(struct reassembly *r, const struct ip4_packet *p,
                                       uint64_t now, struct ip4_packet *out)
{
    enum reassembly_verdict v = fault_of(p);
    if (v != REASSEMBLY_HELD)
        return v;
    struct datagram *d = find(r, p);
    if (!d)
        d = begin(r, p, now);
    if (!d)
        return REASSEMBLY_NO_MEMORY;
    if (d->refused)
        return REASSEMBLY_REFUSED;
    v = add(r, d, p);
    if (v == REASSEMBLY_WHOLE)
        v = join(r, d, out);
    if (v == REASSEMBLY_HELD || v == REASSEMBLY_WHOLE || v == REASSEMBLY_DUPLICATE)
        return v;
    drop_fragments(r, d);
    d->refused = true;
    return v;
}

enum reassembly_verdict reassembly_arrives(struct reassembly *r, const struct ip4_packet *p,
                                           uint64_t now, struct ip4_packet *out)
{
    reassembly_release(r);
    enum reassembly_verdict v = arrives(r, p, now, out);
    r->verdicts[v]++;
    return v;
}

/* ---- Time ---------------------------------------------------------------------------------
 */

/* The datagram's first fragment, if it is there, is given out. */
static bool give_first(struct reassembly *r, struct datagram *d, struct ip4_packet *out)
{
    struct fragment *f = list_empty(&d->fragments) ? NULL : fragment_of(d->fragments.next);
    if (!f || f->from != 0)
        return false;
    list_remove(&f->link);
    r->given = (uint8_t *)f;
    r->given_len = size_of(f);
    packet_of(d, f, bytes_of(f->octets, (size_t)f->head_len + f->to), out);
    return true;
}

bool reassembly_expires(struct reassembly *r, uint64_t now, bool *first, struct ip4_packet *out)
{
    reassembly_release(r);
    if (reassembly_deadline(r) > now)
        return false;
    struct datagram *d = datagram_of(r->datagrams.next);
    r->events[REASSEMBLY_TIMED_OUT]++;
    *first = give_first(r, d, out);
    drop(r, d);
    return true;
}

uint64_t reassembly_deadline(const struct reassembly *r)
{
    return list_empty(&r->datagrams) ? UINT64_MAX : datagram_of(r->datagrams.next)->due;
}

/* ---------------------------------------------------------------------------------------------
 */

void reassembly_init(struct reassembly *r, struct supply *supply)
{
    *r = (struct reassembly){.supply = supply};
    list_init(&r->datagrams);
}

void reassembly_end(struct reassembly *r)
{
    reassembly_release(r);
    while (!list_empty(&r->datagrams))
        drop(r, datagram_of(r->datagrams.next));
}

static size_t check_datagram(const struct datagram *d)
{
    uint32_t at = 0, have = 0;
    unsigned len = 0;
    size_t octets = sizeof *d;
    list_each(e, &d->fragments) {
        const struct fragment *f = fragment_of(e);
        check(f->from >= at && f->to > f->from); /* F1 */
        at = f->to;
        have += at - f->from;
        octets += size_of(f);
        len++;
    }
    check(d->end == 0 || at <= d->end || d->refused);         /* F2 */
    check(len == d->len && len <= IP4_FRAGMENTS_MAX);         /* F3 */
    check(have == d->have && (d->end == 0 || have < d->end)); /* it would be whole */
    check(!d->refused || len == 0);                           /* F5 */
    return octets;
}

void reassembly_check(const struct reassembly *r)
{
    size_t octets = r->given ? r->given_len : 0;
    unsigned len = 0;
    uint64_t due = 0;
    list_each(e, &r->datagrams) {
        const struct datagram *d = datagram_of(e);
        octets += check_datagram(d);
        check(d->due >= due); /* F4 */
        due = d->due;
        len++;
    }
    check(len == r->len && len <= IP4_REASSEMBLIES_MAX);           /* F3 */
    check(octets == r->octets && octets <= IP4_REASSEMBLY_OCTETS); /* F3 */
}
