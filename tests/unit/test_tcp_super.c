/* SPDX-License-Identifier: ISC */
/* Segments that a device cuts: how much goes at once. */
#include "tests/support/tcp_text.h"

#define SUPER_MAX 65455U

static void establish_super(uint32_t cwnd)
{
    establish();
    shared.super_max = SUPER_MAX;
    conn.cwnd = cwnd;
}

TEST(what_is_longer_than_a_segment_goes_at_once)
{
    establish_super(1 << 20);
    CHECK_STR(writes(4000), "P. 5000(4000) ack 1000");
}

TEST(at_most_as_many_whole_segments_as_a_packet_can_hold_go_at_once)
{
    establish_super(1 << 20);
    CHECK_STR(writes(65000), ". 5000(64240) ack 1000; P. 69240(760) ack 1000");
    CHECK_INT(64240 % 1460, 0);
}

TEST(the_congestion_window_cuts_between_segments)
{
    establish_super(5000);
    CHECK_STR(writes(20000), ". 5000(4380) ack 1000");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 9380"), ". 9380(5840) ack 1000");
}

TEST(the_peers_window_cuts_between_segments)
{
    establish_super(1 << 20);
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5000 win 4000"), "");
    CHECK_STR(writes(20000), ". 5000(2920) ack 1000");
}

TEST(a_short_end_that_would_wait_is_left_out)
{
    establish_super(1 << 20);
    CHECK_STR(writes(10), "P. 5000(10) ack 1000");
    CHECK_STR(writes(3000),
              ". 5010(2920) ack 1000"); /* Nagle: 80 octets wait for the first 10 */
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5010"), "P. 7930(80) ack 1000");
}

TEST(a_short_end_that_was_sent_makes_the_next_wait)
{
    establish_super(1 << 20);
    CHECK_STR(writes(3000), "P. 5000(3000) ack 1000");
    CHECK_STR(writes(10), "");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 8000"), "P. 8000(10) ack 1000");
}

TEST(a_fin_goes_with_the_last_of_them)
{
    establish_super(1 << 20);
    silent = true;
    queue(4000);
    tcp_shutdown(&conn, now);
    silent = false;
    CHECK_STR(sent(), "FP. 5000(4000) ack 1000");
}

TEST(a_fin_waits_for_the_rest)
{
    establish_super(4380);
    silent = true;
    queue(5000);
    tcp_shutdown(&conn, now);
    silent = false;
    CHECK_STR(sent(), ". 5000(4380) ack 1000");
}

TEST(one_that_could_not_be_sent_is_sent_whole)
{
    struct tcp_segment seg;
    establish_super(1 << 20);
    silent = true;
    queue(4000);
    silent = false;
    CHECK(tcp_next_segment(&conn, now, &seg));
    CHECK_INT(seg.text_len, 4000);
    CHECK_INT(seg.segment_len, 1460);
    tcp_unsent(&conn, &seg, now);
    CHECK_STR(sent(), "P. 5000(4000) ack 1000");
}

TEST(what_was_lost_is_sent_again_segment_by_segment_first)
{
    establish_super(1 << 20);
    writes(4000);
    CHECK_STR(passes(tcp_deadline(&conn) - now), ". 5000(1460) ack 1000");
}

TEST(without_a_device_that_cuts_nothing_is_joined)
{
    establish();
    conn.cwnd = 1 << 20;
    CHECK_STR(writes(3000),
              ". 5000(1460) ack 1000; . 6460(1460) ack 1000; P. 7920(80) ack 1000");
}

TEST_MAIN(TEST_OF(what_is_longer_than_a_segment_goes_at_once),
          TEST_OF(at_most_as_many_whole_segments_as_a_packet_can_hold_go_at_once),
          TEST_OF(the_congestion_window_cuts_between_segments),
          TEST_OF(the_peers_window_cuts_between_segments),
          TEST_OF(a_short_end_that_would_wait_is_left_out),
          TEST_OF(a_short_end_that_was_sent_makes_the_next_wait),
          TEST_OF(a_fin_goes_with_the_last_of_them), TEST_OF(a_fin_waits_for_the_rest),
          TEST_OF(one_that_could_not_be_sent_is_sent_whole),
          TEST_OF(what_was_lost_is_sent_again_segment_by_segment_first),
          TEST_OF(without_a_device_that_cuts_nothing_is_joined))
