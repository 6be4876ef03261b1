/* SPDX-License-Identifier: ISC */
/* An inet below TCP: neighbours, echoes, errors, datagrams. */
#include "base/checksum.h"
#include "tests/support/inet_world.h"

#include <limits.h>

TEST(a_configuration_that_cannot_work_is_refused)
{
    memory = buffers = test_supply_of(SIZE_MAX);
    struct inet *none = NULL;
    struct {
        struct ip4 ip, gateway;
        uint8_t prefix_len;
        uint16_t mtu;
    } bad[] = {
        {ip_of(2), ip_of(1), 24, 575},  {ip_of(2), ip_of(1), 33, 1500},
        {ip_of(0), ip_of(1), 24, 1500}, {ip_of(255), ip_of(1), 24, 1500},
        {{0}, ip_of(1), 24, 1500},      {ip4_of(127, 0, 0, 1), {0}, 8, 1500},
        {ip_of(2), ip_of(2), 24, 1500}, {ip_of(2), ip4_of(10, 0, 1, 1), 24, 1500},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct inet_config cfg = config_of();
        cfg.ip = bad[i].ip;
        cfg.gateway = bad[i].gateway;
        cfg.prefix_len = bad[i].prefix_len;
        cfg.mtu = bad[i].mtu;
        CHECK_INT(inet_init(&none, &cfg, &rim, 0), -EINVAL);
    }
    struct inet_config cfg = config_of();
    cfg.receive_max = 5000;
    CHECK_INT(inet_init(&none, &cfg, &rim, 0), -EINVAL);
    cfg = config_of();
    cfg.mac[0] = 1;
    CHECK_INT(inet_init(&none, &cfg, &rim, 0), -EINVAL);
    CHECK(!none);
}

TEST(an_echo_is_answered)
{
    begin();
    meet(7);
    struct icmp_message m = {ICMP_ECHO_REQUEST, 0, 5, bytes_of("12345678", 8)};
    hears_icmp(7, &m);
    CHECK_STR(said(), "echo-reply 7(8)");
    CHECK_INT(counter("icmp.echo_replies_out"), 1);
    end();
}

TEST(an_echo_from_whom_we_do_not_know_costs_a_question_and_no_memory)
{
    begin();
    struct icmp_message m = {ICMP_ECHO_REQUEST, 0, 5, bytes_of("12345678", 8)};
    hears_icmp(7, &m);
    CHECK_STR(said(), "who-has 7");
    CHECK_INT(counter("arp.unresolved"), 1);
    hears_arp(ARP_REPLY, 7, 2);
    CHECK_STR(said(), "<found 7>");
    hears_icmp(7, &m);
    CHECK_STR(said(), "echo-reply 7(8)");
    end();
}

TEST(echoes_beyond_the_rate_are_counted_and_not_answered)
{
    begin();
    meet(7);
    struct icmp_message m = {ICMP_ECHO_REQUEST, 0, 5, bytes_of("12345678", 8)};
    for (int i = 0; i < 1000; i++)
        hears_icmp(7, &m);
    CHECK_INT(counter("icmp.echo_replies_out"), INET_ECHO_BURST);
    CHECK_INT(counter("icmp.echo_limited"), 1000 - INET_ECHO_BURST);
    passes(SECOND);
    hears_icmp(7, &m);
    CHECK_INT(counter("icmp.echo_replies_out"), INET_ECHO_BURST + 1);
    end();
}

TEST(an_echo_to_a_broadcast_address_is_not_answered)
{
    begin();
    meet(7);
    uint8_t room[64];
    struct icmp_message m = {ICMP_ECHO_REQUEST, 0, 5, bytes_of("12345678", 8)};
    struct writer w = writer_of(room, sizeof room);
    icmp_print(&w, &m);
    struct writer f = writer_of(in_frame, sizeof in_frame);
    struct eth_addr from = mac_of(7);
    eth_print(&f, &eth_broadcast, &from, ETH_IP4);
    ip4_print(&f, ip_of(7), ip_of(255), IP4_ICMP, writer_len(&w));
    write_bytes(&f, bytes_of(room, writer_len(&w)));
    hears(in_frame, writer_len(&f));
    CHECK_STR(said(), "");
    CHECK_INT(counter("icmp.echo_broadcast"), 1);
    end();
}

