/* SPDX-License-Identifier: ISC */
/* Sending: windows, Nagle, silly windows, probes, what ACKs do. */
#include "tests/support/tcp_text.h"

#include <errno.h>

/* After a round trip that took no time. */
#define RTO (200 * TCP_MS + 1)

TEST(text_is_cut_into_segments_of_the_mss_and_the_last_is_pushed)
{
    establish();
    CHECK_STR(writes(2000), ". 5000(1460) ack 1000; P. 6460(540) ack 1000");
}

TEST(the_peers_mss_is_kept_and_536_when_it_names_none)
{
    accepts("S 999(0)");
    arrives(&conn, ". 1000(0) ack 5000");
    CHECK_STR(writes(600), ". 5000(536) ack 1000; P. 5536(64) ack 1000");
    accepts("S 999(0) mss 9000");
    CHECK_INT(conn.mss, 1460);
    accepts("S 999(0) mss 0");
    CHECK_INT(conn.mss, TCP_MSS_LEAST);
}

/* RFC 9293 3.7.4, as Minshall refined it. */
TEST(a_short_segment_waits_for_the_acknowledgement_of_another_short_one)
{
    establish();
    CHECK_STR(writes(10), "P. 5000(10) ack 1000");
    CHECK_STR(writes(10), "");
    CHECK_STR(writes(10), "");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5010"), "P. 5010(20) ack 1000");
}

TEST(a_short_end_of_a_long_text_does_not_wait)
{
    establish();
    CHECK_STR(writes(1500), ". 5000(1460) ack 1000; P. 6460(40) ack 1000");
    CHECK_STR(writes(40), "");
}

TEST(a_full_segment_does_not_wait_for_a_short_one)
{
    establish();
    writes(10);
    CHECK_STR(writes(1470), ". 5010(1460) ack 1000");
}

TEST(nagle_can_be_switched_off)
{
    establish();
    tcp_set_nodelay(&conn, true);
    CHECK_STR(writes(10), "P. 5000(10) ack 1000");
    CHECK_STR(writes(10), "P. 5010(10) ack 1000");
}

TEST(a_fin_does_not_wait_and_goes_with_the_last_text)
{
    establish();
    writes(10);
    queue(10);
    CHECK_STR(shuts_down(), "FP. 5010(10) ack 1000");
}

TEST(what_is_written_in_one_turn_goes_in_one_segment)
{
    establish();
    queue(100);
    queue(400);
    CHECK_STR(sent(), "P. 5000(500) ack 1000");
}

TEST(no_more_is_sent_than_the_window_allows)
{
    establish();
    arrives(&conn, ". 1000(0) ack 5000 win 3000");
    CHECK_STR(writes(5000), ". 5000(1460) ack 1000; . 6460(1460) ack 1000");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 6460 win 3000"), ". 7920(1460) ack 1000");
}

TEST(a_fin_waits_for_the_window_too)
{
    establish();
    arrives(&conn, ". 1000(0) ack 5000 win 100");
    queue(100);
    CHECK_STR(shuts_down(), "P. 5000(100) ack 1000");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5100 win 1"), "F. 5100(0) ack 1000");
}

/* RFC 9293 3.8.6.2.1: half of the largest window seen is worth sending into. */
TEST(a_small_window_is_used_when_it_is_half_of_what_the_peer_ever_offered)
{
    accepts("S 999(0) win 1000 mss 1460");
    arrives(&conn, ". 1000(0) ack 5000 win 1000");
    CHECK_STR(writes(3000), ". 5000(1000) ack 1000");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 6000 win 499"), "");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 6000 win 500"), ". 6000(500) ack 1000");
}

TEST(a_window_not_worth_sending_into_is_used_after_a_while)
{
    establish();
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5000 win 200"), "");
    CHECK_STR(writes(3000), "");
    CHECK_STR(passes(RTO - 1), "");
    CHECK_STR(passes(1), ". 5000(200) ack 1000");
}

