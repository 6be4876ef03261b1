/* SPDX-License-Identifier: ISC */
/* An inet's connections: from the SYN to the end, and all that comes between. */
#include "tests/support/inet_world.h"

static uint8_t text[65536];

/* ---- The way of a connection ---------------------------------------------------------------
 */

TEST(a_client_connects_talks_and_leaves)
{
    begin();
    meet(7);
    listens(80, 4);
    struct peer p = peer_of(7, 5000, 80);
    peer_sends(&p, TCP_SYN, 0);
    CHECK_STR(said(), "S. 80>7:5000");
    CHECK(!inet_accept(in, listener, NULL));
    peer_sends(&p, TCP_ACK, 0);
    CHECK_STR(said(), "<acceptable 80>");
    struct tcp_conn *c = inet_accept(in, listener, &an_owner);
    CHECK_INT(inet_tcp_peer(c).port, 5000);
    CHECK_INT(inet_tcp_local(c).port, 80);
    CHECK(!inet_accept(in, listener, NULL));
    peer_sends(&p, TCP_ACK | TCP_PSH, 5);
    CHECK(strstr(said(), "<readable>"));
    CHECK_INT(inet_tcp_read(in, c, text, sizeof text, now), 5);
    CHECK_INT(inet_tcp_write(in, c, bytes_of("hi", 2), now), 2);
    flush();
    CHECK_STR(said(), "P. 80>7:5000(2)");
    peer_hears(&p);
    peer_sends(&p, TCP_ACK | TCP_FIN, 0);
    said();
    CHECK(tcp_at_end(c));
    inet_tcp_close(in, &c, now);
    CHECK(!c);
    flush();
    CHECK_STR(said(), "F. 80>7:5000");
    peer_hears(&p);
    peer_sends(&p, TCP_ACK, 0);
    CHECK_STR(said(), "");
    CHECK_INT(in->conns.live, 0);
    CHECK_INT(counter("tcp.established"), 1);
    end();
}

TEST(we_connect_to_whom_we_must_first_ask_for)
{
    begin();
    struct tcp_conn *c = NULL;
    CHECK_INT(inet_connect(in, (struct ip4_endpoint){ip_of(7), 99}, &an_owner, now, &c), 0);
    flush();
    CHECK_STR(said(), "who-has 7");
    hears_arp(ARP_REPLY, 7, 2);
    uint16_t port = inet_tcp_local(c).port;
    CHECK(port >= INET_EPHEMERAL_MIN);
    CHECK(strncmp(said(), "<found 7> S ", 12) == 0);
    struct peer p = peer_of(7, 99, port);
    peer_hears(&p);
    peer_sends(&p, TCP_SYN | TCP_ACK, 0);
    CHECK(strstr(said(), "<established>"));
    inet_tcp_abort(in, &c, now);
    flush();
    CHECK(strncmp(said(), "R", 1) == 0);
    CHECK_INT(in->conns.live, 0);
    end();
}

TEST(a_peer_that_arp_does_not_find_is_unreachable)
{
    begin();
    struct tcp_conn *c = NULL;
    CHECK_INT(inet_connect(in, (struct ip4_endpoint){ip_of(7), 99}, &an_owner, now, &c), 0);
    flush();
    passes(3 * SECOND + 10 * WHEEL_TICK_NS);
    char want[80];
    snprintf(want, sizeof want, "<ended %d>", -EHOSTUNREACH);
    CHECK(strstr(said(), want));
    inet_tcp_close(in, &c, now);
    CHECK_INT(in->conns.live, 0);
    end();
}

TEST(connections_to_more_neighbours_than_can_be_asked_for_at_once_are_not_forgotten)
{
    enum { NEIGHBOURS = ARP_ASKING_MAX + 8 };
    struct tcp_conn *c[NEIGHBOURS];
    begin();
    for (unsigned i = 0; i < NEIGHBOURS; i++)
        CHECK_INT(
            inet_connect(in, (struct ip4_endpoint){ip_of(10 + i), 80}, &an_owner, now, &c[i]),
            0);
    flush();
    passes(10 * SECOND);
    said();
    for (unsigned i = 0; i < NEIGHBOURS; i++) {
        CHECK_INT(c[i]->state, TCP_CLOSED);
        CHECK_INT(c[i]->error, -EHOSTUNREACH);
        inet_tcp_close(in, &c[i], now);
    }
    end();
}

TEST(a_refused_connection_ends_and_its_owner_lets_go)
{
    begin();
    meet(7);
    struct tcp_conn *c = NULL;
    CHECK_INT(inet_connect(in, (struct ip4_endpoint){ip_of(7), 99}, &an_owner, now, &c), 0);
    flush();
    struct peer p = peer_of(7, 99, inet_tcp_local(c).port);
    peer_hears(&p);
    said();
    peer_sends(&p, TCP_RST | TCP_ACK, 0);
    char want[80];
    snprintf(want, sizeof want, "<ended %d>", -ECONNREFUSED);
    CHECK_STR(said(), want);
    CHECK_INT(in->conns.live, 1);
    CHECK_INT(in->table.count, 0);
    inet_tcp_close(in, &c, now);
    CHECK_INT(in->conns.live, 0);
    end();
}

