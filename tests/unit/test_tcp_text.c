/* SPDX-License-Identifier: ISC */
/* Receiving: text in and out of order, windows, acknowledgements, the FIN. */
#include "tests/support/tcp_text.h"

#include <errno.h>

TEST(every_second_full_segment_is_acknowledged_at_once)
{
    establish();
    CHECK_STR(arrives(&conn, ". 1000(1460) ack 5000"), "");
    CHECK_STR(arrives(&conn, ". 2460(1460) ack 5000"), ". 5000(0) ack 3920");
    CHECK_STR(arrives(&conn, ". 3920(1460) ack 5000"), "");
    CHECK_STR(arrives(&conn, ". 5380(1460) ack 5000"), ". 5000(0) ack 6840");
}

TEST(an_acknowledgement_waits_forty_milliseconds_at_most)
{
    establish();
    CHECK_STR(arrives(&conn, "P. 1000(10) ack 5000"), "");
    CHECK_STR(passes(20 * TCP_MS), "");
    CHECK_STR(arrives(&conn, "P. 1010(10) ack 5000"), "");
    CHECK_STR(passes(20 * TCP_MS - 1), "");
    CHECK_STR(passes(1), ". 5000(0) ack 1020");
    CHECK_STR(passes(TCP_SECOND), "");
}

TEST(an_acknowledgement_rides_on_text_that_goes_anyway)
{
    establish();
    CHECK_STR(arrives(&conn, "P. 1000(10) ack 5000"), "");
    CHECK_STR(writes(5), "P. 5000(5) ack 1010");
    CHECK_STR(passes(100 * TCP_MS), "");
}

TEST(text_out_of_order_is_kept_and_acknowledged_at_once)
{
    establish();
    CHECK_STR(arrives(&conn, ". 1010(10) ack 5000"), ". 5000(0) ack 1000");
    CHECK_STR(events_of(), "");
    CHECK_INT(tcp_readable(&conn), 0);
    CHECK_STR(arrives(&conn, ". 1000(10) ack 5000"), ". 5000(0) ack 1020");
    CHECK_STR(events_of(), "readable");
    CHECK_STR(reads(20), "");
    CHECK_INT(memory.used, 0);
}

TEST(a_gap_filled_in_part_is_acknowledged_at_once)
{
    establish();
    arrives(&conn, ". 1030(10) ack 5000");
    CHECK_STR(arrives(&conn, ". 1000(10) ack 5000"), ". 5000(0) ack 1010");
}

static void swap(unsigned *a, unsigned *b)
{
    unsigned t = *a;
    *a = *b;
    *b = t;
}

/* Segments of 7 octets every 5, so that each overlaps the next, in this order. */
static void in_order(const unsigned *order, unsigned n)
{
    char text[50];
    establish();
    for (unsigned i = 0; i < n; i++) {
        snprintf(text, sizeof text, ". %u(7) ack 5000", 1000 + 5 * order[i]);
        arrives(&conn, text);
    }
    CHECK_INT(take(100), 5 * n + 2);
    CHECK_INT(conn.islands.count, 0);
    CHECK_INT(memory.used, 0);
}

static void permute(unsigned *order, unsigned k, unsigned n)
{
    if (k == n)
        in_order(order, n);
    for (unsigned i = k; i < n; i++) {
        swap(&order[k], &order[i]);
        permute(order, k + 1, n);
        swap(&order[k], &order[i]);
    }
}

TEST(any_order_of_overlapping_segments_gives_the_same_text)
{
    unsigned order[] = {0, 1, 2, 3, 4, 5};
    permute(order, 0, 6);
}

/* So many islands of ten octets, each after a gap of ten, from 1020 on. */
static void scattered(unsigned islands)
{
    for (unsigned i = 0; i < islands; i++) {
        char text[50];
        snprintf(text, sizeof text, ". %u(10) ack 5000", 1020 + 20 * i);
        CHECK_STR(arrives(&conn, text), ". 5000(0) ack 1000");
    }
}

TEST(islands_hold_memory_only_while_there_are_any)
{
    establish();
    arrives(&conn, ". 1100(100) ack 5000");
    size_t used = memory.used;
    CHECK(used > RING_LEN_MIN);
    arrives(&conn, ". 1000(100) ack 5000");
    CHECK_INT(memory.used, RING_LEN_MIN);
    arrives(&conn, ". 1300(100) ack 5000");
    CHECK_INT(memory.used, used);
}

