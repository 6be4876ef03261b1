/* SPDX-License-Identifier: ISC */
#include "rt/budget.h"
#include "stack/stack.h"
#include "tests/stack/peer.h"

#include <errno.h>

static struct dr_tcp_listener *listener;
static unsigned serving, most, served;
static int result;
static struct {
    unsigned clients_max;
    dr_tcp_serve_fn *serve;
} how;

static int echo_once(struct dr_tcp *c, void *arg)
{
    char buf[100];
    CHECK(arg == &how);
    serving++;
    most = serving > most ? serving : most;
    ssize_t n = dr_tcp_read(c, buf, sizeof buf);
    if (n > 0)
        n = dr_tcp_write(c, buf, (size_t)n);
    serving--;
    served++;
    return (int)n;
}

static int task_serve(void *arg)
{
    (void)arg;
    result = dr_tcp_serve(listener, how.clients_max, how.serve, &how);
    return 0;
}

static void begin(struct dr_scope *s, unsigned clients_max, dr_tcp_serve_fn *serve)
{
    how.clients_max = clients_max;
    how.serve = serve;
    serving = most = served = 0;
    result = 1;
    CHECK_INT(dr_tcp_listen(net, 80, 100, &listener), 0);
    dr_scope_open(s, DR_NEVER);
    CHECK_INT(dr_spawn(s, task_serve, NULL, NULL), 0);
    CHECK_INT(dr_sleep(DR_MS(1)), 0);
}

static int end(struct dr_scope *s)
{
    dr_scope_cancel(s);
    CHECK_INT(dr_scope_close(s), 0);
    dr_tcp_unlisten(&listener);
    return 0;
}

IMAGE_TEST(a_client_has_a_task_and_its_connection_is_closed_when_that_returns)
{
    struct dr_scope s;
    begin(&s, 10, echo_once);
    struct peer_conn *p = peer_connect(80);
    UNTIL(serving == 1);
    peer_say(p, "hello");
    UNTIL(p->got == 5 && tcp_at_end(p->c));
    CHECK(!peer_was_reset(p));
    CHECK_INT(net->handles, 1); /* the listener's */
    return end(&s);
}

IMAGE_TEST(no_more_clients_than_the_limit_are_served_at_once)
{
    struct dr_scope s;
    struct peer_conn *all[10];
    begin(&s, 3, echo_once);
    for (int i = 0; i < 10; i++) {
        all[i] = peer_connect(80);
        UNTIL(all[i]->events & TCP_EVENT_ESTABLISHED);
        peer_say(all[i], "x");
    }
    for (int i = 0; i < 10; i++)
        UNTIL(all[i]->got == 1);
    CHECK_INT(served, 10);
    CHECK(most <= 3);
    return end(&s);
}

IMAGE_TEST(at_the_limit_a_client_waits_until_another_has_gone)
{
    struct dr_scope s;
    begin(&s, 1, echo_once);
    struct peer_conn *a = peer_connect(80);
    UNTIL(serving == 1);
    struct peer_conn *b = peer_connect(80);
    UNTIL(b->events & TCP_EVENT_ESTABLISHED);
    peer_say(b, "second");
    CHECK_INT(dr_sleep(DR_S(1)), 0);
    CHECK_INT(b->got, 0);
    peer_say(a, "first");
    UNTIL(b->got == 6);
    return end(&s);
}

IMAGE_TEST(no_clients_at_all_is_an_error)
{
    CHECK_INT(dr_tcp_listen(net, 80, 1, &listener), 0);
    CHECK_INT(dr_tcp_serve(listener, 0, echo_once, NULL), -EINVAL);
    dr_tcp_unlisten(&listener);
    return 0;
}

IMAGE_TEST(cancelling_the_server_cancels_its_clients)
{
    struct dr_scope s;
    begin(&s, 10, echo_once);
    peer_connect(80);
    UNTIL(serving == 1);
    dr_scope_cancel(&s);
    CHECK_INT(dr_scope_close(&s), 0);
    CHECK_INT(result, -ECANCELED);
    CHECK_INT(served, 1);
    CHECK_INT(net->handles, 1);
    dr_tcp_unlisten(&listener);
    return 0;
}

static int op_serve(void)
{
    return dr_tcp_serve(listener, 10, echo_once, &how);
}

IMAGE_TEST(a_deadline_ends_a_server)
{
    CHECK_INT(dr_tcp_listen(net, 80, 1, &listener), 0);
    CHECK_INT(timed_out(op_serve), -ETIMEDOUT);
    dr_tcp_unlisten(&listener);
    return 0;
}

IMAGE_TEST(closing_the_listener_lets_the_clients_finish)
{
    struct dr_scope s;
    begin(&s, 10, echo_once);
    struct peer_conn *p = peer_connect(80);
    UNTIL(serving == 1);
    dr_tcp_unlisten(&listener);
    CHECK_INT(dr_sleep(DR_S(1)), 0);
    CHECK_INT(result, 1); /* not yet */
    peer_say(p, "bye");
    UNTIL(result != 1);
    CHECK_INT(result, -ECONNABORTED);
    CHECK_INT(p->got, 3);
    return end(&s);
}

