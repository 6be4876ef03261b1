/* SPDX-License-Identifier: ISC */
/* Whatever the packet: ip4_parse reads only octets of it, whatever its options say, and ends;
 * the payload it gives is a view of them. */

// left out: ip4_print ip4_print_head ip4_head_of: they write
// also: ip4_equal ip4_mask ip4_in_net ip4_is_broadcast ip4_is_multicast ip4_is_loopback

#include "proofs/checksum.h"
#include "proofs/ip4.h"

#include "net/ip4/ip4.h"

/*@ predicate network(struct ip4_net *n) = \valid_read(n) && n->prefix_len <= 32;

    predicate interface(struct ip4_own *own) =
      \valid_read(own) && own->len <= IP4_OWN_MAX &&
      \forall integer i; 0 <= i < IP4_OWN_MAX ==> own->net[i].prefix_len <= 32;

    predicate payload_of(struct ip4_packet p, struct bytes whole, integer header_len) =
      p.payload.at == whole.at + header_len && p.payload.len == whole.len - header_len;

    predicate parts_of(struct ip4_packet p, struct bytes packet) =
      part(p.whole, packet) && part(p.payload, packet); */

/*@ requires prefix_len <= 32;
    assigns \nothing; */
static inline uint32_t ip4_mask(uint8_t prefix_len);

/*@ requires network(net);
    assigns \nothing; */
static inline bool ip4_in_net(struct ip4 a, const struct ip4_net *net);

/*@ requires network(net);
    assigns \nothing; */
static inline bool ip4_is_broadcast(struct ip4 a, const struct ip4_net *net);

/*@ assigns \nothing; */
static inline bool ip4_is_loopback(struct ip4 a);

/*@ requires network(net);
    assigns \nothing; */
bool ip4_is_host(struct ip4 a, const struct ip4_net *net);

/*@ requires interface(own);
    assigns \nothing;
    ensures \result <= own->len; */
unsigned ip4_own_index(const struct ip4_own *own, struct ip4 a);

/*@ requires interface(own);
    assigns \nothing; */
bool ip4_own_has(const struct ip4_own *own, struct ip4 a);

/*@ requires interface(own);
    assigns \nothing;
    ensures \result == \null || network(\result); */
const struct ip4_net *ip4_own_net(const struct ip4_own *own, struct ip4 a);

/*@ requires interface(own);
    assigns \nothing; */
bool ip4_own_broadcast(const struct ip4_own *own, struct ip4 a);

/*@ requires interface(own);
    assigns \nothing; */
bool ip4_own_host(const struct ip4_own *own, struct ip4 a);

/*@ requires view(options);
    requires \valid(fault_at);
    assigns *fault_at; */
static enum ip4_verdict walk_options(struct bytes options, uint8_t *fault_at);

/*@ requires interface(own);
    assigns \nothing; */
static enum ip4_verdict source_fault(struct ip4 src, const struct ip4_own *own);

/*@ assigns \nothing; */
static enum ip4_verdict destination_fault(struct ip4 dst);

/*@ requires \valid(p) && (own == \null || interface(own) && \separated(p, own));
    assigns p->to_broadcast; */
static enum ip4_verdict accept_addresses(struct ip4_packet *p, const struct ip4_own *own);

/*@ requires view(whole) && IP4_HEADER_MIN <= header_len <= whole.len;
    requires own == \null || interface(own);
    requires \valid(out);
    assigns *out;
    ensures \result == IP4_OK ==> parts_of(*out, whole); */
static enum ip4_verdict parse_fields(struct bytes whole, size_t header_len,
                                     const struct ip4_own *own, struct ip4_packet *out);

/*@ requires view(packet) && (own == \null || interface(own)) && \valid(out);
    assigns *out;
    ensures \result == IP4_OK ==> parts_of(*out, packet); */
enum ip4_verdict ip4_parse(struct bytes packet, const struct ip4_own *own,
                           struct ip4_packet *out);

#include "net/ip4/ip4.c"
