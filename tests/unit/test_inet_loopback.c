/* SPDX-License-Identifier: ISC */
/* What an inet sends to itself: by 127/8 and by its own addresses; nothing of it may reach the
 * device. And what the network says about datagrams, which is quickest to provoke here. */
#include "tests/support/inet_world.h"

static const struct ip4 loopback = {0x7f000001};

/* Turns until nothing more happens at once. */
static void turns(void)
{
    for (unsigned i = 0; i < 10000 && inet_next(in) <= now; i++) {
        inet_check(in);
        flush();
    }
    CHECK(inet_next(in) > now);
}

static void connects_to(struct ip4 ip, uint32_t offloads)
{
    struct inet_config cfg = config_of();
    cfg.offloads = offloads;
    begin_with(&cfg);
    listens(80, 4);
    uint64_t before = frames_sent;
    struct tcp_conn *c = NULL, *s = NULL;
    CHECK_INT(inet_connect(in, (struct ip4_endpoint){ip, 80}, &an_owner, now, &c), 0);
    turns();
    CHECK_STR(said(), "<established> <acceptable 80>");
    s = inet_accept(in, listener, &an_owner);
    CHECK(s && s != c);
    CHECK_INT(inet_tcp_local(s).ip.n, ip.n);
    CHECK_INT(inet_tcp_peer(s).port, inet_tcp_local(c).port);
    static uint8_t text[50000], got[50000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i * 31 >> 3);
    size_t sent = 0, read = 0;
    for (unsigned i = 0; i < 1000 && read < sizeof text; i++) {
        sent += inet_tcp_write(in, c, bytes_of(text + sent, sizeof text - sent), now);
        turns();
        read += inet_tcp_read(in, s, got + read, sizeof got - read, now);
        turns();
        passes(SECOND / 20);
    }
    CHECK_INT(read, sizeof text);
    CHECK_MEM(got, text, sizeof text);
    inet_tcp_close(in, &c, now);
    turns();
    inet_tcp_close(in, &s, now);
    turns();
    CHECK_INT(frames_sent, before);
    CHECK(!strstr(said(), "who-has"));
    end();
}

TEST(a_connection_to_127_0_0_1_stays_here)
{
    connects_to(loopback, 0);
}

TEST(a_connection_to_our_own_address_stays_here)
{
    connects_to(ip_of(2), 0);
}

TEST(a_connection_to_ourselves_does_not_count_on_what_the_device_would_do)
{
    connects_to(loopback, OFFLOAD_CSUM | OFFLOAD_TSO4);
}

/* A full segment needs a block to stand in until it arrives. */
TEST(a_segment_to_ourselves_for_which_there_is_no_memory_is_sent_later)
{
    static uint8_t text[4000], got[4000];
    begin();
    listens(80, 4);
    struct tcp_conn *c = NULL, *s = NULL;
    CHECK_INT(inet_connect(in, (struct ip4_endpoint){loopback, 80}, &an_owner, now, &c), 0);
    turns();
    s = inet_accept(in, listener, &an_owner);
    CHECK_INT(inet_tcp_write(in, c, bytes_of(text, sizeof text), now), sizeof text);
    buffers.grants = 0;
    turns();
    CHECK_INT(inet_tcp_read(in, s, got, sizeof got, now), 0);
    buffers.grants = -1;
    size_t read = 0;
    for (unsigned i = 0; i < 100 && read < sizeof text; i++) {
        passes(SECOND / 20);
        turns();
        read += inet_tcp_read(in, s, got, sizeof got, now);
    }
    CHECK_INT(read, sizeof text);
    end();
}

TEST(a_connection_to_a_port_nobody_listens_at_is_refused)
{
    begin();
    struct tcp_conn *c = NULL;
    CHECK_INT(inet_connect(in, (struct ip4_endpoint){loopback, 81}, &an_owner, now, &c), 0);
    turns();
    CHECK_STR(said(), "<ended -111>");
    end();
}

