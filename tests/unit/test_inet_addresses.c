/* SPDX-License-Identifier: ISC */
/* An inet with several addresses, and one that stands for every host: what a gateway is. */
#include "tests/support/inet_world.h"

#define GUEST 7U

static const struct ip4 far = {0x08080808};

static struct tcp_conn *takes(struct inet_listener *l)
{
    struct tcp_conn *c = inet_accept(in, l, &an_owner);
    CHECK(c);
    return c;
}

/* ---- Several addresses ------------------------------------------------------------------ */

TEST(an_address_that_is_added_is_announced_and_answered_for)
{
    begin();
    CHECK_INT(inet_add_address(in, ip_of(3), 24, now), 0);
    CHECK_STR(said(), "announce");
    passes(3 * SECOND);
    CHECK_STR(said(), "announce");
    hears_arp(ARP_REQUEST, 7, 3);
    CHECK_STR(said(), "answer 7");
    hears_arp(ARP_REQUEST, 7, 4);
    CHECK_STR(said(), "");
    CHECK(inet_is_own(in, ip_of(3)) && !inet_is_own(in, ip_of(4)));
    CHECK_INT(inet_ip(in).n, ip_of(2).n);
    end();
}

TEST(an_address_that_cannot_be_ours_is_not_added)
{
    begin();
    CHECK_INT(inet_add_address(in, ip_of(2), 24, now), -EEXIST);
    CHECK_INT(inet_add_address(in, ip_of(255), 24, now), -EINVAL);
    CHECK_INT(inet_add_address(in, ip4_of(127, 0, 0, 1), 8, now), -EINVAL);
    CHECK_INT(inet_add_address(in, ip_of(3), 33, now), -EINVAL);
    for (unsigned i = 1; i < IP4_OWN_MAX; i++)
        CHECK_INT(inet_add_address(in, ip_of(20 + i), 24, now), 0);
    CHECK_INT(inet_add_address(in, ip_of(40), 24, now), -ENOSPC);
    passes(3 * SECOND);
    end();
}

TEST(a_packet_to_any_of_our_addresses_is_answered_from_that_address)
{
    begin();
    meet(7);
    CHECK_INT(inet_add_address(in, ip4_of(172, 16, 0, 3), 16, now), 0);
    said();
    hears_at = ip4_of(172, 16, 0, 3);
    struct icmp_message m = {ICMP_ECHO_REQUEST, 0, 5, bytes_of("12345678", 8)};
    hears_icmp(7, &m);
    CHECK_STR(said(), "echo-reply 7(8)");
    CHECK_INT(last_from.n, hears_at.n);
    hears_udp(7, 99, 53, 5);
    CHECK_STR(said(), "unreachable/3 7(33)");
    CHECK_INT(last_from.n, hears_at.n);
    struct peer p = peer_of(7, 5000, 80);
    peer_sends(&p, TCP_SYN, 0);
    CHECK_STR(said(), "R. 80>7:5000");
    CHECK_INT(last_from.n, hears_at.n);
    end();
}

TEST(connections_from_one_peer_to_two_addresses_are_two)
{
    begin();
    meet(7);
    CHECK_INT(inet_add_address(in, ip_of(3), 24, now), 0);
    listens(80, 4);
    struct peer a = peer_of(7, 5000, 80), b = a;
    struct tcp_conn *first = accepts(&a);
    hears_at = ip_of(3);
    struct tcp_conn *second = accepts(&b);
    CHECK(first != second);
    CHECK_INT(inet_tcp_local(first).ip.n, ip_of(2).n);
    CHECK_INT(inet_tcp_local(second).ip.n, ip_of(3).n);
    peer_sends(&b, TCP_ACK | TCP_PSH, 10);
    CHECK(strstr(said(), "<readable>"));
    CHECK_INT(second->in.count, 10);
    CHECK_INT(first->in.count, 0);
    end();
}

