/* SPDX-License-Identifier: ISC */
#include "stack/stack.h"
#include "tests/stack/peer.h"

#include <errno.h>

static struct dr_endpoint to;

static int op_connect(void)
{
    struct dr_tcp *c = NULL;
    int err = dr_tcp_connect(net, &to, &c);
    if (err && c)
        return 1; /* nothing is given when it fails */
    dr_tcp_close(&c);
    return err;
}

/* The peer's address is known, so that connecting is the handshake alone. */
static void know_the_peer(void)
{
    to = peer_endpoint(7);
    CHECK_INT(op_connect(), -ECONNREFUSED);
}

IMAGE_TEST(a_connection_is_made_and_carries_data_both_ways)
{
    struct dr_tcp *c = NULL;
    char buf[10];
    peer_listen(80);
    to = peer_endpoint(80);
    CHECK_INT(dr_tcp_connect(net, &to, &c), 0);
    CHECK_INT(dr_tcp_peer(c).port, 80);
    CHECK(dr_tcp_local(c).port >= 1024);
    CHECK_INT(dr_tcp_write(c, "hello", 5), 5);
    UNTIL(peer.accepted == 1 && peer.conn[0].got == 5);
    peer_say(&peer.conn[0], "world");
    CHECK_INT(dr_tcp_read(c, buf, sizeof buf), 5);
    CHECK_MEM(buf, "world", 5);
    dr_tcp_close(&c);
    return 0;
}

IMAGE_TEST(a_port_nobody_listens_on_refuses)
{
    to = peer_endpoint(7);
    CHECK_INT(op_connect(), -ECONNREFUSED);
    CHECK_INT(op_connect(), -ECONNREFUSED);
    CHECK_INT(net->handles, 0);
    return 0;
}

IMAGE_TEST(a_neighbour_that_does_not_answer_is_unreachable)
{
    uint64_t start = dr_now();
    to = (struct dr_endpoint){.ip = dr_ip4(10, 0, 0, 99), .port = 80};
    CHECK_INT(op_connect(), -EHOSTUNREACH);
    CHECK(dr_now() - start >= DR_S(1)); /* it was asked more than once */
    CHECK(dr_now() - start < DR_S(20));
    return 0;
}

static int image_no_route(void)
{
    struct dr_net_config c = image_config;
    memset(&c.ipv4_gateway, 0, sizeof c.ipv4_gateway);
    CHECK_INT(dr_net_up_with("net", &c, &net), 0);
    to = (struct dr_endpoint){.ip = dr_ip4(192, 0, 2, 1), .port = 80};
    CHECK_INT(op_connect(), -ENETUNREACH);
    CHECK_INT(dr_ip_parse("2001:db8::1", &to.ip), 0);
    CHECK_INT(op_connect(), -ENETUNREACH);
    dr_net_down(&net);
    return 0;
}

TEST(without_a_gateway_there_is_no_way_out_of_the_network)
{
    CHECK_INT(run_down(image_no_route), 0);
}

IMAGE_TEST(a_connection_to_no_single_host_is_refused)
{
    to = peer_endpoint(0);
    CHECK_INT(op_connect(), -EINVAL);
    static const struct dr_endpoint bad[] = {
        {.ip = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255}}, .port = 80},
        {.ip = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 255}}, .port = 80},
        {.ip = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 224, 0, 0, 1}}, .port = 80},
        {.ip = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0, 0, 0}}, .port = 80},
    };
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        to = bad[i];
        CHECK_INT(op_connect(), -EINVAL);
    }
    return 0;
}

IMAGE_TEST(a_peer_that_does_not_answer_is_a_time_out)
{
    know_the_peer();
    peer.deaf = true;
    uint64_t start = dr_now();
    CHECK_INT(op_connect(), -ETIMEDOUT);
    CHECK(dr_now() - start >= DR_S(30));
    CHECK(dr_now() - start <= DR_S(400));
    peer.deaf = false;
    return 0;
}

IMAGE_TEST(connecting_can_be_timed_out_and_cancelled)
{
    know_the_peer();
    peer.deaf = true;
    CHECK_INT(timed_out(op_connect), -ETIMEDOUT);
    CHECK_INT(cancelled(op_connect), -ECANCELED);
    CHECK_INT(net->handles, 0);
    peer.deaf = false;
    return 0;
}

IMAGE_TEST(waiting_for_a_neighbour_can_be_timed_out_and_cancelled)
{
    to = (struct dr_endpoint){.ip = dr_ip4(10, 0, 0, 99), .port = 80};
    CHECK_INT(timed_out(op_connect), -ETIMEDOUT);
    CHECK_INT(cancelled(op_connect), -ECANCELED);
    CHECK_INT(net->handles, 0);
    return 0;
}

IMAGE_TEST(a_connection_for_which_there_is_no_handle_is_refused)
{
    to = peer_endpoint(80);
    net->conn_pool.max = 0;
    CHECK_INT(op_connect(), -ENOMEM);
    net->conn_pool.max = 10;
    know_the_peer();
    return 0;
}

IMAGE_TEST(many_connections_have_ports_of_their_own)
{
    static struct dr_tcp *all[60];
    peer_listen(80);
    to = peer_endpoint(80);
    for (int i = 0; i < 60; i++)
        CHECK_INT(dr_tcp_connect(net, &to, &all[i]), 0);
    for (int i = 0; i < 60; i++)
        for (int j = 0; j < i; j++)
            CHECK(dr_tcp_local(all[i]).port != dr_tcp_local(all[j]).port);
    for (int i = 0; i < 60; i++)
        dr_tcp_abort(&all[i]);
    return 0;
}

TEST_MAIN(TEST_OF(a_connection_is_made_and_carries_data_both_ways),
          TEST_OF(a_port_nobody_listens_on_refuses),
          TEST_OF(a_neighbour_that_does_not_answer_is_unreachable),
          TEST_OF(without_a_gateway_there_is_no_way_out_of_the_network),
          TEST_OF(a_connection_to_no_single_host_is_refused),
          TEST_OF(a_peer_that_does_not_answer_is_a_time_out),
          TEST_OF(connecting_can_be_timed_out_and_cancelled),
          TEST_OF(waiting_for_a_neighbour_can_be_timed_out_and_cancelled),
          TEST_OF(a_connection_for_which_there_is_no_handle_is_refused),
          TEST_OF(many_connections_have_ports_of_their_own))
