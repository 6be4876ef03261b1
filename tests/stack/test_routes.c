/* SPDX-License-Identifier: ISC */
/* Several nets in one image, and which of them a destination is reached by. */
#include "stack/device.h"
#include "tests/stack/peer.h"

#include <drupe/tcp.h>
#include <errno.h>
#include <string.h>

static struct dr_net *lan;

static const struct dr_net_config lan_config = {
    .ipv4 = {.ip = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 172, 16, 0, 2}}, .len = 16}};

static struct dr_net *net_for(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    struct dr_ip ip = dr_ip4(a, b, c, d);
    return dr_net_for(&ip);
}

static struct dr_route route(uint8_t b, uint8_t len, struct dr_ip gateway, uint16_t metric)
{
    return (struct dr_route){{dr_ip4(192, b, 0, 0), len}, gateway, metric};
}

static int (*two_body)(void);

static int two_main(void)
{
    CHECK_INT(dr_net_up_with("net", &image_config, &net), 0);
    CHECK_INT(dr_net_up_with("lan", &lan_config, &lan), 0);
    int err = two_body();
    dr_net_down(&lan);
    dr_net_down(&net);
    return err;
}

/* A test whose body runs with both nets up; behind "lan" there is nobody. */
static int run_two(int (*body)(void))
{
    static const uint8_t mac[6] = {2, 0, 0, 0, 1, 2};
    vplat_reset();
    device_forget_all();
    peer_start();
    vplat_net_add("lan", mac, 1500);
    two_body = body;
    int status = vplat_run(two_main);
    peer_end();
    return status;
}

#define TWO_NETS_TEST(name)                                                                    \
    static int image_##name(void);                                                             \
    TEST(name)                                                                                 \
    {                                                                                          \
        CHECK_INT(run_two(image_##name), 0);                                                   \
    }                                                                                          \
    static int image_##name(void)

TWO_NETS_TEST(a_destination_is_reached_by_the_net_with_the_best_way)
{
    CHECK(net_for(10, 0, 0, 9) == net);
    CHECK(net_for(172, 16, 3, 3) == lan);
    CHECK(net_for(192, 0, 2, 1) == net); /* its gateway */
    CHECK(net_for(10, 0, 0, 2) == net && net_for(172, 16, 0, 2) == lan);
    struct dr_route r = route(7, 16, dr_ip4(172, 16, 0, 9), 5);
    CHECK_INT(dr_net_route_add(lan, &r), 0);
    CHECK(net_for(192, 7, 2, 1) == lan);
    CHECK(net_for(192, 8, 2, 1) == net);
    struct dr_route better = route(7, 16, dr_ip4(10, 0, 0, 9), 4);
    CHECK_INT(dr_net_route_add(net, &better), 0);
    CHECK(net_for(192, 7, 2, 1) == net);
    CHECK_INT(dr_net_route_remove(net, &better), 0);
    CHECK_INT(dr_net_route_remove(net, &better), -ESRCH);
    CHECK(net_for(192, 7, 2, 1) == lan);
    return 0;
}

TWO_NETS_TEST(a_connection_that_names_no_net_goes_the_best_way)
{
    struct dr_tcp *conn = NULL;
    struct dr_endpoint to = peer_endpoint(80);
    peer_listen(80);
    CHECK_INT(dr_tcp_connect(NULL, &to, &conn), 0);
    struct dr_endpoint local = dr_tcp_local(conn);
    struct dr_ip own = dr_ip4(10, 0, 0, 2);
    CHECK(dr_ip_equal(&local.ip, &own));
    dr_tcp_close(&conn);
    to.ip = dr_ip4(172, 16, 0, 2); /* the other's own, where nobody listens */
    CHECK_INT(dr_tcp_connect(NULL, &to, &conn), -ECONNREFUSED);
    return 0;
}

TWO_NETS_TEST(a_loopback_address_is_reached_by_every_net)
{
    struct dr_tcp_listener *l = NULL;
    struct dr_tcp *conn = NULL;
    CHECK_INT(dr_tcp_listen(lan, 80, 4, &l), 0);
    struct dr_endpoint to = {dr_ip4(127, 0, 0, 1), 80};
    struct dr_net *named[] = {NULL, net, lan};
    for (unsigned i = 0; i < 3; i++) {
        CHECK_INT(dr_tcp_connect(named[i], &to, &conn), 0);
        dr_tcp_close(&conn);
    }
    to.port = 81;
    CHECK_INT(dr_tcp_connect(NULL, &to, &conn), -ECONNREFUSED);
    dr_tcp_unlisten(&l);
    return 0;
}

TWO_NETS_TEST(a_net_that_is_down_is_no_way)
{
    struct dr_tcp *conn = NULL;
    struct dr_endpoint to = {dr_ip4(192, 0, 2, 1), 80};
    dr_net_down(&net);
    CHECK(!net_for(192, 0, 2, 1));
    CHECK(!net_for(10, 0, 0, 9));
    CHECK(net_for(127, 0, 0, 1) == lan);
    CHECK_INT(dr_tcp_connect(NULL, &to, &conn), -ENETUNREACH);
    return 0;
}

TWO_NETS_TEST(a_route_that_cannot_be_is_refused)
{
    struct dr_route r = route(7, 16, dr_ip4(192, 7, 0, 1), 0);
    CHECK_INT(dr_net_route_add(net, &r), -EINVAL);
    r.gateway = dr_ip4(10, 0, 0, 9);
    r.to.len = 8;
    CHECK_INT(dr_net_route_add(net, &r), -EINVAL);
    CHECK_INT(dr_ip_parse("2001:db8::", &r.to.ip), 0);
    CHECK_INT(dr_net_route_add(net, &r), -EINVAL);
    CHECK_INT(dr_net_route_remove(net, &r), -ESRCH);
    for (unsigned i = 1; i <= DR_NET_ROUTES_MAX; i++) {
        r = route((uint8_t)i, 16, dr_ip4(10, 0, 0, 9), 0);
        CHECK_INT(dr_net_route_add(net, &r), 0);
    }
    r = route(99, 16, dr_ip4(10, 0, 0, 9), 0);
    CHECK_INT(dr_net_route_add(net, &r), -ENOSPC);
    return 0;
}

static int image_configured(void)
{
    struct dr_net_config c = image_config;
    c.ipv4_routes[0] = route(7, 16, dr_ip4(10, 0, 0, 9), 0);
    c.ipv4_routes[1] = route(8, 16, dr_ip4(10, 0, 0, 9), 3);
    CHECK_INT(dr_net_up_with("net", &c, &net), 0);
    CHECK_INT(dr_net_route_remove(net, &c.ipv4_routes[1]), 0);
    dr_net_down(&net);
    c.ipv4_routes[1] = c.ipv4_routes[0];
    CHECK_INT(dr_net_up_with("net", &c, &net), -EINVAL);
    c.ipv4_routes[1].to.len = 8;
    CHECK_INT(dr_net_up_with("net", &c, &net), -EINVAL);
    return 0;
}

TEST(routes_of_the_configuration_are_there_from_the_start)
{
    CHECK_INT(run_down(image_configured), 0);
}

TEST_MAIN(TEST_OF(a_destination_is_reached_by_the_net_with_the_best_way),
          TEST_OF(a_connection_that_names_no_net_goes_the_best_way),
          TEST_OF(a_loopback_address_is_reached_by_every_net),
          TEST_OF(a_net_that_is_down_is_no_way), TEST_OF(a_route_that_cannot_be_is_refused),
          TEST_OF(routes_of_the_configuration_are_there_from_the_start))
