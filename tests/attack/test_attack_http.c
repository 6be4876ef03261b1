/* SPDX-License-Identifier: ISC */
/* A web server's clients: crowds, the slow, the deaf, and those who would smuggle. */
#include "tests/attack/world.h"

#define WEB 80U

/* ---- Crowds
 * ---------------------------------------------------------------------------------- */

#define HONEST 64U

static void attack_none(unsigned round)
{
    struct client *k[HONEST];
    for (unsigned i = 0; i < HONEST; i++)
        k[i] = client_open(world.honest, WEB);
    for (unsigned n = 0; n < 20; n++)
        for (unsigned i = 0; i < HONEST; i++)
            world_asks(k[i]);
    for (unsigned i = 0; i < HONEST; i++)
        client_close(&k[i]);
    (void)round;
}

TEST(sixty_four_clients_stay_and_are_all_served_in_eight_megabytes)
{
    withstands("spt", "web", attack_none, world_is_served);
}

/* ---- The slow
 * ---------------------------------------------------------------------------------- */

#define SLOW  200U /* a round: 2,000 in all, which stay */
#define FILLS 14U  /* times that are more than the image has room for */

static struct client *slow[SLOW * ROUNDS];
static unsigned slow_len;

static void an_octet_each(unsigned at)
{
    static const char head[] = "GET /hello HTTP/1.1\r\nHost: image\r\nX-Slow: xxxxxxxxxxxxxxxx";
    for (unsigned i = 0; i < slow_len; i++)
        if (slow[i]->c && client_is_up(slow[i]) && !client_at_end(slow[i]))
            client_write(slow[i], head + at, 1);
}

static void attack_slow(unsigned round)
{
    if (round == 0)
        slow_len = 0;
    for (unsigned i = 0; i < SLOW; i++)
        slow[slow_len++] = client_open(world.crowd, WEB);
    for (unsigned at = 0; at < 4; at++) {
        an_octet_each(round * 4 + at);
        world_turn(1);
    }
}

TEST(two_thousand_slow_clients_keep_no_honest_one_out)
{
    withstands("spt", "web", attack_slow, world_is_served);
}

/* ---- The silent
 * ---------------------------------------------------------------------------------- */

#define ASKS_LAST "GET /hello HTTP/1.1\r\nHost: image\r\nConnection: close\r\n\r\n"

static uint16_t silent_port(unsigned round, unsigned n)
{
    return (uint16_t)(2000 + round * SLOW + n);
}

/* They ask, and acknowledge nothing of the answer: with a window that is open, or shut. */
static void fall_silent(unsigned round, uint16_t window)
{
    for (unsigned i = 0; i < SLOW; i++) {
        uint16_t port = silent_port(round, i);
        struct seq at = evil_connects(port, WEB, window);
        evil_sends(port, WEB, TCP_ACK | TCP_PSH, at, ASKS_LAST, sizeof ASKS_LAST - 1);
    }
}

static void attack_silent(unsigned round)
{
    fall_silent(round, 65535);
}

TEST(two_thousand_who_never_acknowledge_keep_no_honest_one_out)
{
    withstands("spt", "web", attack_silent, world_is_served);
}

/* 4,600 in all: they need no task, and the first round alone is more than the image has memory
 * for, so that it holds as many after each as it ever will. */
static void attack_connected(unsigned round)
{
    unsigned first = round == 0 ? 0 : FILLS * SLOW + (round - 1) * SLOW;
    for (unsigned i = 0; i < (round == 0 ? FILLS * SLOW : SLOW); i++)
        evil_connects((uint16_t)(2000 + first + i), WEB, 65535);
}

TEST(four_thousand_who_connect_and_are_never_heard_again_keep_no_honest_one_out)
{
    withstands("spt", "web", attack_connected, world_is_served);
}

/* They take the answer and its end, and never end themselves. */
static void half_close(void)
{
    struct client *k[SLOW];
    for (unsigned i = 0; i < SLOW; i++) {
        k[i] = client_open(world.crowd, WEB);
        client_say(k[i], ASKS_LAST);
    }
    for (unsigned i = 0; i < SLOW; i++)
        UNTIL(client_at_end(k[i]));
}

/* 4,600 in all. The first round alone is more than the image has memory for, so that it holds
 * as many after each as it ever will. */
static void attack_half_closed(unsigned round)
{
    for (unsigned n = 0; n < (round == 0 ? FILLS : 1); n++)
        half_close();
    host_lets_go_of_reset(world.crowd);
}

TEST(four_thousand_who_never_close_their_end_keep_no_honest_one_out)
{
    withstands("spt", "web", attack_half_closed, world_is_served);
}

/* ---- The deaf
 * --------------------------------------------------------------------------------------- */

/* They ask for page after page and read nothing. */
static void attack_deaf(unsigned round)
{
    static const char asks[] = "GET / HTTP/1.1\r\nHost: image\r\n\r\n";
    for (unsigned i = 0; i < SLOW; i++) {
        slow[i] = client_open(world.crowd, WEB);
        slow[i]->reads = false;
    }
    for (unsigned n = 0; n < 50; n++) {
        for (unsigned i = 0; i < SLOW; i++)
            if (client_is_up(slow[i]) && !client_at_end(slow[i]))
                client_write(slow[i], asks, sizeof asks - 1);
        world_turn(1);
    }
    (void)round;
}

