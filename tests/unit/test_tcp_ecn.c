/* SPDX-License-Identifier: ISC */
/* Explicit congestion notification: RFC 3168. In these tests flags have E (ECE) and W (CWR) as
 * tcpdump prints them, and "ce" or "ect" behind a segment is what its packet says. */
#include "tests/support/tcp_text.h"

static char text[4096];

/* What we send, one after another. */
static const char *says(void)
{
    struct tcp_segment seg;
    size_t n = 0;
    text[0] = 0;
    while (tcp_next_segment(&conn, now, &seg)) {
        static const char letters[] = "FSRP.UEW";
        char flags[9], *f = flags;
        for (unsigned i = 0; i < 8; i++)
            if (seg.flags & 1U << i)
                *f++ = letters[i];
        *f = 0;
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s(%u)%s", n ? " " : "", flags,
                              seg.text_len, seg.ecn == TCP_ECN_ECT0 ? " ect" : "");
        tcp_check(&conn);
    }
    return text;
}

static const char *hears(const char *segment, uint8_t flags, uint8_t ecn)
{
    struct tcp_segment seg = segment_of(segment);
    struct tcp_out out = {0};
    seg.flags |= flags;
    seg.ecn = ecn;
    tcp_arrives(&conn, &seg, now, &out);
    return says();
}

static void accepts_ecn(void)
{
    fresh();
    struct tcp_segment seg = segment_of("S 999(0) mss 1460");
    seg.flags |= TCP_ECE | TCP_CWR;
    tcp_accept(&conn, &shared, &OPEN, &seg, now);
    CHECK_STR(says(), "S.E(0)");
    CHECK_STR(hears(". 1000(0) ack 5000", 0, 0), "");
    CHECK(conn.ecn);
}

static const char *connects_ecn(void)
{
    fresh();
    shared.ecn = true;
    tcp_connect(&conn, &shared, &OPEN, now);
    return says();
}

TEST(who_asks_for_it_gets_it)
{
    accepts_ecn();
    establish();
    CHECK(!conn.ecn);
}

TEST(we_ask_for_it_and_take_the_answer)
{
    CHECK_STR(connects_ecn(), "SEW(0)");
    CHECK_STR(hears("S. 999(0) ack 5000 mss 1460", TCP_ECE, 0), ".(0)");
    CHECK(conn.ecn);
    connects_ecn();
    hears("S. 999(0) ack 5000 mss 1460", 0, 0);
    CHECK(!conn.ecn);
}

/* RFC 3168 6.1.1: a SYN,ACK with both is one that only reflects what it got. */
TEST(an_answer_that_only_reflects_the_bits_is_none)
{
    connects_ecn();
    hears("S. 999(0) ack 5000 mss 1460", TCP_ECE | TCP_CWR, 0);
    CHECK(!conn.ecn);
}

/* 6.1.1.1: something on the path may drop SYNs that ask. */
TEST(a_syn_that_is_sent_again_does_not_ask_any_more)
{
    struct tcp_out out = {0};
    connects_ecn();
    now += TCP_SECOND;
    tcp_expires(&conn, now, &out);
    CHECK_STR(says(), "S(0)");
    hears("S. 999(0) ack 5000 mss 1460", 0, 0);
    CHECK(!conn.ecn);
}

TEST(without_being_asked_nobody_is_told_of_it)
{
    connects();
    hears("S. 999(0) ack 5000 mss 1460", TCP_ECE, 0);
    CHECK(!conn.ecn);
}

TEST(new_text_may_be_marked_and_nothing_else)
{
    struct tcp_out out = {0};
    accepts_ecn();
    CHECK_INT(queue(100), 100);
    CHECK_STR(says(), "P.(100) ect");
    now += 2 * TCP_SECOND;
    tcp_expires(&conn, now, &out);
    CHECK_STR(says(), "P.(100)"); /* again */
    CHECK_STR(hears("P. 1000(3000) ack 5100", 0, 0), ".(0)");
    establish();
    CHECK_INT(queue(100), 100);
    CHECK_STR(says(), "P.(100)"); /* not agreed upon */
}

TEST(a_mark_is_told_until_the_peer_says_that_it_has_slowed_down)
{
    accepts_ecn();
    CHECK_STR(hears("P. 1000(100) ack 5000", 0, TCP_ECN_CE), ".E(0)");
    CHECK_STR(hears(". 1100(3000) ack 5000", 0, TCP_ECN_ECT0), ".E(0)");
    CHECK_INT(queue(10), 10);
    CHECK_STR(says(), "P.E(10) ect");
    CHECK_STR(hears(". 4100(3000) ack 5010", TCP_CWR, TCP_ECN_ECT0), ".(0)");
    CHECK_STR(hears(". 7100(3000) ack 5010", TCP_CWR, TCP_ECN_CE), ".E(0)"); /* a new one */
    CHECK_INT(shared.counts.marks_in, 2);
}

TEST(marks_without_agreement_and_on_empty_segments_mean_nothing)
{
    establish();
    hears("P. 1000(100) ack 5000", 0, TCP_ECN_CE);
    CHECK(!conn.ecn_echo);
    accepts_ecn();
    hears(". 1000(0) ack 5000", 0, TCP_ECN_CE);
    CHECK(!conn.ecn_echo);
}

TEST(an_echo_reduces_the_window_once_and_is_answered_with_new_text)
{
    accepts_ecn();
    CHECK_INT(queue(14600), 14600);
    says();
    CHECK_INT(conn.cwnd, 14600);
    CHECK_STR(hears(". 1000(0) ack 6460", TCP_ECE, 0), "");
    CHECK_INT(conn.ssthresh, 7300);
    uint32_t cwnd = conn.cwnd;
    CHECK(cwnd <= 7300 + 1460);
    hears(". 1000(0) ack 7920", TCP_ECE, 0);
    hears(". 1000(0) ack 19600", TCP_ECE, 0); /* the same window still */
    CHECK_INT(conn.ssthresh, 7300);
    CHECK_INT(shared.counts.echoes_in, 1);
    CHECK_INT(shared.counts.retransmits, 0);
    CHECK_INT(queue(2000), 2000);
    CHECK_STR(says(), ".W(1460) ect P.(540) ect");
    hears(". 1000(0) ack 21600", TCP_ECE, 0);
    CHECK_INT(shared.counts.echoes_in, 2);
}

TEST(a_loss_is_told_too)
{
    struct tcp_out out = {0};
    accepts_ecn();
    CHECK_INT(queue(1000), 1000);
    says();
    now += TCP_SECOND;
    tcp_expires(&conn, now, &out);
    CHECK_STR(says(), "P.(1000)");
    hears(". 1000(0) ack 6000", 0, 0);
    CHECK_INT(queue(1000), 1000);
    CHECK_STR(says(), "P.W(1000) ect");
}

TEST_MAIN(TEST_OF(who_asks_for_it_gets_it), TEST_OF(we_ask_for_it_and_take_the_answer),
          TEST_OF(an_answer_that_only_reflects_the_bits_is_none),
          TEST_OF(a_syn_that_is_sent_again_does_not_ask_any_more),
          TEST_OF(without_being_asked_nobody_is_told_of_it),
          TEST_OF(new_text_may_be_marked_and_nothing_else),
          TEST_OF(a_mark_is_told_until_the_peer_says_that_it_has_slowed_down),
          TEST_OF(marks_without_agreement_and_on_empty_segments_mean_nothing),
          TEST_OF(an_echo_reduces_the_window_once_and_is_answered_with_new_text),
          TEST_OF(a_loss_is_told_too))
