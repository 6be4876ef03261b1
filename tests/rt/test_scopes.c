/* SPDX-License-Identifier: ISC */
#include "tests/support/vplat.h"

#include "rt/loop.h"
#include <drupe/app.h>
#include <drupe/sync.h>
#include <drupe/task.h>

#include <errno.h>
#include <stdlib.h>

static char trace[4096];

static void note(const char *what)
{
    if (strlen(trace) + strlen(what) + 2 < sizeof trace) {
        strcat(trace, trace[0] ? " " : "");
        strcat(trace, what);
    }
}

static void run_ok(int (*body)(void))
{
    vplat_reset();
    trace[0] = '\0';
    int status = vplat_run(body);
    if (status != 0)
        printf("# console: %s", vplat_console());
    CHECK_INT(status, 0);
}

static const char *named(int err)
{
    return err == 0            ? "0"
           : err == -ECANCELED ? "canceled"
           : err == -ETIMEDOUT ? "timedout"
                               : "?";
}

static int sleeps(void *arg)
{
    (void)arg;
    int err = dr_sleep(DR_S(1000));
    note(named(err));
    return err;
}

/* ---- Closing and joining --------------------------------------------------- */

static int close_cancels(void)
{
    struct dr_scope s;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, sleeps, NULL, NULL), 0);
    CHECK_INT(dr_spawn(&s, sleeps, NULL, NULL), 0);
    CHECK_INT(dr_yield(), 0);
    CHECK_INT(dr_scope_close(&s), 0);
    note("closed");
    CHECK_INT(dr_yield(), 0); /* the task itself goes on */
    return 0;
}

TEST(closing_cancels_what_is_left_and_waits_for_it)
{
    run_ok(close_cancels);
    CHECK_STR(trace, "canceled canceled closed");
    CHECK_INT(vplat.now, VPLAT_START);
}

static int stubborn(void *arg)
{
    struct dr_scope s;
    (void)arg;
    CHECK_INT(dr_sleep(DR_S(1)), -ECANCELED);
    CHECK_INT(dr_sleep(DR_S(1)), -ECANCELED); /* and for good */
    CHECK_INT(dr_yield(), -ECANCELED);
    CHECK_INT(dr_cancelled(), -ECANCELED);
    dr_scope_open(&s, DR_NEVER); /* a new bracket is no way out */
    CHECK_INT(dr_sleep(1), -ECANCELED);
    CHECK_INT(dr_spawn(&s, sleeps, NULL, NULL), -ECANCELED);
    CHECK_INT(dr_scope_join(&s), 0);
    CHECK_INT(dr_scope_close(&s), 0);
    note("stubborn");
    return -EIO;
}

static int close_stubborn(void)
{
    struct dr_scope s;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, stubborn, NULL, NULL), 0);
    CHECK_INT(dr_yield(), 0);
    CHECK_INT(dr_scope_close(&s), -EIO);
    return 0;
}

TEST(once_cancelled_every_wait_says_so_also_in_new_scopes)
{
    run_ok(close_stubborn);
    CHECK_STR(trace, "stubborn");
}

static int child_of_cancelled(void *arg)
{
    struct dr_scope s;
    (void)arg;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, sleeps, NULL, NULL), 0);
    CHECK_INT(dr_sleep(DR_S(5)), -ECANCELED);
    CHECK_INT(dr_scope_close(&s), 0); /* waits, though cancelled */
    note("inner closed");
    return 0;
}

static int close_inside_cancelled(void)
{
    struct dr_scope s;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, child_of_cancelled, NULL, NULL), 0);
    CHECK_INT(dr_sleep(DR_MS(1)), 0);
    dr_scope_cancel(&s);
    dr_scope_cancel(&s);
    CHECK_INT(dr_sleep(1), -ECANCELED);
    CHECK_INT(dr_scope_close(&s), 0);
    note("outer closed");
    return 0;
}

TEST(a_scope_closed_within_a_cancelled_one_still_waits_for_its_tasks)
{
    run_ok(close_inside_cancelled);
    CHECK_STR(trace, "canceled inner closed outer closed");
}

static int sleeps_ms(void *arg)
{
    return dr_sleep(DR_MS(*(unsigned *)arg));
}

