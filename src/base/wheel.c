/* SPDX-License-Identifier: ISC */
/* Theory of operation. Time is cut into ticks; a timer belongs to the first tick
 * that is not before it, so it is never early. A timer is filed by the highest
 * group of six bits in which its tick differs from the wheel's: that group is the
 * level, its value there the slot. So everything in a lower level comes before
 * everything in a higher one, and the next slot to look at is found with one bit
 * scan a level. When the wheel's tick reaches the start of a slot of a higher
 * level, its timers are filed again and land lower (cascade).
 *
 * I1  tick <= the tick of every timer in a slot.
 * I2  a bit of `occupied` is set exactly when its slot is not empty.
 * I3  no slot of a level above 0 that starts at or before `tick` holds timers. */
#include "base/wheel.h"

#include "base/check.h"

#define TICK_BITS   18
#define SLOT_MASK   (WHEEL_SLOTS - 1)
#define WHEEL_TICKS ((uint64_t)1 << (WHEEL_BITS * WHEEL_LEVELS))
#define LEVEL_DUE   WHEEL_LEVELS /* of a timer in `due` */

static struct timer *timer_of(struct list *link)
{
    return container_of(link, struct timer, link);
}

/* The first tick that is not before the moment. */
static uint64_t tick_of(uint64_t at)
{
    return (at >> TICK_BITS) + ((at & (WHEEL_TICK_NS - 1)) != 0);
}

void wheel_init(struct wheel *w, uint64_t now)
{
    w->tick = now >> TICK_BITS;
    w->count = 0;
    list_init(&w->due);
    for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
        w->occupied[level] = 0;
        for (unsigned slot = 0; slot < WHEEL_SLOTS; slot++)
            list_init(&w->slot[level][slot]);
    }
}

void timer_init(struct timer *t)
{
    list_init(&t->link);
    t->at = WHEEL_NEVER;
    t->slot = 0;
    t->level = 0;
}

static void put_due(struct wheel *w, struct timer *t)
{
    t->level = LEVEL_DUE;
    list_push(&w->due, &t->link);
}

/* Files a timer that is in no list by its moment. */
static void file(struct wheel *w, struct timer *t)
{
    uint64_t tick = tick_of(t->at);
    if (tick < w->tick) {
        put_due(w, t);
        return;
    }
    /* What lies beyond the wheel waits in its last slot, and is filed again there. */
    if ((tick ^ w->tick) >= WHEEL_TICKS)
        tick = w->tick | (WHEEL_TICKS - 1);
    unsigned highest = 63U - (unsigned)__builtin_clzll((tick ^ w->tick) | 1);
    unsigned level = highest / WHEEL_BITS;
    unsigned slot = (unsigned)(tick >> (level * WHEEL_BITS)) & SLOT_MASK;
    t->level = (uint8_t)level;
    t->slot = (uint8_t)slot;
    w->occupied[level] |= (uint64_t)1 << slot;
    list_push(&w->slot[level][slot], &t->link);
}

/* Takes a timer out of the list it is in. */
static void unfile(struct wheel *w, struct timer *t)
{
    list_remove(&t->link);
    if (t->level != LEVEL_DUE && list_empty(&w->slot[t->level][t->slot]))
        w->occupied[t->level] &= ~((uint64_t)1 << t->slot);
}

void timer_stop(struct wheel *w, struct timer *t)
{
    if (!timer_is_set(t))
        return;
    unfile(w, t);
    t->at = WHEEL_NEVER;
    w->count--;
}

void timer_set(struct wheel *w, struct timer *t, uint64_t at)
{
    timer_stop(w, t);
    if (at == WHEEL_NEVER)
        return;
    t->at = at;
    w->count++;
    file(w, t);
}

/* Moves all of a slot to `to`, in order. */
static void take_slot(struct wheel *w, unsigned level, unsigned slot, struct list *to)
{
    list_init(to);
    for (struct list *e; (e = list_pop(&w->slot[level][slot])) != NULL;)
        list_push(to, e);
    w->occupied[level] &= ~((uint64_t)1 << slot);
}

/* Advances to `tick`, before which no slot is left, and keeps I3: from the top
 * down, so that what was set first stays first. */
static void advance(struct wheel *w, uint64_t tick)
{
    check(tick >= w->tick);
    w->tick = tick;
    for (unsigned level = WHEEL_LEVELS - 1; level > 0; level--) {
        unsigned shift = level * WHEEL_BITS;
        unsigned slot = (unsigned)(tick >> shift) & SLOT_MASK;
        if ((tick & (((uint64_t)1 << shift) - 1)) != 0 || !(w->occupied[level] >> slot & 1))
            continue;
        struct list moved;
        take_slot(w, level, slot, &moved);
        for (struct list *e; (e = list_pop(&moved)) != NULL;)
            file(w, timer_of(e));
    }
}

/* The first slot that is not empty: its level, and its first tick in *start.
 * WHEEL_LEVELS when there is none. */
static unsigned next_slot(const struct wheel *w, uint64_t *start)
{
    for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
        if (!w->occupied[level])
            continue;
        unsigned shift = level * WHEEL_BITS;
        uint64_t above = w->tick >> shift >> WHEEL_BITS << WHEEL_BITS;
        *start = (above | (uint64_t)__builtin_ctzll(w->occupied[level])) << shift;
        return level;
    }
    return WHEEL_LEVELS;
}

/* Hands the timers of the level-0 slot of `tick` out, but for those that lie
 * beyond the wheel and were only parked there. */
static void drain(struct wheel *w, uint64_t tick)
{
    struct list moved;
    take_slot(w, 0, (unsigned)tick & SLOT_MASK, &moved);
    advance(w, tick + 1);
    for (struct list *e; (e = list_pop(&moved)) != NULL;)
        file(w, timer_of(e)); /* its tick < w->tick now: due */
}

static void collect(struct wheel *w, uint64_t target)
{
    while (list_empty(&w->due) && w->tick <= target) {
        uint64_t start;
        unsigned level = next_slot(w, &start);
        if (level == WHEEL_LEVELS || start > target)
            advance(w, target + 1);
        else if (level == 0)
            drain(w, start);
        else
            advance(w, start);
    }
}

struct timer *wheel_expire(struct wheel *w, uint64_t now)
{
    if (list_empty(&w->due))
        collect(w, now >> TICK_BITS);
    if (list_empty(&w->due))
        return NULL;
    struct timer *t = timer_of(list_pop(&w->due));
    t->at = WHEEL_NEVER;
    w->count--;
    return t;
}

uint64_t wheel_next(const struct wheel *w)
{
    if (!list_empty(&w->due))
        return timer_of(w->due.next)->at;
    uint64_t start;
    return next_slot(w, &start) == WHEEL_LEVELS ? WHEEL_NEVER : start << TICK_BITS;
}
