/* SPDX-License-Identifier: ISC */
#include "base/ring.h"
#include "tests/check.h"
#include "tests/support/test_supply.h"

#define MAX 16384U

static struct test_supply heap;
static struct ring ring;
static uint8_t pattern[4 * MAX];

static void begin(void)
{
    heap = test_supply_of(SIZE_MAX);
    ring_init(&ring, MAX);
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = (uint8_t)(i * 7 + i / 251);
}

static void end(void)
{
    ring_end(&ring, &heap.supply);
    CHECK_INT(heap.supply.used, 0);
}

static uint32_t append(size_t from, size_t n)
{
    return ring_append(&ring, &heap.supply, bytes_of(pattern + from, n));
}

static bool holds(size_t from, uint32_t n)
{
    static uint8_t got[MAX];
    if (ring.count != n)
        return false;
    ring_peek(&ring, 0, got, n);
    return memcmp(got, pattern + from, n) == 0;
}

TEST(an_empty_ring_holds_no_memory)
{
    begin();
    CHECK_INT(heap.supply.used, 0);
    CHECK_INT(append(0, 1), 1);
    CHECK_INT(heap.supply.used, RING_LEN_MIN);
    ring_drop(&ring, &heap.supply, 1, true);
    CHECK_INT(heap.supply.used, 0);
    CHECK_INT(ring_view(&ring, 0).len, 0);
    end();
}

TEST(it_doubles_up_to_its_limit_and_then_takes_a_part)
{
    begin();
    CHECK_INT(append(0, 5000), 5000);
    CHECK_INT(ring.len, 8192);
    CHECK_INT(append(5000, 2 * MAX), MAX - 5000);
    CHECK_INT(ring.len, MAX);
    CHECK_INT(append(MAX, 1), 0);
    CHECK(holds(0, MAX));
    end();
}

TEST(what_wraps_round_comes_out_in_order)
{
    begin();
    CHECK_INT(append(0, 4000), 4000);
    ring_drop(&ring, &heap.supply, 3000, true);
    CHECK_INT(append(4000, 3000), 3000);
    CHECK_INT(ring.len, 4096);
    CHECK(holds(3000, 4000));
    struct bytes first = ring_view(&ring, 0);
    CHECK_INT(first.len, 1096);
    struct bytes second = ring_view(&ring, 1096);
    CHECK_INT(second.len, 2904);
    CHECK_MEM(second.at, pattern + 4096, 2904);
    CHECK_INT(append(7000, 3000), 3000);
    CHECK(holds(3000, 7000));
    end();
}

TEST(octets_written_ahead_are_kept_when_it_grows)
{
    begin();
    CHECK_INT(append(0, 100), 100);
    ring_drop(&ring, &heap.supply, 50, true);
    CHECK(ring_reserve(&ring, &heap.supply, 4096));
    ring_put_at(&ring, 4000, bytes_of(pattern + 4050, 96));
    CHECK(ring_reserve(&ring, &heap.supply, 10000));
    ring_put_at(&ring, 50, bytes_of(pattern + 100, 3950));
    ring_extend(&ring, 3950 + 96);
    CHECK(holds(50, 4096));
    end();
}

TEST(an_empty_ring_keeps_what_was_written_ahead_unless_released)
{
    begin();
    CHECK_INT(append(0, 10), 10);
    ring_put_at(&ring, 20, bytes_of(pattern + 20, 10));
    ring_drop(&ring, &heap.supply, 10, false);
    ring_put_at(&ring, 0, bytes_of(pattern + 10, 10));
    ring_extend(&ring, 20);
    CHECK(holds(10, 20));
    end();
}

TEST(a_reservation_beyond_the_limit_or_refused_changes_nothing)
{
    begin();
    CHECK_INT(append(0, 4096), 4096);
    CHECK(!ring_reserve(&ring, &heap.supply, MAX + 1));
    heap.grants = 0;
    CHECK(!ring_reserve(&ring, &heap.supply, 4097));
    CHECK_INT(ring.len, 4096);
    CHECK(holds(0, 4096));
    end();
}

TEST(with_little_memory_a_smaller_block_takes_a_part)
{
    begin();
    heap.supply.limit = 8192 + 4096;
    CHECK_INT(append(0, 4096), 4096);
    CHECK_INT(append(4096, 8192), 4096);
    CHECK(holds(0, 8192));
    end();
    begin();
    heap.grants = 0;
    CHECK_INT(append(0, 10), 0);
    CHECK_INT(heap.supply.used, 0);
    end();
}

TEST(room_is_written_in_place_up_to_the_blocks_end_then_from_its_start)
{
    begin();
    CHECK_INT(ring_room(&ring).len, 0);
    CHECK(ring_reserve(&ring, &heap.supply, 4096));
    struct ring_room room = ring_room(&ring);
    CHECK_INT(room.len, 4096);
    memcpy(room.at, pattern, 3000);
    ring_extend(&ring, 3000);
    CHECK(holds(0, 3000));
    ring_drop(&ring, &heap.supply, 1000, false);
    room = ring_room(&ring);
    CHECK_INT(room.len, 1096);
    memcpy(room.at, pattern + 3000, 1096);
    ring_extend(&ring, 1096);
    room = ring_room(&ring);
    CHECK_INT(room.len, 1000);
    memcpy(room.at, pattern + 4096, 1000);
    ring_extend(&ring, 1000);
    CHECK(holds(1000, 4096));
    CHECK_INT(ring_room(&ring).len, 0);
    end();
}

TEST(any_walk_of_appends_and_drops_keeps_the_order)
{
    begin();
    uint32_t rnd = 1, in = 0, out = 0;
    for (int i = 0; i < 20000 && in < sizeof pattern; i++) {
        rnd = rnd * 1664525 + 1013904223;
        size_t n = rnd >> 20;
        in += append(in, n < sizeof pattern - in ? n : sizeof pattern - in);
        uint32_t drop = (rnd >> 8) % (ring.count + 1);
        CHECK(holds(out, in - out));
        ring_drop(&ring, &heap.supply, drop, rnd & 1);
        out += drop;
    }
    CHECK_INT(in, sizeof pattern);
    end();
}

TEST_MAIN(TEST_OF(an_empty_ring_holds_no_memory),
          TEST_OF(it_doubles_up_to_its_limit_and_then_takes_a_part),
          TEST_OF(what_wraps_round_comes_out_in_order),
          TEST_OF(octets_written_ahead_are_kept_when_it_grows),
          TEST_OF(an_empty_ring_keeps_what_was_written_ahead_unless_released),
          TEST_OF(a_reservation_beyond_the_limit_or_refused_changes_nothing),
          TEST_OF(with_little_memory_a_smaller_block_takes_a_part),
          TEST_OF(room_is_written_in_place_up_to_the_blocks_end_then_from_its_start),
          TEST_OF(any_walk_of_appends_and_drops_keeps_the_order))