IMAGE_TEST(closing_the_listener_ends_a_server_that_is_full)
{
    struct dr_scope s;
    begin(&s, 1, echo_once);
    struct peer_conn *p = peer_connect(80);
    UNTIL(serving == 1);
    dr_tcp_unlisten(&listener); /* nobody waits in an accept for it */
    peer_say(p, "bye");
    UNTIL(result != 1);
    CHECK_INT(result, -ECONNABORTED);
    return end(&s);
}

static int closes_itself(struct dr_tcp *c, void *arg)
{
    (void)arg;
    CHECK_INT(dr_tcp_write(c, "early", 5), 5);
    dr_tcp_close(&c);
    served++;
    return -EIO;
}

IMAGE_TEST(a_clients_task_may_close_its_connection_itself)
{
    struct dr_scope s;
    begin(&s, 10, closes_itself);
    struct peer_conn *p = peer_connect(80);
    UNTIL(p->got == 5 && tcp_at_end(p->c));
    UNTIL(served == 1);
    CHECK_INT(net->handles, 1);
    return end(&s);
}

static int aborts_itself(struct dr_tcp *c, void *arg)
{
    (void)arg;
    dr_tcp_abort(&c);
    return 0;
}

IMAGE_TEST(a_clients_task_may_abort_its_connection_itself)
{
    struct dr_scope s;
    begin(&s, 10, aborts_itself);
    struct peer_conn *p = peer_connect(80);
    UNTIL(peer_was_reset(p));
    return end(&s);
}

static ssize_t helper_got;

static int read_for_another(void *arg)
{
    char buf[10];
    helper_got = dr_tcp_read(arg, buf, sizeof buf);
    return 0;
}

static int closes_under_a_reader(struct dr_tcp *c, void *arg)
{
    struct dr_scope s;
    (void)arg;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, read_for_another, c, NULL), 0);
    CHECK_INT(dr_sleep(DR_MS(1)), 0);
    dr_tcp_close(&c);
    CHECK_INT(dr_scope_join(&s), 0);
    served++;
    return dr_scope_close(&s);
}

IMAGE_TEST(who_reads_from_a_served_connection_that_is_closed_is_told_so)
{
    struct dr_scope s;
    begin(&s, 1, closes_under_a_reader);
    helper_got = 0;
    peer_connect(80);
    UNTIL(served == 1);
    CHECK_INT(helper_got, -EBADF);
    CHECK_INT(net->handles, 1);
    return end(&s);
}

IMAGE_TEST(a_client_for_whom_there_is_no_stack_waits_for_one)
{
    struct dr_scope s;
    begin(&s, 10, echo_once);
    vplat.refuse_stack = 1;
    struct peer_conn *p = peer_connect(80);
    UNTIL(p->events & TCP_EVENT_ESTABLISHED);
    peer_say(p, "patience");
    UNTIL(p->got == 8);
    CHECK_INT(counter("stack.serve_waits"), 1);
    return end(&s);
}

IMAGE_TEST(cancelling_a_server_whose_client_waits_for_a_stack_resets_that_client)
{
    struct dr_scope s;
    struct supply *stacks = budget_of(BUDGET_STACKS);
    size_t limit = stacks->limit;
    begin(&s, 10, echo_once);
    stacks->limit = stacks->used;
    struct peer_conn *p = peer_connect(80);
    UNTIL(counter("stack.serve_waits") > 3);
    dr_scope_cancel(&s);
    CHECK_INT(dr_scope_close(&s), 0);
    stacks->limit = limit;
    CHECK_INT(result, -ECANCELED);
    UNTIL(peer_was_reset(p));
    dr_tcp_unlisten(&listener);
    return 0;
}

TEST_MAIN(TEST_OF(a_client_has_a_task_and_its_connection_is_closed_when_that_returns),
          TEST_OF(no_more_clients_than_the_limit_are_served_at_once),
          TEST_OF(at_the_limit_a_client_waits_until_another_has_gone),
          TEST_OF(no_clients_at_all_is_an_error),
          TEST_OF(cancelling_the_server_cancels_its_clients), TEST_OF(a_deadline_ends_a_server),
          TEST_OF(closing_the_listener_lets_the_clients_finish),
          TEST_OF(closing_the_listener_ends_a_server_that_is_full),
          TEST_OF(a_clients_task_may_close_its_connection_itself),
          TEST_OF(a_clients_task_may_abort_its_connection_itself),
          TEST_OF(who_reads_from_a_served_connection_that_is_closed_is_told_so),
          TEST_OF(a_client_for_whom_there_is_no_stack_waits_for_one),
          TEST_OF(cancelling_a_server_whose_client_waits_for_a_stack_resets_that_client))
