/* SPDX-License-Identifier: ISC */
#ifndef BASE_HASH_H
#define BASE_HASH_H

/* A table of chains whose links live inside what they link. It doubles when it has as many
 * entries as chains, but moves them by and by, a few chains whenever one is added: no single
 * addition takes long, whatever the size. When there is no memory to double, it only becomes
 * slower. The caller makes the keys, by a keyed hash where a peer could choose them. */

#include "base/supply.h"

#define HASH_MOVED 8U /* chains moved at each addition while it grows */

struct hash_link {
    struct hash_link *next;
    struct hash_link **at; /* what points here; NULL when in no table */
    uint32_t key;
};

struct hash {
    struct supply *supply;
    struct hash_link **chain, **old; /* old: those not yet moved; NULL when all are */
    uint32_t len, old_len;           /* chains: powers of 2 */
    uint32_t moved;                  /* chains of `old` that are empty for good */
    uint32_t count;                  /* entries */
};

/* An empty table of `len` chains, a power of 2; false when there is no memory. */
bool hash_init(struct hash *h, struct supply *s, uint32_t len);
/* Gives its memory back. It must be empty. */
void hash_end(struct hash *h);

/* `l` is in no table (all zero, or removed). */
void hash_add(struct hash *h, struct hash_link *l, uint32_t key);
/* Harmless when it is in none. */
void hash_remove(struct hash *h, struct hash_link *l);

/* The first link that has the key, or the next one; NULL when there is none. */
struct hash_link *hash_find(const struct hash *h, uint32_t key);
struct hash_link *hash_find_next(const struct hash *h, const struct hash_link *l);

/* To look at all: chain n of hash_chains(h). Nothing may be added meanwhile. */
uint32_t hash_chains(const struct hash *h);
struct hash_link *hash_chain(const struct hash *h, uint32_t n);

#endif
