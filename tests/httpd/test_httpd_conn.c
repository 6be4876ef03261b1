/* SPDX-License-Identifier: ISC */
/* A peer is a script: what it sends, and when. What it is told is collected as text,
 * with '|' between writes. Time is virtual: it passes only where a read waits. */
#include "httpd/conn.h"

#include "tests/check.h"

#include <drupe/log.h>

#include <errno.h>
#include <stdlib.h>

#define LINES_MAX 64
#define TOLD_MAX  300000

struct line {
    uint64_t at; /* ms */
    const char *octets;
    size_t len;
};

struct peer {
    struct httpd_io io;
    struct line line[LINES_MAX];
    unsigned lines, next;
    size_t sent;  /* octets of line[next] */
    size_t piece; /* most octets a read gives */
    bool silent;  /* after the script it says nothing; else it ends the stream */
    bool deaf;    /* it takes nothing */
    unsigned writes, shutdowns;
    size_t told_len;
    char told[TOLD_MAX];
};

static uint64_t now_ns;
static uint64_t wall_offset_ns;
static bool wants_debug;
static char logged[4096];
static struct peer peer;

/* ---- What the server stands on ------------------------------------------------ */

uint64_t dr_now(void)
{
    return now_ns;
}

uint64_t dr_wall(void)
{
    return DR_S(784111777) + wall_offset_ns + now_ns;
}

uint64_t dr_after(uint64_t ns)
{
    return now_ns + ns;
}

bool dr_log_wants(const char *source, enum dr_log_level level)
{
    return strcmp(source, "http") == 0 && level == DR_LOG_DEBUG && wants_debug;
}

void dr_log(const char *source, enum dr_log_level level, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    size_t n = strlen(logged);
    n += (size_t)snprintf(logged + n, sizeof logged - n, "%s %d ", source, (int)level);
    n += (size_t)vsnprintf(logged + n, sizeof logged - n - 2, fmt, ap);
    CHECK(n < sizeof logged - 100);
    logged[n] = '\n';
    logged[n + 1] = '\0';
    va_end(ap);
}

static ssize_t wait_until(uint64_t deadline)
{
    now_ns = deadline;
    return -ETIMEDOUT;
}

static ssize_t peer_read(struct httpd_io *io, void *buf, size_t len, uint64_t deadline)
{
    struct peer *p = (struct peer *)(void *)io;
    CHECK(len > 0);
    CHECK(deadline >= now_ns);
    if (p->next == p->lines)
        return p->silent ? wait_until(deadline) : 0;
    const struct line *l = &p->line[p->next];
    if (DR_MS(l->at) >= deadline)
        return wait_until(deadline);
    if (now_ns < DR_MS(l->at))
        now_ns = DR_MS(l->at);
    size_t n = l->len - p->sent;
    n = n < len ? n : len;
    n = n < p->piece ? n : p->piece;
    memcpy(buf, l->octets + p->sent, n);
    p->sent += n;
    if (p->sent == l->len) {
        p->next++;
        p->sent = 0;
    }
    return (ssize_t)n;
}

static ssize_t peer_write(struct httpd_io *io, const void *buf, size_t len, uint64_t deadline)
{
    struct peer *p = (struct peer *)(void *)io;
    CHECK_INT(p->shutdowns, 0);
    if (p->deaf)
        return wait_until(deadline);
    CHECK(p->told_len + len + 2 < sizeof p->told);
    if (p->writes++ > 0)
        p->told[p->told_len++] = '|';
    memcpy(p->told + p->told_len, buf, len);
    p->told_len += len;
    p->told[p->told_len] = '\0';
    return (ssize_t)len;
}

static void peer_shutdown(struct httpd_io *io)
{
    ((struct peer *)(void *)io)->shutdowns++;
}

static void peer_begin(void)
{
    memset(&peer, 0, offsetof(struct peer, told));
    peer.told[0] = '\0';
    peer.io = (struct httpd_io){.read = peer_read,
                                .write = peer_write,
                                .write_static = peer_write,
                                .shutdown = peer_shutdown};
    peer.piece = SIZE_MAX;
    now_ns = 0;
    logged[0] = '\0';
}

static void says_octets(uint64_t at, const char *octets, size_t len)
{
    CHECK(peer.lines < LINES_MAX);
    if (len > 0)
        peer.line[peer.lines++] = (struct line){.at = at, .octets = octets, .len = len};
}

static void says(uint64_t at, const char *text)
{
    says_octets(at, text, strlen(text));
}

/* ---- The site ------------------------------------------------------------------ */

static int hello(struct dr_http_request *req, struct dr_http_response *res)
{
    (void)req;
    return dr_http_send(res, "text/plain", "Hello World!\n", 13);
}