static int join(void)
{
    static unsigned ms[] = {1, 5, 3};
    struct dr_scope s;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_scope_join(&s), 0); /* of nobody */
    for (int i = 0; i < 3; i++)
        CHECK_INT(dr_spawn(&s, sleeps_ms, &ms[i], NULL), 0);
    uint64_t from = dr_now();
    CHECK_INT(dr_scope_join(&s), 0);
    CHECK(dr_now() >= from + DR_MS(5));
    dr_scope_deadline(&s, dr_after(DR_S(1)));
    CHECK_INT(dr_spawn(&s, sleeps, NULL, NULL), 0);
    CHECK_INT(dr_scope_join(&s), -ETIMEDOUT);
    return dr_scope_close(&s);
}

TEST(a_join_waits_for_all_and_ends_with_the_scope)
{
    run_ok(join);
    CHECK_STR(trace, "timedout");
}

/* ---- Orphans' failures ----------------------------------------------------- */

static int fails_with(void *arg)
{
    int result = *(int *)arg;
    CHECK_INT(dr_yield(), 0);
    return result;
}

static int failures(void)
{
    static int good = 3, io = -EIO, again = -EAGAIN, canceled = -ECANCELED;
    struct dr_scope s;
    struct dr_task *t;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, fails_with, &good, NULL), 0);
    CHECK_INT(dr_spawn(&s, fails_with, &io, NULL), 0);
    CHECK_INT(dr_spawn(&s, fails_with, &again, NULL), 0);
    CHECK_INT(dr_scope_join(&s), 0);
    CHECK_INT(dr_scope_close(&s), -EIO); /* the first */

    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, sleeps, NULL, NULL), 0);
    CHECK_INT(dr_yield(), 0);
    CHECK_INT(dr_scope_close(&s), 0); /* answers the close */

    dr_scope_open(&s, dr_after(DR_MS(1)));
    CHECK_INT(dr_spawn(&s, sleeps, NULL, NULL), 0);
    CHECK_INT(dr_scope_join(&s), -ETIMEDOUT);
    CHECK_INT(dr_scope_close(&s), 0); /* answers the deadline */

    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, fails_with, &canceled, NULL), 0);
    CHECK_INT(dr_scope_join(&s), 0);
    CHECK_INT(dr_scope_close(&s), -ECANCELED); /* of its own accord */

    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, fails_with, &io, &t), 0);
    CHECK_INT(dr_await(&t, NULL), 0);
    return dr_scope_close(&s); /* somebody was told already */
}

TEST(the_first_error_of_an_orphan_comes_out_of_close_and_cancellations_do_not)
{
    run_ok(failures);
}

/* ---- Deadlines ------------------------------------------------------------- */

static int inherits(void *arg)
{
    struct dr_scope inner;
    (void)arg;
    dr_scope_open(&inner, dr_after(DR_S(50)));
    int err = dr_sleep(DR_S(100));
    note(named(err));
    dr_scope_close(&inner);
    return err;
}

static int deadline_inherited(void)
{
    struct dr_scope s;
    dr_scope_open(&s, dr_after(DR_S(1)));
    CHECK_INT(dr_spawn(&s, inherits, NULL, NULL), 0);
    CHECK_INT(dr_sleep(DR_S(10)), -ETIMEDOUT);
    CHECK(dr_now() < VPLAT_START + DR_S(1) + DR_MS(1));
    CHECK_INT(dr_cancelled(), -ETIMEDOUT);
    CHECK_INT(dr_scope_close(&s), 0);
    CHECK_INT(dr_cancelled(), 0);
    return 0;
}

TEST(a_deadline_holds_for_all_that_is_inside)
{
    run_ok(deadline_inherited);
    CHECK_STR(trace, "timedout");
}

static int deadline_inner(void)
{
    struct dr_scope outer, inner;
    dr_scope_open(&outer, dr_after(DR_S(10)));
    dr_scope_open(&inner, dr_after(DR_S(1)));
    CHECK_INT(dr_sleep(DR_S(5)), -ETIMEDOUT);
    dr_scope_close(&inner);
    CHECK_INT(dr_sleep(DR_S(5)), 0);
    CHECK_INT(dr_sleep(DR_S(5)), -ETIMEDOUT);
    dr_scope_close(&outer);
    return 0;
}

TEST(an_inner_deadline_leaves_the_outer_scope_as_it_is)
{
    run_ok(deadline_inner);
}

