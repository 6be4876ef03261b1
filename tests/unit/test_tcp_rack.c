/* SPDX-License-Identifier: ISC */
/* Recovery by SACK: the scoreboard (RFC 2018 5, 6675), RACK-TLP (RFC 8985), proportional rate
 * reduction (RFC 9937), and what is undone (RFC 3522, 4015, 2883). */
#include "net/tcp/board.h"
#include "tests/support/tcp_text.h"

#define MSS 1000U
#define RTT (40 * TCP_MS)

static struct seq at(unsigned segment)
{
    return (struct seq){6000 + MSS * segment};
}

/* Segment n is n thousand after 6000. The round trip is 40 ms; `n` segments are on their way,
 * and `behind` more wait for the window. */
static void flight_of(unsigned n, unsigned behind, const char *syn)
{
    accepts(syn);
    passes(RTT);
    arrives(&conn, ". 1000(0) ack 5000 ts 1 ecr 1000000");
    CHECK_STR(state(), "ESTABLISHED");
    writes(MSS);
    passes(RTT);
    arrives(&conn, ". 1000(0) ack 6000 ts 1 ecr 1000000");
    conn.cwnd = n * MSS;
    conn.ssthresh = n * MSS;
    queue((n + behind) * MSS);
    sent();
    CHECK_INT(conn.snd_max.n, at(n).n);
    passes(RTT);
}

static void flight(unsigned n)
{
    flight_of(n, 0, "S 999(0) mss 1000 sackok");
    CHECK_INT(conn.mss, MSS);
}

/* A peer that has everything up to segment `una`, and [from, to). */
static const char *sacks(unsigned una, unsigned from, unsigned to)
{
    char text[100];
    snprintf(text, sizeof text, ". 1000(0) ack %u sack %u:%u", at(una).n, at(from).n, at(to).n);
    return arrives(&conn, text);
}

static const char *acks(unsigned una)
{
    char text[60];
    snprintf(text, sizeof text, ". 1000(0) ack %u", at(una).n);
    return arrives(&conn, text);
}

TEST(one_segment_needs_no_board_and_idling_no_memory)
{
    accepts("S 999(0) mss 1000 sackok");
    arrives(&conn, ". 1000(0) ack 5000");
    writes(10);
    CHECK(conn.board == NULL);
    size_t one = memory.used;
    conn.nodelay = true;
    writes(10);
    CHECK(conn.board != NULL);
    CHECK(memory.used > one);
    arrives(&conn, ". 1000(0) ack 5020");
    CHECK(conn.board == NULL);
    CHECK_INT(memory.used, 0);
}

TEST(a_peer_without_sack_has_no_board)
{
    establish();
    writes(10000);
    CHECK(conn.board == NULL);
    CHECK(!tcp_timer_is_set(&conn, TCP_TIMER_TAIL));
}

/* RFC 8985 6.2 step 4: no reordering was ever seen, and three segments are there. */
TEST(three_sacked_segments_tell_that_one_is_lost_rfc_8985_6_2)
{
    flight(10);
    CHECK_STR(sacks(0, 1, 2), "");
    CHECK_STR(sacks(0, 1, 3), "");
    CHECK_INT(conn.in_recovery, false);
    CHECK_STR(sacks(0, 1, 4), ". 6000(1000) ack 1000");
    CHECK(conn.in_recovery);
    CHECK_INT(conn.ssthresh, 5 * MSS);
    CHECK_INT(shared.counts.fast_retransmits, 1);
}

TEST(holes_are_sent_again_in_one_round_trip_and_nothing_else)
{
    flight(10);
    arrives(&conn, ". 1000(0) ack 6000 sack 9000:11000 sack 7000:8000");
    CHECK_INT(shared.counts.retransmits, 1);
    arrives(&conn, ". 1000(0) ack 6000 sack 9000:16000 sack 7000:8000");
    CHECK_INT(shared.counts.retransmits, 2);
    passes(RTT);
    acks(10);
    CHECK(!conn.in_recovery);
    CHECK_INT(shared.counts.retransmits, 2);
    CHECK_INT(shared.counts.timeouts, 0);
}

