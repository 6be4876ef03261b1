/* SPDX-License-Identifier: ISC */
/* Opening and closing: RFC 9293 3.5, 3.6 and 3.10. */
#include "tests/support/tcp_text.h"

#include <errno.h>

TEST(a_syn_to_a_listener_is_answered_and_its_ack_establishes)
{
    CHECK_STR(accepts("S 999(0) mss 1460"), "S. 4999(0) ack 1000 mss 1460");
    CHECK_STR(state(), "SYN-RECEIVED");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5000"), "");
    CHECK_STR(state(), "ESTABLISHED");
    CHECK_STR(events_of(), "established");
}

TEST(an_active_open_sends_a_syn_and_acknowledges_the_answer)
{
    CHECK_STR(connects(), "S 4999(0) mss 1460 wscale 1");
    CHECK_STR(arrives(&conn, "S. 999(0) ack 5000 mss 1000"), ". 5000(0) ack 1000");
    CHECK_STR(state(), "ESTABLISHED");
    CHECK_INT(conn.mss, 1000);
}

TEST(text_goes_both_ways)
{
    establish();
    CHECK_STR(writes(3000),
              ". 5000(1460) ack 1000; . 6460(1460) ack 1000; P. 7920(80) ack 1000");
    CHECK_STR(arrives(&conn, "P. 1000(100) ack 8000"), "");
    CHECK_STR(events_of(), "readable");
    CHECK_STR(reads(100), "");
    CHECK_STR(passes(40 * TCP_MS), ". 8000(0) ack 1100");
    CHECK_INT(memory.used, 0);
}

TEST(we_close_first_and_wait_two_segment_lifetimes)
{
    establish();
    CHECK_STR(closes(), "F. 5000(0) ack 1000");
    CHECK_STR(state(), "FIN-WAIT-1");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5001"), "");
    CHECK_STR(state(), "FIN-WAIT-2");
    CHECK_STR(arrives(&conn, "F. 1000(0) ack 5001"), ". 5001(0) ack 1001");
    CHECK_STR(state(), "TIME-WAIT");
    CHECK_STR(passes(60 * TCP_SECOND - 1), "");
    CHECK_STR(state(), "TIME-WAIT");
    passes(1);
    CHECK_STR(state(), "CLOSED");
    CHECK_STR(events_of(), "readable ended free");
}

TEST(the_peer_closes_first)
{
    establish();
    CHECK_STR(arrives(&conn, "F. 1000(0) ack 5000"), ". 5000(0) ack 1001");
    CHECK_STR(state(), "CLOSE-WAIT");
    CHECK(tcp_at_end(&conn));
    CHECK_STR(writes(10), "P. 5000(10) ack 1001");
    CHECK_STR(closes(), "F. 5010(0) ack 1001");
    CHECK_STR(state(), "LAST-ACK");
    events = 0;
    CHECK_STR(arrives(&conn, ". 1001(0) ack 5011"), "");
    CHECK_STR(state(), "CLOSED");
    CHECK_STR(events_of(), "ended free");
    CHECK_INT(conn.error, 0);
}

/* RFC 9293 figure 8. */
TEST(both_open_at_once)
{
    connects();
    CHECK_STR(arrives(&conn, "S 999(0) mss 1460"), "S. 4999(0) ack 1000 mss 1460");
    CHECK_STR(state(), "SYN-RECEIVED");
    CHECK_STR(arrives(&conn, "S. 999(0) ack 5000 mss 1460"), ". 5000(0) ack 1000");
    CHECK_STR(state(), "ESTABLISHED");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5000"), "");
    CHECK_STR(events_of(), "established");
}

/* Figure 9: an old duplicate SYN,ACK is answered with a reset that stands where it says. */
TEST(an_ack_of_another_syn_is_reset_and_the_open_goes_on)
{
    connects();
    CHECK_STR(arrives(&conn, "S. 999(0) ack 91"), "R 91(0)");
    CHECK_STR(arrives(&conn, "R. 999(0) ack 91"), "");
    CHECK_STR(state(), "SYN-SENT");
    CHECK_STR(arrives(&conn, "S. 1999(0) ack 5000"), ". 5000(0) ack 2000");
    CHECK_STR(state(), "ESTABLISHED");
}

/* Figure 10: the peer has forgotten us and opens anew. */
TEST(a_peer_that_has_restarted_is_challenged_and_its_reset_ends_the_old_connection)
{
    establish();
    CHECK_STR(arrives(&conn, "S 400(0)"), ". 5000(0) ack 1000");
    CHECK_STR(arrives(&conn, "R 1000(0)"), "");
    CHECK_STR(state(), "CLOSED");
    CHECK_INT(conn.error, -ECONNRESET);
}