TEST(what_cannot_be_connected_to_is_refused_at_once)
{
    begin();
    struct tcp_conn *c = NULL;
    struct ip4 bad[] = {ip_of(0), ip_of(255), {0}, ip4_of(224, 0, 0, 1), {UINT32_MAX}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_INT(inet_connect(in, (struct ip4_endpoint){bad[i], 99}, NULL, now, &c), -EINVAL);
    CHECK_INT(inet_connect(in, (struct ip4_endpoint){ip_of(7), 0}, NULL, now, &c), -EINVAL);
    CHECK(!c);
    end();
}

TEST(a_segment_for_no_connection_is_answered_by_a_reset)
{
    begin();
    meet(7);
    struct peer p = peer_of(7, 5000, 81);
    peer_sends(&p, TCP_SYN, 0);
    CHECK_STR(said(), "R. 81>7:5000");
    peer_sends(&p, TCP_ACK, 0);
    CHECK_STR(said(), "R 81>7:5000");
    peer_sends(&p, TCP_RST, 0);
    CHECK_STR(said(), "");
    CHECK_INT(counter("tcp.no_connection"), 3);
    listens(81, 1);
    peer_sends(&p, TCP_ACK, 0);
    CHECK_STR(said(), "R 81>7:5000");
    peer_sends(&p, TCP_FIN, 0);
    CHECK_STR(said(), "");
    CHECK_INT(counter("tcp.not_a_syn"), 2);
    end();
}

TEST(resets_beyond_the_rate_are_counted_and_not_sent)
{
    begin();
    meet(7);
    quiet = true;
    struct peer p = peer_of(7, 5000, 81);
    for (int i = 0; i < 3000; i++)
        peer_sends(&p, TCP_SYN, 0);
    CHECK_INT(counter("tcp.answered_by_reset"), INET_RESET_BURST);
    CHECK_INT(counter("tcp.resets_limited"), 3000 - INET_RESET_BURST);
    end();
}

TEST(a_segment_to_a_broadcast_address_is_dropped)
{
    begin();
    listens(80, 1);
    struct peer p = peer_of(7, 5000, 80);
    uint8_t room[64];
    struct tcp_segment s = {.src_port = 5000, .dst_port = 80, .flags = TCP_SYN};
    struct writer w = writer_of(room, sizeof room);
    tcp_print(&w, &s, NULL, p.ip, ip_of(255));
    struct writer f = writer_of(in_frame, sizeof in_frame);
    struct eth_addr from = mac_of(7);
    eth_print(&f, &eth_broadcast, &from, ETH_IP4);
    ip4_print(&f, p.ip, ip_of(255), IP4_TCP, writer_len(&w));
    write_bytes(&f, bytes_of(room, writer_len(&w)));
    hears(in_frame, writer_len(&f));
    CHECK_STR(said(), "");
    CHECK_INT(counter("tcp.broadcast"), 1);
    end();
}

/* ---- Listeners
 * ------------------------------------------------------------------------------- */

TEST(a_port_has_one_listener)
{
    begin();
    struct inet_listener *other = NULL;
    listens(80, 1);
    CHECK_INT(inet_listener_port(listener), 80);
    CHECK_INT(inet_listen(in, 80, 1, NULL, &other), -EADDRINUSE);
    CHECK_INT(inet_listen(in, 81, 0, NULL, &other), -EINVAL);
    CHECK_INT(inet_listen(in, 0, 1, &an_owner, &other), 0);
    CHECK(inet_listener_port(other) >= INET_EPHEMERAL_MIN);
    CHECK(inet_listener_owner(other) == &an_owner);
    inet_unlisten(in, &listener, now);
    CHECK(!listener);
    listens(80, 1);
    end();
}

TEST(when_the_queue_is_full_syns_are_not_answered_and_last_acks_ignored)
{
    begin();
    meet(7);
    listens(80, 2);
    struct peer p[4];
    for (unsigned i = 0; i < 4; i++) {
        p[i] = peer_of(7, (uint16_t)(5000 + i), 80);
        if (i < 3)
            peer_sends(&p[i], TCP_SYN, 0);
    }
    CHECK_STR(said(), "S. 80>7:5000 S. 80>7:5001 S. 80>7:5002");
    for (unsigned i = 0; i < 3; i++)
        peer_sends(&p[i], TCP_ACK, 0);
    CHECK_STR(said(), "<acceptable 80> <acceptable 80>");
    CHECK_INT(counter("tcp.ack_backlog_full"), 1);
    peer_sends(&p[3], TCP_SYN, 0);
    CHECK_STR(said(), "");
    CHECK_INT(counter("tcp.syn_backlog_full"), 1);
    CHECK(inet_accept(in, listener, &an_owner));
    peer_sends(&p[2], TCP_ACK, 0);
    CHECK_STR(said(), "<acceptable 80>");
    CHECK(inet_accept(in, listener, &an_owner));
    p[3].seq = 1000;
    peer_sends(&p[3], TCP_SYN, 0);
    CHECK_STR(said(), "S. 80>7:5003");
    end();
}

TEST(connections_nobody_took_are_reset_when_the_listener_goes)
{
    begin();
    meet(7);
    listens(80, 4);
    struct peer a = peer_of(7, 5000, 80), b = peer_of(7, 5001, 80), c = peer_of(7, 5002, 80);
    handshake(&a);
    peer_sends(&b, TCP_SYN, 0);
    handshake(&c);
    struct tcp_conn *taken = inet_accept(in, listener, &an_owner);
    CHECK_INT(inet_tcp_peer(taken).port, 5000);
    said();
    inet_unlisten(in, &listener, now);
    const char *s = said();
    CHECK(strstr(s, ">7:5001") && strstr(s, ">7:5002") && !strstr(s, ">7:5000"));
    CHECK_INT(in->conns.live, 1);
    end();
}

TEST(a_connection_reset_before_it_was_accepted_is_not_accepted)
{
    begin();
    meet(7);
    listens(80, 4);
    struct peer p = peer_of(7, 5000, 80);
    handshake(&p);
    peer_sends(&p, TCP_RST | TCP_ACK, 0);
    CHECK(!inet_accept(in, listener, NULL));
    CHECK_INT(counter("tcp.ended_unaccepted"), 1);
    CHECK_INT(in->conns.live, 0);
    end();
}

TEST(a_half_open_connection_gives_up_by_itself)
{
    begin();
    meet(7);
    listens(80, 4);
    struct peer p = peer_of(7, 5000, 80);
    peer_sends(&p, TCP_SYN, 0);
    passes(200 * SECOND);
    CHECK(strncmp(said(), "S. 80>7:5000 S. 80>7:5000 ", 26) == 0);
    CHECK_INT(in->conns.live, 0);
    CHECK_INT(counter("tcp.half_open_ended"), 1);
    end();
}

/* ---- Floods
 * ------------------------------------------------------------------------------------ */

TEST(a_flood_of_syns_is_bounded_and_a_real_client_still_gets_in)
{
    begin();
    meet(7);
    meet(1);
    listens(80, 4);
    quiet = true;
    size_t most = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        struct peer p = {.host = 1,
                         .ip = {0xc0000000 + i * 7919 % 0x10000000},
                         .port = (uint16_t)(1024 + i % 60000),
                         .to = 80,
                         .seq = i};
        peer_sends(&p, TCP_SYN, 0);
        if (memory.supply.used > most)
            most = memory.supply.used;
        if (i % 10000 == 0) {
            struct peer real = peer_of(7, (uint16_t)(5000 + i / 10000), 80);
            handshake(&real);
            struct tcp_conn *c = inet_accept(in, listener, &an_owner);
            CHECK(c);
            peer_sends(&real, TCP_ACK, 100);
            CHECK_INT(inet_tcp_read(in, c, text, sizeof text, now), 100);
            inet_check(in);
        }
    }
    CHECK_INT(in->half_opens, in->cfg.half_open_max);
    CHECK_INT(in->conns.live, 10 + in->cfg.half_open_max);
    CHECK(most < 128 * 1024);
    CHECK_INT(counter("tcp.half_open_evicted"), 0);
    CHECK(counter("tcp.cookies_sent") > 99900);
    CHECK(counter("tcp.cookies_taken") >= 9);
    CHECK_INT(buffers.supply.used, 0);
    passes(300 * SECOND);
    CHECK_INT(in->half_opens, 0);
    end();
}

