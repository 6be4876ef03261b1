/* SPDX-License-Identifier: ISC */
#include "stack/limits.h"
#include "stack/stack.h"
#include "tests/stack/peer.h"

#include <errno.h>

static struct dr_udp *udp;
static struct dr_endpoint to;
static char text[2000];

static void open_both(void)
{
    udp = NULL;
    CHECK_INT(dr_udp_bind(net, 53, &udp), 0);
    peer_bind(5353);
    to = peer_endpoint(5353);
}

/* Once each side has heard of the other, sending waits for nothing. */
static void meet(void)
{
    open_both();
    CHECK_INT(dr_udp_sendto(udp, "hello", 5, &to), 5);
    UNTIL(peer.datagrams == 1);
    peer.datagrams = 0;
}

static int op_receive(void)
{
    char buf[10];
    return (int)dr_udp_recvfrom(udp, buf, sizeof buf, NULL);
}

static int op_send(void)
{
    return (int)dr_udp_sendto(udp, "x", 1, &to);
}

IMAGE_TEST(a_port_is_bound_once)
{
    struct dr_udp *a = NULL, *b = NULL;
    CHECK_INT(dr_udp_bind(net, 53, &a), 0);
    CHECK_INT(dr_udp_port(a), 53);
    CHECK_INT(dr_udp_bind(net, 53, &b), -EADDRINUSE);
    CHECK(!b);
    CHECK_INT(dr_udp_bind(net, 0, &b), 0);
    CHECK(dr_udp_port(b) != 0 && dr_udp_port(b) != 53);
    dr_udp_close(&b);
    dr_udp_close(&a);
    CHECK(!a);
    dr_udp_close(&a);
    CHECK_INT(dr_udp_bind(net, 53, &a), 0);
    dr_udp_close(&a);
    return 0;
}

IMAGE_TEST(a_datagram_is_sent_once_its_neighbour_is_known)
{
    open_both();
    CHECK_INT(dr_udp_sendto(udp, "hello", 5, &to), 5);
    UNTIL(peer.datagrams == 1);
    CHECK_INT(peer.datagram[0].len, 5);
    CHECK_MEM(peer.datagram[0].text, "hello", 5);
    CHECK_INT(peer.datagram[0].from.port, 53);
    dr_udp_close(&udp);
    return 0;
}

IMAGE_TEST(a_datagram_is_received_with_its_sender)
{
    char buf[100];
    struct dr_endpoint from;
    meet();
    CHECK_INT(peer_send(53, "hello", 5), 0);
    CHECK_INT(dr_udp_recvfrom(udp, buf, sizeof buf, &from), 5);
    CHECK_MEM(buf, "hello", 5);
    CHECK_INT(from.port, 5353);
    CHECK(dr_ip_equal(&from.ip, &to.ip));
    dr_udp_close(&udp);
    return 0;
}

IMAGE_TEST(datagrams_keep_their_order_and_their_ends)
{
    char buf[2000];
    meet();
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)i;
    CHECK_INT(peer_send(53, "", 0), 0);
    CHECK_INT(peer_send(53, text, 1472), 0);
    CHECK_INT(peer_send(53, "last", 4), 0);
    CHECK_INT(dr_udp_recvfrom(udp, buf, sizeof buf, NULL), 0);
    CHECK_INT(dr_udp_recvfrom(udp, buf, sizeof buf, NULL), 1472);
    CHECK_MEM(buf, text, 1472);
    CHECK_INT(dr_udp_recvfrom(udp, buf, sizeof buf, NULL), 4);
    CHECK_MEM(buf, "last", 4);
    dr_udp_close(&udp);
    return 0;
}

IMAGE_TEST(what_does_not_fit_the_readers_buffer_is_lost_and_counted)
{
    char buf[4] = "....";
    meet();
    CHECK_INT(peer_send(53, "hello", 5), 0);
    CHECK_INT(peer_send(53, "bye", 3), 0);
    CHECK_INT(dr_udp_recvfrom(udp, buf, 2, NULL), 5);
    CHECK_MEM(buf, "he..", 4);
    CHECK_INT(dr_udp_recvfrom(udp, buf, sizeof buf, NULL), 3);
    CHECK_MEM(buf, "bye", 3);
    CHECK_INT(counter("stack.udp_cut"), 1);
    dr_udp_close(&udp);
    return 0;
}