static int deadline_moved(void)
{
    struct dr_scope s;
    dr_scope_open(&s, dr_after(DR_S(1)));
    dr_scope_deadline(&s, dr_after(DR_S(3)));
    CHECK_INT(dr_sleep(DR_S(2)), 0);
    dr_scope_deadline(&s, DR_NEVER);
    CHECK_INT(dr_sleep(DR_S(2)), 0);
    dr_scope_deadline(&s, dr_now());
    CHECK_INT(dr_sleep(1), -ETIMEDOUT);
    dr_scope_deadline(&s, DR_NEVER);
    CHECK_INT(dr_sleep(1), -ETIMEDOUT); /* stays timed out */
    dr_scope_cancel(&s);
    CHECK_INT(dr_sleep(1), -ETIMEDOUT); /* the first reason holds */
    dr_scope_close(&s);
    dr_scope_open(&s, 1);
    CHECK_INT(dr_yield(), -ETIMEDOUT);
    dr_scope_close(&s);
    return 0;
}

TEST(a_deadline_can_be_moved_until_it_has_passed)
{
    run_ok(deadline_moved);
}

static int computes(void)
{
    struct dr_scope s;
    int turns = 0;
    dr_scope_open(&s, dr_after(DR_MS(10)));
    for (; !dr_cancelled(); turns++)
        vplat_advance(DR_MS(1));
    CHECK_INT(turns, 10);
    CHECK_INT(dr_sleep(1), -ETIMEDOUT);
    dr_scope_close(&s);
    return 0;
}

TEST(one_who_computes_and_asks_learns_that_the_deadline_has_passed)
{
    run_ok(computes);
}

/* ---- Limits ---------------------------------------------------------------- */

static int most, now_live;

static int counts(void *arg)
{
    (void)arg;
    if (++now_live > most)
        most = now_live;
    int err = dr_sleep(DR_MS(1));
    now_live--;
    return err;
}

static int limited(void)
{
    struct dr_scope s;
    most = now_live = 0;
    dr_scope_open(&s, DR_NEVER);
    dr_scope_limit(&s, 3);
    for (int i = 0; i < 20; i++)
        CHECK_INT(dr_spawn(&s, counts, NULL, NULL), 0);
    CHECK_INT(dr_scope_join(&s), 0);
    CHECK_INT(most, 3);
    dr_scope_limit(&s, 0);
    for (int i = 0; i < 20; i++)
        CHECK_INT(dr_spawn(&s, counts, NULL, NULL), 0);
    CHECK_INT(dr_scope_join(&s), 0);
    CHECK_INT(most, 20);
    return dr_scope_close(&s);
}

TEST(a_limit_makes_spawn_wait_for_room)
{
    run_ok(limited);
}

static struct dr_scope shared;

static int spawns_into_shared(void *arg)
{
    (void)arg;
    int err = dr_spawn(&shared, sleeps, NULL, NULL);
    note("refused");
    note(named(err));
    return 0;
}

static int joins_shared(void *arg)
{
    (void)arg;
    note(named(dr_scope_join(&shared)));
    return 0;
}

static int full_and_cancelled(void)
{
    struct dr_scope outside;
    dr_scope_open(&outside, DR_NEVER);
    dr_scope_open(&shared, DR_NEVER);
    dr_scope_limit(&shared, 1);
    CHECK_INT(dr_spawn(&shared, sleeps, NULL, NULL), 0);
    CHECK_INT(dr_spawn(&outside, spawns_into_shared, NULL, NULL), 0);
    CHECK_INT(dr_spawn(&outside, joins_shared, NULL, NULL), 0);
    CHECK_INT(dr_yield(), 0);
    CHECK_INT(dr_yield(), 0);
    dr_scope_close(&shared);
    memset(&shared, 0xee, sizeof shared); /* nobody may look at it any more */
    CHECK_INT(dr_scope_join(&outside), 0);
    return dr_scope_close(&outside);
}

TEST(who_waits_for_room_from_outside_is_turned_away_before_the_scope_is_gone)
{
    run_ok(full_and_cancelled);
    CHECK_STR(trace, "refused canceled canceled canceled");
}

