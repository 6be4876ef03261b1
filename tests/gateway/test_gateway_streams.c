/* SPDX-License-Identifier: ISC */
/* TCP through the relay: the image's connections, and those of published ports' clients. */
#include "host/gateway/state.h"
#include "tests/gateway/world.h"

static const struct ip4_endpoint WEB = {{0xc0000207}, 80}; /* 192.0.2.7 */

/* ---- The image connects ------------------------------------------------------------- */

TEST(the_image_is_answered_when_the_host_has_connected)
{
    begin();
    struct peer p = asks(WEB, 4000);
    CHECK_INT(sock(newest())->to.ip.n, WEB.ip.n);
    CHECK_INT(sock(newest())->to.port, 80);
    CHECK(got() == NULL);
    happens(newest(), HOST_WRITABLE);
    struct out *o = got();
    CHECK(is_segment(o, TCP_SYN | TCP_ACK));
    CHECK_INT(o->src.n, WEB.ip.n);
    CHECK_INT(o->seg.ack.n, p.seq);
    CHECK_INT(o->seg.mss, MTU - 40);
    end();
}

TEST(a_syn_that_comes_again_meanwhile_asks_once)
{
    begin();
    struct peer p = asks(WEB, 4000);
    p.seq--;
    sends_tcp(&p, TCP_SYN, bytes_of("", 0));
    CHECK(got() == NULL);
    CHECK_INT(fakes_open, 3);
    end();
}

TEST(a_refused_connection_is_a_reset)
{
    begin();
    struct peer p = asks(WEB, 4000);
    sock(newest())->error = -ECONNREFUSED;
    happens(newest(), HOST_WRITABLE | HOST_ENDING);
    struct out *o = got();
    CHECK(is_segment(o, TCP_RST | TCP_ACK));
    CHECK_INT(o->seg.ack.n, p.seq);
    CHECK_INT(o->src.n, WEB.ip.n);
    CHECK_INT(count("refused"), 1);
    CHECK_INT(gateway_streams(gw), 0);
    end();
}

TEST(an_unreachable_host_is_an_icmp_error_about_the_syn)
{
    static const struct {
        int error;
        uint8_t code;
    } cases[] = {{-ENETUNREACH, 0}, {-EHOSTUNREACH, 1}, {-ETIMEDOUT, 1}, {-EACCES, 13}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct icmp_quote q;
        begin();
        asks(WEB, 4000);
        sock(newest())->error = cases[i].error;
        happens(newest(), HOST_ENDING);
        struct out *o = got();
        CHECK(o && o->protocol == IP4_ICMP);
        CHECK_INT(o->icmp.type, ICMP_UNREACHABLE);
        CHECK_INT(o->icmp.code, cases[i].code);
        o->icmp.body = bytes_of(o->octets, o->text_len);
        CHECK_INT(icmp_parse_quote(&o->icmp, &q), ICMP_OK);
        CHECK_INT(q.src.n, IMAGE.n);
        CHECK_INT(q.dst.n, WEB.ip.n);
        CHECK_MEM(q.payload.at, "\x0f\xa0\0\x50\0\0\x03\xe8", 8);
        CHECK_INT(count("unreachable"), 1);
        end();
    }
}

TEST(a_host_that_fails_at_once_is_the_same)
{
    begin();
    fake_refuses = -ENETUNREACH;
    asks(WEB, 4000);
    CHECK_INT(got()->icmp.code, 0);
    CHECK_INT(gateway_streams(gw), 0);
    end();
}

TEST(without_a_descriptor_a_syn_is_not_answered)
{
    begin();
    fake_refuses = -EMFILE;
    asks(WEB, 4000);
    CHECK(got() == NULL);
    CHECK_INT(count("no_socket"), 1);
    CHECK_INT(gateway_streams(gw), 0);
    end();
}

TEST(with_as_many_streams_as_may_be_a_syn_is_not_answered)
{
    begin_with(2, 2);
    asks(WEB, 4000);
    asks(WEB, 4001);
    asks(WEB, 4002);
    CHECK_INT(count("streams_full"), 1);
    CHECK_INT(fakes_open, 4);
    end();
}

TEST(a_connection_that_the_image_gives_up_is_closed_at_the_host)
{
    begin();
    struct peer p = asks(WEB, 4000);
    sends_tcp(&p, TCP_RST, bytes_of("", 0));
    turns();
    CHECK(sock(newest())->closed);
    CHECK_INT(count("given_up"), 1);
    end();
}