static void into_time_wait(struct peer *p)
{
    struct tcp_conn *c = accepts(p);
    inet_tcp_close(in, &c, now);
    flush();
    peer_hears(p);
    peer_sends(p, TCP_ACK | TCP_FIN, 0);
    said();
    CHECK(!list_empty(&in->waits));
}

/* So many half-open connections that the next SYN is answered by a cookie. */
static void fill_half_open(void)
{
    for (uint32_t i = 0; i < in->cfg.half_open_max; i++) {
        struct peer p = {.host = 1,
                         .ip = {0xc0000000 + i},
                         .port = (uint16_t)(1024 + i),
                         .to = 80,
                         .seq = i};
        peer_sends(&p, TCP_SYN, 0);
    }
    CHECK_INT(in->half_opens, in->cfg.half_open_max);
    said();
}

static void under_pressure(void)
{
    begin();
    meet(7);
    meet(1);
    listens(80, 4);
    fill_half_open();
}

TEST(a_cookie_costs_nothing_and_becomes_a_connection)
{
    under_pressure();
    size_t live = in->conns.live;
    struct peer p = peer_of(7, 5000, 80);
    peer_sends(&p, TCP_SYN, 0);
    CHECK_STR(said(), "S. 80>7:5000");
    CHECK_INT(last_segment.mss, 1460);
    CHECK_INT(in->conns.live, live);
    peer_sends(&p, TCP_ACK, 0);
    CHECK_STR(said(), "<acceptable 80>");
    struct tcp_conn *c = inet_accept(in, listener, &an_owner);
    CHECK_INT(c->state, TCP_ESTABLISHED);
    CHECK_INT(c->mss, 536); /* the peer named none */
    CHECK(!c->scaled);
    peer_sends(&p, TCP_ACK | TCP_PSH, 5);
    CHECK_INT(inet_tcp_read(in, c, text, sizeof text, now), 5);
    CHECK_INT(inet_tcp_write(in, c, bytes_of("hi", 2), now), 2);
    flush();
    CHECK(strstr(said(), "P. 80>7:5000(2)"));
    CHECK_INT(in->half_opens, in->cfg.half_open_max);
    CHECK_INT(counter("tcp.half_open_evicted"), 0);
    end();
}

TEST(the_first_text_may_bring_the_cookie_back)
{
    under_pressure();
    struct peer p = peer_of(7, 5000, 80);
    peer_sends(&p, TCP_SYN, 0);
    peer_sends(&p, TCP_ACK | TCP_PSH, 9);
    CHECK(strstr(said(), "<acceptable 80>"));
    struct tcp_conn *c = inet_accept(in, listener, &an_owner);
    CHECK_INT(inet_tcp_read(in, c, text, sizeof text, now), 9);
    end();
}

TEST(a_cookie_remembers_about_how_long_segments_may_be)
{
    static const uint16_t mss[][2] = {{1, 64},      {536, 536},   {600, 536},   {1220, 1220},
                                      {1400, 1360}, {1459, 1440}, {1460, 1460}, {9000, 1460}};
    under_pressure();
    for (unsigned i = 0; i < 4; i++) {
        struct peer p = peer_of(7, (uint16_t)(5000 + i), 80);
        peer_syn_mss = mss[2 * i + 1][0];
        peer_sends(&p, TCP_SYN, 0);
        peer_sends(&p, TCP_ACK, 0);
        CHECK_INT(inet_accept(in, listener, &an_owner)->mss, mss[2 * i + 1][1]);
    }
    peer_syn_mss = 0;
    end();
}

TEST(with_timestamps_a_cookie_remembers_the_other_options_too)
{
    under_pressure();
    peer_modern = true;
    struct peer p = peer_of(7, 5000, 80);
    peer_sends(&p, TCP_SYN, 0);
    CHECK(last_segment.has_ts && last_segment.has_wscale && last_segment.sack_permitted);
    CHECK_INT(last_segment.ts_ecr, now / 1000000);
    uint32_t stamp = last_segment.ts_val;
    passes(SECOND / 10);
    said();
    peer_sends(&p, TCP_ACK, 0);
    struct tcp_conn *c = inet_accept(in, listener, &an_owner);
    CHECK(c->scaled && c->stamped && c->sack);
    CHECK_INT(c->snd_shift, 7);
    CHECK(c->srtt_ns >= SECOND / 10 && c->srtt_ns <= SECOND / 10 + 64 * 1000000);
    CHECK_INT(inet_tcp_write(in, c, bytes_of("hi", 2), now), 2);
    flush();
    CHECK(strstr(said(), "P. 80>7:5000(2)"));
    CHECK(last_segment.has_ts && (int32_t)(last_segment.ts_val - stamp) > 0);
    peer_modern = false;
    end();
}

/* A timestamp that the peer made up gives it the options that it made up. */
TEST(any_timestamp_that_comes_with_a_cookie_is_harmless)
{
    under_pressure();
    for (unsigned i = 0; i < 4; i++) {
        peer_modern = true;
        struct peer p = peer_of(7, (uint16_t)(5000 + i), 80);
        peer_sends(&p, TCP_SYN, 0);
        last_segment.ts_val = i * 0x55555555U;
        peer_sends(&p, TCP_ACK, 0);
        struct tcp_conn *c = inet_accept(in, listener, &an_owner);
        CHECK(c && c->snd_shift <= 14);
        CHECK(strstr(said(), "<acceptable 80>"));
    }
    peer_modern = false;
    end();
}

TEST(in_time_wait_timestamps_go_on)
{
    begin();
    meet(7);
    listens(80, 4);
    peer_modern = true;
    struct peer p = peer_of(7, 5000, 80);
    into_time_wait(&p);
    passes(SECOND);
    said();
    p.seq--;
    peer_sends(&p, TCP_ACK | TCP_FIN, 0);
    CHECK_STR(said(), ". 80>7:5000");
    CHECK(last_segment.has_ts);
    CHECK_INT(last_segment.ts_ecr, now / 1000000 - 1000); /* no new one: it is a duplicate */
    passes(SECOND);
    said();
    p.seq -= 5000; /* an old number, but a new timestamp: RFC 6191 */
    peer_sends(&p, TCP_SYN, 0);
    CHECK_STR(said(), "S. 80>7:5000");
    CHECK_INT(counter("tcp.time_wait_reused"), 1);
    peer_modern = false;
    end();
}

/* Whoever has seen no SYN,ACK of ours must guess 28 bits. */
TEST(an_acknowledgement_that_brings_no_cookie_back_is_refused)
{
    under_pressure();
    struct peer p = peer_of(7, 5000, 80), q = p, other = peer_of(7, 5001, 80);
    peer_sends(&p, TCP_SYN, 0);
    said();
    q.seq = other.seq = p.seq;
    other.ack = p.ack;
    peer_sends(&other, TCP_ACK, 0); /* from another port */
    CHECK_STR(said(), "R 80>7:5001");
    for (unsigned bit = 0; bit < 32; bit++) {
        q.ack = p.ack + (1U << bit);
        peer_sends(&q, TCP_ACK, 0);
        CHECK_STR(said(), "R 80>7:5000");
    }
    q.ack = p.ack;
    q.seq = p.seq + 1;
    peer_sends(&q, TCP_ACK, 0);
    CHECK_STR(said(), "R 80>7:5000");
    peer_sends(&q, TCP_ACK, 5); /* its first segment may have been lost: it is not refused */
    CHECK_STR(said(), "");
    CHECK_INT(counter("tcp.cookies_bad"), 35);
    CHECK_INT(counter("tcp.cookies_taken"), 0);
    end();
}

