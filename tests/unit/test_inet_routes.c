/* SPDX-License-Identifier: ISC */
/* Routes: which of several ways a packet takes, and gateways that fall silent. */
#include "tests/support/inet_world.h"

static const struct ip4 far = {0x0a090101}; /* 10.9.1.1 */

static struct inet_route route(struct ip4 to, uint8_t len, unsigned gateway, uint16_t metric)
{
    return (struct inet_route){{to, len}, ip_of(gateway), metric};
}

static int adds(struct ip4 to, uint8_t len, unsigned gateway, uint16_t metric)
{
    struct inet_route r = route(to, len, gateway, metric);
    return inet_route_add(in, &r);
}

static int removes(struct ip4 to, uint8_t len, unsigned gateway)
{
    struct inet_route r = route(to, len, gateway, 0);
    return inet_route_remove(in, &r);
}

static unsigned hop(struct ip4 to)
{
    return host_of(inet_next_hop(in, to));
}

static struct tcp_conn *connects(struct ip4 to)
{
    struct tcp_conn *c = NULL;
    CHECK_INT(inet_connect(in, (struct ip4_endpoint){to, 80}, &an_owner, now, &c), 0);
    flush();
    return c;
}

TEST(the_route_with_the_longest_prefix_is_taken)
{
    begin();
    CHECK_INT(hop(far), 1);
    CHECK_INT(adds(ip4_of(10, 0, 0, 0), 8, 3, 0), 0);
    CHECK_INT(hop(far), 3);
    CHECK_INT(adds(ip4_of(10, 9, 0, 0), 16, 4, 9), 0);
    CHECK_INT(hop(far), 4);
    CHECK_INT(adds(far, 32, 5, 100), 0);
    CHECK_INT(hop(far), 5);
    CHECK_INT(hop(ip4_of(10, 9, 1, 2)), 4);
    CHECK_INT(hop(ip4_of(10, 8, 1, 2)), 3);
    CHECK_INT(hop(ip4_of(8, 8, 8, 8)), 1);
    CHECK_INT(removes(far, 32, 5), 0);
    CHECK_INT(hop(far), 4);
    end();
}

TEST(our_own_network_goes_before_a_route_of_the_same_length_but_not_before_a_longer_one)
{
    begin();
    CHECK_INT(adds(ip4_of(10, 0, 0, 0), 24, 9, 0), 0);
    CHECK_INT(hop(ip_of(7)), 7);
    CHECK_INT(adds(ip4_of(10, 0, 0, 64), 26, 9, 0), 0);
    CHECK_INT(hop(ip_of(65)), 9);
    CHECK_INT(hop(ip_of(7)), 7);
    CHECK_INT(hop(ip4_of(127, 0, 0, 1)), 1); /* itself */
    end();
}

TEST(of_two_routes_to_a_network_the_lower_metric_is_taken_and_of_equals_the_older)
{
    begin();
    CHECK_INT(adds(ip4_of(10, 9, 0, 0), 16, 4, 5), 0);
    CHECK_INT(adds(ip4_of(10, 9, 0, 0), 16, 3, 2), 0);
    CHECK_INT(hop(far), 3);
    CHECK_INT(adds(ip4_of(10, 9, 0, 0), 16, 6, 2), 0);
    CHECK_INT(hop(far), 3);
    end();
}

TEST(what_is_no_route_is_refused)
{
    begin();
    CHECK_INT(adds(ip4_of(10, 9, 0, 1), 16, 4, 0), -EINVAL); /* bits beyond the prefix */
    CHECK_INT(adds(ip4_of(10, 9, 0, 0), 33, 4, 0), -EINVAL);
    CHECK_INT(adds(ip4_of(10, 9, 0, 0), 16, 2, 0), -EINVAL);   /* ourselves */
    CHECK_INT(adds(ip4_of(10, 9, 0, 0), 16, 255, 0), -EINVAL); /* broadcast */
    struct inet_route outside = {{ip4_of(10, 9, 0, 0), 16}, far, 0};
    CHECK_INT(inet_route_add(in, &outside), -EINVAL);
    CHECK_INT(adds(ip4_of(0, 0, 0, 0), 0, 1, 5), -EEXIST); /* the configured gateway */
    CHECK_INT(removes(ip4_of(10, 9, 0, 0), 16, 4), -ESRCH);
    for (unsigned i = 1; i < INET_ROUTES_MAX; i++)
        CHECK_INT(adds(ip4_of(10, (uint8_t)i, 0, 0), 16, 4, 0), 0);
    CHECK_INT(adds(ip4_of(10, 99, 0, 0), 16, 4, 0), -ENOSPC);
    end();
}

TEST(without_a_route_nothing_is_sent)
{
    begin();
    CHECK_INT(removes(ip4_of(0, 0, 0, 0), 0, 1), 0);
    struct tcp_conn *c = NULL;
    CHECK_INT(inet_connect(in, (struct ip4_endpoint){far, 80}, &an_owner, now, &c),
              -ENETUNREACH);
    CHECK_INT(inet_preference(in, far), 0);
    CHECK_INT(adds(ip4_of(10, 9, 0, 0), 16, 4, 0), 0);
    CHECK_INT(inet_connect(in, (struct ip4_endpoint){far, 80}, &an_owner, now, &c), 0);
    flush();
    CHECK_STR(said(), "who-has 4");
    hears_arp(ARP_REPLY, 4, 2);
    CHECK_INT(last_mac.octet[5], 4);
    end();
}

