/* SPDX-License-Identifier: ISC */
/* Datagrams from fragments: octet i of the datagram n is (i * 7 + n). */
#include "net/ip4/reassembly.h"

#include "tests/check.h"
#include "tests/support/test_supply.h"

#define SECOND 1000000000ULL
#define ONE    1480U /* the payload of a fragment on Ethernet */

static struct test_supply supply;
static struct reassembly r;
static struct ip4_packet whole;
static uint64_t now;
static uint8_t octets[IP4_HEADER_MIN + 65535];

static void begin(void)
{
    supply = test_supply_of(SIZE_MAX);
    reassembly_init(&r, &supply.supply);
    now = SECOND;
    whole = (struct ip4_packet){0};
}

static void end(void)
{
    reassembly_end(&r);
    CHECK_INT(supply.supply.used, 0);
    CHECK_INT(r.octets, 0);
}

/* A fragment [at, at + len) of the datagram `id`. */
static enum reassembly_verdict hears(unsigned id, uint32_t at, uint32_t len, bool more)
{
    struct ip4_packet p = {.src = ip4_of(10, 0, 0, 7),
                           .dst = ip4_of(10, 0, 0, 2),
                           .protocol = IP4_UDP,
                           .id = (uint16_t)id,
                           .fragment_at = at,
                           .more_fragments = more};
    size_t total = IP4_HEADER_MIN + len;
    uint8_t *copy = malloc(total); /* so that the sanitizer sees its end */
    memset(copy, 0, IP4_HEADER_MIN);
    copy[8] = 64;
    for (uint32_t i = 0; i < len; i++)
        copy[IP4_HEADER_MIN + i] = (uint8_t)((at + i) * 7 + id);
    p.whole = bytes_of(copy, total);
    p.payload = bytes_of(copy + IP4_HEADER_MIN, len);
    enum reassembly_verdict v = reassembly_arrives(&r, &p, now, &whole);
    free(copy);
    reassembly_check(&r);
    return v;
}

static void is_whole(unsigned id, uint32_t len)
{
    CHECK_INT(whole.payload.len, len);
    CHECK_INT(whole.whole.len, len + IP4_HEADER_MIN);
    CHECK_INT(whole.ttl, 64);
    CHECK_INT(whole.protocol, IP4_UDP);
    CHECK(!ip4_is_fragment(&whole));
    for (uint32_t i = 0; i < len; i++)
        if (whole.payload.at[i] != (uint8_t)(i * 7 + id))
            test_failed(__FILE__, __LINE__, "octet %u is wrong", i);
}