static int deadline_while_full(void)
{
    struct dr_scope s, inner;
    dr_scope_open(&s, DR_NEVER);
    dr_scope_limit(&s, 1);
    CHECK_INT(dr_spawn(&s, sleeps, NULL, NULL), 0);
    dr_scope_open(&inner, dr_after(DR_S(1)));
    CHECK_INT(dr_spawn(&s, sleeps, NULL, NULL), -ETIMEDOUT);
    dr_scope_close(&inner);
    return dr_scope_close(&s);
}

TEST(a_spawn_that_waits_for_room_keeps_the_callers_own_deadline)
{
    run_ok(deadline_while_full);
}

/* ---- Depth and breadth ----------------------------------------------------- */

#define DEPTH 300

static int dives(void *arg)
{
    unsigned depth = *(unsigned *)arg;
    struct dr_scope s;
    unsigned next = depth + 1;
    dr_scope_open(&s, DR_NEVER);
    if (depth < DEPTH)
        CHECK_INT(dr_spawn(&s, dives, &next, NULL), 0);
    int err = dr_scope_join(&s);
    if (!err)
        err = dr_sleep(DR_S(1000));
    now_live++;
    dr_scope_close(&s);
    return err;
}

static int deep(void)
{
    static unsigned first;
    struct dr_scope s;
    now_live = 0;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, dives, &first, NULL), 0);
    CHECK_INT(dr_sleep(DR_MS(1)), 0);
    CHECK_INT(dr_scope_close(&s), 0);
    CHECK_INT(now_live, DEPTH + 1);
    return 0;
}

TEST(a_cancellation_reaches_three_hundred_scopes_down)
{
    run_ok(deep);
}

static int nested(void)
{
    enum { N = 20000 };
    struct dr_scope *s = calloc(N, sizeof *s);
    CHECK(s);
    for (int i = 0; i < N; i++)
        dr_scope_open(&s[i], DR_NEVER);
    dr_scope_cancel(&s[0]);
    CHECK_INT(dr_yield(), -ECANCELED);
    for (int i = N; i > 0; i--)
        CHECK_INT(dr_scope_close(&s[i - 1]), 0);
    free(s);
    return dr_yield();
}

TEST(scopes_nest_deeper_than_a_stack_could_recurse)
{
    run_ok(nested);
}

/* ---- Cancellation at every wait -------------------------------------------- */

static struct dr_cond cond;
static struct dr_mutex mutex;
static struct dr_queue empty_queue, full_queue;
static int waits_made;

/* Waits in every way there is, one after the other; counts those that were let go
 * on, and stops at the first that was not. */
static int waits_in_every_way(void *arg)
{
    void *item;
    int err;
    (void)arg;
    waits_made = 0;
    if ((err = dr_yield()) != 0)
        return err;
    waits_made++;
    if ((err = dr_sleep(DR_MS(1))) != 0)
        return err;
    waits_made++;
    if ((err = dr_cond_wait(&cond, NULL)) != 0)
        return err;
    waits_made++;
    if ((err = dr_mutex_lock(&mutex)) != 0)
        return err;
    waits_made++;
    err = dr_cond_wait(&cond, &mutex);
    dr_mutex_unlock(&mutex);
    if (err)
        return err;
    waits_made++;
    if ((err = dr_queue_get(&empty_queue, &item)) != 0)
        return err;
    waits_made++;
    if ((err = dr_queue_put(&full_queue, &cond)) != 0)
        return err;
    waits_made++;
    return 0;
}

/* Lets the task go on past `n` waits, then cancels it. */
static int cancel_after;

