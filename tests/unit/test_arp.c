/* SPDX-License-Identifier: ISC */
#include "net/arp/arp.h"
#include "net/arp/cache.h"
#include "tests/check.h"
#include "tests/support/guarded.h"
#include "tests/support/hex.h"

/* ---- Packets ------------------------------------------------------------------------- */

static enum arp_verdict parse(const char *text)
{
    uint8_t room[64];
    struct arp_packet p;
    return arp_parse(guarded(room, hex(text, room)), &p);
}

static const char good[] = "0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002";

TEST(each_kind_of_packet_has_its_verdict)
{
    CHECK_INT(parse(good), ARP_OK);
    CHECK_INT(parse("0001 0800 06 04 0002 020000000001 0a000001 020000000002 0a000002 0000"),
              ARP_OK);
    CHECK_INT(parse("0006 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002"),
              ARP_BAD_FORMAT);
    CHECK_INT(parse("0001 86dd 06 04 0001 020000000001 0a000001 000000000000 0a000002"),
              ARP_BAD_FORMAT);
    CHECK_INT(parse("0001 0800 08 04 0001 020000000001 0a000001 000000000000 0a000002"),
              ARP_BAD_FORMAT);
    CHECK_INT(parse("0001 0800 06 10 0001 020000000001 0a000001 000000000000 0a000002"),
              ARP_BAD_FORMAT);
    CHECK_INT(parse("0001 0800 06 04 0003 020000000001 0a000001 000000000000 0a000002"),
              ARP_BAD_OP);
    CHECK_INT(parse("0001 0800 06 04 0000 020000000001 0a000001 000000000000 0a000002"),
              ARP_BAD_OP);
    CHECK_INT(parse("0001 0800 06 04 0001 ffffffffffff 0a000001 000000000000 0a000002"),
              ARP_BAD_SENDER);
    CHECK_INT(parse("0001 0800 06 04 0001 000000000000 0a000001 000000000000 0a000002"),
              ARP_BAD_SENDER);
}

TEST(a_packet_cut_anywhere_is_truncated)
{
    uint8_t room[64];
    struct arp_packet p = {.op = 9};
    size_t len = hex(good, room);
    CHECK_INT(len, ARP_PACKET_LEN);
    for (size_t n = 0; n < len; n++)
        CHECK_INT(arp_parse(guarded(room, n), &p), ARP_TRUNCATED);
    CHECK_INT(p.op, 9);
}

TEST(what_is_printed_is_parsed_to_the_same)
{
    uint8_t room[ARP_PACKET_LEN];
    struct arp_packet in = {ARP_REPLY,
                            {{2, 1, 2, 3, 4, 5}},
                            {{6, 7, 8, 9, 10, 11}},
                            {0x01020304},
                            {0x05060708}},
                      out;
    struct writer w = writer_of(room, sizeof room);
    arp_print(&w, &in);
    CHECK_INT(arp_parse(bytes_of(room, writer_len(&w)), &out), ARP_OK);
    CHECK_INT(out.op, in.op);
    CHECK(eth_equal(&out.sender_mac, &in.sender_mac));
    CHECK(eth_equal(&out.target_mac, &in.target_mac));
    CHECK(ip4_equal(out.sender, in.sender));
    CHECK(ip4_equal(out.target, in.target));
}

/* ---- The cache: station n is 10.0.x.y at 02:00:00:00:x:y, we are 10.0.0.2/16 ----------- */

#define SECOND 1000000000ULL

static struct arp_cache cache;
static uint64_t now;
static const struct ip4_own own = {.net = {{{0x0a000002}, 16}}, .len = 1};
static const struct ip4 own_ip = {0x0a000002};
static const struct eth_addr own_mac = {{2, 0, 0, 0, 0, 2}};

static struct ip4 ip_of(unsigned n)
{
    return (struct ip4){0x0a000000 | n};
}

static struct eth_addr mac_of(unsigned n)
{
    return (struct eth_addr){{2, 0, 0, 0, (uint8_t)(n >> 8), (uint8_t)n}};
}

