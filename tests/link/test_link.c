/* SPDX-License-Identifier: ISC */
/* The link itself: what it says it does to packets, it does, and so often; frames it changes
 * stay right; options mean what they say. */
#include "net/eth/eth.h"
#include "net/icmp/icmp.h"
#include "tests/check.h"
#include "tests/link/frame.h"
#include "tests/link/options.h"

#include <stdlib.h>

#define MS 1000000ULL

static struct rng rng;
static struct link l;

static void begin(const char *const *option)
{
    char error[LINK_ERROR_LEN];
    rng.s = 1;
    l = (struct link){.rng = &rng};
    for (; *option; option++)
        CHECK_INT(link_option(&l, *option, error), 0);
}
#define BEGIN(...) begin((const char *const[]){__VA_ARGS__, NULL})

static void send_number(int to, uint32_t n, uint64_t now)
{
    uint8_t octets[100] = {0};
    memcpy(octets, &n, sizeof n);
    link_send(&l, to, bytes_of(octets, sizeof octets), LINK_ECT0, now);
}

static struct link_packet taken;

static uint32_t take(void)
{
    uint32_t n = 0;
    taken = link_take(&l);
    memcpy(&n, taken.octets, taken.len < sizeof n ? taken.len : sizeof n);
    free(taken.octets);
    return n;
}

static unsigned take_all(void)
{
    unsigned n = 0;
    for (; link_next(&l) != UINT64_MAX; n++)
        take();
    link_end(&l);
    return n;
}

TEST(a_link_without_options_is_a_wire)
{
    BEGIN("delay=0ms");
    for (uint32_t i = 0; i < 1000; i++)
        send_number(1, i, 5);
    for (uint32_t i = 0; i < 1000; i++) {
        CHECK_INT(link_next(&l), 5);
        CHECK_INT(take(), i);
        CHECK_INT(taken.to, 1);
        CHECK_INT(taken.len, 100);
    }
    CHECK(link_next(&l) == UINT64_MAX);
    link_end(&l);
}

TEST(each_direction_has_a_delay_of_its_own)
{
    BEGIN("delay=20ms", "ba-delay=7ms");
    send_number(1, 1, 100);
    send_number(0, 2, 100);
    CHECK_INT(take(), 2);
    CHECK_INT(taken.at, 100 + 7 * MS);
    CHECK_INT(take(), 1);
    CHECK_INT(taken.at, 100 + 20 * MS);
    link_end(&l);
}

TEST(of_a_hundred_packets_one_is_lost)
{
    BEGIN("ab-loss=1%");
    for (uint32_t i = 0; i < 50000; i++)
        send_number(1, i, i);
    unsigned n = take_all();
    CHECK_INT(n + l.way[1].counts.lost, 50000);
    CHECK(l.way[1].counts.lost > 400 && l.way[1].counts.lost < 600);
}

/* Bursts of 5 in the mean: a loss is mostly followed by another. */
TEST(losses_come_in_bursts)
{
    unsigned lost = 0, followed = 0;
    bool before = false;
    BEGIN("burst=1%,20%,100%");
    for (uint32_t i = 0; i < 50000; i++) {
        uint64_t had = l.way[1].counts.lost_in_burst;
        send_number(1, i, i);
        bool now = l.way[1].counts.lost_in_burst > had;
        lost += now;
        followed += now && before;
        before = now;
    }
    take_all();
    CHECK(lost > 1800 && lost < 3000); /* 1/21 */
    CHECK(followed * 100 > lost * 75 && followed * 100 < lost * 85);
}

TEST(a_burst_does_not_outlast_a_second)
{
    BEGIN("burst=100%,0%,100%");
    send_number(1, 0, 0);
    l.way[1].burst_begins = 0;
    send_number(1, 1, LINK_BURST_MAX_NS - 1);
    CHECK_INT(l.way[1].counts.lost_in_burst, 2);
    send_number(1, 2, LINK_BURST_MAX_NS);
    CHECK_INT(take_all(), 1);
}

TEST(packets_come_twice)
{
    BEGIN("duplicate=10%");
    for (uint32_t i = 0; i < 10000; i++)
        send_number(0, i, i);
    unsigned n = take_all();
    CHECK_INT(n, 10000 + l.way[0].counts.doubled);
    CHECK(n > 10900 && n < 11300);
}

