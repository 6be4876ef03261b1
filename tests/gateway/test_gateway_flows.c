/* SPDX-License-Identifier: ISC */
/* Datagrams through the relay, and what the image may not send at all. */
#include "host/gateway/policy.h"
#include "host/gateway/resolvers.h"
#include "host/gateway/state.h"
#include "tests/gateway/world.h"
#include "tests/support/guarded.h"

static const struct ip4_endpoint TIME = {{0xc0000207}, 123};

/* A datagram waits at a socket of the host. */
static void comes(int fd, struct ip4_endpoint from, const char *text)
{
    struct fake_datagram *d = &sock(fd)->in[sock(fd)->ins++];
    *d = (struct fake_datagram){.peer = from, .len = strlen(text)};
    memcpy(d->text, text, d->len);
}

static void comes_error(int fd, int error)
{
    sock(fd)->in[sock(fd)->ins++] = (struct fake_datagram){.error = error};
}

/* ---- UDP ------------------------------------------------------------------------------- */

TEST(a_datagram_goes_out_and_its_answer_comes_back)
{
    begin();
    sends_udp(TIME, 4000, "what time is it");
    int fd = newest();
    CHECK_INT(sock(fd)->to.ip.n, TIME.ip.n);
    CHECK_INT(sock(fd)->to.port, 123);
    CHECK_MEM(sock(fd)->out.text, "what time is it", 15);
    comes(fd, TIME, "late");
    happens(fd, HOST_READABLE);
    struct out *o = got();
    CHECK_INT(o->protocol, IP4_UDP);
    CHECK_INT(o->src.n, TIME.ip.n);
    CHECK_INT(o->udp.src_port, 123);
    CHECK_INT(o->udp.dst_port, 4000);
    CHECK_MEM(o->octets, "late", 4);
    end();
}

TEST(datagrams_between_the_same_two_share_a_socket)
{
    begin();
    sends_udp(TIME, 4000, "a");
    sends_udp(TIME, 4000, "b");
    CHECK_INT(sock(newest())->outs, 2);
    sends_udp(TIME, 4001, "c");
    CHECK_INT(gateway_flows(gw), 2);
    end();
}

TEST(a_refused_datagram_is_an_icmp_error_and_the_next_is_sent)
{
    struct icmp_quote q;
    begin();
    sends_udp(TIME, 4000, "a");
    sock(newest())->error = -ECONNREFUSED;
    sends_udp(TIME, 4000, "b");
    CHECK_INT(sock(newest())->outs, 2);
    struct out *o = got();
    CHECK_INT(o->protocol, IP4_ICMP);
    CHECK_INT(o->icmp.code, ICMP_BAD_PORT);
    o->icmp.body = bytes_of(o->octets, o->text_len);
    CHECK_INT(icmp_parse_quote(&o->icmp, &q), ICMP_OK);
    CHECK_INT(q.dst.n, TIME.ip.n);
    CHECK_MEM(q.payload.at, "\x0f\xa0\0\x7b", 4);
    comes_error(newest(), -ECONNREFUSED);
    happens(newest(), HOST_READABLE);
    CHECK_INT(got()->icmp.code, ICMP_BAD_PORT);
    end();
}

TEST(an_unreachable_host_of_a_datagram_is_an_icmp_error)
{
    begin();
    fake_refuses = -EHOSTUNREACH;
    sends_udp(TIME, 4000, "a");
    CHECK_INT(got()->icmp.code, 1);
    CHECK_INT(gateway_flows(gw), 0);
    fake_refuses = 0;
    sends_udp(TIME, 4000, "a");
    sock(newest())->error = -ENETUNREACH;
    sends_udp(TIME, 4000, "a");
    CHECK_INT(got()->icmp.code, 0);
    CHECK_INT(count("not_sent"), 1);
    end();
}

TEST(icmp_errors_are_limited)
{
    begin();
    fake_refuses = -EHOSTUNREACH;
    for (uint16_t i = 0; i < 200; i++)
        sends_udp(TIME, (uint16_t)(4000 + i), "a");
    CHECK_INT(count("icmp_errors"), GATEWAY_ERRORS);
    CHECK_INT(count("icmp_errors_limited"), 200 - GATEWAY_ERRORS);
    end();
}