/* Sends the body back, and says how it was asked. */
static int back(struct dr_http_request *req, struct dr_http_response *res)
{
    static char body[200000];
    size_t got = 0;
    ssize_t n;
    while ((n = dr_http_read(req, body + got, sizeof body - got)) > 0)
        got += (size_t)n;
    return n < 0 ? (int)n : dr_http_send(res, NULL, body, got);
}

static int fails(struct dr_http_request *req, struct dr_http_response *res)
{
    (void)req;
    CHECK_INT(dr_http_add(res, "X-Lost", "y"), 0);
    return -EIO;
}

static int fails_late(struct dr_http_request *req, struct dr_http_response *res)
{
    (void)req;
    int err = dr_http_begin(res, NULL, 10);
    if (err == 0)
        err = dr_http_write(res, "12345", 5);
    return err < 0 ? err : -EIO;
}

static int says_too_little(struct dr_http_request *req, struct dr_http_response *res)
{
    (void)req;
    return dr_http_begin(res, NULL, 10);
}

/* Reads its body three octets at a time, at most. */
static int nibbles(struct dr_http_request *req, struct dr_http_response *res)
{
    char body[64];
    size_t got = 0;
    ssize_t n;
    do {
        char *bite = malloc(3);
        n = dr_http_read(req, bite, 3);
        memcpy(body + got, bite, n > 0 ? (size_t)n : 0);
        got += n > 0 ? (size_t)n : 0;
        free(bite);
    } while (n > 0);
    CHECK_INT(dr_http_read(req, body, 1), n); /* and the same from then on */
    return n < 0 ? (int)n : dr_http_send(res, NULL, body, got);
}

/* Answers first, and then would like to have the body. */
static int asks_late(struct dr_http_request *req, struct dr_http_response *res)
{
    char body[8];
    CHECK_INT(dr_http_begin(res, NULL, 2), 0);
    ssize_t n = dr_http_read(req, body, sizeof body);
    CHECK_INT(n, 2);
    return dr_http_write(res, body, (size_t)n);
}

/* Tries everything that is not allowed. */
static int stubborn(struct dr_http_request *req, struct dr_http_response *res)
{
    (void)req;
    CHECK_INT(dr_http_status(res, 199), -EINVAL);
    CHECK_INT(dr_http_status(res, 600), -EINVAL);
    CHECK_INT(dr_http_status(res, 201), 0);
    CHECK_INT(dr_http_add(res, "X", "a\r\nSet-Cookie: b"), -EINVAL);
    CHECK_INT(dr_http_add(res, "X Y", "a"), -EINVAL);
    CHECK_INT(dr_http_add(res, "content-length", "7"), -EINVAL);
    CHECK_INT(dr_http_add(res, "Transfer-Encoding", "chunked"), -EINVAL);
    CHECK_INT(dr_http_add(res, "Location", "/new"), 0);
    CHECK_INT(dr_http_write(res, "x", 1), -EINVAL);
    CHECK_INT(dr_http_begin(res, "a\nb", 2), -EINVAL);
    CHECK_INT(dr_http_begin(res, NULL, 2), 0);
    CHECK_INT(dr_http_begin(res, NULL, 2), -EALREADY);
    CHECK_INT(dr_http_status(res, 200), -EALREADY);
    CHECK_INT(dr_http_add(res, "X", "a"), -EALREADY);
    CHECK_INT(dr_http_write(res, "abc", 3), -EMSGSIZE);
    return dr_http_write(res, "ab", 2);
}

static int empty(struct dr_http_request *req, struct dr_http_response *res)
{
    (void)req;
    CHECK_INT(dr_http_status(res, 204), 0);
    CHECK_INT(dr_http_send(res, NULL, "x", 1), -EINVAL);
    return 0;
}

static int fat(struct dr_http_request *req, struct dr_http_response *res)
{
    (void)req;
    char value[101] = {0};
    int n = 0;
    memset(value, 'v', 100);
    while (dr_http_add(res, "F", value) == 0)
        n++;
    CHECK_INT(n, DR_HTTP_ADDED_MAX / 105);
    return dr_http_send(res, NULL, "fat", 3);
}

/* What a handler can learn. */
static int asks(struct dr_http_request *req, struct dr_http_response *res)
{
    char text[256];
    struct dr_text name, value, m = dr_http_method(req), p = dr_http_path(req),
                                q = dr_http_query(req), ua = dr_http_field(req, "user-agent");
    CHECK(dr_http_field_at(req, 1, &name, &value));
    CHECK(!dr_http_field_at(req, 2, &name, &value));
    CHECK(dr_http_field(req, "cookie").at == NULL);
    CHECK_STR(dr_http_arg(req), "the argument");
    int n = snprintf(text, sizeof text, "%.*s %.*s ?%.*s %.*s=%.*s %.*s", (int)m.len, m.at,
                     (int)p.len, p.at, (int)q.len, q.at, (int)name.len, name.at, (int)value.len,
                     value.at, (int)ua.len, ua.at);
    return dr_http_send(res, NULL, text, (size_t)n);
}

