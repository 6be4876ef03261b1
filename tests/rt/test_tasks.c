/* SPDX-License-Identifier: ISC */
#include "tests/support/vplat.h"

#include <drupe/app.h>
#include <drupe/sync.h>
#include <drupe/task.h>

#include <errno.h>
#include <fenv.h>
#include <stdlib.h>

#define TICK (1U << 18) /* what a timer may be late by */

static char trace[4096];

static void note(const char *what)
{
    if (strlen(trace) + strlen(what) + 2 < sizeof trace) {
        strcat(trace, trace[0] ? " " : "");
        strcat(trace, what);
    }
}

static void begin(void)
{
    vplat_reset();
    trace[0] = '\0';
}

static int ends_with(void *arg)
{
    return *(int *)arg;
}

/* ---- Beginning and ending -------------------------------------------------- */

static int returns_7(void)
{
    return 7;
}

TEST(what_main_returns_is_the_exit_status)
{
    begin();
    CHECK_INT(vplat_run(returns_7), 7);
}

static int returns_255(void)
{
    return 255;
}

static int returns_error(void)
{
    return -ECONNREFUSED;
}

TEST(an_error_from_main_is_logged_and_ends_with_1)
{
    begin();
    CHECK_INT(vplat_run(returns_error), 1);
    CHECK(strstr(vplat_console(), "[ERROR] [rt] test ended with an error: connection refused"));
    begin();
    CHECK_INT(vplat_run(returns_255), 1);
    CHECK(strstr(vplat_console(), "255, which is no exit status"));
}

static int says(void *arg)
{
    note(arg);
    return 0;
}

static int spawn_order(void)
{
    struct dr_scope s;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, says, "a", NULL), 0);
    CHECK_INT(dr_spawn(&s, says, "b", NULL), 0);
    note("main");
    CHECK_INT(dr_yield(), 0);
    note("again");
    return dr_scope_close(&s);
}

TEST(a_task_runs_when_its_spawner_waits_and_in_the_order_of_spawning)
{
    begin();
    CHECK_INT(vplat_run(spawn_order), 0);
    CHECK_STR(trace, "main a b again");
}

static int await_result(void)
{
    struct dr_scope s;
    struct dr_task *t;
    int in = 42, out = 0;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, ends_with, &in, &t), 0);
    CHECK_INT(dr_await(&t, &out), 0);
    CHECK(!t);
    CHECK_INT(out, 42);
    in = -EPROTO;
    CHECK_INT(dr_spawn(&s, ends_with, &in, &t), 0);
    CHECK_INT(dr_yield(), 0); /* has ended before it is awaited */
    CHECK_INT(dr_await(&t, &out), 0);
    CHECK_INT(out, -EPROTO);
    return dr_scope_close(&s);
}

TEST(await_gives_the_result_before_and_after_the_end)
{
    begin();
    CHECK_INT(vplat_run(await_result), 0);
}

static int await_self(void)
{
    struct dr_task *self = dr_self();
    CHECK_INT(dr_await(&self, NULL), -EDEADLK);
    CHECK(self == dr_self());
    return 0;
}

TEST(a_task_cannot_await_itself)
{
    begin();
    CHECK_INT(vplat_run(await_self), 0);
}

static int sleeps_long(void *arg)
{
    (void)arg;
    int err = dr_sleep(DR_S(100));
    note(err == -ECANCELED ? "canceled" : err == -ETIMEDOUT ? "timedout" : "slept");
    return err;
}

static int await_in_a_deadline(void)
{
    struct dr_scope all, s;
    struct dr_task *t;
    int result;
    dr_scope_open(&all, DR_NEVER);
    CHECK_INT(dr_spawn(&all, sleeps_long, NULL, &t), 0);
    dr_scope_open(&s, dr_after(DR_S(1)));
    CHECK_INT(dr_await(&t, &result), -ETIMEDOUT);
    CHECK(t);
    dr_scope_close(&s);
    CHECK_INT(dr_await(&t, &result), 0);
    CHECK_INT(result, 0);
    return dr_scope_close(&all);
}

