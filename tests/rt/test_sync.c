/* SPDX-License-Identifier: ISC */
#include "tests/support/vplat.h"

#include <drupe/sync.h>
#include <drupe/task.h>

#include <errno.h>

static char trace[4096];

static void note(char what)
{
    size_t n = strlen(trace);
    if (n + 1 < sizeof trace) {
        trace[n] = what;
        trace[n + 1] = '\0';
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

static struct dr_mutex mutex;
static struct dr_cond cond;
static struct dr_queue queue;
static void *slot[4];

static int letter[26];

/* A task for the n-th letter of the alphabet. */
static void spawn(struct dr_scope *s, dr_task_fn *fn, int n)
{
    letter[n] = n;
    CHECK_INT(dr_spawn(s, fn, &letter[n], NULL), 0);
}

static char letter_of(const void *arg)
{
    return (char)('a' + *(const int *)arg);
}

/* ---- Mutex ----------------------------------------------------------------- */

static int locks(void *arg)
{
    int err = dr_mutex_lock(&mutex);
    if (err)
        return err;
    note(letter_of(arg));
    CHECK_INT(dr_yield(), 0);
    note(letter_of(arg));
    dr_mutex_unlock(&mutex);
    return 0;
}

static int mutex_order(void)
{
    struct dr_scope s;
    memset(&mutex, 0, sizeof mutex); /* zeroes are a mutex */
    dr_scope_open(&s, DR_NEVER);
    for (int i = 0; i < 5; i++)
        spawn(&s, locks, i);
    CHECK_INT(dr_scope_join(&s), 0);
    CHECK(!mutex.holder);
    return dr_scope_close(&s);
}

TEST(a_mutex_admits_one_at_a_time_first_come_first_served)
{
    run_ok(mutex_order);
    CHECK_STR(trace, "aabbccddee");
}

static int barges(void *arg)
{
    (void)arg;
    CHECK_INT(dr_mutex_lock(&mutex), 0);
    note('1');
    dr_mutex_unlock(&mutex);
    return 0;
}

static int no_barging(void)
{
    struct dr_scope s;
    dr_mutex_init(&mutex);
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_mutex_lock(&mutex), 0);
    CHECK_INT(dr_mutex_lock(&mutex), -EDEADLK);
    CHECK_INT(dr_spawn(&s, barges, NULL, NULL), 0);
    CHECK_INT(dr_yield(), 0);
    dr_mutex_unlock(&mutex);
    CHECK_INT(dr_mutex_lock(&mutex), 0); /* the one that waits is before us */
    note('2');
    dr_mutex_unlock(&mutex);
    return dr_scope_close(&s);
}

TEST(an_unlocked_mutex_is_the_first_waiters_before_it_runs)
{
    run_ok(no_barging);
    CHECK_STR(trace, "12");
}

static int cancelled_after_handover(void)
{
    struct dr_scope s;
    struct dr_task *t;
    int result;
    dr_mutex_init(&mutex);
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_mutex_lock(&mutex), 0);
    letter[0] = 0;
    CHECK_INT(dr_spawn(&s, barges, NULL, &t), 0);
    CHECK_INT(dr_yield(), 0);
    dr_mutex_unlock(&mutex);
    dr_task_cancel(t); /* has the mutex already: it is not lost */
    CHECK_INT(dr_await(&t, &result), 0);
    CHECK_INT(result, 0);
    CHECK_INT(dr_mutex_lock(&mutex), 0);
    dr_mutex_unlock(&mutex);
    return dr_scope_close(&s);
}

TEST(a_mutex_handed_to_a_task_that_is_then_cancelled_is_not_lost)
{
    run_ok(cancelled_after_handover);
}

static int unlocks_foreign(void)
{
    dr_mutex_init(&mutex);
    dr_mutex_unlock(&mutex);
    return 0;
}

static int keeps(void)
{
    dr_mutex_init(&mutex);
    return dr_mutex_lock(&mutex);
}

TEST(unlocking_what_one_does_not_hold_or_ending_with_it_stops_the_image)
{
    vplat_reset();
    CHECK_INT(vplat_run(unlocks_foreign), 255);
    CHECK(strstr(vplat_console(), "does not hold"));
    vplat_reset();
    CHECK_INT(vplat_run(keeps), 255);
    CHECK(strstr(vplat_console(), "task main returned with a mutex locked"));
}

