/* SPDX-License-Identifier: ISC */
#include "base/pool.h"

#include <string.h>

#define SLAB_OBJECTS 8U /* at least so many in a slab, where the pool may hold as many */
#define SLAB_UNIT    4096U
#define ALIGN        16U

struct pool_slab {
    struct pool_slab *next;
};

/* A free object's first octets. */
struct chain {
    struct chain *next;
};

static size_t round_up(size_t n, size_t unit)
{
    return (n + unit - 1) / unit * unit;
}

void pool_init(struct pool *p, struct supply *supply, size_t size, size_t max)
{
    check(size > 0 && size <= SIZE_MAX / (2 * SLAB_OBJECTS));
    size = round_up(size, ALIGN);
    size_t objects = max < SLAB_OBJECTS ? max : SLAB_OBJECTS;
    *p = (struct pool){.supply = supply,
                       .size = size,
                       .slab_len = round_up(ALIGN + objects * size, SLAB_UNIT),
                       .max = max};
}

static bool add_slab(struct pool *p)
{
    struct pool_slab *slab = supply_get(p->supply, p->slab_len);
    if (!slab)
        return false;
    slab->next = p->slabs;
    p->slabs = slab;
    char *first = (char *)slab + ALIGN;
    for (size_t n = (p->slab_len - ALIGN) / p->size; n > 0; n--) {
        struct chain *object = (struct chain *)(void *)(first + (n - 1) * p->size);
        object->next = p->free;
        p->free = object;
    }
    return true;
}

void *pool_get(struct pool *p)
{
    if (p->live == p->max || (!p->free && !add_slab(p)))
        return NULL;
    struct chain *object = p->free;
    p->free = object->next;
    p->live++;
    return memset(object, 0, p->size);
}

bool pool_may_give(const struct pool *p)
{
    const struct supply *s = p->supply;
    return p->live < p->max && (p->free || p->slab_len <= s->limit - s->used);
}

void pool_put(struct pool *p, void *object)
{
    if (!object)
        return;
    check(p->live > 0);
    struct chain *chain = object;
    chain->next = p->free;
    p->free = chain;
    p->live--;
}

void pool_end(struct pool *p)
{
    check(p->live == 0);
    while (p->slabs) {
        struct pool_slab *slab = p->slabs;
        p->slabs = slab->next;
        supply_put(p->supply, slab, p->slab_len);
    }
    p->free = NULL;
}
