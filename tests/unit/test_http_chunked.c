/* SPDX-License-Identifier: ISC */
#include "tests/check.h"
#include "tests/support/http_play.h"

/* What the body is and how it ends, in every way of cutting it. */
static const char *told(const char *in)
{
    static struct play whole, cut;
    size_t len = strlen(in), used;
    memset(&whole, 0, sizeof whole);
    play_chunks(&whole, bytes_of(in, len), len, 1, &used);
    for (size_t n = 0; n <= len; n++) {
        memset(&cut, 0, sizeof cut);
        play_chunks(&cut, bytes_of(in, len), n, n % 3 == 0 ? 1 : len, &used);
        CHECK_STR(cut.text, whole.text);
    }
    return whole.text;
}

TEST(chunks_are_joined)
{
    CHECK_STR(told("0\r\n\r\n"), "body 0 \nend\n");
    CHECK_STR(told("3\r\nabc\r\n0\r\n\r\n"), "body 3 abc\nend\n");
    CHECK_STR(told("3\r\nabc\r\n000a\r\n0123456789\r\n0000\r\n\r\n"),
              "body 13 abc0123456789\nend\n");
    CHECK_STR(told("A\r\n0123456789\r\n"), "body 10 0123456789\nmore\n");
    CHECK_STR(told(""), "body 0 \nmore\n");
}

TEST(extensions_and_trailers_are_checked_and_dropped)
{
    CHECK_STR(told("1;a;b=\"c d\"\r\nx\r\n0;e\r\n\r\n"), "body 1 x\nend\n");
    CHECK_STR(told("0\r\nA: b\r\nC:\r\n\r\n"), "body 0 \nend\n");
    CHECK_STR(told("1;a\x01\r\nx\r\n"), "body 0 \nbad\n");
    CHECK_STR(told("1;a\nx\r\n"), "body 0 \nbad\n");
    CHECK_STR(told("0\r\nA : b\r\n\r\n"), "body 0 \nbad\n");
    CHECK_STR(told("0\r\n b\r\n\r\n"), "body 0 \nbad\n");
    CHECK_STR(told("0\r\nA: b\n\r\n"), "body 0 \nbad\n");
    CHECK_STR(told("0\r\nA: b\r\n\n"), "body 0 \nbad\n");
}

TEST(sizes_are_read_to_the_letter)
{
    static const char *const bad[] = {"\r\n",    ";\r\n",   "g\r\n",  " 1\r\n",
                                      "1 \r\n",  "0x1\r\n", "-1\r\n", "1\n",
                                      "1\r\r\n", "1\rx",    "+1\r\n", "\t1\r\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_STR(told(bad[i]), "body 0 \nbad\n");
    CHECK_STR(told("1\r\nxy\r\n"), "body 1 x\nbad\n");
    CHECK_STR(told("1\r\nx\n"), "body 1 x\nbad\n");
    CHECK_STR(told("1\r\nx\r\r\n"), "body 1 x\nbad\n");
}

TEST(a_size_that_does_not_fit_is_refused)
{
    CHECK_STR(told("7fffffffffffffff\r\nx"), "body 1 x\nmore\n");
    CHECK_STR(told("8000000000000000\r\nx"), "body 0 \nbad\n");
    CHECK_STR(told("ffffffffffffffff\r\nx"), "body 0 \nbad\n");
    CHECK_STR(told("10000000000000000\r\nx"), "body 0 \nbad\n");
    CHECK_STR(told("0000000000000001\r\nx"), "body 1 x\nmore\n");
    CHECK_STR(told("00000000000000001\r\nx"), "body 0 \nbad\n");
}

/* How many octets of extensions, one a chunk, are let through. */
static unsigned ext_octets(void)
{
    struct http_chunked c = {.left = 0};
    unsigned n = 0;
    for (;; n++) {
        struct bytes data, in = bytes_of("1;x\r\ny\r\n", 8);
        if (http_chunked_next(&c, &in, &data) != HTTP_CHUNK_DATA)
            return n;
        CHECK_INT(http_chunked_next(&c, &in, &data), HTTP_CHUNK_MORE);
    }
}

TEST(extensions_are_bounded_over_the_whole_body)
{
    CHECK_INT(ext_octets(), HTTP_CHUNK_EXT_MAX);
}

TEST(trailers_are_bounded)
{
    struct http_chunked c = {.left = 0};
    struct bytes data, in = bytes_of("0\r\n", 3);
    unsigned n = 0;
    CHECK_INT(http_chunked_next(&c, &in, &data), HTTP_CHUNK_MORE);
    do {
        in = bytes_of("A: b\r\n", 6);
        n += 6;
    } while (http_chunked_next(&c, &in, &data) == HTTP_CHUNK_MORE);
    CHECK(n > HTTP_TRAILER_MAX && n <= HTTP_TRAILER_MAX + 6);
}

TEST(what_follows_the_body_is_left_alone)
{
    struct http_chunked c = {.left = 0};
    struct bytes data, in = bytes_of("0\r\n\r\nGET", 8);
    CHECK_INT(http_chunked_next(&c, &in, &data), HTTP_CHUNK_END);
    CHECK_INT(in.len, 3);
    CHECK_INT(http_chunked_next(&c, &in, &data), HTTP_CHUNK_END);
    CHECK_INT(in.len, 3);
}

TEST_MAIN(TEST_OF(chunks_are_joined), TEST_OF(extensions_and_trailers_are_checked_and_dropped),
          TEST_OF(sizes_are_read_to_the_letter), TEST_OF(a_size_that_does_not_fit_is_refused),
          TEST_OF(extensions_are_bounded_over_the_whole_body), TEST_OF(trailers_are_bounded),
          TEST_OF(what_follows_the_body_is_left_alone))