/* Cookies are out, and the connection is gone with a reset that was lost. */
static struct peer gone_under_pressure(void)
{
    begin();
    meet(7);
    meet(1);
    listens(80, 4);
    struct peer p = peer_of(7, 5000, 80);
    struct tcp_conn *c = accepts(&p);
    uint32_t stamp = last_segment.ts_val, ack = p.ack;
    inet_tcp_abort(in, &c, now);
    flush();
    bool modern = peer_modern;
    peer_modern = false;
    fill_half_open();
    struct peer other = peer_of(7, 5001, 80);
    peer_sends(&other, TCP_SYN, 0);
    CHECK_INT(counter("tcp.cookies_sent"), 1);
    peer_modern = modern;
    last_segment.ts_val = stamp;
    p.ack = ack;
    said();
    return p;
}

/* Its text once, and again `after`; whatever else was sent meanwhile is not looked at. */
static const char *says_it_again(struct peer *p, uint64_t after)
{
    uint32_t stamp = last_segment.ts_val, ack = p->ack;
    peer_sends(p, TCP_ACK, 5);
    CHECK_STR(said(), "");
    passes(after);
    said();
    last_segment.ts_val = stamp;
    p->ack = ack;
    p->seq -= 5;
    peer_sends(p, TCP_ACK, 5);
    return said();
}

TEST(while_cookies_are_out_who_missed_a_reset_hears_another_when_its_text_comes_again)
{
    for (unsigned modern = 0; modern < 2; modern++) {
        peer_modern = modern;
        struct peer p = gone_under_pressure();
        CHECK_STR(says_it_again(&p, INET_COOKIE_TEXT_NS - SECOND), "");
        end();
        p = gone_under_pressure();
        CHECK_STR(says_it_again(&p, INET_COOKIE_TEXT_NS + SECOND / 10), "R 80>7:5000");
        end();
    }
    peer_modern = false;
}

/* Cookies to others do not keep it from the reset: its timestamp tells how old it is. */
TEST(while_cookies_go_out_who_missed_a_reset_hears_another)
{
    peer_modern = true;
    struct peer p = gone_under_pressure();
    uint32_t stamp = last_segment.ts_val, ack = p.ack;
    passes(INET_COOKIE_TEXT_NS + SECOND / 10);
    struct peer other = peer_of(7, 5002, 80);
    peer_sends(&other, TCP_SYN, 0);
    CHECK_INT(counter("tcp.cookies_sent"), 2);
    said();
    last_segment.ts_val = stamp;
    p.ack = ack;
    peer_sends(&p, TCP_ACK, 5);
    CHECK_STR(said(), "R 80>7:5000");
    peer_modern = false;
    end();
}

TEST(a_cookie_is_good_for_a_minute_and_not_for_three)
{
    under_pressure();
    struct peer p = peer_of(7, 5000, 80), q = peer_of(7, 5001, 80);
    peer_sends(&p, TCP_SYN, 0);
    passes(50 * SECOND);
    peer_sends(&p, TCP_ACK, 0);
    CHECK(strstr(said(), "<acceptable 80>"));
    fill_half_open();
    peer_sends(&q, TCP_SYN, 0);
    passes(180 * SECOND);
    meet(7);
    peer_sends(&q, TCP_ACK, 0);
    CHECK_STR(said(), "R 80>7:5001");
    CHECK_INT(counter("tcp.cookies_bad"), 0); /* none can be out: it was not even looked at */
    end();
}

TEST(a_full_queue_refuses_cookies_too)
{
    under_pressure();
    struct peer p[5];
    for (unsigned i = 0; i < 5; i++) {
        p[i] = peer_of(7, (uint16_t)(5000 + i), 80);
        peer_sends(&p[i], TCP_SYN, 0);
    }
    said();
    for (unsigned i = 0; i < 4; i++)
        peer_sends(&p[i], TCP_ACK, 0);
    said();
    peer_sends(&p[4], TCP_ACK, 0);
    CHECK_STR(said(), "");
    CHECK_INT(counter("tcp.ack_backlog_full"), 1);
    CHECK(inet_accept(in, listener, &an_owner));
    peer_sends(&p[4], TCP_ACK, 0);
    CHECK_STR(said(), "<acceptable 80>");
    end();
}

TEST(a_flood_of_syns_from_neighbours_that_do_not_exist_is_bounded_too)
{
    struct inet_config cfg = config_of();
    cfg.prefix_len = 8;
    begin_with(&cfg);
    meet(7);
    listens(80, 4);
    quiet = true;
    struct peer real = peer_of(7, 5000, 80);
    struct tcp_conn *c = accepts(&real);
    for (uint32_t i = 0; i < 20000; i++) {
        struct peer p = {.host = 9, .ip = {0x0a010000 + i}, .port = 1, .to = 80, .seq = i};
        peer_sends(&p, TCP_SYN, 0);
        if (i % 100 == 0)
            passes(SECOND / 100);
    }
    inet_check(in);
    uint64_t before = frames_sent;
    CHECK_INT(inet_tcp_write(in, c, bytes_of(text, 10), now), 10);
    flush();
    CHECK(frames_sent > before);
    peer_hears(&real);
    CHECK_INT(last_segment.dst_port, 5000);
    passes(300 * SECOND);
    inet_check(in);
    end();
}

TEST(when_all_connections_are_taken_the_half_open_give_way_to_who_brings_a_cookie_back)
{
    begin();
    meet(7);
    listens(80, 100);
    unsigned max = in->cfg.connections_max;
    struct peer half = peer_of(7, 4001, 80);
    peer_sends(&half, TCP_SYN, 0);
    for (unsigned i = 1; i < max; i++) {
        struct peer q = peer_of(7, (uint16_t)(5000 + i), 80);
        accepts(&q);
    }
    CHECK_INT(in->conns.live, max);
    struct peer q = peer_of(7, 6000, 80);
    peer_sends(&q, TCP_SYN, 0);
    CHECK_INT(counter("tcp.cookies_sent"), 1);
    CHECK_INT(in->half_opens, 1);
    peer_sends(&q, TCP_ACK, 0);
    CHECK(inet_accept(in, listener, &an_owner));
    said();
    CHECK_INT(counter("tcp.half_open_evicted"), 1);
    struct peer last = peer_of(7, 7000, 80);
    peer_sends(&last, TCP_SYN, 0);
    CHECK_STR(said(), "");
    CHECK_INT(counter("tcp.connections_full"), 1);
    CHECK_INT(in->conns.live, max);
    end();
}