TEST(a_datagram_to_ourselves_arrives_whatever_its_length)
{
    begin();
    static const uint8_t text[UDP_TEXT_MAX] = {1};
    struct inet_udp *u = NULL, *v = NULL;
    uint64_t before = frames_sent;
    CHECK_INT(inet_udp_bind_at(in, (struct ip4_endpoint){loopback, 53}, NULL, &u), 0);
    CHECK_INT(inet_udp_bind(in, 54, NULL, &v), 0);
    struct ip4_endpoint to = {loopback, 53};
    CHECK_INT(inet_udp_send(in, v, to, bytes_of(text, 5), now), 0);
    CHECK_STR(said(), ""); /* not from inside the call */
    turns();
    CHECK_STR(said(), "<datagram 53 1:54(5)>");
    CHECK_INT(inet_udp_send(in, v, to, bytes_of(text, sizeof text), now), 0);
    turns();
    CHECK_STR(said(), "<datagram 53 1:54(65507)>");
    to = (struct ip4_endpoint){ip_of(2), 54};
    CHECK_INT(inet_udp_send(in, v, to, bytes_of(text, 5), now), 0);
    turns();
    CHECK_STR(said(), "<datagram 54 2:54(5)>");
    CHECK_INT(frames_sent, before);
    CHECK_INT(counter("ip4.looped"), 3);
    end();
}

TEST(loopback_addresses_do_not_leave_nor_come_in)
{
    begin();
    meet(7);
    struct inet_udp *u = NULL;
    CHECK_INT(inet_udp_bind_at(in, (struct ip4_endpoint){loopback, 53}, NULL, &u), 0);
    CHECK_INT(inet_udp_send(in, u, (struct ip4_endpoint){ip_of(7), 53}, bytes_of("", 0), now),
              -EADDRNOTAVAIL);
    hears_at = loopback;
    hears_udp(7, 99, 53, 5);
    CHECK_INT(counter("ip4.to_loopback"), 1);
    hears_at = ip_of(2);
    static const uint8_t text[8];
    hears(in_frame, packet_frame(7, loopback, IP4_UDP, text, sizeof text));
    CHECK_INT(counter("ip4.source_loopback"), 1);
    CHECK_STR(said(), "");
    end();
}

TEST(packets_to_ourselves_have_a_limit)
{
    begin();
    static const uint8_t text[60000];
    struct inet_udp *u = NULL;
    CHECK_INT(inet_udp_bind(in, 53, NULL, &u), 0);
    struct ip4_endpoint to = {loopback, 53};
    for (unsigned i = 0; i < 4; i++)
        CHECK_INT(inet_udp_send(in, u, to, bytes_of(text, sizeof text), now), 0);
    CHECK_INT(inet_udp_send(in, u, to, bytes_of(text, sizeof text), now), -EAGAIN);
    CHECK_INT(counter("ip4.loop_full"), 1);
    turns();
    buffers.grants = 0;
    CHECK_INT(inet_udp_send(in, u, to, bytes_of(text, 5), now), -EAGAIN);
    end();
}

TEST(two_sockets_that_answer_each_other_for_ever_do_not_stop_the_rest)
{
    begin();
    struct inet_udp *u = NULL;
    CHECK_INT(inet_udp_bind(in, 53, NULL, &u), 0);
    struct ip4_endpoint to = {loopback, 53};
    CHECK_INT(inet_udp_send(in, u, to, bytes_of("a", 1), now), 0);
    CHECK(inet_next(in) <= now);
    CHECK_INT(inet_udp_send(in, u, to, bytes_of("b", 1), now), 0);
    flush();
    CHECK_STR(said(), "<datagram 53 1:53(1)> <datagram 53 1:53(1)>");
    end();
}

/* ---- Errors about datagrams ------------------------------------------------------------ */

/* A host says that our datagram from port 53 to its port 99 met with an error. */
static void hears_error(uint8_t type, uint8_t code, unsigned about_host)
{
    uint8_t quote[64];
    struct writer w = writer_of(quote, sizeof quote);
    ip4_print(&w, ip_of(2), ip_of(about_host), IP4_UDP, 8);
    udp_print(&w, (struct ip4_endpoint){ip_of(2), 53},
              (struct ip4_endpoint){ip_of(about_host), 99}, bytes_of(NULL, 0));
    struct icmp_message m = {type, code, 0, bytes_of(quote, writer_len(&w))};
    hears_icmp(8, &m);
}

