/* SPDX-License-Identifier: ISC */
/* TCP: floods, guesses, text and windows that no honest peer sends. */
#include "net/inet/state.h"
#include "tests/attack/world.h"

#define WEB  80U
#define ECHO 9000U

/* ---- Floods ------------------------------------------------------------------------------ */

#define SYNS 10000U /* a round: 100,000 in all */

static void floods_syns(uint32_t from, uint16_t port)
{
    struct frame f;
    for (uint32_t n = from; n < from + SYNS; n++) {
        struct tcp_segment s = {.src_port = (uint16_t)(1024 + n * 7 % 60000),
                                .dst_port = port,
                                .seq = {n * 2654435761U},
                                .flags = TCP_SYN,
                                .window = 65535,
                                .has_mss = true,
                                .mss = 1460};
        frame_tcp(&f, n % 2 ? far_ip(n) : ip4_of(10, 0, 0, (uint8_t)(4 + n % 240)), &s, NULL,
                  0);
        wire_send(&f);
    }
}

/* An honest client that is there before goes on while it lasts, and a new one comes in. */
static void attack_syns(unsigned round)
{
    struct client *k = client_open(world.honest, WEB);
    world_asks(k);
    floods_syns(round * SYNS, WEB);
    world_asks(k);
    client_close(&k);
}

TEST(a_hundred_thousand_syns_from_everywhere_keep_nobody_out)
{
    withstands("spt", "web", attack_syns, world_is_served);
}

TEST(a_hundred_thousand_syns_are_withstood_by_an_image_for_unix_too)
{
    withstands("unix", "web", attack_syns, world_is_served);
}

static void attack_closed_ports(unsigned round)
{
    unsigned syn_acks = world.seen.syn_acks;
    floods_syns(round * SYNS, 81);
    world_settles();
    CHECK_INT(world.seen.syn_acks, syn_acks);
    CHECK(world.seen.resets <= world_rate(INET_RESET_BURST, INET_RESET_NS));
}

TEST(syns_to_closed_ports_are_refused_within_a_rate)
{
    withstands("spt", "web", attack_closed_ports, world_is_served);
}

