/* SPDX-License-Identifier: ISC */
/* Listening, accepting, reading, writing and the ways to end. */
#include "stack/stack.h"
#include "tests/stack/peer.h"

#include <errno.h>

static struct dr_tcp_listener *listener;
static struct dr_tcp *conn;
static struct peer_conn *p;
static char big[3U << 20];

static void fill(void)
{
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (char)(i * 31 + (i >> 11));
}

/* A connection from the peer to port 80, accepted. */
static void meet(void)
{
    listener = NULL;
    conn = NULL;
    CHECK_INT(dr_tcp_listen(net, 80, 8, &listener), 0);
    p = peer_connect(80);
    CHECK_INT(dr_tcp_accept(listener, &conn), 0);
}

static int part(void)
{
    dr_tcp_close(&conn);
    dr_tcp_unlisten(&listener);
    return 0;
}

static int op_accept(void)
{
    struct dr_tcp *c = NULL;
    return dr_tcp_accept(listener, &c);
}

static int op_read(void)
{
    char buf[100];
    return (int)dr_tcp_read(conn, buf, sizeof buf);
}

static int op_write(void)
{
    return (int)dr_tcp_write(conn, big, sizeof big);
}

/* ---- Listening -------------------------------------------------------------- */

IMAGE_TEST(a_port_is_listened_on_once)
{
    struct dr_tcp_listener *a = NULL, *b = NULL;
    CHECK_INT(dr_tcp_listen(net, 80, 1, &a), 0);
    CHECK_INT(dr_tcp_listener_port(a), 80);
    CHECK_INT(dr_tcp_listen(net, 80, 1, &b), -EADDRINUSE);
    CHECK(!b);
    dr_tcp_unlisten(&a);
    CHECK(!a);
    CHECK_INT(dr_tcp_listen(net, 80, 1, &a), 0);
    dr_tcp_unlisten(&a);
    dr_tcp_unlisten(&a);
    return 0;
}

IMAGE_TEST(port_zero_is_a_free_one)
{
    struct dr_tcp_listener *a = NULL, *b = NULL;
    CHECK_INT(dr_tcp_listen(net, 0, 1, &a), 0);
    CHECK_INT(dr_tcp_listen(net, 0, 1, &b), 0);
    CHECK(dr_tcp_listener_port(a) != 0);
    CHECK(dr_tcp_listener_port(a) != dr_tcp_listener_port(b));
    dr_tcp_unlisten(&a);
    dr_tcp_unlisten(&b);
    return 0;
}

IMAGE_TEST(a_backlog_outside_its_range_is_refused)
{
    struct dr_tcp_listener *l = NULL;
    CHECK_INT(dr_tcp_listen(net, 80, 0, &l), -EINVAL);
    CHECK_INT(dr_tcp_listen(net, 80, DR_TCP_BACKLOG_MAX + 1, &l), -EINVAL);
    CHECK_INT(dr_tcp_listen(net, 80, DR_TCP_BACKLOG_MAX, &l), 0);
    dr_tcp_unlisten(&l);
    return 0;
}

IMAGE_TEST(what_exceeds_the_backlog_waits_and_is_counted)
{
    struct dr_tcp *all[5] = {NULL};
    CHECK_INT(dr_tcp_listen(net, 80, 2, &listener), 0);
    for (int i = 0; i < 5; i++)
        peer_connect(80);
    CHECK_INT(dr_sleep(DR_MS(500)), 0);
    CHECK(counter("tcp.ack_backlog_full") + counter("tcp.syn_backlog_full") >= 3);
    for (int i = 0; i < 5; i++)
        CHECK_INT(dr_tcp_accept(listener, &all[i]), 0);
    for (int i = 0; i < 5; i++)
        dr_tcp_close(&all[i]);
    dr_tcp_unlisten(&listener);
    return 0;
}

IMAGE_TEST(connections_nobody_took_are_reset_when_the_listener_closes)
{
    CHECK_INT(dr_tcp_listen(net, 80, 2, &listener), 0);
    p = peer_connect(80);
    CHECK_INT(dr_sleep(DR_MS(10)), 0);
    CHECK(p->events & TCP_EVENT_ESTABLISHED);
    dr_tcp_unlisten(&listener);
    UNTIL(peer_was_reset(p));
    return 0;
}

/* ---- Accepting -------------------------------------------------------------- */

