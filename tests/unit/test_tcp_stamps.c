/* SPDX-License-Identifier: ISC */
/* Timestamps (RFC 7323 3 to 5) and what they are good for. */
#include "tests/support/tcp_text.h"

#define DAY (24 * 3600 * TCP_SECOND)

/* Our clock says 1000000 when a test begins. */
static void establish_stamped(void)
{
    accepts("S 999(0) mss 1460 ts 70 ecr 0");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5000 ts 71 ecr 1000000"), "");
    CHECK_STR(state(), "ESTABLISHED");
    show_options = true;
}

TEST(a_syn_offers_timestamps_rfc_7323_3_2)
{
    fresh();
    show_options = true;
    tcp_connect(&conn, &shared, &OPEN, now);
    CHECK_INT(strstr(sent(), " ts 1000000 ecr 0") != NULL, true);
    CHECK_STR(arrives(&conn, "S. 999(0) ack 5000 mss 1460 ts 70 ecr 1000000"),
              ". 5000(0) ack 1000 ts 1000000 ecr 70");
    CHECK_INT(conn.mss, 1460 - 12);
}

TEST(a_syn_ack_has_timestamps_only_when_the_syn_had_rfc_7323_3_2)
{
    fresh();
    show_options = true;
    struct tcp_segment syn = segment_of("S 999(0) mss 1460 ts 70 ecr 0");
    tcp_accept(&conn, &shared, &OPEN, &syn, now);
    CHECK_STR(sent(), "S. 4999(0) ack 1000 mss 1460 ts 1000000 ecr 70");
    fresh();
    show_options = true;
    syn = segment_of("S 999(0) mss 1460");
    tcp_accept(&conn, &shared, &OPEN, &syn, now);
    CHECK_STR(sent(), "S. 4999(0) ack 1000 mss 1460");
}

TEST(a_peer_that_does_not_answer_the_offer_gets_none_rfc_7323_3_2)
{
    connects();
    show_options = true;
    CHECK_STR(arrives(&conn, "S. 999(0) ack 5000 mss 1460"), ". 5000(0) ack 1000");
    CHECK_INT(conn.mss, 1460);
    CHECK_STR(arrives(&conn, "P. 1000(5) ack 5000 ts 5 ecr 5"), "");
    CHECK_INT(tcp_readable(&conn), 5);
}

TEST(each_segment_has_them_and_less_text_rfc_7323_3_2)
{
    establish_stamped();
    now += 7 * TCP_MS;
    CHECK_STR(writes(2000), ". 5000(1448) ack 1000 ts 1000007 ecr 71; "
                            "P. 6448(552) ack 1000 ts 1000007 ecr 71");
    CHECK_STR(aborts(), "R 7000(0) ts 1000007 ecr 0");
}

TEST(the_offset_keeps_the_uptime_to_ourselves_rfc_7323_5_4)
{
    struct tcp_open open = OPEN;
    open.ts_offset = UINT32_MAX;
    fresh();
    show_options = true;
    tcp_connect(&conn, &shared, &open, now);
    CHECK_INT(strstr(sent(), " ts 999999 ecr 0") != NULL, true);
}

TEST(a_segment_with_an_older_timestamp_is_answered_and_dropped_rfc_7323_5_3)
{
    establish_stamped();
    CHECK_STR(arrives(&conn, "P. 1000(5) ack 5000 ts 70 ecr 1000000"),
              ". 5000(0) ack 1000 ts 1000000 ecr 71");
    CHECK_INT(tcp_readable(&conn), 0);
    CHECK_INT(shared.counts.old_timestamps, 1);
    CHECK_STR(arrives(&conn, "P. 1000(5) ack 5000 ts 71 ecr 1000000"), "");
    CHECK_INT(tcp_readable(&conn), 5);
}

TEST(empty_segments_with_older_timestamps_are_answered_within_limits)
{
    establish_stamped();
    shared.challenge_epoch = now / TCP_SECOND + 1;
    shared.challenge_left = 1;
    CHECK(*arrives(&conn, ". 1000(0) ack 5000 ts 70 ecr 1000000"));
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5000 ts 70 ecr 1000000"), "");
    CHECK_INT(shared.counts.old_timestamps, 2);
}

