/* SPDX-License-Identifier: ISC */
/* CUBIC (RFC 9438) against its formulas in floating point, and HyStart++ (RFC 9406). */
#include "net/tcp/congestion.h"
#include "tests/support/tcp_text.h"

#define MSS 1460U

TEST(the_cube_root_is_exact)
{
    for (uint64_t r = 0; r < 3000; r++) {
        CHECK_INT(tcp_cube_root(r * r * r), r);
        CHECK_INT(tcp_cube_root((r + 1) * (r + 1) * (r + 1) - 1), r);
    }
    CHECK_INT(tcp_cube_root(UINT64_MAX), 2642245);
    CHECK_INT(tcp_cube_root(2642245ULL * 2642245 * 2642245), 2642245);
    CHECK_INT(tcp_cube_root(2642245ULL * 2642245 * 2642245 - 1), 2642244);
}

/* A connection in congestion avoidance with that window; round trips of rtt_ns. */
static void with_window(uint32_t segments, uint64_t rtt_ns)
{
    establish();
    conn.congestion = &tcp_cubic;
    tcp_cubic.begin(&conn);
    conn.mss = MSS;
    conn.cwnd = segments * MSS;
    conn.ssthresh = conn.cwnd;
    conn.srtt_ns = rtt_ns;
    conn.cubic.grown_at = now;
}

/* A loss, as fast recovery leaves it behind. */
static void loses(void)
{
    conn.snd_una = conn.snd_nxt;
    conn.snd_max = seq_add(conn.snd_una, conn.cwnd);
    tcp_cubic.reduce(&conn, false);
    conn.cwnd = conn.ssthresh;
    conn.snd_max = conn.snd_una;
    conn.cubic.grown_at = now;
}

/* One round trip with a full window, an acknowledgement for every second segment. */
static void round_trip(uint64_t rtt_ns)
{
    uint32_t n = conn.cwnd / MSS;
    for (uint32_t i = 0; i < n; i += 2) {
        now += rtt_ns * 2 / n;
        tcp_cubic.grow(&conn, 2 * MSS, conn.cwnd, now);
    }
}

static double segments(void)
{
    return (double)conn.cwnd / MSS;
}

/* RFC 9438 4.2, figures 1 and 2. */
static double w_cubic(double t, double w_max, double cwnd_epoch)
{
    double k3 = (w_max - cwnd_epoch) / 0.4, k = 1;
    for (int i = 0; i < 200; i++)
        k -= (k * k * k - k3) / (3 * k * k);
    return 0.4 * (t - k) * (t - k) * (t - k) + w_max;
}

#define CHECK_NEAR(is, want, percent)                                                          \
    do {                                                                                       \
        double is_ = (is), want_ = (want);                                                     \
        if (is_ < want_ * (1 - (percent) / 100.0) || is_ > want_ * (1 + (percent) / 100.0))    \
            test_failed(__FILE__, __LINE__, "%s is %f and should be near %f", #is, is_,        \
                        want_);                                                                \
    } while (0)

TEST(the_window_follows_the_cubic_function_after_a_loss)
{
    const uint64_t rtt = 100 * TCP_MS;
    with_window(1000, rtt);
    loses();
    CHECK_NEAR(segments(), 700, 0.1);
    uint64_t began = now;
    round_trip(rtt);
    began += rtt * 2 / 700; /* the first acknowledgement began the epoch */
    while (now - began < 15 * TCP_SECOND) {
        double t = (double)(now - began) / 1e9;
        CHECK_NEAR(segments(), w_cubic(t, 1000, 700), 1.5);
        round_trip(rtt);
    }
    CHECK(conn.cwnd > 1050 * MSS); /* beyond W_max: K was 9.1 s */
}

TEST(a_window_of_another_segment_size_follows_it_too)
{
    const uint64_t rtt = 50 * TCP_MS;
    with_window(4000, rtt);
    loses();
    uint64_t began = now + rtt * 2 / 2800;
    while (now < began + 20 * TCP_SECOND) {
        round_trip(rtt);
        CHECK_NEAR(segments(), w_cubic((double)(now - began) / 1e9, 4000, 2800), 1.5);
    }
}

