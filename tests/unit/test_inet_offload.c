/* SPDX-License-Identifier: ISC */
/* Frames in parts, super-frames and checksums left to the device, out and in. */
#include "tests/support/inet_world.h"

static uint8_t fixed[1 << 17];

static void begin_with_offloads(uint32_t offloads)
{
    struct inet_config cfg = config_of();
    cfg.offloads = offloads;
    cfg.send_max = cfg.receive_max = 1 << 18;
    begin_with(&cfg);
    listens(80, 4);
    meet(7);
}

static struct tcp_conn *connected(struct peer *p)
{
    *p = peer_of(7, 5000, 80);
    peer_syn_mss = 1460;
    struct tcp_conn *c = accepts(p);
    peer_syn_mss = 0;
    return c;
}

TEST(the_headers_of_a_segment_are_one_part_and_its_text_others)
{
    struct peer p;
    begin_with_offloads(OFFLOAD_CSUM);
    struct tcp_conn *c = connected(&p);
    CHECK_INT(inet_tcp_write(in, c, bytes_of("hi", 2), now), 2);
    flush();
    CHECK_STR(said(), "P. 80>7:5000(2)");
    CHECK_INT(sent_parts, 2);
    CHECK_INT(sent_work.sum_from, 34);
    CHECK_INT(sent_work.sum_at, 16);
    CHECK_INT(sent_work.segment_len, 0);
    peer_sends(&p, TCP_ACK, 1); /* answered by an ACK alone, with nothing behind its header */
    peer_sends(&p, TCP_ACK, 1);
    said();
    passes(SECOND);
    CHECK_INT(sent_parts, 1);
    end();
}

TEST(a_long_text_goes_in_a_super_frame_where_the_device_cuts_them)
{
    struct peer p;
    begin_with_offloads(OFFLOAD_CSUM | OFFLOAD_TSO4);
    struct tcp_conn *c = connected(&p);
    CHECK_INT(inet_tcp_write(in, c, bytes_of(fixed, 6000), now), 6000);
    flush();
    CHECK_STR(said(), "P. 80>7:5000(6000)");
    CHECK_INT(sent_work.segment_len, 1460);
    CHECK_INT(sent_work.headers_len, 54);
    CHECK_INT(sent_work.ip6, false);
    end();
}

TEST(without_them_it_goes_in_segments)
{
    struct peer p;
    begin_with_offloads(OFFLOAD_CSUM);
    struct tcp_conn *c = connected(&p);
    CHECK_INT(inet_tcp_write(in, c, bytes_of(fixed, 3000), now), 3000);
    flush();
    CHECK_STR(said(), ". 80>7:5000(1460) . 80>7:5000(1460) P. 80>7:5000(80)");
    CHECK_INT(sent_work.segment_len, 0);
    end();
}

TEST(octets_that_do_not_change_are_handed_over_where_they_lie)
{
    struct peer p;
    begin_with_offloads(OFFLOAD_CSUM | OFFLOAD_TSO4);
    struct tcp_conn *c = connected(&p);
    CHECK_INT(inet_tcp_write(in, c, bytes_of("head", 4), now), 4);
    CHECK_INT(inet_tcp_write_static(in, c, bytes_of(fixed, 8000), now), 8000);
    flush();
    CHECK_STR(said(), "P. 80>7:5000(8004)");
    CHECK_INT(sent_parts, 3);
    /* Lost, and sent again. */
    passes(3 * SECOND);
    CHECK(strstr(said(), ". 80>7:5000(1460)"));
    end();
}

TEST(they_are_copied_into_frames_where_the_device_takes_no_parts)
{
    struct peer p;
    begin_with_offloads(0);
    struct tcp_conn *c = connected(&p);
    CHECK_INT(inet_tcp_write_static(in, c, bytes_of(fixed, 5000), now), 5000);
    flush();
    CHECK_STR(said(),
              ". 80>7:5000(1460) . 80>7:5000(1460) . 80>7:5000(1460) P. 80>7:5000(620)");
    CHECK_INT(buffers.supply.used, 0);
    end();
}

TEST(what_a_full_device_did_not_take_is_sent_again_whole)
{
    struct peer p;
    begin_with_offloads(OFFLOAD_CSUM | OFFLOAD_TSO4);
    struct tcp_conn *c = connected(&p);
    send_error = -EAGAIN;
    CHECK_INT(inet_tcp_write(in, c, bytes_of(fixed, 6000), now), 6000);
    flush();
    CHECK_STR(said(), "");
    send_error = 0;
    passes(SECOND / 1000);
    CHECK_STR(said(), "P. 80>7:5000(6000)");
    end();
}

/* The pseudo-header's sum stands in the field: on a wire it would be a wrong checksum. */
static void spoil_checksum(void)
{
    in_frame[34 + 16] ^= 0x55;
}