TEST(a_listener_at_one_address_does_not_hear_what_is_for_another)
{
    begin();
    meet(7);
    CHECK_INT(inet_add_address(in, ip_of(3), 24, now), 0);
    said();
    const struct inet_listen at_three = {.at = {ip_of(3), 80}, .backlog = 4},
                             nowhere = {.at = {ip_of(4), 80}, .backlog = 4};
    struct inet_listener *l = NULL, *other = NULL;
    CHECK_INT(inet_listen_with(in, &nowhere, NULL, &l), -EADDRNOTAVAIL);
    CHECK_INT(inet_listen_with(in, &at_three, NULL, &l), 0);
    CHECK_INT(inet_listen(in, 80, 4, NULL, &other), -EADDRINUSE);
    struct peer p = peer_of(7, 5000, 80);
    peer_sends(&p, TCP_SYN, 0);
    CHECK_STR(said(), "R. 80>7:5000");
    hears_at = ip_of(3);
    p = peer_of(7, 5001, 80);
    handshake(&p);
    CHECK_STR(said(), "S. 80>7:5001 <acceptable 80>");
    hears_at = ip_of(2);
    struct inet_udp *u = NULL, *v = NULL;
    CHECK_INT(inet_udp_bind_at(in, (struct ip4_endpoint){ip_of(4), 53}, NULL, &u),
              -EADDRNOTAVAIL);
    CHECK_INT(inet_udp_bind_at(in, (struct ip4_endpoint){ip_of(3), 53}, NULL, &u), 0);
    CHECK_INT(inet_udp_bind(in, 53, NULL, &v), -EADDRINUSE);
    CHECK_INT(inet_udp_bind_at(in, (struct ip4_endpoint){ip_of(2), 53}, NULL, &v), 0);
    hears_udp(7, 99, 53, 5);
    CHECK_INT(last_datagram_to.ip.n, ip_of(2).n);
    inet_udp_close(in, &v);
    said();
    hears_udp(7, 99, 53, 5);
    CHECK_STR(said(), "unreachable/3 7(33)");
    CHECK_INT(inet_udp_send(in, u, (struct ip4_endpoint){ip_of(7), 9}, bytes_of("", 0), now),
              0);
    CHECK_INT(last_from.n, ip_of(3).n);
    end();
}

TEST(what_we_begin_comes_from_the_address_in_the_network_of_the_next_hop)
{
    begin();
    meet(7);
    CHECK_INT(inet_add_address(in, ip4_of(172, 16, 0, 3), 16, now), 0);
    CHECK_INT(inet_source_for(in, ip_of(7)).n, ip_of(2).n);
    CHECK_INT(inet_source_for(in, ip4_of(172, 16, 9, 9)).n, ip4_of(172, 16, 0, 3).n);
    CHECK_INT(inet_source_for(in, far).n, ip_of(2).n);
    CHECK_INT(inet_next_hop(in, ip4_of(172, 16, 9, 9)).n, ip4_of(172, 16, 9, 9).n);
    struct tcp_conn *c = NULL;
    CHECK_INT(inet_connect_from(in, (struct ip4_endpoint){ip_of(9), 0},
                                (struct ip4_endpoint){ip_of(7), 80}, NULL, now, &c),
              -EADDRNOTAVAIL);
    CHECK_INT(inet_connect_from(in, (struct ip4_endpoint){ip4_of(172, 16, 0, 3), 1234},
                                (struct ip4_endpoint){ip_of(7), 80}, &an_owner, now, &c),
              0);
    said();
    flush();
    CHECK_STR(said(), "S 1234>7:80");
    CHECK_INT(last_from.n, ip4_of(172, 16, 0, 3).n);
    struct tcp_conn *again = NULL;
    CHECK_INT(inet_connect_from(in, inet_tcp_local(c), inet_tcp_peer(c), NULL, now, &again),
              -EADDRINUSE);
    end();
}

TEST(an_address_that_is_removed_takes_its_connections_with_it)
{
    begin();
    meet(7);
    CHECK_INT(inet_add_address(in, ip_of(3), 24, now), 0);
    listens(80, 4);
    struct peer a = peer_of(7, 5000, 80), b = a;
    struct tcp_conn *stays = accepts(&a);
    hears_at = ip_of(3);
    struct tcp_conn *goes = accepts(&b);
    CHECK_INT(inet_remove_address(in, ip_of(9), now), -EADDRNOTAVAIL);
    CHECK_INT(inet_remove_address(in, ip_of(2), now), -EBUSY);
    CHECK_INT(inet_remove_address(in, ip_of(3), now), 0);
    flush();
    CHECK_STR(said(), "<ended -99> R 80>7:5000");
    CHECK_INT(goes->error, -EADDRNOTAVAIL);
    CHECK_INT(stays->state, TCP_ESTABLISHED);
    peer_sends(&b, TCP_ACK, 0);
    CHECK_INT(counter("ip4.not_for_us"), 1);
    passes(10 * SECOND);
    CHECK(!strstr(said(), "announce"));
    end();
}