static const struct {
    uint8_t len, octets[40];
} hostile_options[] = {
    {4, {2, 0, 0, 0}},                     /* an option of no length */
    {4, {2, 1, 0, 0}},                     /* of less than its own head */
    {4, {2, 40, 5, 180}},                  /* longer than the list */
    {4, {1, 1, 1, 2}},                     /* without its length */
    {4, {2, 4, 0, 0}},                     /* MSS of 0 */
    {4, {2, 4, 0, 1}},                     /* and of 1 */
    {8, {2, 4, 0xff, 0xff, 3, 3, 255, 0}}, /* and of 65,535; a shift of 255 */
    {8, {3, 3, 14, 3, 3, 0, 3, 2}},        /* shifts that disagree, and one without a value */
    {12, {8, 10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0}}, /* time stamps */
    {40, {5, 40}},                                                       /* SACK in a SYN */
    {40, {254, 38}},                                                     /* experiments */
    {40, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
          1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
};
#define HOSTILE_OPTIONS (sizeof hostile_options / sizeof hostile_options[0])

static void attack_options(unsigned round)
{
    struct frame f;
    for (uint32_t n = 0; n < 1200; n++) {
        struct tcp_segment s = {.src_port = (uint16_t)(1024 + n),
                                .dst_port = WEB,
                                .seq = {n},
                                .flags = TCP_SYN,
                                .window = (uint16_t)n};
        unsigned which = n % HOSTILE_OPTIONS;
        frame_tcp(&f, far_ip(round * 1200 + n), &s, NULL, 0);
        frame_tcp_options(&f,
                          bytes_of(hostile_options[which].octets, hostile_options[which].len));
        wire_send(&f);
    }
}

TEST(syns_with_hostile_options_are_taken_or_dropped)
{
    withstands("spt", "web", attack_options, world_is_served);
}

/* ---- Guesses ----------------------------------------------------------------------------- */

/* As if from the honest client: flags, and a number so far from the right one. */
static void guess(const struct client *k, uint8_t flags, uint32_t seq_off, uint32_t ack_off)
{
    struct frame f;
    struct tcp_segment s = {.src_port = k->c->local.port,
                            .dst_port = k->c->peer.port,
                            .flags = flags,
                            .seq = seq_add(k->c->snd_nxt, seq_off),
                            .ack = seq_add(k->c->rcv_nxt, ack_off),
                            .window = 0};
    frame_tcp(&f, k->c->local.ip, &s, NULL, 0);
    wire_send(&f);
}

static void attack_guesses(unsigned round)
{
    struct client *k = client_open(world.honest, WEB);
    world_asks(k);
    for (uint32_t n = 1; n < 1000; n++) {
        uint32_t off = n % 3 ? n : n * 4290003U;
        guess(k, TCP_RST, off, 0);
        guess(k, TCP_RST | TCP_ACK, 0U - off, off);
        guess(k, TCP_SYN, n % 2 ? off : 0, 0);
        guess(k, TCP_SYN | TCP_ACK, off, off);
        guess(k, TCP_FIN | TCP_ACK, off + 4000000, 0);
        guess(k, TCP_ACK, 0, off); /* of what was never sent */
    }
    world_asks(k);
    client_close(&k);
    (void)round;
}

TEST(resets_and_syns_that_are_guessed_end_no_connection)
{
    withstands("spt", "web", attack_guesses, world_is_served);
}

/* ---- Text -------------------------------------------------------------------------------- */

static uint16_t evil_port(unsigned round, unsigned n)
{
    return (uint16_t)(2000 + round * 500 + n);
}

static void evil_resets(uint16_t port, uint16_t to)
{
    evil_sends(port, to, TCP_RST, world.trace[port].ack, NULL, 0);
}

/* Every connection of many is made to hold as much as it can of what can never be read. */
#define HOLDERS 60U

static void attack_out_of_order(unsigned round)
{
    for (unsigned i = 0; i < HOLDERS; i++) {
        uint16_t port = evil_port(round, i);
        struct seq at = evil_connects(port, WEB, 65535);
        for (uint32_t n = 0; n < 200; n++) /* islands, with gaps, to the window's end and on */
            evil_sends(port, WEB, TCP_ACK, seq_add(at, 1 + n * 1400), NULL, n % 1300 + 1);
        evil_sends(port, WEB, TCP_ACK | TCP_FIN, seq_add(at, 1U << 20), NULL, 10);
    }
    world_settles();
    world_is_served(); /* while they are held */
    for (unsigned i = 0; i < HOLDERS; i++)
        evil_resets(evil_port(round, i), WEB);
}

TEST(text_out_of_order_without_end_is_held_within_the_budget)
{
    withstands("spt", "web", attack_out_of_order, world_is_served);
}

static void attack_overlaps(unsigned round)
{
    static const char head[] = "GET /hello HTTP/1.1\r\nHost: image\r\n\r\n";
    uint16_t port = evil_port(round, 0);
    struct seq at = evil_connects(port, WEB, 65535);
    for (uint32_t n = 1; n < 1000; n++)
        evil_sends(port, WEB, TCP_ACK, seq_add(at, 1 + n % 30), head + 1 + n % 30,
                   1 + n * 7 % (sizeof head - 2 - n % 30));
    for (uint32_t n = 0; n < 200; n++) {
        evil_sends(port, WEB, TCP_ACK | TCP_URG | TCP_PSH, seq_add(at, 3000000 + n), NULL, 100);
        evil_sends(port, WEB, TCP_ACK, seq_add(at, 0U - n), NULL, n); /* ends before */
    }
    struct seq before = world.trace[port].next;
    evil_sends(port, WEB, TCP_ACK | TCP_URG, at, head, 1);
    UNTIL(!seq_eq(world.trace[port].next, before)); /* answered, as it was meant */
    evil_resets(port, WEB);
}

TEST(text_that_overlaps_or_lies_beyond_the_window_makes_the_stream_it_should)
{
    withstands("spt", "web", attack_overlaps, world_is_served);
}

/* ---- Windows
 * --------------------------------------------------------------------------------- */

static char big[1U << 16];

/* Clients that send and never read, until nothing moves any more; then clients that do. */
static void attack_echo_unread(unsigned round)
{
    struct client *k[HOLDERS];
    for (unsigned i = 0; i < HOLDERS; i++) {
        k[i] = client_open(world.crowd, ECHO);
        k[i]->reads = false;
    }
    for (unsigned i = 0; i < HOLDERS; i++)
        UNTIL(client_is_up(k[i]));
    for (unsigned n = 0; n < 50; n++) {
        for (unsigned i = 0; i < HOLDERS; i++)
            client_write(k[i], big, sizeof big);
        world_turn(1);
    }
    world_settles();
    CHECK(process_resident(&world.process) <= MEM_GIVEN + MEM_ALLOWANCE);
    for (unsigned i = 0; i < HOLDERS; i++)
        client_abort(&k[i]);
    (void)round;
}

static void echo_works(void)
{
    struct client *k = client_open(world.honest, ECHO);
    client_say(k, "echo?");
    UNTIL(client_heard(k, "echo?"));
    client_shutdown(k);
    UNTIL(client_at_end(k));
    client_close(&k);
}

TEST(windows_that_close_and_never_open_hold_no_more_than_the_budget)
{
    withstands("spt", "echo", attack_echo_unread, echo_works);
}

/* The attacker's window is 0 from the start, or shrinks and grows by an octet. */
static void attack_windows(unsigned round)
{
    static const char head[] = "GET / HTTP/1.1\r\nHost: image\r\n\r\n";
    for (unsigned i = 0; i < HOLDERS; i++) {
        uint16_t port = evil_port(round, i);
        struct seq at = evil_connects(port, WEB, 0);
        evil_sends(port, WEB, TCP_ACK | TCP_PSH, at, head, sizeof head - 1);
        struct frame f;
        for (uint16_t n = 0; n < 50; n++) {
            struct tcp_segment s = {.src_port = port,
                                    .dst_port = WEB,
                                    .flags = TCP_ACK,
                                    .seq = seq_add(at, sizeof head - 1),
                                    .ack = world.trace[port].next,
                                    .window = n % 5};
            frame_tcp(&f, evil_ip(), &s, NULL, 0);
            wire_send(&f);
        }
    }
    world_settles();
    world_is_served();
    for (unsigned i = 0; i < HOLDERS; i++)
        evil_resets(evil_port(round, i), WEB);
}

TEST(windows_of_an_octet_and_of_none_keep_nobody_else_waiting)
{
    withstands("spt", "web", attack_windows, world_is_served);
}

/* ---- Many in a row
 * ----------------------------------------------------------------------------- */

/* The image is the one that closes: each leaves a connection in TIME-WAIT with it. */
#define AT_ONCE 10U

static void attack_many(unsigned round)
{
    for (unsigned n = 0; n < 1000; n += AT_ONCE) {
        struct client *k[AT_ONCE];
        for (unsigned i = 0; i < AT_ONCE; i++) {
            k[i] = client_open(world.honest, WEB);
            client_say(k[i], "GET /hello HTTP/1.1\r\nHost: image\r\nConnection: close\r\n\r\n");
        }
        for (unsigned i = 0; i < AT_ONCE; i++) {
            UNTIL(client_at_end(k[i]));
            CHECK(client_heard(k[i], "Hello World!\n"));
            client_close(&k[i]);
        }
    }
    (void)round;
}

TEST(ten_thousand_connections_in_a_row_are_served)
{
    withstands("spt", "web", attack_many, world_is_served);
}

TEST_MAIN(TEST_OF(a_hundred_thousand_syns_from_everywhere_keep_nobody_out),
          TEST_OF(a_hundred_thousand_syns_are_withstood_by_an_image_for_unix_too),
          TEST_OF(syns_to_closed_ports_are_refused_within_a_rate),
          TEST_OF(syns_with_hostile_options_are_taken_or_dropped),
          TEST_OF(resets_and_syns_that_are_guessed_end_no_connection),
          TEST_OF(text_out_of_order_without_end_is_held_within_the_budget),
          TEST_OF(text_that_overlaps_or_lies_beyond_the_window_makes_the_stream_it_should),
          TEST_OF(windows_that_close_and_never_open_hold_no_more_than_the_budget),
          TEST_OF(windows_of_an_octet_and_of_none_keep_nobody_else_waiting),
          TEST_OF(ten_thousand_connections_in_a_row_are_served))
