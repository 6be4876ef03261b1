/* SPDX-License-Identifier: ISC */
#include "base/offload.h"
#include "tests/check.h"
#include "tests/support/guarded.h"

/* Linux: struct virtio_net_hdr, as a tap gives and takes it. */
TEST(a_super_frame_is_printed_as_a_tap_takes_it)
{
    const struct offload work = {
        .partial = true, .sum_from = 34, .sum_at = 16, .segment_len = 1448, .headers_len = 66};
    const uint8_t want[OFFLOAD_HEADER_LEN] = {1, 1, 66, 0, 0xa8, 5, 34, 0, 16, 0};
    uint8_t header[OFFLOAD_HEADER_LEN];
    offload_print(header, &work);
    CHECK_MEM(header, want, sizeof want);
}

TEST(nothing_to_do_is_ten_zeroes)
{
    const uint8_t want[OFFLOAD_HEADER_LEN] = {0};
    uint8_t header[OFFLOAD_HEADER_LEN];
    offload_print(header, &(struct offload){0});
    CHECK_MEM(header, want, sizeof want);
}

TEST(what_is_printed_is_read_again)
{
    const struct offload works[] = {
        {0},
        {.partial = true, .sum_from = 34, .sum_at = 6},
        {.partial = true, .sum_from = 34, .sum_at = 16, .segment_len = 1, .headers_len = 54},
        {.partial = true,
         .sum_from = 54,
         .sum_at = 16,
         .segment_len = 65535,
         .headers_len = 74,
         .ip6 = true},
    };
    for (unsigned i = 0; i < sizeof works / sizeof works[0]; i++) {
        uint8_t header[OFFLOAD_HEADER_LEN];
        struct offload back;
        offload_print(header, &works[i]);
        CHECK(offload_parse(header, 1000, &back));
        CHECK_INT(back.partial, works[i].partial);
        CHECK_INT(back.sum_from, works[i].sum_from);
        CHECK_INT(back.sum_at, works[i].sum_at);
        CHECK_INT(back.segment_len, works[i].segment_len);
        CHECK_INT(back.headers_len, works[i].headers_len);
        CHECK_INT(back.ip6, works[i].ip6);
    }
}

TEST(a_device_that_has_checked_the_checksum_says_so)
{
    const uint8_t header[OFFLOAD_HEADER_LEN] = {2};
    struct offload w;
    CHECK(offload_parse(header, 60, &w));
    CHECK(w.verified && !w.partial && offload_sum_is_good(&w, 34, 16));
}

TEST(an_incomplete_checksum_is_good_only_where_it_is_said_to_be)
{
    const struct offload w = {.partial = true, .sum_from = 34, .sum_at = 16};
    CHECK(offload_sum_is_good(&w, 34, 16));
    CHECK(!offload_sum_is_good(&w, 34, 6));
    CHECK(!offload_sum_is_good(&w, 38, 16));
    CHECK(!offload_sum_is_good(&(struct offload){0}, 0, 0));
}

TEST(a_checksum_outside_of_the_frame_is_refused)
{
    uint8_t header[OFFLOAD_HEADER_LEN] = {1, 0, 0, 0, 0, 0, 34, 0, 16, 0};
    struct offload w;
    CHECK(offload_parse(header, 52, &w));
    CHECK(!offload_parse(header, 51, &w));
    header[6] = header[7] = header[8] = header[9] = 0xff;
    CHECK(!offload_parse(header, 65549, &w));
}

TEST(a_kind_of_super_frame_that_was_not_offered_is_refused)
{
    struct offload w;
    for (unsigned gso = 1; gso < 256; gso++) {
        const uint8_t header[OFFLOAD_HEADER_LEN] = {0, (uint8_t)gso, 54, 0, 100};
        unsigned kind = gso & 0x7f;
        CHECK_INT(offload_parse(header, 1000, &w), kind == 1 || kind == 4 || kind == 0);
    }
}

TEST(a_super_frame_of_segments_of_nothing_is_refused)
{
    const uint8_t header[OFFLOAD_HEADER_LEN] = {0, 1, 54};
    struct offload w;
    CHECK(!offload_parse(header, 1000, &w));
}

TEST(the_header_stands_before_the_frame_only_when_something_is_on)
{
    const uint8_t octets[] = {2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'f', 'r'};
    struct bytes frame;
    struct offload w;
    CHECK(offload_take(0, bytes_of(octets, sizeof octets), &frame, &w));
    CHECK(frame.len == sizeof octets && !w.verified);
    CHECK(offload_take(OFFLOAD_CSUM, bytes_of(octets, sizeof octets), &frame, &w));
    CHECK(frame.len == 2 && frame.at[0] == 'f' && w.verified);
}

TEST(a_header_that_is_cut_short_or_has_no_frame_behind_it_is_refused)
{
    for (size_t len = 0; len <= OFFLOAD_HEADER_LEN; len++) {
        struct bytes frame;
        struct offload w;
        uint8_t zero[OFFLOAD_HEADER_LEN] = {0};
        CHECK(!offload_take(OFFLOAD_CSUM, guarded(zero, len), &frame, &w));
    }
}

TEST(a_buffer_is_as_long_as_the_features_ask_for)
{
    CHECK_INT(offload_header_len(0) + offload_frame_max(0, 1500), 1514);
    CHECK_INT(offload_header_len(OFFLOAD_CSUM) + offload_frame_max(OFFLOAD_CSUM, 1500), 1524);
    uint32_t all = OFFLOAD_CSUM | OFFLOAD_TSO4;
    CHECK_INT(offload_header_len(all) + offload_frame_max(all, 1500), 65559);
}

TEST_MAIN(TEST_OF(a_super_frame_is_printed_as_a_tap_takes_it),
          TEST_OF(nothing_to_do_is_ten_zeroes), TEST_OF(what_is_printed_is_read_again),
          TEST_OF(a_device_that_has_checked_the_checksum_says_so),
          TEST_OF(an_incomplete_checksum_is_good_only_where_it_is_said_to_be),
          TEST_OF(a_checksum_outside_of_the_frame_is_refused),
          TEST_OF(a_kind_of_super_frame_that_was_not_offered_is_refused),
          TEST_OF(a_super_frame_of_segments_of_nothing_is_refused),
          TEST_OF(the_header_stands_before_the_frame_only_when_something_is_on),
          TEST_OF(a_header_that_is_cut_short_or_has_no_frame_behind_it_is_refused),
          TEST_OF(a_buffer_is_as_long_as_the_features_ask_for))