TEST(octets_go_each_way)
{
    begin();
    struct peer p = connects(WEB, 4000);
    struct fake_socket *s = sock(newest());
    says(&p, "hello");
    CHECK_INT(s->sent, 5);
    CHECK_MEM(s->last, "hello", 5);
    s->has = 3;
    happens(newest(), HOST_READABLE);
    struct out *o = got();
    CHECK(is_segment(o, TCP_ACK));
    CHECK_INT(o->text_len, 3);
    CHECK_MEM(o->octets, "\0\1\2", 3);
    end();
}

TEST(the_images_end_is_passed_on_and_octets_still_come_back)
{
    begin();
    struct peer p = connects(WEB, 4000);
    int fd = newest();
    sends_tcp(&p, TCP_FIN | TCP_ACK, bytes_of("bye", 3));
    forget();
    CHECK_INT(sock(fd)->sent, 3);
    CHECK(sock(fd)->ended && !sock(fd)->closed);
    sock(fd)->has = 4;
    sock(fd)->at_end = true;
    happens(fd, HOST_READABLE | HOST_ENDING);
    struct out *o = got();
    CHECK(is_segment(o, TCP_FIN | TCP_ACK));
    CHECK_INT(o->text_len, 4);
    CHECK(sock(fd)->closed && !sock(fd)->reset);
    takes(&p, o);
    acks(&p);
    turns();
    CHECK_INT(gateway_streams(gw), 0);
    end();
}

TEST(the_hosts_end_is_passed_on_and_octets_still_go_there)
{
    begin();
    struct peer p = connects(WEB, 4000);
    int fd = newest();
    sock(fd)->at_end = true;
    happens(fd, HOST_READABLE | HOST_ENDING);
    struct out *o = got();
    CHECK(is_segment(o, TCP_FIN | TCP_ACK));
    takes(&p, o);
    says(&p, "more");
    forget();
    CHECK_INT(sock(fd)->sent, 4);
    CHECK(!sock(fd)->closed);
    sends_tcp(&p, TCP_FIN | TCP_ACK, bytes_of("", 0));
    CHECK(is_segment(got(), TCP_ACK));
    CHECK(sock(fd)->closed && !sock(fd)->reset);
    CHECK_INT(gateway_streams(gw), 0); /* without TIME-WAIT */
    end();
}

TEST(a_reset_of_the_image_is_a_reset_at_the_host)
{
    begin();
    struct peer p = connects(WEB, 4000);
    sends_tcp(&p, TCP_RST, bytes_of("", 0));
    turns();
    CHECK(sock(newest())->closed && sock(newest())->reset);
    CHECK_INT(count("resets_of_image"), 1);
    CHECK_INT(gateway_streams(gw), 0);
    end();
}

TEST(a_reset_of_the_host_is_a_reset_for_the_image)
{
    begin();
    struct peer p = connects(WEB, 4000);
    sock(newest())->broken = true;
    happens(newest(), HOST_ENDING);
    struct out *o = got();
    CHECK(is_segment(o, TCP_RST));
    CHECK_INT(o->seg.seq.n, p.ack);
    CHECK_INT(count("resets_of_host"), 1);
    CHECK_INT(gateway_streams(gw), 0);
    end();
}

TEST(a_write_that_fails_is_a_reset_for_the_image_too)
{
    begin();
    struct peer p = connects(WEB, 4000);
    sock(newest())->broken = true;
    says(&p, "hello");
    CHECK(is_segment(got(), TCP_RST));
    CHECK_INT(gateway_streams(gw), 0);
    end();
}

TEST(a_segment_to_nobody_is_answered_by_a_reset_and_a_reset_is_not)
{
    begin();
    struct peer p = {.to = WEB, .port = 4000, .seq = 1, .ack = 77};
    acks(&p);
    struct out *o = got();
    CHECK(is_segment(o, TCP_RST));
    CHECK_INT(o->seg.seq.n, 77);
    sends_tcp(&p, TCP_RST, bytes_of("", 0));
    CHECK(got() == NULL);
    CHECK_INT(count("no_stream"), 2);
    end();
}

/* ---- Pressure ------------------------------------------------------------------------ */

static uint8_t much[65000];