/* ---- Condition ------------------------------------------------------------- */

static int waits(void *arg)
{
    int err = dr_cond_wait(&cond, NULL);
    note(letter_of(arg));
    return err;
}

static int signals(void)
{
    struct dr_scope s;
    memset(&cond, 0, sizeof cond);
    dr_cond_signal(&cond); /* nobody waits: it goes nowhere */
    dr_cond_broadcast(&cond);
    dr_scope_open(&s, DR_NEVER);
    for (int i = 0; i < 5; i++)
        spawn(&s, waits, i);
    CHECK_INT(dr_yield(), 0);
    dr_cond_signal(&cond);
    CHECK_INT(dr_yield(), 0);
    note('-');
    dr_cond_signal(&cond);
    dr_cond_signal(&cond);
    CHECK_INT(dr_yield(), 0);
    note('-');
    dr_cond_broadcast(&cond);
    CHECK_INT(dr_scope_join(&s), 0);
    return dr_scope_close(&s);
}

TEST(a_signal_wakes_the_first_and_a_broadcast_all)
{
    run_ok(signals);
    CHECK_STR(trace, "a-bc-de");
}

static int waits_with_mutex(void *arg)
{
    CHECK_INT(dr_mutex_lock(&mutex), 0);
    int err = dr_cond_wait(&cond, &mutex);
    CHECK(mutex.holder == dr_self());
    note(err == 0 ? letter_of(arg) : '!');
    dr_mutex_unlock(&mutex);
    return err;
}

static int cond_and_mutex(void)
{
    struct dr_scope s;
    dr_cond_init(&cond);
    dr_mutex_init(&mutex);
    dr_scope_open(&s, DR_NEVER);
    for (int i = 0; i < 3; i++)
        spawn(&s, waits_with_mutex, i);
    CHECK_INT(dr_yield(), 0);
    CHECK_INT(dr_mutex_lock(&mutex), 0); /* all of them have let it go */
    dr_cond_signal(&cond);
    CHECK_INT(dr_yield(), 0);
    CHECK_STR(trace, ""); /* woken, but the mutex is ours */
    dr_scope_cancel(&s);
    dr_mutex_unlock(&mutex);
    return dr_scope_close(&s);
}

TEST(a_wait_on_a_condition_holds_the_mutex_again_whatever_it_returns)
{
    run_ok(cond_and_mutex);
    CHECK_STR(trace, "a!!");
}

/* ---- Queue ----------------------------------------------------------------- */

static int item[64];

static int puts_20(void *arg)
{
    (void)arg;
    for (int i = 0; i < 20; i++) {
        item[i] = i;
        int err = dr_queue_put(&queue, &item[i]);
        if (err)
            return err;
        CHECK(queue.count <= queue.room);
    }
    dr_queue_close(&queue);
    CHECK_INT(dr_queue_put(&queue, &item[0]), -EPIPE);
    return 0;
}

static int passes_in_order(void)
{
    for (size_t room = 1; room <= 4; room++) {
        struct dr_scope s;
        void *got;
        int n = 0;
        dr_queue_init(&queue, slot, room);
        dr_scope_open(&s, DR_NEVER);
        CHECK_INT(dr_spawn(&s, puts_20, NULL, NULL), 0);
        while (dr_queue_get(&queue, &got) == 0)
            CHECK_INT(*(int *)got, n++);
        CHECK_INT(n, 20);
        CHECK_INT(dr_queue_get(&queue, &got), -EPIPE);
        CHECK_INT(dr_scope_close(&s), 0);
    }
    return 0;
}

TEST(a_queue_passes_items_in_order_and_ends_when_closed_and_empty)
{
    run_ok(passes_in_order);
}

static int gets(void *arg)
{
    void *got;
    int err = dr_queue_get(&queue, &got);
    if (!err)
        note((char)('0' + *(int *)got));
    note(letter_of(arg));
    return err == -EPIPE ? 0 : err;
}