static int cancel_at(void)
{
    static void *slot[2];
    struct dr_scope s;
    struct dr_task *t;
    int result;
    void *item;
    dr_cond_init(&cond);
    dr_mutex_init(&mutex);
    dr_queue_init(&empty_queue, &slot[0], 1);
    dr_queue_init(&full_queue, &slot[1], 1);
    CHECK_INT(dr_queue_put(&full_queue, &cond), 0);
    CHECK_INT(dr_mutex_lock(&mutex), 0);
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, waits_in_every_way, NULL, &t), 0);
    int had = 0; /* the mutex was let go */
    for (int i = 0; i < 100 && waits_made < cancel_after; i++) {
        CHECK_INT(dr_sleep(DR_US(100)), 0);
        if (waits_made >= cancel_after)
            break;
        if (waits_made == 3 && !had++)
            dr_mutex_unlock(&mutex);
        else if (waits_made == 2 || waits_made == 4)
            dr_cond_signal(&cond);
        else if (waits_made == 5)
            CHECK_INT(dr_queue_put(&empty_queue, &cond), 0);
        else if (waits_made == 6)
            CHECK_INT(dr_queue_get(&full_queue, &item), 0);
    }
    if (cancel_after == 0)
        CHECK_INT(waits_made, 0);
    dr_task_cancel(t);
    CHECK_INT(dr_await(&t, &result), 0);
    CHECK_INT(waits_made, cancel_after);
    CHECK_INT(result, cancel_after == 7 ? 0 : -ECANCELED);
    if (!had)
        dr_mutex_unlock(&mutex);
    CHECK_INT(dr_mutex_lock(&mutex), 0); /* whatever happened, it is free */
    dr_mutex_unlock(&mutex);
    /* Nobody is left in a queue: what is put now stays, what is signalled goes nowhere. */
    dr_cond_broadcast(&cond);
    while (full_queue.count)
        CHECK_INT(dr_queue_get(&full_queue, &item), 0);
    CHECK_INT(dr_queue_put(&empty_queue, &cond), 0);
    CHECK_INT(empty_queue.count, 1);
    return dr_scope_close(&s);
}

TEST(a_cancellation_ends_each_kind_of_wait_and_leaves_its_queue_whole)
{
    for (cancel_after = 0; cancel_after <= 7; cancel_after++) {
        waits_made = 0;
        run_ok(cancel_at);
    }
}

/* ---- Ownership ------------------------------------------------------------- */

struct thing {
    struct dr_resource resource;
    const char *name;
};

static void finalise(struct dr_resource *r)
{
    note(((struct thing *)(void *)r)->name);
}

static struct thing a = {.name = "a"}, b = {.name = "b"}, c = {.name = "c"};

static int owns_and_waits(void *arg)
{
    (void)arg;
    dr_own(&a.resource, finalise);
    dr_own(&b.resource, finalise);
    dr_own(&c.resource, finalise);
    dr_disown(&b.resource);
    dr_disown(&b.resource);
    return dr_sleep(DR_S(1000));
}

static int owner_cancelled(void)
{
    struct dr_scope s;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, owns_and_waits, NULL, NULL), 0);
    CHECK_INT(dr_yield(), 0);
    CHECK_STR(trace, "");
    dr_scope_close(&s);
    CHECK(!a.resource.owner);
    return 0;
}

TEST(finalisers_run_in_reverse_order_however_a_task_ends)
{
    run_ok(owner_cancelled);
    CHECK_STR(trace, "c a");
    CHECK_INT(vplat.leaks, 0);
}

static int owns_and_returns(void *arg)
{
    dr_own(&a.resource, finalise);
    return *(int *)arg;
}

static int results[2] = {0, -EIO};

static int owner_returns(void)
{
    struct dr_scope s;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, owns_and_returns, &results[0], NULL), 0);
    CHECK_INT(dr_scope_join(&s), 0);
    dr_scope_close(&s);
    return 0;
}

static int owner_fails(void)
{
    struct dr_scope s;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, owns_and_returns, &results[1], NULL), 0);
    CHECK_INT(dr_scope_join(&s), 0);
    CHECK_INT(dr_scope_close(&s), -EIO);
    return 0;
}

TEST(a_resource_left_by_a_task_that_succeeded_is_a_leak_and_one_that_failed_is_not)
{
    run_ok(owner_fails);
    CHECK_STR(trace, "a");
    a.resource = (struct dr_resource){0};
    vplat_reset();
    CHECK_INT(vplat_run(owner_returns), 255);
    CHECK(strstr(vplat_console(), "a resource left behind by task"));
    a.resource = (struct dr_resource){0};
    vplat_reset();
    trace[0] = '\0';
    vplat.leaks_allowed = true;
    CHECK_INT(vplat_run(owner_returns), 0);
    CHECK_INT(vplat.leaks, 1);
    CHECK_STR(trace, "a"); /* cleaned up all the same */
}

static int task_left(void)
{
    struct dr_scope s;
    struct dr_task *t;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, sleeps, NULL, &t), 0);
    CHECK_INT(dr_yield(), 0);
    return dr_scope_close(&s);
}

