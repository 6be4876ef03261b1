/* SPDX-License-Identifier: ISC */
/* Connections without a task. */
#include "rt/budget.h"
#include "stack/limits.h"
#include "stack/stack.h"
#include "tests/stack/peer.h"

#include <errno.h>

static struct dr_tcp_listener *listener;
static struct dr_tcp_lot *lot;

static void begin(uint64_t idle_ns)
{
    CHECK_INT(dr_tcp_listen(net, 80, 100, &listener), 0);
    CHECK_INT(dr_tcp_lot_open(listener, idle_ns, &lot), 0);
}

static int end(void)
{
    dr_tcp_lot_close(&lot);
    dr_tcp_unlisten(&listener);
    CHECK_INT(net->handles, 0);
    return 0;
}

static struct peer_conn *parked(void)
{
    struct peer_conn *p = peer_connect(80);
    struct dr_tcp *t = NULL;
    CHECK_INT(dr_tcp_accept(listener, &t), 0);
    dr_tcp_park(lot, &t);
    CHECK(t == NULL);
    return p;
}

static void fetched_says(const char *text)
{
    struct dr_tcp *t = NULL;
    char buf[16];
    CHECK_INT(dr_tcp_fetch(lot, &t), 0);
    CHECK_INT(dr_tcp_read(t, buf, sizeof buf), strlen(text));
    CHECK(memcmp(buf, text, strlen(text)) == 0);
    dr_tcp_close(&t);
}

IMAGE_TEST(a_parked_connection_comes_back_when_there_is_something_to_read)
{
    begin(DR_NEVER);
    struct peer_conn *a = parked(), *b = parked();
    peer_say(b, "first");
    fetched_says("first");
    peer_say(a, "then");
    fetched_says("then");
    return end();
}

IMAGE_TEST(one_that_has_something_to_read_comes_back_at_once)
{
    begin(DR_NEVER);
    struct peer_conn *p = peer_connect(80);
    struct dr_tcp *t = NULL;
    CHECK_INT(dr_tcp_accept(listener, &t), 0);
    peer_say(p, "early");
    CHECK_INT(dr_sleep(DR_MS(1)), 0);
    dr_tcp_park(lot, &t);
    fetched_says("early");
    return end();
}

IMAGE_TEST(a_parked_connection_comes_back_when_it_ends)
{
    struct dr_tcp *t = NULL;
    char c;
    begin(DR_NEVER);
    struct peer_conn *a = parked(), *b = parked();
    peer_shutdown(a);
    CHECK_INT(dr_tcp_fetch(lot, &t), 0);
    CHECK_INT(dr_tcp_read(t, &c, 1), 0);
    dr_tcp_close(&t);
    peer_abort(b);
    CHECK_INT(dr_tcp_fetch(lot, &t), 0);
    CHECK_INT(dr_tcp_read(t, &c, 1), -ECONNRESET);
    dr_tcp_close(&t);
    return end();
}

IMAGE_TEST(one_that_was_parked_too_long_is_closed_and_counted)
{
    begin(DR_S(5));
    struct peer_conn *a = parked();
    CHECK_INT(dr_sleep(DR_S(3)), 0);
    struct peer_conn *b = parked();
    CHECK_INT(dr_sleep(DR_S(3)), 0);
    CHECK(tcp_at_end(a->c) && !peer_was_reset(a));
    CHECK(!tcp_at_end(b->c));
    CHECK_INT(net->counts.parked_expired, 1);
    CHECK_INT(dr_sleep(DR_S(3)), 0);
    CHECK(tcp_at_end(b->c));
    CHECK_INT(net->counts.parked_expired, 2);
    return end();
}

static int fetch_result;
static int fetches(void *arg)
{
    struct dr_tcp *t = NULL;
    (void)arg;
    fetch_result = dr_tcp_fetch(lot, &t);
    return 0;
}

IMAGE_TEST(closing_a_lot_closes_what_is_in_it_and_ends_who_waits)
{
    struct dr_scope s;
    begin(DR_NEVER);
    struct peer_conn *a = parked();
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, fetches, NULL, NULL), 0);
    CHECK_INT(dr_sleep(DR_MS(1)), 0);
    dr_tcp_lot_close(&lot);
    CHECK_INT(dr_scope_join(&s), 0);
    CHECK_INT(dr_scope_close(&s), 0);
    CHECK_INT(fetch_result, -ECONNABORTED);
    UNTIL(tcp_at_end(a->c));
    return end();
}

