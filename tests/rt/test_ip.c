/* SPDX-License-Identifier: ISC */
#include "tests/support/vplat.h"

#include <drupe/ip.h>

#include <errno.h>

/* What is read, and how it is written (RFC 5952); NULL: the same. */
static const struct {
    const char *in, *out;
} good[] = {
    {"0.0.0.0", NULL},
    {"10.0.0.2", NULL},
    {"255.255.255.255", NULL},
    {"::", NULL},
    {"::1", NULL},
    {"1::", NULL},
    {"2001:db8::1", NULL},
    {"2001:db8:1:2:3:4:5:6", NULL},
    {"2001:DB8::ABCD", "2001:db8::abcd"},
    {"2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
    {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},   /* the first of two longest */
    {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},         /* the longest */
    {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"}, /* one group is not shortened */
    {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
    {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
    {"fe80::1:0:0:0", NULL},
    {"::ffff:10.0.0.1", "10.0.0.1"}, /* mapped is IPv4 */
    {"::ffff:a00:1", "10.0.0.1"},
    {"::10.0.0.1", "::a00:1"},
    {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
    {"1:2:3:4:5:6:7.8.9.10", "1:2:3:4:5:6:708:90a"},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL},
};

static const char *const bad[] = {
    "",
    " ",
    "1",
    "1.2",
    "1.2.3",
    "1.2.3.",
    "1.2.3.4.",
    "1.2.3.4.5",
    ".1.2.3",
    "1..2.3",
    "01.2.3.4",
    "1.2.3.04",
    "00.0.0.0",
    "256.1.1.1",
    "1.2.3.256",
    "1.2.3.1000",
    "1.2.3.4 ",
    " 1.2.3.4",
    "1.2.3.-4",
    "+1.2.3.4",
    "0x1.2.3.4",
    "1.2.3.a",
    "1,2.3.4",
    ":",
    ":::",
    "1:",
    ":1",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "::1:2:3:4:5:6:7:8",
    "1::2::3",
    "12345::",
    "::g",
    "::1%eth0",
    "[::1]",
    "::1 ",
    "1:2:3:4:5:6:7:1.2.3.4",
    "::1.2.3",
    "::1.2.3.4.5",
    "::01.2.3.4",
    "::256.1.1.1",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "1:::2",
    "2001:db8::1:",
    "::ffff:1.2.3.4/8",
    "1:2:3:4:5:6:7:",
    "00001::",
};

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

TEST(good_addresses_are_read_and_written_in_the_one_recommended_way)
{
    char text[DR_IP_TEXT_MAX];
    for (size_t i = 0; i < COUNT(good); i++) {
        struct dr_ip ip, again;
        CHECK_INT(dr_ip_parse(good[i].in, &ip), 0);
        CHECK_STR(dr_ip_print(&ip, text), good[i].out ? good[i].out : good[i].in);
        CHECK_INT(dr_ip_parse(text, &again), 0);
        CHECK(dr_ip_equal(&ip, &again));
    }
}

TEST(bad_addresses_are_refused_and_write_nothing)
{
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct dr_ip ip = dr_ip4(9, 9, 9, 9), same = ip;
        if (dr_ip_parse(bad[i], &ip) != -EINVAL)
            printf("# taken: \"%s\"\n", bad[i]);
        CHECK_INT(dr_ip_parse(bad[i], &ip), -EINVAL);
        CHECK(dr_ip_equal(&ip, &same));
    }
}

TEST(what_is_printed_is_read_back_the_same)
{
    uint64_t seed = 1;
    char text[DR_IP_TEXT_MAX];
    for (int i = 0; i < 20000; i++) {
        struct dr_ip ip, again;
        for (int j = 0; j < 16; j++) {
            seed = seed * 6364136223846793005U + 1442695040888963407U;
            ip.octet[j] = (seed >> 60) < 9 ? 0 : (uint8_t)(seed >> 50);
        }
        CHECK(strlen(dr_ip_print(&ip, text)) < DR_IP_TEXT_MAX);
        CHECK_INT(dr_ip_parse(text, &again), 0);
        CHECK(dr_ip_equal(&ip, &again));
    }
}

TEST(prefixes_have_a_length_that_fits_their_version)
{
    struct dr_prefix p;
    CHECK_INT(dr_prefix_parse("10.0.0.2/24", &p), 0);
    CHECK_INT(p.len, 24);
    CHECK(dr_ip_is4(&p.ip));
    CHECK_INT(dr_prefix_parse("0.0.0.0/0", &p), 0);
    CHECK_INT(dr_prefix_parse("1.2.3.4/32", &p), 0);
    CHECK_INT(dr_prefix_parse("2001:db8::/128", &p), 0);
    CHECK_INT(p.len, 128);
    static const char *const wrong[] = {
        "10.0.0.2",
        "10.0.0.2/",
        "10.0.0.2/33",
        "10.0.0.2/024",
        "10.0.0.2/24/",
        "/24",
        "10.0.0.2/ 24",
        "10.0.0.2/24 ",
        "10.0.0/24",
        "::/129",
        "::/",
        "::ffff:10.0.0.2/24",
        "::ffff:10.0.0.2/120",
        "10.0.0.2/-1",
        "10.0.0.2/+1",
        "10.0.0.2/x",
        "0000000000000000000000000000000000000000000000000000000000::/1"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct dr_prefix q = {.len = 77};
        CHECK_INT(dr_prefix_parse(wrong[i], &q), -EINVAL);
        CHECK_INT(q.len, 77);
    }
}

TEST(endpoints_are_written_with_their_port)
{
    char text[DR_ENDPOINT_TEXT_MAX];
    struct dr_endpoint e = {dr_ip4(255, 255, 255, 255), 65535};
    CHECK_STR(dr_endpoint_print(&e, text), "255.255.255.255:65535");
    memset(&e, 0xff, sizeof e);
    CHECK_STR(dr_endpoint_print(&e, text), "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
    memset(&e, 0, sizeof e);
    CHECK_STR(dr_endpoint_print(&e, text), "[::]:0");
}

TEST(zero_is_zero_in_both_versions)
{
    struct dr_ip ip = {{0}};
    CHECK(dr_ip_is_zero(&ip) && !dr_ip_is4(&ip));
    ip = dr_ip4(0, 0, 0, 0);
    CHECK(dr_ip_is_zero(&ip) && dr_ip_is4(&ip));
    ip = dr_ip4(0, 0, 0, 1);
    CHECK(!dr_ip_is_zero(&ip));
}

TEST_MAIN(TEST_OF(good_addresses_are_read_and_written_in_the_one_recommended_way),
          TEST_OF(bad_addresses_are_refused_and_write_nothing),
          TEST_OF(what_is_printed_is_read_back_the_same),
          TEST_OF(prefixes_have_a_length_that_fits_their_version),
          TEST_OF(endpoints_are_written_with_their_port),
          TEST_OF(zero_is_zero_in_both_versions))