TEST(a_wait_for_a_task_that_times_out_leaves_the_task)
{
    begin();
    CHECK_INT(vplat_run(await_in_a_deadline), 0);
    CHECK_STR(trace, "slept");
}

static int cancel_one(void)
{
    struct dr_scope s;
    struct dr_task *a, *b;
    int ra, rb;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, sleeps_long, NULL, &a), 0);
    CHECK_INT(dr_spawn(&s, sleeps_long, NULL, &b), 0);
    CHECK_INT(dr_yield(), 0);
    dr_task_cancel(a);
    dr_task_cancel(a);
    CHECK_INT(dr_await(&a, &ra), 0);
    CHECK_INT(dr_await(&b, &rb), 0);
    CHECK_INT(ra, -ECANCELED);
    CHECK_INT(rb, 0);
    return dr_scope_close(&s);
}

TEST(cancelling_one_task_leaves_its_siblings)
{
    begin();
    CHECK_INT(vplat_run(cancel_one), 0);
    CHECK_STR(trace, "canceled slept");
}

static int cancel_before_it_runs(void)
{
    struct dr_scope s;
    struct dr_task *t;
    int result;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, sleeps_long, NULL, &t), 0);
    dr_task_cancel(t);
    CHECK_INT(dr_await(&t, &result), 0);
    CHECK_INT(result, -ECANCELED);
    return dr_scope_close(&s);
}

TEST(a_task_cancelled_before_it_runs_still_runs_to_its_first_wait)
{
    begin();
    CHECK_INT(vplat_run(cancel_before_it_runs), 0);
    CHECK_STR(trace, "canceled");
    CHECK_INT(vplat.now, VPLAT_START);
}

static int awaiter_of(void *arg)
{
    int result = 0;
    int err = dr_await(arg, &result);
    return err ? err : result;
}

/* The awaited task ends in the same turn in which the awaiter is cancelled. */
static int cancel_meets_end(void)
{
    struct dr_scope s;
    struct dr_task *t, *a;
    int in = 5, out = 0;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, ends_with, &in, &t), 0);
    CHECK_INT(dr_spawn(&s, awaiter_of, &t, &a), 0);
    dr_task_cancel(a);
    CHECK_INT(dr_await(&a, &out), 0);
    CHECK_INT(out, 5); /* had ended already: the await needed no wait */
    CHECK_INT(dr_spawn(&s, sleeps_long, NULL, &t), 0);
    CHECK_INT(dr_spawn(&s, awaiter_of, &t, &a), 0);
    CHECK_INT(dr_yield(), 0);
    dr_task_cancel(a);
    dr_task_cancel(t);
    CHECK_INT(dr_await(&a, &out), 0);
    CHECK_INT(out, -ECANCELED);
    CHECK_INT(dr_await(&t, &out), 0);
    CHECK_INT(out, -ECANCELED);
    return dr_scope_close(&s);
}

TEST(an_awaiter_that_is_cancelled_leaves_the_task_to_another)
{
    begin();
    CHECK_INT(vplat_run(cancel_meets_end), 0);
}

/* ---- Time ------------------------------------------------------------------ */

static int sleep_1s(void)
{
    uint64_t from = dr_now();
    CHECK_INT(dr_sleep(DR_S(1)), 0);
    CHECK(dr_now() >= from + DR_S(1));
    CHECK(dr_now() <= from + DR_S(1) + TICK);
    return 0;
}

TEST(a_sleep_takes_its_time_and_little_more)
{
    begin();
    CHECK_INT(vplat_run(sleep_1s), 0);
    CHECK(vplat.waits < 12);
}

static int computes(void)
{
    uint64_t from = dr_now();
    vplat_advance(DR_MS(5));
    CHECK_INT(dr_now(), from); /* no wait between */
    CHECK_INT(dr_sleep(DR_MS(1)), 0);
    CHECK(dr_now() >= from + DR_MS(6)); /* from the call on, not from the turn */
    return 0;
}