TEST(an_island_that_finds_no_memory_is_dropped_and_comes_again)
{
    establish();
    arrives(&conn, ". 1000(100) ack 5000");
    refuse_from = 0;
    arrives(&conn, ". 1200(100) ack 5000");
    CHECK_INT(shared.counts.no_memory, 1);
    CHECK_INT(conn.islands.count, 0);
    refuse_from = UINT32_MAX;
    arrives(&conn, ". 1200(100) ack 5000");
    arrives(&conn, ". 1100(100) ack 5000");
    CHECK_INT(take(1000), 300);
}

TEST(more_islands_than_there_is_room_for_are_dropped_and_come_again)
{
    unsigned end = 1010 + 20 * TCP_ISLANDS_MAX;
    char text[50];
    establish();
    scattered(TCP_ISLANDS_MAX);
    snprintf(text, sizeof text, ". %u(10) ack 5000", end + 10);
    CHECK_STR(arrives(&conn, text), ". 5000(0) ack 1000");
    CHECK_INT(shared.counts.out_of_order_dropped, 1);
    snprintf(text, sizeof text, ". 1000(%u) ack 5000", end - 1000);
    arrives(&conn, text);
    CHECK_INT(take(10000), end - 1000);
    CHECK_INT(conn.islands.count, 0);
}

/* What arrives in one turn of the loop is answered at its end. */
TEST(each_segment_out_of_order_gets_its_own_duplicate_ack_however_late)
{
    establish();
    silent = true;
    arrives(&conn, ". 1100(100) ack 5000");
    arrives(&conn, ". 1200(100) ack 5000");
    arrives(&conn, ". 1300(100) ack 5000");
    queue(10);
    silent = false;
    CHECK_STR(
        sent(),
        ". 5000(0) ack 1000; . 5000(0) ack 1000; . 5000(0) ack 1000; P. 5000(10) ack 1000");
}

TEST(duplicate_acks_are_owed_no_longer_when_the_gap_is_filled)
{
    establish();
    silent = true;
    arrives(&conn, ". 1100(100) ack 5000");
    arrives(&conn, ". 1200(100) ack 5000");
    arrives(&conn, ". 1000(100) ack 5000");
    silent = false;
    CHECK_STR(sent(), ". 5000(0) ack 1300");
}

TEST(text_out_of_order_is_not_kept_for_a_user_who_let_go)
{
    establish();
    arrives(&conn, ". 1100(100) ack 5000");
    CHECK_STR(closes(), "F. 5000(0) ack 1000");
    CHECK_INT(memory.used, 0);
    CHECK_STR(arrives(&conn, ". 1000(100) ack 5001"), "R 5001(0)");
}

TEST(an_island_between_two_joins_them_even_when_all_places_are_taken)
{
    establish();
    scattered(TCP_ISLANDS_MAX);
    arrives(&conn, ". 1030(10) ack 5000");
    CHECK_INT(conn.islands.count, TCP_ISLANDS_MAX - 1);
    CHECK_INT(shared.counts.out_of_order_dropped, 0);
}

TEST(what_was_received_already_is_cut_off)
{
    establish();
    arrives(&conn, ". 1000(10) ack 5000");
    arrives(&conn, ". 1005(10) ack 5000");
    CHECK_STR(reads(15), "");
    CHECK_STR(arrives(&conn, ". 1000(15) ack 5000"), ". 5000(0) ack 1015");
    CHECK_STR(arrives(&conn, ". 1005(10) ack 5000"), ". 5000(0) ack 1015");
    CHECK_INT(shared.counts.not_acceptable, 2);
}

/* The window field alone can say no more than 65,535: what is read beyond that is no news. */
TEST(a_peer_without_window_scaling_is_not_told_of_every_read)
{
    shared.receive_max = 262144;
    establish();
    shared.receive_max = 65536;
    CHECK_STR(arrives(&conn, ". 1000(100) ack 5000"), "");
    CHECK_STR(reads(100), "");
    CHECK_STR(passes(40 * TCP_MS), ". 5000(0) ack 1100");
}

TEST(text_beyond_the_window_is_cut_off)
{
    shared.receive_max = 4096;
    establish();
    show_window = true;
    CHECK_STR(arrives(&conn, ". 1000(5000) ack 5000"), ". 5000(0) ack 5096 win 0");
    CHECK_INT(tcp_readable(&conn), 4096);
    shared.receive_max = 65536;
}

