/* SPDX-License-Identifier: ISC */
#include "base/checksum.h"
#include "net/ip4/ip4.h"
#include "tests/check.h"
#include "tests/support/guarded.h"
#include "tests/support/hex.h"

static const struct ip4_own own = {.net = {{{0x0a000002}, 24}}, .len = 1};
static const struct ip4 own_ip = {0x0a000002};

/* Puts the right checksum where the text has 0000 there, parses. */
static enum ip4_verdict parse(const char *text, struct ip4_packet *p)
{
    uint8_t room[256];
    size_t len = hex(text, room);
    size_t header_len = (room[0] & 15U) * 4;
    if (len >= 20 && header_len <= len && room[10] == 0 && room[11] == 0) {
        uint16_t sum = checksum_end(checksum_add(0, bytes_of(room, header_len)));
        room[10] = (uint8_t)(sum >> 8);
        room[11] = (uint8_t)sum;
    }
    return ip4_parse(guarded(room, len), &own, p);
}

/* version..total length, identification, fragment, ttl, protocol, checksum, source, destination
 */
static const struct {
    const char *what, *text;
    enum ip4_verdict verdict;
} table[] = {
    {"plain", "45000016 0001 4000 40 06 0000 0a000001 0a000002 abcd", IP4_OK},
    {"padded", "45000014 0001 4000 40 06 0000 0a000001 0a000002 000000000000", IP4_OK},
    {"ttl 0", "45000014 0001 4000 00 06 0000 0a000001 0a000002", IP4_OK},
    {"from far", "45000014 0001 4000 40 06 0000 08080808 0a000002", IP4_OK},
    {"limited broadcast", "45000014 0001 0000 40 11 0000 0a000001 ffffffff", IP4_OK},
    {"own broadcast", "45000014 0001 0000 40 11 0000 0a000001 0a0000ff", IP4_OK},
    {"no-operations", "46000018 0001 0000 40 11 0000 0a000001 0a000002 01010100", IP4_OK},
    {"router alert", "46000018 0001 0000 40 11 0000 0a000001 0a000002 94040000", IP4_OK},
    {"after the end", "46000018 0001 0000 40 11 0000 0a000001 0a000002 00830101", IP4_OK},
    {"version 6", "65000014 0001 4000 40 06 0000 0a000001 0a000002", IP4_BAD_VERSION},
    {"header of 4 words", "44000014 0001 4000 40 06 0000 0a000001 0a000002",
     IP4_BAD_HEADER_LEN},
    {"header > total", "46000014 0001 4000 40 06 0000 0a000001 0a000002 01010101",
     IP4_BAD_HEADER_LEN},
    {"total < 20", "45000013 0001 4000 40 06 0000 0a000001 0a000002", IP4_BAD_HEADER_LEN},
    {"total > frame", "45000015 0001 4000 40 06 0000 0a000001 0a000002", IP4_TRUNCATED},
    {"checksum", "45000014 0001 4000 40 06 1234 0a000001 0a000002", IP4_BAD_CHECKSUM},
    {"option of length 0", "46000018 0001 0000 40 11 0000 0a000001 0a000002 94000000",
     IP4_BAD_OPTION},
    {"option of length 1", "46000018 0001 0000 40 11 0000 0a000001 0a000002 94010000",
     IP4_BAD_OPTION},
    {"option too long", "46000018 0001 0000 40 11 0000 0a000001 0a000002 94050000",
     IP4_BAD_OPTION},
    {"option cut", "46000018 0001 0000 40 11 0000 0a000001 0a000002 01010194", IP4_BAD_OPTION},
    {"loose route", "46000018 0001 0000 40 11 0000 0a000001 0a000002 83030400",
     IP4_SOURCE_ROUTE},
    {"strict route", "46000018 0001 0000 40 11 0000 0a000001 0a000002 89030400",
     IP4_SOURCE_ROUTE},
    {"from 0.0.0.0", "45000014 0001 4000 40 06 0000 00000000 0a000002", IP4_SOURCE_ZERO},
    {"from loopback", "45000014 0001 4000 40 06 0000 7f000001 0a000002", IP4_SOURCE_LOOPBACK},
    {"from multicast", "45000014 0001 4000 40 06 0000 e0000001 0a000002", IP4_SOURCE_MULTICAST},
    {"from class E", "45000014 0001 4000 40 06 0000 f0000001 0a000002", IP4_SOURCE_RESERVED},
    {"from broadcast", "45000014 0001 4000 40 06 0000 ffffffff 0a000002", IP4_SOURCE_BROADCAST},
    {"from own broadcast", "45000014 0001 4000 40 06 0000 0a0000ff 0a000002",
     IP4_SOURCE_BROADCAST},
    {"from the network", "45000014 0001 4000 40 06 0000 0a000000 0a000002", IP4_SOURCE_NETWORK},
    {"from ourselves", "45000014 0001 4000 40 06 0000 0a000002 0a000002", IP4_SOURCE_OWN},
    {"to another", "45000014 0001 4000 40 06 0000 0a000001 0a000003", IP4_NOT_FOR_US},
    {"to multicast", "45000014 0001 4000 40 06 0000 0a000001 e0000001", IP4_OK},
    {"to loopback", "45000014 0001 4000 40 06 0000 0a000001 7f000001", IP4_TO_LOOPBACK},
    {"to 0.0.0.0", "45000014 0001 4000 40 06 0000 0a000001 00000000", IP4_TO_ZERO},
    {"to class E", "45000014 0001 4000 40 06 0000 0a000001 f0000001", IP4_TO_RESERVED},
    {"first fragment", "45000014 0001 2000 40 06 0000 0a000001 0a000002", IP4_OK},
    {"last fragment", "45000014 0001 0001 40 06 0000 0a000001 0a000002", IP4_OK},
};

