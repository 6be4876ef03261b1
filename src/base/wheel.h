/* SPDX-License-Identifier: ISC */
#ifndef BASE_WHEEL_H
#define BASE_WHEEL_H

/* A hierarchical timer wheel: any number of timers, constant time to set, move
 * and stop one. Times are absolute nanoseconds of one clock. A timer never fires
 * early; it fires at most one tick (WHEEL_TICK_NS) late by the clock that
 * wheel_expire is given. Pure: the clock is an argument. */

#include "base/list.h"

#include <stdbool.h>
#include <stdint.h>

#define WHEEL_NEVER   UINT64_MAX
#define WHEEL_TICK_NS (1U << 18) /* 262,144 ns */
#define WHEEL_BITS    6
#define WHEEL_SLOTS   (1U << WHEEL_BITS)
#define WHEEL_LEVELS  7 /* covers 2^(18 + 42) ns, 36 years; later is clamped and re-filed */

struct timer {
    struct list link; /* in a slot; alone when idle */
    uint64_t at;      /* WHEEL_NEVER when idle */
    uint8_t slot, level;
};

struct wheel {
    uint64_t tick;                   /* every timer before this tick has been handed out */
    uint64_t occupied[WHEEL_LEVELS]; /* a bit for each slot that is not empty */
    struct list slot[WHEEL_LEVELS][WHEEL_SLOTS];
    struct list due; /* expired, not yet handed out */
    uint64_t count;  /* timers set */
};

void wheel_init(struct wheel *w, uint64_t now);

/* An idle timer; needed once before its first use. */
void timer_init(struct timer *t);
/* Sets or moves the timer; WHEEL_NEVER stops it. */
void timer_set(struct wheel *w, struct timer *t, uint64_t at);
void timer_stop(struct wheel *w, struct timer *t);

static inline bool timer_is_set(const struct timer *t)
{
    return t->at != WHEEL_NEVER;
}

/* The next timer whose time has come at `now`, made idle; NULL when there is none.
 * To be called until NULL. In order of ticks, and first set first within one. */
struct timer *wheel_expire(struct wheel *w, uint64_t now);

/* No timer fires before this moment (a lower bound that gets exact as it comes
 * near); WHEEL_NEVER when none is set. */
uint64_t wheel_next(const struct wheel *w);

#endif
