/* SPDX-License-Identifier: ISC */
#include "base/hash.h"

static void put_first(struct hash_link **chain, struct hash_link *l)
{
    l->next = *chain;
    l->at = chain;
    if (l->next)
        l->next->at = &l->next;
    *chain = l;
}

static void take_out(struct hash_link *l)
{
    *l->at = l->next;
    if (l->next)
        l->next->at = l->at;
    l->next = NULL;
    l->at = NULL;
}

static struct hash_link **new_chains(struct supply *s, uint32_t len)
{
    return supply_get(s, len * sizeof(struct hash_link *));
}

bool hash_init(struct hash *h, struct supply *s, uint32_t len)
{
    check(len > 0 && (len & (len - 1)) == 0);
    *h = (struct hash){.supply = s, .chain = new_chains(s, len), .len = len};
    return h->chain;
}

static void old_end(struct hash *h)
{
    supply_put(h->supply, h->old, h->old_len * sizeof(struct hash_link *));
    h->old = NULL;
    h->old_len = 0;
}

void hash_end(struct hash *h)
{
    check(h->count == 0);
    old_end(h);
    supply_put(h->supply, h->chain, h->len * sizeof(struct hash_link *));
    h->chain = NULL;
}

static void move_some(struct hash *h)
{
    for (unsigned n = 0; n < HASH_MOVED && h->old; n++) {
        for (struct hash_link *l; (l = h->old[h->moved]) != NULL;) {
            take_out(l);
            put_first(&h->chain[l->key & (h->len - 1)], l);
        }
        if (++h->moved == h->old_len)
            old_end(h);
    }
}

/* By then nothing is left of the last time: it was through after len / HASH_MOVED additions. */
static void grow(struct hash *h)
{
    struct hash_link **chain =
        h->len <= UINT32_MAX / 4 && !h->old ? new_chains(h->supply, h->len * 2) : NULL;
    if (!chain)
        return;
    h->old = h->chain;
    h->old_len = h->len;
    h->moved = 0;
    h->chain = chain;
    h->len *= 2;
}

void hash_add(struct hash *h, struct hash_link *l, uint32_t key)
{
    check(!l->at);
    if (h->count >= h->len)
        grow(h);
    move_some(h);
    l->key = key;
    put_first(&h->chain[key & (h->len - 1)], l);
    h->count++;
}

void hash_remove(struct hash *h, struct hash_link *l)
{
    if (!l->at)
        return;
    take_out(l);
    h->count--;
}

static struct hash_link *first_with(struct hash_link *l, uint32_t key)
{
    while (l && l->key != key)
        l = l->next;
    return l;
}

static struct hash_link *old_find(const struct hash *h, uint32_t key)
{
    return h->old ? first_with(h->old[key & (h->old_len - 1)], key) : NULL;
}

struct hash_link *hash_find(const struct hash *h, uint32_t key)
{
    struct hash_link *l = first_with(h->chain[key & (h->len - 1)], key);
    return l ? l : old_find(h, key);
}

/* Of one key, all are in one of the two chains, but for those that were added while the old
 * one was not yet moved. */
struct hash_link *hash_find_next(const struct hash *h, const struct hash_link *l)
{
    struct hash_link *next = first_with(l->next, l->key);
    if (next || !h->old)
        return next;
    for (const struct hash_link *o = h->old[l->key & (h->old_len - 1)]; o; o = o->next)
        if (o == l)
            return NULL; /* this one was in the old chain, which comes last */
    return old_find(h, l->key);
}

uint32_t hash_chains(const struct hash *h)
{
    return h->len + h->old_len;
}

struct hash_link *hash_chain(const struct hash *h, uint32_t n)
{
    return n < h->len ? h->chain[n] : h->old[n - h->len];
}