TEST(a_shut_window_is_probed_ever_more_seldom)
{
    establish();
    arrives(&conn, ". 1000(0) ack 5000 win 0");
    CHECK_STR(writes(3000), "");
    CHECK_STR(passes(RTO), ". 5000(1) ack 1000");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5000 win 0"), "");
    CHECK_STR(passes(2 * RTO - 1), "");
    CHECK_STR(passes(1), ". 5000(1) ack 1000");
    CHECK_STR(passes(4 * RTO), ". 5000(1) ack 1000");
    CHECK_INT(shared.counts.window_probes, 3);
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5001 win 65535"),
              ". 5001(1460) ack 1000; . 6461(1460) ack 1000; P. 7921(79) ack 1000");
}

TEST(a_probe_that_was_not_taken_goes_again_as_text)
{
    establish();
    arrives(&conn, ". 1000(0) ack 5000 win 0");
    writes(100);
    passes(RTO);
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5000 win 1000"), "P. 5000(100) ack 1000");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5100"), "");
    CHECK_INT(tcp_deadline(&conn), TCP_NEVER);
}

TEST(a_shut_window_is_probed_with_the_fin_when_that_is_all_there_is)
{
    establish();
    arrives(&conn, ". 1000(0) ack 5000 win 0");
    CHECK_STR(shuts_down(), "");
    CHECK_STR(passes(RTO), "F. 5000(0) ack 1000");
    arrives(&conn, ". 1000(0) ack 5001 win 0");
    CHECK_STR(state(), "FIN-WAIT-2");
}

/* RFC 9293 3.8.6.1, MUST-37. */
TEST(a_peer_that_answers_probes_is_waited_for_as_long_as_it_does)
{
    establish();
    arrives(&conn, ". 1000(0) ack 5000 win 0");
    writes(100);
    for (unsigned i = 0; i < 200; i++) {
        passes(60 * TCP_SECOND);
        arrives(&conn, ". 1000(0) ack 5000 win 0");
    }
    CHECK_STR(state(), "ESTABLISHED");
}

TEST(a_peer_that_does_not_answer_probes_is_given_up)
{
    establish();
    arrives(&conn, ". 1000(0) ack 5000 win 0");
    writes(100);
    passes(TCP_GIVE_UP + 60 * TCP_SECOND);
    CHECK_STR(state(), "CLOSED");
    CHECK_INT(conn.error, -ETIMEDOUT);
}

TEST(nobody_waits_for_a_shut_window_when_the_user_has_gone)
{
    establish();
    arrives(&conn, ". 1000(0) ack 5000 win 0");
    writes(100);
    closes();
    for (unsigned i = 0; i < 10; i++) {
        passes(60 * TCP_SECOND);
        arrives(&conn, ". 1000(0) ack 5000 win 0");
    }
    CHECK_STR(state(), "CLOSED");
    CHECK_INT(memory.used, 0);
}

TEST(a_window_that_shrinks_over_what_was_sent_turns_to_probes)
{
    establish();
    writes(3000);
    arrives(&conn, ". 1000(0) ack 5000 win 0");
    CHECK_STR(passes(RTO), "");
    CHECK_STR(passes(2 * RTO), ". 5000(1) ack 1000");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 8000"), "");
    CHECK_INT(tcp_deadline(&conn), TCP_NEVER);
}

TEST(an_older_segment_does_not_set_the_window)
{
    establish();
    arrives(&conn, ". 1100(0) ack 5000 win 500");
    arrives(&conn, ". 1050(0) ack 5000 win 9000");
    CHECK_INT(conn.snd_wnd, 500);
    arrives(&conn, ". 1100(0) ack 5000 win 600");
    CHECK_INT(conn.snd_wnd, 600);
}

TEST(a_bare_ack_stands_where_the_peer_accepts_it)
{
    establish();
    arrives(&conn, ". 1000(0) ack 5000 win 0");
    writes(100);
    CHECK_STR(passes(RTO), ". 5000(1) ack 1000");
    CHECK_STR(arrives(&conn, "F. 1000(0) ack 5000 win 0"), ". 5000(0) ack 1001");
}