/* ---- A gateway that stands for every host ---------------------------------------------------
 */

static void begin_gateway(void)
{
    struct inet_config cfg = config_of();
    cfg.gateway.n = 0;
    cfg.transparent = cfg.proxy_arp = true;
    cfg.guest = ip_of(GUEST);
    begin_with(&cfg);
    meet(GUEST);
}

static struct inet_listener *everywhere(void)
{
    const struct inet_listen how = {.backlog = 4, .every_port = true, .hold = true};
    struct inet_listener *l = NULL;
    CHECK_INT(inet_listen_with(in, &how, NULL, &l), 0);
    return l;
}

TEST(a_gateway_needs_a_guest_that_is_another_host)
{
    struct inet_config cfg = config_of();
    struct inet *none = NULL;
    memory = buffers = test_supply_of(SIZE_MAX);
    cfg.transparent = true;
    CHECK_INT(inet_init(&none, &cfg, &rim, 0), -EINVAL);
    cfg.guest = ip_of(2);
    CHECK_INT(inet_init(&none, &cfg, &rim, 0), -EINVAL);
}

TEST(arp_is_answered_for_every_host_but_the_guest)
{
    begin_gateway();
    hears_arp(ARP_REQUEST, GUEST, 99);
    CHECK_STR(said(), "answer 7");
    hears_arp(ARP_REQUEST, GUEST, 2);
    CHECK_STR(said(), "answer 7");
    hears_arp(ARP_REQUEST, GUEST, GUEST); /* it announces itself */
    CHECK_STR(said(), "");
    hears_arp(ARP_REQUEST, GUEST, 255);
    CHECK_STR(said(), "");
    in->arp.proxy = false;
    hears_arp(ARP_REQUEST, GUEST, 99);
    CHECK_STR(said(), "");
    end();
}

TEST(what_comes_from_another_than_the_guest_is_dropped)
{
    begin_gateway();
    hears_udp(8, 99, 53, 5);
    CHECK_STR(said(), "");
    CHECK_INT(counter("ip4.source_own"), 1);
    end();
}

/* Whoever holds a SYN decides whether the handshake may go on; a cookie would decide for it. */
TEST(a_listener_that_holds_answers_no_syn_by_a_cookie_and_takes_none)
{
    begin_gateway();
    everywhere();
    struct peer p = peer_of(GUEST, 5000, 443);
    size_t max = in->conns.max;
    hears_at = far;
    in->conns.max = in->conns.live; /* no place for a connection */
    peer_sends(&p, TCP_SYN, 0);
    flush();
    CHECK_STR(said(), "");
    CHECK_INT(counter("tcp.cookies_sent"), 0);
    in->conns.max = max;
    in->cookies.sent_epoch = in->cookies.epoch = 1; /* as if one had been sent for another */
    peer_sends(&p, TCP_ACK, 0);
    flush();
    CHECK_INT(counter("tcp.cookies_taken") + counter("tcp.cookies_bad"), 0);
    CHECK_INT(in->conns.live, 0);
    end();
}

TEST(a_syn_to_anywhere_waits_for_the_gateway_to_admit_it)
{
    begin_gateway();
    struct inet_listener *l = everywhere();
    struct peer p = peer_of(GUEST, 5000, 443);
    hears_at = far;
    peer_sends(&p, TCP_SYN, 0);
    CHECK_STR(said(), "<acceptable 0>");
    struct tcp_conn *c = takes(l);
    CHECK(inet_tcp_held(c));
    CHECK_INT(inet_tcp_local(c).ip.n, far.n);
    CHECK_INT(inet_tcp_local(c).port, 443);
    CHECK_INT(inet_tcp_peer(c).port, 5000);
    p.seq--;
    peer_sends(&p, TCP_SYN, 0); /* again */
    passes(30 * SECOND);
    CHECK_STR(said(), "");
    CHECK_INT(counter("tcp.held"), 1);
    char octet;
    CHECK_INT(inet_tcp_read(in, c, &octet, 1, now), 0);
    CHECK_INT(inet_tcp_write(in, c, bytes_of("a", 1), now), 0);
    inet_tcp_admit(in, c, now);
    flush();
    CHECK_STR(said(), "S. 443>7:5000");
    CHECK_INT(last_from.n, far.n);
    CHECK(!inet_tcp_held(c));
    peer_hears(&p);
    peer_sends(&p, TCP_ACK | TCP_PSH, 10);
    CHECK_STR(said(), "<established> <readable>");
    end();
}