IMAGE_TEST(the_longest_parked_give_way_when_there_is_no_place_for_another)
{
    struct peer_conn *p[4];
    begin(DR_NEVER);
    for (unsigned i = 0; i < 4; i++)
        p[i] = parked();
    size_t max = net->conn_pool.max;
    net->conn_pool.max = net->conn_pool.live; /* no handle is left */
    struct peer_conn *late = peer_connect(80);
    struct dr_tcp *t = NULL;
    CHECK_INT(dr_tcp_accept(listener, &t), 0);
    CHECK_INT(net->counts.parked_evicted, 4);
    for (unsigned i = 0; i < 4; i++)
        UNTIL(peer_was_reset(p[i]));
    CHECK(!peer_was_reset(late));
    net->conn_pool.max = max;
    dr_tcp_close(&t);
    return end();
}

IMAGE_TEST(a_parked_connection_holds_no_buffers)
{
    begin(DR_NEVER);
    size_t before = net->budget.buffers->used;
    struct peer_conn *p = peer_connect(80);
    struct dr_tcp *t = NULL;
    char buf[8];
    CHECK_INT(dr_tcp_accept(listener, &t), 0);
    peer_say(p, "ask");
    CHECK_INT(dr_tcp_read(t, buf, sizeof buf), 3);
    CHECK_INT(dr_tcp_write(t, "answer", 6), 6);
    CHECK(!dr_tcp_is_delivered(t));
    UNTIL(p->got == 6);
    UNTIL(dr_tcp_is_delivered(t));
    dr_tcp_park(lot, &t);
    CHECK_INT(net->budget.buffers->used, before);
    return end();
}

static unsigned tasks, calls;

/* Answers one piece, and waits for the next without a task. */
static int echo_parked(struct dr_tcp *c, void *arg)
{
    char buf[100];
    (void)arg;
    calls++;
    tasks++;
    ssize_t n = calls == 1 ? 0 : dr_tcp_read(c, buf, sizeof buf);
    if (n > 0)
        n = dr_tcp_write(c, buf, (size_t)n);
    tasks--;
    return n > 0 || calls == 1 ? DR_TCP_PARK : (int)n;
}

static int serve_result;
static int task_serve(void *arg)
{
    (void)arg;
    serve_result = dr_tcp_serve(listener, 1, echo_parked, NULL);
    return 0;
}

IMAGE_TEST(a_served_connection_that_is_parked_is_served_again_when_something_comes)
{
    struct dr_scope s;
    tasks = calls = 0;
    CHECK_INT(dr_tcp_listen(net, 80, 100, &listener), 0);
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, task_serve, NULL, NULL), 0);
    struct peer_conn *p = peer_connect(80);
    UNTIL(calls == 1);
    peer_say(p, "one");
    UNTIL(p->got == 3);
    CHECK_INT(tasks, 0);
    peer_say(p, "two");
    UNTIL(p->got == 6);
    peer_shutdown(p);
    UNTIL(tcp_at_end(p->c));
    CHECK_INT(calls, 4);
    dr_scope_cancel(&s);
    CHECK_INT(dr_scope_close(&s), 0);
    CHECK_INT(serve_result, -ECANCELED);
    return end();
}

IMAGE_TEST(closing_the_listener_closes_the_clients_that_are_parked)
{
    struct dr_scope s;
    tasks = calls = 0;
    CHECK_INT(dr_tcp_listen(net, 80, 100, &listener), 0);
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, task_serve, NULL, NULL), 0);
    struct peer_conn *p = peer_connect(80);
    UNTIL(calls == 1 && tasks == 0);
    CHECK_INT(dr_sleep(DR_MS(1)), 0);
    dr_tcp_unlisten(&listener);
    CHECK_INT(dr_scope_join(&s), 0);
    CHECK_INT(dr_scope_close(&s), 0);
    CHECK_INT(serve_result, -ECONNABORTED);
    UNTIL(tcp_at_end(p->c));
    return end();
}

TEST_MAIN(TEST_OF(a_parked_connection_comes_back_when_there_is_something_to_read),
          TEST_OF(one_that_has_something_to_read_comes_back_at_once),
          TEST_OF(a_parked_connection_comes_back_when_it_ends),
          TEST_OF(one_that_was_parked_too_long_is_closed_and_counted),
          TEST_OF(closing_a_lot_closes_what_is_in_it_and_ends_who_waits),
          TEST_OF(the_longest_parked_give_way_when_there_is_no_place_for_another),
          TEST_OF(a_parked_connection_holds_no_buffers),
          TEST_OF(a_served_connection_that_is_parked_is_served_again_when_something_comes),
          TEST_OF(closing_the_listener_closes_the_clients_that_are_parked))