/* What the cache wants sent and told, as text. */
static const char *out(void)
{
    static char text[4096];
    size_t n = 0;
    struct eth_addr to;
    struct arp_packet p;
    struct ip4 ip;
    bool found;
    text[0] = 0;
    while (arp_next_packet(&cache, &to, &p)) {
        CHECK(eth_equal(&p.sender_mac, &own_mac));
        CHECK(ip4_equal(p.sender, own_ip));
        const char *what = p.op == ARP_REPLY             ? "answer"
                           : ip4_equal(p.target, own_ip) ? "announce"
                                                         : "ask";
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s %u%s", n ? ", " : "", what,
                              p.target.n & 0xffff, eth_is_group(&to) ? "" : " alone");
    }
    while (arp_next_news(&cache, &ip, &found))
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s %u", n ? ", " : "",
                              found ? "found" : "lost", ip.n & 0xffff);
    arp_check(&cache);
    return text;
}

static void fresh(void)
{
    now = 1000 * SECOND;
    arp_init(&cache, &own, ip_of(1), &own_mac, now);
    CHECK_STR(out(), "announce 2");
    now += 100 * SECOND;
    arp_expires(&cache, now);
    CHECK_STR(out(), "announce 2");
}

static const char *passes(uint64_t ns)
{
    static char text[4096];
    uint64_t end = now + ns;
    text[0] = 0;
    while (arp_deadline(&cache) <= end) {
        now = arp_deadline(&cache) > now ? arp_deadline(&cache) : now;
        arp_expires(&cache, now);
        const char *o = out();
        if (*o && text[0])
            strcat(text, "; ");
        strcat(text, o);
    }
    now = end;
    return text;
}

static enum arp_found finds(unsigned n)
{
    struct eth_addr mac = {{0}}, want = mac_of(n);
    enum arp_found f = arp_find(&cache, ip_of(n), now, &mac);
    CHECK(f != ARP_FOUND || eth_equal(&mac, &want));
    return f;
}

static const char *hears_as(enum arp_op op, unsigned from, struct eth_addr mac, unsigned target)
{
    struct arp_packet p = {.op = (uint16_t)op,
                           .sender_mac = mac,
                           .sender = ip_of(from),
                           .target_mac = own_mac,
                           .target = ip_of(target)};
    if (from == 0)
        p.sender.n = 0;
    arp_arrives(&cache, &p, now);
    return out();
}

static const char *hears(enum arp_op op, unsigned from, unsigned target)
{
    return hears_as(op, from, mac_of(from), target);
}

TEST(the_address_is_announced_twice_two_seconds_apart)
{
    now = 5 * SECOND;
    arp_init(&cache, &own, ip_of(1), &own_mac, now);
    CHECK_STR(out(), "announce 2");
    CHECK_STR(passes(2 * SECOND - 1), "");
    CHECK_STR(passes(1), "announce 2");
    CHECK_STR(passes(1000 * SECOND), "");
}

TEST(a_neighbour_is_asked_for_and_found)
{
    fresh();
    CHECK_INT(finds(7), ARP_WAIT);
    CHECK_STR(out(), "ask 7");
    CHECK_INT(finds(7), ARP_WAIT);
    CHECK_STR(out(), "");
    CHECK_STR(hears(ARP_REPLY, 7, 2), "found 7");
    CHECK_INT(finds(7), ARP_FOUND);
    CHECK_STR(out(), "");
}

TEST(who_does_not_answer_is_asked_three_times_and_then_left_alone_for_a_while)
{
    fresh();
    CHECK_INT(finds(7), ARP_WAIT);
    CHECK_STR(out(), "ask 7");
    CHECK_STR(passes(3 * SECOND), "ask 7; ask 7; lost 7");
    CHECK_INT(finds(7), ARP_NOT_FOUND);
    CHECK_STR(passes(5 * SECOND - 1), "");
    CHECK_INT(finds(7), ARP_NOT_FOUND);
    CHECK_STR(passes(1), "");
    CHECK_INT(finds(7), ARP_WAIT);
    CHECK_STR(out(), "ask 7");
}

TEST(who_was_given_up_and_is_heard_is_found)
{
    fresh();
    CHECK_INT(finds(7), ARP_WAIT);
    passes(3 * SECOND);
    CHECK_STR(hears(ARP_REQUEST, 7, 9), "");
    CHECK_INT(finds(7), ARP_FOUND);
}

TEST(who_asks_for_us_is_answered_and_known)
{
    fresh();
    CHECK_STR(hears(ARP_REQUEST, 7, 2), "answer 7 alone");
    CHECK_INT(finds(7), ARP_FOUND);
    CHECK_STR(out(), "");
}

