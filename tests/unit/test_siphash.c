/* SPDX-License-Identifier: ISC */
#include "base/siphash.h"
#include "tests/check.h"

/* The key 00 01 .. 0f and the inputs "", 00, 00 01, ... of the paper's appendix A. */
static const struct siphash_key key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
static const uint8_t input[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};

TEST(the_papers_example_comes_out)
{
    CHECK(siphash(&key, bytes_of(input, 15)) == 0xa129ca6149be45e5);
}

TEST(the_reference_vectors_of_short_inputs_come_out)
{
    CHECK(siphash(&key, bytes_of(input, 0)) == 0x726fdb47dd0e0e31);
    CHECK(siphash(&key, bytes_of(input, 1)) == 0x74f839c593dc67fd);
    CHECK(siphash(&key, bytes_of(input, 8)) == 0x93f5f5799a932462);
}

TEST(another_key_gives_another_hash)
{
    struct siphash_key other = {key.k0 + 1, key.k1};
    CHECK(siphash(&other, bytes_of(input, 12)) != siphash(&key, bytes_of(input, 12)));
}

TEST_MAIN(TEST_OF(the_papers_example_comes_out),
          TEST_OF(the_reference_vectors_of_short_inputs_come_out),
          TEST_OF(another_key_gives_another_hash))