TEST(a_bare_ack_after_a_time_out_stands_after_all_that_was_sent)
{
    establish();
    writes(2920);
    silent = true;
    passes(TCP_SECOND);
    silent = false;
    arrives(&conn, ". 1000(0) ack 6460");
    CHECK_STR(arrives(&conn, ". 1010(10) ack 6460"), ". 7920(0) ack 1000");
}

TEST(a_writer_is_woken_when_half_of_the_buffer_is_free)
{
    shared.send_max = 4096;
    establish();
    CHECK_INT(queue(5000), 4096);
    CHECK_STR(sent(), ". 5000(1460) ack 1000; . 6460(1460) ack 1000; P. 7920(1176) ack 1000");
    CHECK_INT(queue(1), 0);
    arrives(&conn, ". 1000(0) ack 6460");
    CHECK_STR(events_of(), "");
    arrives(&conn, ". 1000(0) ack 7920");
    CHECK_STR(events_of(), "writable");
    arrives(&conn, ". 1000(0) ack 9096");
    CHECK_STR(events_of(), "");
    CHECK_INT(memory.used, 0);
    shared.send_max = 65536;
}

TEST(a_writer_that_was_refused_memory_is_woken_to_try_again)
{
    establish();
    refuse_from = 0;
    CHECK_INT(queue(100), 0);
    passes(TCP_ROOM_AGAIN - 1);
    CHECK_STR(events_of(), "");
    passes(1);
    CHECK_STR(events_of(), "writable");
}

TEST(text_is_written_and_read_in_place)
{
    establish();
    struct ring_room room = tcp_room(&conn, 5000, now);
    CHECK_INT(room.len, 5000);
    fill(room.at, 5000, 1000);
    tcp_put(&conn, 1000, now);
    CHECK_STR(sent(), "P. 5000(1000) ack 1000");
    arrives(&conn, "P. 1000(300) ack 6000");
    CHECK_INT(tcp_unread(&conn).len, 300);
    CHECK_INT(tcp_unread(&conn).at[0], octet_at(1000));
    tcp_take(&conn, 299);
    CHECK_INT(tcp_unread(&conn).at[0], octet_at(1299));
    tcp_take(&conn, 1);
    CHECK_INT(tcp_unread(&conn).len, 0);
}

TEST(room_that_is_not_used_is_given_back)
{
    establish();
    CHECK_INT(tcp_room(&conn, 4096, now).len, 4096);
    tcp_put(&conn, 0, now);
    CHECK_INT(memory.used, 0);
}

TEST(who_finds_no_room_is_told_when_there_is_some)
{
    shared.send_max = 4096;
    establish();
    CHECK_INT(queue(4096), 4096);
    sent();
    CHECK_INT(tcp_room(&conn, 1, now).len, 0);
    events = 0;
    arrives(&conn, ". 1000(0) ack 9096");
    CHECK_STR(events_of(), "writable");
    shared.send_max = 65536;
    establish();
    refuse_from = 0;
    CHECK_INT(tcp_room(&conn, 4096, now).len, 0);
    passes(TCP_ROOM_AGAIN);
    CHECK_STR(events_of(), "writable");
    shuts_down();
    refuse_from = UINT32_MAX;
    CHECK_INT(tcp_room(&conn, 1, now).len, 0);
}

TEST(what_the_device_did_not_take_is_given_again)
{
    struct tcp_segment seg;
    establish();
    queue(3000);
    CHECK(tcp_next_segment(&conn, now, &seg));
    CHECK(tcp_next_segment(&conn, now, &seg));
    tcp_unsent(&conn, &seg, now);
    CHECK(tcp_wants_to_send(&conn, now));
    CHECK_STR(sent(), ". 6460(1460) ack 1000; P. 7920(80) ack 1000");
    CHECK_INT(conn.cwnd, 14600);
}