TEST(a_slow_host_closes_the_images_window_and_opens_it_again)
{
    begin();
    struct peer p = connects(WEB, 4000);
    int fd = newest();
    sock(fd)->takes = 1000;
    for (int i = 0; i < 30; i++) {
        sends_tcp(&p, TCP_ACK, bytes_of(much, sizeof much));
        turns();
    }
    CHECK_INT(sock(fd)->sent, 1000);
    CHECK(buffers.supply.used <= GATEWAY_RING_MAX);
    struct out last = outs[out_count - 1];
    uint32_t taken = last.seg.ack.n - 1001;
    CHECK(taken <= GATEWAY_RING_MAX + 1000 && taken > GATEWAY_RING_MAX / 2);
    CHECK(((uint32_t)last.seg.window << 4) < sizeof much);
    forget();
    sock(fd)->takes = SIZE_MAX;
    happens(fd, HOST_WRITABLE);
    CHECK_INT(sock(fd)->sent, taken);
    struct out *o = got();
    CHECK(is_segment(o, TCP_ACK) && o->seg.window > last.seg.window);
    end();
}

TEST(a_slow_image_is_not_read_for)
{
    begin();
    struct peer p = connects(WEB, 4000);
    int fd = newest();
    p.window = 0;
    acks(&p);
    sock(fd)->has = 1ULL << 40;
    happens(fd, HOST_READABLE);
    CHECK_INT(sock(fd)->received, GATEWAY_RING_MAX);
    CHECK_INT(buffers.supply.used, GATEWAY_RING_MAX);
    p.window = 65535;
    forget();
    acks(&p);
    for (unsigned i = 0; i < 20; i++) {
        struct out *o = got();
        CHECK(is_segment(o, TCP_ACK));
        takes(&p, o);
        acks(&p);
    }
    CHECK(sock(fd)->received > GATEWAY_RING_MAX);
    end();
}

TEST(a_full_link_loses_no_segment)
{
    begin();
    connects(WEB, 4000);
    int fd = newest();
    sock(fd)->has = 10;
    link_takes = 0;
    happens(fd, HOST_READABLE);
    CHECK(got() == NULL);
    link_takes = SIZE_MAX;
    gateway_link_ready(gw);
    CHECK_INT(got()->text_len, 10);
    CHECK(got() == NULL);
    end();
}

TEST(a_stream_with_much_to_send_does_not_keep_the_others_waiting)
{
    begin();
    struct peer p = connects(WEB, 4000), q = connects(WEB, 4001);
    (void)q;
    int fd = newest();
    sock(fd - 1)->has = 1 << 20;
    sock(fd)->has = 1;
    gateway_ready(gw, sock(fd - 1)->watch, HOST_READABLE, now);
    gateway_ready(gw, sock(fd)->watch, HOST_READABLE, now);
    gateway_turn(gw, now);
    bool found = false;
    for (unsigned i = 0; i < out_count; i++)
        found |= outs[i].seg.dst_port == 4001;
    CHECK(found && p.port == 4000);
    end();
}

TEST(what_is_short_is_received_into_little_memory)
{
    begin();
    connects(WEB, 4000);
    sock(newest())->has = 10;
    happens(newest(), HOST_READABLE);
    CHECK_INT(buffers.supply.used, 4096);
    end();
}

/* ---- Clients of published ports --------------------------------------------------------- */

TEST(a_client_arrives_under_its_own_address_when_the_image_can_answer_it)
{
    static const struct {
        uint32_t client, shown;
    } cases[] = {{0xc0000209, 0xc0000209},
                 {0x7f000001, 0x0a000001},
                 {0x0a000005, 0x0a000001},
                 {0xa9fe0101, 0x0a000001}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin();
        struct peer p = accepts(at((struct ip4){cases[i].client}, 5555));
        CHECK_INT(p.to.ip.n, cases[i].shown);
        CHECK_INT(p.to.port, 5555);
        end();
    }
}

TEST(octets_of_a_client_go_each_way)
{
    begin();
    struct peer p = accepts(at((struct ip4){0x7f000001}, 5555));
    sock(newest())->has = 3;
    happens(newest(), HOST_READABLE);
    struct out *o = got();
    CHECK_INT(o->text_len, 3);
    takes(&p, o);
    says(&p, "answer");
    CHECK_INT(sock(newest())->sent, 6);
    CHECK_INT(count("clients"), 1);
    end();
}