TEST(fragments_in_any_order_make_a_datagram)
{
    static const unsigned order[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                         {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    begin();
    for (unsigned i = 0; i < 6; i++) {
        for (unsigned k = 0; k < 3; k++) {
            unsigned n = order[i][k];
            CHECK_INT(hears(i, n * ONE, n < 2 ? ONE : 100, n < 2),
                      k < 2 ? REASSEMBLY_HELD : REASSEMBLY_WHOLE);
        }
        is_whole(i, 2 * ONE + 100);
    }
    CHECK_INT(r.len, 0);
    CHECK_INT(r.verdicts[REASSEMBLY_WHOLE], 6);
    end();
}

TEST(the_longest_datagram_is_put_together)
{
    begin();
    for (uint32_t at = 0; at < 65515; at += ONE) {
        bool more = at + ONE < 65515;
        CHECK_INT(hears(1, at, more ? ONE : 65515 - at, more),
                  more ? REASSEMBLY_HELD : REASSEMBLY_WHOLE);
    }
    is_whole(1, 65515);
    end();
}

TEST(a_datagram_with_a_longer_header_may_be_too_long_as_a_whole)
{
    begin();
    CHECK_INT(hears(1, 65512, 3, false), REASSEMBLY_HELD);
    CHECK_INT(hears(2, 65512, 4, false), REASSEMBLY_TOO_LONG);
    CHECK_INT(hears(2, 65528, 8, true), REASSEMBLY_TOO_LONG);
    struct ip4_packet first = {.more_fragments = true, .id = 1, .protocol = IP4_UDP};
    first.src = ip4_of(10, 0, 0, 7);
    first.dst = ip4_of(10, 0, 0, 2);
    first.whole = bytes_of(octets, 24 + 65512U - 40 > 0 ? 24 + 64 : 0);
    first.payload = bytes_of(octets + 24, 64);
    CHECK_INT(reassembly_arrives(&r, &first, now, &whole), REASSEMBLY_HELD);
    enum reassembly_verdict v = REASSEMBLY_HELD;
    for (uint32_t at = 64; at < 65512 && v == REASSEMBLY_HELD; at += ONE)
        v = hears(1, at, at + ONE < 65512 ? ONE : 65512 - at, true);
    CHECK_INT(v, REASSEMBLY_TOO_LONG);
    CHECK_INT(hears(1, 0, 64, true), REASSEMBLY_REFUSED);
    end();
}

TEST(the_same_fragment_twice_does_no_harm)
{
    begin();
    CHECK_INT(hears(1, 0, ONE, true), REASSEMBLY_HELD);
    CHECK_INT(hears(1, 0, ONE, true), REASSEMBLY_DUPLICATE);
    CHECK_INT(hears(1, 2 * ONE, 10, false), REASSEMBLY_HELD);
    CHECK_INT(hears(1, 2 * ONE, 10, false), REASSEMBLY_DUPLICATE);
    CHECK_INT(hears(1, ONE, ONE, true), REASSEMBLY_WHOLE);
    is_whole(1, 2 * ONE + 10);
    end();
}

TEST(fragments_that_overlap_or_contradict_drop_the_whole_datagram)
{
    static const struct {
        const char *what;
        struct {
            uint32_t at, len;
            bool more;
        } first, second;
    } bad[] = {
        {"the end of another", {0, 80, true}, {72, 80, true}},
        {"the beginning of another", {80, 80, true}, {40, 48, true}},
        {"inside another", {0, 160, true}, {40, 40, true}},
        {"around another", {80, 80, true}, {40, 240, true}},
        {"the same place, longer", {0, 80, true}, {0, 88, true}},
        {"the same place, but the last", {80, 80, true}, {80, 80, false}},
        {"the same place, not the last", {80, 80, false}, {80, 80, true}},
        {"behind the end", {80, 80, false}, {160, 80, true}},
        {"to the end, but more", {80, 80, false}, {40, 40 + 80, true}},
        {"another end, later", {80, 80, false}, {160, 80, false}},
        {"another end, before", {80, 80, true}, {40, 8, false}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        begin();
        CHECK_INT(hears(1, bad[i].first.at, bad[i].first.len, bad[i].first.more),
                  REASSEMBLY_HELD);
        enum reassembly_verdict v =
            hears(1, bad[i].second.at, bad[i].second.len, bad[i].second.more);
        if (v != REASSEMBLY_OVERLAP)
            test_failed(__FILE__, __LINE__, "%s: %d", bad[i].what, v);
        CHECK_INT(hears(1, 800, 80, true), REASSEMBLY_REFUSED);
        now += IP4_REASSEMBLY_NS;
        bool first = true;
        CHECK(reassembly_expires(&r, now, &first, &whole) && !first);
        CHECK_INT(hears(1, 800, 80, true), REASSEMBLY_HELD); /* forgotten */
        end();
    }
}

TEST(the_same_place_with_other_octets_is_an_overlap)
{
    begin();
    struct ip4_packet p = {.src = ip4_of(10, 0, 0, 7),
                           .dst = ip4_of(10, 0, 0, 2),
                           .protocol = IP4_UDP,
                           .id = 1,
                           .more_fragments = true,
                           .whole = bytes_of(octets, IP4_HEADER_MIN + 80),
                           .payload = bytes_of(octets + IP4_HEADER_MIN, 80)};
    CHECK_INT(hears(1, 0, 80, true), REASSEMBLY_HELD);
    CHECK_INT(reassembly_arrives(&r, &p, now, &whole), REASSEMBLY_OVERLAP);
    end();
}

TEST(fragments_of_impossible_lengths_are_dropped_alone)
{
    begin();
    CHECK_INT(hears(1, 0, ONE, true), REASSEMBLY_HELD);
    CHECK_INT(hears(1, ONE, 0, true), REASSEMBLY_BAD_LEN);
    CHECK_INT(hears(1, ONE, 0, false), REASSEMBLY_BAD_LEN);
    CHECK_INT(hears(1, ONE, 81, true), REASSEMBLY_BAD_LEN);
    CHECK_INT(hears(2, 0, 32, true), REASSEMBLY_TINY);
    CHECK_INT(hears(1, ONE, 80, false), REASSEMBLY_WHOLE);
    is_whole(1, ONE + 80);
    end();
}

TEST(datagrams_differ_by_identification)
{
    begin();
    CHECK_INT(hears(1, 0, 80, true), REASSEMBLY_HELD);
    CHECK_INT(hears(2, 0, 80, true), REASSEMBLY_HELD);
    CHECK_INT(hears(2, 80, 1, false), REASSEMBLY_WHOLE);
    is_whole(2, 81);
    CHECK_INT(hears(1, 80, 2, false), REASSEMBLY_WHOLE);
    is_whole(1, 82);
    end();
}

TEST(the_oldest_datagram_gives_way)
{
    begin();
    for (unsigned i = 0; i <= IP4_REASSEMBLIES_MAX; i++)
        CHECK_INT(hears(i, 0, 80, true), REASSEMBLY_HELD);
    CHECK_INT(r.len, IP4_REASSEMBLIES_MAX);
    CHECK_INT(r.events[REASSEMBLY_EVICTED], 1);
    CHECK_INT(hears(1, 80, 8, false), REASSEMBLY_WHOLE);
    CHECK_INT(hears(0, 80, 8, false), REASSEMBLY_HELD);
    end();
}

TEST(octets_have_a_limit_and_the_oldest_datagram_gives_way_to_it)
{
    begin();
    for (unsigned i = 0; i < 10; i++)
        for (uint32_t at = 0; at < 60000; at += ONE)
            CHECK_INT(hears(i, at, ONE, true), REASSEMBLY_HELD);
    CHECK(r.octets <= IP4_REASSEMBLY_OCTETS);
    CHECK(r.events[REASSEMBLY_EVICTED] > 5);
    end();
}

TEST(a_datagram_of_too_many_fragments_is_dropped)
{
    begin();
    for (unsigned i = 0; i < IP4_FRAGMENTS_MAX; i++)
        CHECK_INT(hears(1, i * 40, 40, true), REASSEMBLY_HELD);
    CHECK_INT(hears(1, IP4_FRAGMENTS_MAX * 40, 40, true), REASSEMBLY_TOO_MANY);
    CHECK_INT(r.octets < 200, true);
    CHECK_INT(hears(1, 0, 40, true), REASSEMBLY_REFUSED);
    end();
}

TEST(what_is_not_whole_in_time_is_given_out_when_its_first_fragment_was_there)
{
    begin();
    CHECK_INT(reassembly_deadline(&r), UINT64_MAX);
    CHECK_INT(hears(1, 0, 80, true), REASSEMBLY_HELD);
    uint64_t due = now + IP4_REASSEMBLY_NS;
    CHECK_INT(reassembly_deadline(&r), due);
    now += SECOND;
    CHECK_INT(hears(2, 80, 80, true), REASSEMBLY_HELD);
    bool first = false;
    CHECK(!reassembly_expires(&r, due - 1, &first, &whole));
    CHECK(reassembly_expires(&r, due + SECOND, &first, &whole));
    CHECK(first);
    is_whole(1, 80);
    CHECK(reassembly_expires(&r, due + SECOND, &first, &whole));
    CHECK(!first);
    CHECK(!reassembly_expires(&r, due + SECOND, &first, &whole));
    CHECK_INT(r.events[REASSEMBLY_TIMED_OUT], 2);
    CHECK_INT(r.octets, 0);
    end();
}

TEST(memory_refused_at_any_moment_costs_the_datagram_and_nothing_else)
{
    for (long n = 0; n < 4; n++) {
        begin();
        supply.grants = n;
        enum reassembly_verdict v = hears(1, 0, 80, true);
        if (v == REASSEMBLY_HELD)
            v = hears(1, 80, 80, false);
        CHECK_INT(v, REASSEMBLY_NO_MEMORY);
        supply.grants = -1;
        CHECK_INT(hears(2, 0, 80, true), REASSEMBLY_HELD);
        CHECK_INT(hears(2, 80, 80, false), REASSEMBLY_WHOLE);
        end();
    }
}

TEST_MAIN(TEST_OF(fragments_in_any_order_make_a_datagram),
          TEST_OF(the_longest_datagram_is_put_together),
          TEST_OF(a_datagram_with_a_longer_header_may_be_too_long_as_a_whole),
          TEST_OF(the_same_fragment_twice_does_no_harm),
          TEST_OF(fragments_that_overlap_or_contradict_drop_the_whole_datagram),
          TEST_OF(the_same_place_with_other_octets_is_an_overlap),
          TEST_OF(fragments_of_impossible_lengths_are_dropped_alone),
          TEST_OF(datagrams_differ_by_identification), TEST_OF(the_oldest_datagram_gives_way),
          TEST_OF(octets_have_a_limit_and_the_oldest_datagram_gives_way_to_it),
          TEST_OF(a_datagram_of_too_many_fragments_is_dropped),
          TEST_OF(what_is_not_whole_in_time_is_given_out_when_its_first_fragment_was_there),
          TEST_OF(memory_refused_at_any_moment_costs_the_datagram_and_nothing_else))