TEST(a_held_packet_is_overtaken)
{
    unsigned late = 0;
    BEGIN("reorder=5%,10us");
    for (uint32_t i = 0; i < 10000; i++)
        send_number(1, i, i * 1000ULL);
    for (uint32_t i = 0, last = 0; i < 10000; i++) {
        uint32_t n = take();
        late += n < last;
        last = n > last ? n : last;
    }
    link_end(&l);
    CHECK_INT(late, l.way[1].counts.held);
    CHECK(late > 400 && late < 600);
}

TEST(corruption_changes_one_bit_or_cuts_the_end_off_and_spares_what_is_sound)
{
    unsigned cut = 0, flipped = 0;
    uint8_t zeros[100] = {0};
    BEGIN("corrupt=100%");
    l.sound = 34;
    for (int i = 0; i < 1000; i++) {
        link_send(&l, 1, bytes_of(zeros, sizeof zeros), 0, 0);
        struct link_packet p = link_take(&l);
        unsigned bits = 0;
        for (uint32_t n = 0; n < p.len; n++)
            bits += (unsigned)__builtin_popcount(p.octets[n]);
        CHECK_MEM(p.octets, zeros, 34);
        CHECK(p.len == sizeof zeros ? bits == 1 : bits == 0 && p.len >= 34);
        cut += p.len < sizeof zeros;
        flipped += bits;
        free(p.octets);
    }
    link_end(&l);
    CHECK(cut > 100 && flipped > 700);
}

/* 100 octets at 8 kbit/s are 100 ms. */
TEST(the_bandwidth_spaces_packets_and_its_queue_is_bounded)
{
    BEGIN("rate=8kbit", "queue=250ms");
    for (uint32_t i = 0; i < 10; i++)
        send_number(1, i, 0);
    CHECK_INT(l.way[1].counts.queue_full, 7);
    for (uint32_t i = 0; i < 3; i++) {
        CHECK_INT(take(), i);
        CHECK_INT(taken.at, (i + 1) * 100 * MS);
    }
    send_number(1, 10, 1000 * MS);
    CHECK_INT(take(), 10);
    CHECK_INT(taken.at, 1100 * MS);
    link_end(&l);
}

TEST(packets_that_wait_are_marked_and_others_are_not)
{
    BEGIN("rate=8kbit", "queue=1s", "mark-above=150ms");
    for (uint32_t i = 0; i < 4; i++)
        send_number(1, i, 0);
    for (uint32_t i = 0; i < 4; i++) {
        CHECK_INT(take(), i);
        CHECK_INT(taken.ecn, i < 2 ? LINK_ECT0 : LINK_CE);
    }
    link_send(&l, 1, bytes_of("x", 1), LINK_NOT_ECT, 0);
    take_all();
    CHECK_INT(taken.ecn, LINK_NOT_ECT);
    CHECK_INT(l.way[1].counts.marked, 2);
}

TEST(when_too_many_are_on_their_way_further_ones_are_lost)
{
    BEGIN("delay=1s");
    for (uint32_t i = 0; i < LINK_PACKETS_MAX + 10; i++)
        send_number(1, i, i);
    CHECK_INT(l.way[1].counts.no_room, 10);
    CHECK_INT(take_all(), LINK_PACKETS_MAX);
}

TEST(the_same_packets_are_lost_whatever_else_happens)
{
    uint64_t sum[2] = {0};
    for (int k = 0; k < 2; k++) {
        BEGIN("loss=10%", k ? "jitter=1ms" : "delay=1ms");
        for (uint32_t i = 0; i < 1000; i++) {
            uint64_t had = l.way[1].counts.lost;
            send_number(1, i, i);
            sum[k] = sum[k] * 3 + (l.way[1].counts.lost > had);
        }
        take_all();
    }
    CHECK(sum[0] == sum[1]);
}

TEST(the_same_seed_does_the_same)
{
    uint64_t sum[2] = {0};
    for (int k = 0; k < 2; k++) {
        BEGIN("loss=10%", "duplicate=10%", "jitter=1ms", "corrupt=10%", "reorder=10%,1ms");
        for (uint32_t i = 0; i < 1000; i++)
            send_number(i % 2, i, i * 1000ULL);
        while (link_next(&l) != UINT64_MAX) {
            sum[k] = sum[k] * 31 + take();
            sum[k] = sum[k] * 31 + taken.at + taken.len;
        }
        link_end(&l);
    }
    CHECK(sum[0] == sum[1]);
}

/* ---- Frames -------------------------------------------------------------------------------
 */

static const struct eth_addr A = {{2, 0, 0, 0, 0, 1}}, B = {{2, 0, 0, 0, 0, 2}};
static const struct ip4 FROM = {0x0a000001}, TO = {0x0a000002};
static uint8_t frame[1514];