TEST(two_clients_with_one_port_are_two)
{
    begin();
    struct peer p = accepts(at((struct ip4){0x7f000001}, 5555));
    struct peer q = accepts(at((struct ip4){0x7f000002}, 5555));
    CHECK_INT(p.to.port, 5555);
    CHECK(q.to.port >= 49152);
    end();
}

TEST(a_client_whose_connection_the_image_refuses_is_reset)
{
    begin();
    fake_clients[fake_client_count++] = at((struct ip4){0x7f000001}, 5555);
    happens(ports[0].watch.fd, HOST_READABLE);
    struct out *o = got();
    struct peer p = {.to = at(o->src, o->seg.src_port), .port = 80};
    takes(&p, o);
    sends_tcp(&p, TCP_RST | TCP_ACK, bytes_of("", 0));
    turns();
    CHECK(sock(newest())->closed && sock(newest())->reset);
    CHECK_INT(gateway_streams(gw), 0);
    end();
}

TEST(a_client_waits_until_the_image_answers_arp)
{
    begin_with(8, 8);
    fake_clients[fake_client_count++] = at((struct ip4){0x7f000001}, 5555);
    happens(ports[0].watch.fd, HOST_READABLE);
    CHECK_INT(got()->type, ETH_ARP);
    CHECK(got() == NULL);
    passes(5 * SECOND);
    for (int i = 0; i < 4; i++)
        CHECK_INT(got()->type, ETH_ARP);
    forget();
    sends_arp(ARP_REPLY, GATEWAY);
    CHECK(is_segment(got(), TCP_SYN));
    end();
}

TEST(a_client_of_an_image_that_never_comes_is_reset_when_tcp_gives_up)
{
    begin_with(8, 8);
    fake_clients[fake_client_count++] = at((struct ip4){0x7f000001}, 5555);
    happens(ports[0].watch.fd, HOST_READABLE);
    for (int i = 0; i < 40 && !sock(newest())->closed; i++) {
        passes(10 * SECOND);
        forget();
    }
    CHECK(sock(newest())->closed && sock(newest())->reset);
    end();
}

TEST(clients_wait_in_the_backlog_while_there_is_no_room_for_them)
{
    begin_with(2, 2);
    sends_arp(ARP_REQUEST, IMAGE);
    struct peer p = accepts(at((struct ip4){0x7f000001}, 5001));
    accepts(at((struct ip4){0x7f000001}, 5002));
    fake_clients[fake_client_count++] = at((struct ip4){0x7f000001}, 5003);
    happens(ports[0].watch.fd, HOST_READABLE);
    CHECK_INT(fake_clients_taken, 2);
    sends_tcp(&p, TCP_RST, bytes_of("", 0));
    turns();
    CHECK_INT(fake_clients_taken, 3);
    end();
}

TEST(many_clients_at_once_are_all_taken)
{
    begin_with(1000, 2);
    sends_arp(ARP_REQUEST, IMAGE);
    forget();
    for (int i = 0; i < 500; i++)
        fake_clients[fake_client_count++] = at((struct ip4){0x7f000001}, (uint16_t)(5000 + i));
    happens(ports[0].watch.fd, HOST_READABLE);
    turns();
    CHECK_INT(gateway_streams(gw), 500);
    CHECK_INT(out_count, 500);
    end();
}

/* ---- The gateway's own address ------------------------------------------------------------
 */

TEST(the_gateway_refuses_connections_but_to_its_dns_port)
{
    begin();
    asks(at(GATEWAY, 22), 4000);
    CHECK(is_segment(got(), TCP_RST | TCP_ACK));
    CHECK_INT(fakes_open, 2);
    asks(at(GATEWAY, 53), 4000);
    CHECK_INT(sock(newest())->to.ip.n, 0x7f000035);
    CHECK_INT(sock(newest())->to.port, 53);
    end();
}

TEST(a_resolver_that_refuses_gives_way_to_the_next)
{
    begin();
    asks(at(GATEWAY, 53), 4000);
    sock(newest())->error = -ECONNREFUSED;
    happens(newest(), HOST_ENDING);
    CHECK(got() == NULL);
    CHECK_INT(sock(newest())->to.ip.n, 0xc0000203);
    sock(newest())->error = -ECONNREFUSED;
    happens(newest(), HOST_ENDING);
    CHECK(is_segment(got(), TCP_RST | TCP_ACK));
    CHECK_INT(fakes_open, 2);
    end();
}

/* ---- Memory -------------------------------------------------------------------------------
 */