TEST(an_ack_or_a_syn_that_the_device_did_not_take_is_given_again)
{
    struct tcp_segment seg;
    fresh();
    tcp_connect(&conn, &shared, &OPEN, now);
    CHECK(tcp_next_segment(&conn, now, &seg));
    tcp_unsent(&conn, &seg, now);
    CHECK_STR(sent(), "S 4999(0) mss 1460 wscale 1");
    establish();
    silent = true;
    arrives(&conn, "F. 1000(0) ack 5000");
    CHECK(tcp_next_segment(&conn, now, &seg));
    tcp_unsent(&conn, &seg, now);
    silent = false;
    CHECK_STR(sent(), ". 5000(0) ack 1001");
}

/* RFC 5961 7. */
TEST(challenges_are_limited)
{
    establish();
    for (unsigned i = 0; i < 600; i++)
        arrives(&conn, "R 1001(0)");
    CHECK_INT(shared.counts.challenge_acks, 500);
    CHECK_INT(shared.counts.challenge_limited, 100);
    passes(TCP_SECOND);
    CHECK_STR(arrives(&conn, "R 1001(0)"), ". 5000(0) ack 1000");
}

/* RFC 5961 5.2. */
TEST(text_whose_ack_cannot_be_is_not_taken)
{
    establish();
    writes(100);
    CHECK_STR(arrives(&conn, "P. 1000(10) ack 5101"), ". 5100(0) ack 1000");
    CHECK_INT(tcp_readable(&conn), 0);
    CHECK_STR(arrives(&conn, "P. 1000(10) ack 4294900000"), ". 5100(0) ack 1000");
    CHECK_INT(tcp_readable(&conn), 0);
    arrives(&conn, "P. 1000(10) ack 4000");
    CHECK_INT(tcp_readable(&conn), 10);
}

TEST(a_reset_stands_where_the_peer_expects_it)
{
    establish();
    writes(3000);
    CHECK_STR(aborts(), "R 8000(0)");
    CHECK_STR(events_of(), "ended free");
}

/* RFC 2525 2.17. */
TEST(closing_with_unread_text_resets)
{
    establish();
    arrives(&conn, "P. 1000(10) ack 5000");
    events = 0;
    CHECK_STR(closes(), "R 5000(0)");
    CHECK_STR(events_of(), "ended free");
    CHECK_INT(memory.used, 0);
}

TEST(empty_segments_outside_the_window_are_answered_within_the_limit)
{
    establish();
    for (unsigned i = 0; i < 600; i++)
        arrives(&conn, ". 900(0) ack 5000");
    CHECK_INT(shared.counts.challenge_acks, 500);
    CHECK_INT(shared.counts.challenge_limited, 100);
}

TEST(an_older_ack_does_not_set_the_window)
{
    establish();
    writes(100);
    arrives(&conn, ". 1000(0) ack 5100 win 1000");
    arrives(&conn, ". 1001(0) ack 5050 win 9");
    CHECK_INT(conn.snd_wnd, 1000);
}

TEST(half_of_a_window_is_not_sent_into_while_something_is_on_its_way)
{
    accepts("S 999(0) win 1000 mss 1460");
    arrives(&conn, ". 1000(0) ack 5000 win 1000");
    writes(3000);
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5600 win 1000"), "");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 6000 win 1000"), ". 6000(1000) ack 1000");
}

TEST(a_peer_that_shrinks_its_window_and_vanishes_is_given_up)
{
    establish();
    writes(3000);
    arrives(&conn, ". 1000(0) ack 5000 win 200");
    passes(TCP_GIVE_UP + 60 * TCP_SECOND);
    CHECK_STR(state(), "CLOSED");
}

TEST(a_probe_is_not_due_any_more_when_the_window_has_opened)
{
    establish();
    arrives(&conn, ". 1000(0) ack 5000 win 0");
    writes(100);
    silent = true;
    passes(RTO);
    CHECK(conn.probe_due);
    arrives(&conn, ". 1000(0) ack 5000");
    CHECK(!conn.probe_due);
}