TEST(two_thousand_who_read_nothing_keep_no_honest_one_out)
{
    withstands("spt", "web", attack_deaf, world_is_served);
}

/* A body is announced and does not come. */
static void attack_bodies(unsigned round)
{
    for (unsigned i = 0; i < SLOW; i++) {
        slow[i] = client_open(world.crowd, WEB);
        client_say(slow[i], i % 2 ? "GET /hello HTTP/1.1\r\nHost: image\r\n"
                                    "Content-Length: 60000\r\n\r\nx"
                                  : "POST / HTTP/1.1\r\nHost: image\r\n"
                                    "Transfer-Encoding: chunked\r\n\r\nf000\r\nx");
    }
    world_turn(1);
    (void)round;
}

TEST(two_thousand_whose_bodies_do_not_come_keep_no_honest_one_out)
{
    withstands("spt", "web", attack_bodies, world_is_served);
}

/* ---- What can be read in two ways
 * ------------------------------------------------------------------- */

static const struct {
    const char *status, *text;
} smuggling[] = {
    {"400", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde"},
    {"400", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 4, 5\r\n\r\nabcde"},
    {"400", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\nabcd"},
    {"400", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x4\r\n\r\nabcd"},
    {"400", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n"
            "\r\n0\r\n\r\nG"},
    {"400", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"501", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n"},
    {"501", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"},
    {"400", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n"},
    {"400", "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n"},
    {"400", "GET / HTTP/1.1\nHost: a\n\n"},
    {"400", "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n"},
    {"400", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
    {"400", "GET / HTTP/1.1\r\n\r\n"},
    {"505", "GET / HTTP/2.0\r\nHost: a\r\n\r\n"},
    {"400", "GET /%2e%2e/%2e%2e/secret HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"400", "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"501", "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"},
    {"400", "\x16\x03\x01\x02\x01\x01\x01\xfd\x03\x03"}, /* a TLS hello */
};
#define SMUGGLING (sizeof smuggling / sizeof smuggling[0])

/* Refused, and what stands behind it is not taken for a request. */
static void attack_smuggling(unsigned round)
{
    for (unsigned i = 0; i < SMUGGLING; i++) {
        struct client *k = client_open(world.honest, WEB);
        char want[32];
        client_say(k, smuggling[i].text);
        client_say(k, "GET /hello HTTP/1.1\r\nHost: image\r\n\r\n");
        client_shutdown(k);
        UNTIL(client_at_end(k));
        snprintf(want, sizeof want, "HTTP/1.1 %s ", smuggling[i].status);
        if (strncmp(k->text, want, strlen(want)) != 0)
            printf("# request %u: %.40s\n", i, k->text);
        CHECK_INT(strncmp(k->text, want, strlen(want)), 0);
        CHECK(client_heard(k, "Connection: close\r\n"));
        CHECK(!client_heard(k, "Hello World!"));
        client_close(&k);
    }
    (void)round;
}

TEST(what_can_be_read_in_two_ways_is_refused_and_the_connection_ends)
{
    withstands("spt", "web", attack_smuggling, world_is_served);
}

/* A head of a megabyte: as a target, as one field, as many. */
static void sends_long(const char *begin, const char *more, const char *status)
{
    static char mega[1U << 20];
    struct client *k = client_open(world.honest, WEB);
    size_t done = 0, len = strlen(more);
    for (size_t i = 0; i < sizeof mega; i++)
        mega[i] = more[i % len];
    client_say(k, begin);
    while (done < sizeof mega && !client_at_end(k)) {
        done += client_write(k, mega + done, sizeof mega - done);
        world_turn(1);
    }
    UNTIL(client_at_end(k));
    CHECK(client_heard(k, status));
    client_close(&k);
}

static void attack_long_heads(unsigned round)
{
    sends_long("GET /", "x", "HTTP/1.1 414 ");
    sends_long("GET / HTTP/1.1\r\nHost: a\r\nX: ", "x", "HTTP/1.1 431 ");
    sends_long("GET / HTTP/1.1\r\nHost: a\r\n", "X: y\r\n", "HTTP/1.1 431 ");
    sends_long("", "X", "HTTP/1.1 501 ");
    (void)round;
}

TEST(heads_of_a_megabyte_are_refused_with_a_status)
{
    withstands("spt", "web", attack_long_heads, world_is_served);
}

TEST_MAIN(TEST_OF(sixty_four_clients_stay_and_are_all_served_in_eight_megabytes),
          TEST_OF(two_thousand_slow_clients_keep_no_honest_one_out),
          TEST_OF(two_thousand_who_never_acknowledge_keep_no_honest_one_out),
          TEST_OF(four_thousand_who_connect_and_are_never_heard_again_keep_no_honest_one_out),
          TEST_OF(four_thousand_who_never_close_their_end_keep_no_honest_one_out),
          TEST_OF(two_thousand_who_read_nothing_keep_no_honest_one_out),
          TEST_OF(two_thousand_whose_bodies_do_not_come_keep_no_honest_one_out),
          TEST_OF(what_can_be_read_in_two_ways_is_refused_and_the_connection_ends),
          TEST_OF(heads_of_a_megabyte_are_refused_with_a_status))
