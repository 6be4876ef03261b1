/* SPDX-License-Identifier: ISC */
/* Loss: the retransmission time-out (RFC 6298), congestion control (RFC 5681, 6582, 6928,
 * 3042). */
#include "net/tcp/congestion.h"
#include "tests/support/tcp_text.h"

#include <errno.h>

#define RTO (200 * TCP_MS + 1)

static uint64_t rto_after(const unsigned *rtts_ms, unsigned n)
{
    tcp_rto_init(&conn);
    for (unsigned i = 0; i < n; i++)
        tcp_rto_sample(&conn, rtts_ms[i] * TCP_MS, 1);
    return conn.rto_ns / TCP_MS;
}

/* RFC 6298 2.2, 2.3: RTTVAR = R/2, then 3/4 RTTVAR + 1/4 |SRTT - R'|; SRTT = 7/8 + 1/8. */
TEST(the_time_out_is_computed_as_rfc_6298_says)
{
    establish();
    CHECK_INT(rto_after((unsigned[]){0}, 0), 1000);
    CHECK_INT(rto_after((unsigned[]){400}, 1), 400 + 4 * 200);
    CHECK_INT(rto_after((unsigned[]){400, 400}, 2), 400 + 4 * 150);
    CHECK_INT(rto_after((unsigned[]){400, 800}, 2), 450 + 4 * 250);
    CHECK_INT(rto_after((unsigned[]){400, 0}, 2), 350 + 4 * 250);
    CHECK_INT(rto_after((unsigned[]){10}, 1), 10 + 200);
    CHECK_INT(rto_after((unsigned[]){50000}, 1), 60000);
}

TEST(a_syn_is_sent_again_after_1_3_7_seconds_and_given_up_after_three_minutes)
{
    connects();
    CHECK_STR(passes(TCP_SECOND - 1), "");
    CHECK_STR(passes(1), "S 4999(0) mss 1460 wscale 1");
    CHECK_STR(passes(2 * TCP_SECOND), "S 4999(0) mss 1460 wscale 1");
    CHECK_STR(passes(4 * TCP_SECOND), "S 4999(0) mss 1460 wscale 1");
    passes(173 * TCP_SECOND - 1);
    CHECK_STR(state(), "SYN-SENT");
    passes(1);
    CHECK_STR(state(), "CLOSED");
    CHECK_INT(conn.error, -ETIMEDOUT);
    CHECK_STR(events_of(), "ended");
}

TEST(a_syn_ack_is_sent_again_and_given_up_after_a_minute)
{
    accepts("S 999(0) mss 1460");
    CHECK_STR(passes(TCP_SECOND), "S. 4999(0) ack 1000 mss 1460");
    passes(59 * TCP_SECOND);
    CHECK_STR(state(), "CLOSED");
}

TEST(a_syn_that_comes_again_gets_its_answer_again)
{
    accepts("S 999(0) mss 1460");
    CHECK_STR(arrives(&conn, "S 999(0) mss 1460"), "S. 4999(0) ack 1000 mss 1460");
}

/* RFC 6298 5.7, RFC 5681 3.1. */
TEST(a_lost_syn_makes_the_first_time_out_three_seconds_and_the_window_one_segment)
{
    connects();
    passes(TCP_SECOND);
    arrives(&conn, "S. 999(0) ack 5000 mss 1460");
    CHECK_INT(conn.rto_ns, 3 * TCP_SECOND);
    CHECK_INT(conn.cwnd, 1460);
}

TEST(text_is_sent_again_after_the_time_out_which_doubles)
{
    establish();
    writes(100);
    CHECK_STR(passes(RTO), "P. 5000(100) ack 1000");
    CHECK_STR(passes(2 * RTO - 1), "");
    CHECK_STR(passes(1), "P. 5000(100) ack 1000");
    CHECK_STR(passes(4 * RTO), "P. 5000(100) ack 1000");
    CHECK_INT(shared.counts.timeouts, 3);
    CHECK_INT(shared.counts.retransmits, 3);
}

TEST(the_time_out_is_never_above_a_minute)
{
    establish();
    writes(100);
    passes(200 * TCP_SECOND);
    CHECK_INT(conn.rto_ns, 60 * TCP_SECOND);
}