TEST(a_refused_open_says_so)
{
    connects();
    arrives(&conn, "R. 0(0) ack 5000");
    CHECK_STR(state(), "CLOSED");
    CHECK_INT(conn.error, -ECONNREFUSED);
    CHECK_STR(events_of(), "ended");
}

TEST(text_and_fin_may_come_with_the_syn_ack)
{
    connects();
    CHECK_STR(arrives(&conn, "FS. 999(10) ack 5000"), ". 5000(0) ack 1011");
    CHECK_STR(state(), "CLOSE-WAIT");
    CHECK_STR(reads(10), "");
    CHECK_STR(events_of(), "established readable");
}

TEST(text_that_comes_with_the_ack_of_the_handshake_is_taken)
{
    accepts("S 999(0) mss 1460");
    CHECK_STR(arrives(&conn, "P. 1000(10) ack 5000"), "");
    CHECK_STR(events_of(), "established readable");
    CHECK_STR(reads(10), "");
}

TEST(what_is_written_before_the_handshake_ends_goes_after_it)
{
    connects();
    CHECK_STR(writes(10), "");
    CHECK_STR(arrives(&conn, "S. 999(0) ack 5000 mss 1460"), "P. 5000(10) ack 1000");
}

TEST(a_shutdown_before_the_handshake_ends_follows_it)
{
    connects();
    writes(10);
    CHECK_STR(shuts_down(), "");
    CHECK_STR(arrives(&conn, "S. 999(0) ack 5000 mss 1460"), "FP. 5000(10) ack 1000");
    CHECK_STR(state(), "FIN-WAIT-1");
}

TEST(closing_in_syn_sent_just_forgets)
{
    connects();
    CHECK_STR(closes(), "");
    CHECK_STR(state(), "CLOSED");
    CHECK_STR(events_of(), "ended free");
}

TEST(closing_in_syn_received_goes_through_with_the_handshake)
{
    accepts("S 999(0) mss 1460");
    CHECK_STR(closes(), "");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5000"), "F. 5000(0) ack 1000");
    CHECK_STR(state(), "FIN-WAIT-1");
}

/* Figure 13. */
TEST(both_close_at_once)
{
    establish();
    CHECK_STR(closes(), "F. 5000(0) ack 1000");
    CHECK_STR(arrives(&conn, "F. 1000(0) ack 5000"), ". 5001(0) ack 1001");
    CHECK_STR(state(), "CLOSING");
    CHECK_STR(arrives(&conn, ". 1001(0) ack 5001"), "");
    CHECK_STR(state(), "TIME-WAIT");
}

TEST(a_fin_that_acknowledges_ours_leads_to_time_wait)
{
    establish();
    closes();
    CHECK_STR(arrives(&conn, "F. 1000(0) ack 5001"), ". 5001(0) ack 1001");
    CHECK_STR(state(), "TIME-WAIT");
}

TEST(half_a_connection_goes_on_both_ways)
{
    establish();
    CHECK_STR(shuts_down(), "F. 5000(0) ack 1000");
    CHECK_INT(queue(10), 0);
    arrives(&conn, "P. 1000(10) ack 5001");
    CHECK_STR(reads(10), "");
    arrives(&conn, "F. 1010(0) ack 5001");
    CHECK(tcp_at_end(&conn));
    establish();
    arrives(&conn, "F. 1000(0) ack 5000");
    CHECK_STR(writes(100), "P. 5000(100) ack 1001");
    CHECK_STR(arrives(&conn, ". 1001(0) ack 5100"), "");
    CHECK_STR(shuts_down(), "F. 5100(0) ack 1001");
    CHECK_STR(state(), "LAST-ACK");
}

TEST(shutting_down_twice_is_shutting_down_once)
{
    establish();
    CHECK_STR(shuts_down(), "F. 5000(0) ack 1000");
    CHECK_STR(shuts_down(), "");
}

TEST(a_lost_fin_is_sent_again)
{
    establish();
    queue(10);
    CHECK_STR(closes(), "FP. 5000(10) ack 1000");
    CHECK_STR(passes(TCP_SECOND / 4), "FP. 5000(10) ack 1000");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5010"), "");
    CHECK_STR(passes(TCP_SECOND / 2), "F. 5010(0) ack 1000");
}