TEST(a_packet_for_us_in_a_frame_for_all_is_dropped)
{
    begin();
    meet(7);
    uint8_t room[16];
    struct writer w = writer_of(room, sizeof room);
    udp_print(&w, (struct ip4_endpoint){ip_of(7), 1}, (struct ip4_endpoint){ip_of(2), 2},
              bytes_of(NULL, 0));
    size_t len = packet_frame(7, ip_of(7), IP4_UDP, room, writer_len(&w));
    memset(in_frame, 0xff, 6);
    hears(in_frame, len);
    CHECK_STR(said(), "");
    CHECK_INT(counter("ip4.link_broadcast"), 1);
    CHECK_INT(counter("udp.in"), 0);
    end();
}

TEST(a_datagram_goes_to_its_socket)
{
    begin();
    struct inet_udp *u = NULL, *other = NULL;
    CHECK_INT(inet_udp_bind(in, 53, &an_owner, &u), 0);
    CHECK(inet_udp_owner(u) == &an_owner);
    CHECK_INT(inet_udp_bind(in, 53, NULL, &other), -EADDRINUSE);
    hears_udp(7, 99, 53, 5);
    CHECK_STR(said(), "<datagram 53 7:99(5)>");
    hears_udp(7, 99, 53, 0);
    CHECK_STR(said(), "<datagram 53 7:99(0)>");
    datagram_room = false;
    hears_udp(7, 99, 53, 5);
    CHECK_INT(counter("udp.no_room"), 1);
    end();
}

TEST(a_datagram_for_no_socket_is_answered_by_port_unreachable)
{
    begin();
    meet(7);
    hears_udp(7, 99, 53, 5);
    CHECK_STR(said(), "unreachable/3 7(33)");
    hears_udp(7, 99, 53, 1400);
    CHECK_STR(said(), "unreachable/3 7(540)");
    struct inet_udp *u = NULL;
    CHECK_INT(inet_udp_bind(in, 53, NULL, &u), 0);
    inet_udp_close(in, &u);
    CHECK(!u);
    hears_udp(7, 99, 53, 5);
    CHECK_STR(said(), "unreachable/3 7(33)");
    CHECK_INT(counter("udp.no_socket"), 3);
    CHECK_INT(counter("icmp.errors_out"), 3);
    end();
}

TEST(an_unknown_protocol_is_answered_by_protocol_unreachable)
{
    begin();
    meet(7);
    hears_packet(7, 132, "1234567890", 10);
    CHECK_STR(said(), "unreachable/2 7(30)");
    CHECK_INT(counter("ip4.unknown_protocol"), 1);
    end();
}

TEST(errors_beyond_the_rate_are_counted_and_not_sent)
{
    begin();
    meet(7);
    for (int i = 0; i < 500; i++)
        hears_udp(7, 99, 53, 5);
    CHECK_INT(counter("icmp.errors_out"), INET_ERROR_BURST);
    CHECK_INT(counter("icmp.errors_limited"), 500 - INET_ERROR_BURST);
    end();
}

TEST(a_datagram_is_sent_once_its_neighbour_is_known)
{
    begin();
    struct inet_udp *u = NULL;
    CHECK_INT(inet_udp_bind(in, 0, NULL, &u), 0);
    CHECK(inet_udp_port(u) >= INET_EPHEMERAL_MIN);
    struct ip4_endpoint to = {ip_of(7), 99};
    CHECK_INT(inet_udp_send(in, u, to, bytes_of("hello", 5), now), -EAGAIN);
    CHECK_STR(said(), "who-has 7");
    CHECK_INT(inet_resolve(in, to.ip, now), -EAGAIN);
    CHECK_STR(said(), "");
    hears_arp(ARP_REPLY, 7, 2);
    CHECK_STR(said(), "<found 7>");
    CHECK_INT(inet_resolve(in, to.ip, now), 0);
    CHECK_INT(inet_udp_send(in, u, to, bytes_of("hello", 5), now), 0);
    CHECK(strstr(said(), ">7:99(5)"));
    end();
}

TEST(a_neighbour_that_does_not_answer_is_unreachable)
{
    begin();
    struct inet_udp *u = NULL;
    struct ip4_endpoint to = {ip_of(7), 99};
    CHECK_INT(inet_udp_bind(in, 53, NULL, &u), 0);
    CHECK_INT(inet_udp_send(in, u, to, bytes_of("hello", 5), now), -EAGAIN);
    passes(4 * SECOND);
    CHECK(strstr(said(), "<lost 7>"));
    CHECK_INT(inet_udp_send(in, u, to, bytes_of("hello", 5), now), -EHOSTUNREACH);
    CHECK_INT(inet_resolve(in, to.ip, now), -EHOSTUNREACH);
    end();
}

