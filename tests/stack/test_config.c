/* SPDX-License-Identifier: ISC */
#include "stack/config.h"
#include "stack/limits.h"
#include "stack/stack.h"
#include "tests/check.h"

static struct dr_net_config config(const char *ip, const char *gateway)
{
    struct dr_net_config c;
    memset(&c, 0, sizeof c);
    if (dr_prefix_parse(ip, &c.ipv4) != 0)
        test_failed(__FILE__, __LINE__, "%s is no prefix", ip);
    if (gateway && dr_ip_parse(gateway, &c.ipv4_gateway) != 0)
        test_failed(__FILE__, __LINE__, "%s is no address", gateway);
    return c;
}

static const char *fault(const char *ip, const char *gateway)
{
    bool of_gateway = false;
    struct dr_net_config c = config(ip, gateway);
    const char *text = config_fault(&c, &of_gateway);
    return text ? text : "";
}

TEST(a_host_in_its_network_is_accepted)
{
    CHECK_STR(fault("10.0.0.2/24", NULL), "");
    CHECK_STR(fault("10.0.0.2/24", "10.0.0.1"), "");
    CHECK_STR(fault("192.168.255.254/16", "192.168.0.1"), "");
    CHECK_STR(fault("10.0.0.0/31", "10.0.0.1"), "");
    CHECK_STR(fault("10.0.0.1/31", "10.0.0.0"), "");
    CHECK_STR(fault("10.0.0.1/32", NULL), "");
    CHECK_STR(fault("223.255.255.254/8", NULL), "");
}

TEST(an_address_that_is_no_hosts_is_refused)
{
    CHECK_STR(fault("10.0.0.0/24", NULL), "is the network itself, not a host in it");
    CHECK_STR(fault("10.0.0.255/24", NULL), "is the broadcast address of its network");
    CHECK_STR(fault("10.0.0.7/29", NULL), "is the broadcast address of its network");
    CHECK_STR(fault("224.0.0.1/24", NULL), "is a multicast address");
    CHECK_STR(fault("239.255.255.255/24", NULL), "is a multicast address");
    CHECK_STR(fault("240.0.0.1/24", NULL), "is a reserved or broadcast address");
    CHECK_STR(fault("255.255.255.255/32", NULL), "is a reserved or broadcast address");
    CHECK_STR(fault("127.0.0.1/8", NULL), "is a loopback address, which no network carries");
    CHECK_STR(fault("0.0.0.1/24", NULL),
              "is no host's address (0.0.0.0/8 means \"this network\")");
    CHECK_STR(fault("fe80::1/64", NULL), "is not an IPv4 address");
}

TEST(a_prefix_longer_than_an_address_is_refused)
{
    bool of_gateway = true;
    struct dr_net_config c = config("10.0.0.2/24", NULL);
    c.ipv4.len = 33;
    CHECK_STR(config_fault(&c, &of_gateway), "has a prefix longer than 32 bits");
    CHECK(!of_gateway);
}

TEST(a_gateway_that_cannot_be_one_is_refused)
{
    bool of_gateway = false;
    struct dr_net_config c = config("10.0.0.2/24", "10.0.1.1");
    CHECK_STR(config_fault(&c, &of_gateway), "is not inside the network of --ipv4");
    CHECK(of_gateway);
    CHECK_STR(fault("10.0.0.2/24", "10.0.0.2"), "is the device's own address");
    CHECK_STR(fault("10.0.0.2/24", "10.0.0.0"), "is the network itself, not a host in it");
    CHECK_STR(fault("10.0.0.2/24", "10.0.0.255"), "is the broadcast address of its network");
    CHECK_STR(fault("10.0.0.2/32", "10.0.0.1"), "is not inside the network of --ipv4");
    CHECK_STR(fault("10.0.0.2/24", "fe80::1"), "is not an IPv4 address");
}

static struct stack_budget budget(size_t tables, size_t buffers)
{
    static struct supply t, b;
    t.limit = tables;
    b.limit = buffers;
    return stack_budget_of(&t, &b, 1500);
}

TEST(eight_mib_have_room_for_64_clients)
{
    struct stack_budget b = budget((8U << 20) / 10, (8U << 20) / 10 * 3);
    CHECK(b.connections >= 64 + STACK_CONNECTIONS_MIN);
    CHECK(b.half_open >= 16);
    /* Each with the least of a queue both ways. */
    CHECK(b.buffers->limit >= (size_t)64 * 2 * RING_LEN_MIN);
    CHECK_INT(b.queue, 512U << 10);
    CHECK_INT(b.queue_first, 128U << 10);
}

/* Control block, handle, and the places of both tables' chains. */
TEST(an_idle_connection_takes_what_it_is_counted_for)
{
    size_t idle = sizeof(struct tcp_conn) + sizeof(struct dr_tcp) + 2 * sizeof(void *);
    CHECK(idle <= STACK_CONNECTION_COST);
    CHECK(STACK_CONNECTION_COST <= 1024);
}

TEST(limits_grow_with_the_memory_and_end)
{
    struct stack_budget b = budget((512U << 20) / 10, (512U << 20) / 10 * 3);
    CHECK(b.connections > 50000);
    CHECK_INT(b.queue, STACK_QUEUE_MAX);
    b = budget(SIZE_MAX, SIZE_MAX);
    CHECK_INT(b.connections, STACK_CONNECTIONS_MAX);
    CHECK_INT(b.queue, STACK_QUEUE_MAX);
    b = budget(0, 0);
    CHECK_INT(b.connections, STACK_CONNECTIONS_MIN);
    CHECK_INT(b.queue, STACK_QUEUE_MIN);
}

TEST(a_udp_queue_holds_four_datagrams_of_any_mtu)
{
    struct supply s = {.limit = 1U << 20};
    for (unsigned mtu = 576; mtu <= 65535; mtu += 61) {
        struct stack_budget b = stack_budget_of(&s, &s, (uint16_t)mtu);
        CHECK(b.udp_queue >= UDP_QUEUE_DATAGRAMS * mtu);
        CHECK_INT(b.udp_queue & (b.udp_queue - 1), 0);
    }
}

TEST_MAIN(TEST_OF(a_host_in_its_network_is_accepted),
          TEST_OF(an_address_that_is_no_hosts_is_refused),
          TEST_OF(a_prefix_longer_than_an_address_is_refused),
          TEST_OF(a_gateway_that_cannot_be_one_is_refused),
          TEST_OF(eight_mib_have_room_for_64_clients),
          TEST_OF(an_idle_connection_takes_what_it_is_counted_for),
          TEST_OF(limits_grow_with_the_memory_and_end),
          TEST_OF(a_udp_queue_holds_four_datagrams_of_any_mtu))
