/* SPDX-License-Identifier: ISC */
#include "host/usernet/filter.h"
#include "tests/check.h"
#include "tests/usernet/frames.h"

#include <stdlib.h>

#define SYN 0x02
#define RST 0x04
#define ACK 0x10

static struct usernet_flows none;

static enum usernet_verdict judge(struct frame f)
{
    return usernet_filter(&none, bytes_of(f.at, f.len));
}

TEST(arp_and_packets_to_other_hosts_pass)
{
    CHECK_INT(judge(arp_frame(1, image_mac, IMAGE_ADDR)), USERNET_PASS);
    CHECK_INT(judge(tcp_frame(0xc0000201, 4000, 80, 1, 0, SYN)), USERNET_PASS);
    CHECK_INT(judge(udp_frame(0x08080808, 4000, 53, "?")), USERNET_PASS);
    CHECK_INT(judge(ping_frame(GATEWAY_ADDR, 1)), USERNET_PASS);
}

TEST(the_hosts_loopback_and_addresses_of_many_are_forbidden)
{
    static const uint32_t dsts[] = {0x7f000001, 0x7fffffff, 0,          0x00000001,
                                    0xe0000001, 0xefffffff, 0xf0000000, 0xffffffff,
                                    0x0a000000, 0x0a0000ff, 0x0a000002, 0x0a000003};
    for (size_t i = 0; i < sizeof dsts / sizeof dsts[0]; i++) {
        CHECK_INT(judge(udp_frame(dsts[i], 4000, 53, "?")), USERNET_FORBIDDEN);
        CHECK_INT(judge(tcp_frame(dsts[i], 4000, 80, 1, 0, SYN)), USERNET_FORBIDDEN);
        CHECK_INT(judge(ping_frame(dsts[i], 1)), USERNET_FORBIDDEN);
    }
}

TEST(neighbours_of_the_network_are_not_taken_for_it)
{
    CHECK_INT(judge(udp_frame(0x0a000101, 4000, 53, "?")), USERNET_PASS);
    CHECK_INT(judge(udp_frame(0x09ffffff, 4000, 53, "?")), USERNET_PASS);
}

TEST(a_connection_to_the_gateway_is_refused)
{
    CHECK_INT(judge(tcp_frame(GATEWAY_ADDR, 4000, 22, 1, 0, SYN)), USERNET_REFUSED);
}

TEST(segments_of_clients_connections_pass_to_the_gateway)
{
    CHECK_INT(judge(tcp_frame(GATEWAY_ADDR, 80, 4000, 1, 2, SYN | ACK)), USERNET_PASS);
    CHECK_INT(judge(tcp_frame(GATEWAY_ADDR, 80, 4000, 1, 2, ACK)), USERNET_PASS);
    CHECK_INT(judge(tcp_frame(GATEWAY_ADDR, 80, 4000, 1, 2, RST)), USERNET_PASS);
}

/* A frame as libslirp writes it: from the gateway to the image. */
static struct frame from_gateway(uint16_t client, uint16_t image)
{
    struct frame f = udp_frame(IMAGE_ADDR, client, image, "hello");
    memcpy(f.at + 26, (const uint8_t[]){10, 0, 0, 1}, 4);
    return f;
}

TEST(a_datagram_to_the_gateway_passes_only_as_an_answer)
{
    struct usernet_flows flows = {0};
    struct frame in = from_gateway(40000, 53), answer = udp_frame(GATEWAY_ADDR, 53, 40000, "x");
    CHECK_INT(usernet_filter(&flows, bytes_of(answer.at, answer.len)), USERNET_FORBIDDEN);
    usernet_note(&flows, bytes_of(in.at, in.len));
    CHECK_INT(usernet_filter(&flows, bytes_of(answer.at, answer.len)), USERNET_PASS);
    struct frame port = udp_frame(GATEWAY_ADDR, 53, 40001, "x");
    CHECK_INT(usernet_filter(&flows, bytes_of(port.at, port.len)), USERNET_FORBIDDEN);
    struct frame source = udp_frame(GATEWAY_ADDR, 54, 40000, "x");
    CHECK_INT(usernet_filter(&flows, bytes_of(source.at, source.len)), USERNET_FORBIDDEN);
}

TEST(port_0_is_no_answer)
{
    CHECK_INT(judge(udp_frame(GATEWAY_ADDR, 0, 0, "x")), USERNET_FORBIDDEN);
}

