/* SPDX-License-Identifier: ISC */
/* Segments on the wire: RFC 9293 3.1 and 3.2. */
#include "base/checksum.h"
#include "tests/support/tcp_text.h"

#include <sys/mman.h>
#include <unistd.h>

static uint8_t wire[70000];

static size_t print(const struct tcp_segment *seg)
{
    struct writer w = writer_of(wire, sizeof wire);
    tcp_print(&w, seg, NULL, US, PEER);
    return writer_len(&w);
}

/* A segment with these options and text, its checksum right. */
static size_t packet(uint8_t flags, const char *options, size_t len, size_t text_len)
{
    size_t padded = (len + 3) & ~(size_t)3, all = 20 + padded + text_len;
    uint8_t pseudo[12] = {10, 0, 0, 2, 10, 0, 0, 1, 0, 6, (uint8_t)(all >> 8), (uint8_t)all};
    memset(wire, 0, all);
    wire[1] = wire[3] = 1;
    wire[12] = (uint8_t)((20 + padded) / 4 << 4);
    wire[13] = flags;
    memcpy(wire + 20, options, len);
    memset(wire + 20 + padded, 'x', text_len);
    uint64_t sum = checksum_add(0, bytes_of(pseudo, sizeof pseudo));
    uint16_t end = checksum_end(checksum_add(sum, bytes_of(wire, all)));
    wire[16] = (uint8_t)(end >> 8);
    wire[17] = (uint8_t)end;
    return all;
}

static struct tcp_segment seg;

static enum tcp_verdict parse(size_t len)
{
    return tcp_parse(bytes_of(wire, len), US, PEER, &seg);
}

static enum tcp_verdict options(const char *octets, size_t len)
{
    return parse(packet(TCP_SYN, octets, len, 0));
}

TEST(what_is_printed_is_parsed_to_the_same)
{
    struct tcp_segment a = {.src_port = 80,
                            .dst_port = 51000,
                            .seq = {0xfffffff0},
                            .ack = {7},
                            .window = 1234,
                            .urgent = 9,
                            .flags = 0xff,
                            .has_mss = true,
                            .mss = 1460,
                            .has_wscale = true,
                            .wscale = 14};
    CHECK_INT(parse(print(&a)), TCP_OK);
    CHECK_INT(seg.src_port, 80);
    CHECK_INT(seg.dst_port, 51000);
    CHECK_INT(seg.seq.n, 0xfffffff0);
    CHECK_INT(seg.ack.n, 7);
    CHECK_INT(seg.window, 1234);
    CHECK_INT(seg.urgent, 9);
    CHECK_INT(seg.flags, 0xff);
    CHECK_INT(seg.mss, 1460);
    CHECK_INT(seg.wscale, 14);
    CHECK_INT(seg.text.len, 0);
}

TEST(timestamps_and_sacks_are_printed_and_parsed_to_the_same)
{
    struct tcp_segment a = {.src_port = 1,
                            .dst_port = 2,
                            .flags = TCP_ACK,
                            .has_ts = true,
                            .ts_val = 0x01020304,
                            .ts_ecr = 0xf1f2f3f4,
                            .sacks = 3,
                            .sack = {{{1}, {2}}, {{0xfffffff0}, {9}}, {{100}, {200}}}};
    size_t len = print(&a);
    CHECK_INT(len, 20 + 12 + 28);
    CHECK_INT(parse(len), TCP_OK);
    CHECK(seg.has_ts && !seg.sack_permitted);
    CHECK_INT(seg.ts_val, 0x01020304);
    CHECK_INT(seg.ts_ecr, 0xf1f2f3f4);
    CHECK_INT(seg.sacks, 3);
    CHECK_INT(memcmp(seg.sack, a.sack, 3 * sizeof a.sack[0]), 0);
    a.has_ts = false;
    a.sacks = 4;
    CHECK_INT(parse(print(&a)), TCP_OK);
    CHECK(!seg.has_ts);
    CHECK_INT(seg.sacks, 4);
}

/* All that a SYN may have, within the 40 octets that there are. */
TEST(a_syn_offers_sacks_with_and_without_timestamps)
{
    struct tcp_segment a = {.src_port = 1,
                            .dst_port = 2,
                            .flags = TCP_SYN,
                            .has_mss = true,
                            .mss = 1460,
                            .has_wscale = true,
                            .wscale = 3,
                            .sack_permitted = true};
    for (unsigned i = 0; i < 4; i++) {
        a.has_ts = i & 1;
        a.sack_permitted = i & 2;
        CHECK_INT(parse(print(&a)), TCP_OK);
        CHECK_INT(seg.has_ts, a.has_ts);
        CHECK_INT(seg.sack_permitted, a.sack_permitted);
        CHECK_INT(seg.mss, 1460);
        CHECK_INT(seg.wscale, 3);
    }
}