TEST(who_asks_for_another_is_not_answered_nor_known)
{
    fresh();
    CHECK_STR(hears(ARP_REQUEST, 7, 9), "");
    CHECK_STR(hears(ARP_REPLY, 7, 2), "");
    CHECK_INT(cache.counts[ARP_UNASKED], 2);
    CHECK_INT(finds(7), ARP_WAIT);
}

TEST(a_probe_for_our_address_is_answered_and_teaches_nothing)
{
    fresh();
    CHECK_STR(hears(ARP_REQUEST, 0, 2), "answer 0 alone");
    for (unsigned i = 0; i < ARP_ENTRIES_MAX; i++)
        CHECK_INT(cache.entry[i].state, ARP_FREE);
}

TEST(a_neighbour_that_moved_is_followed)
{
    fresh();
    struct eth_addr mac;
    hears(ARP_REQUEST, 7, 2);
    CHECK_STR(hears_as(ARP_REQUEST, 7, mac_of(8), 7), "");
    CHECK_INT(arp_find(&cache, ip_of(7), now, &mac), ARP_FOUND);
    CHECK_INT(mac.octet[5], 8);
    CHECK_INT(cache.counts[ARP_MOVED], 1);
}

TEST(an_old_entry_in_use_is_asked_for_alone_and_used_meanwhile)
{
    fresh();
    hears(ARP_REQUEST, 7, 2);
    passes(60 * SECOND);
    CHECK_INT(finds(7), ARP_FOUND);
    CHECK_STR(out(), "ask 7 alone");
    CHECK_INT(finds(7), ARP_FOUND);
    CHECK_STR(hears(ARP_REPLY, 7, 2), "");
    CHECK_STR(passes(30 * SECOND), "");
    CHECK_INT(finds(7), ARP_FOUND);
    CHECK_STR(out(), "");
}

TEST(an_old_entry_that_does_not_answer_any_more_goes_and_everybody_is_asked)
{
    fresh();
    hears(ARP_REQUEST, 7, 2);
    passes(60 * SECOND);
    CHECK_INT(finds(7), ARP_FOUND);
    CHECK_STR(out(), "ask 7 alone");
    CHECK_STR(passes(3 * SECOND), "ask 7 alone; ask 7 alone");
    CHECK_INT(finds(7), ARP_WAIT);
    CHECK_STR(out(), "ask 7");
}

TEST(an_entry_that_nobody_uses_is_forgotten)
{
    fresh();
    hears(ARP_REQUEST, 7, 2);
    CHECK_STR(passes(601 * SECOND), "");
    CHECK_INT(finds(7), ARP_WAIT);
}

TEST(a_conflict_is_answered_by_an_announcement_but_not_twice_in_ten_seconds)
{
    fresh();
    passes(10 * SECOND);
    CHECK_STR(hears_as(ARP_REQUEST, 2, mac_of(9), 7), "announce 2");
    CHECK_STR(hears_as(ARP_REPLY, 2, mac_of(9), 7), "");
    passes(10 * SECOND - 1);
    CHECK_STR(hears_as(ARP_REPLY, 2, mac_of(9), 7), "");
    passes(1);
    CHECK_STR(hears_as(ARP_REPLY, 2, mac_of(9), 7), "announce 2");
    CHECK_INT(cache.counts[ARP_CONFLICTS], 4);
    CHECK_INT(cache.counts[ARP_DEFENCES], 2);
}

TEST(what_cannot_be_a_neighbour_is_not_asked_for)
{
    fresh();
    struct eth_addr mac;
    CHECK_INT(finds(2), ARP_NOT_FOUND);      /* ourselves */
    CHECK_INT(finds(0), ARP_NOT_FOUND);      /* the network */
    CHECK_INT(finds(0xffff), ARP_NOT_FOUND); /* broadcast */
    CHECK_INT(arp_find(&cache, ip4_of(8, 8, 8, 8), now, &mac), ARP_NOT_FOUND);
    CHECK_STR(out(), "");
}

TEST(a_gateway_outside_of_the_network_is_a_neighbour)
{
    struct ip4_own alone = ip4_own_of(own_ip, 32);
    struct eth_addr mac;
    arp_init(&cache, &alone, ip4_of(192, 168, 0, 1), &own_mac, now);
    out();
    CHECK_INT(arp_find(&cache, ip4_of(192, 168, 0, 1), now, &mac), ARP_WAIT);
}