TEST(a_syn_that_is_refused_is_answered_as_the_real_destination_would)
{
    static const struct {
        int error;
        const char *text;
    } how[] = {{-ECONNREFUSED, "R. 443>7:5000"},
               {-ENETUNREACH, "unreachable/0 7(28)"},
               {-EHOSTUNREACH, "unreachable/1 7(28)"},
               {-ETIMEDOUT, "unreachable/1 7(28)"},
               {-EACCES, "unreachable/13 7(28)"}};
    begin_gateway();
    struct inet_listener *l = everywhere();
    hears_at = far;
    for (unsigned i = 0; i < sizeof how / sizeof how[0]; i++) {
        struct peer p = peer_of(GUEST, 5000, 443);
        peer_sends(&p, TCP_SYN, 0);
        struct tcp_conn *c = takes(l);
        said();
        inet_tcp_refuse(in, &c, how[i].error, now);
        CHECK(!c);
        CHECK_STR(said(), how[i].text);
        CHECK_INT(last_from.n, far.n);
        if (i == 0) { /* what a host that awaits a SYN,ACK obeys */
            CHECK_INT(last_segment.ack.n, 1001);
            CHECK_INT(last_segment.seq.n, 0);
        }
    }
    CHECK_INT(counter("tcp.refused"), 5);
    CHECK_INT(in->conns.live, 0);
    end();
}

TEST(a_held_connection_that_is_aborted_is_refused)
{
    begin_gateway();
    struct inet_listener *l = everywhere();
    struct peer p = peer_of(GUEST, 5000, 443);
    peer_sends(&p, TCP_SYN, 0);
    struct tcp_conn *c = takes(l);
    said();
    inet_tcp_close(in, &c, now);
    CHECK_STR(said(), "R. 443>7:5000");
    p = peer_of(GUEST, 5001, 443);
    peer_sends(&p, TCP_SYN, 0);
    said();
    inet_unlisten(in, &l, now);
    CHECK_STR(said(), "R. 443>7:5001");
    end();
}

TEST(a_held_connection_whose_peer_gives_up_ends)
{
    begin_gateway();
    struct inet_listener *l = everywhere();
    struct peer p = peer_of(GUEST, 5000, 443);
    peer_sends(&p, TCP_SYN, 0);
    struct tcp_conn *c = takes(l);
    said();
    peer_sends(&p, TCP_RST, 0);
    CHECK_STR(said(), "<ended -111>");
    inet_tcp_admit(in, c, now);
    inet_tcp_abort(in, &c, now);
    CHECK_STR(said(), "");
    p = peer_of(GUEST, 5001, 443); /* nobody has taken it yet */
    peer_sends(&p, TCP_SYN, 0);
    peer_sends(&p, TCP_RST, 0);
    CHECK(!inet_accept(in, l, &an_owner));
    CHECK_INT(in->conns.live, 0);
    end();
}

TEST(held_connections_are_at_most_the_backlog)
{
    begin_gateway();
    struct inet_listener *l = everywhere();
    for (unsigned i = 0; i < 10; i++) {
        struct peer p = peer_of(GUEST, (uint16_t)(5000 + i), 443);
        peer_sends(&p, TCP_SYN, 0);
    }
    CHECK_INT(l->queued, 4);
    CHECK_INT(counter("tcp.syn_backlog_full"), 6);
    end();
}