TEST(a_fin_out_of_order_is_remembered_until_the_gap_is_filled)
{
    establish();
    CHECK_STR(arrives(&conn, "F. 1010(10) ack 5000"), ". 5000(0) ack 1000");
    CHECK_STR(state(), "ESTABLISHED");
    CHECK_STR(arrives(&conn, ". 1000(10) ack 5000"), ". 5000(0) ack 1021");
    CHECK_STR(state(), "CLOSE-WAIT");
    CHECK(!tcp_at_end(&conn));
    CHECK_STR(reads(20), "");
    CHECK(tcp_at_end(&conn));
}

TEST(a_fin_before_text_that_was_taken_is_not_one)
{
    establish();
    arrives(&conn, ". 1020(10) ack 5000");
    arrives(&conn, "F. 1010(5) ack 5000");
    CHECK(!conn.fin_known);
    arrives(&conn, ". 1000(20) ack 5000");
    CHECK_STR(state(), "ESTABLISHED");
    CHECK_STR(reads(30), "");
}

TEST(text_beyond_a_known_fin_is_cut_off)
{
    establish();
    arrives(&conn, "F. 1010(10) ack 5000");
    arrives(&conn, ". 1000(40) ack 5000");
    CHECK_STR(state(), "CLOSE-WAIT");
    CHECK_INT(take(100), 20);
}

TEST(a_second_fin_elsewhere_changes_nothing)
{
    establish();
    arrives(&conn, "F. 1010(10) ack 5000");
    arrives(&conn, "F. 1005(0) ack 5000");
    CHECK_INT(conn.fin_at.n, 1020);
}

TEST(a_fin_is_taken_even_when_the_window_is_shut)
{
    shared.receive_max = 4096;
    establish();
    arrives(&conn, ". 1000(4096) ack 5000");
    CHECK_STR(arrives(&conn, "F. 5096(0) ack 5000"), ". 5000(0) ack 5097");
    CHECK_STR(state(), "CLOSE-WAIT");
    shared.receive_max = 65536;
}

/* RFC 9293 3.8.6.2.2, MUST-39. */
TEST(the_window_opens_again_by_a_full_segment_or_half_of_the_buffer)
{
    shared.receive_max = 4096;
    establish();
    show_window = true;
    arrives(&conn, ". 1000(4096) ack 5000");
    CHECK_STR(reads(1000), "");
    CHECK_STR(reads(459), "");
    CHECK_STR(reads(1), ". 5000(0) ack 5096 win 1460");
    CHECK_STR(reads(2636), ". 5000(0) ack 5096 win 4096");
    shared.receive_max = 65536;
}

TEST(the_right_edge_of_the_window_never_moves_back)
{
    shared.receive_max = 4096;
    establish();
    show_window = true;
    for (uint32_t at = 1000; at < 1000 + 4096; at += 64) {
        char text[60];
        snprintf(text, sizeof text, ". %u(64) ack 5000", at);
        arrives(&conn, text);
        CHECK_INT(conn.rcv_adv.n, 1000 + 4096);
    }
    shared.receive_max = 65536;
}

TEST(a_window_that_the_scale_cannot_express_is_not_offered_beyond_the_buffer)
{
    shared.receive_max = 1 << 20;
    accepts("S 999(0) mss 1460 wscale 3");
    arrives(&conn, ". 1000(0) ack 5000");
    show_window = true;
    CHECK_INT(conn.rcv_shift, 5);
    arrives(&conn, ". 1000(1459) ack 5000");
    CHECK_STR(passes(TCP_ACK_DELAY), ". 5000(0) ack 2459 win 32722");
    CHECK_INT(conn.rcv_adv.n, 2459 + 32722 * 32);
    CHECK(seq_le(conn.rcv_adv, tcp_edge(&conn)));
    shared.receive_max = 65536;
}

TEST(windows_are_scaled_only_when_both_say_so)
{
    shared.receive_max = 1 << 20;
    CHECK_STR(accepts("S 999(0) mss 1460"), "S. 4999(0) ack 1000 mss 1460");
    CHECK_INT(conn.rcv_shift, 0);
    CHECK_STR(accepts("S 999(0) win 100 mss 1460 wscale 2"),
              "S. 4999(0) ack 1000 mss 1460 wscale 5");
    CHECK_INT(conn.snd_wnd, 100);
    arrives(&conn, ". 1000(0) ack 5000 win 100");
    CHECK_INT(conn.snd_wnd, 400);
    shared.receive_max = 65536;
}

