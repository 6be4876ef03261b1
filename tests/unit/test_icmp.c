/* SPDX-License-Identifier: ISC */
#include "net/icmp/icmp.h"
#include "tests/check.h"
#include "tests/support/guarded.h"
#include "tests/support/hex.h"

#include <errno.h>

static const char echo[] = "0800 f2f8 0001 0002 0504";

TEST(a_message_is_parsed)
{
    uint8_t room[64];
    struct icmp_message m;
    CHECK_INT(icmp_parse(guarded(room, hex(echo, room)), &m), ICMP_OK);
    CHECK_INT(m.type, ICMP_ECHO_REQUEST);
    CHECK_INT(m.rest, 0x00010002);
    CHECK_INT(m.body.len, 2);
}

TEST(a_message_cut_in_its_header_is_truncated_and_elsewhere_fails_its_checksum)
{
    uint8_t room[64];
    struct icmp_message m = {.type = 77};
    size_t len = hex(echo, room);
    for (size_t n = 0; n < len; n++)
        CHECK_INT(icmp_parse(guarded(room, n), &m),
                  n < ICMP_HEADER_LEN ? ICMP_TRUNCATED : ICMP_BAD_CHECKSUM);
    CHECK_INT(m.type, 77);
}

TEST(what_is_printed_is_parsed_to_the_same)
{
    uint8_t body[100], room[108];
    for (size_t len = 0; len <= sizeof body; len++) {
        if (len > 0)
            body[len - 1] = (uint8_t)(len * 77);
        struct icmp_message in = {3, 1, 0xfffefdfc, bytes_of(body, len)}, out;
        struct writer w = writer_of(room, sizeof room);
        icmp_print(&w, &in);
        CHECK_INT(icmp_parse(guarded(room, writer_len(&w)), &out), ICMP_OK);
        CHECK_INT(out.type, 3);
        CHECK_INT(out.code, 1);
        CHECK_INT(out.rest, 0xfffefdfc);
        CHECK_INT(out.body.len, len);
        CHECK_MEM(out.body.at, body, len);
    }
}

static enum icmp_verdict quote(const char *text, size_t len, struct icmp_quote *q)
{
    uint8_t room[64];
    size_t all = hex(text, room);
    struct icmp_message m = {.type = ICMP_UNREACHABLE,
                             .body = guarded(room, len < all ? len : all)};
    return icmp_parse_quote(&m, q);
}

TEST(a_quote_gives_the_addresses_and_the_first_octets)
{
    struct icmp_quote q;
    CHECK_INT(quote("46000040 0000 4000 3f 06 0000 0a000002 0a000001 01010100"
                    "0050 c000 00000001",
                    99, &q),
              ICMP_OK);
    CHECK_INT(q.src.n, 0x0a000002);
    CHECK_INT(q.dst.n, 0x0a000001);
    CHECK_INT(q.protocol, IP4_TCP);
    CHECK_INT(q.payload.len, 8);
    CHECK_INT(q.payload.at[1], 0x50);
}

TEST(a_quote_of_something_else_or_cut_short_is_refused)
{
    struct icmp_quote q = {.protocol = 99};
    const char *good = "45000040 0000 4000 3f 06 0000 0a000002 0a000001 0050 c000 00000001";
    for (size_t n = 0; n < 28; n++)
        CHECK_INT(quote(good, n, &q), ICMP_BAD_QUOTE);
    CHECK_INT(
        quote("65000040 0000 4000 3f 06 0000 0a000002 0a000001 0050 c000 00000001", 99, &q),
        ICMP_BAD_QUOTE);
    CHECK_INT(
        quote("44000040 0000 4000 3f 06 0000 0a000002 0a000001 0050 c000 00000001", 99, &q),
        ICMP_BAD_QUOTE);
    CHECK_INT(q.protocol, 99);
}

static int number_of(uint8_t type, uint8_t code)
{
    struct icmp_message m = {.type = type, .code = code};
    return icmp_error_number(&m);
}

TEST(each_error_means_what_rfc_1122_says)
{
    CHECK_INT(number_of(ICMP_UNREACHABLE, 0), -ENETUNREACH);
    CHECK_INT(number_of(ICMP_UNREACHABLE, 1), -EHOSTUNREACH);
    CHECK_INT(number_of(ICMP_UNREACHABLE, 2), -ECONNREFUSED);
    CHECK_INT(number_of(ICMP_UNREACHABLE, 3), -ECONNREFUSED);
    CHECK_INT(number_of(ICMP_UNREACHABLE, 4), 0);
    CHECK_INT(number_of(ICMP_UNREACHABLE, 13), -EHOSTUNREACH);
    CHECK_INT(number_of(ICMP_TIME_EXCEEDED, 0), -EHOSTUNREACH);
    CHECK_INT(number_of(ICMP_SOURCE_QUENCH, 0), 0);
    CHECK_INT(number_of(ICMP_REDIRECT, 0), 0);
    CHECK(!icmp_is_error(ICMP_ECHO_REQUEST));
    CHECK(!icmp_is_error(ICMP_ECHO_REPLY));
    CHECK(icmp_is_error(ICMP_REDIRECT));
}

TEST_MAIN(TEST_OF(a_message_is_parsed),
          TEST_OF(a_message_cut_in_its_header_is_truncated_and_elsewhere_fails_its_checksum),
          TEST_OF(what_is_printed_is_parsed_to_the_same),
          TEST_OF(a_quote_gives_the_addresses_and_the_first_octets),
          TEST_OF(a_quote_of_something_else_or_cut_short_is_refused),
          TEST_OF(each_error_means_what_rfc_1122_says))