static void story(void)
{
    fake_clients[fake_client_count++] = at((struct ip4){0x7f000001}, 5001);
    gateway_ready(gw, &ports[0].watch, HOST_READABLE, now);
    turns();
    struct peer p = asks(WEB, 4000);
    if (fakes_open > 2 && !sock(newest())->closed) {
        happens(newest(), HOST_WRITABLE);
        p.ack = outs[out_count - 1].seg.seq.n + 1;
        sock(newest())->has = 100000;
        happens(newest(), HOST_READABLE);
        sends_tcp(&p, TCP_ACK, bytes_of(much, 20000));
    }
    turns();
}

TEST(each_refusal_of_memory_is_survived)
{
    for (long n = 0; n < 12; n++) {
        begin_with(8, 8);
        sends_arp(ARP_REQUEST, IMAGE);
        tables.grants = n;
        buffers.grants = n / 2;
        story();
        tables.grants = buffers.grants = -1;
        passes(2 * SECOND);
        end();
    }
}

TEST(a_gateway_without_memory_is_not_made)
{
    for (long n = 0; n < 5; n++) {
        struct gateway_host host = fake_calls;
        struct gateway *g = NULL;
        begin();
        struct test_supply short_of = test_supply_of(SIZE_MAX);
        short_of.grants = n;
        config.memory = &short_of.supply;
        CHECK_INT(gateway_new(&g, &config, &host, now), -ENOMEM);
        CHECK_INT(short_of.supply.used, 0);
        end();
    }
}

TEST(what_is_open_at_the_end_is_closed)
{
    begin();
    connects(WEB, 4000);
    asks(WEB, 4001);
    accepts(at((struct ip4){0x7f000001}, 5001));
    sock(newest())->has = 1000;
    happens(newest(), HOST_READABLE);
    end();
}

TEST_MAIN(TEST_OF(the_image_is_answered_when_the_host_has_connected),
          TEST_OF(a_syn_that_comes_again_meanwhile_asks_once),
          TEST_OF(a_refused_connection_is_a_reset),
          TEST_OF(an_unreachable_host_is_an_icmp_error_about_the_syn),
          TEST_OF(a_host_that_fails_at_once_is_the_same),
          TEST_OF(without_a_descriptor_a_syn_is_not_answered),
          TEST_OF(with_as_many_streams_as_may_be_a_syn_is_not_answered),
          TEST_OF(a_connection_that_the_image_gives_up_is_closed_at_the_host),
          TEST_OF(octets_go_each_way),
          TEST_OF(the_images_end_is_passed_on_and_octets_still_come_back),
          TEST_OF(the_hosts_end_is_passed_on_and_octets_still_go_there),
          TEST_OF(a_reset_of_the_image_is_a_reset_at_the_host),
          TEST_OF(a_reset_of_the_host_is_a_reset_for_the_image),
          TEST_OF(a_write_that_fails_is_a_reset_for_the_image_too),
          TEST_OF(a_segment_to_nobody_is_answered_by_a_reset_and_a_reset_is_not),
          TEST_OF(a_slow_host_closes_the_images_window_and_opens_it_again),
          TEST_OF(a_slow_image_is_not_read_for), TEST_OF(a_full_link_loses_no_segment),
          TEST_OF(a_stream_with_much_to_send_does_not_keep_the_others_waiting),
          TEST_OF(what_is_short_is_received_into_little_memory),
          TEST_OF(a_client_arrives_under_its_own_address_when_the_image_can_answer_it),
          TEST_OF(octets_of_a_client_go_each_way), TEST_OF(two_clients_with_one_port_are_two),
          TEST_OF(a_client_whose_connection_the_image_refuses_is_reset),
          TEST_OF(a_client_waits_until_the_image_answers_arp),
          TEST_OF(a_client_of_an_image_that_never_comes_is_reset_when_tcp_gives_up),
          TEST_OF(clients_wait_in_the_backlog_while_there_is_no_room_for_them),
          TEST_OF(many_clients_at_once_are_all_taken),
          TEST_OF(the_gateway_refuses_connections_but_to_its_dns_port),
          TEST_OF(a_resolver_that_refuses_gives_way_to_the_next),
          TEST_OF(each_refusal_of_memory_is_survived),
          TEST_OF(a_gateway_without_memory_is_not_made),
          TEST_OF(what_is_open_at_the_end_is_closed))