TEST(without_a_descriptor_a_datagram_is_lost)
{
    begin();
    fake_refuses = -EMFILE;
    sends_udp(TIME, 4000, "a");
    CHECK_INT(count("no_socket"), 1);
    CHECK(got() == NULL);
    end();
}

TEST(the_flow_that_is_longest_unused_gives_way)
{
    begin_with(4, 4);
    sends_arp(ARP_REQUEST, IMAGE);
    for (uint16_t i = 0; i < 4; i++)
        sends_udp(TIME, (uint16_t)(4000 + i), "a");
    sends_udp(TIME, 4000, "again");
    sends_udp(TIME, 5000, "new");
    turns();
    CHECK_INT(gateway_flows(gw), 4);
    CHECK_INT(count("flows_evicted"), 1);
    CHECK(sock(FAKE_FIRST + 3)->closed && !sock(FAKE_FIRST + 2)->closed);
    end();
}

TEST(an_unused_flow_is_forgotten_after_two_minutes)
{
    begin();
    sends_udp(TIME, 4000, "a");
    passes(60 * SECOND);
    sends_udp(TIME, 4001, "a");
    passes(59 * SECOND);
    CHECK_INT(gateway_flows(gw), 2);
    passes(2 * SECOND);
    CHECK_INT(gateway_flows(gw), 1);
    passes(60 * SECOND);
    CHECK_INT(gateway_flows(gw), 0);
    CHECK_INT(count("flows_expired"), 2);
    end();
}

TEST(a_datagram_that_the_link_cannot_carry_is_dropped)
{
    begin();
    sends_udp(TIME, 4000, "a");
    comes(newest(), TIME, "");
    sock(newest())->in[0].len = MTU - 27;
    comes(newest(), TIME, "");
    sock(newest())->in[1].len = MTU - 28;
    happens(newest(), HOST_READABLE);
    CHECK_INT(got()->text_len, MTU - 28);
    CHECK_INT(count("too_long"), 1);
    end();
}

TEST(while_the_link_is_full_datagrams_wait_at_the_host)
{
    begin();
    sends_udp(TIME, 4000, "a");
    int fd = newest();
    comes(fd, TIME, "1");
    comes(fd, TIME, "2");
    comes(fd, TIME, "3");
    link_takes = 1;
    happens(fd, HOST_READABLE);
    CHECK_INT(out_count, 1);
    CHECK(sock(fd)->ins_taken <= 2); /* one is lost: it showed that the link is full */
    link_takes = SIZE_MAX;
    gateway_link_ready(gw);
    turns();
    CHECK_INT(sock(fd)->ins_taken, 3);
    CHECK_INT(out_count, 2);
    CHECK_INT(count("link_full"), 1);
    end();
}

TEST(one_with_many_datagrams_is_served_in_turns)
{
    begin();
    sends_udp(TIME, 4000, "a");
    int fd = newest();
    for (int i = 0; i < 80; i++)
        comes(fd, TIME, "x");
    gateway_ready(gw, sock(fd)->watch, HOST_READABLE, now);
    CHECK_INT(sock(fd)->ins_taken, GATEWAY_DATAGRAMS);
    CHECK_INT(gateway_next(gw), 0);
    turns();
    CHECK_INT(sock(fd)->ins_taken, 80);
    end();
}

/* ---- Published UDP ----------------------------------------------------------------------- */

TEST(a_client_of_a_udp_port_has_its_answer)
{
    begin();
    struct ip4_endpoint client = at((struct ip4){0x7f000001}, 6000);
    comes(ports[1].watch.fd, client, "ask");
    happens(ports[1].watch.fd, HOST_READABLE);
    struct out *o = got();
    CHECK_INT(o->src.n, GATEWAY.n);
    CHECK_INT(o->udp.src_port, 6000);
    CHECK_INT(o->udp.dst_port, 53);
    sends_udp(at(GATEWAY, 6000), 53, "answer");
    CHECK_INT(sock(ports[1].watch.fd)->out.peer.port, 6000);
    CHECK_MEM(sock(ports[1].watch.fd)->out.text, "answer", 6);
    end();
}

