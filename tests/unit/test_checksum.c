/* SPDX-License-Identifier: ISC */
#include "base/checksum.h"
#include "tests/check.h"

#include <stdlib.h>

/* Word by word, as RFC 1071 4.1 says it. */
static uint16_t slowly(const uint8_t *at, size_t len)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < len; i++)
        sum += i % 2 ? at[i] : (uint32_t)at[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static uint32_t random_state = 1;

static uint8_t random_octet(void)
{
    random_state = random_state * 1664525 + 1013904223;
    return (uint8_t)(random_state >> 24);
}

TEST(the_example_of_rfc_1071_sums_to_ddf2)
{
    const uint8_t example[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
    CHECK_INT(checksum_end(checksum_add(0, bytes_of(example, sizeof example))),
              (uint16_t)~0xddf2);
}

TEST(every_length_and_alignment_gives_what_the_slow_way_gives)
{
    for (size_t len = 0; len < 200; len++)
        for (size_t from = 0; from < 8; from++) {
            uint8_t *block = malloc(from + len + 1);
            for (size_t i = 0; i < from + len; i++)
                block[i] = random_octet();
            CHECK_INT(checksum_end(checksum_add(0, bytes_of(block + from, len))),
                      slowly(block + from, len));
            free(block);
        }
}

TEST(octets_of_all_ones_carry_all_the_way)
{
    static uint8_t ones[65535];
    memset(ones, 0xff, sizeof ones);
    for (size_t len = 0; len <= sizeof ones; len = len * 3 / 2 + 1)
        CHECK_INT(checksum_end(checksum_add(0, bytes_of(ones, len))), slowly(ones, len));
}

TEST(parts_add_up_to_the_whole)
{
    uint8_t all[101];
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = random_octet();
    for (size_t cut = 0; cut < sizeof all; cut += 2) {
        uint64_t sum = checksum_add(0, bytes_of(all, cut));
        sum = checksum_add(sum, bytes_of(all + cut, sizeof all - cut));
        CHECK_INT(checksum_end(sum), slowly(all, sizeof all));
    }
}

TEST(numbers_in_host_order_may_be_added)
{
    const uint8_t wire[] = {0x0a, 0x00, 0x00, 0x02, 0x00, 0x06, 0xab, 0xcd};
    uint64_t sum = checksum_add(0, bytes_of(wire + 6, 2)) + 0x0a000002 + 6;
    CHECK_INT(checksum_end(sum), slowly(wire, sizeof wire));
}

TEST(data_with_its_checksum_sums_to_zero)
{
    uint8_t data[42] = {0};
    for (size_t i = 2; i < sizeof data; i++)
        data[i] = random_octet();
    uint16_t sum = checksum_end(checksum_add(0, bytes_of(data, sizeof data)));
    data[0] = (uint8_t)(sum >> 8);
    data[1] = (uint8_t)sum;
    CHECK_INT(checksum_end(checksum_add(0, bytes_of(data, sizeof data))), 0);
}

TEST_MAIN(TEST_OF(the_example_of_rfc_1071_sums_to_ddf2),
          TEST_OF(every_length_and_alignment_gives_what_the_slow_way_gives),
          TEST_OF(octets_of_all_ones_carry_all_the_way), TEST_OF(parts_add_up_to_the_whole),
          TEST_OF(numbers_in_host_order_may_be_added),
          TEST_OF(data_with_its_checksum_sums_to_zero))