/* ---- TIME-WAIT
 * ------------------------------------------------------------------------------------ */

/* Answered, closed, and never heard of again. */
static void falls_silent(struct peer *p)
{
    struct tcp_conn *c = accepts(p);
    CHECK_INT(inet_tcp_write(in, c, bytes_of("answer", 6), now), 6);
    inet_tcp_close(in, &c, now);
    flush();
    said();
}

TEST(when_all_connections_are_taken_the_one_let_go_of_first_gives_way_with_a_reset)
{
    begin();
    meet(7);
    listens(80, 100);
    for (unsigned i = 0; i < in->cfg.connections_max; i++) {
        struct peer q = peer_of(7, (uint16_t)(5000 + i), 80);
        falls_silent(&q);
    }
    struct peer half = peer_of(7, 4000, 80), p = peer_of(7, 4001, 80);
    peer_sends(&half, TCP_SYN, 0);
    CHECK_STR(said(), "R 80>7:5000 S. 80>7:4000");
    accepts(&p);
    peer_hears(&half);
    peer_sends(&half, TCP_ACK, 0); /* the half-open one was spared */
    CHECK(inet_accept(in, listener, &an_owner));
    CHECK_INT(counter("tcp.let_go_evicted"), 2);
    CHECK_INT(counter("tcp.half_open_evicted"), 0);
    end();
}

TEST(one_that_cannot_write_at_all_gets_the_memory_of_those_let_go_of)
{
    begin();
    meet(7);
    listens(80, 100);
    struct peer q = peer_of(7, 5000, 80), p = peer_of(7, 5001, 80);
    falls_silent(&q);
    struct tcp_conn *c = accepts(&p);
    buffers.supply.limit = buffers.supply.used;
    CHECK_INT(inet_tcp_write(in, c, bytes_of("x", 1), now), 1);
    CHECK_INT(counter("tcp.let_go_evicted"), 1);
    c = NULL;
    struct peer r = peer_of(7, 5002, 80);
    c = accepts(&r);
    CHECK_INT(inet_tcp_write(in, c, bytes_of("x", 1), now), 0); /* nobody is left */
    CHECK_INT(counter("tcp.let_go_evicted"), 1);
    end();
}

TEST(text_for_which_there_is_no_memory_is_taken_in_place_of_one_let_go_of_when_it_comes_again)
{
    begin();
    meet(7);
    listens(80, 100);
    struct peer q = peer_of(7, 5000, 80), p = peer_of(7, 5001, 80);
    falls_silent(&q);
    struct tcp_conn *c = accepts(&p);
    buffers.supply.limit = buffers.supply.used;
    peer_sends(&p, TCP_ACK, 10);
    CHECK_INT(tcp_readable(c), 0);
    CHECK_INT(counter("tcp.let_go_evicted"), 1);
    p.seq -= 10;
    peer_sends(&p, TCP_ACK, 10);
    CHECK_INT(tcp_readable(c), 10);
    end();
}

/* Their work is done: all they wait for is a FIN that the peer may never send. */
TEST(a_connection_let_go_of_that_waits_for_the_peers_fin_gives_way_too)
{
    struct inet_config cfg = config_of();
    cfg.connections_max = 1;
    begin_with(&cfg);
    listens(80, 4);
    struct peer a = peer_of(7, 5000, 80), b = peer_of(8, 5000, 80);
    meet(7);
    meet(8);
    struct tcp_conn *c = accepts(&a);
    inet_tcp_close(in, &c, now);
    flush();
    CHECK_STR(said(), "F. 80>7:5000");
    peer_hears(&a);
    peer_sends(&a, TCP_ACK, 0);
    peer_sends(&b, TCP_SYN, 0);
    CHECK_STR(said(), "R 80>7:5000 S. 80>8:5000");
    CHECK_INT(counter("tcp.let_go_evicted"), 1);
    end();
}

TEST(time_wait_ends_by_itself)
{
    begin();
    meet(7);
    listens(80, 4);
    struct peer p = peer_of(7, 5000, 80);
    into_time_wait(&p);
    passes(121 * SECOND);
    CHECK_INT(in->conns.live, 0);
    end();
}

TEST(a_connection_in_time_wait_takes_no_connection_s_place)
{
    struct inet_config cfg = config_of();
    cfg.connections_max = 1;
    cfg.time_wait_max = 10;
    begin_with(&cfg);
    meet(7);
    listens(80, 4);
    for (uint16_t i = 0; i < 25; i++) {
        struct peer p = peer_of(7, (uint16_t)(5000 + i), 80);
        into_time_wait(&p);
        CHECK_INT(in->conns.live, 0);
    }
    CHECK_INT(in->waits_pool.live, 10);
    CHECK(in->waits_pool.size <= 112);
    CHECK_INT(counter("tcp.time_wait_evicted"), 15);
    passes(60 * SECOND + 2 * WHEEL_TICK_NS);
    CHECK_INT(in->waits_pool.live, 0);
    CHECK_INT(counter("tcp.no_connection"), 0);
    end();
}

/* RFC 9293 3.10.7.4: our last ACK was lost, so the peer sends its FIN again. */
TEST(a_fin_that_comes_again_in_time_wait_is_acknowledged_and_begins_its_time_anew)
{
    begin();
    meet(7);
    listens(80, 4);
    struct peer p = peer_of(7, 5000, 80), q = peer_of(7, 5001, 80);
    into_time_wait(&p);
    passes(10 * SECOND);
    into_time_wait(&q);
    passes(20 * SECOND);
    meet(7);
    p.seq--;
    peer_sends(&p, TCP_ACK | TCP_FIN, 0);
    CHECK_STR(said(), ". 80>7:5000");
    CHECK_INT(last_segment.ack.n, p.seq);
    passes(45 * SECOND); /* q's time is over, p's would have been */
    CHECK_INT(in->waits_pool.live, 1);
    meet(7);
    p.seq--;
    peer_sends(&p, TCP_ACK | TCP_FIN, 0);
    CHECK_STR(said(), ". 80>7:5000");
    passes(61 * SECOND);
    CHECK_INT(in->waits_pool.live, 0);
    end();
}

/* RFC 1337: and text is dropped, though acknowledged. */
TEST(a_reset_does_not_end_time_wait)
{
    begin();
    meet(7);
    listens(80, 4);
    struct peer p = peer_of(7, 5000, 80);
    into_time_wait(&p);
    peer_sends(&p, TCP_RST, 0);
    CHECK_STR(said(), "");
    CHECK_INT(in->waits_pool.live, 1);
    CHECK_INT(counter("tcp.resets_ignored"), 1);
    end();
}