TEST(an_error_about_a_datagram_is_told_to_its_socket)
{
    begin();
    struct inet_udp *u = NULL;
    hears_error(ICMP_UNREACHABLE, ICMP_BAD_PORT, 7);
    CHECK_INT(counter("icmp.errors_unmatched"), 1);
    CHECK_INT(inet_udp_bind(in, 53, NULL, &u), 0);
    hears_error(ICMP_UNREACHABLE, ICMP_BAD_PORT, 7);
    CHECK_STR(said(), "<error 53 7:99 -111>");
    hears_error(ICMP_UNREACHABLE, ICMP_HOST_UNREACHABLE, 7);
    CHECK_STR(said(), "<error 53 7:99 -113>");
    hears_error(ICMP_UNREACHABLE, ICMP_NET_UNREACHABLE, 7);
    CHECK_STR(said(), "<error 53 7:99 -101>");
    hears_error(ICMP_UNREACHABLE, ICMP_TOO_BIG, 7); /* about none so long that it sent */
    CHECK_STR(said(), "");
    hears_error(ICMP_TIME_EXCEEDED, 0, 7);
    CHECK_STR(said(), "<error 53 7:99 -113>");
    hears_error(ICMP_SOURCE_QUENCH, 0, 7);
    hears_error(ICMP_REDIRECT, 1, 7);
    CHECK_STR(said(), "");
    CHECK_INT(counter("icmp.errors_no_meaning"), 2);
    CHECK_INT(counter("icmp.errors_to_udp"), 4);
    end();
}

TEST(a_connected_socket_hears_its_peer_alone)
{
    begin();
    meet(8);
    struct inet_udp *u = NULL;
    CHECK_INT(inet_udp_bind(in, 53, NULL, &u), 0);
    CHECK_INT(inet_udp_connect(in, u, (struct ip4_endpoint){ip_of(255), 99}), -EINVAL);
    CHECK_INT(inet_udp_connect(in, u, (struct ip4_endpoint){ip_of(7), 99}), 0);
    hears_udp(7, 99, 53, 5);
    CHECK_STR(said(), "<datagram 53 7:99(5)>");
    hears_udp(8, 99, 53, 5);
    CHECK_STR(said(), "unreachable/3 8(33)");
    hears_error(ICMP_UNREACHABLE, ICMP_BAD_PORT, 8);
    CHECK_STR(said(), "");
    hears_error(ICMP_UNREACHABLE, ICMP_BAD_PORT, 7);
    CHECK_STR(said(), "<error 53 7:99 -111>");
    CHECK_INT(inet_udp_connect(in, u, (struct ip4_endpoint){{0}, 0}), 0);
    hears_udp(8, 99, 53, 5);
    CHECK_STR(said(), "<datagram 53 8:99(5)>");
    end();
}

TEST(a_datagram_to_a_port_of_ours_that_nobody_has_is_refused)
{
    begin();
    struct inet_udp *u = NULL;
    CHECK_INT(inet_udp_bind(in, 53, NULL, &u), 0);
    struct ip4_endpoint to = {loopback, 54};
    CHECK_INT(inet_udp_send(in, u, to, bytes_of("a", 1), now), 0);
    turns();
    CHECK_STR(said(), "<error 53 1:54 -111>");
    end();
}

TEST_MAIN(TEST_OF(a_connection_to_127_0_0_1_stays_here),
          TEST_OF(a_connection_to_our_own_address_stays_here),
          TEST_OF(a_connection_to_ourselves_does_not_count_on_what_the_device_would_do),
          TEST_OF(a_segment_to_ourselves_for_which_there_is_no_memory_is_sent_later),
          TEST_OF(a_connection_to_a_port_nobody_listens_at_is_refused),
          TEST_OF(a_datagram_to_ourselves_arrives_whatever_its_length),
          TEST_OF(loopback_addresses_do_not_leave_nor_come_in),
          TEST_OF(packets_to_ourselves_have_a_limit),
          TEST_OF(two_sockets_that_answer_each_other_for_ever_do_not_stop_the_rest),
          TEST_OF(an_error_about_a_datagram_is_told_to_its_socket),
          TEST_OF(a_connected_socket_hears_its_peer_alone),
          TEST_OF(a_datagram_to_a_port_of_ours_that_nobody_has_is_refused))
