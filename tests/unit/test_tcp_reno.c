/* SPDX-License-Identifier: ISC */
/* NewReno's window: RFC 5681 3.1. */
#include "net/tcp/congestion.h"
#include "tests/support/tcp_text.h"

#define MSS 1448U

static void with_window(uint32_t octets, uint32_t ssthresh)
{
    establish();
    conn.congestion = &tcp_reno;
    tcp_reno.begin(&conn);
    conn.mss = MSS;
    conn.cwnd = octets;
    conn.ssthresh = ssthresh;
}

/* A round trip: what whole segments the window allows are acknowledged, two at a time. */
static void round_trip(void)
{
    uint32_t left = conn.cwnd / MSS * MSS, flight = left;
    for (uint32_t acked; left > 0; left -= acked) {
        acked = left < 2 * MSS ? left : 2 * MSS;
        tcp_reno.grow(&conn, acked, flight, now);
    }
}

TEST(the_window_grows_by_a_segment_in_a_round_trip)
{
    with_window(10 * MSS, 5 * MSS);
    for (uint32_t n = 11; n < 40; n++) {
        round_trip();
        CHECK_INT(conn.cwnd, n * MSS);
    }
}

/* Half of an odd number of segments is no whole number of them. */
TEST(a_part_of_a_segment_in_the_window_does_not_hold_it_back)
{
    with_window(6 * MSS + MSS * 3 / 4, 5 * MSS);
    for (uint32_t n = 7; n < 40; n++) {
        round_trip();
        CHECK_INT(conn.cwnd / MSS, n);
    }
}

TEST(slow_start_adds_a_segment_for_each_acknowledgement_and_not_more)
{
    with_window(10 * MSS, 100 * MSS);
    tcp_reno.grow(&conn, MSS, 10 * MSS, now);
    CHECK_INT(conn.cwnd, 11 * MSS);
    tcp_reno.grow(&conn, 5 * MSS, 10 * MSS, now);
    CHECK_INT(conn.cwnd, 12 * MSS);
}

TEST(a_window_that_is_not_used_does_not_grow)
{
    with_window(10 * MSS, 5 * MSS);
    for (int i = 0; i < 100; i++)
        tcp_reno.grow(&conn, MSS, 4 * MSS, now);
    CHECK_INT(conn.cwnd, 10 * MSS);
}

TEST(a_loss_halves_what_is_on_its_way_but_leaves_two_segments)
{
    with_window(10 * MSS, 5 * MSS);
    conn.snd_max = seq_add(conn.snd_una, 12 * MSS); /* two by limited transmit */
    tcp_reno.reduce(&conn, false);
    CHECK_INT(conn.ssthresh, 5 * MSS);
    conn.snd_max = seq_add(conn.snd_una, 3 * MSS);
    tcp_reno.reduce(&conn, false);
    CHECK_INT(conn.ssthresh, 2 * MSS);
    conn.snd_max = conn.snd_una;
}

TEST_MAIN(TEST_OF(the_window_grows_by_a_segment_in_a_round_trip),
          TEST_OF(a_part_of_a_segment_in_the_window_does_not_hold_it_back),
          TEST_OF(slow_start_adds_a_segment_for_each_acknowledgement_and_not_more),
          TEST_OF(a_window_that_is_not_used_does_not_grow),
          TEST_OF(a_loss_halves_what_is_on_its_way_but_leaves_two_segments))
