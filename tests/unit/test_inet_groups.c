/* SPDX-License-Identifier: ISC */
/* UDP to and from several hosts at once: multicast groups and broadcast. */
#include "net/igmp/igmp.h"
#include "tests/support/inet_world.h"

#include "base/checksum.h"

static const struct ip4 group = {0xefffff07}; /* 239.255.255.7 */
static struct inet_udp *u;

static void begin_socket(void)
{
    begin();
    u = NULL;
    CHECK_INT(inet_udp_bind(in, 5353, NULL, &u), 0);
}

/* A packet of host 7 to hears_at, in a frame for a group. */
static void hears_to_group(uint8_t protocol, const void *payload, size_t len)
{
    packet_frame(7, ip_of(7), protocol, payload, len);
    struct eth_addr to = eth_of_group(hears_at);
    memcpy(in_frame, to.octet, sizeof to.octet);
    hears(in_frame, ETH_HEADER_LEN + IP4_HEADER_MIN + len);
}

static void hears_datagram(uint16_t port)
{
    uint8_t room[16];
    struct writer w = writer_of(room, sizeof room);
    udp_print(&w, (struct ip4_endpoint){ip_of(7), 99}, (struct ip4_endpoint){hears_at, port},
              bytes_of("hello", 5));
    hears_to_group(IP4_UDP, room, writer_len(&w));
}

TEST(a_member_gets_what_is_sent_to_its_group)
{
    begin_socket();
    hears_at = group;
    hears_datagram(5353);
    CHECK_STR(said(), "");
    CHECK_INT(counter("ip4.no_group"), 1);
    CHECK_INT(inet_udp_join(in, u, group, now), 0);
    CHECK_STR(said(), "igmp 22 16");
    CHECK_INT(last_mac.octet[0], 1);
    passes(2 * SECOND);
    CHECK_STR(said(), "igmp 22 16");
    hears_datagram(5353);
    CHECK_STR(said(), "<datagram 5353 7:99(5)>");
    CHECK_INT(last_datagram_to.ip.n, group.n);
    hears_datagram(5354); /* nobody's: not answered */
    CHECK_STR(said(), "");
    CHECK_INT(counter("udp.no_socket"), 1);
    CHECK_INT(inet_udp_leave(in, u, group, now), 0);
    CHECK_STR(said(), "igmp 22 16");
    hears_datagram(5353);
    CHECK_STR(said(), "");
    end();
}

TEST(a_socket_that_has_not_joined_gets_nothing_of_anothers_group)
{
    begin_socket();
    struct inet_udp *v = NULL;
    CHECK_INT(inet_udp_bind(in, 5354, NULL, &v), 0);
    CHECK_INT(inet_udp_join(in, u, group, now), 0);
    said();
    hears_at = group;
    hears_datagram(5354);
    CHECK_STR(said(), "");
    end();
}

TEST(closing_leaves_the_groups)
{
    begin_socket();
    CHECK_INT(inet_udp_join(in, u, group, now), 0);
    passes(2 * SECOND);
    said();
    inet_udp_close(in, &u);
    passes(2 * SECOND);
    CHECK_STR(said(), "igmp 22 16 igmp 22 16");
    CHECK_INT(counter("igmp.leaves_out"), 2);
    end();
}

TEST(joining_names_what_is_wrong)
{
    begin_socket();
    CHECK_INT(inet_udp_join(in, u, ip_of(9), now), -EINVAL);
    CHECK_INT(inet_udp_leave(in, u, group, now), -EADDRNOTAVAIL);
    memory.grants = 0;
    CHECK_INT(inet_udp_join(in, u, group, now), -ENOMEM);
    memory.grants = -1;
    CHECK_INT(inet_udp_join(in, u, ip4_of(224, 0, 0, 1), now), -EINVAL);
    CHECK_INT(inet_udp_join(in, u, group, now), 0);
    CHECK_INT(inet_udp_join(in, u, group, now), -EADDRINUSE);
    for (unsigned i = 1; i < INET_UDP_GROUPS_MAX; i++)
        CHECK_INT(inet_udp_join(in, u, (struct ip4){group.n + i}, now), 0);
    CHECK_INT(inet_udp_join(in, u, (struct ip4){group.n + 9}, now), -ENOSPC);
    end();
}