static void sends_spoilt(struct peer *p, size_t len)
{
    static uint8_t text[1 << 16], room[1 << 16];
    struct tcp_segment s = {.src_port = p->port,
                            .dst_port = p->to,
                            .seq = {p->seq},
                            .ack = {p->ack},
                            .window = 65535,
                            .flags = TCP_ACK,
                            .text = bytes_of(text, len),
                            .text_len = (uint32_t)len};
    struct writer w = writer_of(room, sizeof room);
    tcp_print(&w, &s, NULL, p->ip, hears_at);
    size_t n = packet_frame(p->host, p->ip, IP4_TCP, room, writer_len(&w));
    spoil_checksum();
    p->seq += (uint32_t)len;
    hears(in_frame, n);
}

TEST(a_checksum_that_was_left_undone_is_not_checked)
{
    struct peer p;
    begin_with_offloads(OFFLOAD_CSUM);
    struct tcp_conn *c = connected(&p);
    hears_work = (struct offload){.partial = true, .sum_from = 34, .sum_at = 16};
    sends_spoilt(&p, 10);
    CHECK_INT(tcp_readable(c), 10);
    hears_work = (struct offload){.verified = true};
    sends_spoilt(&p, 10);
    CHECK_INT(tcp_readable(c), 20);
    CHECK_INT(counter("tcp.bad_checksum"), 0);
    end();
}

TEST(one_that_is_said_to_stand_elsewhere_is_checked)
{
    struct peer p;
    begin_with_offloads(OFFLOAD_CSUM);
    struct tcp_conn *c = connected(&p);
    hears_work = (struct offload){.partial = true, .sum_from = 34, .sum_at = 6};
    sends_spoilt(&p, 10);
    hears_work = (struct offload){.partial = true, .sum_from = 38, .sum_at = 16};
    sends_spoilt(&p, 10);
    hears_work = (struct offload){0};
    sends_spoilt(&p, 10);
    CHECK_INT(tcp_readable(c), 0);
    CHECK_INT(counter("tcp.bad_checksum"), 3);
    end();
}

TEST(a_datagrams_checksum_may_be_left_undone_too)
{
    struct inet_udp *u;
    begin_with_offloads(OFFLOAD_CSUM);
    CHECK_INT(inet_udp_bind(in, 53, NULL, &u), 0);
    hears_udp(7, 9, 53, 4);
    CHECK_STR(said(), "<datagram 53 7:9(4)>");
    size_t len = 14 + 20 + 8 + 4;
    in_frame[34 + 6] ^= 0x55;
    hears(in_frame, len);
    CHECK_STR(said(), "");
    hears_work = (struct offload){.partial = true, .sum_from = 34, .sum_at = 6};
    hears(in_frame, len);
    CHECK_STR(said(), "<datagram 53 7:9(4)>");
    CHECK_INT(counter("udp.bad_checksum"), 1);
    end();
}

TEST(a_super_frame_that_arrives_is_acknowledged_once_and_at_once)
{
    struct peer p;
    begin_with_offloads(OFFLOAD_CSUM | OFFLOAD_TSO4);
    struct tcp_conn *c = connected(&p);
    hears_work = (struct offload){
        .partial = true, .sum_from = 34, .sum_at = 16, .segment_len = 1460, .headers_len = 54};
    sends_spoilt(&p, 60000);
    CHECK_STR(said(), "<readable> . 80>7:5000");
    CHECK_INT(tcp_readable(c), 60000);
    CHECK_INT(c->rcv_mss, 1460);
    end();
}

TEST(a_segment_length_longer_than_the_text_is_not_believed)
{
    struct peer p;
    begin_with_offloads(OFFLOAD_CSUM | OFFLOAD_TSO4);
    struct tcp_conn *c = connected(&p);
    hears_work = (struct offload){
        .partial = true, .sum_from = 34, .sum_at = 16, .segment_len = 65535, .headers_len = 1};
    sends_spoilt(&p, 600);
    CHECK_INT(tcp_readable(c), 600);
    CHECK(c->rcv_mss <= 1460);
    end();
}

TEST_MAIN(TEST_OF(the_headers_of_a_segment_are_one_part_and_its_text_others),
          TEST_OF(a_long_text_goes_in_a_super_frame_where_the_device_cuts_them),
          TEST_OF(without_them_it_goes_in_segments),
          TEST_OF(octets_that_do_not_change_are_handed_over_where_they_lie),
          TEST_OF(they_are_copied_into_frames_where_the_device_takes_no_parts),
          TEST_OF(what_a_full_device_did_not_take_is_sent_again_whole),
          TEST_OF(a_checksum_that_was_left_undone_is_not_checked),
          TEST_OF(one_that_is_said_to_stand_elsewhere_is_checked),
          TEST_OF(a_datagrams_checksum_may_be_left_undone_too),
          TEST_OF(a_super_frame_that_arrives_is_acknowledged_once_and_at_once),
          TEST_OF(a_segment_length_longer_than_the_text_is_not_believed))