TEST(timestamps_and_sacks_of_another_length_than_theirs_are_skipped)
{
    CHECK_INT(parse(packet(TCP_ACK, "\x08\x09\1\2\3\4\5\6\7", 9, 0)), TCP_OK);
    CHECK(!seg.has_ts);
    CHECK_INT(parse(packet(TCP_ACK, "\x05\x09\1\2\3\4\5\6\7", 9, 0)), TCP_OK);
    CHECK_INT(seg.sacks, 0);
    CHECK_INT(parse(packet(TCP_ACK, "\x05\x02", 2, 0)), TCP_OK);
    CHECK_INT(seg.sacks, 0);
    CHECK_INT(options("\x04\x03\1", 3), TCP_OK);
    CHECK(!seg.sack_permitted);
    CHECK_INT(options("\x05\x0a\0\0\0\1\0\0\0\2", 10), TCP_OK);
    CHECK_INT(seg.sacks, 0);
    CHECK_INT(parse(packet(TCP_ACK, "\x04\x02", 2, 0)), TCP_OK);
    CHECK(!seg.sack_permitted);
}

TEST(the_octets_of_a_syn_are_as_others_print_them)
{
    static const uint8_t want[28] = {0x9c, 0x40, 0x00, 0x50, 0,    0,    0,    1,    0, 0,
                                     0,    0,    0x70, 0x02, 0xff, 0xff, 0x4a, 0xd6, 0, 0,
                                     2,    4,    0x05, 0xb4, 1,    3,    3,    7};
    struct tcp_segment a = {.src_port = 40000,
                            .dst_port = 80,
                            .seq = {1},
                            .window = 65535,
                            .flags = TCP_SYN,
                            .has_mss = true,
                            .mss = 1460,
                            .has_wscale = true,
                            .wscale = 7};
    CHECK_INT(print(&a), 28);
    CHECK_MEM(wire, want, 16);
    CHECK_MEM(wire + 18, want + 18, 10);
}

TEST(a_flipped_bit_anywhere_is_a_bad_checksum_or_a_bad_length)
{
    size_t len = packet(TCP_SYN, "\2\4\5\264\1\3\3\7", 8, 11);
    CHECK_INT(parse(len), TCP_OK);
    for (size_t i = 0; i < len * 8; i++) {
        wire[i / 8] ^= (uint8_t)(1U << i % 8);
        CHECK(parse(len) != TCP_OK);
        wire[i / 8] ^= (uint8_t)(1U << i % 8);
    }
}

TEST(other_addresses_are_a_bad_checksum)
{
    size_t len = packet(TCP_ACK, "", 0, 0);
    CHECK_INT(tcp_parse(bytes_of(wire, len), US, US, &seg), TCP_BAD_CHECKSUM);
}

TEST(every_truncation_is_refused_and_nothing_past_the_end_is_read)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), len = packet(TCP_SYN, "\2\4\5\264", 4, 9);
    uint8_t *two =
        mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(two != MAP_FAILED && mprotect(two + page, page, PROT_NONE) == 0);
    for (size_t n = 0; n <= len; n++) {
        struct tcp_segment untouched = {.window = 77};
        memcpy(two + page - n, wire, n);
        enum tcp_verdict v = tcp_parse(bytes_of(two + page - n, n), US, PEER, &untouched);
        CHECK_INT(v == TCP_OK, n == len);
        CHECK_INT(untouched.window, n == len ? 0 : 77);
        if (n < 24)
            CHECK_INT(v, TCP_TRUNCATED);
    }
    munmap(two, 2 * page);
}

TEST(a_data_offset_below_five_words_is_refused)
{
    size_t len = packet(TCP_ACK, "", 0, 0);
    for (unsigned words = 0; words < 5; words++) {
        wire[12] = (uint8_t)(words << 4);
        CHECK_INT(parse(len), TCP_BAD_OFFSET);
    }
    wire[12] = 6 << 4;
    CHECK_INT(parse(len), TCP_TRUNCATED);
}

TEST(port_zero_is_refused)
{
    size_t len = packet(TCP_ACK, "", 0, 0);
    wire[1] = 0;
    wire[17]++; /* the sum is 1 less: its complement 1 more */
    CHECK_INT(parse(len), TCP_BAD_PORT);
}

TEST(options_that_are_known_are_taken_and_others_skipped)
{
    CHECK_INT(options("\2\4\5\264\4\2\10\12\1\2\3\4\5\6\7\10\1\3\3\7", 20), TCP_OK);
    CHECK(seg.has_mss && seg.has_wscale);
    CHECK_INT(seg.mss, 1460);
    CHECK_INT(seg.wscale, 7);
}