TEST(the_clock_stands_between_two_waits_but_a_sleep_begins_when_called)
{
    begin();
    CHECK_INT(vplat_run(computes), 0);
}

static int sleep_zero_and_never(void)
{
    struct dr_scope s;
    CHECK_INT(dr_sleep(0), 0);
    dr_scope_open(&s, dr_after(DR_S(3600)));
    CHECK_INT(dr_sleep(DR_NEVER), -ETIMEDOUT);
    dr_scope_close(&s);
    CHECK(dr_after(DR_NEVER) == DR_NEVER);
    CHECK(dr_after(DR_NEVER - 1) == DR_NEVER);
    return 0;
}

TEST(a_sleep_of_nothing_returns_and_one_for_ever_needs_a_deadline)
{
    begin();
    CHECK_INT(vplat_run(sleep_zero_and_never), 0);
}

static int sleeper(void *arg)
{
    char name[8];
    unsigned ms = *(unsigned *)arg;
    CHECK_INT(dr_sleep(DR_MS(ms)), 0);
    snprintf(name, sizeof name, "%u", ms);
    note(name);
    return 0;
}

static int sleepers(void)
{
    static unsigned ms[] = {30, 10, 20, 10, 5};
    struct dr_scope s;
    dr_scope_open(&s, DR_NEVER);
    for (unsigned i = 0; i < 5; i++)
        CHECK_INT(dr_spawn(&s, sleeper, &ms[i], NULL), 0);
    CHECK_INT(dr_scope_join(&s), 0);
    return dr_scope_close(&s);
}

TEST(sleepers_wake_in_the_order_of_their_times)
{
    begin();
    CHECK_INT(vplat_run(sleepers), 0);
    CHECK_STR(trace, "5 10 10 20 30");
}

static int idle_minute(void)
{
    return dr_sleep(DR_S(60));
}

TEST(an_idle_image_waits_and_does_not_poll)
{
    begin();
    CHECK_INT(vplat_run(idle_minute), 0);
    CHECK_INT(vplat.polls, 0);
    CHECK(vplat.waits < 12);
}

static int stuck(void)
{
    struct dr_cond c = {0};
    return dr_cond_wait(&c, NULL);
}

TEST(an_image_in_which_nothing_can_happen_any_more_says_so)
{
    begin();
    CHECK_INT(vplat_run(stuck), 255);
    CHECK(strstr(vplat_console(), "every task waits, and nothing can wake one"));
}

/* ---- Fairness -------------------------------------------------------------- */

static unsigned rounds[3];

static int yields(void *arg)
{
    unsigned *count = arg;
    while (dr_yield() == 0)
        ++*count;
    return 0;
}

static int yielders(void)
{
    struct dr_scope s;
    memset(rounds, 0, sizeof rounds);
    dr_scope_open(&s, DR_NEVER);
    for (unsigned i = 0; i < 3; i++)
        CHECK_INT(dr_spawn(&s, yields, &rounds[i], NULL), 0);
    for (unsigned i = 0; i < 1000; i++)
        CHECK_INT(dr_yield(), 0);
    for (unsigned i = 0; i < 3; i++)
        CHECK(rounds[i] >= 999 && rounds[i] <= 1001);
    return dr_scope_close(&s);
}

TEST(tasks_that_yield_get_the_same_number_of_turns)
{
    begin();
    CHECK_INT(vplat_run(yielders), 0);
}

static int busy(void *arg)
{
    (void)arg;
    while (dr_yield() == 0)
        vplat_advance(DR_US(10));
    return 0;
}

static int busy_and_sleeper(void)
{
    struct dr_scope s;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, busy, NULL, NULL), 0);
    uint64_t from = dr_now();
    CHECK_INT(dr_sleep(DR_MS(10)), 0);
    CHECK(dr_now() - from < DR_MS(10) + TICK + DR_US(20));
    return dr_scope_close(&s);
}