TEST(the_last_acknowledgement_goes_before_the_connection_does_even_when_the_device_is_full)
{
    begin();
    meet(7);
    listens(80, 4);
    struct peer p = peer_of(7, 5000, 80);
    struct tcp_conn *c = accepts(&p);
    inet_tcp_close(in, &c, now);
    flush();
    peer_hears(&p);
    said();
    send_error = -EAGAIN;
    peer_sends(&p, TCP_ACK | TCP_FIN, 0);
    CHECK_INT(in->conns.live, 1);
    send_error = 0;
    passes(INET_RETRY_NS);
    CHECK_STR(said(), ". 80>7:5000");
    CHECK_INT(in->conns.live, 0);
    CHECK_INT(in->waits_pool.live, 1);
    end();
}

TEST(a_port_whose_connection_to_the_peer_is_in_time_wait_is_not_taken_again)
{
    begin();
    meet(7);
    struct tcp_conn *c = NULL;
    uint32_t before = random_state;
    CHECK_INT(inet_connect(in, (struct ip4_endpoint){ip_of(7), 99}, &an_owner, now, &c), 0);
    flush();
    struct peer p = peer_of(7, 99, inet_tcp_local(c).port);
    peer_hears(&p);
    peer_sends(&p, TCP_SYN | TCP_ACK, 0);
    struct inet_ends ends = {inet_tcp_local(c), inet_tcp_peer(c)};
    inet_tcp_close(in, &c, now);
    flush();
    peer_hears(&p);
    peer_sends(&p, TCP_ACK | TCP_FIN, 0);
    CHECK(waits_have(in, &ends));
    said();
    random_state = before; /* as when the first was chosen */
    CHECK_INT(inet_connect(in, (struct ip4_endpoint){ip_of(7), 99}, &an_owner, now, &c), 0);
    CHECK(inet_tcp_local(c).port != ends.local.port);
    flush();
    end();
}

TEST(a_later_syn_takes_the_place_of_a_connection_in_time_wait)
{
    begin();
    meet(7);
    listens(80, 4);
    struct peer p = peer_of(7, 5000, 80);
    into_time_wait(&p);
    uint32_t old_end = last_end;
    p.seq += 1000;
    peer_sends(&p, TCP_SYN, 0);
    CHECK_STR(said(), "S. 80>7:5000");
    CHECK(seq_lt((struct seq){old_end}, last_segment.seq));
    peer_sends(&p, TCP_ACK, 0);
    CHECK(inet_accept(in, listener, NULL));
    CHECK_INT(counter("tcp.time_wait_reused"), 1);
    end();
}

TEST(an_old_syn_does_not_take_the_place_of_a_connection_in_time_wait)
{
    begin();
    meet(7);
    listens(80, 4);
    struct peer p = peer_of(7, 5000, 80);
    into_time_wait(&p);
    p.seq -= 2000;
    peer_sends(&p, TCP_SYN, 0);
    CHECK_STR(said(), ". 80>7:5000");
    CHECK_INT(counter("tcp.time_wait_reused"), 0);
    end();
}

/* ---- Errors from the network
 * ------------------------------------------------------------------------- */

static void hears_error(const struct tcp_conn *c, uint32_t seq, uint8_t code)
{
    uint8_t quote[28];
    struct writer w = writer_of(quote, sizeof quote);
    ip4_print(&w, c->local.ip, c->peer.ip, IP4_TCP, 20);
    write_u16(&w, c->local.port);
    write_u16(&w, c->peer.port);
    write_u32(&w, seq);
    struct icmp_message m = {ICMP_UNREACHABLE, code, 0, bytes_of(quote, sizeof quote)};
    hears_icmp(1, &m);
}

TEST(an_error_about_our_syn_ends_the_attempt)
{
    begin();
    meet(7);
    struct tcp_conn *c = NULL;
    CHECK_INT(inet_connect(in, (struct ip4_endpoint){ip_of(7), 99}, &an_owner, now, &c), 0);
    flush();
    said();
    hears_error(c, c->iss.n, ICMP_BAD_PORT);
    char want[80];
    snprintf(want, sizeof want, "<ended %d>", -ECONNREFUSED);
    CHECK_STR(said(), want);
    CHECK_INT(counter("icmp.errors_to_tcp"), 1);
    end();
}

TEST(a_forged_error_that_does_not_know_the_sequence_number_is_counted_and_ignored)
{
    begin();
    meet(7);
    struct tcp_conn *c = NULL;
    CHECK_INT(inet_connect(in, (struct ip4_endpoint){ip_of(7), 99}, &an_owner, now, &c), 0);
    flush();
    said();
    hears_error(c, c->iss.n + 1, ICMP_BAD_PORT);
    hears_error(c, c->iss.n - 1, ICMP_BAD_PORT);
    CHECK_STR(said(), "");
    CHECK_INT(counter("icmp.errors_not_in_flight"), 2);
    struct tcp_conn other = *c;
    other.local.port++;
    hears_error(&other, c->iss.n, ICMP_BAD_PORT);
    CHECK_INT(counter("icmp.errors_unmatched"), 1);
    other.local.ip = ip_of(3);
    hears_error(&other, c->iss.n, ICMP_BAD_PORT);
    CHECK_INT(counter("icmp.bad_quote"), 1);
    hears_error(c, c->iss.n, ICMP_TOO_BIG);
    CHECK_INT(counter("icmp.path_mtu_ignored"), 1);
    end();
}

TEST(an_error_does_not_end_an_established_connection)
{
    begin();
    meet(7);
    listens(80, 4);
    struct peer p = peer_of(7, 5000, 80);
    struct tcp_conn *c = accepts(&p);
    CHECK_INT(inet_tcp_write(in, c, bytes_of(text, 100), now), 100);
    flush();
    said();
    hears_error(c, c->snd_una.n, ICMP_BAD_PORT);
    CHECK_STR(said(), "");
    CHECK_INT(counter("icmp.errors_to_tcp"), 1);
    CHECK_INT(c->state, TCP_ESTABLISHED);
    end();
}

/* ---- Sending
 * ---------------------------------------------------------------------------------------------
 */

TEST(what_a_full_device_did_not_take_is_sent_when_it_does)
{
    begin();
    meet(7);
    listens(80, 4);
    struct peer p = peer_of(7, 5000, 80);
    struct tcp_conn *c = accepts(&p);
    send_error = -EAGAIN;
    CHECK_INT(inet_tcp_write(in, c, bytes_of(text, 100), now), 100);
    flush();
    CHECK_STR(said(), "");
    CHECK_INT(counter("eth.device_full"), 1);
    flush();
    CHECK_INT(counter("eth.device_full"), 1); /* not asked again at once */
    CHECK(inet_next(in) > now && inet_next(in) <= now + INET_RETRY_NS);
    send_error = 0;
    passes(INET_RETRY_NS);
    CHECK_STR(said(), "P. 80>7:5000(100)");
    end();
}

