/* SPDX-License-Identifier: ISC */
/* The blocks are those of draft-ietf-opsawg-pcapng, 4.1 to 4.6, octet by octet. */
#include "host/pcap.h"
#include "tests/check.h"

TEST(a_section_says_who_wrote_it_and_in_which_order)
{
    static const uint8_t want[] = {
        0x0a, 0x0d, 0x0d, 0x0a, 44,   0,    0,    0,    0x4d, 0x3c, 0x2b, 0x1a, 1, 0,   0,
        0,    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 4,    0,    5,    0, 'd', 'r',
        'u',  'p',  'e',  0,    0,    0,    0,    0,    0,    0,    44,   0,    0, 0,
    };
    uint8_t out[PCAP_SECTION_MAX];
    CHECK_INT(pcap_section(out, "drupe"), sizeof want);
    CHECK_MEM(out, want, sizeof want);
}

TEST(an_interface_is_ethernet_in_nanoseconds_with_its_name)
{
    static const uint8_t want[] = {
        1,  0, 0, 0, 60,  0,   0,   0,   1, 0, 0, 0, 0, 0, 0, 0, /* Ethernet, whole frames */
        2,  0, 3, 0, 'n', 'e', 't', 0,                           /* if_name */
        3,  0, 4, 0, 't', 'a', 'p', '0',                         /* if_description */
        6,  0, 6, 0, 2,   0,   0,   0,   0, 1, 0, 0,             /* if_MACaddr */
        9,  0, 1, 0, 9,   0,   0,   0,                           /* if_tsresol: 10^-9 */
        0,  0, 0, 0,                                             /* opt_endofopt */
        60, 0, 0, 0,
    };
    const struct pcap_interface i = {
        .name = "net", .description = "tap0", .mac = {2, 0, 0, 0, 0, 1}};
    uint8_t out[PCAP_INTERFACE_MAX];
    CHECK_INT(pcap_interface(out, &i), sizeof want);
    CHECK_MEM(out, want, sizeof want);
}

/* The time is 2^32 + 2 nanoseconds: its higher half comes first. */
TEST(a_packet_has_its_time_its_lengths_and_its_way)
{
    static const uint8_t head[PCAP_HEAD_LEN] = {6, 0, 0, 0, 52, 0, 0, 0, 3, 0, 0, 0, 1, 0,
                                                0, 0, 2, 0, 0,  0, 5, 0, 0, 0, 5, 0, 0, 0};
    static const uint8_t tail[] = {0, 0, 0,                 /* padding */
                                   2, 0, 4, 0, 1,  0, 0, 0, /* epb_flags: inbound */
                                   0, 0, 0, 0, 52, 0, 0, 0};
    const struct pcap_packet p = {
        .interface = 3, .time_ns = 0x100000002, .len = 5, .inbound = true};
    uint8_t out[PCAP_TAIL_MAX];
    CHECK_INT(pcap_head(out, &p), PCAP_HEAD_LEN);
    CHECK_MEM(out, head, sizeof head);
    CHECK_INT(pcap_tail(out, &p), sizeof tail);
    CHECK_MEM(out, tail, sizeof tail);
}

TEST(what_was_left_out_before_a_packet_is_counted_in_it)
{
    static const uint8_t tail[] = {2, 0, 4, 0, 2,   0,   0, 0,             /* outbound */
                                   4, 0, 8, 0, 0,   1,   0, 0, 0, 0, 0, 0, /* epb_dropcount */
                                   1, 0, 2, 0, 'n', 'o', 0, 0, 0, 0, 0, 0, 72, 0, 0, 0};
    const struct pcap_packet p = {.len = 8, .dropped = 256, .comment = "no"};
    uint8_t out[PCAP_TAIL_MAX], head[PCAP_HEAD_LEN];
    CHECK_INT(pcap_tail(out, &p), sizeof tail);
    CHECK_MEM(out, tail, sizeof tail);
    pcap_head(head, &p);
    CHECK_INT(head[4], 72);
}

TEST(every_length_of_a_packet_ends_on_a_word)
{
    for (uint32_t len = 0; len < 9; len++) {
        const struct pcap_packet p = {.len = len};
        uint8_t head[PCAP_HEAD_LEN], tail[PCAP_TAIL_MAX];
        size_t all = pcap_head(head, &p) + len + pcap_tail(tail, &p);
        CHECK_INT(all % 4, 0);
        CHECK_INT(head[4], all);
    }
}

TEST(statistics_say_what_was_seen_and_what_was_left_out)
{
    static const uint8_t want[] = {
        5, 0, 0, 0, 76, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, /* interface 1, time 9 */
        2, 0, 8, 0, 0,  0, 0, 0, 7, 0, 0, 0,                         /* isb_starttime */
        3, 0, 8, 0, 0,  0, 0, 0, 9, 0, 0, 0,                         /* isb_endtime */
        4, 0, 8, 0, 6,  0, 0, 0, 0, 0, 0, 0,                         /* isb_ifrecv */
        5, 0, 8, 0, 4,  0, 0, 0, 0, 0, 0, 0,                         /* isb_ifdrop */
        0, 0, 0, 0, 76, 0, 0, 0,
    };
    const struct pcap_statistics s = {
        .interface = 1, .start_ns = 7, .end_ns = 9, .received = 6, .dropped = 4};
    uint8_t out[PCAP_STATISTICS_MAX];
    CHECK_INT(pcap_statistics(out, &s), sizeof want);
    CHECK_MEM(out, want, sizeof want);
}

TEST(a_long_text_is_cut_and_fits)
{
    char text[400];
    uint8_t out[PCAP_INTERFACE_MAX], section[PCAP_SECTION_MAX], tail[PCAP_TAIL_MAX];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    const struct pcap_interface i = {.name = text, .description = text};
    CHECK(pcap_interface(out, &i) <= sizeof out);
    CHECK(pcap_section(section, text) <= sizeof section);
    CHECK(pcap_tail(tail, &(struct pcap_packet){.len = 1, .dropped = 1, .comment = text}) <=
          sizeof tail);
}

TEST_MAIN(TEST_OF(a_section_says_who_wrote_it_and_in_which_order),
          TEST_OF(an_interface_is_ethernet_in_nanoseconds_with_its_name),
          TEST_OF(a_packet_has_its_time_its_lengths_and_its_way),
          TEST_OF(what_was_left_out_before_a_packet_is_counted_in_it),
          TEST_OF(every_length_of_a_packet_ends_on_a_word),
          TEST_OF(statistics_say_what_was_seen_and_what_was_left_out),
          TEST_OF(a_long_text_is_cut_and_fits))
