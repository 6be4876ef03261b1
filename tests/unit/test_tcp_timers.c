/* SPDX-License-Identifier: ISC */
/* Keepalive, TIME-WAIT, FIN-WAIT-2: what happens when nothing does. */
#include "tests/support/tcp_text.h"

#include <errno.h>

#define HOUR (3600 * TCP_SECOND)

TEST(an_idle_connection_has_no_deadline_and_holds_no_buffer)
{
    establish();
    CHECK_INT(tcp_deadline(&conn), TCP_NEVER);
    writes(1000);
    arrives(&conn, "P. 1000(100) ack 6000");
    reads(100);
    passes(TCP_SECOND);
    CHECK_INT(tcp_deadline(&conn), TCP_NEVER);
    CHECK_INT(memory.used, 0);
    CHECK(sizeof conn <= 768);
}

TEST(a_time_that_has_not_come_does_nothing)
{
    struct tcp_out out = {0};
    establish();
    writes(100);
    tcp_expires(&conn, now, &out);
    CHECK_STR(sent(), "");
    CHECK_INT(out.events, 0);
}

/* RFC 9293 3.8.4: off unless asked for; carries no text; one lost answer is not the end. */
TEST(keepalive_is_off_until_it_is_asked_for)
{
    establish();
    CHECK_STR(passes(1000 * HOUR), "");
    CHECK_STR(state(), "ESTABLISHED");
}

TEST(a_silent_peer_is_probed_nine_times_and_given_up)
{
    establish();
    tcp_set_keepalive(&conn, 2 * HOUR, now);
    CHECK_STR(passes(2 * HOUR - 1), "");
    CHECK_STR(passes(1), ". 4999(0) ack 1000");
    for (unsigned i = 0; i < 8; i++)
        CHECK_STR(passes(75 * TCP_SECOND), ". 4999(0) ack 1000");
    CHECK_STR(state(), "ESTABLISHED");
    CHECK_STR(passes(75 * TCP_SECOND), "R 5000(0)");
    CHECK_INT(conn.error, -ETIMEDOUT);
    CHECK_INT(shared.counts.keepalive_probes, 9);
}

TEST(a_peer_that_answers_a_probe_is_left_alone_as_long_again)
{
    establish();
    tcp_set_keepalive(&conn, 2 * HOUR, now);
    passes(2 * HOUR + 150 * TCP_SECOND);
    CHECK_INT(shared.counts.keepalive_probes, 3);
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5000"), "");
    CHECK_STR(passes(2 * HOUR - 1), "");
    CHECK_STR(passes(75 * TCP_SECOND), ". 4999(0) ack 1000");
}

TEST(any_segment_of_the_peer_puts_the_probe_off)
{
    establish();
    tcp_set_keepalive(&conn, HOUR, now);
    passes(HOUR / 2);
    arrives(&conn, ". 1000(0) ack 5000");
    CHECK_STR(passes(HOUR - 1), "");
    CHECK_STR(passes(1), ". 4999(0) ack 1000");
}

TEST(text_on_its_way_is_probe_enough)
{
    establish();
    tcp_set_keepalive(&conn, 10 * TCP_SECOND, now);
    writes(10);
    passes(100 * TCP_SECOND);
    CHECK_INT(shared.counts.keepalive_probes, 0);
}

TEST(a_keepalive_shorter_than_a_second_is_a_second)
{
    establish();
    tcp_set_keepalive(&conn, 1, now);
    CHECK_STR(passes(TCP_SECOND - 1), "");
    CHECK_STR(passes(1), ". 4999(0) ack 1000");
    tcp_set_keepalive(&conn, 0, now);
    CHECK_INT(tcp_deadline(&conn), TCP_NEVER);
}

TEST(a_probe_of_the_peer_is_answered)
{
    establish();
    CHECK_STR(arrives(&conn, ". 999(0) ack 5000"), ". 5000(0) ack 1000");
    CHECK_STR(arrives(&conn, ". 999(1) ack 5000"), ". 5000(0) ack 1000");
}