TEST(a_listener_of_its_own_goes_before_the_one_for_everywhere)
{
    begin_gateway();
    everywhere();
    const struct inet_listen at = {.at = {ip_of(2), 53}, .backlog = 4};
    struct inet_listener *own = NULL, *again = NULL;
    CHECK_INT(inet_listen_with(in, &at, NULL, &own), 0);
    const struct inet_listen every = {.backlog = 4, .every_port = true};
    CHECK_INT(inet_listen_with(in, &every, NULL, &again), -EADDRINUSE);
    struct peer p = peer_of(GUEST, 5000, 53);
    peer_sends(&p, TCP_SYN, 0);
    CHECK_STR(said(), "S. 53>7:5000");
    hears_at = far;
    p = peer_of(GUEST, 5001, 53);
    peer_sends(&p, TCP_SYN, 0);
    CHECK_STR(said(), "<acceptable 0>");
    end();
}

TEST(datagrams_to_anywhere_come_to_one_socket_which_answers_from_there)
{
    begin_gateway();
    struct inet_udp *all = NULL, *again = NULL, *dns = NULL;
    CHECK_INT(inet_udp_bind_all(in, NULL, &all), 0);
    CHECK_INT(inet_udp_bind_all(in, NULL, &again), -EADDRINUSE);
    CHECK_INT(inet_udp_bind_at(in, (struct ip4_endpoint){ip_of(2), 53}, NULL, &dns), 0);
    hears_at = far;
    hears_udp(GUEST, 99, 53, 5);
    CHECK_STR(said(), "<datagram 0 7:99(5)>");
    CHECK_INT(last_datagram_to.ip.n, far.n);
    CHECK_INT(last_datagram_to.port, 53);
    struct ip4_endpoint guest = {ip_of(GUEST), 99};
    CHECK_INT(inet_udp_send_from(in, all, last_datagram_to, guest, bytes_of("abc", 3), now), 0);
    CHECK_STR(said(), "udp 53>7:99(3)");
    CHECK_INT(last_from.n, far.n);
    CHECK_INT(inet_udp_send(in, all, guest, bytes_of("abc", 3), now), -EADDRNOTAVAIL);
    CHECK_INT(inet_udp_send_from(in, all, guest, guest, bytes_of("abc", 3), now),
              -EADDRNOTAVAIL);
    hears_at = ip_of(2);
    hears_udp(GUEST, 99, 53, 5);
    CHECK_STR(said(), "<datagram 53 7:99(5)>");
    end();
}

TEST(a_gateway_connects_to_the_guest_from_any_address)
{
    begin_gateway();
    struct tcp_conn *c = NULL;
    CHECK_INT(inet_connect_from(in, (struct ip4_endpoint){far, 1234},
                                (struct ip4_endpoint){ip_of(GUEST), 80}, &an_owner, now, &c),
              0);
    flush();
    CHECK_STR(said(), "S 1234>7:80");
    CHECK_INT(last_from.n, far.n);
    end();
}

TEST_MAIN(TEST_OF(an_address_that_is_added_is_announced_and_answered_for),
          TEST_OF(an_address_that_cannot_be_ours_is_not_added),
          TEST_OF(a_listener_that_holds_answers_no_syn_by_a_cookie_and_takes_none),
          TEST_OF(a_packet_to_any_of_our_addresses_is_answered_from_that_address),
          TEST_OF(connections_from_one_peer_to_two_addresses_are_two),
          TEST_OF(a_listener_at_one_address_does_not_hear_what_is_for_another),
          TEST_OF(what_we_begin_comes_from_the_address_in_the_network_of_the_next_hop),
          TEST_OF(an_address_that_is_removed_takes_its_connections_with_it),
          TEST_OF(a_gateway_needs_a_guest_that_is_another_host),
          TEST_OF(arp_is_answered_for_every_host_but_the_guest),
          TEST_OF(what_comes_from_another_than_the_guest_is_dropped),
          TEST_OF(a_syn_to_anywhere_waits_for_the_gateway_to_admit_it),
          TEST_OF(a_syn_that_is_refused_is_answered_as_the_real_destination_would),
          TEST_OF(a_held_connection_that_is_aborted_is_refused),
          TEST_OF(a_held_connection_whose_peer_gives_up_ends),
          TEST_OF(held_connections_are_at_most_the_backlog),
          TEST_OF(a_listener_of_its_own_goes_before_the_one_for_everywhere),
          TEST_OF(datagrams_to_anywhere_come_to_one_socket_which_answers_from_there),
          TEST_OF(a_gateway_connects_to_the_guest_from_any_address))