TEST(what_follows_the_end_of_options_is_not_looked_at)
{
    CHECK_INT(options("\1\0\2\0", 4), TCP_OK);
    CHECK(!seg.has_mss);
}

TEST(an_option_whose_length_is_impossible_is_refused)
{
    CHECK_INT(options("\2\0\0\0", 4), TCP_BAD_OPTION);
    CHECK_INT(options("\2\1\0\0", 4), TCP_BAD_OPTION);
    CHECK_INT(options("\2\5\0\0", 4), TCP_BAD_OPTION);
    CHECK_INT(options("\1\1\1\2", 4), TCP_BAD_OPTION); /* the kind alone, at the end */
    CHECK_INT(options("\375\377\0\0", 4), TCP_BAD_OPTION);
}

TEST(an_mss_or_scale_of_another_length_is_not_one)
{
    CHECK_INT(options("\2\3\5\1\3\4\1\2", 8), TCP_OK);
    CHECK(!seg.has_mss && !seg.has_wscale);
}

TEST(a_scale_above_fourteen_counts_as_fourteen)
{
    CHECK_INT(options("\3\3\377\0", 4), TCP_OK);
    CHECK_INT(seg.wscale, 14);
}

TEST(options_of_a_syn_count_in_a_syn_alone)
{
    CHECK_INT(parse(packet(TCP_ACK, "\2\4\5\264\1\3\3\7", 8, 0)), TCP_OK);
    CHECK(!seg.has_mss && !seg.has_wscale);
}

TEST(all_the_options_there_can_be_fit)
{
    static const char nops[41] = "\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1"
                                 "\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\2\4\1\2";
    CHECK_INT(options(nops, 40), TCP_OK);
    CHECK_INT(seg.mss, 258);
}

static const char *reset_for(const char *text)
{
    static char out[100];
    struct tcp_segment in = segment_of(text), reply;
    if (!tcp_reset_for(&in, &reply))
        return "nothing";
    CHECK_INT(reply.src_port, in.dst_port);
    CHECK_INT(reply.dst_port, in.src_port);
    text_of(out, sizeof out, &reply, 0);
    return out;
}

/* RFC 9293 3.10.7.1. */
TEST(a_segment_for_nobody_is_answered_with_a_reset_that_its_sender_believes)
{
    CHECK_STR(reset_for(". 1000(0) ack 77"), "R 77(0)");
    CHECK_STR(reset_for("S 1000(0)"), "R. 0(0) ack 1001");
    CHECK_STR(reset_for("FP 1000(10)"), "R. 0(0) ack 1011");
    CHECK_STR(reset_for("S. 1000(0) ack 5"), "R 5(0)");
    CHECK_STR(reset_for("R 1000(0)"), "nothing");
    CHECK_STR(reset_for("R. 1000(0) ack 1"), "nothing");
}

TEST(what_is_longer_than_ip_can_carry_is_refused)
{
    CHECK_INT(parse(packet(TCP_ACK, "", 0, 65535 - 20)), TCP_OK);
    CHECK_INT(parse(packet(TCP_ACK, "", 0, 65536 - 20)), TCP_TRUNCATED);
}

TEST_MAIN(TEST_OF(what_is_printed_is_parsed_to_the_same),
          TEST_OF(timestamps_and_sacks_are_printed_and_parsed_to_the_same),
          TEST_OF(a_syn_offers_sacks_with_and_without_timestamps),
          TEST_OF(timestamps_and_sacks_of_another_length_than_theirs_are_skipped),
          TEST_OF(the_octets_of_a_syn_are_as_others_print_them),
          TEST_OF(a_flipped_bit_anywhere_is_a_bad_checksum_or_a_bad_length),
          TEST_OF(other_addresses_are_a_bad_checksum),
          TEST_OF(every_truncation_is_refused_and_nothing_past_the_end_is_read),
          TEST_OF(a_data_offset_below_five_words_is_refused), TEST_OF(port_zero_is_refused),
          TEST_OF(options_that_are_known_are_taken_and_others_skipped),
          TEST_OF(what_follows_the_end_of_options_is_not_looked_at),
          TEST_OF(an_option_whose_length_is_impossible_is_refused),
          TEST_OF(an_mss_or_scale_of_another_length_is_not_one),
          TEST_OF(a_scale_above_fourteen_counts_as_fourteen),
          TEST_OF(options_of_a_syn_count_in_a_syn_alone),
          TEST_OF(all_the_options_there_can_be_fit),
          TEST_OF(a_segment_for_nobody_is_answered_with_a_reset_that_its_sender_believes),
          TEST_OF(what_is_longer_than_ip_can_carry_is_refused))
