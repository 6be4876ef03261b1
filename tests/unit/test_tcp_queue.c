/* SPDX-License-Identifier: ISC */
#include "net/tcp/queue.h"
#include "tests/check.h"
#include "tests/support/test_supply.h"

#define RING_MAX 65536U
#define TEXT_MAX 200000U

/* What the queue has to hold, kept the simple way. */
static uint8_t model[TEXT_MAX];
static size_t model_len;
static uint8_t fixed[1 << 16]; /* octets that never change */
static struct tcp_queue q;
static struct test_supply memory;

static void begin(void)
{
    memory = test_supply_of(SIZE_MAX);
    queue_init(&q, RING_MAX);
    model_len = 0;
    for (size_t i = 0; i < sizeof fixed; i++)
        fixed[i] = (uint8_t)(i * 7 + i / 251);
}

static void expect_same(void)
{
    static uint8_t got[TEXT_MAX];
    queue_check(&q);
    CHECK_INT(q.count, model_len);
    queue_peek(&q, 0, got, q.count);
    CHECK_MEM(got, model, model_len);
}

static uint32_t append(struct bytes b)
{
    uint32_t n = queue_append(&q, &memory.supply, b);
    memcpy(model + model_len, b.at, n);
    model_len += n;
    return n;
}

static uint32_t refer(struct bytes b)
{
    uint32_t n = queue_refer(&q, &memory.supply, b);
    memcpy(model + model_len, b.at, n);
    model_len += n;
    return n;
}

static void drop(uint32_t n)
{
    queue_drop(&q, &memory.supply, n);
    memmove(model, model + n, model_len - n);
    model_len -= n;
}

TEST(octets_that_do_not_change_are_sent_from_where_they_lie)
{
    struct bytes view[QUEUE_VIEWS_MAX];
    begin();
    append(bytes_of("head", 4));
    CHECK_INT(refer(bytes_of(fixed, 5000)), 5000);
    append(bytes_of("tail", 4));
    expect_same();
    CHECK_INT(q.ring.count, 8);
    CHECK_INT(queue_views(&q, 2, 5004, view), 3);
    CHECK_MEM(view[0].at, "ad", 2);
    CHECK(view[1].at == fixed && view[1].len == 5000);
    CHECK_MEM(view[2].at, "ta", 2);
    CHECK_INT(queue_views(&q, 100, 200, view), 1);
    CHECK(view[0].at == fixed + 96 && view[0].len == 200);
    queue_end(&q, &memory.supply);
    CHECK_INT(memory.supply.used, 0);
}

TEST(what_is_acknowledged_is_dropped_from_the_middle_of_a_piece)
{
    begin();
    append(bytes_of("head", 4));
    refer(bytes_of(fixed, 5000));
    append(bytes_of("tail", 4));
    drop(3);
    expect_same();
    drop(2000);
    expect_same();
    CHECK_INT(q.pieces, 2);
    drop(3001);
    expect_same();
    CHECK_INT(q.pieces, 0); /* the ring alone is left */
    drop(4);
    expect_same();
    CHECK_INT(memory.supply.used, 0);
}

TEST(a_queue_of_references_alone_holds_no_memory)
{
    begin();
    refer(bytes_of(fixed, sizeof fixed));
    refer(bytes_of(fixed, sizeof fixed));
    expect_same();
    CHECK_INT(memory.supply.used, 0);
    drop(q.count);
    expect_same();
}

TEST(what_is_short_is_copied)
{
    begin();
    refer(bytes_of(fixed, QUEUE_REFER_MIN - 1));
    CHECK_INT(q.ring.count, QUEUE_REFER_MIN - 1);
    expect_same();
    queue_end(&q, &memory.supply);
}

TEST(beyond_the_most_pieces_octets_are_copied_and_nothing_is_lost)
{
    begin();
    for (unsigned i = 0; i < 12; i++) {
        CHECK_INT(append(bytes_of("head", 4)), 4);
        CHECK_INT(refer(bytes_of(fixed + i, 4096)), 4096);
        expect_same();
    }
    CHECK(q.ring.count > 10 * 4096);
    while (q.count > 0) {
        drop(q.count < 777 ? q.count : 777);
        expect_same();
    }
    CHECK_INT(memory.supply.used, 0);
}