TEST(what_was_overtaken_has_a_quarter_of_the_round_trip_rfc_8985_6_2)
{
    flight(10);
    CHECK_STR(sacks(0, 1, 2), "");
    CHECK_STR(passes(RTT / 4 - TCP_MS), "");
    CHECK_STR(passes(2 * TCP_MS), ". 6000(1000) ack 1000");
}

TEST(what_was_overtaken_and_comes_in_time_was_not_lost)
{
    flight(10);
    sacks(0, 1, 2);
    passes(RTT / 8);
    acks(2);
    CHECK(conn.reordered);
    passes(RTT);
    CHECK_INT(shared.counts.retransmits, 0);
}

TEST(once_reordering_was_seen_three_segments_prove_nothing_rfc_8985_6_2)
{
    flight(10);
    sacks(0, 1, 2);
    acks(2);
    CHECK_STR(sacks(2, 3, 8), "");
    passes(RTT / 4 + TCP_MS);
    CHECK_INT(shared.counts.retransmits, 1);
}

TEST(duplicates_widen_the_reordering_window_and_time_narrows_it_rfc_8985_6_2)
{
    flight(10);
    conn.reordered = true;
    arrives(&conn, ". 1000(0) ack 6000 sack 5000:6000");
    CHECK_INT(conn.reo_steps, 1);
    arrives(&conn, ". 1000(0) ack 6000 sack 5000:6000");
    CHECK_INT(conn.reo_steps, 1); /* once a round trip */
    sacks(0, 1, 5);
    CHECK_STR(passes(RTT / 2 - TCP_MS), "");
    CHECK(*passes(2 * TCP_MS));
    for (unsigned i = 0; i < 16; i++)
        tcp_rack_adapt(&conn, false, true);
    CHECK_INT(conn.reo_steps, 0);
}

TEST(a_retransmission_that_is_lost_is_sent_again_rfc_8985_3_4)
{
    flight_of(10, 10, "S 999(0) mss 1000 sackok");
    sacks(0, 1, 4);
    CHECK_INT(shared.counts.retransmits, 1);
    passes(TCP_MS);
    sacks(0, 1, 10); /* releases new segments, which go after the retransmission */
    CHECK(seq_lt(at(10), conn.snd_max));
    passes(RTT);
    sacks(0, 1, 11);
    passes(RTT / 4);
    CHECK_INT(shared.counts.retransmits, 2);
    CHECK_INT(shared.counts.timeouts, 0);
}

TEST(blocks_that_cannot_be_are_ignored_and_counted_rfc_2018_5)
{
    flight(10);
    arrives(&conn, ". 1000(0) ack 6000 sack 15000:99000"); /* was never sent */
    arrives(&conn, ". 1000(0) ack 6000 sack 9000:8000");   /* ends before it begins */
    arrives(&conn, ". 1000(0) ack 6000 sack 7000:7000");   /* is empty */
    arrives(&conn, ". 1000(0) ack 6000 sack 9000:10000 sack 100:200"); /* is acknowledged */
    CHECK_INT(shared.counts.sacks_ignored, 4);
    CHECK_INT(conn.board->sacked, MSS);
    CHECK_INT(shared.counts.retransmits, 0);
}

TEST(an_ack_that_comes_late_does_no_harm)
{
    flight(10);
    acks(4);
    sacks(2, 3, 6);
    CHECK_INT(conn.board->sacked, 2 * MSS);
    CHECK_INT(shared.counts.sacks_ignored, 0);
}

TEST(after_a_time_out_only_what_is_not_there_is_sent_again_rfc_8985_6_3)
{
    flight(10);
    CHECK_STR(sacks(0, 2, 10), ". 6000(1000) ack 1000; . 7000(1000) ack 1000");
    CHECK_STR(passes(conn.at[TCP_TIMER_RETRANSMIT] - now), ". 6000(1000) ack 1000");
    CHECK_INT(shared.counts.timeouts, 1);
    CHECK(conn.in_loss);
    CHECK_INT(conn.cwnd, MSS);
    CHECK_INT(tcp_pipe(&conn), MSS);
    CHECK_STR(acks(1), ". 7000(1000) ack 1000");
    acks(10);
    CHECK(!conn.in_loss);
    CHECK_INT(shared.counts.retransmits, 4);
}