TEST(only_datagrams_of_the_gateway_are_noted)
{
    struct usernet_flows flows = {0};
    struct frame other = from_gateway(40000, 53), tcp = from_gateway(40000, 53);
    memcpy(other.at + 26, (const uint8_t[]){8, 8, 8, 8}, 4);
    tcp.at[23] = 6;
    usernet_note(&flows, bytes_of(other.at, other.len));
    usernet_note(&flows, bytes_of(tcp.at, tcp.len));
    CHECK_MEM(&flows, &none, sizeof none);
}

TEST(a_later_fragment_does_not_pass_to_the_gateway)
{
    struct frame f = udp_frame(GATEWAY_ADDR, 53, 40000, "x");
    f.at[21] = 1;
    CHECK_INT(judge(f), USERNET_FORBIDDEN);
}

TEST(other_protocols_than_arp_and_ipv4_do_not_pass)
{
    struct frame f = udp_frame(0x08080808, 1, 2, "x");
    static const uint16_t types[] = {0x86dd, 0x88f8, 0x8100, 0x0000, 0x0801};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        f.at[12] = (uint8_t)(types[i] >> 8);
        f.at[13] = (uint8_t)types[i];
        CHECK_INT(judge(f), USERNET_PROTOCOL);
    }
}

TEST(lengths_that_do_not_agree_are_refused)
{
    struct frame f = udp_frame(0x08080808, 1, 2, "x");
    f.at[14] = 0x44; /* a header of 16 octets */
    CHECK_INT(judge(f), USERNET_SHORT);
    f.at[14] = 0x4f; /* of 60 */
    CHECK_INT(judge(f), USERNET_SHORT);
    f.at[14] = 0x65; /* version 6 */
    CHECK_INT(judge(f), USERNET_SHORT);
    f.at[14] = 0x45;
    f.at[16] = 5; /* 1280 octets and more */
    CHECK_INT(judge(f), USERNET_SHORT);
}

TEST(every_frame_cut_short_is_refused_within_its_bounds)
{
    struct frame whole[] = {tcp_frame(GATEWAY_ADDR, 4000, 22, 1, 0, SYN),
                            udp_frame(GATEWAY_ADDR, 4000, 53, ""),
                            arp_frame(1, image_mac, IMAGE_ADDR)};
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
        for (size_t len = 0; len < whole[i].len; len++) {
            uint8_t *part = malloc(len ? len : 1);
            CHECK(part != NULL);
            memcpy(part, whole[i].at, len);
            CHECK_INT(usernet_filter(&none, bytes_of(part, len)), USERNET_SHORT);
            usernet_note(&none, bytes_of(part, len));
            free(part);
        }
}

TEST(a_refused_connection_is_answered_with_a_right_reset)
{
    struct frame syn = tcp_frame(GATEWAY_ADDR, 4000, 22, 0x01020304, 0, SYN);
    struct frame want = tcp_frame(IMAGE_ADDR, 22, 4000, 0, 0x01020305, RST | ACK);
    uint8_t got[USERNET_RESET_SIZE];
    usernet_reset(bytes_of(syn.at, syn.len), got);
    CHECK_MEM(got, image_mac, 6);
    CHECK_MEM(got + 6, gateway_mac, 6);
    CHECK_INT(checksum_end(checksum_add(0, bytes_of(got + 14, 20))), 0);
    const uint8_t rest[4] = {0, 6, 0, 20};
    uint64_t sum = checksum_add(0, bytes_of(got + 26, 8));
    sum = checksum_add(sum, bytes_of(rest, 4));
    CHECK_INT(checksum_end(checksum_add(sum, bytes_of(got + 34, 20))), 0);
    CHECK_MEM(got + 34, want.at + 34, 14); /* ports, numbers, header length, flags */
}

TEST_MAIN(TEST_OF(arp_and_packets_to_other_hosts_pass),
          TEST_OF(the_hosts_loopback_and_addresses_of_many_are_forbidden),
          TEST_OF(neighbours_of_the_network_are_not_taken_for_it),
          TEST_OF(a_connection_to_the_gateway_is_refused),
          TEST_OF(segments_of_clients_connections_pass_to_the_gateway),
          TEST_OF(a_datagram_to_the_gateway_passes_only_as_an_answer),
          TEST_OF(port_0_is_no_answer), TEST_OF(only_datagrams_of_the_gateway_are_noted),
          TEST_OF(a_later_fragment_does_not_pass_to_the_gateway),
          TEST_OF(other_protocols_than_arp_and_ipv4_do_not_pass),
          TEST_OF(lengths_that_do_not_agree_are_refused),
          TEST_OF(every_frame_cut_short_is_refused_within_its_bounds),
          TEST_OF(a_refused_connection_is_answered_with_a_right_reset))