TEST(references_cost_no_memory_and_are_limited_all_the_same)
{
    static const uint8_t octet[1];
    begin();
    /* Nothing is read: only where they lie and how many they are is noted. */
    CHECK_INT(queue_refer(&q, &memory.supply, bytes_of(octet, (size_t)3 << 30)),
              QUEUE_COUNT_MIN);
    CHECK_INT(queue_refer(&q, &memory.supply, bytes_of(octet, 5000)), 0);
    CHECK_INT(queue_append(&q, &memory.supply, bytes_of(octet, 1)), 0);
    CHECK(queue_is_full(&q) && !queue_has_room(&q));
    queue_check(&q);
    queue_drop(&q, &memory.supply, QUEUE_COUNT_MIN / 2);
    CHECK(!queue_is_full(&q) && queue_has_room(&q));
    queue_end(&q, &memory.supply);
}

TEST(when_the_supply_refuses_a_reference_is_still_taken)
{
    begin();
    memory.grants = 0;
    CHECK_INT(append(bytes_of("x", 1)), 0);
    CHECK_INT(refer(bytes_of(fixed, 5000)), 5000);
    CHECK_INT(append(bytes_of("x", 1)), 0);
    expect_same();
    CHECK(!queue_is_full(&q));
    queue_end(&q, &memory.supply);
}

static uint32_t state = 5;

static uint32_t random_below(uint32_t n)
{
    state = state * 1664525 + 1013904223;
    return (state >> 8) % n;
}

TEST(whatever_is_done_it_holds_what_was_put_in)
{
    begin();
    for (unsigned step = 0; step < 3000; step++) {
        uint32_t len = random_below(12000), from = random_below(50000);
        if (model_len < TEXT_MAX - 24000 && random_below(3) > 0) {
            if (random_below(2))
                append(bytes_of(fixed + from, len));
            else
                refer(bytes_of(fixed + from, len));
        } else {
            drop(len < q.count ? len : q.count);
        }
        expect_same();
        if (q.count == 0)
            continue;
        /* Any range, by its views. */
        struct bytes view[QUEUE_VIEWS_MAX];
        uint32_t at = random_below(q.count), n = random_below(q.count - at + 1), sum = 0;
        unsigned views = queue_views(&q, at, n, view);
        CHECK(views <= QUEUE_VIEWS_MAX);
        for (unsigned i = 0; i < views; sum += (uint32_t)view[i++].len)
            CHECK_MEM(view[i].at, model + at + sum, view[i].len);
        CHECK_INT(sum, n);
    }
    queue_end(&q, &memory.supply);
    CHECK_INT(memory.supply.used, 0);
}

TEST(octets_are_written_in_place_behind_a_reference)
{
    begin();
    refer(bytes_of(fixed, 5000));
    struct ring_room room = queue_room(&q, &memory.supply, 100);
    CHECK_INT(room.len, 100);
    memcpy(room.at, "in place", 8);
    queue_put(&q, &memory.supply, 8);
    memcpy(model + model_len, "in place", 8);
    model_len += 8;
    expect_same();
    drop(q.count);
    CHECK(queue_room(&q, &memory.supply, 10).len == 10);
    queue_put(&q, &memory.supply, 0);
    CHECK_INT(memory.supply.used, 0); /* room that was not used is given back */
}

TEST(what_is_referred_to_slice_by_slice_is_one_piece)
{
    begin();
    append(bytes_of("head", 4));
    for (unsigned at = 0; at < 60000; at += 6000)
        CHECK_INT(refer(bytes_of(fixed + at, 6000)), 6000);
    CHECK_INT(refer(bytes_of(fixed + 60000, 10)), 10); /* short, and still no copy */
    CHECK_INT(q.pieces, 2);
    CHECK_INT(q.ring.count, 4);
    expect_same();
    drop(30000);
    expect_same();
    queue_end(&q, &memory.supply);
}

TEST_MAIN(TEST_OF(octets_that_do_not_change_are_sent_from_where_they_lie),
          TEST_OF(what_is_acknowledged_is_dropped_from_the_middle_of_a_piece),
          TEST_OF(a_queue_of_references_alone_holds_no_memory),
          TEST_OF(what_is_short_is_copied),
          TEST_OF(beyond_the_most_pieces_octets_are_copied_and_nothing_is_lost),
          TEST_OF(references_cost_no_memory_and_are_limited_all_the_same),
          TEST_OF(when_the_supply_refuses_a_reference_is_still_taken),
          TEST_OF(whatever_is_done_it_holds_what_was_put_in),
          TEST_OF(octets_are_written_in_place_behind_a_reference),
          TEST_OF(what_is_referred_to_slice_by_slice_is_one_piece))