IMAGE_TEST(an_accepted_connection_knows_both_its_ends)
{
    meet();
    struct dr_endpoint peer_end_ = dr_tcp_peer(conn), own = dr_tcp_local(conn);
    struct dr_ip ip = dr_ip4(10, 0, 0, 1), mine = dr_ip4(10, 0, 0, 2);
    CHECK(dr_ip_equal(&peer_end_.ip, &ip));
    CHECK_INT(peer_end_.port, inet_tcp_local(p->c).port);
    CHECK(dr_ip_equal(&own.ip, &mine));
    CHECK_INT(own.port, 80);
    return part();
}

IMAGE_TEST(accepting_can_be_timed_out_and_cancelled)
{
    CHECK_INT(dr_tcp_listen(net, 80, 8, &listener), 0);
    CHECK_INT(timed_out(op_accept), -ETIMEDOUT);
    CHECK_INT(cancelled(op_accept), -ECANCELED);
    dr_tcp_unlisten(&listener);
    return 0;
}

static int accepted_in_task;
static int task_accept(void *arg)
{
    struct dr_tcp **c = arg;
    accepted_in_task = dr_tcp_accept(listener, c);
    return 0;
}

IMAGE_TEST(closing_a_listener_ends_the_wait_for_it)
{
    struct dr_scope s;
    struct dr_tcp *c = NULL;
    CHECK_INT(dr_tcp_listen(net, 80, 8, &listener), 0);
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, task_accept, &c, NULL), 0);
    CHECK_INT(dr_sleep(DR_MS(1)), 0);
    dr_tcp_unlisten(&listener);
    CHECK_INT(dr_scope_join(&s), 0);
    CHECK_INT(dr_scope_close(&s), 0);
    CHECK_INT(accepted_in_task, -ECONNABORTED);
    return 0;
}

IMAGE_TEST(a_connection_goes_to_the_next_when_the_first_to_be_woken_was_cancelled)
{
    struct dr_scope s;
    struct dr_task *first = NULL;
    struct dr_tcp *a = NULL, *b = NULL;
    CHECK_INT(dr_tcp_listen(net, 80, 8, &listener), 0);
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, task_accept, &a, &first), 0);
    CHECK_INT(dr_spawn(&s, task_accept, &b, NULL), 0);
    CHECK_INT(dr_sleep(DR_MS(1)), 0);
    p = peer_connect(80);
    /* By the time this task has slept, the first has been woken, or runs. */
    while (!(p->events & TCP_EVENT_ESTABLISHED))
        CHECK_INT(dr_sleep(DR_US(10)), 0);
    dr_task_cancel(first);
    CHECK_INT(dr_await(&first, NULL), 0);
    UNTIL(a || b);
    dr_scope_cancel(&s);
    dr_scope_close(&s);
    dr_tcp_close(&a);
    dr_tcp_close(&b);
    dr_tcp_unlisten(&listener);
    return 0;
}

IMAGE_TEST(accepting_waits_for_a_handle_when_all_are_out)
{
    struct dr_scope s;
    struct dr_tcp *c = NULL;
    net->conn_pool.max = 1;
    meet();
    peer_connect(80);
    CHECK_INT(timed_out(op_accept), -ETIMEDOUT);
    CHECK_INT(cancelled(op_accept), -ECANCELED);
    CHECK(counter("stack.accept_waits") >= 2);
    accepted_in_task = 1;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, task_accept, &c, NULL), 0);
    CHECK_INT(dr_sleep(DR_MS(1)), 0);
    CHECK(!c);
    dr_tcp_close(&conn);
    CHECK_INT(dr_scope_join(&s), 0);
    CHECK_INT(dr_scope_close(&s), 0);
    CHECK_INT(accepted_in_task, 0);
    dr_tcp_close(&c);
    return part();
}

/* ---- Reading ---------------------------------------------------------------- */

IMAGE_TEST(what_the_peer_writes_is_read)
{
    char buf[100];
    meet();
    peer_say(p, "hello");
    CHECK_INT(dr_tcp_read(conn, buf, sizeof buf), 5);
    CHECK_MEM(buf, "hello", 5);
    return part();
}

IMAGE_TEST(a_read_takes_no_more_than_it_has_room_for)
{
    char buf[100];
    meet();
    peer_say(p, "hello");
    CHECK_INT(dr_tcp_read(conn, buf, 0), 0);
    CHECK_INT(dr_tcp_read(conn, buf, 2), 2);
    CHECK_INT(dr_tcp_read(conn, buf, sizeof buf), 3);
    CHECK_MEM(buf, "llo", 3);
    return part();
}