TEST(packets_through_a_gateway_come_from_the_address_in_its_network)
{
    begin();
    CHECK_INT(inet_add_address(in, ip4_of(172, 16, 0, 3), 16, now), 0);
    struct inet_route r = {{ip4_of(10, 9, 0, 0), 16}, ip4_of(172, 16, 0, 9), 0};
    CHECK_INT(inet_route_add(in, &r), 0);
    CHECK_INT(inet_source_for(in, far).n, ip4_of(172, 16, 0, 3).n);
    CHECK_INT(inet_source_for(in, ip4_of(8, 8, 8, 8)).n, ip_of(2).n);
    CHECK_INT(inet_remove_address(in, ip4_of(172, 16, 0, 3), now), 0);
    CHECK_INT(inet_source_for(in, far).n, ip_of(2).n); /* the route went with its network */
    CHECK_INT(hop(far), 1);
    end();
}

TEST(a_gateway_that_does_not_answer_is_replaced_by_the_next_best)
{
    begin();
    CHECK_INT(adds(ip4_of(0, 0, 0, 0), 0, 3, 10), 0);
    meet(3);
    connects(far);
    CHECK_STR(said(), "who-has 1");
    passes(4 * SECOND);
    const char *text = said();
    CHECK(strstr(text, "who-has 1"));
    CHECK(strstr(text, "<lost 1>"));
    CHECK(strstr(text, ">1:80@3"));
    CHECK(!strstr(text, "<ended"));
    CHECK_INT(counter("ip4.gateways_dead"), 1);
    CHECK_INT(hop(far), 3);
    end();
}

TEST(a_dead_gateway_is_asked_for_again_now_and_then_and_taken_when_it_answers)
{
    begin();
    CHECK_INT(adds(ip4_of(0, 0, 0, 0), 0, 3, 10), 0);
    meet(3);
    connects(far);
    passes(4 * SECOND);
    CHECK_INT(hop(far), 3);
    passes(INET_GATEWAY_RETRY_NS);
    said();
    connects(far);
    const char *text = said();
    CHECK(strstr(text, "who-has 1") && strstr(text, ":80@3")); /* meanwhile nothing waits */
    hears_arp(ARP_REPLY, 1, 2);
    CHECK_INT(hop(far), 1);
    end();
}

TEST(when_no_gateway_answers_the_attempt_ends)
{
    begin();
    CHECK_INT(adds(ip4_of(0, 0, 0, 0), 0, 3, 10), 0);
    struct tcp_conn *c = connects(far);
    passes(9 * SECOND);
    CHECK(strstr(said(), "<ended -113>"));
    inet_tcp_close(in, &c, now);
    end();
}

TEST(a_route_that_is_added_serves_who_already_waits)
{
    begin();
    meet(4);
    connects(far);
    CHECK_STR(said(), "who-has 1");
    CHECK_INT(adds(ip4_of(10, 9, 0, 0), 16, 4, 0), 0);
    flush();
    CHECK(strstr(said(), ":80@4"));
    end();
}

TEST(interfaces_are_compared_by_prefix_then_by_whether_the_gateway_answers_then_by_metric)
{
    begin();
    uint32_t by_default = inet_preference(in, far), near = inet_preference(in, ip_of(7));
    CHECK(near > by_default && by_default > 0);
    CHECK_INT(inet_preference(in, ip_of(2)), UINT32_MAX);
    CHECK_INT(inet_preference(in, ip4_of(127, 0, 0, 1)), UINT32_MAX);
    CHECK_INT(adds(ip4_of(10, 9, 0, 0), 16, 4, 7), 0);
    uint32_t by_route = inet_preference(in, far);
    CHECK(by_route > by_default && by_route < near);
    CHECK_INT(removes(ip4_of(10, 9, 0, 0), 16, 4), 0);
    CHECK_INT(adds(ip4_of(10, 9, 0, 0), 16, 4, 8), 0);
    CHECK(inet_preference(in, far) < by_route);
    struct tcp_conn *c = connects(far);
    passes(4 * SECOND);
    CHECK(inet_preference(in, far) < by_route - 0x8000); /* dead */
    CHECK(inet_preference(in, far) > by_default);
    inet_tcp_close(in, &c, now);
    end();
}

TEST_MAIN(
    TEST_OF(the_route_with_the_longest_prefix_is_taken),
    TEST_OF(our_own_network_goes_before_a_route_of_the_same_length_but_not_before_a_longer_one),
    TEST_OF(of_two_routes_to_a_network_the_lower_metric_is_taken_and_of_equals_the_older),
    TEST_OF(what_is_no_route_is_refused), TEST_OF(without_a_route_nothing_is_sent),
    TEST_OF(packets_through_a_gateway_come_from_the_address_in_its_network),
    TEST_OF(a_gateway_that_does_not_answer_is_replaced_by_the_next_best),
    TEST_OF(a_dead_gateway_is_asked_for_again_now_and_then_and_taken_when_it_answers),
    TEST_OF(when_no_gateway_answers_the_attempt_ends),
    TEST_OF(a_route_that_is_added_serves_who_already_waits),
    TEST_OF(
        interfaces_are_compared_by_prefix_then_by_whether_the_gateway_answers_then_by_metric))