TEST(an_awaitable_task_left_running_is_a_leak)
{
    vplat_reset();
    CHECK_INT(vplat_run(task_left), 255);
    CHECK(strstr(vplat_console(), "a running task left behind by task main"));
    vplat_reset();
    vplat.leaks_allowed = true;
    CHECK_INT(vplat_run(task_left), 0);
    CHECK_INT(vplat.leaks, 1);
}

static int receives(void *arg)
{
    (void)arg;
    CHECK_INT(dr_yield(), 0);
    CHECK(a.resource.owner == dr_self());
    return -EIO;
}

static int transfer(void)
{
    struct dr_scope s;
    struct dr_task *t;
    dr_own(&a.resource, finalise);
    dr_own(&b.resource, finalise);
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, receives, NULL, &t), 0);
    dr_transfer(&a.resource, t);
    CHECK_INT(dr_await(&t, NULL), 0);
    CHECK_STR(trace, "a");
    dr_disown(&b.resource);
    return dr_scope_close(&s);
}

TEST(a_transferred_resource_ends_with_its_new_owner)
{
    run_ok(transfer);
    CHECK_STR(trace, "a");
}

/* ---- Bugs that stop the image ---------------------------------------------- */

static struct dr_scope forgotten;

static int leaves_scope_open(void *arg)
{
    (void)arg;
    dr_scope_open(&forgotten, DR_NEVER);
    return 0;
}

static int scope_left_open(void)
{
    struct dr_scope s;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, leaves_scope_open, NULL, NULL), 0);
    CHECK_INT(dr_scope_join(&s), 0);
    return dr_scope_close(&s);
}

static int wrong_order(void)
{
    struct dr_scope outer, inner;
    dr_scope_open(&outer, DR_NEVER);
    dr_scope_open(&inner, DR_NEVER);
    return dr_scope_close(&outer);
}

TEST(a_scope_left_open_or_closed_out_of_order_stops_the_image)
{
    vplat_reset();
    CHECK_INT(vplat_run(scope_left_open), 255);
    CHECK(strstr(vplat_console(), "returned with a scope open"));
    vplat_reset();
    CHECK_INT(vplat_run(wrong_order), 255);
    CHECK(strstr(vplat_console(), "out of order"));
}

/* ---- The loop's own scope -------------------------------------------------- */

static int in_background(void)
{
    return dr_spawn(loop_scope(), sleeps, NULL, NULL);
}

TEST(background_tasks_are_cancelled_when_main_has_returned)
{
    run_ok(in_background);
    CHECK_STR(trace, "canceled");
    CHECK_INT(vplat.now, VPLAT_START);
}

TEST_MAIN(
    TEST_OF(closing_cancels_what_is_left_and_waits_for_it),
    TEST_OF(once_cancelled_every_wait_says_so_also_in_new_scopes),
    TEST_OF(a_scope_closed_within_a_cancelled_one_still_waits_for_its_tasks),
    TEST_OF(a_join_waits_for_all_and_ends_with_the_scope),
    TEST_OF(the_first_error_of_an_orphan_comes_out_of_close_and_cancellations_do_not),
    TEST_OF(a_deadline_holds_for_all_that_is_inside),
    TEST_OF(an_inner_deadline_leaves_the_outer_scope_as_it_is),
    TEST_OF(a_deadline_can_be_moved_until_it_has_passed),
    TEST_OF(one_who_computes_and_asks_learns_that_the_deadline_has_passed),
    TEST_OF(a_limit_makes_spawn_wait_for_room),
    TEST_OF(who_waits_for_room_from_outside_is_turned_away_before_the_scope_is_gone),
    TEST_OF(a_spawn_that_waits_for_room_keeps_the_callers_own_deadline),
    TEST_OF(a_cancellation_reaches_three_hundred_scopes_down),
    TEST_OF(scopes_nest_deeper_than_a_stack_could_recurse),
    TEST_OF(a_cancellation_ends_each_kind_of_wait_and_leaves_its_queue_whole),
    TEST_OF(finalisers_run_in_reverse_order_however_a_task_ends),
    TEST_OF(a_resource_left_by_a_task_that_succeeded_is_a_leak_and_one_that_failed_is_not),
    TEST_OF(an_awaitable_task_left_running_is_a_leak),
    TEST_OF(a_transferred_resource_ends_with_its_new_owner),
    TEST_OF(a_scope_left_open_or_closed_out_of_order_stops_the_image),
    TEST_OF(background_tasks_are_cancelled_when_main_has_returned))