IMAGE_TEST(reading_can_be_timed_out_and_cancelled_and_goes_on_after)
{
    char buf[100];
    meet();
    CHECK_INT(timed_out(op_read), -ETIMEDOUT);
    CHECK_INT(cancelled(op_read), -ECANCELED);
    peer_say(p, "still here");
    CHECK_INT(dr_tcp_read(conn, buf, sizeof buf), 10);
    return part();
}

IMAGE_TEST(a_read_is_zero_at_the_peers_end_again_and_again)
{
    char buf[100];
    meet();
    peer_say(p, "bye");
    peer_shutdown(p);
    UNTIL(tcp_readable(conn->conn) == 3);
    CHECK_INT(dr_tcp_read(conn, buf, sizeof buf), 3);
    CHECK_INT(dr_tcp_read(conn, buf, sizeof buf), 0);
    CHECK_INT(dr_tcp_read(conn, buf, sizeof buf), 0);
    return part();
}

IMAGE_TEST(writing_goes_on_after_the_peers_end)
{
    char buf[100];
    meet();
    peer_shutdown(p);
    CHECK_INT(dr_tcp_read(conn, buf, sizeof buf), 0);
    CHECK_INT(dr_tcp_write(conn, "half closed", 11), 11);
    UNTIL(p->got == 11);
    CHECK_STR(p->text, "half closed");
    return part();
}

IMAGE_TEST(a_reset_ends_reading_and_writing)
{
    meet();
    peer_abort(p);
    CHECK_INT(op_read(), -ECONNRESET);
    CHECK_INT(op_read(), -ECONNRESET);
    CHECK_INT(op_write(), -ECONNRESET);
    CHECK_INT(dr_tcp_shutdown(conn), -ENOTCONN);
    return part();
}

/* ---- Writing ---------------------------------------------------------------- */

IMAGE_TEST(what_is_written_arrives)
{
    meet();
    CHECK_INT(dr_tcp_write(conn, "", 0), 0);
    CHECK_INT(dr_tcp_write(conn, "hello", 5), 5);
    UNTIL(p->got == 5);
    CHECK_STR(p->text, "hello");
    return part();
}

IMAGE_TEST(a_write_larger_than_the_send_buffer_is_written_whole)
{
    meet();
    fill();
    CHECK_INT(dr_tcp_write(conn, big, sizeof big), sizeof big);
    UNTIL(p->got == sizeof big);
    CHECK_MEM(p->text, big, sizeof p->text - 1);
    return part();
}

IMAGE_TEST(a_large_upload_arrives_whole_and_in_order)
{
    static char got[sizeof big];
    size_t sent = 0, n = 0;
    meet();
    fill();
    while (n < sizeof big) {
        if (sent < sizeof big)
            sent += peer_write(p, big + sent, sizeof big - sent);
        ssize_t some = dr_tcp_read(conn, got + n, sizeof got - n);
        CHECK(some > 0);
        n += (size_t)some;
    }
    CHECK_MEM(got, big, sizeof big);
    return part();
}

IMAGE_TEST(writing_can_be_timed_out_and_cancelled_when_the_peer_does_not_read)
{
    meet();
    peer_reads(p, false);
    CHECK_INT(timed_out(op_write), -ETIMEDOUT);
    CHECK_INT(cancelled(op_write), -ECANCELED);
    peer_reads(p, true);
    size_t before = p->got;
    UNTIL(p->got > before);
    return part();
}

IMAGE_TEST(writing_after_shutdown_is_a_broken_pipe)
{
    meet();
    CHECK_INT(dr_tcp_shutdown(conn), 0);
    CHECK_INT(dr_tcp_shutdown(conn), 0);
    CHECK_INT(dr_tcp_write(conn, "x", 1), -EPIPE);
    CHECK_INT(dr_tcp_write(conn, "", 0), -EPIPE);
    UNTIL(p->events & TCP_EVENT_READABLE);
    CHECK(tcp_at_end(p->c));
    peer_say(p, "but you can read");
    char buf[100];
    CHECK_INT(dr_tcp_read(conn, buf, sizeof buf), 16);
    return part();
}

static ssize_t wrote;
static int task_write(void *arg)
{
    (void)arg;
    wrote = dr_tcp_write(conn, big, sizeof big);
    return 0;
}