TEST(what_is_not_near_goes_through_the_gateway)
{
    begin();
    meet(1);
    struct inet_udp *u = NULL;
    CHECK_INT(inet_udp_bind(in, 53, NULL, &u), 0);
    CHECK_INT(inet_udp_send(in, u, (struct ip4_endpoint){ip4_of(8, 8, 8, 8), 53},
                            bytes_of("hello", 5), now),
              0);
    CHECK_STR(said(), "udp 53>8:53(5)@1");
    CHECK_INT(inet_next_hop(in, ip4_of(8, 8, 8, 8)).n, ip_of(1).n);
    end();
}

TEST(without_a_gateway_what_is_not_near_is_unreachable)
{
    struct inet_config cfg = config_of();
    cfg.gateway.n = 0;
    begin_with(&cfg);
    struct inet_udp *u = NULL;
    struct tcp_conn *c = NULL;
    struct ip4_endpoint far = {ip4_of(8, 8, 8, 8), 53};
    CHECK_INT(inet_udp_bind(in, 53, NULL, &u), 0);
    CHECK_INT(inet_udp_send(in, u, far, bytes_of("hello", 5), now), -ENETUNREACH);
    CHECK_INT(inet_connect(in, far, NULL, now, &c), -ENETUNREACH);
    CHECK_INT(inet_resolve(in, far.ip, now), -ENETUNREACH);
    end();
}

TEST(a_datagram_that_cannot_be_sent_is_refused)
{
    begin();
    meet(7);
    static uint8_t text[65508];
    struct inet_udp *u = NULL;
    CHECK_INT(inet_udp_bind(in, 53, NULL, &u), 0);
    struct ip4_endpoint to = {ip_of(7), 99};
    CHECK_INT(inet_udp_send(in, u, to, bytes_of(text, 65508), now), -EMSGSIZE);
    CHECK_INT(inet_udp_send(in, u, to, bytes_of(text, 1472), now), 0);
    to.ip = ip_of(255);
    CHECK_INT(inet_udp_send(in, u, to, bytes_of(text, 1), now), -EACCES);
    to.ip = ip4_of(240, 0, 0, 1);
    CHECK_INT(inet_udp_send(in, u, to, bytes_of(text, 1), now), -EINVAL);
    to = (struct ip4_endpoint){ip_of(7), 0};
    CHECK_INT(inet_udp_send(in, u, to, bytes_of(text, 1), now), -EINVAL);
    send_error = -EAGAIN;
    to.port = 99;
    CHECK_INT(inet_udp_send(in, u, to, bytes_of(text, 1), now), -EAGAIN);
    CHECK_INT(counter("eth.device_full"), 1);
    end();
}

static uint8_t large[65535];

/* A datagram of `len` octets of text from port 99 of the host to port 53. */
static struct bytes datagram_from(unsigned host, size_t len)
{
    struct writer w = writer_of(large, sizeof large);
    static const uint8_t text[UDP_TEXT_MAX] = {1, 2, 3};
    udp_print(&w, (struct ip4_endpoint){ip_of(host), 99}, (struct ip4_endpoint){hears_at, 53},
              bytes_of(text, len));
    return bytes_of(large, writer_len(&w));
}

TEST(a_datagram_in_fragments_is_put_together)
{
    begin();
    meet(7);
    struct inet_udp *u = NULL;
    CHECK_INT(inet_udp_bind(in, 53, NULL, &u), 0);
    hears_fragments(7, IP4_UDP, datagram_from(7, UDP_TEXT_MAX), 1480, false, UINT_MAX);
    CHECK_STR(said(), "<datagram 53 7:99(65507)>");
    hears_fragments(7, IP4_UDP, datagram_from(7, 4000), 552, true, UINT_MAX);
    CHECK_STR(said(), "<datagram 53 7:99(4000)>");
    CHECK_INT(counter("reassembly.reassembled"), 2);
    CHECK_INT(buffers.supply.used, 0);
    end();
}

TEST(a_datagram_in_fragments_for_no_socket_is_answered_with_a_quote_of_its_head)
{
    begin();
    meet(7);
    hears_fragments(7, IP4_UDP, datagram_from(7, 3000), 1480, false, UINT_MAX);
    CHECK_STR(said(), "unreachable/3 7(540)");
    end();
}

TEST(a_datagram_whose_fragments_do_not_all_come_is_reported_after_a_minute)
{
    begin();
    meet(7);
    hears_fragments(7, IP4_UDP, datagram_from(7, 4000), 1480, false, 1);
    passes(IP4_REASSEMBLY_NS - SECOND);
    CHECK_STR(said(), "");
    passes(2 * SECOND);
    CHECK_STR(said(), "error 11/1 7(540) who-has 7");
    hears_fragments(7, IP4_UDP, datagram_from(7, 4000), 1480, false, 0);
    passes(IP4_REASSEMBLY_NS + SECOND);
    CHECK_STR(said(), "who-has 7 who-has 7");
    CHECK_INT(counter("reassembly.timed_out"), 2);
    end();
}