static struct bytes a_frame(uint8_t protocol, uint16_t fragment, uint8_t tos, size_t len)
{
    struct writer w = writer_of(frame, sizeof frame);
    struct ip4_head h = ip4_head_of(FROM, TO, protocol);
    h.fragment = fragment;
    h.tos = tos;
    eth_print(&w, &B, &A, ETH_IP4);
    ip4_print_head(&w, &h, len);
    memset(write_room(&w, len), 7, len);
    return bytes_of(frame, writer_len(&w));
}

static struct ip4_packet packet_in(const struct link_packet *p, const struct eth_addr *own)
{
    struct eth_frame f;
    struct ip4_packet ip;
    CHECK_INT(eth_parse(bytes_of(p->octets, p->len), own, &f), ETH_OK);
    CHECK_INT(ip4_parse(f.payload, NULL, &ip), IP4_OK);
    return ip;
}

TEST(a_marked_frame_keeps_a_right_checksum)
{
    BEGIN("mark=100%");
    l.frames = true;
    link_send(&l, 1, a_frame(IP4_TCP, IP4_DONT_FRAGMENT, LINK_ECT0, 100), 0, 0);
    struct link_packet p = link_take(&l);
    CHECK_INT(packet_in(&p, &B).tos, LINK_CE);
    free(p.octets);
    link_send(&l, 1, a_frame(IP4_TCP, IP4_DONT_FRAGMENT, LINK_NOT_ECT, 100), 0, 0);
    p = link_take(&l);
    CHECK_INT(packet_in(&p, &B).tos, LINK_NOT_ECT);
    free(p.octets);
    link_end(&l);
}

TEST(who_sends_too_long_a_packet_is_told_what_would_have_fitted)
{
    struct icmp_message m;
    struct icmp_quote q;
    BEGIN("delay=3ms", "mtu=1000,1s");
    l.frames = true;
    link_send(&l, 1, a_frame(IP4_TCP, IP4_DONT_FRAGMENT, 0, 1400), 0, 999 * MS);
    free(link_take(&l).octets);
    link_send(&l, 1, a_frame(IP4_TCP, IP4_DONT_FRAGMENT, 0, 980), 0, 1000 * MS);
    CHECK_INT(link_next(&l), 1003 * MS);
    free(link_take(&l).octets);
    link_send(&l, 1, a_frame(IP4_TCP, IP4_DONT_FRAGMENT, 0, 981), 0, 1000 * MS);
    struct link_packet p = link_take(&l);
    CHECK_INT(p.to, 0);
    struct ip4_packet ip = packet_in(&p, &A);
    CHECK(ip.src.n == TO.n && ip.dst.n == FROM.n && ip.protocol == IP4_ICMP);
    CHECK_INT(icmp_parse(ip.payload, &m), ICMP_OK);
    CHECK_INT(m.type, ICMP_UNREACHABLE);
    CHECK_INT(m.code, ICMP_TOO_BIG);
    CHECK_INT(m.rest, 1000);
    CHECK_INT(icmp_parse_quote(&m, &q), ICMP_OK);
    CHECK_INT(q.total_len, 1001);
    free(p.octets);
    CHECK_INT(l.way[1].counts.told_too_long, 1);
    CHECK_INT(take_all(), 0);
}

TEST(nobody_is_told_by_a_silent_link_or_of_fragments_and_errors)
{
    BEGIN("silent-mtu=1000");
    l.frames = true;
    link_send(&l, 1, a_frame(IP4_TCP, IP4_DONT_FRAGMENT, 0, 1400), 0, 0);
    l.way[1].silent = false;
    link_send(&l, 1, a_frame(IP4_UDP, 0, 0, 1400), 0, 0);
    a_frame(IP4_ICMP, IP4_DONT_FRAGMENT, 0, 1400);
    frame[34] = ICMP_UNREACHABLE;
    link_send(&l, 1, bytes_of(frame, 1434), 0, 0);
    CHECK_INT(take_all(), 0);
    CHECK_INT(l.way[1].counts.too_long, 3);
    CHECK_INT(l.way[1].counts.told_too_long, 0);
}