/* RFC 9293 3.8.3. */
TEST(a_peer_that_acknowledges_nothing_for_five_minutes_is_given_up)
{
    establish();
    passes(1000 * TCP_SECOND);
    writes(100);
    passes(TCP_GIVE_UP - 1);
    CHECK_STR(state(), "ESTABLISHED");
    passes(1);
    CHECK_STR(state(), "CLOSED");
    CHECK_INT(conn.error, -ETIMEDOUT);
    CHECK_STR(events_of(), "ended");
    CHECK_INT(memory.used, 0);
}

/* Karn: RFC 6298 3. */
TEST(what_was_sent_twice_is_not_timed)
{
    establish();
    writes(100);
    passes(7 * RTO + 50 * TCP_MS);
    arrives(&conn, ". 1000(0) ack 5100");
    CHECK_INT(conn.srtt_ns, 1);
    writes(100);
    passes(50 * TCP_MS);
    arrives(&conn, ". 1000(0) ack 5200");
    CHECK(conn.srtt_ns > 1);
    CHECK(conn.rto_ns < 2 * RTO);
}

TEST(each_acknowledgement_takes_half_of_a_back_off_back)
{
    establish();
    writes(2920);
    passes(7 * RTO);
    CHECK_INT(conn.rto_ns, 8 * RTO);
    arrives(&conn, ". 1000(0) ack 6460");
    CHECK_INT(conn.rto_ns, 4 * RTO);
    arrives(&conn, ". 1000(0) ack 7920");
    CHECK_INT(conn.rto_ns, 2 * RTO);
}

TEST(an_acknowledgement_restarts_the_time_out)
{
    establish();
    writes(2920);
    passes(RTO / 2);
    arrives(&conn, ". 1000(0) ack 6460");
    uint64_t rto = conn.rto_ns;
    CHECK_STR(passes(rto - 1), "");
    CHECK_STR(passes(1), "P. 6460(1460) ack 1000");
}

TEST(after_a_time_out_all_is_sent_again_in_slow_start)
{
    establish();
    CHECK_INT(strlen(writes(5840)) > 0, true);
    CHECK_STR(passes(RTO), ". 5000(1460) ack 1000");
    CHECK_INT(conn.ssthresh, 2920);
    CHECK_STR(arrives(&conn, ". 1000(0) ack 6460"),
              ". 6460(1460) ack 1000; . 7920(1460) ack 1000");
    CHECK_INT(conn.cwnd, 2920);
    CHECK_STR(arrives(&conn, ". 1000(0) ack 10840"), "");
    CHECK_INT(tcp_deadline(&conn), TCP_NEVER);
}

/* RFC 6928. */
TEST(the_first_window_is_ten_segments)
{
    establish();
    queue(30000);
    sent();
    CHECK_INT(conn.snd_max.n - conn.snd_una.n, 14600);
    accepts("S 999(0)");
    arrives(&conn, ". 1000(0) ack 5000");
    CHECK_INT(conn.cwnd, 5360);
    struct tcp_open jumbo = OPEN;
    struct tcp_segment syn = segment_of("S 999(0) mss 9000");
    tcp_free(&conn);
    jumbo.mss = 8960;
    tcp_accept(&conn, &shared, &jumbo, &syn, now);
    sent();
    arrives(&conn, ". 1000(0) ack 5000");
    CHECK_INT(conn.cwnd, 2 * 8960);
}

TEST(slow_start_adds_what_is_acknowledged_up_to_a_segment)
{
    establish();
    queue(60000);
    sent();
    arrives(&conn, ". 1000(0) ack 6460");
    CHECK_INT(conn.cwnd, 14600 + 1460);
    arrives(&conn, ". 1000(0) ack 6560");
    CHECK_INT(conn.cwnd, 14600 + 1460 + 100);
    arrives(&conn, ". 1000(0) ack 10000");
    CHECK_INT(conn.cwnd, 14600 + 1460 + 100 + 1460);
}

TEST(congestion_avoidance_adds_a_segment_for_each_window_acknowledged)
{
    establish();
    conn.ssthresh = 14600;
    queue(60000);
    sent();
    for (unsigned i = 1; i <= 10; i++) {
        char text[50];
        CHECK_INT(conn.cwnd, 14600);
        snprintf(text, sizeof text, ". 1000(0) ack %u", 5000 + 1460 * i);
        arrives(&conn, text);
    }
    CHECK_INT(conn.cwnd, 14600 + 1460);
}