TEST(no_error_is_sent_about_an_error)
{
    begin();
    meet(7);
    uint8_t room[600] = {ICMP_UNREACHABLE};
    hears_fragments(7, IP4_ICMP, bytes_of(room, sizeof room), 296, false, 1);
    passes(IP4_REASSEMBLY_NS + SECOND);
    CHECK_INT(counter("reassembly.timed_out"), 1);
    CHECK_STR(said(), "");
    end();
}

TEST(a_long_echo_comes_back_in_fragments)
{
    begin();
    meet(7);
    static uint8_t text[5000], room[5008];
    struct icmp_message m = {ICMP_ECHO_REQUEST, 0, 5, bytes_of(text, sizeof text)};
    struct writer w = writer_of(room, sizeof room);
    icmp_print(&w, &m);
    hears_fragments(7, IP4_ICMP, bytes_of(room, sizeof room), 1480, false, UINT_MAX);
    CHECK_STR(said(), "fragment 7:0+1480+ fragment 7:1480+1480+ fragment 7:2960+1480+ "
                      "fragment 7:4440+568");
    uint16_t id = last_id;
    hears_fragments(7, IP4_ICMP, bytes_of(room, sizeof room), 1480, false, UINT_MAX);
    CHECK(last_id != id);
    CHECK_INT(counter("ip4.fragmented"), 2);
    CHECK_INT(counter("ip4.fragments_out"), 8);
    end();
}

TEST(a_long_datagram_is_sent_in_fragments)
{
    begin();
    meet(7);
    struct inet_udp *u = NULL;
    struct ip4_endpoint to = {ip_of(7), 99};
    CHECK_INT(inet_udp_bind(in, 53, NULL, &u), 0);
    CHECK_INT(inet_udp_send(in, u, to, bytes_of(large, 1473), now), 0);
    CHECK_STR(said(), "fragment 7:0+1480+ fragment 7:1480+1");
    quiet = true;
    uint64_t before = frames_sent;
    CHECK_INT(inet_udp_send(in, u, to, bytes_of(large, UDP_TEXT_MAX), now), 0);
    CHECK_INT(frames_sent - before, 45);
    send_error = -EAGAIN;
    CHECK_INT(inet_udp_send(in, u, to, bytes_of(large, 5000), now), -EAGAIN);
    send_error = 0;
    to.ip = ip_of(8); /* not known */
    CHECK_INT(inet_udp_send(in, u, to, bytes_of(large, 5000), now), -EAGAIN);
    buffers.grants = 0;
    to.ip = ip_of(7);
    CHECK_INT(inet_udp_send(in, u, to, bytes_of(large, 5000), now), -ENOBUFS);
    CHECK_INT(counter("ip4.no_buffer"), 1);
    CHECK_INT(buffers.supply.used, 0);
    end();
}

TEST(a_packet_with_a_broken_option_is_answered_with_its_place)
{
    begin();
    meet(7);
    static const uint8_t options[4] = {1, 1, 0x94, 9};
    size_t len = packet_frame(7, ip_of(7), IP4_UDP, options, sizeof options);
    in_frame[14] = 0x46;
    in_frame[24] = in_frame[25] = 0;
    uint16_t sum = checksum_end(checksum_add(0, bytes_of(in_frame + 14, 24)));
    in_frame[24] = (uint8_t)(sum >> 8);
    in_frame[25] = (uint8_t)sum;
    hears(in_frame, len);
    CHECK_STR(said(), "error 12/0 7(24) at 22");
    end();
}