TEST(two_udp_clients_with_one_port_have_each_their_own_answers)
{
    begin();
    int fd = ports[1].watch.fd;
    comes(fd, at((struct ip4){0x7f000001}, 6000), "1");
    comes(fd, at((struct ip4){0x7f000002}, 6000), "2");
    comes(fd, at((struct ip4){0x7f000002}, 6000), "3");
    happens(fd, HOST_READABLE);
    uint16_t second = outs[1].udp.src_port;
    CHECK(second != 6000 && outs[2].udp.src_port == second);
    sends_udp(at(GATEWAY, second), 53, "x");
    CHECK_INT(sock(fd)->out.peer.ip.n, 0x7f000002);
    sends_udp(at(GATEWAY, 6000), 53, "x");
    CHECK_INT(sock(fd)->out.peer.ip.n, 0x7f000001);
    end();
}

TEST(a_udp_client_waits_at_the_host_until_the_image_answers_arp)
{
    begin_with(4, 4);
    int fd = ports[1].watch.fd;
    comes(fd, at((struct ip4){0x7f000001}, 6000), "1");
    happens(fd, HOST_READABLE);
    CHECK_INT(got()->type, ETH_ARP);
    CHECK_INT(sock(fd)->ins_taken, 0);
    sends_arp(ARP_REPLY, GATEWAY);
    CHECK_INT(got()->protocol, IP4_UDP);
    end();
}

TEST(a_datagram_to_the_gateway_that_nobody_asked_for_is_dropped)
{
    begin();
    sends_udp(at(GATEWAY, 6000), 53, "x");
    sends_udp(at(GATEWAY, 22), 4000, "x");
    CHECK_INT(count("unasked"), 2);
    CHECK_INT(fakes_open, 2);
    CHECK(got() == NULL);
    end();
}

/* ---- DNS ------------------------------------------------------------------------------------
 */

TEST(a_question_goes_to_the_hosts_resolver)
{
    begin();
    sends_udp(at(GATEWAY, 53), 4000, "where");
    CHECK_INT(sock(newest())->to.ip.n, 0x7f000035);
    CHECK_INT(sock(newest())->to.port, 53);
    comes(newest(), at(GATEWAY, 53), "there");
    happens(newest(), HOST_READABLE);
    struct out *o = got();
    CHECK_INT(o->src.n, GATEWAY.n);
    CHECK_INT(o->udp.src_port, 53);
    end();
}

TEST(a_question_asked_again_goes_to_the_next_resolver)
{
    begin();
    sends_udp(at(GATEWAY, 53), 4000, "where");
    int first = newest();
    sends_udp(at(GATEWAY, 53), 4000, "where");
    CHECK(sock(first)->closed);
    CHECK_INT(sock(newest())->to.ip.n, 0xc0000203);
    CHECK_INT(count("asked_again"), 1);
    comes(newest(), at(GATEWAY, 53), "there");
    happens(newest(), HOST_READABLE);
    int second = newest();
    sends_udp(at(GATEWAY, 53), 4000, "and where");
    CHECK_INT(newest(), second);
    end();
}

TEST(without_a_resolver_the_dns_port_is_shut)
{
    begin();
    struct gateway_host host = fake_calls;
    host.frame = take_frame;
    gateway_free(&gw);
    config.resolvers = 0;
    CHECK_INT(gateway_new(&gw, &config, &host, now), 0);
    sends_arp(ARP_REQUEST, IMAGE);
    sends_udp(at(GATEWAY, 53), 4000, "where");
    CHECK_INT(got()->icmp.code, ICMP_BAD_PORT);
    asks(at(GATEWAY, 53), 4000);
    CHECK(is_segment(got(), TCP_RST | TCP_ACK));
    end();
}

static unsigned parsed(const char *text, struct ip4 out[GATEWAY_RESOLVERS_MAX])
{
    return resolvers_parse(bytes_of(text, strlen(text)), out);
}