IMAGE_TEST(a_full_queue_loses_what_comes_last_and_counts_it)
{
    char buf[2000];
    unsigned kept = 0;
    meet();
    for (int i = 0; i < 100; i++)
        CHECK_INT(peer_send(53, text, 1472), 0);
    UNTIL(counter("device.frames_in") >= 100);
    uint64_t lost = counter("stack.udp_full");
    CHECK(lost > 0 && lost <= 100 - UDP_QUEUE_DATAGRAMS);
    while (udp->queue.count > 0) {
        CHECK_INT(dr_udp_recvfrom(udp, buf, sizeof buf, NULL), 1472);
        kept++;
    }
    CHECK_INT(kept + lost, 100);
    CHECK_INT(peer_send(53, "room again", 10), 0);
    CHECK_INT(dr_udp_recvfrom(udp, buf, sizeof buf, NULL), 10);
    dr_udp_close(&udp);
    return 0;
}

IMAGE_TEST(a_datagram_for_which_there_is_no_memory_is_lost_and_counted)
{
    struct supply *buffers = net->budget.buffers;
    size_t limit = buffers->limit;
    meet();
    buffers->limit = buffers->used;
    CHECK_INT(peer_send(53, "lost", 4), 0);
    UNTIL(counter("stack.udp_full") == 1);
    buffers->limit = limit;
    dr_udp_close(&udp);
    return 0;
}

IMAGE_TEST(an_empty_socket_holds_no_buffer)
{
    char buf[10];
    size_t before = net->budget.buffers->used;
    meet();
    CHECK_INT(net->budget.buffers->used, before);
    CHECK_INT(peer_send(53, "x", 1), 0);
    UNTIL(net->budget.buffers->used > before);
    CHECK_INT(dr_udp_recvfrom(udp, buf, sizeof buf, NULL), 1);
    CHECK_INT(net->budget.buffers->used, before);
    dr_udp_close(&udp);
    return 0;
}

IMAGE_TEST(receiving_can_be_timed_out_and_cancelled)
{
    meet();
    CHECK_INT(timed_out(op_receive), -ETIMEDOUT);
    CHECK_INT(cancelled(op_receive), -ECANCELED);
    CHECK_INT(peer_send(53, "x", 1), 0);
    CHECK_INT(op_receive(), 1);
    dr_udp_close(&udp);
    return 0;
}

IMAGE_TEST(waiting_for_a_neighbour_can_be_timed_out_and_cancelled)
{
    open_both();
    to.ip = dr_ip4(10, 0, 0, 99);
    CHECK_INT(timed_out(op_send), -ETIMEDOUT);
    CHECK_INT(cancelled(op_send), -ECANCELED);
    dr_udp_close(&udp);
    return 0;
}

IMAGE_TEST(sending_names_what_is_wrong)
{
    meet();
    static uint8_t longest[DR_UDP_TEXT_MAX + 1];
    CHECK_INT(dr_udp_sendto(udp, longest, sizeof longest, &to), -EMSGSIZE);
    CHECK_INT(dr_udp_sendto(udp, text, 1472, &to), 1472);
    CHECK_INT(dr_udp_sendto(udp, text, 0, &to), 0);
    to.ip = dr_ip4(10, 0, 0, 99);
    CHECK_INT(op_send(), -EHOSTUNREACH);
    to.ip = dr_ip4(10, 0, 0, 255);
    CHECK_INT(op_send(), -EACCES);
    to.ip = dr_ip4(255, 255, 255, 255);
    CHECK_INT(op_send(), -EACCES);
    CHECK_INT(dr_ip_parse("2001:db8::1", &to.ip), 0);
    CHECK_INT(op_send(), -ENETUNREACH);
    to = peer_endpoint(0);
    CHECK_INT(op_send(), -EINVAL);
    dr_udp_close(&udp);
    return 0;
}

IMAGE_TEST(a_connected_socket_is_told_once_that_nobody_is_there)
{
    static uint8_t longest[DR_UDP_TEXT_MAX];
    struct dr_endpoint at = {.ip = dr_ip4(127, 0, 0, 1), .port = 4000}, about;
    struct dr_udp *here = NULL, *none = NULL;
    char buf[8];
    meet();
    CHECK_INT(dr_udp_sendto(udp, "a", 1, NULL), -EDESTADDRREQ);
    CHECK_INT(dr_udp_connect(udp, &at), 0);
    CHECK_INT(dr_udp_sendto(udp, "a", 1, NULL), 1);
    CHECK_INT(dr_udp_recvfrom(udp, buf, sizeof buf, NULL), -ECONNREFUSED);
    CHECK_INT(dr_udp_bind_at(net, &at, &here), 0);
    CHECK_INT(dr_udp_sendto(udp, longest, sizeof longest, NULL), sizeof longest);
    CHECK_INT(dr_udp_recvfrom(here, longest, sizeof longest, &about), sizeof longest);
    CHECK_INT(about.port, dr_udp_port(udp));
    CHECK_INT(dr_udp_connect(udp, NULL), 0);
    dr_udp_close(&here);
    CHECK_INT(dr_udp_sendto(udp, "a", 1, &at), 1);
    UNTIL(udp->error != 0);
    CHECK_INT(dr_udp_sendto(udp, "a", 1, &to), 1); /* says nothing of it */
    CHECK_INT(dr_udp_error(udp, &about), -ECONNREFUSED);
    CHECK_INT(about.port, 4000);
    CHECK_INT(dr_udp_error(udp, &about), 0);
    at.ip = dr_ip4(10, 0, 0, 77);
    CHECK_INT(dr_udp_bind_at(net, &at, &none), -EADDRNOTAVAIL);
    at.port = 0;
    CHECK_INT(dr_udp_connect(udp, &at), -EINVAL);
    dr_udp_close(&udp);
    return 0;
}