static char large[150000];
static int sends_large(struct dr_http_request *req, struct dr_http_response *res)
{
    (void)req;
    return dr_http_send(res, NULL, large, sizeof large);
}

static const char page[] = "<p>page";
static const struct dr_http_route routes[] = {
    DR_HTTP_PAGE("/", "text/html", page),
    DR_HTTP_GET("/hello", hello),
    DR_HTTP_POST("/back", back),
    DR_HTTP_PUT("/back", back),
    DR_HTTP_GET("/fails", fails),
    DR_HTTP_GET("/late", fails_late),
    DR_HTTP_GET("/little", says_too_little),
    DR_HTTP_POST("/nibbles", nibbles),
    DR_HTTP_POST("/asks-late", asks_late),
    DR_HTTP_GET("/stubborn", stubborn),
    DR_HTTP_GET("/empty", empty),
    DR_HTTP_GET("/fat", fat),
    DR_HTTP_GET("/a b", asks),
    DR_HTTP_GET("/large", sends_large),
    DR_HTTP_END,
};
static char argument[] = "the argument";
static struct dr_http_site site = {.routes = routes, .arg = argument};

static struct httpd_server server;
static struct httpd_conn conn;

static const char *serve(void)
{
    httpd_server_init(&server, &site);
    memset(&conn, 0, sizeof conn);
    conn.server = &server;
    conn.io = &peer.io;
    httpd_conn_serve(&conn);
    return peer.told;
}

/* A new peer sends this at once, and then ends its stream. */
static const char *told(const char *request)
{
    peer_begin();
    says(0, request);
    return serve();
}

#define DATE      "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
#define CLOSE     "Connection: close\r\n"
#define H         " HTTP/1.1\r\nHost: a\r\n"
#define OK        "HTTP/1.1 200 OK\r\n" DATE
#define TEXT      "Content-Type: text/plain\r\n"
#define LEN(n)    "Content-Length: " #n "\r\n"
#define HELLO     OK TEXT LEN(13) "\r\nHello World!\n"
#define PAGE      OK "Content-Type: text/html\r\n" LEN(7) "\r\n<p>page"
#define BAD(s, n) "HTTP/1.1 " s "\r\n" DATE TEXT LEN(n)
#define BYE(s, n) BAD(s, n) CLOSE "\r\n" s "\n"

/* ---- Requests and answers -------------------------------------------------------- */

TEST(a_request_is_answered_in_one_write)
{
    CHECK_STR(told("GET /hello" H "\r\n"), HELLO);
    CHECK_INT(peer.writes, 1);
    CHECK_INT(peer.shutdowns, 0);
    CHECK_STR(told("GET /" H "\r\n"), PAGE);
    CHECK_STR(told("GET http://b/hello" H "\r\n"), HELLO);
}

TEST(head_says_what_get_would_and_sends_no_body)
{
    CHECK_STR(told("HEAD /hello" H "\r\n"), OK TEXT LEN(13) "\r\n");
    CHECK_STR(told("HEAD /" H "\r\n"), OK "Content-Type: text/html\r\n" LEN(7) "\r\n");
    CHECK_STR(told("HEAD /nothing" H "\r\n"), BAD("404 Not Found", 14) "\r\n");
    CHECK_STR(told("HEAD /little" H "\r\nHEAD /" H "\r\n"),
              OK LEN(10) "\r\n" OK "Content-Type: text/html\r\n" LEN(7) "\r\n");
    CHECK_STR(logged, "");
}

TEST(pipelined_requests_are_answered_in_order_and_together)
{
    CHECK_STR(told("GET /hello" H "\r\nGET /" H "\r\nHEAD /hello" H "\r\nGET /no" H "\r\n"),
              HELLO PAGE OK TEXT LEN(13) "\r\n" BAD("404 Not Found", 14) "\r\n404 Not Found\n");
    CHECK_INT(peer.writes, 1);
}