static int readers_in_order(void)
{
    struct dr_scope s;
    void *got;
    dr_queue_init(&queue, slot, 4);
    dr_scope_open(&s, DR_NEVER);
    for (int i = 0; i < 4; i++) {
        spawn(&s, gets, i);
        item[i] = i;
    }
    CHECK_INT(dr_yield(), 0);
    for (int i = 0; i < 2; i++)
        CHECK_INT(dr_queue_put(&queue, &item[i]), 0);
    CHECK_INT(queue.count, 0); /* handed over: nobody can snatch them */
    CHECK_INT(dr_queue_put(&queue, &item[2]), 0);
    dr_queue_close(&queue);
    CHECK_INT(dr_queue_get(&queue, &got), -EPIPE);
    CHECK_INT(dr_scope_join(&s), 0);
    return dr_scope_close(&s);
}

TEST(readers_are_served_in_order_and_those_left_learn_of_the_close)
{
    run_ok(readers_in_order);
    CHECK_STR(trace, "0a1b2cd");
}

static int puts_one(void *arg)
{
    int err = dr_queue_put(&queue, arg);
    note(err == -EPIPE ? '!' : letter_of(arg));
    return 0;
}

static int writers_in_order(void)
{
    struct dr_scope s;
    void *got;
    dr_queue_init(&queue, slot, 1);
    dr_scope_open(&s, DR_NEVER);
    for (int i = 0; i < 4; i++)
        spawn(&s, puts_one, i);
    CHECK_INT(dr_yield(), 0);
    for (int i = 0; i < 2; i++) {
        CHECK_INT(dr_queue_get(&queue, &got), 0);
        CHECK_INT(*(int *)got, i);
        CHECK_INT(queue.count, 1); /* the next writer's is in already */
    }
    CHECK_INT(dr_yield(), 0);
    dr_queue_close(&queue);
    CHECK_INT(dr_queue_get(&queue, &got), 0);
    CHECK_INT(*(int *)got, 2);
    CHECK_INT(dr_queue_get(&queue, &got), -EPIPE);
    CHECK_INT(dr_scope_join(&s), 0);
    return dr_scope_close(&s);
}

TEST(writers_are_served_in_order_and_those_left_keep_their_items)
{
    run_ok(writers_in_order);
    CHECK_STR(trace, "abc!");
}

static int cancelled_reader_and_writer(void)
{
    struct dr_scope s;
    void *got;
    dr_queue_init(&queue, slot, 1);
    dr_scope_open(&s, dr_after(DR_MS(1)));
    CHECK_INT(dr_queue_get(&queue, &got), -ETIMEDOUT);
    dr_scope_close(&s);
    CHECK_INT(dr_queue_put(&queue, &item[0]), 0); /* stays: nobody waits any more */
    dr_scope_open(&s, dr_after(DR_MS(1)));
    CHECK_INT(dr_queue_put(&queue, &item[1]), -ETIMEDOUT);
    dr_scope_close(&s);
    CHECK_INT(dr_queue_get(&queue, &got), 0);
    CHECK(got == &item[0]);
    CHECK_INT(queue.count, 0); /* what was not put did not come in */
    return 0;
}

TEST(a_wait_on_a_queue_that_times_out_changes_nothing)
{
    run_ok(cancelled_reader_and_writer);
}

TEST_MAIN(TEST_OF(a_mutex_admits_one_at_a_time_first_come_first_served),
          TEST_OF(an_unlocked_mutex_is_the_first_waiters_before_it_runs),
          TEST_OF(a_mutex_handed_to_a_task_that_is_then_cancelled_is_not_lost),
          TEST_OF(unlocking_what_one_does_not_hold_or_ending_with_it_stops_the_image),
          TEST_OF(a_signal_wakes_the_first_and_a_broadcast_all),
          TEST_OF(a_wait_on_a_condition_holds_the_mutex_again_whatever_it_returns),
          TEST_OF(a_queue_passes_items_in_order_and_ends_when_closed_and_empty),
          TEST_OF(readers_are_served_in_order_and_those_left_learn_of_the_close),
          TEST_OF(writers_are_served_in_order_and_those_left_keep_their_items),
          TEST_OF(a_wait_on_a_queue_that_times_out_changes_nothing))
