/* SPDX-License-Identifier: ISC */
/* Whatever the message: igmp_arrives reads only octets of it, touches only the state it is
 * given, and ends. */

// left out: random_below: it calls what gives random numbers
// assumed: random_below
// left out: igmp_init igmp_join igmp_leave say_change igmp_is_member igmp_check: no octets of a peer's
// left out: print print_2 print_3 said igmp_next_packet igmp_deadline: they write

#include "proofs/checksum.h"
#include "proofs/ip4.h"

#include "net/igmp/igmp.h"

/*@ requires \valid(g);
    assigns \nothing;
    ensures \result == \null || (\exists integer i; 0 <= i < IGMP_GROUPS_MAX &&
                                                    \result == &g->group[i]); */
static struct igmp_group *find(struct igmp *g, struct ip4 ip);

/*@ requires \valid(g);
    assigns \nothing; */
static uint64_t random_below(struct igmp *g, uint64_t ns);

/*@ requires \valid_read(g);
    assigns \nothing; */
static bool is_version_2(const struct igmp *g, uint64_t now);

/*@ assigns \nothing; */
static uint64_t max_response(uint8_t code);

/*@ requires \valid(g) && \valid(e);
    assigns e->news, e->due; */
static void answer_within(struct igmp *g, struct igmp_group *e, uint64_t ns, uint64_t now);

/*@ requires \valid(g);
    assigns g->version_2_until, g->events[IGMP_QUERIES], g->group[0 .. IGMP_GROUPS_MAX - 1]; */
static void query(struct igmp *g, size_t len, uint8_t code, struct ip4 group, uint64_t now);

/*@ requires \valid(g);
    assigns g->events[IGMP_SILENCED], g->group[0 .. IGMP_GROUPS_MAX - 1]; */
static void silence(struct igmp *g, struct ip4 group, uint64_t now);

/*@ requires view(message) && \valid(g);
    assigns *g;
    ensures 0 <= \result < IGMP_VERDICT_COUNT; */
static enum igmp_verdict arrives(struct igmp *g, struct bytes message, struct ip4 dst,
                                 uint64_t now);

/*@ requires view(message) && \valid(g);
    assigns *g; */
enum igmp_verdict igmp_arrives(struct igmp *g, struct bytes message, struct ip4 dst,
                               uint64_t now);

#include "net/igmp/igmp.c"