TEST(pipelined_requests_cut_anywhere_get_the_same_answers)
{
    static const char in[] =
        "GET /hello" H "\r\nPOST /back" H "Content-Length: 3\r\n\r\nabc"
        "PUT /back" H "Transfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n"
        "GET /" H "\r\n";
    static const char want[] = HELLO OK LEN(3) "\r\nabc" OK LEN(2) "\r\nde" PAGE;
    for (size_t cut = 0; cut < sizeof in; cut++) {
        peer_begin();
        says_octets(0, in, cut);
        says_octets(1, in + cut, sizeof in - 1 - cut);
        serve();
        size_t n = 0;
        for (size_t i = 0; i <= peer.told_len; i++)
            if (peer.told[i] != '|')
                peer.told[n++] = peer.told[i];
        CHECK_STR(peer.told, want);
    }
}

TEST(many_pipelined_requests_need_no_more_than_the_connections_own_buffer)
{
    static const char one[] = "GET /hello" H "User-Agent: x\r\n\r\n";
    static char in[400 * sizeof one];
    for (int i = 0; i < 400; i++)
        strcat(in, one);
    told(in);
    CHECK(conn.in == conn.in_min);
    size_t answers = 0;
    for (const char *at = peer.told; (at = strstr(at, "HTTP/1.1 200 OK")); at++)
        answers++;
    CHECK(answers == 400);
}

TEST(an_http_1_0_peer_gets_its_answer_and_the_end)
{
    CHECK_STR(told("GET /hello HTTP/1.0\r\n\r\n"), OK TEXT LEN(13) CLOSE "\r\nHello World!\n");
    CHECK_STR(
        told("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n"),
        OK TEXT LEN(13) "Connection: keep-alive\r\n\r\nHello World!\n" OK
                        "Content-Type: text/html\r\n" LEN(7) CLOSE "\r\n<p>page");
}

TEST(a_peer_that_says_close_is_answered_and_closed)
{
    CHECK_STR(told("GET /hello" H CLOSE "\r\nGET / HTTP/1.1\r\n"),
              OK TEXT LEN(13) CLOSE "\r\nHello World!\n");
    CHECK_INT(peer.shutdowns, 1); /* there was more to read: not to reset what was sent */
}

TEST(unknown_paths_methods_and_both)
{
    CHECK_STR(told("GET /no" H "\r\n"), BAD("404 Not Found", 14) "\r\n404 Not Found\n");
    CHECK_STR(told("DELETE /hello" H "\r\n"),
              "HTTP/1.1 405 Method Not Allowed\r\n" DATE TEXT LEN(
                  23) "Allow: GET, HEAD, OPTIONS\r\n\r\n405 Method Not Allowed\n");
    CHECK_STR(told("GET /back" H "\r\n"),
              "HTTP/1.1 405 Method Not Allowed\r\n" DATE TEXT LEN(
                  23) "Allow: POST, PUT, OPTIONS\r\n\r\n405 Method Not Allowed\n");
    CHECK_STR(told("DELETE /no" H "\r\n"), BAD("404 Not Found", 14) "\r\n404 Not Found\n");
    CHECK_STR(told("BREW /hello" H "\r\n"),
              BAD("501 Not Implemented", 20) "\r\n501 Not Implemented\n");
    CHECK_STR(told("TRACE /hello" H "\r\n"),
              BAD("501 Not Implemented", 20) "\r\n501 Not Implemented\n");
}

TEST(options_lists_the_methods)
{
    CHECK_STR(told("OPTIONS /back" H "\r\n"),
              "HTTP/1.1 204 No Content\r\n" DATE "Allow: POST, PUT, OPTIONS\r\n\r\n");
    CHECK_STR(told("OPTIONS *" H "\r\n"), "HTTP/1.1 204 No Content\r\n" DATE
                                          "Allow: GET, HEAD, POST, PUT, OPTIONS\r\n\r\n");
    CHECK_STR(told("OPTIONS /no" H "\r\n"), BAD("404 Not Found", 14) "\r\n404 Not Found\n");
}

TEST(bad_requests_are_answered_then_closed)
{
    CHECK_STR(told("GET /hello\r\n"
                   "GET /" H "\r\n"),
              BYE("400 Bad Request", 16));
    CHECK_INT(peer.shutdowns, 1);
    CHECK_STR(told("GET /hello HTTP/1.1\r\n\r\n"), BYE("400 Bad Request", 16));
    CHECK_STR(told("GET /%2e%2e/x" H "\r\n"), BYE("400 Bad Request", 16));
    CHECK_STR(told("GET /a%00" H "\r\n"), BYE("400 Bad Request", 16));
    CHECK_STR(told("GET / HTTP/3.0\r\n\r\n"), BYE("505 HTTP Version Not Supported", 31));
    CHECK_STR(told("GET /" H "Transfer-Encoding: gzip\r\n\r\n"),
              BYE("501 Not Implemented", 20));
    CHECK_STR(told("GET /hello" H "\r\nrubbish\r\n\r\n"), HELLO BYE("400 Bad Request", 16));
}