/* RFC 2018 8. */
TEST(a_peer_that_throws_away_what_it_reported_gets_it_again)
{
    flight(10);
    sacks(0, 1, 10);
    passes(RTT);
    acks(1); /* but it had 1 to 10 */
    passes(2 * TCP_SECOND);
    CHECK_INT(shared.counts.sacks_reneged, 1);
    CHECK_INT(conn.board->sacked, 0);
    unsigned una = 1;
    for (unsigned i = 0; i < 40 && seq_lt(conn.snd_una, at(10)); i++) {
        passes(RTT);
        acks(++una);
    }
    CHECK_INT(conn.snd_una.n, at(10).n);
    CHECK(!conn.in_loss);
}

/* ---- Tail loss probes --------------------------------------------------------- */
/* Of ten. */
static void last_are_lost(unsigned n)
{
    flight(10);
    acks(10 - n);
}

TEST(a_probe_sends_the_last_segment_again_rfc_8985_7_3)
{
    last_are_lost(2);
    char want[60];
    snprintf(want, sizeof want, "P. %u(1000) ack 1000", at(9).n);
    CHECK_STR(passes(2 * RTT + TCP_MS), want);
    CHECK_INT(shared.counts.tail_probes, 1);
    CHECK_INT(shared.counts.timeouts, 0);
    passes(RTT);
    sacks(8, 9, 10); /* what the probe brought tells of the hole before it */
    passes(RTT / 2);
    CHECK_INT(shared.counts.retransmits, 2);
    passes(RTT);
    acks(10);
    CHECK_INT(shared.counts.timeouts, 0);
    CHECK(!conn.in_recovery);
}

TEST(a_probe_is_new_text_if_there_is_any_rfc_8985_7_3)
{
    flight_of(5, 5, "S 999(0) mss 1000 sackok");
    CHECK_STR(passes(RTT + TCP_MS), ". 11000(1000) ack 1000");
    CHECK_INT(shared.counts.tail_probes, 1);
    CHECK_INT(shared.counts.retransmits, 0);
    acks(6);
    CHECK(!conn.tail_sent);
}

TEST(only_one_probe_goes_then_the_time_out_comes_rfc_8985_7_2)
{
    last_are_lost(2);
    passes(3 * TCP_SECOND);
    CHECK_INT(shared.counts.tail_probes, 1);
    CHECK(shared.counts.timeouts > 0);
}

TEST(a_loss_that_a_probe_made_good_counts_as_one_rfc_8985_7_4)
{
    last_are_lost(2);
    passes(2 * RTT + TCP_MS);
    CHECK_INT(shared.counts.tail_probes, 1);
    uint32_t cwnd = conn.cwnd;
    acks(10);
    CHECK_INT(conn.cwnd >= cwnd, true);
    writes(10);
    arrives(&conn, ". 1000(0) ack 16010");
    CHECK_INT(shared.counts.tail_losses, 1);
    CHECK(conn.cwnd < cwnd);
}

TEST(a_probe_that_arrives_twice_tells_that_nothing_was_lost_rfc_8985_7_4)
{
    last_are_lost(2);
    passes(2 * RTT + TCP_MS);
    acks(10);
    arrives(&conn, ". 1000(0) ack 16000 sack 15000:16000");
    CHECK(!conn.tail_sent);
    writes(10);
    arrives(&conn, ". 1000(0) ack 16010");
    CHECK_INT(shared.counts.tail_losses, 0);
}

/* ---- Proportional rate reduction ---------------------------------------------- */
/* Twenty segments, one lost: of the nineteen that arrive every second lets one go. */
TEST(the_window_goes_down_in_proportion_to_what_arrives_rfc_9937)
{
    flight_of(20, 20, "S 999(0) mss 1000 sackok");
    unsigned went = 0;
    for (unsigned i = 2; i <= 20; i++) {
        uint32_t before = conn.snd_max.n;
        sacks(0, 1, i);
        unsigned more = (conn.snd_max.n - before) / MSS;
        CHECK(more <= 1);
        went += more;
    }
    CHECK_INT(shared.counts.retransmits, 1);
    CHECK(went >= 8 && went <= 10);
    CHECK(tcp_pipe(&conn) <= 10 * MSS + MSS);
    passes(RTT);
    silent = true;
    acks(22);
    CHECK(!conn.in_recovery);
    CHECK_INT(conn.cwnd, 10 * MSS);
}

