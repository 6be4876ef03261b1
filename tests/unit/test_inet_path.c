/* SPDX-License-Identifier: ISC */
/* Paths that carry less than our link: RFC 1191, RFC 5927 7, RFC 4821. */
#include "net/tcp/core.h"
#include "tests/support/inet_world.h"

static uint8_t text[65536];
static struct peer p;
static struct tcp_conn *c;

/* One full segment is on its way to a far peer, whose way leads through a router. */
static void talks(void)
{
    begin();
    meet(1);
    listens(80, 4);
    peer_syn_mss = 1460;
    p = peer_of(1, 5000, 80);
    p.ip = ip4_of(10, 9, 0, 7);
    c = accepts(&p);
    CHECK_INT(c->mss, 1460);
    CHECK_INT(inet_tcp_write(in, c, bytes_of(text, 1460), now), 1460);
    flush();
    CHECK_STR(said(), "P. 80>7:5000(1460)@1");
}

/* The router cannot forward what begins with octet `seq`, of len octets. */
static void too_big(uint32_t seq, uint16_t len, uint16_t mtu)
{
    uint8_t quote[28];
    struct writer w = writer_of(quote, sizeof quote);
    ip4_print(&w, c->local.ip, c->peer.ip, IP4_TCP, len - 20U);
    write_u16(&w, c->local.port);
    write_u16(&w, c->peer.port);
    write_u32(&w, seq);
    struct icmp_message m = {ICMP_UNREACHABLE, ICMP_TOO_BIG, mtu,
                             bytes_of(quote, sizeof quote)};
    hears_icmp(1, &m);
    flush();
}

TEST(a_segment_too_big_for_the_path_goes_again_in_smaller_ones_at_once)
{
    talks();
    uint32_t cwnd = c->cwnd;
    too_big(c->snd_una.n, 1500, 1280);
    CHECK_INT(c->mss, 1240);
    CHECK_STR(said(), ". 80>7:5000(1240)@1 P. 80>7:5000(220)@1");
    CHECK_INT(c->cwnd, cwnd); /* it was no congestion */
    CHECK_INT(counter("icmp.path_mtu_lowered"), 1);
    CHECK_INT(counter("tcp.timeouts"), 0);
    end();
}

TEST(a_router_that_names_no_mtu_means_the_next_plateau)
{
    talks();
    too_big(c->snd_una.n, 1500, 0);
    CHECK_INT(c->mss, 1492 - 40);
    too_big(c->snd_una.n, 1492, 0);
    CHECK_INT(c->mss, 1006 - 40);
    end();
}

TEST(no_path_is_taken_for_less_than_552_octets)
{
    talks();
    too_big(c->snd_una.n, 1500, 68);
    CHECK_INT(c->mss, 552 - 40);
    too_big(c->snd_una.n, 552, 68);
    CHECK_INT(c->mss, 552 - 40);
    end();
}

/* RFC 5927 7.1: whoever does not see the traffic must guess the number, and gains little. */
TEST(what_quotes_no_octet_on_its_way_or_asks_for_more_is_ignored)
{
    talks();
    too_big(c->snd_una.n - 1, 1500, 600);
    too_big(c->snd_max.n, 1500, 600);
    CHECK_INT(counter("icmp.errors_not_in_flight"), 2);
    too_big(c->snd_una.n, 1500, 1500);
    too_big(c->snd_una.n, 1000, 1200); /* it was no longer than that */
    CHECK_INT(counter("icmp.path_mtu_ignored"), 2);
    CHECK_INT(c->mss, 1460);
    CHECK_STR(said(), "");
    end();
}

TEST(a_connection_to_the_same_host_begins_with_what_is_known_and_it_is_forgotten)
{
    talks();
    too_big(c->snd_una.n, 1500, 1280);
    said();
    struct peer q = p;
    q.port = 5001;
    q.seq = 1000;
    CHECK_INT(accepts(&q)->mss, 1240);
    struct peer other = q;
    other.ip.n++;
    CHECK_INT(accepts(&other)->mss, 1460);
    passes(INET_PATH_NS + SECOND);
    meet(1);
    q.port = 5002;
    q.seq = 1000;
    CHECK_INT(accepts(&q)->mss, 1460);
    end();
}

TEST(no_more_paths_are_remembered_than_there_is_room_for)
{
    talks();
    struct icmp_quote q = {.total_len = 1500};
    for (uint32_t i = 0; i < 10 * INET_PATHS_MAX; i++) {
        q.dst = (struct ip4){0x0a0a0000 + i};
        CHECK(path_too_big(in, &q, 1000 + i % 100, now + i));
    }
    for (uint32_t i = 0; i < 10 * INET_PATHS_MAX; i++) {
        bool known = i >= 9 * INET_PATHS_MAX;
        CHECK_INT(path_mtu(in, (struct ip4){0x0a0a0000 + i}, now),
                  known ? 1000 + i % 100 : 1500);
    }
    end();
}

/* RFC 4821 3: full segments vanish, and nobody says why. */
TEST(a_black_hole_is_found_by_time_outs_and_tried_again_later)
{
    talks();
    passes(2 * SECOND);
    CHECK_INT(c->mss, TCP_PATH_MTU_BASE - 40 - 12);
    CHECK_INT(counter("tcp.black_holes"), 1);
    said();
    passes(5 * SECOND);
    CHECK_INT(c->mss, TCP_PATH_MTU_MIN - 40 - 12);
    CHECK_INT(counter("tcp.black_holes"), 2);
    CHECK(strstr(said(), "(500)"));
    p.ack = c->snd_una.n + 1460;
    meet(1);
    peer_sends(&p, TCP_ACK, 0);
    CHECK_INT(c->mss, 500);
    passes(INET_PATH_NS);
    meet(1);
    said();
    CHECK_INT(inet_tcp_write(in, c, bytes_of(text, 100), now), 100);
    flush();
    peer_hears(&p);
    peer_sends(&p, TCP_ACK, 0);
    CHECK_INT(c->mss, 1460);
    CHECK_INT(counter("tcp.path_probes"), 1);
    end();
}