TEST(heads_beyond_the_limits_are_refused)
{
    static char in[20000];
    strcpy(in, "GET /");
    memset(in + 5, 'x', 9000);
    CHECK_STR(told(in), BYE("414 URI Too Long", 17));
    strcpy(in, "GET /" H "A: ");
    memset(in + strlen(in), 'x', 17000);
    CHECK_STR(told(in), BYE("431 Request Header Fields Too Large", 36));
}

TEST(a_long_head_borrows_a_longer_buffer_and_gives_it_back)
{
    static char in[20000] = "GET /hello" H "A: ";
    memset(in + strlen(in), 'x', 15000);
    strcat(in, "\r\n\r\n");
    peer_begin();
    peer.piece = 1000;
    says(0, in);
    says(1, "GET /" H "\r\n");
    CHECK_STR(serve(), HELLO "|" PAGE);
    CHECK(conn.in == conn.in_min);
}

TEST(handlers_learn_what_was_asked)
{
    told("GET /x/../a%20b?q=%20 HTTP/1.1\r\nHost: h\r\nUser-Agent: me\r\n\r\n");
    CHECK(strstr(peer.told, "\r\n\r\nGET /a b ?q=%20 User-Agent=me me") != NULL);
}

TEST(a_response_cannot_be_made_wrong)
{
    CHECK_STR(told("GET /stubborn" H "\r\n"),
              "HTTP/1.1 201 Created\r\n" DATE LEN(2) "Location: /new\r\n\r\nab");
    CHECK_STR(told("GET /empty" H "\r\n"), "HTTP/1.1 204 No Content\r\n" DATE "\r\n");
    told("GET /fat" H "\r\nGET /fat" H "\r\nGET /fat" H "\r\n");
    CHECK_INT(peer.writes, 2);
    CHECK(strstr(peer.told, "\r\n\r\nfat|HTTP/1.1 200 OK") != NULL);
}

TEST(a_long_response_is_written_whole)
{
    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (char)('a' + i % 23);
    told("GET /large" H "\r\n");
    CHECK_INT(peer.writes, 4); /* the head, and three slices */
    CHECK_INT(peer.told_len, strlen(OK LEN(150000) "\r\n") + sizeof large + 3);
}

TEST(a_handler_that_fails_is_500_and_a_line_in_the_log)
{
    CHECK_STR(told("GET /fails" H "\r\nGET /" H "\r\n"), BYE("500 Internal Server Error", 26));
    CHECK_STR(logged, "http 1 the handler of /fails failed: input/output error (-5)\n");
}

TEST(requests_are_logged_when_asked_for)
{
    wants_debug = true;
    told("GET /a/../hello" H "\r\nGET /no" H "\r\nrubbish\r\n");
    wants_debug = false;
    CHECK_STR(logged, "http 4 GET /hello 200\nhttp 4 GET /no 404\n"
                      "http 4 refused a request with 400\n");
}

TEST(a_handler_that_fails_late_ends_the_connection)
{
    CHECK_STR(told("GET /late" H "\r\nGET /" H "\r\n"), OK LEN(10) "\r\n12345");
    CHECK_STR(told("GET /little" H "\r\nGET /" H "\r\n"), OK LEN(10) "\r\n");
}

/* ---- Bodies ------------------------------------------------------------------------ */

TEST(bodies_are_read_by_length_or_by_chunks)
{
    CHECK_STR(told("POST /back" H LEN(5) "\r\nhello"), OK LEN(5) "\r\nhello");
    CHECK_STR(told("POST /back" H LEN(0) "\r\n"), OK LEN(0) "\r\n");
    CHECK_STR(told("POST /back" H "\r\n"), OK LEN(0) "\r\n");
    CHECK_STR(told("POST /back" H "Transfer-Encoding: chunked\r\n\r\n"
                   "5\r\nhello\r\n1;x\r\n!\r\n0\r\nA: b\r\n\r\nGET /" H "\r\n"),
              OK LEN(6) "\r\nhello!" PAGE);
}

TEST(a_body_longer_than_any_buffer_arrives_whole)
{
    static char in[200000];
    size_t len = (size_t)sprintf(in, "POST /back" H LEN(150000) "\r\n");
    for (size_t i = 0; i < 150000; i++)
        in[len + i] = (char)('a' + i % 23);
    peer_begin();
    peer.piece = 1460;
    says_octets(0, in, len + 150000);
    says(1, "GET /" H "\r\n");
    serve();
    CHECK_MEM(peer.told + strlen(OK LEN(150000) "\r\n") + 1, in + len, 65536);
    CHECK(strstr(peer.told, "<p>page") != NULL);
}