/* ---- Undone ------------------------------------------------------------------- */
TEST(an_answer_to_the_first_copy_undoes_a_recovery_rfc_3522)
{
    flight_of(10, 0, "S 999(0) mss 1012 sackok ts 1 ecr 0");
    unsigned stamp = 1000000 + (unsigned)((now - 1000 * TCP_SECOND) / TCP_MS);
    char text[120];
    snprintf(text, sizeof text, ". 1000(0) ack 6000 sack 7000:10000 ts 2 ecr %u", stamp - 40);
    arrives(&conn, text);
    CHECK(conn.in_recovery);
    CHECK_INT(conn.ssthresh, 5 * MSS);
    passes(2 * TCP_MS);
    snprintf(text, sizeof text, ". 1000(0) ack 10000 ts 3 ecr %u", stamp - 40);
    arrives(&conn, text);
    CHECK(!conn.in_recovery);
    CHECK(conn.cwnd >= 10 * MSS);
    CHECK_INT(conn.ssthresh, 10 * MSS);
    CHECK_INT(shared.counts.recoveries_undone, 1);
}

TEST(an_answer_to_the_retransmission_undoes_nothing_rfc_3522)
{
    flight_of(10, 0, "S 999(0) mss 1012 sackok ts 1 ecr 0");
    unsigned stamp = 1000000 + (unsigned)((now - 1000 * TCP_SECOND) / TCP_MS);
    char text[120];
    snprintf(text, sizeof text, ". 1000(0) ack 6000 sack 7000:10000 ts 2 ecr %u", stamp - 40);
    arrives(&conn, text);
    passes(RTT);
    snprintf(text, sizeof text, ". 1000(0) ack 10000 ts 3 ecr %u", stamp);
    arrives(&conn, text);
    CHECK_INT(shared.counts.recoveries_undone, 0);
    CHECK_INT(conn.ssthresh, 5 * MSS);
}

TEST(a_time_out_that_was_too_early_is_undone_rfc_4015)
{
    flight_of(10, 0, "S 999(0) mss 1012 sackok ts 1 ecr 0");
    unsigned stamp = 1000000 + (unsigned)((now - 1000 * TCP_SECOND) / TCP_MS);
    tcp_timer_stop(&conn, TCP_TIMER_TAIL);
    passes(conn.at[TCP_TIMER_RETRANSMIT] - now);
    CHECK_INT(shared.counts.timeouts, 1);
    CHECK_INT(conn.cwnd, MSS);
    char text[120];
    snprintf(text, sizeof text, ". 1000(0) ack 7000 ts 3 ecr %u", stamp - 40);
    arrives(&conn, text);
    CHECK(!conn.in_loss);
    CHECK(conn.cwnd >= 10 * MSS);
    CHECK_INT(shared.counts.retransmits, 1);
    CHECK_INT(shared.counts.recoveries_undone, 1);
}

TEST(a_recovery_whose_every_copy_arrives_twice_is_undone_rfc_2883_5)
{
    flight(10);
    sacks(0, 1, 4);
    CHECK_INT(shared.counts.retransmits, 1);
    acks(5);
    CHECK(conn.in_recovery);
    arrives(&conn, ". 1000(0) ack 11000 sack 6000:6500");
    CHECK(conn.in_recovery);
    arrives(&conn, ". 1000(0) ack 11000 sack 6500:7000");
    CHECK(!conn.in_recovery);
    CHECK(conn.cwnd >= 10 * MSS);
    CHECK_INT(shared.counts.recoveries_undone, 1);
}