TEST(resolvers_are_read_as_the_host_does)
{
    struct ip4 r[GATEWAY_RESOLVERS_MAX] = {{0}};
    CHECK_INT(parsed("# a comment\nsearch example.org\nnameserver 192.0.2.1\n"
                     "nameserver\t127.0.0.53  # here\nnameserver fe80::1%eth0\n"
                     "nameserver 192.0.2.300\nnameserver",
                     r),
              2);
    CHECK_INT(r[0].n, 0xc0000201);
    CHECK_INT(r[1].n, 0x7f000035);
    CHECK_INT(parsed("nameserver 1.1.1.1\r\nnameserver 1.1.1.2\nnameserver 1.1.1.3\n"
                     "nameserver 1.1.1.4\n",
                     r),
              3);
    CHECK_INT(parsed("", r), 0);
    CHECK_INT(parsed("nameserverx 1.1.1.1\n;nameserver 1.1.1.1\n", r), 0);
    CHECK_INT(resolvers_read("/nonexistent/resolv.conf", r), 0);
}

/* ---- ICMP echo
 * ------------------------------------------------------------------------------- */

TEST(the_gateway_answers_an_echo)
{
    begin();
    sends_ping(GATEWAY, 7, 9);
    struct out *o = got();
    CHECK_INT(o->icmp.type, ICMP_ECHO_REPLY);
    CHECK_INT(o->icmp.rest, 7 << 16 | 9);
    CHECK_MEM(o->octets, "ping", 4);
    end();
}

TEST(an_echo_of_another_goes_through_the_host_and_back)
{
    static const uint8_t reply[] = {0, 0, 1, 2, 0x55, 0x55, 0, 9, 'p', 'i', 'n', 'g'};
    begin();
    sends_ping(OTHER, 7, 9);
    int fd = newest();
    CHECK_INT(sock(fd)->kind, FAKE_ECHO);
    CHECK_INT(sock(fd)->out.text[0], ICMP_ECHO_REQUEST);
    CHECK_MEM(sock(fd)->out.text + 8, "ping", 4);
    sock(fd)->in[0] = (struct fake_datagram){.len = sizeof reply};
    memcpy(sock(fd)->in[0].text, reply, sizeof reply);
    sock(fd)->ins = 1;
    happens(fd, HOST_READABLE);
    struct out *o = got();
    CHECK_INT(o->src.n, OTHER.n);
    CHECK_INT(o->icmp.type, ICMP_ECHO_REPLY);
    CHECK_INT(o->icmp.rest, 7 << 16 | 9);
    CHECK_MEM(o->octets, "ping", 4);
    end();
}

TEST(where_the_host_allows_no_echo_it_is_dropped_and_counted)
{
    begin();
    fake_refuses = -EACCES;
    sends_ping(OTHER, 7, 9);
    CHECK(got() == NULL);
    CHECK_INT(count("no_ping"), 1);
    CHECK_INT(gateway_flows(gw), 0);
    end();
}

TEST(a_message_of_the_host_that_is_no_echo_reply_is_dropped)
{
    begin();
    sends_ping(OTHER, 7, 9);
    comes(newest(), at(OTHER, 0), "\3xxxxxxxxxx");
    comes(newest(), at(OTHER, 0), "\1");
    happens(newest(), HOST_READABLE);
    CHECK(got() == NULL);
    CHECK_INT(count("ignored"), 3); /* the ARP announcement too */
    end();
}

TEST(other_messages_of_the_image_are_ignored)
{
    begin();
    struct icmp_message m = {.type = ICMP_REDIRECT, .body = bytes_of("xxxx", 4)};
    for (int i = 0; i < 2; i++) {
        struct writer w = packet_room();
        icmp_print(&w, &m);
        sends(i ? GATEWAY : OTHER, IP4_ICMP, writer_len(&w));
    }
    CHECK_INT(count("ignored"), 3); /* the ARP announcement too */
    CHECK_INT(fakes_open, 2);
    end();
}

/* ---- What the image may not send
 * --------------------------------------------------------------- */

