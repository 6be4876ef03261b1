/* SPDX-License-Identifier: ISC */
#include "tests/check.h"
#include "tests/support/http_play.h"

struct head {
    const char *text;
    int verdict; /* 0 for right, or the status */
};

static int verdict_of(struct bytes in)
{
    struct http_request r;
    uint8_t *kept = NULL;
    http_request_init(&r, &play_limits);
    enum http_verdict v = play_feed(&r, in, in.len, 1, &kept);
    free(kept);
    return v == HTTP_OK ? 0 : v == HTTP_BAD ? r.status : -1;
}

static int verdict_of_text(const char *text)
{
    return verdict_of(bytes_of(text, strlen(text)));
}

static void all(const struct head *heads, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int got = verdict_of_text(heads[i].text);
        if (got != heads[i].verdict)
            test_failed(__FILE__, __LINE__, "%s: %d, not %d", heads[i].text, got,
                        heads[i].verdict);
    }
}

#define ALL(heads) all(heads, sizeof(heads) / sizeof(heads)[0])
#define H          "Host: a\r\n"
#define GET        "GET / HTTP/1.1\r\n"

TEST(request_lines_are_read_to_the_letter)
{
    static const struct head heads[] = {
        {GET H "\r\n", 0},
        {"\r\n" GET H "\r\n", 0},
        {"\r\n\r\n" GET H "\r\n", 400},
        {"\n" GET H "\r\n", 400},
        {"\rX" GET H "\r\n", 400},
        {" GET / HTTP/1.1\r\n" H "\r\n", 400},
        {"GET  / HTTP/1.1\r\n" H "\r\n", 400},
        {"GET /  HTTP/1.1\r\n" H "\r\n", 400},
        {"GET / HTTP/1.1 \r\n" H "\r\n", 400},
        {"GET\t/ HTTP/1.1\r\n" H "\r\n", 400},
        {"GET /\r\n", 400},
        {"GET / HTTP/1.1\n" H "\r\n", 400},
        {"GET / HTTP/1.1\r" H "\r\n", 400},
        {"GET / http/1.1\r\n" H "\r\n", 400},
        {"GET / HTTP/1.1.1\r\n" H "\r\n", 400},
        {"GET / HTTP/11\r\n" H "\r\n", 400},
        {"GET / HTTP/ 1.1\r\n" H "\r\n", 400},
        {"GET / HTTP/1.\r\n" H "\r\n", 400},
        {"GET / HTTP/1.9\r\n" H "\r\n", 0},
        {"GET / HTTP/1.0\r\n\r\n", 0},
        {"GET / HTTP/2.0\r\n" H "\r\n", 505},
        {"GET / HTTP/0.9\r\n" H "\r\n", 505},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
        {"G(T / HTTP/1.1\r\n" H "\r\n", 400},
        {"M-SEARCH / HTTP/1.1\r\n" H "\r\n", 0},
        {"CONNECT a:1 HTTP/1.1\r\n" H "\r\n", 501},
        {"\x16\x03\x01\x02", 400}, /* a TLS client */
    };
    ALL(heads);
}

