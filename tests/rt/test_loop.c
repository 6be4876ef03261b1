/* SPDX-License-Identifier: ISC */
#include "tests/support/vplat.h"

#include "rt/budget.h"
#include "rt/loop.h"
#include "rt/pages.h"
#include <drupe/task.h>
#include <drupe/time.h>

#include <errno.h>

static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1};

/* A source that echoes frames and wakes a task for each; what a stack is to the loop. */
struct echo {
    struct loop_source source;
    struct dr_link readers;
    unsigned polls, flushes, frames, most; /* at most `most` frames a poll */
    unsigned pending;
};

static bool echo_poll(struct loop_source *s, uint64_t now)
{
    struct echo *e = container_of(s, struct echo, source);
    uint8_t frame[1514];
    (void)now;
    e->polls++;
    for (unsigned n = 0; n < e->most; n++) {
        struct plat_net_in in;
        if (plat_net_read(1, frame, sizeof frame, &in) != 0)
            return false;
        e->frames++;
        e->pending++;
        wait_wake_one(&e->readers);
    }
    return true;
}

static void echo_flush(struct loop_source *s, uint64_t now)
{
    struct echo *e = container_of(s, struct echo, source);
    const struct bytes answer = bytes_of("echo", 4);
    (void)now;
    e->flushes++;
    for (; e->pending; e->pending--)
        if (plat_net_write(1, &answer, 1, NULL) != 0)
            return;
}

static bool echo_pending(struct loop_source *s)
{
    return container_of(s, struct echo, source)->pending > 0;
}

static struct echo echo;

static void begin(void)
{
    vplat_reset();
    vplat_net_add("net", mac, 1500);
    echo = (struct echo){.source = {.ready_mask = 2,
                                    .poll = echo_poll,
                                    .flush = echo_flush,
                                    .pending = echo_pending},
                         .most = 16};
    wait_queue_init(&echo.readers);
}

static void push(void *arg)
{
    (void)arg;
    vplat_net_push(1, "ping", 4);
}

static int reads_one(void)
{
    loop_add(&echo.source);
    CHECK_INT(wait_in(&echo.readers), 0);
    CHECK_INT(dr_now(), VPLAT_START + DR_MS(5));
    return dr_sleep(DR_MS(1));
}

TEST(a_frame_wakes_the_task_that_waits_for_it_and_the_answer_goes_out_in_the_same_turn)
{
    begin();
    vplat_at(VPLAT_START + DR_MS(5), push, NULL);
    CHECK_INT(vplat_run(reads_one), 0);
    CHECK_INT(vplat_net_outward(1), 1);
}

static int sleeps_1s(void)
{
    loop_add(&echo.source);
    return dr_sleep(DR_S(1));
}

TEST(more_frames_than_a_poll_takes_are_taken_turn_by_turn_without_a_wait)
{
    begin();
    for (int i = 0; i < 100; i++)
        push(NULL);
    CHECK_INT(vplat_run(sleeps_1s), 0);
    CHECK_INT(echo.frames, 100);
    CHECK_INT(vplat_net_outward(1), 100);
    CHECK(vplat.waits < 12);
}

TEST(an_idle_image_with_a_device_does_not_poll_either)
{
    begin();
    CHECK_INT(vplat_run(sleeps_1s), 0);
    CHECK_INT(vplat.polls, 0);
    CHECK(echo.polls < 12);
}

/* A peer that answers each echo after `round_trip`. */
static uint64_t round_trip;
static unsigned rounds;

static void answer(void *arg, int handle, const uint8_t *frame, size_t len)
{
    (void)arg;
    if (rounds-- > 1)
        vplat_net_push_at(vplat.now + round_trip, handle, frame, len);
}

static uint64_t polls_with(uint64_t trip)
{
    begin();
    round_trip = trip;
    rounds = 100;
    vplat_net_peer(1, answer, NULL);
    push(NULL);
    CHECK_INT(vplat_run(sleeps_1s), 0);
    CHECK(echo.frames >= 90);
    return vplat.polls;
}

TEST(the_loop_spins_where_answers_are_quick_and_not_where_they_are_slow)
{
    uint64_t quick = polls_with(DR_US(20)), slow = polls_with(DR_MS(5));
    CHECK(quick > 90);
    CHECK_INT(slow, 0);
}

static int idle_after_quick(void)
{
    loop_add(&echo.source);
    CHECK_INT(dr_sleep(DR_S(1)), 0);
    uint64_t polls = vplat.polls;
    for (int i = 0; i < 100; i++)
        CHECK_INT(dr_sleep(DR_MS(10)), 0);
    CHECK(vplat.polls - polls <= 100 * 4); /* hope halves to nothing */
    polls = vplat.polls;
    for (int i = 0; i < 100; i++)
        CHECK_INT(dr_sleep(DR_MS(10)), 0);
    CHECK_INT(vplat.polls, polls);
    return 0;
}

TEST(a_loop_that_was_busy_soon_stops_spinning_when_idle)
{
    begin();
    round_trip = DR_US(20);
    rounds = 1000;
    vplat_net_peer(1, answer, NULL);
    push(NULL);
    CHECK_INT(vplat_run(idle_after_quick), 0);
}

static unsigned fired;