IMAGE_TEST(shutdown_ends_the_wait_of_a_writer)
{
    struct dr_scope s;
    meet();
    peer_reads(p, false);
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, task_write, NULL, NULL), 0);
    CHECK_INT(dr_sleep(DR_MS(10)), 0);
    CHECK_INT(dr_tcp_shutdown(conn), 0);
    CHECK_INT(dr_scope_join(&s), 0);
    CHECK_INT(dr_scope_close(&s), 0);
    CHECK_INT(wrote, -EPIPE);
    dr_tcp_abort(&conn);
    return part();
}

static ssize_t got;
static int task_read(void *arg)
{
    char buf[10];
    (void)arg;
    got = dr_tcp_read(conn, buf, sizeof buf);
    return 0;
}

IMAGE_TEST(one_task_reads_while_another_writes)
{
    struct dr_scope s;
    meet();
    got = 0;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, task_read, NULL, NULL), 0);
    CHECK_INT(dr_spawn(&s, task_write, NULL, NULL), 0);
    CHECK_INT(dr_sleep(DR_MS(1)), 0);
    peer_say(p, "ping");
    CHECK_INT(dr_scope_join(&s), 0);
    CHECK_INT(dr_scope_close(&s), 0);
    CHECK_INT(got, 4);
    CHECK_INT(wrote, sizeof big);
    return part();
}

IMAGE_TEST(closing_under_a_reader_and_a_writer_ends_their_waits)
{
    struct dr_scope s;
    meet();
    peer_reads(p, false);
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, task_read, NULL, NULL), 0);
    CHECK_INT(dr_spawn(&s, task_write, NULL, NULL), 0);
    CHECK_INT(dr_sleep(DR_MS(10)), 0);
    dr_tcp_close(&conn);
    CHECK_INT(dr_scope_join(&s), 0);
    CHECK_INT(dr_scope_close(&s), 0);
    CHECK_INT(got, -EBADF);
    CHECK_INT(wrote, -EBADF);
    return part();
}

IMAGE_TEST(a_writer_for_whom_there_is_no_memory_waits_and_is_counted)
{
    struct dr_scope s;
    struct supply *buffers = net->budget.buffers;
    size_t limit = buffers->limit;
    meet();
    buffers->limit = buffers->used;
    CHECK_INT(timed_out(op_write), -ETIMEDOUT);
    CHECK_INT(cancelled(op_write), -ECANCELED);
    CHECK(counter("stack.write_waits") >= 2);
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, task_write, NULL, NULL), 0);
    CHECK_INT(dr_sleep(DR_MS(100)), 0);
    CHECK_INT(p->got, 0);
    buffers->limit = limit;
    CHECK_INT(dr_scope_join(&s), 0);
    CHECK_INT(dr_scope_close(&s), 0);
    CHECK_INT(wrote, sizeof big);
    return part();
}

IMAGE_TEST(memory_given_back_by_one_connection_wakes_the_writer_of_another)
{
    struct supply *buffers = net->budget.buffers;
    struct dr_scope s;
    struct dr_tcp *other = NULL;
    size_t limit = buffers->limit;
    meet();
    struct peer_conn *q = peer_connect(80);
    CHECK_INT(dr_tcp_accept(listener, &other), 0);
    peer_say(q, "kept");
    UNTIL(tcp_readable(other->conn) == 4);
    buffers->limit = buffers->used;
    wrote = 0;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, task_write, NULL, NULL), 0);
    CHECK_INT(dr_sleep(DR_MS(100)), 0);
    CHECK_INT(p->got, 0);
    dr_tcp_abort(&other);
    UNTIL(p->got > 0);
    buffers->limit = limit;
    CHECK_INT(dr_scope_join(&s), 0);
    CHECK_INT(dr_scope_close(&s), 0);
    CHECK_INT(wrote, sizeof big);
    return part();
}

IMAGE_TEST(a_peer_that_falls_silent_is_a_time_out_for_the_writer)
{
    meet();
    peer.deaf = peer.mute = true;
    CHECK_INT(op_write(), -ETIMEDOUT);
    CHECK_INT(op_write(), -ETIMEDOUT);
    peer.deaf = peer.mute = false;
    return part();
}

IMAGE_TEST(a_silent_peer_is_probed_when_asked_for)
{
    meet();
    dr_tcp_keepalive(conn, DR_S(10));
    dr_tcp_nodelay(conn, true);
    CHECK_INT(dr_sleep(DR_S(25)), 0);
    CHECK(counter("tcp.keepalive_probes") >= 2);
    peer.deaf = peer.mute = true;
    CHECK_INT(op_read(), -ETIMEDOUT);
    peer.deaf = peer.mute = false;
    return part();
}