TEST(a_window_that_is_not_used_does_not_grow)
{
    establish();
    for (unsigned i = 0; i < 20; i++) {
        char text[50];
        writes(1460);
        snprintf(text, sizeof text, ". 1000(0) ack %u", conn.snd_max.n);
        arrives(&conn, text);
    }
    CHECK_INT(conn.cwnd, 14600);
}

/* RFC 5681 4.1. */
TEST(a_grown_window_is_forgotten_after_idling)
{
    establish();
    conn.cwnd = 100000;
    passes(RTO + 1);
    writes(10);
    CHECK_INT(conn.cwnd, 14600);
}

static void ten_segments(void)
{
    establish();
    queue(40000);
    sent();
    CHECK_INT(conn.snd_max.n, 19600);
}

/* RFC 3042. */
TEST(the_first_two_duplicates_let_a_new_segment_go_each)
{
    ten_segments();
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5000"), ". 19600(1460) ack 1000");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5000"), ". 21060(1460) ack 1000");
}

/* RFC 5681 3.2, RFC 6582 3.2: two segments of one window are lost. */
TEST(the_third_duplicate_retransmits_and_partial_acks_go_on)
{
    ten_segments();
    arrives(&conn, ". 1000(0) ack 5000");
    arrives(&conn, ". 1000(0) ack 5000");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5000"), ". 5000(1460) ack 1000");
    CHECK_INT(conn.ssthresh, 7300);
    CHECK_INT(conn.cwnd, 7300 + 3 * 1460);
    CHECK(conn.in_recovery);
    for (unsigned i = 0; i < 4; i++)
        CHECK_STR(arrives(&conn, ". 1000(0) ack 5000"), "");
    CHECK_INT(conn.cwnd, 7300 + 7 * 1460);
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5000"), ". 22520(1460) ack 1000");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 10840"),
              ". 10840(1460) ack 1000; . 23980(1460) ack 1000");
    CHECK(conn.in_recovery);
    CHECK_STR(state(), "ESTABLISHED");
    arrives(&conn, ". 1000(0) ack 22520");
    CHECK(!conn.in_recovery);
    CHECK_INT(conn.cwnd, 4380);
    CHECK_INT(shared.counts.fast_retransmits, 1);
}

TEST(an_ack_with_text_or_another_window_is_no_duplicate)
{
    ten_segments();
    arrives(&conn, ". 1000(10) ack 5000");
    arrives(&conn, ". 1010(0) ack 5000 win 65000");
    CHECK_INT(conn.dup_acks, 0);
    arrives(&conn, "F. 1010(0) ack 5000 win 65000");
    CHECK_INT(conn.dup_acks, 0);
}

/* RFC 6582 3.2 step 1. */
TEST(duplicates_after_a_time_out_do_not_retransmit_again)
{
    ten_segments();
    passes(RTO);
    for (unsigned i = 0; i < 5; i++)
        CHECK_STR(arrives(&conn, ". 1000(0) ack 5000"), "");
    CHECK(!conn.in_recovery);
}

TEST(a_second_time_out_in_a_row_does_not_halve_again)
{
    ten_segments();
    passes(RTO);
    CHECK_INT(conn.ssthresh, 7300);
    passes(2 * RTO);
    CHECK_INT(conn.ssthresh, 7300);
    CHECK_INT(conn.cwnd, 1460);
}

/* What the network says is shown only when nothing else came of it: RFC 5927 5.2. */
TEST(an_error_from_the_network_ends_an_open_and_is_else_only_noted)
{
    struct tcp_out out = {0};
    connects();
    CHECK(tcp_in_flight(&conn, (struct seq){4999}));
    CHECK(!tcp_in_flight(&conn, (struct seq){5000}));
    tcp_error(&conn, -EHOSTUNREACH, &out);
    CHECK_STR(state(), "CLOSED");
    CHECK_INT(conn.error, -EHOSTUNREACH);
    establish();
    writes(100);
    tcp_error(&conn, -EHOSTUNREACH, &out);
    CHECK_STR(state(), "ESTABLISHED");
    arrives(&conn, ". 1000(0) ack 5100");
    writes(100);
    tcp_error(&conn, -ENETUNREACH, &out);
    passes(TCP_GIVE_UP);
    CHECK_INT(conn.error, -ENETUNREACH);
}

