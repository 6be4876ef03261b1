/* SPDX-License-Identifier: ISC */
#include "tests/support/vplat.h"

#include "rt/chacha.h"
#include "rt/random.h"
#include <drupe/task.h>

#include <errno.h>

/* RFC 8439 A.1, test vector 1 (its counter and nonce are zero, as here): the key
 * stream of the zero key; and vector 2, the block that follows. */
static const uint8_t zero_key_stream[] = {
    0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90, 0x40, 0x5d, 0x6a, 0xe5, 0x53, 0x86,
    0xbd, 0x28, 0xbd, 0xd2, 0x19, 0xb8, 0xa0, 0x8d, 0xed, 0x1a, 0xa8, 0x36, 0xef, 0xcc,
    0x8b, 0x77, 0x0d, 0xc7, 0xda, 0x41, 0x59, 0x7c, 0x51, 0x57, 0x48, 0x8d, 0x77, 0x24,
    0xe0, 0x3f, 0xb8, 0xd8, 0x4a, 0x37, 0x6a, 0x43, 0xb8, 0xf4, 0x15, 0x18, 0xa1, 0x1c,
    0xc3, 0x87, 0xb6, 0x69, 0xb2, 0xee, 0x65, 0x86, 0x9f, 0x07, 0xe7, 0xbe, 0x55, 0x51,
    0x38, 0x7a, 0x98, 0xba, 0x97, 0x7c, 0x73, 0x2d, 0x08, 0x0d, 0xcb, 0x0f, 0x29, 0xa0,
    0x48, 0xe3, 0x65, 0x69, 0x12, 0xc6, 0x53, 0x3e, 0x32, 0xee, 0x7a, 0xed,
};

TEST(the_cipher_gives_the_known_key_stream)
{
    uint8_t out[sizeof zero_key_stream], key[32] = {0}, nonce[8] = {0};
    for (size_t len = 0; len <= sizeof out; len++) {
        memset(out, 0x55, sizeof out);
        chacha20_stream(out, len, key, nonce);
        CHECK_MEM(out, zero_key_stream, len);
        CHECK(len == sizeof out || out[len] == 0x55);
    }
}

static void begin(uint64_t seed)
{
    vplat_reset();
    vplat_seed(seed);
    CHECK_INT(random_init(), 0);
}

/* The generator, done over again step by step from what plat_entropy gave. */
TEST(the_generator_is_chacha20_with_fast_key_erasure)
{
    uint8_t key[32], nonce[8] = {0}, next[32], block[32 + 480], got[480];
    vplat_reset();
    vplat_seed(5);
    CHECK_INT(plat_entropy(key, sizeof key), 0);
    chacha20_stream(next, 32, key, nonce); /* zeroes mixed with the seed are the seed */
    begin(5);
    for (int round = 0; round < 3; round++) {
        chacha20_stream(block, sizeof block, next, nonce);
        memcpy(next, block, 32);
        for (size_t at = 0; at < sizeof got; at += 48)
            dr_random(got + at, 48);
        CHECK_MEM(got, block + 32, sizeof got);
    }
    uint8_t large[1000], want[1000];
    chacha20_stream(block, sizeof block, next, nonce);
    dr_random(large, sizeof large); /* by a key of its own */
    chacha20_stream(want, sizeof want, block + 32, nonce);
    CHECK_MEM(large, want, sizeof want);
}

TEST(equal_seeds_give_equal_numbers_and_others_others)
{
    begin(1);
    uint64_t a = dr_random_u64();
    CHECK(a != dr_random_u64());
    begin(1);
    CHECK(a == dr_random_u64());
    begin(2);
    CHECK(a != dr_random_u64());
}

TEST(every_length_is_filled_and_no_octet_more)
{
    static uint8_t buf[700], seen[700];
    memset(seen, 0, sizeof seen);
    begin(3);
    for (size_t len = 0; len < sizeof buf; len++)
        for (int round = 0; round < 4; round++) {
            memset(buf, 0, sizeof buf);
            dr_random(buf, len);
            for (size_t i = 0; i < len; i++)
                seen[i] |= buf[i];
            for (size_t i = len; i < sizeof buf; i++)
                CHECK_INT(buf[i], 0);
        }
    for (size_t i = 0; i + 3 < sizeof seen; i++)
        CHECK(seen[i]);
}

/* Numbers after `before` octets or ns, from a target that has changed its entropy. */
static uint64_t after(size_t octets, uint64_t ns)
{
    static uint8_t buf[4096];
    begin(1);
    vplat_seed(99);
    for (size_t n = 0; n < octets; n += sizeof buf)
        dr_random(buf, sizeof buf);
    vplat_advance(ns);
    return dr_random_u64();
}

static uint64_t after_without(size_t octets)
{
    static uint8_t buf[4096];
    begin(1);
    vplat.no_entropy = true;
    for (size_t n = 0; n < octets; n += sizeof buf)
        dr_random(buf, sizeof buf);
    return dr_random_u64();
}

TEST(the_generator_is_seeded_again_after_a_mebibyte_and_five_minutes)
{
    CHECK(after(RANDOM_RESEED_OCTETS / 2, 0) == after_without(RANDOM_RESEED_OCTETS / 2));
    CHECK(after(RANDOM_RESEED_OCTETS, 0) != after_without(RANDOM_RESEED_OCTETS));
    CHECK(after(0, RANDOM_RESEED_NS - 1) == after_without(0));
    CHECK(after(0, RANDOM_RESEED_NS) != after_without(0));
}

TEST(numbers_below_a_bound_are_below_it_and_all_come)
{
    begin(4);
    unsigned count[6] = {0};
    for (int i = 0; i < 60000; i++) {
        uint32_t n = dr_random_below(6);
        CHECK(n < 6);
        count[n]++;
    }
    for (int i = 0; i < 6; i++)
        CHECK(count[i] > 9500 && count[i] < 10500);
    for (int i = 0; i < 100; i++)
        CHECK_INT(dr_random_below(1), 0);
    unsigned high = 0; /* where a plain modulus would be far off */
    for (int i = 0; i < 30000; i++)
        high += dr_random_below(3000000000U) >= 1500000000U;
    CHECK(high > 14500 && high < 15500);
}

static int draws(void)
{
    return (int)dr_random_below(200);
}

TEST(an_image_without_randomness_does_not_start)
{
    vplat_reset();
    vplat.no_entropy = true;
    CHECK_INT(vplat_run(draws), 1);
    CHECK(strstr(vplat_console(), "test: no source of randomness"));
    CHECK(strchr(vplat_console(), '\n') == vplat_console() + strlen(vplat_console()) - 1);
}

TEST_MAIN(TEST_OF(the_cipher_gives_the_known_key_stream),
          TEST_OF(the_generator_is_chacha20_with_fast_key_erasure),
          TEST_OF(equal_seeds_give_equal_numbers_and_others_others),
          TEST_OF(every_length_is_filled_and_no_octet_more),
          TEST_OF(the_generator_is_seeded_again_after_a_mebibyte_and_five_minutes),
          TEST_OF(numbers_below_a_bound_are_below_it_and_all_come),
          TEST_OF(an_image_without_randomness_does_not_start))
