/* SPDX-License-Identifier: ISC */
#include "rt/chacha.h"
#include "tests/check.h"

static const uint8_t zero_key[CHACHA20_KEY_LEN], zero_nonce[CHACHA20_NONCE_LEN];

/* draft-agl-tls-chacha20poly1305-04, section 7, first vector. */
TEST(the_key_stream_of_the_zero_key_is_the_published_one)
{
    static const uint8_t want[32] = {
        0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90, 0x40, 0x5d, 0x6a,
        0xe5, 0x53, 0x86, 0xbd, 0x28, 0xbd, 0xd2, 0x19, 0xb8, 0xa0, 0x8d,
        0xed, 0x1a, 0xa8, 0x36, 0xef, 0xcc, 0x8b, 0x77, 0x0d, 0xc7,
    };
    uint8_t got[32];
    chacha20_stream(got, sizeof got, zero_key, zero_nonce);
    CHECK_MEM(got, want, sizeof want);
}

TEST(a_longer_stream_begins_as_a_shorter_one_does)
{
    uint8_t longer[300], shorter[131];
    chacha20_stream(longer, sizeof longer, zero_key, zero_nonce);
    chacha20_stream(shorter, sizeof shorter, zero_key, zero_nonce);
    CHECK_MEM(longer, shorter, sizeof shorter);
}

TEST(an_empty_stream_writes_nothing)
{
    uint8_t octet = 7;
    chacha20_stream(&octet, 0, zero_key, zero_nonce);
    CHECK_INT(octet, 7);
}

TEST_MAIN(TEST_OF(the_key_stream_of_the_zero_key_is_the_published_one),
          TEST_OF(a_longer_stream_begins_as_a_shorter_one_does),
          TEST_OF(an_empty_stream_writes_nothing))