TEST(probes_of_our_shut_window_are_answered_and_their_ack_counts)
{
    shared.receive_max = 4096;
    establish();
    writes(100);
    arrives(&conn, ". 1000(4096) ack 5000");
    show_window = true;
    CHECK_STR(arrives(&conn, ". 5096(1) ack 5100"), ". 5100(0) ack 5096 win 0");
    CHECK_INT(conn.snd_una.n, 5100);
    shared.receive_max = 65536;
}

TEST(text_for_which_there_is_no_memory_is_dropped_and_taken_when_it_comes_again)
{
    establish();
    refuse_from = 0;
    CHECK_STR(arrives(&conn, "FP. 1000(10) ack 5000"), "");
    CHECK_INT(shared.counts.no_memory, 1);
    CHECK_STR(state(), "ESTABLISHED");
    CHECK_STR(arrives(&conn, ". 1010(10) ack 5000"), ". 5000(0) ack 1000");
    refuse_from = UINT32_MAX;
    CHECK_STR(arrives(&conn, "FP. 1000(10) ack 5000"), ". 5000(0) ack 1011");
    CHECK_STR(reads(10), "");
}

/* One exchange, with memory refused at the n-th request: the peer sends again what is not
 * acknowledged, the user writes again what was not taken. */
TEST(memory_refused_at_any_request_delays_and_does_no_harm)
{
    for (unsigned n = 0; n < 12; n++) {
        char text[60];
        establish();
        refuse_from = n;
        refuse_to = n + 2;
        while (written < 20000) {
            queue(20000 - written);
            sent();
            snprintf(text, sizeof text, ". 1000(0) ack %u", conn.snd_max.n);
            arrives(&conn, text);
            passes(100 * TCP_MS);
        }
        for (unsigned tries = 0; taken < 20000; tries++) {
            CHECK(tries < 50);
            snprintf(text, sizeof text, ". %u(10000) ack %u", conn.rcv_nxt.n, conn.snd_max.n);
            arrives(&conn, text);
            if (taken + tcp_readable(&conn) >= 20000)
                take(20000);
        }
        take(100000);
        CHECK_INT(memory.used, 0);
    }
}

TEST(out_of_order_text_does_not_take_the_second_half_of_the_budget)
{
    establish();
    memory.limit = 100000;
    void *others = supply_get(&memory, 40000);
    CHECK_STR(arrives(&conn, ". 6000(10) ack 5000"), ". 5000(0) ack 1000");
    CHECK_INT(memory.used, 48384);
    memory.limit = 90000;
    arrives(&conn, ". 11000(10) ack 5000");
    CHECK_INT(shared.counts.no_memory, 1);
    CHECK_INT(memory.used, 48384);
    memory.limit = 100000;
    arrives(&conn, ". 11000(10) ack 5000");
    CHECK_INT(memory.used, 56576);
    supply_put(&memory, others, 40000);
}

TEST(urgent_text_is_read_as_any_other)
{
    establish();
    arrives(&conn, "PU. 1000(10) ack 5000");
    CHECK_STR(reads(10), "");
}

/* RFC 9293 3.6.1: the peer must not think that it was read. */
TEST(text_that_comes_after_close_is_answered_with_a_reset)
{
    establish();
    closes();
    arrives(&conn, ". 1000(0) ack 5001");
    CHECK_STR(arrives(&conn, "P. 1000(10) ack 5001"), "R 5001(0)");
    CHECK_STR(state(), "CLOSED");
    CHECK_STR(events_of(), "ended free");
}

TEST(text_that_comes_after_shutdown_is_read)
{
    establish();
    shuts_down();
    arrives(&conn, ". 1000(0) ack 5001");
    CHECK_STR(arrives(&conn, "P. 1000(10) ack 5001"), "");
    CHECK_STR(reads(10), "");
    CHECK_STR(state(), "FIN-WAIT-2");
}

TEST(what_arrived_before_a_reset_can_still_be_read)
{
    establish();
    arrives(&conn, "P. 1000(10) ack 5000");
    arrives(&conn, "R 1010(0)");
    CHECK_INT(conn.error, -ECONNRESET);
    CHECK_STR(reads(10), "");
    CHECK(!tcp_at_end(&conn));
}

TEST(sequence_numbers_wrap)
{
    accepts("S 4294967290(0) mss 1460");
    arrives(&conn, ". 4294967291(0) ack 5000");
    CHECK_STR(arrives(&conn, ". 4(10) ack 5000"), ". 5000(0) ack 4294967291");
    CHECK_STR(arrives(&conn, ". 4294967291(9) ack 5000"), ". 5000(0) ack 14");
    CHECK_STR(reads(19), "");
}

