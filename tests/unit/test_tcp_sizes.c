/* SPDX-License-Identifier: ISC */
/* Buffers that grow as they are used, and do not when memory is short. */
#include "net/tcp/congestion.h"
#include "tests/support/tcp_text.h"

#define MOST (4U << 20)

static void starts_small(void)
{
    shared.receive_max = shared.send_max = MOST;
    fresh();
    shared.receive_first = shared.send_first = 65536;
    struct tcp_segment seg = segment_of("S 999(0) mss 1460 wscale 7");
    tcp_accept(&conn, &shared, &OPEN, &seg, now);
    sent();
    arrives(&conn, ". 1000(0) ack 5000");
    CHECK_INT(conn.in.max, 65536);
}

static void ends(void)
{
    tcp_free(&conn);
    conn.shared = NULL;
    shared.receive_max = shared.send_max = 0;
}

/* For so many milliseconds `len` octets arrive in each; the user reads them, or not. */
static void receives(unsigned ms, uint32_t len, bool read)
{
    char text[80];
    for (unsigned i = 0; i < ms; i++) {
        for (uint32_t left = len; left > 0; left -= 1024) {
            snprintf(text, sizeof text, ". %u(1024) ack 5000", conn.rcv_nxt.n);
            arrives(&conn, text);
        }
        if (read)
            take(len);
        sent();
        passes(TCP_MS);
    }
}

TEST(a_window_grows_while_the_user_takes_what_fills_it)
{
    starts_small();
    receives(100, 16384, true);
    CHECK(conn.in.max >= 128U << 10);
    receives(400, 48U << 10, true);
    CHECK(conn.in.max >= 512U << 10);
    CHECK(seq_diff(conn.rcv_adv, conn.rcv_nxt) >= (int32_t)(512U << 10));
    receives(1000, 256U << 10, true);
    CHECK_INT(conn.in.max, MOST);
    CHECK_INT(shared.counts.growths, 6);
    ends();
}

TEST(a_window_that_is_not_filled_does_not_grow)
{
    starts_small();
    receives(1000, 2048, true);
    CHECK_INT(conn.in.max, 65536);
    ends();
}

TEST(a_user_who_does_not_read_gets_no_larger_window)
{
    starts_small();
    receives(40, 1024, false);
    passes(TCP_SECOND);
    CHECK_INT(conn.in.max, 65536);
    ends();
}

TEST(with_half_of_the_memory_in_use_nothing_grows)
{
    starts_small();
    memory.limit = 16384;
    memory.used += 10000;
    receives(50, 8192, true);
    receives(50, 4096, true);
    CHECK_INT(conn.in.max, 65536);
    CHECK(shared.counts.growth_refused > 0);
    memory.used -= 10000;
    ends();
}

TEST(a_send_buffer_follows_the_congestion_window)
{
    starts_small();
    CHECK_INT(conn.out.ring.max, 65536);
    conn.snd_wnd = MOST;
    for (unsigned i = 0; i < 14; i++) {
        char text[80];
        conn.cwnd = tcp_min(conn.cwnd * 2, MOST);
        queue(1U << 19);
        sent();
        passes(10 * TCP_MS);
        snprintf(text, sizeof text, ". 1000(0) ack %u win 65535", conn.snd_max.n);
        arrives(&conn, text);
        CHECK(conn.out.ring.max >= tcp_min(conn.cwnd, MOST) || conn.out.ring.max == MOST);
    }
    CHECK(conn.out.ring.max >= 1U << 20);
    ends();
}

TEST_MAIN(TEST_OF(a_window_grows_while_the_user_takes_what_fills_it),
          TEST_OF(a_window_that_is_not_filled_does_not_grow),
          TEST_OF(a_user_who_does_not_read_gets_no_larger_window),
          TEST_OF(with_half_of_the_memory_in_use_nothing_grows),
          TEST_OF(a_send_buffer_follows_the_congestion_window))