/* RFC 9438 4.3: alpha is 9/17 until the old window is reached. */
TEST(where_reno_would_be_faster_the_window_is_reno_s)
{
    const uint64_t rtt = 1 * TCP_MS;
    with_window(40, rtt);
    loses();
    CHECK_NEAR(segments(), 28, 0.1);
    double est = 28;
    for (unsigned i = 0; i < 60; i++) {
        round_trip(rtt);
        est += est < 40 ? 9.0 / 17 : 1;
    }
    CHECK_NEAR(segments(), est, 5);
}

/* RFC 9438 4.7: 0.85 of the window at the loss. */
TEST(a_window_that_has_become_smaller_makes_room_for_others)
{
    with_window(1000, 100 * TCP_MS);
    loses();
    CHECK_INT(conn.cubic.w_max, 1000 * MSS);
    conn.cwnd = 800 * MSS;
    loses();
    CHECK_NEAR((double)conn.cubic.w_max / MSS, 680, 0.1);
    CHECK_NEAR(segments(), 560, 0.1);
}

TEST(a_time_out_makes_the_curve_begin_flat)
{
    with_window(100, 100 * TCP_MS);
    conn.snd_max = seq_add(conn.snd_una, conn.cwnd);
    tcp_cubic.reduce(&conn, true);
    conn.snd_max = conn.snd_una;
    CHECK_INT(conn.ssthresh, 70 * MSS);
    conn.cwnd = conn.ssthresh;
    tcp_cubic.grow(&conn, MSS, conn.cwnd, now);
    CHECK_INT(conn.cubic.k_ticks, 0);
    CHECK_INT(conn.cubic.w_max, 70 * MSS);
}

TEST(never_more_than_half_of_the_window_is_added_in_a_round_trip)
{
    const uint64_t rtt = 1000 * TCP_MS;
    with_window(100, rtt);
    conn.cubic.w_max = 100000 * MSS; /* far off: the function is steep */
    for (unsigned i = 0; i < 10; i++) {
        uint32_t before = conn.cwnd;
        round_trip(rtt);
        CHECK(conn.cwnd <= before / 100 * 166); /* compounded once for each acknowledgement */
    }
}

TEST(a_window_that_is_not_used_does_not_grow_and_time_stands_still)
{
    const uint64_t rtt = 100 * TCP_MS;
    with_window(1000, rtt);
    loses();
    round_trip(rtt);
    round_trip(rtt);
    uint32_t before = conn.cwnd;
    uint64_t t = now - conn.cubic.epoch_at;
    for (unsigned i = 0; i < 100; i++) {
        conn.snd_una = conn.snd_nxt = conn.snd_max = seq_add(conn.snd_max, MSS);
        now += TCP_SECOND;
        tcp_cubic.grow(&conn, MSS, 10 * MSS, now);
    }
    /* The first two end the round trips in which it was used. */
    CHECK(conn.cwnd <= before + 20 * MSS);
    CHECK(now - conn.cubic.epoch_at <= t + 3 * TCP_SECOND);
}

TEST(an_idle_connection_begins_again_with_ten_segments_and_soon_has_its_window_back)
{
    with_window(1000, 100 * TCP_MS);
    loses();
    round_trip(100 * TCP_MS);
    conn.ssthresh = 100 * MSS;
    uint32_t before = conn.cwnd;
    now += 100 * TCP_SECOND;
    tcp_cubic.idled(&conn, now);
    CHECK_INT(conn.cwnd, 10 * MSS);
    CHECK_INT(conn.ssthresh, before / 4 * 3);
    CHECK(now - conn.cubic.epoch_at <= 100 * TCP_MS);
}

/* ---- HyStart++ ------------------------------------------------------------------------- */

static void starts(void)
{
    establish();
    conn.congestion = &tcp_cubic;
    tcp_cubic.begin(&conn);
}

/* A round trip in slow start, every segment acknowledged, each after rtt_ms; what that lets go
 * is sent at once. */
static void starting_round(unsigned rtt_ms)
{
    struct seq end = seq_add(conn.snd_una, conn.cwnd);
    conn.snd_max = seq_later(conn.snd_max, end);
    while (seq_lt(conn.snd_una, end)) {
        uint32_t flight = tcp_flight(&conn);
        conn.snd_una = seq_add(conn.snd_una, MSS);
        tcp_cubic.timed(&conn, rtt_ms * TCP_MS);
        now += rtt_ms * TCP_MS * MSS / flight;
        tcp_cubic.grow(&conn, MSS, flight, now);
        conn.snd_nxt = conn.snd_max = seq_add(conn.snd_una, conn.cwnd);
    }
}

