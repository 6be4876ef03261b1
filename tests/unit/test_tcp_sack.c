/* SPDX-License-Identifier: ISC */
/* Selective acknowledgements: how a receiver reports (RFC 2018 4, RFC 2883). */
#include "tests/support/tcp_text.h"

static void establish_sack(void)
{
    accepts("S 999(0) mss 1460 sackok");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5000"), "");
    CHECK_STR(state(), "ESTABLISHED");
}

TEST(sacks_are_offered_and_answered_rfc_2018_2)
{
    fresh();
    show_options = true;
    tcp_connect(&conn, &shared, &OPEN, now);
    CHECK_STR(sent(), "S 4999(0) mss 1460 wscale 1 sackok ts 1000000 ecr 0");
    struct tcp_segment syn = segment_of("S 999(0) mss 1460 sackok");
    fresh();
    show_options = true;
    tcp_accept(&conn, &shared, &OPEN, &syn, now);
    CHECK_STR(sent(), "S. 4999(0) ack 1000 mss 1460 sackok");
}

TEST(a_peer_that_does_not_know_sacks_gets_none)
{
    establish();
    CHECK_STR(arrives(&conn, ". 1100(100) ack 5000"), ". 5000(0) ack 1000");
    CHECK_STR(arrives(&conn, ". 1100(100) ack 5000"), ". 5000(0) ack 1000");
}

TEST(text_out_of_order_is_reported_most_recent_first_rfc_2018_4)
{
    establish_sack();
    CHECK_STR(arrives(&conn, ". 1100(100) ack 5000"), ". 5000(0) ack 1000 sack 1100:1200");
    CHECK_STR(arrives(&conn, ". 1300(100) ack 5000"),
              ". 5000(0) ack 1000 sack 1300:1400 sack 1100:1200");
    CHECK_STR(arrives(&conn, ". 1200(50) ack 5000"),
              ". 5000(0) ack 1000 sack 1100:1250 sack 1300:1400");
    CHECK_STR(arrives(&conn, ". 1000(100) ack 5000"), ". 5000(0) ack 1250 sack 1300:1400");
    CHECK_STR(arrives(&conn, ". 1250(50) ack 5000"), ". 5000(0) ack 1400");
}

TEST(four_blocks_fit_and_with_timestamps_three_rfc_2018_3)
{
    establish_sack();
    for (unsigned i = 1; i <= 4; i++) {
        char text[50];
        snprintf(text, sizeof text, ". %u(10) ack 5000", 1000 + 100 * i);
        arrives(&conn, text);
    }
    CHECK_STR(arrives(&conn, ". 1500(10) ack 5000"),
              ". 5000(0) ack 1000 sack 1500:1510 sack 1400:1410 sack 1300:1310 sack 1200:1210");
    accepts("S 999(0) mss 1460 sackok ts 1 ecr 0");
    arrives(&conn, ". 1000(0) ack 5000 ts 1 ecr 1000000");
    for (unsigned i = 1; i <= 3; i++) {
        char text[50];
        snprintf(text, sizeof text, ". %u(10) ack 5000 ts 1 ecr 1000000", 1000 + 100 * i);
        arrives(&conn, text);
    }
    CHECK_STR(arrives(&conn, ". 1500(10) ack 5000 ts 1 ecr 1000000"),
              ". 5000(0) ack 1000 sack 1500:1510 sack 1300:1310 sack 1200:1210");
}

TEST(text_leaves_room_for_the_blocks_that_go_with_it_rfc_6691)
{
    establish_sack();
    silent = true;
    arrives(&conn, ". 1100(100) ack 5000");
    conn.dups_due = 0;
    queue(2000);
    silent = false;
    CHECK_STR(sent(), ". 5000(1448) ack 1000 sack 1100:1200; "
                      "P. 6448(552) ack 1000 sack 1100:1200");
}

TEST(what_arrives_twice_is_reported_once_rfc_2883_4)
{
    establish_sack();
    arrives(&conn, ". 1000(100) ack 5000");
    arrives(&conn, ". 1100(100) ack 5000");
    CHECK_STR(arrives(&conn, ". 1000(100) ack 5000"), ". 5000(0) ack 1200 sack 1000:1100");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5000 win 99"), ". 5000(0) ack 1200");
}

TEST(a_part_that_arrives_twice_is_reported_rfc_2883_4_1_2)
{
    establish_sack();
    arrives(&conn, ". 1000(200) ack 5000");
    passes(TCP_SECOND);
    arrives(&conn, ". 1150(100) ack 5000");
    CHECK_STR(passes(TCP_SECOND), ". 5000(0) ack 1250 sack 1150:1200");
}

TEST(a_duplicate_out_of_order_comes_before_its_island_rfc_2883_4_1_1)
{
    establish_sack();
    arrives(&conn, ". 1100(100) ack 5000");
    arrives(&conn, ". 1300(100) ack 5000");
    CHECK_STR(arrives(&conn, ". 1150(50) ack 5000"),
              ". 5000(0) ack 1000 sack 1150:1200 sack 1100:1200 sack 1300:1400");
}

TEST(blocks_are_forgotten_with_what_they_report)
{
    establish_sack();
    arrives(&conn, ". 1100(100) ack 5000");
    CHECK_STR(closes(), "F. 5000(0) ack 1000");
    CHECK_INT(memory.used, 0);
}

TEST_MAIN(TEST_OF(sacks_are_offered_and_answered_rfc_2018_2),
          TEST_OF(a_peer_that_does_not_know_sacks_gets_none),
          TEST_OF(text_out_of_order_is_reported_most_recent_first_rfc_2018_4),
          TEST_OF(four_blocks_fit_and_with_timestamps_three_rfc_2018_3),
          TEST_OF(text_leaves_room_for_the_blocks_that_go_with_it_rfc_6691),
          TEST_OF(what_arrives_twice_is_reported_once_rfc_2883_4),
          TEST_OF(a_part_that_arrives_twice_is_reported_rfc_2883_4_1_2),
          TEST_OF(a_duplicate_out_of_order_comes_before_its_island_rfc_2883_4_1_1),
          TEST_OF(blocks_are_forgotten_with_what_they_report))