/* ---- Ending ----------------------------------------------------------------- */

IMAGE_TEST(what_was_written_is_delivered_after_close)
{
    meet();
    fill();
    CHECK_INT(dr_tcp_write(conn, big, 100000), 100000);
    dr_tcp_close(&conn);
    CHECK(!conn);
    UNTIL(p->got == 100000 && tcp_at_end(p->c));
    CHECK(!peer_was_reset(p));
    CHECK_MEM(p->text, big, sizeof p->text - 1);
    return part();
}

IMAGE_TEST(closing_with_unread_data_resets)
{
    meet();
    peer_say(p, "nobody reads this");
    UNTIL(tcp_readable(conn->conn) == 17);
    dr_tcp_close(&conn);
    UNTIL(peer_was_reset(p));
    return part();
}

IMAGE_TEST(aborting_resets)
{
    meet();
    dr_tcp_abort(&conn);
    CHECK(!conn);
    dr_tcp_abort(&conn);
    UNTIL(peer_was_reset(p));
    return part();
}

IMAGE_TEST(a_connection_closed_by_both_sides_leaves_nothing_behind)
{
    meet();
    peer_close(p);
    CHECK_INT(op_read(), 0);
    part();
    CHECK_INT(dr_sleep(DR_S(300)), 0);
    CHECK_INT(net->handles, 0);
    CHECK_INT(net->budget.buffers->used, sizeof(struct device) + 1500 + 14);
    return 0;
}

/* ---- Many ------------------------------------------------------------------- */

static int echo(struct dr_tcp *c, void *arg)
{
    char buf[512];
    ssize_t n = 0;
    (void)arg;
    while ((n = dr_tcp_read(c, buf, sizeof buf)) > 0)
        if ((n = dr_tcp_write(c, buf, (size_t)n)) < 0)
            break;
    return (int)n;
}

static int task_serve(void *arg)
{
    (void)arg;
    return dr_tcp_serve(listener, 200, echo, NULL);
}

IMAGE_TEST(two_hundred_clients_are_served_at_once)
{
    struct dr_scope s;
    static struct peer_conn *all[200];
    CHECK_INT(dr_tcp_listen(net, 80, 200, &listener), 0);
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, task_serve, NULL, NULL), 0);
    for (int i = 0; i < 200; i++)
        all[i] = peer_connect(80);
    for (int i = 0; i < 200; i++) {
        UNTIL(all[i]->events & TCP_EVENT_ESTABLISHED);
        peer_say(all[i], "every one of them");
    }
    for (int i = 0; i < 200; i++) {
        UNTIL(all[i]->got == 17);
        CHECK_STR(all[i]->text, "every one of them");
        peer_close(all[i]);
    }
    dr_scope_cancel(&s);
    dr_scope_close(&s);
    dr_tcp_unlisten(&listener);
    return 0;
}

/* ---- What can be asked ------------------------------------------------------ */

IMAGE_TEST(a_connection_tells_how_it_is)
{
    struct dr_tcp_info i;
    char buf[5];
    meet();
    peer_say(p, "hello");
    CHECK_INT(dr_tcp_write(conn, big, 10000), 10000);
    CHECK_INT(dr_tcp_info(conn, &i), 0);
    CHECK_STR(i.state, "ESTABLISHED");
    CHECK_STR(i.congestion, "cubic");
    CHECK_INT(i.in_flight, 0);
    CHECK_INT(i.unsent, 10000);
    UNTIL(p->got == 10000);
    CHECK_INT(dr_sleep(DR_MS(100)), 0); /* for the delayed acknowledgement */
    CHECK_INT(dr_tcp_info(conn, &i), 0);
    CHECK_INT(i.octets_acked, 10000);
    CHECK_INT(i.octets_received, 5);
    CHECK_INT(i.unread, 5);
    CHECK_INT(i.in_flight + i.unsent + i.retransmits, 0);
    CHECK(i.rtt_ns >= 2 * WIRE_NS && i.rtt_ns < DR_MS(50));
    CHECK(i.rto_ns >= i.rtt_ns && i.rtt_var_ns > 0);
    CHECK(i.sack && i.timestamps && i.window_scaling);
    CHECK(i.mss > 1000 && i.cwnd >= i.mss && i.ssthresh > i.cwnd);
    CHECK(i.send_window > 0 && i.receive_window > 0);
    CHECK_INT(dr_tcp_read(conn, buf, sizeof buf), 5);
    CHECK_INT(dr_tcp_info(conn, &i), 0);
    CHECK_INT(i.unread, 0);
    CHECK_INT(i.octets_received, 5);
    CHECK_INT(dr_tcp_shutdown(conn), 0);
    CHECK_INT(dr_tcp_info(conn, &i), 0);
    CHECK_STR(i.state, "FIN-WAIT-1");
    return part();
}