TEST(each_bad_frame_is_counted_by_its_name)
{
    begin();
    meet(7);
    uint8_t text[8] = {0};
    struct {
        size_t at;
        uint8_t octet;
        const char *counter;
    } bad[] = {
        {5, 9, "eth.not_for_us"},      {6, 3, "eth.bad_source"},
        {11, 2, "eth.own_source"},     {12, 0x86, "eth.unknown_type"},
        {14, 0x65, "ip4.bad_version"}, {14, 0x44, "ip4.bad_header_len"},
        {16, 9, "ip4.truncated"},      {22, 1, "ip4.bad_checksum"},
        {34, 1, "udp.bad_checksum"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint8_t room[16];
        struct writer w = writer_of(room, sizeof room);
        udp_print(&w, (struct ip4_endpoint){ip_of(7), 1}, (struct ip4_endpoint){ip_of(2), 2},
                  bytes_of(text, sizeof text));
        size_t len = packet_frame(7, ip_of(7), IP4_UDP, room, writer_len(&w));
        in_frame[bad[i].at] = bad[i].octet;
        uint64_t before = counter(bad[i].counter);
        hears(in_frame, len);
        if (counter(bad[i].counter) != before + 1)
            test_failed(__FILE__, __LINE__, "%s is not counted", bad[i].counter);
        CHECK_STR(said(), "");
    }
    hears(in_frame, 13);
    CHECK_INT(counter("eth.truncated"), 1);
    end();
}

TEST(every_counter_has_a_name_of_its_own)
{
    begin();
    struct inet_counter a, b;
    unsigned n = 0;
    for (; inet_counter(in, n, &a); n++) {
        CHECK(a.module && a.name && a.name[0]);
        for (unsigned k = 0; k < n; k++) {
            CHECK(inet_counter(in, k, &b));
            if (strcmp(a.module, b.module) == 0 && strcmp(a.name, b.name) == 0)
                test_failed(__FILE__, __LINE__, "%s.%s twice", a.module, a.name);
        }
    }
    CHECK(n > 90);
    end();
}

TEST(whoever_takes_our_address_is_told_at_most_every_ten_seconds)
{
    begin();
    passes(20 * SECOND);
    said();
    struct arp_packet p = {
        .op = ARP_REPLY, .sender = ip_of(2), .sender_mac = mac_of(9), .target = ip_of(7)};
    struct eth_addr from = mac_of(9);
    for (int i = 0; i < 1000; i++) {
        struct writer w = writer_of(in_frame, sizeof in_frame);
        eth_print(&w, &eth_broadcast, &from, ETH_ARP);
        arp_print(&w, &p);
        hears(in_frame, writer_len(&w));
    }
    CHECK_STR(said(), "announce");
    CHECK_INT(counter("arp.conflicts"), 1000);
    CHECK_INT(counter("arp.defences_out"), 1);
    end();
}

TEST(memory_refused_at_any_moment_of_the_beginning_is_given_back)
{
    struct inet_config cfg = config_of();
    long n = 0;
    for (int err = -ENOMEM; err != 0; n++) {
        memory = buffers = test_supply_of(SIZE_MAX);
        memory.grants = n;
        in = NULL;
        err = inet_init(&in, &cfg, &rim, 0);
        CHECK(err == 0 || err == -ENOMEM);
        inet_end(&in, 0);
        CHECK_INT(memory.supply.used, 0);
    }
    CHECK_INT(n, 5);
}

TEST_MAIN(TEST_OF(a_configuration_that_cannot_work_is_refused), TEST_OF(an_echo_is_answered),
          TEST_OF(an_echo_from_whom_we_do_not_know_costs_a_question_and_no_memory),
          TEST_OF(echoes_beyond_the_rate_are_counted_and_not_answered),
          TEST_OF(an_echo_to_a_broadcast_address_is_not_answered),
          TEST_OF(a_packet_for_us_in_a_frame_for_all_is_dropped),
          TEST_OF(a_datagram_goes_to_its_socket),
          TEST_OF(a_datagram_for_no_socket_is_answered_by_port_unreachable),
          TEST_OF(an_unknown_protocol_is_answered_by_protocol_unreachable),
          TEST_OF(errors_beyond_the_rate_are_counted_and_not_sent),
          TEST_OF(a_datagram_is_sent_once_its_neighbour_is_known),
          TEST_OF(a_neighbour_that_does_not_answer_is_unreachable),
          TEST_OF(what_is_not_near_goes_through_the_gateway),
          TEST_OF(without_a_gateway_what_is_not_near_is_unreachable),
          TEST_OF(a_datagram_that_cannot_be_sent_is_refused),
          TEST_OF(a_datagram_in_fragments_is_put_together),
          TEST_OF(a_datagram_in_fragments_for_no_socket_is_answered_with_a_quote_of_its_head),
          TEST_OF(a_datagram_whose_fragments_do_not_all_come_is_reported_after_a_minute),
          TEST_OF(no_error_is_sent_about_an_error),
          TEST_OF(a_long_echo_comes_back_in_fragments),
          TEST_OF(a_long_datagram_is_sent_in_fragments),
          TEST_OF(a_packet_with_a_broken_option_is_answered_with_its_place),
          TEST_OF(each_bad_frame_is_counted_by_its_name),
          TEST_OF(every_counter_has_a_name_of_its_own),
          TEST_OF(whoever_takes_our_address_is_told_at_most_every_ten_seconds),
          TEST_OF(memory_refused_at_any_moment_of_the_beginning_is_given_back))