TEST(each_kind_of_packet_has_its_verdict)
{
    struct ip4_packet p;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (parse(table[i].text, &p) != table[i].verdict)
            test_failed(__FILE__, __LINE__, "%s: %d", table[i].what, parse(table[i].text, &p));
}

TEST(what_pads_the_frame_is_cut_off)
{
    struct ip4_packet p;
    CHECK_INT(parse("45000016 0001 4000 40 06 0000 0a000001 0a000002 abcd 00000000", &p),
              IP4_OK);
    CHECK_INT(p.payload.len, 2);
    CHECK_INT(p.payload.at[0], 0xab);
    CHECK_INT(p.whole.len, 22);
    CHECK(!p.to_broadcast && !p.has_options);
}

TEST(options_are_no_part_of_the_payload)
{
    struct ip4_packet p;
    CHECK_INT(parse("46000019 0001 0000 40 11 0000 0a000001 0a0000ff 94040000 7f", &p), IP4_OK);
    CHECK_INT(p.payload.len, 1);
    CHECK_INT(p.payload.at[0], 0x7f);
    CHECK(p.to_broadcast && p.has_options);
}

TEST(a_packet_cut_anywhere_is_truncated)
{
    uint8_t room[64];
    size_t len = hex("46000019 0001 0000 40 11 0000 0a000001 0a000002 94040000 7f", room);
    struct ip4_packet p = {.ttl = 3};
    for (size_t n = 0; n < len; n++)
        CHECK_INT(ip4_parse(guarded(room, n), &own, &p), IP4_TRUNCATED);
    CHECK_INT(p.ttl, 3);
}

TEST(every_flipped_bit_of_a_header_is_noticed)
{
    uint8_t room[32];
    struct ip4_packet p;
    struct writer w = writer_of(room, sizeof room);
    ip4_print(&w, ip4_of(10, 0, 0, 1), own_ip, IP4_UDP, 0);
    for (size_t bit = 0; bit < 20 * 8; bit++) {
        room[bit / 8] ^= (uint8_t)(1U << bit % 8);
        CHECK(ip4_parse(guarded(room, 20), &own, &p) != IP4_OK);
        room[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    CHECK_INT(ip4_parse(guarded(room, 20), &own, &p), IP4_OK);
}

TEST(what_is_printed_is_parsed_to_the_same)
{
    static uint8_t room[65535];
    struct ip4_packet p;
    for (size_t len = 0; len <= 65515; len = len * 2 + 1) {
        struct writer w = writer_of(room, sizeof room);
        ip4_print(&w, ip4_of(192, 168, 1, 77), own_ip, IP4_TCP, len);
        CHECK_INT(writer_len(&w), IP4_HEADER_MIN);
        CHECK_INT(ip4_parse(bytes_of(room, IP4_HEADER_MIN + len), &own, &p), IP4_OK);
        CHECK_INT(p.src.n, 0xc0a8014d);
        CHECK_INT(p.dst.n, own_ip.n);
        CHECK_INT(p.protocol, IP4_TCP);
        CHECK_INT(p.ttl, IP4_TTL);
        CHECK_INT(p.payload.len, len);
    }
}

TEST(small_networks_have_no_broadcast_address)
{
    struct ip4_net pair = {{0x0a000002}, 31}, one = {{0x0a000002}, 32}, all = {{0x0a000002}, 0};
    CHECK(!ip4_is_broadcast(ip4_of(10, 0, 0, 3), &pair));
    CHECK(ip4_is_host(ip4_of(10, 0, 0, 3), &pair));
    CHECK(ip4_is_host(one.ip, &one));
    CHECK(!ip4_in_net(ip4_of(10, 0, 0, 3), &one));
    CHECK(ip4_in_net(ip4_of(99, 0, 0, 3), &all));
    CHECK(ip4_is_broadcast((struct ip4){UINT32_MAX}, &one));
}

TEST_MAIN(TEST_OF(each_kind_of_packet_has_its_verdict), TEST_OF(what_pads_the_frame_is_cut_off),
          TEST_OF(options_are_no_part_of_the_payload),
          TEST_OF(a_packet_cut_anywhere_is_truncated),
          TEST_OF(every_flipped_bit_of_a_header_is_noticed),
          TEST_OF(what_is_printed_is_parsed_to_the_same),
          TEST_OF(small_networks_have_no_broadcast_address))