TEST(timestamps_wrap_rfc_7323_5_2)
{
    accepts("S 999(0) mss 1460 ts 4294967290 ecr 0");
    arrives(&conn, ". 1000(0) ack 5000 ts 4294967295 ecr 1000000");
    arrives(&conn, "P. 1000(5) ack 5000 ts 3 ecr 1000000");
    CHECK_INT(tcp_readable(&conn), 5);
    arrives(&conn, "P. 1005(5) ack 5000 ts 4294967295 ecr 1000000");
    CHECK_INT(tcp_readable(&conn), 5);
}

TEST(a_timestamp_is_no_longer_compared_after_24_days_rfc_7323_5_5)
{
    establish_stamped();
    passes(24 * DAY - TCP_SECOND);
    arrives(&conn, "P. 1000(5) ack 5000 ts 70 ecr 1000000");
    CHECK_INT(tcp_readable(&conn), 0);
    passes(TCP_SECOND);
    arrives(&conn, "P. 1000(5) ack 5000 ts 70 ecr 1000000");
    CHECK_INT(tcp_readable(&conn), 5);
    CHECK_INT(conn.ts_recent, 70);
}

TEST(a_reset_needs_no_timestamp_and_may_have_an_old_one_rfc_7323_5_2)
{
    establish_stamped();
    arrives(&conn, "R 1000(0)");
    CHECK_STR(state(), "CLOSED");
    establish_stamped();
    arrives(&conn, "R 1000(0) ts 5 ecr 0");
    CHECK_STR(state(), "CLOSED");
}

TEST(another_segment_without_one_is_dropped_silently_rfc_7323_3_2)
{
    establish_stamped();
    CHECK_STR(arrives(&conn, "P. 1000(5) ack 5000"), "");
    CHECK_INT(tcp_readable(&conn), 0);
    CHECK_INT(shared.counts.without_timestamp, 1);
}

/* What is echoed is the stamp of the segment that the last ACK was for: a delayed ACK's round
 * trip includes the delay, and what is out of order is not echoed. */
TEST(the_echo_is_of_the_segment_that_moved_the_edge_rfc_7323_4_3)
{
    establish_stamped();
    arrives(&conn, "P. 1000(5) ack 5000 ts 80 ecr 1000000");
    CHECK_STR(arrives(&conn, "P. 1005(5) ack 5000 ts 81 ecr 1000000"), "");
    CHECK_INT(conn.ts_recent, 80);
    CHECK_STR(passes(TCP_ACK_DELAY), ". 5000(0) ack 1010 ts 1000040 ecr 80");
    CHECK_STR(arrives(&conn, "P. 1015(5) ack 5000 ts 90 ecr 1000000"),
              ". 5000(0) ack 1010 ts 1000040 ecr 80");
    CHECK_STR(arrives(&conn, "P. 1010(5) ack 5000 ts 91 ecr 1000000"),
              ". 5000(0) ack 1020 ts 1000040 ecr 91");
}

TEST(a_segment_outside_of_the_window_does_not_change_the_echo_rfc_7323_5_3)
{
    establish_stamped();
    arrives(&conn, "P. 900(5) ack 5000 ts 100 ecr 1000000");
    CHECK_INT(conn.ts_recent, 71);
}

/* RFC 7323 4.1: not what Karn's rule leaves. */
TEST(a_retransmission_is_timed_by_its_echo_rfc_7323_4_1)
{
    establish_stamped();
    writes(100);
    uint64_t rto = conn.rto_ns;
    passes(rto);
    passes(50 * TCP_MS);
    char text[80];
    snprintf(text, sizeof text, ". 1000(0) ack 5100 ts 90 ecr %llu",
             (unsigned long long)(1000000 + rto / TCP_MS));
    arrives(&conn, text);
    CHECK(conn.srtt_ns >= 6 * TCP_MS && conn.srtt_ns <= 7 * TCP_MS);
    CHECK(conn.rto_ns < rto + 100 * TCP_MS);
}