TEST(targets_have_the_form_their_method_allows)
{
    static const struct head heads[] = {
        {"GET /a/b;c=1,2:@!$&'()*+-._~%20?x=y&z[]=^`{|}\\?/ HTTP/1.1\r\n" H "\r\n", 0},
        {"GET a HTTP/1.1\r\n" H "\r\n", 400},
        {"GET * HTTP/1.1\r\n" H "\r\n", 400},
        {"OPTIONS * HTTP/1.1\r\n" H "\r\n", 0},
        {"OPTIONS ** HTTP/1.1\r\n" H "\r\n", 400},
        {"GET /a#b HTTP/1.1\r\n" H "\r\n", 400},
        {"GET /a\x01 HTTP/1.1\r\n" H "\r\n", 400},
        {"GET /\xc3\xa9 HTTP/1.1\r\n" H "\r\n", 400},
        {"GET /a\"b HTTP/1.1\r\n" H "\r\n", 400},
        {"GET /a<b HTTP/1.1\r\n" H "\r\n", 400},
        {"GET /a[b HTTP/1.1\r\n" H "\r\n", 400},
        {"GET /a\\b HTTP/1.1\r\n" H "\r\n", 400},
        {"GET http://a HTTP/1.1\r\n" H "\r\n", 0},
        {"GET HTTP://a:80/x HTTP/1.1\r\n" H "\r\n", 0},
        {"GET http://a?q HTTP/1.1\r\n" H "\r\n", 0},
        {"GET http://[::1]:80/x HTTP/1.1\r\n" H "\r\n", 0},
        {"GET http:// HTTP/1.1\r\n" H "\r\n", 400},
        {"GET http:///x HTTP/1.1\r\n" H "\r\n", 400},
        {"GET http://:80/x HTTP/1.1\r\n" H "\r\n", 400},
        {"GET http://u@a/x HTTP/1.1\r\n" H "\r\n", 400},
        {"GET http://u:p@a/x HTTP/1.1\r\n" H "\r\n", 400},
        {"GET https://a/x HTTP/1.1\r\n" H "\r\n", 400},
        {"GET ftp://a/x HTTP/1.1\r\n" H "\r\n", 400},
    };
    ALL(heads);
}

TEST(fields_are_read_to_the_letter)
{
    static const struct head heads[] = {
        {GET H "A:b\r\n\r\n", 0},           {GET H "A:\r\n\r\n", 0},
        {GET H "A: \t b \t \r\n\r\n", 0},   {GET H "A: b\tc \x80\xff\r\n\r\n", 0},
        {GET H "A : b\r\n\r\n", 400},       {GET H "A\t: b\r\n\r\n", 400},
        {GET H " A: b\r\n\r\n", 400},       {GET H "A: b\r\n c\r\n\r\n", 400},
        {GET H "A: b\r\n\tc\r\n\r\n", 400}, {GET " " H "\r\n", 400},
        {GET H ": b\r\n\r\n", 400},         {GET H "A\r\n\r\n", 400},
        {GET H "A(: b\r\n\r\n", 400},       {GET H "A: b\n\r\n", 400},
        {GET H "A: b\rc\r\n\r\n", 400},     {GET H "A: b\r\r\n\r\n", 400},
        {GET H "A: \x01\r\n\r\n", 400},     {GET H "A: \x7f\r\n\r\n", 400},
        {GET H "A: b\r\n\n", 400},          {GET H "A: b\r\n\rX", 400},
    };
    ALL(heads);
    static const char nul[] = GET H "A: b\0c\r\n\r\n";
    CHECK_INT(verdict_of(bytes_of(nul, sizeof nul - 1)), 400);
}

TEST(there_is_exactly_one_host_and_it_is_one)
{
    static const struct head heads[] = {
        {GET "\r\n", 400},
        {GET H H "\r\n", 400},
        {"GET / HTTP/1.0\r\n" H H "\r\n", 400},
        {GET "Host:\r\n\r\n", 0},
        {GET "hOST: a.example:8080\r\n\r\n", 0},
        {GET "Host: 10.0.0.2:\r\n\r\n", 0},
        {GET "Host: [::1]\r\n\r\n", 0},
        {GET "Host: [fe80::1%25eth0]\r\n\r\n", 400},
        {GET "Host: [::1]:80\r\n\r\n", 0},
        {GET "Host: [::1]80\r\n\r\n", 400},
        {GET "Host: [::1\r\n\r\n", 400},
        {GET "Host: []\r\n\r\n", 400},
        {GET "Host: a:65535\r\n\r\n", 0},
        {GET "Host: a:65536\r\n\r\n", 400},
        {GET "Host: a:0000080\r\n\r\n", 400},
        {GET "Host: a:x\r\n\r\n", 400},
        {GET "Host: a:1:2\r\n\r\n", 400},
        {GET "Host: a b\r\n\r\n", 400},
        {GET "Host: a,b\r\n\r\n", 0},
        {GET "Host: a/b\r\n\r\n", 400},
        {GET "Host: u@a\r\n\r\n", 400},
        {GET "Host: a%41\r\n\r\n", 0},
        {GET "Host: a%4\r\n\r\n", 400},
        {GET "Host: a%\r\n\r\n", 400},
        {GET "Host: \x80\r\n\r\n", 400},
    };
    ALL(heads);
}