TEST(a_reset_of_the_last_ack_is_an_error_only_when_text_was_lost)
{
    establish();
    arrives(&conn, "F. 1000(0) ack 5000");
    shuts_down();
    arrives(&conn, "R 1001(0)");
    CHECK_INT(conn.error, 0);
    establish();
    arrives(&conn, "F. 1000(0) ack 5000");
    writes(10);
    shuts_down();
    arrives(&conn, "R 1001(0)");
    CHECK_INT(conn.error, -ECONNRESET);
}

TEST(aborting_resets_what_the_peer_knows_of)
{
    connects();
    CHECK_STR(aborts(), "");
    accepts("S 999(0)");
    CHECK_STR(aborts(), "R 5000(0)");
    establish();
    CHECK_STR(aborts(), "R 5000(0)");
    establish();
    arrives(&conn, "F. 1000(0) ack 5000");
    CHECK_STR(aborts(), "R 5000(0)");
    CHECK_STR(state(), "CLOSED");
    CHECK_STR(arrives(&conn, ". 1001(0) ack 5000"), "");
}

TEST(closing_what_has_ended_frees_it)
{
    establish();
    arrives(&conn, "P. 1000(10) ack 5000");
    arrives(&conn, "R 1010(0)");
    CHECK_STR(events_of(), "readable ended");
    CHECK_STR(closes(), "");
    CHECK_STR(events_of(), "free");
    CHECK_INT(memory.used, 0);
}

TEST(a_handshake_whose_ack_is_wrong_is_reset_and_waits_on)
{
    accepts("S 999(0)");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 4999"), "R 4999(0)");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5001"), "R 5001(0)");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5000"), "");
    CHECK_STR(state(), "ESTABLISHED");
}

TEST(what_is_dropped_without_an_answer_is_counted)
{
    connects();
    CHECK_STR(arrives(&conn, "P 1000(5)"), "");
    CHECK_INT(shared.counts.without_syn, 1);
    CHECK_STR(arrives(&conn, "R 1000(0)"), "");
    CHECK_INT(shared.counts.resets_ignored, 1);
    CHECK_STR(state(), "SYN-SENT");
    establish();
    CHECK_STR(arrives(&conn, "P 1000(5)"), "");
    CHECK_INT(shared.counts.without_ack, 1);
    closes();
    CHECK_STR(arrives(&conn, "F. 1000(0) ack 5001"), ". 5001(0) ack 1001");
    CHECK_STR(arrives(&conn, "R 1001(0)"), "");
    CHECK_INT(shared.counts.resets_ignored, 1);
    CHECK_STR(state(), "TIME-WAIT");
}

TEST_MAIN(
    TEST_OF(a_syn_to_a_listener_is_answered_and_its_ack_establishes),
    TEST_OF(an_active_open_sends_a_syn_and_acknowledges_the_answer),
    TEST_OF(text_goes_both_ways), TEST_OF(we_close_first_and_wait_two_segment_lifetimes),
    TEST_OF(the_peer_closes_first), TEST_OF(both_open_at_once),
    TEST_OF(an_ack_of_another_syn_is_reset_and_the_open_goes_on),
    TEST_OF(a_peer_that_has_restarted_is_challenged_and_its_reset_ends_the_old_connection),
    TEST_OF(a_refused_open_says_so), TEST_OF(text_and_fin_may_come_with_the_syn_ack),
    TEST_OF(text_that_comes_with_the_ack_of_the_handshake_is_taken),
    TEST_OF(what_is_written_before_the_handshake_ends_goes_after_it),
    TEST_OF(a_shutdown_before_the_handshake_ends_follows_it),
    TEST_OF(closing_in_syn_sent_just_forgets),
    TEST_OF(closing_in_syn_received_goes_through_with_the_handshake),
    TEST_OF(both_close_at_once), TEST_OF(a_fin_that_acknowledges_ours_leads_to_time_wait),
    TEST_OF(half_a_connection_goes_on_both_ways),
    TEST_OF(shutting_down_twice_is_shutting_down_once), TEST_OF(a_lost_fin_is_sent_again),
    TEST_OF(a_reset_of_the_last_ack_is_an_error_only_when_text_was_lost),
    TEST_OF(aborting_resets_what_the_peer_knows_of), TEST_OF(closing_what_has_ended_frees_it),
    TEST_OF(a_handshake_whose_ack_is_wrong_is_reset_and_waits_on),
    TEST_OF(what_is_dropped_without_an_answer_is_counted))