TEST(addresses_that_the_image_may_not_reach_are_not_reached)
{
    static const uint32_t forbidden[] = {0,          1,          0x00ffffff, 0x7f000001,
                                         0x7fffffff, 0xa9fe0000, 0xa9fea9fe, 0xa9feffff,
                                         0xe0000001, 0xefffffff, 0xf0000000, 0xffffffff,
                                         0x0a000000, 0x0a000002, 0x0a000003, 0x0a0000ff};
    begin();
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++) {
        struct ip4 to = {forbidden[i]};
        sends_udp(at(to, 53), 4000, "x");
        asks(at(to, 80), 4000);
        sends_ping(to, 1, 1);
        CHECK_INT(count("forbidden"), 3 * (i + 1));
    }
    CHECK_INT(fakes_open, 2);
    CHECK(got() == NULL);
    end();
}

TEST(neighbours_of_what_is_forbidden_are_reached)
{
    static const uint32_t reached[] = {0x01000000, 0x7effffff, 0x80000000, 0xa9fdffff,
                                       0xa9ff0000, 0xdfffffff, 0x09ffffff, 0x0a000100};
    const struct ip4_net own = {GATEWAY, 24};
    for (size_t i = 0; i < sizeof reached / sizeof reached[0]; i++)
        CHECK(policy_reaches((struct ip4){reached[i]}, &own));
}

TEST(packets_from_another_address_or_station_are_dropped)
{
    static const struct eth_addr another = {{2, 0, 0, 0, 0, 9}};
    begin();
    struct writer w = packet_room();
    udp_print(&w, at(OTHER, 1), TIME, bytes_of("x", 1));
    sends_from(&image_mac, OTHER, TIME.ip, IP4_UDP, writer_len(&w));
    sends_from(&another, IMAGE, TIME.ip, IP4_UDP, writer_len(&w));
    sends_from(&image_mac, GATEWAY, TIME.ip, IP4_UDP, writer_len(&w));
    CHECK_INT(count("spoofed"), 3);
    CHECK_INT(fakes_open, 2);
    end();
}

TEST(an_arp_packet_that_lies_about_its_sender_is_dropped)
{
    begin();
    struct arp_packet p = {.op = ARP_REQUEST,
                           .sender_mac = {{2, 0, 0, 0, 0, 9}},
                           .sender = IMAGE,
                           .target = GATEWAY};
    struct writer w = writer_of(frame_room, sizeof frame_room);
    eth_print(&w, &eth_broadcast, &image_mac, ETH_ARP);
    arp_print(&w, &p);
    gateway_frame(gw, bytes_of(frame_room, writer_len(&w)), now);
    CHECK_INT(count("spoofed"), 1);
    CHECK(got() == NULL);
    end();
}

TEST(arp_is_answered_for_the_gateway_alone)
{
    begin();
    sends_arp(ARP_REQUEST, GATEWAY);
    CHECK_INT(got()->type, ETH_ARP);
    sends_arp(ARP_REQUEST, OTHER);
    CHECK(got() == NULL);
    CHECK_INT(count("arp_answered"), 1);
    end();
}

TEST(fragments_and_unknown_protocols_are_dropped)
{
    begin();
    sends_udp(TIME, 4000, "x");
    frame_room[20] |= 0x20; /* more fragments, with the header's checksum made right again */
    frame_room[24] = (uint8_t)(frame_room[24] - 0x20);
    gateway_frame(gw, bytes_of(frame_room, 43), now);
    CHECK_INT(count("fragment"), 1);
    sends(OTHER, 47, 20);
    CHECK_INT(count("protocol"), 1);
    frame_room[12] = 0x86;
    frame_room[13] = 0xdd;
    gateway_frame(gw, bytes_of(frame_room, 60), now);
    CHECK_INT(count("protocol"), 2);
    end();
}

TEST(frames_for_other_stations_are_dropped)
{
    begin();
    sends_udp(TIME, 4000, "x");
    frame_room[5] = 77;
    gateway_frame(gw, bytes_of(frame_room, 43), now);
    CHECK_INT(count("ethernet"), 1);
    end();
}

