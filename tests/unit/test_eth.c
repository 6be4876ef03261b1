/* SPDX-License-Identifier: ISC */
#include "net/eth/eth.h"
#include "tests/check.h"
#include "tests/support/guarded.h"
#include "tests/support/hex.h"

static const struct eth_addr own = {{2, 0, 0, 0, 0, 2}};

static enum eth_verdict verdict_of(const char *text)
{
    uint8_t room[64];
    struct eth_frame f;
    return eth_parse(guarded(room, hex(text, room)), &own, &f);
}

static const struct {
    const char *text;
    enum eth_verdict verdict;
} table[] = {
    {"020000000002 020000000001 0800 45", ETH_OK},
    {"020000000002 020000000001 0806", ETH_OK},
    {"ffffffffffff 020000000001 0806 00", ETH_OK},
    {"", ETH_TRUNCATED},
    {"020000000003 020000000001 0800 45", ETH_NOT_FOR_US},
    {"01005e000001 020000000001 0800 45", ETH_OK},
    {"01005e800001 020000000001 0800 45", ETH_NOT_FOR_US},
    {"333300000001 020000000001 86dd 45", ETH_NOT_FOR_US},
    {"020000000002 010000000001 0800 45", ETH_BAD_SOURCE},
    {"020000000002 ffffffffffff 0800 45", ETH_BAD_SOURCE},
    {"020000000002 000000000000 0800 45", ETH_BAD_SOURCE},
    {"ffffffffffff 020000000002 0806 00", ETH_OWN_SOURCE},
    {"020000000002 020000000001 86dd 60", ETH_UNKNOWN_TYPE},
    {"020000000002 020000000001 0026 42", ETH_UNKNOWN_TYPE},
};

TEST(each_kind_of_frame_has_its_verdict)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (verdict_of(table[i].text) != table[i].verdict)
            test_failed(__FILE__, __LINE__, "%s: %d", table[i].text, verdict_of(table[i].text));
}

TEST(a_frame_shorter_than_its_header_is_truncated)
{
    uint8_t room[64];
    size_t len = hex("020000000002 020000000001 0800", room);
    struct eth_frame f = {.type = 7};
    for (size_t n = 0; n < len; n++)
        CHECK_INT(eth_parse(guarded(room, n), &own, &f), ETH_TRUNCATED);
    CHECK_INT(f.type, 7);
    CHECK_INT(eth_parse(guarded(room, len), &own, &f), ETH_OK);
    CHECK_INT(f.payload.len, 0);
}

TEST(what_is_printed_is_parsed_to_the_same)
{
    uint8_t room[ETH_HEADER_LEN];
    struct eth_addr src = {{2, 1, 2, 3, 4, 5}};
    struct eth_frame f;
    struct writer w = writer_of(room, sizeof room);
    eth_print(&w, &own, &src, ETH_ARP);
    CHECK_INT(eth_parse(bytes_of(room, writer_len(&w)), &own, &f), ETH_OK);
    CHECK(eth_equal(&f.dst, &own));
    CHECK(eth_equal(&f.src, &src));
    CHECK_INT(f.type, ETH_ARP);
}

TEST_MAIN(TEST_OF(each_kind_of_frame_has_its_verdict),
          TEST_OF(a_frame_shorter_than_its_header_is_truncated),
          TEST_OF(what_is_printed_is_parsed_to_the_same))