/* ---- Memory ------------------------------------------------------------------- */
TEST(without_memory_for_a_board_three_duplicates_do_and_it_comes_back)
{
    accepts("S 999(0) mss 1000 sackok");
    arrives(&conn, ". 1000(0) ack 5000");
    queue(10 * MSS);
    refuse_from = 0;
    sent();
    CHECK(conn.board == NULL && conn.flat);
    for (unsigned i = 0; i < 3; i++)
        arrives(&conn, ". 1000(0) ack 5000 sack 6000:9000");
    CHECK_INT(shared.counts.retransmits, 1);
    CHECK(conn.in_recovery);
    refuse_from = UINT32_MAX;
    arrives(&conn, ". 1000(0) ack 15000");
    CHECK(!conn.flat);
    queue(5 * MSS);
    sent();
    CHECK(conn.board != NULL);
}

/* One record for many segments: what a SACK splits, as if it had been sent at once. */
TEST(a_record_of_many_segments_is_split_where_a_sack_begins_and_ends)
{
    accepts("S 999(0) mss 1000 sackok");
    arrives(&conn, ". 1000(0) ack 5000");
    conn.cwnd = 30 * MSS;
    queue(30 * MSS);
    refuse_from = requests + 1; /* no more than the first block */
    sent();
    CHECK_INT(conn.snd_max.n, 35000);
    CHECK_INT(conn.board->count, 8);
    CHECK(!conn.flat);
    refuse_from = UINT32_MAX;
    tcp_timer_stop(&conn, TCP_TIMER_TAIL);
    passes(RTT);
    silent = true;
    arrives(&conn, ". 1000(0) ack 5000 sack 20000:22500");
    CHECK_INT(conn.board->sacked, 2500);
    CHECK_INT(conn.board->count, 10);
    CHECK_INT(tcp_pipe(&conn), 27500 - conn.board->lost);
}

TEST(a_sack_that_a_record_cannot_be_split_for_is_forgotten)
{
    flight(8);
    CHECK_INT(conn.board->count, 8);
    refuse_from = 0;
    arrives(&conn, ". 1000(0) ack 6000 sack 8500:8600");
    CHECK_INT(conn.board->sacked, 0);
    arrives(&conn, ". 1000(0) ack 6000 sack 8000:9000");
    CHECK_INT(conn.board->sacked, 1000);
}

TEST(what_the_device_did_not_take_was_not_sent)
{
    flight_of(5, 5, "S 999(0) mss 1000 sackok");
    silent = true;
    acks(2);
    struct tcp_segment seg;
    uint32_t max = conn.snd_max.n;
    CHECK(tcp_next_segment(&conn, now, &seg));
    CHECK(conn.snd_max.n > max);
    tcp_unsent(&conn, &seg, now);
    CHECK_INT(conn.snd_max.n, max);
    silent = false;
    sent();
    CHECK(conn.snd_max.n > max);
    CHECK_INT(shared.counts.retransmits, 0);
}

TEST(a_retransmission_that_the_device_did_not_take_is_due_again)
{
    flight(10);
    silent = true;
    sacks(0, 1, 4);
    struct tcp_segment seg;
    CHECK(tcp_next_segment(&conn, now, &seg));
    CHECK_INT(seg.seq.n, 6000);
    tcp_unsent(&conn, &seg, now);
    silent = false;
    CHECK(!strncmp(sent(), ". 6000(1000) ack 1000", 20));
}

/* RFC 1191 6.4: it was too long for the path, which is no congestion. */
TEST(a_path_that_turns_out_narrow_gets_it_again_in_shorter_segments)
{
    flight(4);
    sacks(0, 3, 4);
    uint32_t cwnd = conn.cwnd;
    CHECK(tcp_path_mtu(&conn, 640, now));
    CHECK_STR(sent(), ". 6000(600) ack 1000; . 6600(400) ack 1000; . 7000(600) ack 1000; "
                      ". 7600(400) ack 1000; . 8000(600) ack 1000; . 8600(400) ack 1000");
    CHECK_INT(conn.cwnd, cwnd);
    CHECK(!conn.in_recovery);
    acks(4);
    CHECK_INT(memory.used, 0);
}