TEST(what_a_broken_device_lost_is_retransmitted)
{
    begin();
    meet(7);
    listens(80, 4);
    struct peer p = peer_of(7, 5000, 80);
    struct tcp_conn *c = accepts(&p);
    send_error = -EIO;
    CHECK_INT(inet_tcp_write(in, c, bytes_of(text, 100), now), 100);
    flush();
    CHECK_INT(counter("eth.device_error"), 1);
    CHECK(list_empty(&in->pending));
    send_error = 0;
    passes(2 * SECOND);
    CHECK(strstr(said(), "80>7:5000(100)"));
    end();
}

TEST(a_connection_sends_a_burst_a_turn_and_then_others_have_theirs)
{
    struct inet_config cfg = config_of();
    cfg.mtu = 576;
    cfg.send_max = 65536;
    begin_with(&cfg);
    meet(7);
    listens(80, 4);
    struct peer a = peer_of(7, 5000, 80), b = peer_of(7, 5001, 80);
    struct tcp_conn *ca = accepts(&a), *cb = accepts(&b);
    ca->cwnd = cb->cwnd = 1 << 20; /* as after a long time without loss */
    CHECK_INT(inet_tcp_write(in, ca, bytes_of(text, 40000), now), 40000);
    CHECK_INT(inet_tcp_write(in, cb, bytes_of(text, 10), now), 10);
    CHECK(inet_next(in) <= now);
    flush();
    const char *s = said();
    unsigned of_a = 0;
    for (const char *at = s; (at = strstr(at, ">7:5000(")); at++)
        of_a++;
    CHECK_INT(of_a, INET_BURST_MAX);
    CHECK(strstr(s, ">7:5001(10)"));
    CHECK(inet_next(in) <= now);
    flush();
    CHECK(strstr(said(), ">7:5000("));
    end();
}

TEST(text_for_a_peer_whose_hop_went_away_waits_for_it)
{
    begin();
    meet(1);
    listens(80, 4);
    struct peer p = {.host = 1, .ip = ip4_of(8, 8, 8, 8), .port = 5000, .to = 80, .seq = 1};
    struct tcp_conn *c = accepts(&p);
    passes(700 * SECOND); /* the gateway is forgotten */
    CHECK_INT(inet_tcp_write(in, c, bytes_of(text, 100), now), 100);
    flush();
    CHECK_STR(said(), "who-has 1");
    passes(2 * SECOND + 10 * WHEEL_TICK_NS);
    CHECK_STR(said(), "who-has 1 who-has 1");
    hears_arp(ARP_REPLY, 1, 2);
    CHECK_STR(said(), "<found 1> P. 80>8:5000(100)@1");
    end();
}

TEST(text_for_a_peer_whose_hop_is_lost_is_tried_again_by_the_retransmission_timer)
{
    begin();
    meet(1);
    listens(80, 4);
    struct peer p = {.host = 1, .ip = ip4_of(8, 8, 8, 8), .port = 5000, .to = 80, .seq = 1};
    struct tcp_conn *c = accepts(&p);
    passes(700 * SECOND);
    CHECK_INT(inet_tcp_write(in, c, bytes_of(text, 100), now), 100);
    flush();
    passes(3 * SECOND + 10 * WHEEL_TICK_NS);
    CHECK(strstr(said(), "<lost 1>"));
    CHECK(inet_next(in) > now); /* no spinning while there is no hop */
    CHECK_INT(c->state, TCP_ESTABLISHED);
    passes(8 * SECOND);
    hears_arp(ARP_REQUEST, 1, 2);
    passes(60 * SECOND);
    CHECK(strstr(said(), "80>8:5000(100)@1"));
    end();
}

TEST(initial_sequence_numbers_differ_by_peer_and_grow_with_time)
{
    begin();
    struct ip4_endpoint a = {ip_of(7), 5000}, b = {ip_of(7), 5001};
    struct ip4_endpoint local = {ip_of(2), 80}, elsewhere = {ip_of(3), 80};
    struct seq first = table_isn(in, local, a, now), other = table_isn(in, local, b, now);
    CHECK(!seq_eq(first, other));
    CHECK(!seq_eq(first, table_isn(in, elsewhere, a, now)));
    CHECK_INT(seq_diff(table_isn(in, local, a, now + SECOND), first), 250000);
    end();
}

/* ---- Many
 * ----------------------------------------------------------------------------------------------------
 */

TEST(a_thousand_connections_are_each_found_and_all_memory_comes_back)
{
    struct inet_config cfg = config_of();
    cfg.connections_max = 1000;
    cfg.half_open_max = 100;
    begin_with(&cfg);
    meet(7);
    listens(80, 4);
    static struct peer p[1000];
    static struct tcp_conn *c[1000];
    for (unsigned i = 0; i < 1000; i++) {
        p[i] = peer_of(7, (uint16_t)(5000 + i), 80);
        handshake(&p[i]);
        c[i] = inet_accept(in, listener, &an_owner);
        CHECK(c[i]);
    }
    said();
    CHECK(in->table.len >= 1000);
    for (unsigned i = 0; i < 1000; i++) {
        peer_sends(&p[i], TCP_ACK | TCP_PSH, i % 7 + 1);
        CHECK_INT(tcp_readable(c[i]), i % 7 + 1);
    }
    said();
    end();
}

TEST(idle_connections_hold_no_buffers)
{
    begin();
    meet(7);
    listens(80, 4);
    struct peer p = peer_of(7, 5000, 80);
    struct tcp_conn *c = accepts(&p);
    peer_sends(&p, TCP_ACK | TCP_PSH, 100);
    CHECK(buffers.supply.used > 0);
    inet_tcp_read(in, c, text, sizeof text, now);
    CHECK_INT(buffers.supply.used, 0);
    end();
}

/* One conversation, whatever the supplies refuse. */
static void converse(void)
{
    struct inet_config cfg = config_of();
    if (inet_init(&in, &cfg, &rim, now) != 0)
        return;
    hears_arp(ARP_REQUEST, 7, 2);
    struct inet_udp *u = NULL;
    struct tcp_conn *c = NULL, *mine = NULL;
    struct inet_listener *l = NULL;
    (void)!inet_udp_bind(in, 53, NULL, &u);
    (void)!inet_connect(in, (struct ip4_endpoint){ip_of(7), 9}, &an_owner, now, &mine);
    if (inet_listen(in, 80, 4, NULL, &l) == 0) {
        struct peer p = peer_of(7, 5000, 80);
        handshake(&p);
        c = inet_accept(in, l, &an_owner);
        peer_sends(&p, TCP_ACK, 100);
        passes(SECOND);
        if (c) {
            inet_tcp_write(in, c, bytes_of(text, 10000), now);
            passes(SECOND);
            inet_tcp_read(in, c, text, sizeof text, now);
            inet_tcp_close(in, &c, now);
            passes(SECOND);
        }
    }
    inet_tcp_close(in, &mine, now);
    inet_check(in);
    inet_end(&in, now);
}