TEST(a_flood_of_requests_for_us_does_not_displace_whom_we_talk_to)
{
    fresh();
    for (unsigned n = 10; n < 40; n++) {
        hears(ARP_REQUEST, n, 2);
        CHECK_INT(finds(n), ARP_FOUND);
    }
    for (unsigned n = 100; n < 20000; n++)
        hears(ARP_REQUEST, n, 2);
    for (unsigned n = 10; n < 40; n++)
        CHECK_INT(finds(n), ARP_FOUND);
    CHECK(cache.counts[ARP_EVICTED] > 19000);
}

TEST(a_flood_of_replies_nobody_asked_for_changes_nothing)
{
    fresh();
    for (unsigned n = 100; n < 10000; n++)
        CHECK_STR(hears(ARP_REPLY, n, 2), "");
    CHECK_INT(cache.counts[ARP_LEARNED], 0);
    CHECK_INT(cache.counts[ARP_UNASKED], 9900);
}

TEST(asking_for_many_displaces_at_most_half_and_tells_those_it_gives_up)
{
    fresh();
    for (unsigned n = 10; n < 42; n++) {
        hears(ARP_REQUEST, n, 2);
        CHECK_INT(finds(n), ARP_FOUND);
    }
    unsigned lost = 0;
    for (unsigned n = 100; n < 1000; n++) {
        now++;
        CHECK_INT(finds(n), ARP_WAIT);
        lost += strstr(out(), "lost") != NULL;
    }
    CHECK_INT(lost, 900 - ARP_ASKING_MAX);
    for (unsigned n = 10; n < 42; n++)
        CHECK_INT(finds(n), ARP_FOUND);
}

TEST(among_those_in_use_the_longest_unused_gives_way)
{
    fresh();
    for (unsigned n = 100; n < 100 + ARP_ENTRIES_MAX; n++) {
        now++;
        hears(ARP_REQUEST, n, 2);
        CHECK_INT(finds(n), ARP_FOUND);
    }
    now++;
    CHECK_INT(finds(100), ARP_FOUND);
    CHECK_STR(hears(ARP_REQUEST, 500, 2), "answer 500 alone");
    CHECK_INT(cache.counts[ARP_NO_ROOM], 1);
    CHECK_INT(finds(600), ARP_WAIT);
    out();
    CHECK_INT(finds(100), ARP_FOUND);
    CHECK_INT(finds(102), ARP_FOUND);
    CHECK_INT(finds(101), ARP_WAIT);
}

TEST_MAIN(TEST_OF(each_kind_of_packet_has_its_verdict),
          TEST_OF(a_packet_cut_anywhere_is_truncated),
          TEST_OF(what_is_printed_is_parsed_to_the_same),
          TEST_OF(the_address_is_announced_twice_two_seconds_apart),
          TEST_OF(a_neighbour_is_asked_for_and_found),
          TEST_OF(who_does_not_answer_is_asked_three_times_and_then_left_alone_for_a_while),
          TEST_OF(who_was_given_up_and_is_heard_is_found),
          TEST_OF(who_asks_for_us_is_answered_and_known),
          TEST_OF(who_asks_for_another_is_not_answered_nor_known),
          TEST_OF(a_probe_for_our_address_is_answered_and_teaches_nothing),
          TEST_OF(a_neighbour_that_moved_is_followed),
          TEST_OF(an_old_entry_in_use_is_asked_for_alone_and_used_meanwhile),
          TEST_OF(an_old_entry_that_does_not_answer_any_more_goes_and_everybody_is_asked),
          TEST_OF(an_entry_that_nobody_uses_is_forgotten),
          TEST_OF(a_conflict_is_answered_by_an_announcement_but_not_twice_in_ten_seconds),
          TEST_OF(what_cannot_be_a_neighbour_is_not_asked_for),
          TEST_OF(a_gateway_outside_of_the_network_is_a_neighbour),
          TEST_OF(a_flood_of_requests_for_us_does_not_displace_whom_we_talk_to),
          TEST_OF(a_flood_of_replies_nobody_asked_for_changes_nothing),
          TEST_OF(asking_for_many_displaces_at_most_half_and_tells_those_it_gives_up),
          TEST_OF(among_those_in_use_the_longest_unused_gives_way))