TEST(frames_of_every_length_and_kind_pass)
{
    BEGIN("mark=100%", "mtu=68");
    l.frames = true;
    a_frame(IP4_TCP, IP4_DONT_FRAGMENT, LINK_ECT0, 100);
    frame[14] = 0x4f; /* a header with options, not all of which may be there */
    for (size_t len = 0; len <= 114; len++) {
        uint8_t *exact = malloc(len ? len : 1);
        memcpy(exact, frame, len);
        link_send(&l, 1, bytes_of(exact, len), 0, 0);
        free(exact);
    }
    frame[12] = 0x86; /* IPv6: nothing that is known here */
    link_send(&l, 1, bytes_of(frame, 114), 0, 0);
    CHECK(take_all() > 0);
}

/* ---- Options ------------------------------------------------------------------------------
 */

TEST(options_say_what_is_wrong_with_them)
{
    static const char *const bad[][2] = {
        {"los=1%", "there is no option 'los=1%': see --help"},
        {"loss", "'loss' cannot be: say loss=1%"},
        {"loss=", "'loss=' cannot be: say loss=1%"},
        {"loss=1", "'loss=1' cannot be: say loss=1%"},
        {"loss=-1%", "'loss=-1%' cannot be: say loss=1%"},
        {"loss=101%", "'loss=101%' cannot be: say loss=1%"},
        {"loss=1%,", "'loss=1%,' cannot be: say loss=1%"},
        {"loss=1%,2%", "'loss=1%,2%' cannot be: say loss=1%"},
        {"loss=nan%", "'loss=nan%' cannot be: say loss=1%"},
        {"ab-delay=20", "'ab-delay=20' cannot be: say delay=20ms"},
        {"burst=1%,20%", "'burst=1%,20%' cannot be: say burst=0.1%,20%,100%"},
        {"rate=0mbit", "'rate=0mbit' cannot be: say rate=100mbit"},
        {"rate=5mbyte", "'rate=5mbyte' cannot be: say rate=100mbit"},
        {"duplicate=100%", "'duplicate=100%' cannot be: say duplicate=1% (50% at most)"},
        {"mtu=67", "'mtu=67' cannot be: say mtu=1400 or 1400,10s"},
        {"mtu=1400,", "'mtu=1400,' cannot be: say mtu=1400 or 1400,10s"},
    };
    char error[LINK_ERROR_LEN];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        l = (struct link){0};
        CHECK_INT(link_option(&l, bad[i][0], error), -1);
        CHECK_STR(error, bad[i][1]);
    }
}

TEST(options_are_about_both_directions_or_one)
{
    BEGIN("burst=0.1%,20%,50%", "ab-rate=100mbit", "ba-silent-mtu=1400,2s", "mark=2.5%");
    CHECK_INT(l.way[0].burst_begins, 1000);
    CHECK_INT(l.way[1].burst_ends, 200000);
    CHECK_INT(l.way[1].burst_loss, 500000);
    CHECK_INT(l.way[0].octets_per_s, 0);
    CHECK_INT(l.way[1].octets_per_s, 12500000);
    CHECK_INT(l.way[1].queue_ns, 100 * MS);
    CHECK_INT(l.way[0].mtu, 1400);
    CHECK_INT(l.way[0].mtu_from, 2000 * MS);
    CHECK(l.way[0].silent);
    CHECK_INT(l.way[1].mtu, 0);
    CHECK_INT(l.way[1].marking, 25000);
}

TEST_MAIN(TEST_OF(a_link_without_options_is_a_wire),
          TEST_OF(each_direction_has_a_delay_of_its_own),
          TEST_OF(of_a_hundred_packets_one_is_lost), TEST_OF(losses_come_in_bursts),
          TEST_OF(a_burst_does_not_outlast_a_second), TEST_OF(packets_come_twice),
          TEST_OF(a_held_packet_is_overtaken),
          TEST_OF(corruption_changes_one_bit_or_cuts_the_end_off_and_spares_what_is_sound),
          TEST_OF(the_bandwidth_spaces_packets_and_its_queue_is_bounded),
          TEST_OF(packets_that_wait_are_marked_and_others_are_not),
          TEST_OF(when_too_many_are_on_their_way_further_ones_are_lost),
          TEST_OF(the_same_packets_are_lost_whatever_else_happens),
          TEST_OF(the_same_seed_does_the_same), TEST_OF(a_marked_frame_keeps_a_right_checksum),
          TEST_OF(who_sends_too_long_a_packet_is_told_what_would_have_fitted),
          TEST_OF(nobody_is_told_by_a_silent_link_or_of_fragments_and_errors),
          TEST_OF(frames_of_every_length_and_kind_pass),
          TEST_OF(options_say_what_is_wrong_with_them),
          TEST_OF(options_are_about_both_directions_or_one))
