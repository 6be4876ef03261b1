/* SPDX-License-Identifier: ISC */
#ifndef TESTS_ATTACK_WORLD_H
#define TESTS_ATTACK_WORLD_H

/* One link with the image on it, an honest host (10.0.0.1, the image's gateway, too), a crowd
 * (10.0.0.3) of clients that speak TCP well and behave badly, and an attacker
 * (10.0.0.66) who sends any frame. All in real time; whatever is waited for has a bound. */

#include "tests/attack/frames.h"
#include "tests/attack/host.h"
#include "tests/attack/process.h"
#include "tests/check.h"

/* Beyond --mem, what a tender, the image's text and the page tables' rounding may hold. */
#define MEM_GIVEN     (8U << 20)
#define MEM_ALLOWANCE (1U << 20)
/* An attack comes ROUNDS times. In the first of them the image takes up memory that it uses
 * again in the others; later it may still touch pages for the first time that were its own all
 * along, and chance makes one round hold more at once than another. What leaks, leaks in each
 * round: it is a leak when every later round holds GROWTH_SEEN more than all before, and the
 * last GROWTH_LEAK more than the first of them. */
#define ROUNDS      10U
#define ROUNDS_WARM 5U
#define GROWTH_SEEN (16U << 10)
#define GROWTH_LEAK (256U << 10)

/* How long anything that is waited for may take. Far beyond what it takes. */
#define PATIENCE_NS 10000000000ULL

/* What the image has sent, by kind. */
struct seen {
    unsigned arp_requests, arp_replies, announcements, syn_acks, resets, segments, echo_replies,
        unreachables;
};

/* What the attacker knows of a connection of its own, by its own port. */
struct trace {
    struct seq seq, ack; /* of the image's last segment to it */
    struct seq next;     /* one beyond the last octet or flag seen */
    uint16_t window;
    uint8_t flags;
    unsigned segments;
};

struct world {
    struct process process;
    struct host *honest, *crowd;
    uint64_t began;
    struct seen seen;
    struct trace trace[65536];
};
extern struct world world;
extern jmp_buf *test_to_end; /* failing.h */

void world_begin(const char *target, const char *image);
#define world_start(...) (test_to_end = &test_end, world_begin(__VA_ARGS__))
/* The image is asked to end, and does. */
void world_end(void);

/* Lets everybody do what is due, waiting for at most `ms` for something to arrive. */
void world_turn(int ms);
/* Sends a frame as it is, waiting while the wire is full. */
void wire_send(const struct frame *f);
void wire_send_bytes(const void *at, size_t len);

/* Lets the world turn until `expr` holds. */
#define UNTIL(expr)                                                                            \
    do {                                                                                       \
        uint64_t until_ = now_ns() + PATIENCE_NS;                                              \
        while (!(expr)) {                                                                      \
            CHECK(now_ns() < until_);                                                          \
            world_turn(10);                                                                    \
        }                                                                                      \
    } while (0)

/* How many answers a limit of `burst` and then one in `every_ns` has let through since the
 * image began, at the most. */
unsigned world_rate(unsigned burst, uint64_t every_ns);

/* Everything that was sent has been looked at by the image: it answers a question after it. */
void world_settles(void);

/* An honest client gets its page from the web image; the whole exchange, with a connection of
 * its own. world_asks goes on a connection that is there. */
void world_is_served(void);
void world_asks(struct client *k);

/* The attack ROUNDS times. After each: the image lives, serves (`proof`), and holds no more
 * than it may, nor ever more with each round; after all it becomes idle, and it ends when it is
 * asked to. */
void world_withstands(const char *target, const char *image, void (*attack)(unsigned round),
                      void (*proof)(void));
#define withstands(...) (test_to_end = &test_end, world_withstands(__VA_ARGS__))

/* The attacker's own connection from `port`, handshake included. The image's sequence number
 * is in world.trace[port]. */
struct seq evil_connects(uint16_t port, uint16_t to, uint16_t window);
/* A segment on it. */
void evil_sends(uint16_t port, uint16_t to, uint8_t flags, struct seq seq, const char *text,
                size_t len);

#endif