TEST(slow_start_doubles_the_window_while_round_trips_stay_short)
{
    starts();
    for (unsigned i = 0; i < 5; i++)
        starting_round(50);
    CHECK(conn.cwnd >= 10U * MSS << 5);
    CHECK_INT(conn.ssthresh, TCP_CWND_MAX);
}

/* RFC 9406 4.2: an eighth longer, a quarter of the growth, for five round trips. */
TEST(slow_start_ends_when_round_trips_grow_longer)
{
    starts();
    starting_round(50);
    starting_round(50);
    starting_round(50);
    uint32_t before = conn.cwnd;
    starting_round(60);
    CHECK(conn.cubic.css);
    CHECK(conn.cwnd < 2 * before);
    for (unsigned i = 0; i < 5; i++)
        starting_round(60);
    CHECK(!conn.cubic.css);
    CHECK(conn.ssthresh <= conn.cwnd);
    before = conn.cwnd;
    starting_round(60);
    CHECK(conn.cwnd < before + before / 10);
}

TEST(a_round_trip_that_was_only_late_once_does_not_end_slow_start)
{
    starts();
    starting_round(50);
    starting_round(50);
    starting_round(50);
    starting_round(60);
    CHECK(conn.cubic.css);
    starting_round(50);
    starting_round(50);
    CHECK(!conn.cubic.css);
    CHECK_INT(conn.ssthresh, TCP_CWND_MAX);
}

TEST(a_few_milliseconds_more_are_no_queue)
{
    starts();
    starting_round(5);
    starting_round(8);
    starting_round(11);
    CHECK(!conn.cubic.css);
}

TEST(one_acknowledgement_of_very_much_adds_eight_segments_at_most)
{
    starts();
    conn.cwnd = 100 * MSS;
    tcp_cubic.grow(&conn, 100 * MSS, conn.cwnd, now);
    CHECK_INT(conn.cwnd, 108 * MSS);
}

TEST(a_window_grows_to_its_limit_and_no_further)
{
    with_window(1, 100 * TCP_MS);
    conn.cwnd = TCP_CWND_MAX - 10;
    for (unsigned i = 0; i < 100; i++) {
        now += TCP_SECOND * 1000;
        tcp_cubic.grow(&conn, TCP_CWND_MAX, TCP_CWND_MAX, now);
        CHECK(conn.cwnd <= TCP_CWND_MAX);
    }
    CHECK_INT(conn.cwnd, TCP_CWND_MAX);
}

TEST(cubic_is_what_a_connection_begins_with_unless_another_is_asked_for)
{
    congestion = NULL;
    establish();
    CHECK(conn.congestion == &tcp_cubic);
    congestion = &tcp_reno;
    establish();
    CHECK(conn.congestion == &tcp_reno);
}

TEST_MAIN(
    TEST_OF(the_cube_root_is_exact),
    TEST_OF(the_window_follows_the_cubic_function_after_a_loss),
    TEST_OF(a_window_of_another_segment_size_follows_it_too),
    TEST_OF(where_reno_would_be_faster_the_window_is_reno_s),
    TEST_OF(a_window_that_has_become_smaller_makes_room_for_others),
    TEST_OF(a_time_out_makes_the_curve_begin_flat),
    TEST_OF(never_more_than_half_of_the_window_is_added_in_a_round_trip),
    TEST_OF(a_window_that_is_not_used_does_not_grow_and_time_stands_still),
    TEST_OF(an_idle_connection_begins_again_with_ten_segments_and_soon_has_its_window_back),
    TEST_OF(slow_start_doubles_the_window_while_round_trips_stay_short),
    TEST_OF(slow_start_ends_when_round_trips_grow_longer),
    TEST_OF(a_round_trip_that_was_only_late_once_does_not_end_slow_start),
    TEST_OF(a_few_milliseconds_more_are_no_queue),
    TEST_OF(one_acknowledgement_of_very_much_adds_eight_segments_at_most),
    TEST_OF(a_window_grows_to_its_limit_and_no_further),
    TEST_OF(cubic_is_what_a_connection_begins_with_unless_another_is_asked_for))