TEST(a_fin_at_or_beyond_the_right_edge_is_not_noted)
{
    establish();
    arrives(&conn, "F. 2000(64535) ack 5000");
    CHECK(!conn.fin_known);
    establish();
    arrives(&conn, "F. 2000(64534) ack 5000");
    CHECK(conn.fin_known);
}

TEST(the_window_does_not_move_by_less_than_a_segment)
{
    establish();
    show_window = true;
    CHECK_STR(arrives(&conn, ". 1000(3000) ack 5000"), ". 5000(0) ack 4000 win 62535");
    CHECK_STR(reads(100), "");
    CHECK_STR(writes(10), "P. 5000(10) ack 4000 win 62535");
    CHECK_STR(reads(2000), "");
    CHECK_STR(arrives(&conn, ". 4000(0) ack 5010"), "");
    CHECK_STR(writes(10), "P. 5010(10) ack 4000 win 64636");
}

/* RFC 9293 3.4 and docs/conformance.md. */
TEST(a_bare_ack_at_the_right_edge_counts_and_a_reset_there_does_not)
{
    establish();
    writes(10);
    arrives(&conn, ". 66535(0) ack 5010");
    CHECK_INT(conn.snd_una.n, 5010);
    CHECK_STR(arrives(&conn, "R 66535(0)"), "");
    CHECK_STR(arrives(&conn, "R 66534(0)"), ". 5010(0) ack 1000");
}

TEST_MAIN(TEST_OF(every_second_full_segment_is_acknowledged_at_once),
          TEST_OF(an_acknowledgement_waits_forty_milliseconds_at_most),
          TEST_OF(an_acknowledgement_rides_on_text_that_goes_anyway),
          TEST_OF(text_out_of_order_is_kept_and_acknowledged_at_once),
          TEST_OF(each_segment_out_of_order_gets_its_own_duplicate_ack_however_late),
          TEST_OF(duplicate_acks_are_owed_no_longer_when_the_gap_is_filled),
          TEST_OF(a_gap_filled_in_part_is_acknowledged_at_once),
          TEST_OF(any_order_of_overlapping_segments_gives_the_same_text),
          TEST_OF(islands_hold_memory_only_while_there_are_any),
          TEST_OF(an_island_that_finds_no_memory_is_dropped_and_comes_again),
          TEST_OF(more_islands_than_there_is_room_for_are_dropped_and_come_again),
          TEST_OF(text_out_of_order_is_not_kept_for_a_user_who_let_go),
          TEST_OF(an_island_between_two_joins_them_even_when_all_places_are_taken),
          TEST_OF(what_was_received_already_is_cut_off),
          TEST_OF(a_peer_without_window_scaling_is_not_told_of_every_read),
          TEST_OF(text_beyond_the_window_is_cut_off),
          TEST_OF(a_fin_out_of_order_is_remembered_until_the_gap_is_filled),
          TEST_OF(a_fin_before_text_that_was_taken_is_not_one),
          TEST_OF(text_beyond_a_known_fin_is_cut_off),
          TEST_OF(a_second_fin_elsewhere_changes_nothing),
          TEST_OF(a_fin_is_taken_even_when_the_window_is_shut),
          TEST_OF(the_window_opens_again_by_a_full_segment_or_half_of_the_buffer),
          TEST_OF(the_right_edge_of_the_window_never_moves_back),
          TEST_OF(a_window_that_the_scale_cannot_express_is_not_offered_beyond_the_buffer),
          TEST_OF(windows_are_scaled_only_when_both_say_so),
          TEST_OF(probes_of_our_shut_window_are_answered_and_their_ack_counts),
          TEST_OF(text_for_which_there_is_no_memory_is_dropped_and_taken_when_it_comes_again),
          TEST_OF(memory_refused_at_any_request_delays_and_does_no_harm),
          TEST_OF(out_of_order_text_does_not_take_the_second_half_of_the_budget),
          TEST_OF(urgent_text_is_read_as_any_other),
          TEST_OF(text_that_comes_after_close_is_answered_with_a_reset),
          TEST_OF(text_that_comes_after_shutdown_is_read),
          TEST_OF(what_arrived_before_a_reset_can_still_be_read),
          TEST_OF(sequence_numbers_wrap),
          TEST_OF(a_fin_at_or_beyond_the_right_edge_is_not_noted),
          TEST_OF(the_window_does_not_move_by_less_than_a_segment),
          TEST_OF(a_bare_ack_at_the_right_edge_counts_and_a_reset_there_does_not))