TEST(memory_refused_at_any_moment_breaks_nothing)
{
    for (long n = 0; n < 24; n++)
        for (int of_buffers = 0; of_buffers < 2; of_buffers++) {
            begin();
            end();
            (of_buffers ? &buffers : &memory)->grants = n;
            converse();
            CHECK_INT(memory.supply.used, 0);
            CHECK_INT(buffers.supply.used, 0);
        }
}

TEST(the_user_sets_time_to_live_and_code_point_of_a_connection)
{
    begin();
    meet(7);
    listens(80, 4);
    struct peer p = peer_of(7, 5000, 80);
    struct tcp_conn *c = accepts(&p);
    CHECK_INT(last_ttl, IP4_TTL);
    inet_tcp_set(c, 9, 46);
    CHECK_INT(inet_tcp_write(in, c, bytes_of("hello", 5), now), 5);
    flush();
    CHECK_STR(said(), "P. 80>7:5000(5)");
    CHECK_INT(last_ttl, 9);
    CHECK_INT(last_tos, 46 << 2);
    inet_tcp_set(c, 0, 0);
    inet_tcp_shutdown(in, c, now);
    flush();
    CHECK_INT(last_ttl, IP4_TTL);
    CHECK_INT(last_tos, 0);
    end();
}

TEST(the_user_sets_how_long_text_may_stay_unacknowledged)
{
    begin();
    meet(7);
    listens(80, 4);
    struct peer p = peer_of(7, 5000, 80);
    struct tcp_conn *c = accepts(&p);
    inet_tcp_user_timeout(in, c, 5 * SECOND, now);
    CHECK_INT(inet_tcp_write(in, c, bytes_of("hello", 5), now), 5);
    flush();
    passes(4 * SECOND);
    CHECK(!strstr(said(), "<ended"));
    passes(4 * SECOND);
    CHECK(strstr(said(), "<ended -110>"));
    end();
}

TEST_MAIN(
    TEST_OF(the_user_sets_how_long_text_may_stay_unacknowledged),
    TEST_OF(the_user_sets_time_to_live_and_code_point_of_a_connection),

    TEST_OF(a_client_connects_talks_and_leaves),
    TEST_OF(we_connect_to_whom_we_must_first_ask_for),
    TEST_OF(a_peer_that_arp_does_not_find_is_unreachable),
    TEST_OF(connections_to_more_neighbours_than_can_be_asked_for_at_once_are_not_forgotten),
    TEST_OF(a_refused_connection_ends_and_its_owner_lets_go),
    TEST_OF(what_cannot_be_connected_to_is_refused_at_once),
    TEST_OF(a_segment_for_no_connection_is_answered_by_a_reset),
    TEST_OF(resets_beyond_the_rate_are_counted_and_not_sent),
    TEST_OF(a_segment_to_a_broadcast_address_is_dropped), TEST_OF(a_port_has_one_listener),
    TEST_OF(when_the_queue_is_full_syns_are_not_answered_and_last_acks_ignored),
    TEST_OF(connections_nobody_took_are_reset_when_the_listener_goes),
    TEST_OF(a_connection_reset_before_it_was_accepted_is_not_accepted),
    TEST_OF(a_half_open_connection_gives_up_by_itself),
    TEST_OF(a_flood_of_syns_is_bounded_and_a_real_client_still_gets_in),
    TEST_OF(a_cookie_costs_nothing_and_becomes_a_connection),
    TEST_OF(the_first_text_may_bring_the_cookie_back),
    TEST_OF(a_cookie_remembers_about_how_long_segments_may_be),
    TEST_OF(with_timestamps_a_cookie_remembers_the_other_options_too),
    TEST_OF(any_timestamp_that_comes_with_a_cookie_is_harmless),
    TEST_OF(in_time_wait_timestamps_go_on),
    TEST_OF(an_acknowledgement_that_brings_no_cookie_back_is_refused),
    TEST_OF(while_cookies_are_out_who_missed_a_reset_hears_another_when_its_text_comes_again),
    TEST_OF(while_cookies_go_out_who_missed_a_reset_hears_another),
    TEST_OF(a_cookie_is_good_for_a_minute_and_not_for_three),
    TEST_OF(a_full_queue_refuses_cookies_too),
    TEST_OF(a_flood_of_syns_from_neighbours_that_do_not_exist_is_bounded_too),
    TEST_OF(when_all_connections_are_taken_the_half_open_give_way_to_who_brings_a_cookie_back),
    TEST_OF(when_all_connections_are_taken_the_one_let_go_of_first_gives_way_with_a_reset),
    TEST_OF(one_that_cannot_write_at_all_gets_the_memory_of_those_let_go_of),
    TEST_OF(
        text_for_which_there_is_no_memory_is_taken_in_place_of_one_let_go_of_when_it_comes_again),
    TEST_OF(a_connection_let_go_of_that_waits_for_the_peers_fin_gives_way_too),
    TEST_OF(time_wait_ends_by_itself),
    TEST_OF(a_connection_in_time_wait_takes_no_connection_s_place),
    TEST_OF(a_fin_that_comes_again_in_time_wait_is_acknowledged_and_begins_its_time_anew),
    TEST_OF(a_reset_does_not_end_time_wait),
    TEST_OF(
        the_last_acknowledgement_goes_before_the_connection_does_even_when_the_device_is_full),
    TEST_OF(a_port_whose_connection_to_the_peer_is_in_time_wait_is_not_taken_again),
    TEST_OF(a_later_syn_takes_the_place_of_a_connection_in_time_wait),
    TEST_OF(an_old_syn_does_not_take_the_place_of_a_connection_in_time_wait),
    TEST_OF(an_error_about_our_syn_ends_the_attempt),
    TEST_OF(a_forged_error_that_does_not_know_the_sequence_number_is_counted_and_ignored),
    TEST_OF(an_error_does_not_end_an_established_connection),
    TEST_OF(what_a_full_device_did_not_take_is_sent_when_it_does),
    TEST_OF(what_a_broken_device_lost_is_retransmitted),
    TEST_OF(a_connection_sends_a_burst_a_turn_and_then_others_have_theirs),
    TEST_OF(text_for_a_peer_whose_hop_went_away_waits_for_it),
    TEST_OF(text_for_a_peer_whose_hop_is_lost_is_tried_again_by_the_retransmission_timer),
    TEST_OF(initial_sequence_numbers_differ_by_peer_and_grow_with_time),
    TEST_OF(a_thousand_connections_are_each_found_and_all_memory_comes_back),
    TEST_OF(idle_connections_hold_no_buffers),
    TEST_OF(memory_refused_at_any_moment_breaks_nothing))