IMAGE_TEST(a_user_who_will_not_wait_for_long_is_told_sooner)
{
    struct dr_tcp_info i;
    uint64_t from = dr_now();
    meet();
    dr_tcp_user_timeout(conn, DR_S(5));
    peer.mute = peer.deaf = true;
    CHECK_INT(dr_tcp_write(conn, "x", 1), 1);
    char c;
    CHECK_INT(dr_tcp_read(conn, &c, 1), -ETIMEDOUT);
    CHECK(dr_now() - from >= DR_S(5) && dr_now() - from < DR_S(6));
    CHECK_INT(dr_tcp_info(conn, &i), 0);
    CHECK_STR(i.state, "CLOSED");
    CHECK(i.retransmits >= 3);
    return part();
}

IMAGE_TEST(of_a_connection_whose_net_is_down_nothing_can_be_asked)
{
    struct dr_tcp_info i;
    meet();
    dr_net_down(&net);
    CHECK_INT(dr_tcp_info(conn, &i), -ENOTCONN);
    dr_tcp_user_timeout(conn, DR_S(5));
    return part();
}

TEST_MAIN(TEST_OF(a_port_is_listened_on_once), TEST_OF(port_zero_is_a_free_one),
          TEST_OF(a_backlog_outside_its_range_is_refused),
          TEST_OF(what_exceeds_the_backlog_waits_and_is_counted),
          TEST_OF(connections_nobody_took_are_reset_when_the_listener_closes),
          TEST_OF(an_accepted_connection_knows_both_its_ends),
          TEST_OF(accepting_can_be_timed_out_and_cancelled),
          TEST_OF(closing_a_listener_ends_the_wait_for_it),
          TEST_OF(a_connection_goes_to_the_next_when_the_first_to_be_woken_was_cancelled),
          TEST_OF(accepting_waits_for_a_handle_when_all_are_out),
          TEST_OF(what_the_peer_writes_is_read),
          TEST_OF(a_read_takes_no_more_than_it_has_room_for),
          TEST_OF(reading_can_be_timed_out_and_cancelled_and_goes_on_after),
          TEST_OF(a_read_is_zero_at_the_peers_end_again_and_again),
          TEST_OF(writing_goes_on_after_the_peers_end),
          TEST_OF(a_reset_ends_reading_and_writing), TEST_OF(what_is_written_arrives),
          TEST_OF(a_write_larger_than_the_send_buffer_is_written_whole),
          TEST_OF(a_large_upload_arrives_whole_and_in_order),
          TEST_OF(writing_can_be_timed_out_and_cancelled_when_the_peer_does_not_read),
          TEST_OF(writing_after_shutdown_is_a_broken_pipe),
          TEST_OF(shutdown_ends_the_wait_of_a_writer),
          TEST_OF(one_task_reads_while_another_writes),
          TEST_OF(closing_under_a_reader_and_a_writer_ends_their_waits),
          TEST_OF(a_writer_for_whom_there_is_no_memory_waits_and_is_counted),
          TEST_OF(memory_given_back_by_one_connection_wakes_the_writer_of_another),
          TEST_OF(a_peer_that_falls_silent_is_a_time_out_for_the_writer),
          TEST_OF(a_silent_peer_is_probed_when_asked_for),
          TEST_OF(what_was_written_is_delivered_after_close),
          TEST_OF(closing_with_unread_data_resets), TEST_OF(aborting_resets),
          TEST_OF(a_connection_closed_by_both_sides_leaves_nothing_behind),
          TEST_OF(two_hundred_clients_are_served_at_once),
          TEST_OF(a_connection_tells_how_it_is),
          TEST_OF(a_user_who_will_not_wait_for_long_is_told_sooner),
          TEST_OF(of_a_connection_whose_net_is_down_nothing_can_be_asked))
