/* SPDX-License-Identifier: ISC */
#include "http/target.h"
#include "http/token.h"

#include "tests/check.h"

#include <stdlib.h>

/* The cleaned path, or "refused"; from a copy of exactly its length, in place. */
static const char *clean(const char *path)
{
    static char out[256];
    size_t len = strlen(path), n = 0;
    uint8_t *copy = malloc(len > 0 ? len : 1);
    memcpy(copy, path, len);
    bool ok = http_path_clean(bytes_of(copy, len), copy, &n);
    if (ok)
        memcpy(out, copy, n);
    out[n] = '\0';
    free(copy);
    return ok ? out : "refused";
}

TEST(paths_are_decoded_once)
{
    CHECK_STR(clean("/"), "/");
    CHECK_STR(clean("/a/b"), "/a/b");
    CHECK_STR(clean("/%61%2d%7E"), "/a-~");
    CHECK_STR(clean("/a%20b"), "/a b");
    CHECK_STR(clean("/%C3%a9"), "/\xc3\xa9");
    CHECK_STR(clean("/%252e%252e/%2500"), "/%2e%2e/%00");
    CHECK_STR(clean("/%3f%23"), "/?#");
}

TEST(wrong_escapes_and_hidden_separators_are_refused)
{
    static const char *const bad[] = {"",        "a",      "/%",   "/%4",   "/%4g",  "/%g4",
                                      "/a%00",   "/%0a",   "/%1F", "/%7f",  "/%2F",  "/a%2fb",
                                      "/%2e%2f", "/a\x01", "/a b", "/\x80", "/a[b]", "/a?b"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_STR(clean(bad[i]), "refused");
}

TEST(dot_segments_are_removed_after_decoding)
{
    CHECK_STR(clean("/."), "/");
    CHECK_STR(clean("/./a"), "/a");
    CHECK_STR(clean("/a/."), "/a/");
    CHECK_STR(clean("/a/.."), "/");
    CHECK_STR(clean("/a/b/../c"), "/a/c");
    CHECK_STR(clean("/a/b/../../c"), "/c");
    CHECK_STR(clean("/a/%2e%2E/c"), "/c");
    CHECK_STR(clean("/a/.%2e"), "/");
    CHECK_STR(clean("/a//../b"), "/a/b");
    CHECK_STR(clean("//"), "//");
    CHECK_STR(clean("/..."), "/...");
    CHECK_STR(clean("/.a/..b/c."), "/.a/..b/c.");
    CHECK_STR(clean("/a./b../"), "/a./b../");
}

TEST(a_path_that_climbs_above_the_root_is_refused)
{
    CHECK_STR(clean("/.."), "refused");
    CHECK_STR(clean("/../a"), "refused");
    CHECK_STR(clean("/a/../../b"), "refused");
    CHECK_STR(clean("/%2e%2e/etc/passwd"), "refused");
    CHECK_STR(clean("/./.."), "refused");
}

TEST(a_cleaned_path_that_has_no_escape_in_it_stays_as_it_is)
{
    static const char *const paths[] = {"/a/./b/../c", "/x//y/..", "/a/b/c/", "/.../.."};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        char once[64];
        strcpy(once, clean(paths[i]));
        CHECK_STR(clean(once), once);
    }
}

static bool is(struct bytes b, const char *text)
{
    return b.len == strlen(text) && memcmp(b.at, text, b.len) == 0;
}

TEST(targets_are_split_where_they_should_be)
{
    struct http_target t;
    CHECK_INT(http_target_split(HTTP_GET, bytes_of("/a?b?c", 6), &t), 0);
    CHECK(is(t.path, "/a") && is(t.query, "b?c") && t.authority.len == 0);
    CHECK_INT(http_target_split(HTTP_GET, bytes_of("http://h:1?q", 12), &t), 0);
    CHECK(is(t.path, "/") && is(t.query, "q") && is(t.authority, "h:1"));
    CHECK_INT(http_target_split(HTTP_GET, bytes_of("http://h", 8), &t), 0);
    CHECK(is(t.path, "/") && is(t.query, "") && is(t.authority, "h"));
    CHECK_INT(http_target_split(HTTP_OPTIONS, bytes_of("*", 1), &t), 0);
    CHECK_INT(t.path.len, 0);
    CHECK_INT(http_target_split(HTTP_CONNECT, bytes_of("h:1", 3), &t), 501);
}

TEST(the_alphabets_are_those_of_the_grammar)
{
    for (unsigned c = 0; c < 256; c++) {
        bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool token = alnum || (c > 0 && c < 128 && strchr("!#$%&'*+-.^_`|~", (int)c));
        bool value = c == '\t' || (c >= 0x20 && c != 0x7f);
        bool host = alnum || (c > 0 && c < 128 && strchr("-._~!$&'()*+,;=", (int)c));
        bool path = host || (c > 0 && c < 128 && strchr(":@/%", (int)c));
        bool query = path || (c > 0 && c < 128 && strchr("?[]\\^`{|}", (int)c));
        CHECK_INT(http_is((uint8_t)c, HTTP_TOKEN), token);
        CHECK_INT(http_is((uint8_t)c, HTTP_VALUE), value);
        CHECK_INT(http_is((uint8_t)c, HTTP_HOST), host);
        CHECK_INT(http_is((uint8_t)c, HTTP_PATH), path);
        CHECK_INT(http_is((uint8_t)c, HTTP_QUERY), query);
    }
}

TEST(list_elements_are_compared_whole_and_without_case)
{
    CHECK(http_list_has(bytes_of("close", 5), "close"));
    CHECK(http_list_has(bytes_of(",, a ,\tCLOSE ,", 14), "close"));
    CHECK(!http_list_has(bytes_of("closed, xclose", 14), "close"));
    CHECK(!http_list_has(bytes_of("", 0), "close"));
    CHECK(!http_same(bytes_of("close\0x", 7), "close"));
    CHECK(!http_same(bytes_of("clos", 4), "close"));
}

TEST_MAIN(TEST_OF(paths_are_decoded_once),
          TEST_OF(wrong_escapes_and_hidden_separators_are_refused),
          TEST_OF(dot_segments_are_removed_after_decoding),
          TEST_OF(a_path_that_climbs_above_the_root_is_refused),
          TEST_OF(a_cleaned_path_that_has_no_escape_in_it_stays_as_it_is),
          TEST_OF(targets_are_split_where_they_should_be),
          TEST_OF(the_alphabets_are_those_of_the_grammar),
          TEST_OF(list_elements_are_compared_whole_and_without_case))