TEST(every_frame_cut_short_is_dropped_within_its_bounds)
{
    begin();
    struct peer p = {.to = TIME, .port = 4000};
    for (int kind = 0; kind < 4; kind++) {
        uint8_t whole[100];
        size_t len = 14 + 28;
        if (kind == 0)
            sends_udp(TIME, 4000, "");
        else if (kind == 1)
            sends_ping(OTHER, 1, 1);
        else if (kind == 2)
            sends_arp(ARP_REQUEST, GATEWAY);
        else
            sends_tcp(&p, TCP_ACK, bytes_of("", 0));
        memcpy(whole, frame_room, sizeof whole);
        forget();
        uint64_t before = count("malformed");
        for (size_t n = 0; n < len; n++)
            gateway_frame(gw, guarded(whole, n), now);
        CHECK_INT(count("malformed") - before, len);
        CHECK(got() == NULL);
    }
    end();
}

TEST(a_wrong_checksum_is_malformed)
{
    begin();
    sends_udp(TIME, 4000, "x");
    forget();
    frame_room[42] ^= 1;
    gateway_frame(gw, bytes_of(frame_room, 43), now);
    frame_room[16] ^= 1;
    gateway_frame(gw, bytes_of(frame_room, 43), now);
    sends_ping(GATEWAY, 1, 1);
    forget();
    frame_room[42] ^= 1;
    gateway_frame(gw, bytes_of(frame_room, 46), now);
    CHECK_INT(count("malformed"), 3);
    CHECK(got() == NULL);
    end();
}

TEST_MAIN(TEST_OF(a_datagram_goes_out_and_its_answer_comes_back),
          TEST_OF(datagrams_between_the_same_two_share_a_socket),
          TEST_OF(a_refused_datagram_is_an_icmp_error_and_the_next_is_sent),
          TEST_OF(an_unreachable_host_of_a_datagram_is_an_icmp_error),
          TEST_OF(icmp_errors_are_limited), TEST_OF(without_a_descriptor_a_datagram_is_lost),
          TEST_OF(the_flow_that_is_longest_unused_gives_way),
          TEST_OF(an_unused_flow_is_forgotten_after_two_minutes),
          TEST_OF(a_datagram_that_the_link_cannot_carry_is_dropped),
          TEST_OF(while_the_link_is_full_datagrams_wait_at_the_host),
          TEST_OF(one_with_many_datagrams_is_served_in_turns),
          TEST_OF(a_client_of_a_udp_port_has_its_answer),
          TEST_OF(two_udp_clients_with_one_port_have_each_their_own_answers),
          TEST_OF(a_udp_client_waits_at_the_host_until_the_image_answers_arp),
          TEST_OF(a_datagram_to_the_gateway_that_nobody_asked_for_is_dropped),
          TEST_OF(a_question_goes_to_the_hosts_resolver),
          TEST_OF(a_question_asked_again_goes_to_the_next_resolver),
          TEST_OF(without_a_resolver_the_dns_port_is_shut),
          TEST_OF(resolvers_are_read_as_the_host_does), TEST_OF(the_gateway_answers_an_echo),
          TEST_OF(an_echo_of_another_goes_through_the_host_and_back),
          TEST_OF(where_the_host_allows_no_echo_it_is_dropped_and_counted),
          TEST_OF(a_message_of_the_host_that_is_no_echo_reply_is_dropped),
          TEST_OF(other_messages_of_the_image_are_ignored),
          TEST_OF(addresses_that_the_image_may_not_reach_are_not_reached),
          TEST_OF(neighbours_of_what_is_forbidden_are_reached),
          TEST_OF(packets_from_another_address_or_station_are_dropped),
          TEST_OF(an_arp_packet_that_lies_about_its_sender_is_dropped),
          TEST_OF(arp_is_answered_for_the_gateway_alone),
          TEST_OF(fragments_and_unknown_protocols_are_dropped),
          TEST_OF(frames_for_other_stations_are_dropped),
          TEST_OF(every_frame_cut_short_is_dropped_within_its_bounds),
          TEST_OF(a_wrong_checksum_is_malformed))