IMAGE_TEST(a_group_is_joined_and_heard)
{
    struct dr_endpoint at = {.ip = dr_ip4(239, 1, 2, 3), .port = 53};
    const struct dr_udp_options far = {.multicast_ttl = 3};
    struct dr_ip no_group = dr_ip4(10, 0, 0, 1);
    char buf[8];
    meet();
    CHECK_INT(dr_udp_join(udp, &no_group), -EINVAL);
    CHECK_INT(dr_udp_join(udp, &at.ip), 0);
    dr_udp_set(udp, &far);
    CHECK_INT(dr_udp_sendto(udp, "hello", 5, &at), 5);
    CHECK_INT(dr_udp_recvfrom(udp, buf, sizeof buf, NULL), 5); /* as a member itself */
    CHECK_INT(counter("igmp.reports_out"), 1);
    CHECK_INT(dr_udp_leave(udp, &at.ip), 0);
    CHECK_INT(dr_udp_leave(udp, &at.ip), -EADDRNOTAVAIL);
    dr_udp_close(&udp);
    return 0;
}

static int image_no_route(void)
{
    struct dr_net_config c = image_config;
    memset(&c.ipv4_gateway, 0, sizeof c.ipv4_gateway);
    CHECK_INT(dr_net_up_with("net", &c, &net), 0);
    CHECK_INT(dr_udp_bind(net, 53, &udp), 0);
    to = (struct dr_endpoint){.ip = dr_ip4(192, 0, 2, 1), .port = 80};
    CHECK_INT(op_send(), -ENETUNREACH);
    dr_udp_close(&udp);
    dr_net_down(&net);
    return 0;
}

TEST(without_a_gateway_there_is_no_way_out_of_the_network)
{
    CHECK_INT(run_down(image_no_route), 0);
}

IMAGE_TEST(sending_waits_for_a_device_that_is_full)
{
    meet();
    vplat_net_full(peer.handle, 3);
    CHECK_INT(dr_udp_sendto(udp, "late", 4, &to), 4);
    UNTIL(peer.datagrams == 1);
    CHECK_INT(counter("device.full"), 3);
    vplat_net_full(peer.handle, 1000000);
    CHECK_INT(timed_out(op_send), -ETIMEDOUT);
    CHECK_INT(cancelled(op_send), -ECANCELED);
    vplat_net_full(peer.handle, 0);
    dr_udp_close(&udp);
    return 0;
}

static ssize_t received;
static int task_receive(void *arg)
{
    (void)arg;
    received = op_receive();
    return 0;
}

IMAGE_TEST(closing_under_a_reader_ends_its_wait)
{
    struct dr_scope s;
    meet();
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, task_receive, NULL, NULL), 0);
    CHECK_INT(dr_sleep(DR_MS(1)), 0);
    dr_udp_close(&udp);
    CHECK_INT(dr_scope_join(&s), 0);
    CHECK_INT(dr_scope_close(&s), 0);
    CHECK_INT(received, -EBADF);
    return 0;
}

TEST_MAIN(TEST_OF(a_port_is_bound_once),
          TEST_OF(a_datagram_is_sent_once_its_neighbour_is_known),
          TEST_OF(a_datagram_is_received_with_its_sender),
          TEST_OF(datagrams_keep_their_order_and_their_ends),
          TEST_OF(what_does_not_fit_the_readers_buffer_is_lost_and_counted),
          TEST_OF(a_full_queue_loses_what_comes_last_and_counts_it),
          TEST_OF(a_datagram_for_which_there_is_no_memory_is_lost_and_counted),
          TEST_OF(an_empty_socket_holds_no_buffer),
          TEST_OF(receiving_can_be_timed_out_and_cancelled),
          TEST_OF(waiting_for_a_neighbour_can_be_timed_out_and_cancelled),
          TEST_OF(sending_names_what_is_wrong), TEST_OF(a_group_is_joined_and_heard),
          TEST_OF(a_connected_socket_is_told_once_that_nobody_is_there),
          TEST_OF(without_a_gateway_there_is_no_way_out_of_the_network),
          TEST_OF(sending_waits_for_a_device_that_is_full),
          TEST_OF(closing_under_a_reader_ends_its_wait))