static void sets_itself(struct loop_timer *t, uint64_t now)
{
    fired++;
    loop_timer_set(t, now - DR_MS(1));
}

static int relentless(void)
{
    static struct loop_timer t;
    loop_timer_init(&t, sets_itself);
    loop_timer_set(&t, dr_now() - DR_MS(1));
    for (int i = 0; i < 10; i++)
        CHECK_INT(dr_yield(), 0);
    CHECK_INT(fired, 10);
    loop_timer_set(&t, WHEEL_NEVER);
    return 0;
}

TEST(a_timer_that_sets_itself_to_the_past_does_not_stop_the_loop)
{
    begin();
    fired = 0;
    CHECK_INT(vplat_run(relentless), 0);
}

static int removes(void)
{
    loop_add(&echo.source);
    CHECK_INT(dr_sleep(DR_MS(1)), 0);
    loop_remove(&echo.source);
    unsigned polls = echo.polls, flushes = echo.flushes;
    vplat_net_push(1, "late", 4);
    CHECK_INT(dr_yield(), 0);
    CHECK_INT(echo.polls, polls);
    CHECK_INT(echo.flushes, flushes);
    return 0;
}

TEST(a_source_that_was_removed_is_not_asked_again)
{
    begin();
    CHECK_INT(vplat_run(removes), 0);
}

static int returns_with_pending(void)
{
    loop_add(&echo.source);
    vplat_net_full(1, 3);
    for (int i = 0; i < 3; i++)
        push(NULL);
    return dr_yield();
}

static void keep_full(uint64_t deadline)
{
    (void)deadline;
    vplat_net_full(1, 1000000);
}

TEST(an_image_that_ends_sends_what_is_pending_but_not_for_ever)
{
    begin();
    vplat_at(VPLAT_START + DR_MS(10), push, NULL); /* turns the loop again */
    vplat_at(VPLAT_START + DR_MS(20), push, NULL);
    vplat_at(VPLAT_START + DR_MS(30), push, NULL);
    CHECK_INT(vplat_run(returns_with_pending), 0);
    CHECK(vplat_net_outward(1) >= 3);
    begin();
    vplat.on_wait = keep_full;
    CHECK_INT(vplat_run(returns_with_pending), 0);
    CHECK(vplat.now - VPLAT_START <= LOOP_LINGER_NS + DR_MS(1));
}

static int shares(void)
{
    static const unsigned own[BUDGETS] = BUDGET_SHARES, most[BUDGETS] = BUDGET_MOST;
    struct supply *net = budget_of(BUDGET_NETWORK), *conns = budget_of(BUDGET_CONNECTIONS);
    size_t hundredth = pages_total() / 100, sum = 0;
    for (unsigned i = 0; i < BUDGETS; i++) {
        CHECK(budget_name(i)[0]);
        CHECK(budget_of(i)->limit >= own[i] * hundredth);
        CHECK(budget_of(i)->limit <= most[i] * (hundredth + 1));
        sum += own[i];
    }
    CHECK(sum <= 100);
    size_t limit = net->limit, conns_limit = conns->limit;
    void *all = supply_get(net, limit);
    CHECK(all);
    CHECK(!supply_get(net, PAGE_LEN));
    /* What was common is gone, but not what is another's own. */
    CHECK(conns->limit < conns_limit && conns->limit >= own[BUDGET_CONNECTIONS] * hundredth);
    void *rest = supply_get(conns, conns->limit);
    CHECK(rest);
    CHECK(!supply_get(conns, PAGE_LEN));
    CHECK(supply_get(budget_of(BUDGET_HEAP), PAGE_LEN));
    supply_put(net, all, limit);
    CHECK_INT(net->limit, limit);
    CHECK(conns->limit > conns->used);
    supply_put(conns, rest, conns->used);
    CHECK_INT(conns->limit, conns_limit);
    return 0;
}

TEST(no_share_of_the_memory_starves_another)
{
    begin();
    CHECK_INT(vplat_run(shares), 0);
}

TEST(an_image_without_memory_for_its_first_task_ends_with_an_error)
{
    begin();
    vplat.mem_len = 16 * PAGE_LEN;
    CHECK_INT(vplat_run(sleeps_1s), 1);
    CHECK(strstr(vplat_console(), "[ERROR] [rt] test ended with an error: "));
}

TEST_MAIN(
    TEST_OF(a_frame_wakes_the_task_that_waits_for_it_and_the_answer_goes_out_in_the_same_turn),
    TEST_OF(more_frames_than_a_poll_takes_are_taken_turn_by_turn_without_a_wait),
    TEST_OF(an_idle_image_with_a_device_does_not_poll_either),
    TEST_OF(the_loop_spins_where_answers_are_quick_and_not_where_they_are_slow),
    TEST_OF(a_loop_that_was_busy_soon_stops_spinning_when_idle),
    TEST_OF(a_timer_that_sets_itself_to_the_past_does_not_stop_the_loop),
    TEST_OF(a_source_that_was_removed_is_not_asked_again),
    TEST_OF(an_image_that_ends_sends_what_is_pending_but_not_for_ever),
    TEST_OF(no_share_of_the_memory_starves_another),
    TEST_OF(an_image_without_memory_for_its_first_task_ends_with_an_error))