TEST(a_window_that_is_shut_is_probed_not_recovered)
{
    flight(5);
    arrives(&conn, ". 1000(0) ack 6000 win 0");
    passes(3 * TCP_SECOND);
    CHECK(tcp_timer_is_set(&conn, TCP_TIMER_PERSIST));
    CHECK(conn.board == NULL);
    arrives(&conn, ". 1000(0) ack 6001 win 60000");
    CHECK(seq_lt((struct seq){7000}, conn.snd_max));
    passes(TCP_MS);
    char text[50];
    snprintf(text, sizeof text, ". 1000(0) ack %u", conn.snd_max.n);
    arrives(&conn, text);
    CHECK(!conn.flat);
}

TEST(a_fin_that_is_lost_is_sent_again_by_a_probe)
{
    accepts("S 999(0) mss 1000 sackok");
    arrives(&conn, ". 1000(0) ack 5000");
    writes(500);
    passes(RTT);
    arrives(&conn, ". 1000(0) ack 5500");
    writes(500);
    CHECK_STR(shuts_down(), "F. 6000(0) ack 1000");
    CHECK(conn.board != NULL);
    passes(RTT);
    arrives(&conn, ". 1000(0) ack 6000");
    CHECK_STR(passes(TCP_SECOND / 2), "F. 6000(0) ack 1000");
    arrives(&conn, ". 1000(0) ack 6001");
    CHECK_STR(state(), "FIN-WAIT-2");
    CHECK_INT(memory.used, 0);
}

TEST_MAIN(TEST_OF(one_segment_needs_no_board_and_idling_no_memory),
          TEST_OF(a_peer_without_sack_has_no_board),
          TEST_OF(three_sacked_segments_tell_that_one_is_lost_rfc_8985_6_2),
          TEST_OF(holes_are_sent_again_in_one_round_trip_and_nothing_else),
          TEST_OF(what_was_overtaken_has_a_quarter_of_the_round_trip_rfc_8985_6_2),
          TEST_OF(what_was_overtaken_and_comes_in_time_was_not_lost),
          TEST_OF(once_reordering_was_seen_three_segments_prove_nothing_rfc_8985_6_2),
          TEST_OF(duplicates_widen_the_reordering_window_and_time_narrows_it_rfc_8985_6_2),
          TEST_OF(a_retransmission_that_is_lost_is_sent_again_rfc_8985_3_4),
          TEST_OF(blocks_that_cannot_be_are_ignored_and_counted_rfc_2018_5),
          TEST_OF(an_ack_that_comes_late_does_no_harm),
          TEST_OF(after_a_time_out_only_what_is_not_there_is_sent_again_rfc_8985_6_3),
          TEST_OF(a_peer_that_throws_away_what_it_reported_gets_it_again),
          TEST_OF(a_probe_sends_the_last_segment_again_rfc_8985_7_3),
          TEST_OF(a_probe_is_new_text_if_there_is_any_rfc_8985_7_3),
          TEST_OF(only_one_probe_goes_then_the_time_out_comes_rfc_8985_7_2),
          TEST_OF(a_loss_that_a_probe_made_good_counts_as_one_rfc_8985_7_4),
          TEST_OF(a_probe_that_arrives_twice_tells_that_nothing_was_lost_rfc_8985_7_4),
          TEST_OF(the_window_goes_down_in_proportion_to_what_arrives_rfc_9937),
          TEST_OF(an_answer_to_the_first_copy_undoes_a_recovery_rfc_3522),
          TEST_OF(an_answer_to_the_retransmission_undoes_nothing_rfc_3522),
          TEST_OF(a_time_out_that_was_too_early_is_undone_rfc_4015),
          TEST_OF(a_recovery_whose_every_copy_arrives_twice_is_undone_rfc_2883_5),
          TEST_OF(without_memory_for_a_board_three_duplicates_do_and_it_comes_back),
          TEST_OF(a_record_of_many_segments_is_split_where_a_sack_begins_and_ends),
          TEST_OF(a_sack_that_a_record_cannot_be_split_for_is_forgotten),
          TEST_OF(what_the_device_did_not_take_was_not_sent),
          TEST_OF(a_retransmission_that_the_device_did_not_take_is_due_again),
          TEST_OF(a_path_that_turns_out_narrow_gets_it_again_in_shorter_segments),
          TEST_OF(a_window_that_is_shut_is_probed_not_recovered),
          TEST_OF(a_fin_that_is_lost_is_sent_again_by_a_probe))
