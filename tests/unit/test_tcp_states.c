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

TEST_MAIN(TEST_OF(a_syn_to_a_listener_is_answered_and_its_ack_establishes),
          TEST_OF(an_active_open_sends_a_syn_and_acknowledges_the_answer),
          TEST_OF(text_goes_both_ways), TEST_OF(we_close_first_and_wait_two_segment_lifetimes),
          TEST_OF(the_peer_closes_first))