TEST(a_body_has_exactly_one_framing)
{
    static const struct head heads[] = {
        {GET H "Content-Length: 0\r\n\r\n", 0},
        {GET H "Content-Length: 5\r\ncontent-length: 5\r\n\r\n", 0},
        {GET H "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400},
        {GET H "Content-Length: 5, 5\r\n\r\n", 400},
        {GET H "Content-Length:\r\n\r\n", 400},
        {GET H "Content-Length: +5\r\n\r\n", 400},
        {GET H "Content-Length: -5\r\n\r\n", 400},
        {GET H "Content-Length: 0x5\r\n\r\n", 400},
        {GET H "Content-Length: 5 5\r\n\r\n", 400},
        {GET H "Content-Length: 9223372036854775807\r\n\r\n", 413},
        {GET H "Content-Length: 922337203685477580\r\n\r\n", 0},
        {GET H "Content-Length: 18446744073709551617\r\n\r\n", 413},
        {GET H "Content-Length: 99999999999999999999999999999999\r\n\r\n", 413},
        {GET H "Transfer-Encoding: Chunked\r\n\r\n", 0},
        {GET H "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {GET H "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
        {GET H "Transfer-Encoding: chunked, identity\r\n\r\n", 501},
        {GET H "Transfer-Encoding: xchunked\r\n\r\n", 501},
        {GET H "Transfer-Encoding:\r\n\r\n", 400},
        {GET H "Transfer-Encoding: \x0b"
               "chunked\r\n\r\n",
         400},
        {GET H "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400},
        {GET H "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {GET H "Content-Length: 5\r\nTransfer-Encoding : chunked\r\n\r\n", 400},
        {"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {GET H "Expect: 100-Continue\r\n\r\n", 0},
        {GET H "Expect: 200-ok\r\n\r\n", 417},
        {"GET / HTTP/1.0\r\nExpect: 200-ok\r\n\r\n", 0},
    };
    ALL(heads);
}

/* A head of `n` octets in all, by a field that is as long as it must be. */
static int verdict_of_length(size_t n)
{
    char text[4096];
    size_t len = (size_t)snprintf(text, sizeof text, GET H "A: ");
    memset(text + len, 'x', n - len - 4);
    memcpy(text + n - 4, "\r\n\r\n", 4);
    return verdict_of(bytes_of(text, n));
}

TEST(a_head_as_long_as_the_limit_is_right_and_one_octet_more_is_431)
{
    CHECK_INT(verdict_of_length(play_limits.head), 0);
    CHECK_INT(verdict_of_length(play_limits.head + 1), 431);
}

static int verdict_of_target(size_t n)
{
    char text[4096] = "GET /";
    memset(text + 5, 'x', n - 1);
    memcpy(text + 4 + n, " HTTP/1.1\r\n" H "\r\n", 11 + 9 + 3);
    return verdict_of_text(text);
}

TEST(a_target_as_long_as_the_limit_is_right_and_one_octet_more_is_414)
{
    CHECK_INT(verdict_of_target(play_limits.target), 0);
    CHECK_INT(verdict_of_target(play_limits.target + 1U), 414);
    CHECK_INT(verdict_of_target(2000), 414);
}

static int verdict_of_fields(unsigned n)
{
    char text[4096] = GET H;
    for (unsigned i = 1; i < n; i++)
        strcat(text, "A: b\r\n");
    return verdict_of_text(strcat(text, "\r\n"));
}

TEST(as_many_fields_as_the_limit_are_right_and_one_more_is_431)
{
    CHECK_INT(verdict_of_fields(play_limits.fields), 0);
    CHECK_INT(verdict_of_fields(play_limits.fields + 1U), 431);
}

TEST(a_method_longer_than_any_is_501_before_it_ends)
{
    CHECK_INT(verdict_of_text("ABCDEFGHIJABCDEFGHIJABCDEFGHIJAB"), -1);
    CHECK_INT(verdict_of_text("ABCDEFGHIJABCDEFGHIJABCDEFGHIJABC"), 501);
}

TEST(a_verdict_stands)
{
    struct http_request r;
    struct bytes bad = bytes_of("GET\n", 4), ok = bytes_of(GET H "\r\n", 27);
    http_request_init(&r, &play_limits);
    CHECK_INT(http_request_feed(&r, bad), HTTP_BAD);
    CHECK_INT(http_request_feed(&r, ok), HTTP_BAD);
    http_request_init(&r, &play_limits);
    CHECK_INT(http_request_feed(&r, ok), HTTP_OK);
    CHECK_INT(http_request_feed(&r, ok), HTTP_OK);
}

TEST(fields_are_found_by_name_in_any_case_and_the_first_counts)
{
    struct http_request r;
    static const char head[] = GET H "X-A: 1\r\nx-a: 2\r\n\r\n";
    http_request_init(&r, &play_limits);
    CHECK_INT(http_request_feed(&r, bytes_of(head, sizeof head - 1)), HTTP_OK);
    struct bytes b = http_request_field(&r, "x-a");
    CHECK_INT(b.len, 1);
    CHECK_INT(b.at[0], '1');
    CHECK(http_request_field(&r, "x-b").at == NULL);
}

/* ---- Octets in, events out -------------------------------------------------- */

struct scene {
    const char *in, *out;
};

static const struct scene scenes[] = {
    {"GET /hello HTTP/1.1\r\nHost: 10.0.0.2\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n",
     "GET /hello 1.1 keep\n  Host=10.0.0.2\n  User-Agent=curl/7.88.1\n  Accept=*/*\n"},
    {"GET / HTTP/1.0\r\n\r\n", "GET / 1.0 close\n"},
    {"GET / HTTP/1.0\r\nConnection: x , Keep-Alive\r\n\r\n",
     "GET / 1.0 keep\n  Connection=x , Keep-Alive\n"},
    {GET H "Connection: keep-alive, close\r\n\r\n",
     "GET / 1.1 close\n  Host=a\n  Connection=keep-alive, close\n"},
    /* Pipelined; the empty line after a body is one that old clients send. */
    {"POST /a HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabc\r\nHEAD /b HTTP/1.1\r\n" H "\r\n"
     "GET /c HTTP/1.1\r\n" H,
     "POST /a 1.1 keep\n  Host=a\n  Content-Length=3\nbody abc\n"
     "HEAD /b 1.1 keep\n  Host=a\nmore\n"},
    {"PUT /x HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
     "5\r\nhello\r\n1;a=\"b\"\r\n!\r\n00\r\nTrailer: x\r\n\r\nGET /n HTTP/1.1\r\n" H "\r\n",
     "PUT /x 1.1 keep expect chunked\n  Host=a\n  Transfer-Encoding=chunked\n"
     "  Expect=100-continue\nbody 6 hello!\nend\nGET /n 1.1 keep\n  Host=a\n"},
    /* What follows a body that ends too early is no request. */
    {"PUT /x HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n",
     "PUT /x 1.1 keep chunked\n  Host=a\n  Transfer-Encoding=chunked\nbody 5 hello\nbad\n"},
    {GET H "\r\nBAD\r\n", "GET / 1.1 keep\n  Host=a\nbad 400\n"},
    {"GET /" /* and silence */, "more\n"},
};

static void play_scene(const struct scene *s, size_t cut, size_t step)
{
    static struct play p;
    play(&p, bytes_of(s->in, strlen(s->in)), cut, step);
    if (strcmp(p.text, s->out) != 0)
        test_failed(__FILE__, __LINE__, "%s (cut %zu, step %zu) gives\n%s, not\n%s", s->in, cut,
                    step, p.text, s->out);
}

#define SCENES (sizeof scenes / sizeof scenes[0])

TEST(requests_are_told_as_they_were_sent)
{
    for (size_t i = 0; i < SCENES; i++)
        play_scene(&scenes[i], strlen(scenes[i].in), 1);
}

TEST(requests_cut_anywhere_in_two_mean_the_same)
{
    for (size_t i = 0; i < SCENES; i++)
        for (size_t cut = 0; cut <= strlen(scenes[i].in); cut++)
            play_scene(&scenes[i], cut, strlen(scenes[i].in) + 1);
}

TEST(requests_that_come_octet_by_octet_mean_the_same)
{
    for (size_t i = 0; i < SCENES; i++)
        play_scene(&scenes[i], 1, 1);
}

TEST(every_beginning_of_a_right_head_asks_for_more)
{
    const char *text = scenes[0].in;
    for (size_t n = 0; n < strlen(text); n++)
        CHECK_INT(verdict_of(bytes_of(text, n)), -1);
}

/* Prints a request as it was understood. */
static size_t print(const struct http_request *r, char *out, size_t room)
{
    struct play p = {.len = 0};
    play_say_bytes(&p, "", http_view(r, r->method_name));
    play_say_bytes(&p, " ", http_view(r, r->target));
    play_say(&p, " HTTP/1.%u\r\n", r->minor);
    for (size_t i = 0; i < r->field_count; i++) {
        play_say_bytes(&p, "", http_view(r, r->field[i].name));
        play_say_bytes(&p, ": ", http_view(r, r->field[i].value));
        play_say(&p, "\r\n");
    }
    play_say(&p, "\r\n");
    CHECK(p.len < room);
    memcpy(out, p.text, p.len + 1);
    return p.len;
}

TEST(a_request_printed_and_read_again_is_the_same)
{
    static const char first[] = "POST /a?b HTTP/1.1\r\nHost:a\r\nX:\t y \r\nEmpty: \r\n"
                                "Connection: close\r\nContent-Length: 7\r\n\r\n";
    struct http_request r, again;
    char text[1024], text2[1024];
    http_request_init(&r, &play_limits);
    CHECK_INT(http_request_feed(&r, bytes_of(first, sizeof first - 1)), HTTP_OK);
    size_t len = print(&r, text, sizeof text);
    http_request_init(&again, &play_limits);
    CHECK_INT(http_request_feed(&again, bytes_of(text, len)), HTTP_OK);
    print(&again, text2, sizeof text2);
    CHECK_STR(text2, text);
    CHECK_INT(again.content_length, 7);
    CHECK_INT(again.persistent, false);
    CHECK_INT(again.field_count, r.field_count);
}

TEST_MAIN(TEST_OF(request_lines_are_read_to_the_letter),
          TEST_OF(targets_have_the_form_their_method_allows),
          TEST_OF(fields_are_read_to_the_letter),
          TEST_OF(there_is_exactly_one_host_and_it_is_one),
          TEST_OF(a_body_has_exactly_one_framing),
          TEST_OF(a_head_as_long_as_the_limit_is_right_and_one_octet_more_is_431),
          TEST_OF(a_target_as_long_as_the_limit_is_right_and_one_octet_more_is_414),
          TEST_OF(as_many_fields_as_the_limit_are_right_and_one_more_is_431),
          TEST_OF(a_method_longer_than_any_is_501_before_it_ends), TEST_OF(a_verdict_stands),
          TEST_OF(fields_are_found_by_name_in_any_case_and_the_first_counts),
          TEST_OF(requests_are_told_as_they_were_sent),
          TEST_OF(requests_cut_anywhere_in_two_mean_the_same),
          TEST_OF(requests_that_come_octet_by_octet_mean_the_same),
          TEST_OF(every_beginning_of_a_right_head_asks_for_more),
          TEST_OF(a_request_printed_and_read_again_is_the_same))