TEST(acks_with_nothing_on_its_way_are_no_duplicates)
{
    establish();
    for (unsigned i = 0; i < 5; i++)
        arrives(&conn, ". 1000(0) ack 5000");
    CHECK_INT(conn.dup_acks, 0);
}

TEST(a_retransmission_that_was_overtaken_by_its_ack_is_not_sent)
{
    ten_segments();
    silent = true;
    for (unsigned i = 0; i < 3; i++)
        arrives(&conn, ". 1000(0) ack 5000");
    CHECK(conn.resend);
    silent = false;
    arrives(&conn, ". 1000(0) ack 19600");
    CHECK_INT(shared.counts.retransmits, 0);
}

TEST(a_fast_retransmission_is_not_timed)
{
    ten_segments();
    CHECK(conn.timing);
    for (unsigned i = 0; i < 3; i++)
        arrives(&conn, ". 1000(0) ack 5000");
    CHECK(!conn.timing);
}

TEST(a_fast_retransmission_keeps_within_a_window_that_has_shrunk)
{
    ten_segments();
    arrives(&conn, ". 1000(0) ack 5000 win 500");
    arrives(&conn, ". 1000(0) ack 5000 win 500");
    arrives(&conn, ". 1000(0) ack 5000 win 500");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5000 win 500"), ". 5000(500) ack 1000");
}

TEST(an_error_from_the_network_is_forgotten_when_things_go_on)
{
    struct tcp_out out = {0};
    establish();
    writes(100);
    tcp_error(&conn, -EHOSTUNREACH, &out);
    arrives(&conn, ". 1000(0) ack 5100");
    writes(100);
    passes(TCP_GIVE_UP);
    CHECK_INT(conn.error, -ETIMEDOUT);
}

TEST_MAIN(TEST_OF(the_time_out_is_computed_as_rfc_6298_says),
          TEST_OF(a_syn_is_sent_again_after_1_3_7_seconds_and_given_up_after_three_minutes),
          TEST_OF(a_syn_ack_is_sent_again_and_given_up_after_a_minute),
          TEST_OF(a_syn_that_comes_again_gets_its_answer_again),
          TEST_OF(a_lost_syn_makes_the_first_time_out_three_seconds_and_the_window_one_segment),
          TEST_OF(text_is_sent_again_after_the_time_out_which_doubles),
          TEST_OF(the_time_out_is_never_above_a_minute),
          TEST_OF(a_peer_that_acknowledges_nothing_for_five_minutes_is_given_up),
          TEST_OF(what_was_sent_twice_is_not_timed),
          TEST_OF(each_acknowledgement_takes_half_of_a_back_off_back),
          TEST_OF(an_acknowledgement_restarts_the_time_out),
          TEST_OF(after_a_time_out_all_is_sent_again_in_slow_start),
          TEST_OF(the_first_window_is_ten_segments),
          TEST_OF(slow_start_adds_what_is_acknowledged_up_to_a_segment),
          TEST_OF(congestion_avoidance_adds_a_segment_for_each_window_acknowledged),
          TEST_OF(a_window_that_is_not_used_does_not_grow),
          TEST_OF(a_grown_window_is_forgotten_after_idling),
          TEST_OF(the_first_two_duplicates_let_a_new_segment_go_each),
          TEST_OF(the_third_duplicate_retransmits_and_partial_acks_go_on),
          TEST_OF(an_ack_with_text_or_another_window_is_no_duplicate),
          TEST_OF(duplicates_after_a_time_out_do_not_retransmit_again),
          TEST_OF(a_second_time_out_in_a_row_does_not_halve_again),
          TEST_OF(an_error_from_the_network_ends_an_open_and_is_else_only_noted),
          TEST_OF(acks_with_nothing_on_its_way_are_no_duplicates),
          TEST_OF(a_retransmission_that_was_overtaken_by_its_ack_is_not_sent),
          TEST_OF(a_fast_retransmission_is_not_timed),
          TEST_OF(a_fast_retransmission_keeps_within_a_window_that_has_shrunk),
          TEST_OF(an_error_from_the_network_is_forgotten_when_things_go_on))