TEST(a_task_that_never_sleeps_does_not_hold_up_timers)
{
    begin();
    CHECK_INT(vplat_run(busy_and_sleeper), 0);
}

/* ---- What a switch keeps --------------------------------------------------- */

static int sets_errno(void *arg)
{
    (void)arg;
    errno = EBADF;
    CHECK_INT(dr_yield(), 0);
    CHECK_INT(errno, EBADF);
    return 0;
}

static int errno_and_rounding(void)
{
    struct dr_scope s;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, sets_errno, NULL, NULL), 0);
    errno = EXDEV;
    fesetround(FE_UPWARD);
    CHECK_INT(dr_yield(), 0);
    CHECK_INT(errno, EXDEV);
    CHECK_INT(fegetround(), FE_UPWARD);
    fesetround(FE_TONEAREST);
    CHECK_INT(dr_yield(), 0);
    CHECK_INT(fegetround(), FE_TONEAREST);
    return dr_scope_close(&s);
}

TEST(errno_and_the_rounding_mode_are_each_tasks_own)
{
    begin();
    CHECK_INT(vplat_run(errno_and_rounding), 0);
}

static int names(void)
{
    struct dr_scope s;
    struct dr_task *t;
    int zero = 0;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, ends_with, &zero, &t), 0);
    dr_task_name(t, "a name of more than twenty-three octets");
    CHECK_INT(dr_await(&t, NULL), 0);
    dr_scope_close(&s);
    dr_task_name(dr_self(), "");
    dr_panic("by %d", 7);
}

TEST(a_panic_says_what_where_and_in_which_task)
{
    begin();
    CHECK_INT(vplat_run(names), 255);
    CHECK(strstr(vplat_console(), "PANIC: tests/rt/test_tasks.c:"));
    CHECK(strstr(vplat_console(), ": by 7\n"));
    CHECK(strstr(vplat_console(), "\n  #0 "));
}

/* ---- Stacks ---------------------------------------------------------------- */

/* Where the running task's stack ends, as the test knows it from outside. */
static uint8_t *bottom;

__attribute__((no_sanitize("address"))) static int overflows(void *arg)
{
    (void)arg;
    *(volatile uint8_t *)(bottom + 8) = 1;
    return dr_yield();
}

static int overflow(void)
{
    struct dr_scope s;
    struct dr_task *t;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, overflows, NULL, &t), 0);
    bottom = vplat.last_stack;
    dr_task_name(t, "deep");
    CHECK_INT(dr_await(&t, NULL), 0);
    return dr_scope_close(&s);
}

TEST(a_stack_overflow_is_found_at_the_next_switch_and_names_the_task)
{
    begin();
    CHECK_INT(vplat_run(overflow), 255);
    CHECK(
        strstr(vplat_console(), "stack overflow: task deep has used all of its 32768 octets"));
}

static unsigned ended;

static int ends(void *arg)
{
    (void)arg;
    ended++;
    return 0;
}

static int many(void)
{
    struct dr_scope s;
    dr_scope_open(&s, DR_NEVER);
    for (unsigned i = 0; i < 10000; i++)
        CHECK_INT(dr_spawn(&s, ends, NULL, NULL), 0);
    CHECK_INT(dr_scope_join(&s), 0);
    CHECK_INT(ended, 10000);
    return dr_scope_close(&s);
}

TEST(ten_thousand_tasks_live_at_once)
{
    begin();
    ended = 0;
    vplat.mem_len = (size_t)1 << 30; /* most of which is never touched */
    CHECK_INT(vplat_run(many), 0);
    CHECK(vplat.stacks_made >= 10000);
    CHECK(vplat.stacks <= 64);
}

static int one_after_another(void)
{
    struct dr_scope s;
    dr_scope_open(&s, DR_NEVER);
    for (unsigned i = 0; i < 10000; i++) {
        CHECK_INT(dr_spawn(&s, ends, NULL, NULL), 0);
        if (i % 10 == 9)
            CHECK_INT(dr_yield(), 0);
    }
    return dr_scope_close(&s);
}