TEST(an_echo_of_what_was_never_sent_times_nothing)
{
    establish_stamped();
    writes(100);
    passes(7 * conn.rto_ns);
    uint64_t srtt = conn.srtt_ns;
    arrives(&conn, ". 1000(0) ack 5100 ts 90 ecr 3000000000");
    CHECK_INT(conn.srtt_ns, srtt);
}

/* RFC 7323 appendix G: as much as one a round trip would. */
TEST(many_samples_of_a_round_trip_weigh_as_one)
{
    establish();
    tcp_rto_init(&conn);
    tcp_rto_sample(&conn, 80 * TCP_MS, 1);
    for (unsigned i = 0; i < 10; i++)
        tcp_rto_sample(&conn, 160 * TCP_MS, 10);
    CHECK(conn.srtt_ns > 88 * TCP_MS && conn.srtt_ns < 91 * TCP_MS);
}

static bool reusable(const char *syn)
{
    struct tcp_segment seg = segment_of(syn);
    return tcp_may_reuse(&conn, &seg);
}

TEST(time_wait_gives_way_to_a_later_timestamp_rfc_6191_2)
{
    establish_stamped();
    shuts_down();
    arrives(&conn, "F. 1000(0) ack 5001 ts 75 ecr 1000000");
    CHECK_STR(state(), "TIME-WAIT");
    CHECK(reusable("S 10(0) ts 76 ecr 0"));
    CHECK(!reusable("S 2000(0) ts 74 ecr 0"));
    CHECK(!reusable("S 1001(0) ts 75 ecr 0"));
    CHECK(reusable("S 1002(0) ts 75 ecr 0"));
    CHECK(reusable("S 1002(0)"));
    CHECK(!reusable("S 1001(0)"));
}

TEST(time_wait_without_timestamps_gives_way_to_a_syn_with_rfc_6191_2)
{
    establish();
    shuts_down();
    arrives(&conn, "F. 1000(0) ack 5001");
    CHECK(reusable("S 10(0) ts 1 ecr 0"));
    CHECK(!reusable("S 10(0)"));
}

TEST_MAIN(TEST_OF(a_syn_offers_timestamps_rfc_7323_3_2),
          TEST_OF(a_syn_ack_has_timestamps_only_when_the_syn_had_rfc_7323_3_2),
          TEST_OF(a_peer_that_does_not_answer_the_offer_gets_none_rfc_7323_3_2),
          TEST_OF(each_segment_has_them_and_less_text_rfc_7323_3_2),
          TEST_OF(the_offset_keeps_the_uptime_to_ourselves_rfc_7323_5_4),
          TEST_OF(a_segment_with_an_older_timestamp_is_answered_and_dropped_rfc_7323_5_3),
          TEST_OF(empty_segments_with_older_timestamps_are_answered_within_limits),
          TEST_OF(timestamps_wrap_rfc_7323_5_2),
          TEST_OF(a_timestamp_is_no_longer_compared_after_24_days_rfc_7323_5_5),
          TEST_OF(a_reset_needs_no_timestamp_and_may_have_an_old_one_rfc_7323_5_2),
          TEST_OF(another_segment_without_one_is_dropped_silently_rfc_7323_3_2),
          TEST_OF(the_echo_is_of_the_segment_that_moved_the_edge_rfc_7323_4_3),
          TEST_OF(a_segment_outside_of_the_window_does_not_change_the_echo_rfc_7323_5_3),
          TEST_OF(a_retransmission_is_timed_by_its_echo_rfc_7323_4_1),
          TEST_OF(an_echo_of_what_was_never_sent_times_nothing),
          TEST_OF(many_samples_of_a_round_trip_weigh_as_one),
          TEST_OF(time_wait_gives_way_to_a_later_timestamp_rfc_6191_2),
          TEST_OF(time_wait_without_timestamps_gives_way_to_a_syn_with_rfc_6191_2))
