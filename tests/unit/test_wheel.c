/* SPDX-License-Identifier: ISC */
#include "base/wheel.h"
#include "tests/check.h"

#include <stdlib.h>

#define TICK ((uint64_t)WHEEL_TICK_NS)

static struct wheel wheel;

static uint64_t seed = 1;
static uint64_t dice(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

TEST(a_timer_is_never_early_and_at_most_a_tick_late)
{
    for (uint64_t at = 5 * TICK - 2; at <= 5 * TICK + 2; at++) {
        struct timer t;
        wheel_init(&wheel, 1);
        timer_init(&t);
        timer_set(&wheel, &t, at);
        CHECK(timer_is_set(&t));
        CHECK(!wheel_expire(&wheel, at - 1));
        CHECK(wheel_expire(&wheel, at + TICK) == &t);
        CHECK(!timer_is_set(&t));
        CHECK(!wheel_expire(&wheel, at + TICK));
    }
}

TEST(a_timer_in_the_past_is_due_at_once)
{
    struct timer t;
    wheel_init(&wheel, 100 * TICK);
    timer_init(&t);
    CHECK(!wheel_expire(&wheel, 200 * TICK));
    timer_set(&wheel, &t, 3);
    CHECK(wheel_next(&wheel) <= 200 * TICK);
    CHECK(wheel_expire(&wheel, 200 * TICK) == &t);
    timer_set(&wheel, &t, 200 * TICK);
    CHECK(wheel_expire(&wheel, 200 * TICK) == &t);
}

TEST(a_timer_at_the_start_of_the_clock_fires)
{
    struct timer t;
    wheel_init(&wheel, 0);
    timer_init(&t);
    timer_set(&wheel, &t, 0);
    CHECK(wheel_expire(&wheel, 0) == &t);
}

TEST(setting_to_never_stops_a_timer)
{
    struct timer t;
    wheel_init(&wheel, 0);
    timer_init(&t);
    timer_set(&wheel, &t, 7);
    timer_set(&wheel, &t, WHEEL_NEVER);
    CHECK(!timer_is_set(&t));
    CHECK_INT(wheel.count, 0);
    CHECK(wheel_next(&wheel) == WHEEL_NEVER);
    timer_stop(&wheel, &t);
    CHECK(!wheel_expire(&wheel, 100 * TICK));
}

TEST(a_timer_that_is_due_can_still_be_stopped)
{
    struct timer a, b;
    wheel_init(&wheel, 0);
    timer_init(&a);
    timer_init(&b);
    timer_set(&wheel, &a, 7);
    timer_set(&wheel, &b, 8);
    CHECK(wheel_expire(&wheel, 10 * TICK) == &a);
    timer_stop(&wheel, &b);
    CHECK(!wheel_expire(&wheel, 10 * TICK));
    CHECK_INT(wheel.count, 0);
}

TEST(every_level_holds_timers_and_gives_them_back_in_order)
{
    static struct timer t[WHEEL_LEVELS * WHEEL_SLOTS];
    size_t n = 0;
    wheel_init(&wheel, 12345 * TICK);
    for (unsigned level = 0; level < WHEEL_LEVELS; level++)
        for (unsigned slot = 1; slot < WHEEL_SLOTS; slot++, n++) {
            timer_init(&t[n]);
            timer_set(&wheel, &t[n],
                      12345 * TICK + ((uint64_t)slot << (level * WHEEL_BITS)) * TICK);
        }
    for (size_t i = 0; i < n; i++) {
        uint64_t at = t[i].at, steps = 0;
        CHECK(!wheel_expire(&wheel, at - 1));
        for (uint64_t next; (next = wheel_next(&wheel)) < at; steps++) {
            CHECK(!wheel_expire(&wheel, next)); /* a lower bound, then closer */
            CHECK(wheel_next(&wheel) > next);
        }
        CHECK(steps < WHEEL_LEVELS);
        CHECK(wheel_expire(&wheel, at) == &t[i]);
    }
    CHECK_INT(wheel.count, 0);
}

TEST(a_timer_beyond_the_wheel_waits_for_its_time)
{
    struct timer t, last;
    uint64_t epoch = TICK << (WHEEL_BITS * WHEEL_LEVELS), at = 3 * epoch + 17 * TICK;
    wheel_init(&wheel, 5 * TICK);
    timer_init(&t);
    timer_init(&last);
    timer_set(&wheel, &t, at);
    timer_set(&wheel, &last, WHEEL_NEVER - 1);
    for (uint64_t now = 5 * TICK; now < at; now += epoch / 3)
        CHECK(!wheel_expire(&wheel, now));
    CHECK(!wheel_expire(&wheel, at - 1));
    CHECK(wheel_expire(&wheel, at) == &t);
    CHECK(!wheel_expire(&wheel, WHEEL_NEVER - TICK));
    CHECK_INT(wheel.count, 1);
    timer_stop(&wheel, &last);
}

/* ---- Against a model that is a plain array --------------------------------- */

#define MODEL 200

struct modelled {
    struct timer timer;
    uint64_t order; /* of the last set */
};

static uint64_t due_tick(const struct modelled *m)
{
    return (m->timer.at + TICK - 1) / TICK;
}

/* The one the wheel should hand out next at `now`. */
static struct modelled *model_next(struct modelled *all, uint64_t now)
{
    struct modelled *best = NULL;
    for (size_t i = 0; i < MODEL; i++) {
        struct modelled *m = &all[i];
        if (!timer_is_set(&m->timer) || due_tick(m) > now / TICK)
            continue;
        if (!best || due_tick(m) < due_tick(best) ||
            (due_tick(m) == due_tick(best) && m->order < best->order))
            best = m;
    }
    return best;
}

static void model_drain(struct modelled *all, uint64_t now)
{
    for (struct modelled *want; (want = model_next(all, now)) != NULL;) {
        uint64_t at = want->timer.at;
        struct timer *got = wheel_expire(&wheel, now);
        CHECK(got == &want->timer);
        CHECK(at <= now);
    }
    CHECK(!wheel_expire(&wheel, now));
}

static uint64_t model_earliest(struct modelled *all)
{
    uint64_t first = WHEEL_NEVER;
    for (size_t i = 0; i < MODEL; i++)
        if (timer_is_set(&all[i].timer) && due_tick(&all[i]) * TICK < first)
            first = due_tick(&all[i]) * TICK;
    return first;
}

TEST(a_wheel_agrees_with_a_naive_model)
{
    static struct modelled all[MODEL];
    for (int round = 0; round < 40; round++) {
        uint64_t now = dice() >> (dice() % 40 + 8), order = 0;
        wheel_init(&wheel, now);
        for (size_t i = 0; i < MODEL; i++)
            timer_init(&all[i].timer);
        CHECK(!wheel_expire(&wheel, now));
        for (int step = 0; step < 400; step++) {
            struct modelled *m = &all[dice() % MODEL];
            switch (dice() % 4) {
            case 0:
                timer_stop(&wheel, &m->timer);
                break;
            case 1:
                now += dice() >> (dice() % 40 + 20);
                model_drain(all, now);
                break;
            default:
                m->order = order++;
                timer_set(&wheel, &m->timer, now + 1 + (dice() >> (dice() % 40 + 20)));
            }
            CHECK(wheel_next(&wheel) <= model_earliest(all));
        }
        while (wheel.count) {
            uint64_t next = wheel_next(&wheel);
            now = next > now ? next : now;
            model_drain(all, now);
        }
        CHECK(wheel_next(&wheel) == WHEEL_NEVER);
    }
}

TEST(a_hundred_thousand_timers_all_fire_in_order_of_ticks)
{
    size_t n = 100000, fired = 0;
    struct timer *t = malloc(n * sizeof *t);
    uint64_t now = 0, last = 0;
    CHECK(t);
    wheel_init(&wheel, 0);
    for (size_t i = 0; i < n; i++) {
        timer_init(&t[i]);
        timer_set(&wheel, &t[i], dice() % (60ULL * 1000000000));
    }
    for (size_t i = 0; i < n; i += 2) /* moved before they fire, as a retransmission is */
        timer_set(&wheel, &t[i], dice() % (60ULL * 1000000000));
    for (; wheel.count; now = wheel_next(&wheel)) {
        CHECK(now >= last);
        last = now;
        while (wheel_expire(&wheel, now))
            fired++;
    }
    free(t);
    CHECK_INT(fired, n);
}

TEST_MAIN(TEST_OF(a_timer_is_never_early_and_at_most_a_tick_late),
          TEST_OF(a_timer_in_the_past_is_due_at_once),
          TEST_OF(a_timer_at_the_start_of_the_clock_fires),
          TEST_OF(setting_to_never_stops_a_timer),
          TEST_OF(a_timer_that_is_due_can_still_be_stopped),
          TEST_OF(every_level_holds_timers_and_gives_them_back_in_order),
          TEST_OF(a_timer_beyond_the_wheel_waits_for_its_time),
          TEST_OF(a_wheel_agrees_with_a_naive_model),
          TEST_OF(a_hundred_thousand_timers_all_fire_in_order_of_ticks))