TEST(a_reset_while_probing_stands_before_the_probe)
{
    establish();
    arrives(&conn, ". 1000(0) ack 5000 win 0");
    writes(100);
    CHECK_STR(passes(RTO), ". 5000(1) ack 1000");
    CHECK_STR(aborts(), "R 5000(0)");
}

/* Else they would come to lie ahead again, 2 GiB later. */
TEST(marks_in_the_sequence_space_do_not_stay_behind)
{
    establish();
    writes(10);
    arrives(&conn, ". 1000(0) ack 5010");
    writes(1460 * 4);
    arrives(&conn, ". 1000(0) ack 10850");
    CHECK_INT(conn.snd_small.n, 10850);
    CHECK_INT(conn.recover.n, 10849);
}

TEST_MAIN(
    TEST_OF(text_is_cut_into_segments_of_the_mss_and_the_last_is_pushed),
    TEST_OF(the_peers_mss_is_kept_and_536_when_it_names_none),
    TEST_OF(a_short_segment_waits_for_the_acknowledgement_of_another_short_one),
    TEST_OF(a_short_end_of_a_long_text_does_not_wait),
    TEST_OF(a_full_segment_does_not_wait_for_a_short_one), TEST_OF(nagle_can_be_switched_off),
    TEST_OF(a_fin_does_not_wait_and_goes_with_the_last_text),
    TEST_OF(what_is_written_in_one_turn_goes_in_one_segment),
    TEST_OF(no_more_is_sent_than_the_window_allows), TEST_OF(a_fin_waits_for_the_window_too),
    TEST_OF(a_small_window_is_used_when_it_is_half_of_what_the_peer_ever_offered),
    TEST_OF(a_window_not_worth_sending_into_is_used_after_a_while),
    TEST_OF(a_shut_window_is_probed_ever_more_seldom),
    TEST_OF(a_probe_that_was_not_taken_goes_again_as_text),
    TEST_OF(a_shut_window_is_probed_with_the_fin_when_that_is_all_there_is),
    TEST_OF(a_peer_that_answers_probes_is_waited_for_as_long_as_it_does),
    TEST_OF(a_peer_that_does_not_answer_probes_is_given_up),
    TEST_OF(nobody_waits_for_a_shut_window_when_the_user_has_gone),
    TEST_OF(a_window_that_shrinks_over_what_was_sent_turns_to_probes),
    TEST_OF(an_older_segment_does_not_set_the_window),
    TEST_OF(a_bare_ack_stands_where_the_peer_accepts_it),
    TEST_OF(a_bare_ack_after_a_time_out_stands_after_all_that_was_sent),
    TEST_OF(a_writer_is_woken_when_half_of_the_buffer_is_free),
    TEST_OF(a_writer_that_was_refused_memory_is_woken_to_try_again),
    TEST_OF(text_is_written_and_read_in_place), TEST_OF(room_that_is_not_used_is_given_back),
    TEST_OF(who_finds_no_room_is_told_when_there_is_some),
    TEST_OF(what_the_device_did_not_take_is_given_again),
    TEST_OF(an_ack_or_a_syn_that_the_device_did_not_take_is_given_again),
    TEST_OF(challenges_are_limited), TEST_OF(text_whose_ack_cannot_be_is_not_taken),
    TEST_OF(a_reset_stands_where_the_peer_expects_it), TEST_OF(closing_with_unread_text_resets),
    TEST_OF(empty_segments_outside_the_window_are_answered_within_the_limit),
    TEST_OF(an_older_ack_does_not_set_the_window),
    TEST_OF(half_of_a_window_is_not_sent_into_while_something_is_on_its_way),
    TEST_OF(a_peer_that_shrinks_its_window_and_vanishes_is_given_up),
    TEST_OF(a_probe_is_not_due_any_more_when_the_window_has_opened),
    TEST_OF(a_reset_while_probing_stands_before_the_probe),
    TEST_OF(marks_in_the_sequence_space_do_not_stay_behind))
