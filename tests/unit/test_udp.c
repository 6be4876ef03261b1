/* SPDX-License-Identifier: ISC */
#include "net/udp/udp.h"
#include "tests/check.h"
#include "tests/support/guarded.h"
#include "tests/support/hex.h"

static const struct ip4_endpoint from = {{0x0a000001}, 4660}, to = {{0x0a000002}, 53};

static enum udp_verdict parse(const char *text, struct udp_datagram *d)
{
    uint8_t room[64];
    return udp_parse(guarded(room, hex(text, room)), from.ip, to.ip, d);
}

/* Of 0a000001 and 0a000002, protocol 17, 1234 0035 000a "hi": the checksum is 7105. */
static const struct {
    const char *what, *text;
    enum udp_verdict verdict;
} table[] = {
    {"plain", "1234 0035 000a 7105 6869", UDP_OK},
    {"padded", "1234 0035 000a 7105 6869 00000000", UDP_OK},
    {"no checksum", "1234 0035 000a 0000 6869", UDP_OK},
    {"empty", "1234 0035 0008 0000", UDP_OK},
    {"from no port", "0000 0035 0008 0000", UDP_OK},
    {"checksum", "1234 0035 000a 7106 6869", UDP_BAD_CHECKSUM},
    {"text", "1234 0035 000a 7105 6868", UDP_BAD_CHECKSUM},
    {"length 7", "1234 0035 0007 0000 6869", UDP_BAD_LEN},
    {"length 0", "1234 0035 0000 0000", UDP_BAD_LEN},
    {"length 11", "1234 0035 000b 0000 6869", UDP_TRUNCATED},
    {"to port 0", "1234 0000 000a 0000 6869", UDP_BAD_PORT},
};

TEST(each_kind_of_datagram_has_its_verdict)
{
    struct udp_datagram d;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (parse(table[i].text, &d) != table[i].verdict)
            test_failed(__FILE__, __LINE__, "%s: %d", table[i].what, parse(table[i].text, &d));
}

TEST(a_datagram_cut_anywhere_is_truncated)
{
    uint8_t room[64];
    size_t len = hex("1234 0035 000a 7105 6869", room);
    struct udp_datagram d = {.src_port = 3};
    for (size_t n = 0; n < len; n++)
        CHECK_INT(udp_parse(guarded(room, n), from.ip, to.ip, &d), UDP_TRUNCATED);
    CHECK_INT(d.src_port, 3);
}

TEST(a_datagram_for_another_address_fails_its_checksum)
{
    uint8_t room[64];
    struct udp_datagram d;
    size_t len = hex("1234 0035 000a 7105 6869", room);
    CHECK_INT(udp_parse(bytes_of(room, len), from.ip, ip4_of(10, 0, 0, 3), &d),
              UDP_BAD_CHECKSUM);
}

TEST(what_is_printed_is_parsed_to_the_same)
{
    static uint8_t text[1472], room[1480];
    struct udp_datagram d;
    for (size_t len = 0; len <= sizeof text; len++) {
        if (len > 0)
            text[len - 1] = (uint8_t)(len * 31);
        struct writer w = writer_of(room, sizeof room);
        udp_print(&w, from, to, bytes_of(text, len));
        CHECK_INT(udp_parse(bytes_of(room, writer_len(&w)), from.ip, to.ip, &d), UDP_OK);
        CHECK_INT(d.src_port, from.port);
        CHECK_INT(d.dst_port, to.port);
        CHECK_INT(d.text.len, len);
        CHECK_MEM(d.text.at, text, len);
    }
}

TEST(a_checksum_that_comes_out_as_zero_is_written_as_ones)
{
    uint8_t room[16], text[2];
    for (unsigned v = 0; v <= UINT16_MAX; v++) {
        text[0] = (uint8_t)(v >> 8);
        text[1] = (uint8_t)v;
        struct writer w = writer_of(room, sizeof room);
        udp_print(&w, from, to, bytes_of(text, 2));
        CHECK(room[6] != 0 || room[7] != 0);
    }
}

TEST_MAIN(TEST_OF(each_kind_of_datagram_has_its_verdict),
          TEST_OF(a_datagram_cut_anywhere_is_truncated),
          TEST_OF(a_datagram_for_another_address_fails_its_checksum),
          TEST_OF(what_is_printed_is_parsed_to_the_same),
          TEST_OF(a_checksum_that_comes_out_as_zero_is_written_as_ones))