static void time_wait(void)
{
    establish();
    closes();
    arrives(&conn, ". 1000(0) ack 5001");
    arrives(&conn, "F. 1000(0) ack 5001");
    CHECK_STR(state(), "TIME-WAIT");
    events = 0;
}

TEST(a_fin_that_comes_again_restarts_time_wait)
{
    time_wait();
    passes(50 * TCP_SECOND);
    CHECK_STR(arrives(&conn, "F. 1000(0) ack 5001"), ". 5001(0) ack 1001");
    passes(60 * TCP_SECOND - 1);
    CHECK_STR(state(), "TIME-WAIT");
    passes(1);
    CHECK_STR(state(), "CLOSED");
    CHECK_STR(events_of(), "ended free");
}

/* RFC 1337. */
TEST(a_reset_does_not_end_time_wait)
{
    time_wait();
    CHECK_STR(arrives(&conn, "R 1001(0)"), "");
    CHECK_STR(state(), "TIME-WAIT");
}

/* RFC 9293 3.10.7.4, MAY-2. */
TEST(a_later_syn_may_take_the_place_of_time_wait)
{
    struct tcp_segment later = segment_of("S 1002(0)"), old = segment_of("S 1001(0)"),
                       ack = segment_of("S. 1002(0) ack 1"), rst = segment_of("RS 1002(0)");
    time_wait();
    CHECK(tcp_may_reuse(&conn, &later));
    CHECK(!tcp_may_reuse(&conn, &old));
    CHECK(!tcp_may_reuse(&conn, &ack));
    CHECK(!tcp_may_reuse(&conn, &rst));
    CHECK(seq_lt(conn.snd_max, tcp_reuse_iss(&conn, (struct seq){1})));
    CHECK_INT(tcp_reuse_iss(&conn, (struct seq){9000000}).n, 9000000);
    establish();
    CHECK(!tcp_may_reuse(&conn, &later));
}

TEST(fin_wait_2_ends_after_a_minute_when_the_user_has_gone)
{
    establish();
    closes();
    arrives(&conn, ". 1000(0) ack 5001");
    passes(60 * TCP_SECOND - 1);
    CHECK_STR(state(), "FIN-WAIT-2");
    passes(1);
    CHECK_STR(events_of(), "ended free");
}

TEST(fin_wait_2_lasts_while_the_user_listens_and_a_minute_more)
{
    establish();
    shuts_down();
    arrives(&conn, ". 1000(0) ack 5001");
    passes(100 * HOUR);
    CHECK_STR(state(), "FIN-WAIT-2");
    closes();
    passes(60 * TCP_SECOND);
    CHECK_STR(state(), "CLOSED");
}

TEST(a_fin_that_is_never_acknowledged_is_given_up)
{
    establish();
    closes();
    passes(TCP_GIVE_UP);
    CHECK_STR(state(), "CLOSED");
    CHECK_STR(events_of(), "ended free");
}

TEST_MAIN(TEST_OF(an_idle_connection_has_no_deadline_and_holds_no_buffer),
          TEST_OF(a_time_that_has_not_come_does_nothing),
          TEST_OF(keepalive_is_off_until_it_is_asked_for),
          TEST_OF(a_silent_peer_is_probed_nine_times_and_given_up),
          TEST_OF(a_peer_that_answers_a_probe_is_left_alone_as_long_again),
          TEST_OF(any_segment_of_the_peer_puts_the_probe_off),
          TEST_OF(text_on_its_way_is_probe_enough),
          TEST_OF(a_keepalive_shorter_than_a_second_is_a_second),
          TEST_OF(a_probe_of_the_peer_is_answered),
          TEST_OF(a_fin_that_comes_again_restarts_time_wait),
          TEST_OF(a_reset_does_not_end_time_wait),
          TEST_OF(a_later_syn_may_take_the_place_of_time_wait),
          TEST_OF(fin_wait_2_ends_after_a_minute_when_the_user_has_gone),
          TEST_OF(fin_wait_2_lasts_while_the_user_listens_and_a_minute_more),
          TEST_OF(a_fin_that_is_never_acknowledged_is_given_up))