TEST(a_body_that_nobody_reads_is_read_away)
{
    CHECK_STR(told("GET /hello" H LEN(5) "\r\nxxxxxGET /" H "\r\n"), HELLO PAGE);
    CHECK_STR(told("GET /hello" H "Transfer-Encoding: chunked\r\n\r\n"
                   "5\r\nhello\r\n0\r\n\r\nGET /" H "\r\n"),
              HELLO PAGE);
}

TEST(a_body_too_long_to_read_away_ends_the_connection)
{
    CHECK_STR(told("GET /hello" H LEN(65537) "\r\nxxxxx"),
              OK TEXT LEN(13) CLOSE "\r\nHello World!\n");
    CHECK_INT(peer.shutdowns, 1);
}

TEST(a_body_longer_than_the_limit_is_413)
{
    CHECK_STR(told("POST /back" H LEN(1048577) "\r\n"), BYE("413 Content Too Large", 22));
    site.limits.body_max = 4;
    CHECK_STR(told("POST /back" H "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
              BYE("413 Content Too Large", 22));
    CHECK_STR(told("POST /back" H "Transfer-Encoding: chunked\r\n\r\n4\r\nhell\r\n0\r\n\r\n"),
              OK LEN(4) "\r\nhell");
    site.limits.body_max = 0;
}

TEST(a_body_that_is_not_chunked_is_400)
{
    CHECK_STR(told("POST /back" H "Transfer-Encoding: chunked\r\n\r\nx\r\n"),
              BYE("400 Bad Request", 16));
    CHECK_STR(told("GET /hello" H "Transfer-Encoding: chunked\r\n\r\nx\r\nGET /" H "\r\n"),
              HELLO);
}

TEST(a_peer_that_waits_for_100_gets_it_when_the_body_is_wanted)
{
    peer_begin();
    says(0, "POST /back" H LEN(2) "Expect: 100-continue\r\n\r\n");
    says(5, "ab");
    says(6, "GET /" H "\r\n");
    CHECK_STR(serve(), "HTTP/1.1 100 Continue\r\n\r\n|" OK LEN(2) "\r\nab|" PAGE);
}

TEST(a_peer_that_does_not_wait_for_100_does_not_get_it)
{
    CHECK_STR(told("POST /back" H LEN(2) "Expect: 100-continue\r\n\r\nab"), OK LEN(2) "\r\nab");
}

TEST(a_body_that_is_not_wanted_is_not_asked_for)
{
    CHECK_STR(told("GET /hello" H LEN(2) "Expect: 100-continue\r\n\r\n"),
              OK TEXT LEN(13) CLOSE "\r\nHello World!\n");
    CHECK_STR(told("POST /back" H LEN(9999999) "Expect: 100-continue\r\n\r\n"),
              BYE("413 Content Too Large", 22));
}

TEST(a_handler_gets_no_more_than_it_has_room_for)
{
    CHECK_STR(told("POST /nibbles" H LEN(8) "\r\nabcdefghGET /" H "\r\n"),
              OK LEN(8) "\r\nabcdefgh" PAGE);
    CHECK_STR(told("POST /nibbles" H "Transfer-Encoding: chunked\r\n\r\n"
                   "8\r\nabcdefgh\r\n1\r\ni\r\n0\r\n\r\nGET /" H "\r\n"),
              OK LEN(9) "\r\nabcdefghi" PAGE);
}

TEST(no_100_follows_the_final_status)
{
    peer_begin();
    says(0, "POST /asks-late" H LEN(2) "Expect: 100-continue\r\n\r\n");
    says(5, "ab");
    CHECK_STR(serve(), OK LEN(2) CLOSE "\r\n|ab");
}

TEST(a_chunked_body_after_a_long_head_finds_room)
{
    static char in[20000];
    for (size_t n = 1700; n < 16300; n += 100) {
        strcpy(in, "POST /x/../back" H "Transfer-Encoding: chunked\r\nA: ");
        memset(in + strlen(in), 'x', n);
        in[strlen("POST /x/../back" H "Transfer-Encoding: chunked\r\nA: ") + n] = '\0';
        strcat(in, "\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
        CHECK_STR(told(in), OK LEN(3) "\r\nabc");
    }
}

/* ---- Time ---------------------------------------------------------------------------- */

TEST(a_slow_head_is_408_however_steadily_it_comes)
{
    peer_begin();
    for (unsigned i = 0; i < 20; i++)
        says(1000 * i, &"GET /aaaaaaaaaaaaaaa"[i]);
    for (unsigned i = 0; i < 20; i++)
        peer.line[i].len = 1;
    CHECK(strstr(serve(), "HTTP/1.1 408 Request Timeout\r\n") == peer.told);
    CHECK(now_ns >= DR_HTTP_HEAD_NS && now_ns <= DR_HTTP_HEAD_NS + HTTPD_LINGER_NS);
}

TEST(a_peer_that_says_nothing_is_closed_in_silence)
{
    peer_begin();
    peer.silent = true;
    CHECK_STR(serve(), "");
    CHECK_INT(now_ns, DR_HTTP_HEAD_NS);
}

TEST(an_idle_connection_is_kept_for_its_time_and_closed_in_silence)
{
    peer_begin();
    peer.silent = true;
    says(0, "GET /hello" H "\r\n");
    says(59000, "GET /hello" H "\r\n");
    serve();
    CHECK(strstr(peer.told + 1, "|HTTP/1.1 200 OK") != NULL);
    CHECK_INT(peer.writes, 2);
    CHECK_INT(peer.shutdowns, 0);
    CHECK_INT(now_ns, DR_MS(59000) + DR_HTTP_IDLE_NS);
}

TEST(a_body_that_stops_is_408)
{
    peer_begin();
    peer.silent = true;
    says(0, "POST /back" H LEN(5) "\r\n");
    says(1000, "abc");
    CHECK(strstr(serve(), "HTTP/1.1 408 Request Timeout\r\n") == peer.told);
    CHECK_INT(now_ns, DR_HTTP_BODY_NS + 3 * HTTPD_EARN_NS + HTTPD_LINGER_NS);
}

TEST(a_body_that_ends_too_early_is_no_body)
{
    CHECK_STR(told("POST /back" H LEN(5) "\r\nabc"), BYE("400 Bad Request", 16));
    CHECK_STR(told("POST /nibbles" H LEN(5) "\r\nabc"), BYE("400 Bad Request", 16));
    CHECK_STR(told("POST /back" H "Transfer-Encoding: chunked\r\n\r\n5\r\nabc"),
              BYE("400 Bad Request", 16));
    CHECK_STR(logged, "");
}

TEST(a_peer_that_takes_nothing_is_given_up)
{
    peer_begin();
    peer.deaf = true;
    says(0, "GET /large" H "\r\nGET /" H "\r\n");
    CHECK_STR(serve(), "");
    CHECK_INT(now_ns, DR_HTTP_SEND_NS);
}

TEST(the_date_is_read_when_it_changes)
{
    peer_begin();
    wall_offset_ns = DR_MS(400);
    says(0, "GET /hello" H "\r\n");
    says(599, "GET /hello" H "\r\n");
    says(600, "HEAD /hello" H "\r\n");
    serve();
    wall_offset_ns = 0;
    CHECK_STR(peer.told, HELLO "|" HELLO "|HTTP/1.1 200 OK\r\n"
                               "Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n" TEXT LEN(13) "\r\n");
}

TEST(a_client_too_many_is_told_503)
{
    peer_begin();
    says(0, "GET /hello" H "\r\n");
    httpd_server_init(&server, &site);
    memset(&conn, 0, sizeof conn);
    conn.server = &server;
    conn.io = &peer.io;
    httpd_conn_refuse(&conn, 503);
    CHECK_STR(peer.told, BYE("503 Service Unavailable", 24));
    CHECK_INT(peer.shutdowns, 1);
}

static unsigned waiting_in_handler = 1;

static unsigned waiting(void)
{
    unsigned n = 0;
    list_each(l, &server.waiting)
        n++;
    return n;
}

static int looks(struct dr_http_request *req, struct dr_http_response *res)
{
    (void)req;
    waiting_in_handler = waiting();
    return dr_http_send(res, NULL, "x", 1);
}

/* Reads as a script does, and sees who may give way meanwhile. */
static unsigned waiting_in_read;
static ssize_t (*script_read)(struct httpd_io *io, void *buf, size_t len, uint64_t deadline);

static ssize_t looking_read(struct httpd_io *io, void *buf, size_t len, uint64_t deadline)
{
    waiting_in_read += waiting();
    return script_read(io, buf, len, deadline);
}

TEST(a_connection_may_give_way_whenever_no_handler_runs_for_it)
{
    static const struct dr_http_route looks_routes[] = {DR_HTTP_GET("/looks", looks),
                                                        DR_HTTP_END};
    static const struct dr_http_site looking = {.routes = looks_routes};
    peer_begin();
    says(0, "GET /looks" H "\r\n");
    says(1, "GET /looks" H "\r\n");
    httpd_server_init(&server, &looking);
    memset(&conn, 0, sizeof conn);
    conn.server = &server;
    conn.io = &peer.io;
    script_read = peer.io.read;
    peer.io.read = looking_read;
    httpd_conn_serve(&conn);
    CHECK_INT(waiting_in_handler, 0);
    CHECK_INT(waiting_in_read, 3);
    CHECK_INT(waiting(), 0);
}

static bool all_is_delivered;

static bool may_park(struct httpd_io *io)
{
    (void)io;
    return all_is_delivered;
}

TEST(a_connection_on_which_nothing_comes_gives_its_task_back)
{
    peer_begin();
    says(0, "GET /hello" H "\r\n");
    says(10, "GET /hello" H "\r\n"); /* soon enough for the same task */
    peer.silent = all_is_delivered = true;
    peer.io.may_park = may_park;
    CHECK_STR(serve(), HELLO "|" HELLO);
    CHECK(conn.idle);
    CHECK_INT(peer.shutdowns, 0);
    CHECK_INT(now_ns, DR_MS(10) + HTTPD_PARK_NS);
    CHECK(list_empty(&server.waiting));
}

TEST(a_connection_whose_peer_has_not_taken_the_answer_keeps_its_task)
{
    peer_begin();
    says(0, "GET /hello" H "\r\n");
    peer.silent = true;
    all_is_delivered = false;
    peer.io.may_park = may_park;
    CHECK_STR(serve(), HELLO);
    CHECK(!conn.idle);
    CHECK_INT(now_ns, DR_HTTP_IDLE_NS);
}

TEST(a_connection_in_the_middle_of_a_head_keeps_its_task)
{
    peer_begin();
    says(0, "GET /hel");
    says(1000, "lo" H CLOSE "\r\n");
    all_is_delivered = true;
    peer.io.may_park = may_park;
    CHECK(strstr(serve(), "Hello World!\n"));
    CHECK(!conn.idle);
}

TEST_MAIN(TEST_OF(a_connection_on_which_nothing_comes_gives_its_task_back),
          TEST_OF(a_connection_whose_peer_has_not_taken_the_answer_keeps_its_task),
          TEST_OF(a_connection_in_the_middle_of_a_head_keeps_its_task),
          TEST_OF(a_connection_may_give_way_whenever_no_handler_runs_for_it),
          TEST_OF(a_request_is_answered_in_one_write),
          TEST_OF(head_says_what_get_would_and_sends_no_body),
          TEST_OF(pipelined_requests_are_answered_in_order_and_together),
          TEST_OF(pipelined_requests_cut_anywhere_get_the_same_answers),
          TEST_OF(many_pipelined_requests_need_no_more_than_the_connections_own_buffer),
          TEST_OF(an_http_1_0_peer_gets_its_answer_and_the_end),
          TEST_OF(a_peer_that_says_close_is_answered_and_closed),
          TEST_OF(unknown_paths_methods_and_both), TEST_OF(options_lists_the_methods),
          TEST_OF(bad_requests_are_answered_then_closed),
          TEST_OF(heads_beyond_the_limits_are_refused),
          TEST_OF(a_long_head_borrows_a_longer_buffer_and_gives_it_back),
          TEST_OF(handlers_learn_what_was_asked), TEST_OF(a_response_cannot_be_made_wrong),
          TEST_OF(a_long_response_is_written_whole),
          TEST_OF(a_handler_that_fails_is_500_and_a_line_in_the_log),
          TEST_OF(requests_are_logged_when_asked_for),
          TEST_OF(a_handler_that_fails_late_ends_the_connection),
          TEST_OF(bodies_are_read_by_length_or_by_chunks),
          TEST_OF(a_body_longer_than_any_buffer_arrives_whole),
          TEST_OF(a_body_that_nobody_reads_is_read_away),
          TEST_OF(a_body_too_long_to_read_away_ends_the_connection),
          TEST_OF(a_body_longer_than_the_limit_is_413),
          TEST_OF(a_body_that_is_not_chunked_is_400),
          TEST_OF(a_peer_that_waits_for_100_gets_it_when_the_body_is_wanted),
          TEST_OF(a_peer_that_does_not_wait_for_100_does_not_get_it),
          TEST_OF(a_body_that_is_not_wanted_is_not_asked_for),
          TEST_OF(a_handler_gets_no_more_than_it_has_room_for),
          TEST_OF(no_100_follows_the_final_status),
          TEST_OF(a_chunked_body_after_a_long_head_finds_room),
          TEST_OF(a_slow_head_is_408_however_steadily_it_comes),
          TEST_OF(a_peer_that_says_nothing_is_closed_in_silence),
          TEST_OF(an_idle_connection_is_kept_for_its_time_and_closed_in_silence),
          TEST_OF(a_body_that_stops_is_408), TEST_OF(a_body_that_ends_too_early_is_no_body),
          TEST_OF(a_peer_that_takes_nothing_is_given_up),
          TEST_OF(the_date_is_read_when_it_changes), TEST_OF(a_client_too_many_is_told_503))