TEST(short_segments_that_are_lost_are_no_black_hole)
{
    begin();
    meet(7);
    listens(80, 4);
    peer_syn_mss = 1460;
    p = peer_of(7, 5000, 80);
    c = accepts(&p);
    CHECK_INT(inet_tcp_write(in, c, bytes_of(text, 100), now), 100);
    passes(20 * SECOND);
    CHECK_INT(c->mss, 1460);
    CHECK_INT(counter("tcp.black_holes"), 0);
    end();
}

/* The only one of a request, shorter than the longest allowed, longer than what passes. */
TEST(a_black_hole_for_a_single_segment_that_is_not_full_is_found)
{
    begin();
    meet(7);
    listens(80, 4);
    peer_syn_mss = 1460;
    p = peer_of(7, 5000, 80);
    c = accepts(&p);
    CHECK_INT(inet_tcp_write(in, c, bytes_of(text, 700), now), 700);
    passes(10 * SECOND);
    CHECK_INT(c->mss, TCP_PATH_MTU_MIN - 40 - 12);
    CHECK_INT(counter("tcp.black_holes"), 1);
    CHECK(strstr(said(), "(500)"));
    end();
}

/* ---- Datagrams -------------------------------------------------------------------------- */

static struct inet_udp *socket;
static const struct ip4_endpoint there = {{0x0a000007}, 53};

static int sends(size_t len)
{
    static const uint8_t octets[2000];
    return inet_udp_send(in, socket, there, bytes_of(octets, len), now);
}

static void binds(void)
{
    begin();
    meet(7);
    meet(1);
    CHECK_INT(inet_udp_bind(in, 99, NULL, &socket), 0);
}

/* The router cannot forward a datagram to `there`, whose packet has `len` octets. */
static void datagram_too_big(uint16_t len, uint16_t mtu)
{
    uint8_t quote[28];
    struct writer w = writer_of(quote, sizeof quote);
    ip4_print(&w, ip_of(2), there.ip, IP4_UDP, len - 20U);
    write_u16(&w, 99);
    write_u16(&w, 53);
    write_u32(&w, 0);
    struct icmp_message m = {ICMP_UNREACHABLE, ICMP_TOO_BIG, mtu,
                             bytes_of(quote, sizeof quote)};
    hears_icmp(1, &m);
}

TEST(a_datagram_too_long_for_the_path_is_told_and_later_ones_go_in_fragments)
{
    binds();
    CHECK_INT(sends(1000), 0);
    CHECK_STR(said(), "udp 99>7:53(1000)");
    datagram_too_big(1028, 600);
    CHECK_STR(said(), "<error 99 7:53 -90>");
    CHECK_INT(sends(1000), 0);
    CHECK_STR(said(), "fragment 7:0+576+ fragment 7:576+432");
    CHECK_INT(sends(572), 0);
    CHECK_STR(said(), "udp 99>7:53(572)");
    passes(INET_PATH_NS);
    meet(7);
    CHECK_INT(sends(1000), 0);
    CHECK_STR(said(), "udp 99>7:53(1000)");
    end();
}

TEST(a_datagram_that_is_to_go_whole_is_refused_when_the_path_does_not_take_it)
{
    binds();
    struct inet_udp_options options = {.whole = true};
    inet_udp_set(socket, &options);
    CHECK_INT(sends(1473), -EMSGSIZE);
    CHECK_INT(sends(1472), 0);
    datagram_too_big(1500, 600);
    CHECK_INT(sends(573), -EMSGSIZE);
    CHECK_INT(sends(572), 0);
    end();
}

TEST(what_is_not_about_the_last_long_datagram_of_the_socket_changes_no_path)
{
    binds();
    CHECK_INT(sends(10), 0);
    datagram_too_big(38, 30);
    datagram_too_big(1028, 600);
    CHECK_INT(sends(1000), 0);
    datagram_too_big(1027, 600);
    CHECK_INT(counter("icmp.errors_not_in_flight"), 3);
    CHECK_INT(counter("icmp.path_mtu_lowered"), 0);
    said();
    CHECK_INT(sends(1000), 0);
    CHECK_STR(said(), "udp 99>7:53(1000)");
    end();
}

TEST_MAIN(TEST_OF(a_segment_too_big_for_the_path_goes_again_in_smaller_ones_at_once),
          TEST_OF(a_router_that_names_no_mtu_means_the_next_plateau),
          TEST_OF(no_path_is_taken_for_less_than_552_octets),
          TEST_OF(what_quotes_no_octet_on_its_way_or_asks_for_more_is_ignored),
          TEST_OF(a_connection_to_the_same_host_begins_with_what_is_known_and_it_is_forgotten),
          TEST_OF(no_more_paths_are_remembered_than_there_is_room_for),
          TEST_OF(a_black_hole_is_found_by_time_outs_and_tried_again_later),
          TEST_OF(short_segments_that_are_lost_are_no_black_hole),
          TEST_OF(a_black_hole_for_a_single_segment_that_is_not_full_is_found),
          TEST_OF(a_datagram_too_long_for_the_path_is_told_and_later_ones_go_in_fragments),
          TEST_OF(a_datagram_that_is_to_go_whole_is_refused_when_the_path_does_not_take_it),
          TEST_OF(what_is_not_about_the_last_long_datagram_of_the_socket_changes_no_path))