TEST(stacks_are_used_again)
{
    begin();
    ended = 0;
    CHECK_INT(vplat_run(one_after_another), 0);
    CHECK_INT(ended, 10000);
    CHECK(vplat.stacks_made < 20);
}

static int no_stack(void)
{
    struct dr_scope s;
    dr_scope_open(&s, DR_NEVER);
    for (int refuse = 1; refuse <= 5; refuse++) {
        vplat.refuse_stack = refuse;
        for (int n = 1; n < refuse; n++)
            CHECK_INT(dr_spawn(&s, sleeps_long, NULL, NULL), 0);
        unsigned live = s.live;
        CHECK_INT(dr_spawn(&s, sleeps_long, NULL, NULL), -ENOMEM);
        CHECK_INT(s.live, live);
    }
    return dr_scope_close(&s);
}

TEST(a_spawn_without_a_stack_is_refused_and_leaves_nothing)
{
    begin();
    CHECK_INT(vplat_run(no_stack), 0);
}

static int until_full(void)
{
    struct dr_scope s;
    int n = 0, err;
    dr_scope_open(&s, DR_NEVER);
    while ((err = dr_spawn(&s, sleeps_long, NULL, NULL)) == 0)
        n++;
    CHECK_INT(err, -ENOMEM);
    CHECK(n > 10);
    CHECK_INT(dr_scope_close(&s), 0);
    dr_scope_open(&s, DR_NEVER);
    for (int i = 0; i < n; i++) /* as many again: nothing was lost */
        CHECK_INT(dr_spawn(&s, sleeps_long, NULL, NULL), 0);
    return dr_scope_close(&s);
}

TEST(when_the_budget_is_used_up_spawn_says_so_and_all_of_it_comes_back)
{
    begin();
    vplat.mem_len = 2U << 20;
    CHECK_INT(vplat_run(until_full), 0);
}

TEST_MAIN(TEST_OF(what_main_returns_is_the_exit_status),
          TEST_OF(an_error_from_main_is_logged_and_ends_with_1),
          TEST_OF(a_task_runs_when_its_spawner_waits_and_in_the_order_of_spawning),
          TEST_OF(await_gives_the_result_before_and_after_the_end),
          TEST_OF(a_task_cannot_await_itself),
          TEST_OF(a_wait_for_a_task_that_times_out_leaves_the_task),
          TEST_OF(cancelling_one_task_leaves_its_siblings),
          TEST_OF(a_task_cancelled_before_it_runs_still_runs_to_its_first_wait),
          TEST_OF(an_awaiter_that_is_cancelled_leaves_the_task_to_another),
          TEST_OF(a_sleep_takes_its_time_and_little_more),
          TEST_OF(the_clock_stands_between_two_waits_but_a_sleep_begins_when_called),
          TEST_OF(a_sleep_of_nothing_returns_and_one_for_ever_needs_a_deadline),
          TEST_OF(sleepers_wake_in_the_order_of_their_times),
          TEST_OF(an_idle_image_waits_and_does_not_poll),
          TEST_OF(an_image_in_which_nothing_can_happen_any_more_says_so),
          TEST_OF(tasks_that_yield_get_the_same_number_of_turns),
          TEST_OF(a_task_that_never_sleeps_does_not_hold_up_timers),
          TEST_OF(errno_and_the_rounding_mode_are_each_tasks_own),
          TEST_OF(a_panic_says_what_where_and_in_which_task),
          TEST_OF(a_stack_overflow_is_found_at_the_next_switch_and_names_the_task),
          TEST_OF(ten_thousand_tasks_live_at_once), TEST_OF(stacks_are_used_again),
          TEST_OF(a_spawn_without_a_stack_is_refused_and_leaves_nothing),
          TEST_OF(when_the_budget_is_used_up_spawn_says_so_and_all_of_it_comes_back))