TEST(a_query_is_answered_in_its_time)
{
    begin_socket();
    uint8_t query[12] = {0x11, 10, 0, 0, 0, 0, 0, 0, 2, 125};
    uint16_t sum = checksum_end(checksum_add(0, bytes_of(query, sizeof query)));
    query[2] = (uint8_t)(sum >> 8);
    query[3] = (uint8_t)sum;
    hears_at = ip4_of(224, 0, 0, 1);
    hears_to_group(IP4_IGMP, query, sizeof query); /* before there is any group */
    CHECK_STR(said(), "");
    CHECK_INT(inet_udp_join(in, u, group, now), 0);
    passes(2 * SECOND);
    said();
    hears_to_group(IP4_IGMP, query, sizeof query);
    passes(2 * SECOND);
    CHECK_STR(said(), "igmp 22 16");
    CHECK_INT(counter("igmp.queries"), 1);
    end();
}

TEST(a_datagram_to_a_group_needs_no_neighbour_and_comes_back_to_members)
{
    begin_socket();
    struct ip4_endpoint to = {group, 5353};
    CHECK_INT(inet_udp_send(in, u, to, bytes_of("hello", 5), now), 0);
    CHECK(strstr(said(), "udp 5353>7:5353(5)"));
    static const uint8_t mac[6] = {0x01, 0x00, 0x5e, 0x7f, 0xff, 0x07};
    CHECK_MEM(last_mac.octet, mac, 6);
    CHECK_INT(last_ttl, 1);
    CHECK_INT(inet_udp_join(in, u, group, now), 0);
    passes(2 * SECOND);
    said();
    const struct inet_udp_options far = {.multicast_ttl = 7, .tos = 0x20};
    inet_udp_set(u, &far);
    CHECK_INT(inet_udp_send(in, u, to, bytes_of("hello", 5), now), 0);
    CHECK_INT(last_ttl, 7);
    CHECK_INT(last_tos, 0x20);
    flush();
    CHECK(strstr(said(), "<datagram 5353 2:5353(5)>"));
    const struct inet_udp_options deaf = {.no_loop = true};
    inet_udp_set(u, &deaf);
    CHECK_INT(inet_udp_send(in, u, to, bytes_of("hello", 5), now), 0);
    flush();
    CHECK(!strstr(said(), "<datagram"));
    end();
}

TEST(broadcast_is_sent_by_those_who_asked_for_it_and_received_by_all)
{
    begin_socket();
    struct ip4_endpoint to = {ip_of(255), 99};
    CHECK_INT(inet_udp_send(in, u, to, bytes_of("hello", 5), now), -EACCES);
    const struct inet_udp_options options = {.broadcast = true, .ttl = 9};
    inet_udp_set(u, &options);
    CHECK_INT(inet_udp_send(in, u, to, bytes_of("hello", 5), now), 0);
    CHECK(eth_equal(&last_mac, &eth_broadcast));
    CHECK_INT(last_ttl, 9);
    to.ip.n = UINT32_MAX;
    CHECK_INT(inet_udp_send(in, u, to, bytes_of("hello", 5), now), 0);
    said();
    hears_at = ip_of(255);
    uint8_t room[16];
    struct writer w = writer_of(room, sizeof room);
    udp_print(&w, (struct ip4_endpoint){ip_of(7), 99}, (struct ip4_endpoint){hears_at, 5353},
              bytes_of("hello", 5));
    size_t len = packet_frame(7, ip_of(7), IP4_UDP, room, writer_len(&w));
    memset(in_frame, 0xff, 6);
    hears(in_frame, len);
    CHECK_STR(said(), "<datagram 5353 7:99(5)>");
    end();
}

TEST_MAIN(TEST_OF(a_member_gets_what_is_sent_to_its_group),
          TEST_OF(a_socket_that_has_not_joined_gets_nothing_of_anothers_group),
          TEST_OF(closing_leaves_the_groups), TEST_OF(joining_names_what_is_wrong),
          TEST_OF(a_query_is_answered_in_its_time),
          TEST_OF(a_datagram_to_a_group_needs_no_neighbour_and_comes_back_to_members),
          TEST_OF(broadcast_is_sent_by_those_who_asked_for_it_and_received_by_all))
