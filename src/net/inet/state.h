/* SPDX-License-Identifier: ISC */
#ifndef NET_INET_STATE_H
#define NET_INET_STATE_H

/* What the files of net/inet share. Its theory of operation is docs/design/packets.md.
 *
 * A connection stands, by its `queue`, in at most one place (enum inet_place), and by its
 * `pending` in at most one of in->pending (has something to send) and in->waiting (has, and
 * its next hop is being asked for).
 *
 * Invariants, verified by inet_check:
 * N1  a connection is in the table exactly when it is not CLOSED
 * N2  no two connections in the table have the same local address and port and peer
 * N3  half-open and queued connections have a listener and no owner; others have no listener
 * N4  at most half_open_max are half-open, and at most `backlog` queued at a listener
 * N5  the timer of a connection is set to its deadline
 * N6  every connection is in the table or in in->ended
 * N7  what is in TIME-WAIT and nobody's is in `waits`, in the order of its time, and no
 *     connection has the same ends */

#include "base/hash.h"
#include "base/pool.h"
#include "base/rate.h"
#include "base/wheel.h"
#include "net/arp/cache.h"
#include "net/eth/eth.h"
#include "net/icmp/icmp.h"
#include "net/inet/inet.h"
#include "net/ip4/ip4.h"
#include "net/ip4/reassembly.h"
#include "net/udp/udp.h"

#define INET_PORT_BUCKETS   64U /* of the tables of listeners and of UDP sockets */
#define INET_LISTENERS_MAX  256U
#define INET_UDP_MAX        1024U
#define INET_UDP_GROUPS_MAX 4U           /* groups that one socket is in */
#define INET_TABLE_MIN      64U          /* buckets; doubled as connections come */
#define INET_BURST_MAX      32U          /* segments a connection sends in a turn */
#define INET_RETRY_NS       500000U      /* after which a full device is tried again */
#define INET_RING_MAX       262144U      /* octets: the default of receive_max and send_max */
#define INET_EPHEMERAL_MIN  49152U       /* RFC 6335 6 */
#define INET_LOOP_OCTETS    (256U << 10) /* of packets to ourselves that have not arrived yet */
#define INET_ID_BUCKETS     64U          /* counters of identifications (RFC 6864 4.3) */
#define INET_ECHO_NS        1000000U     /* one echo reply in so much time on average, */
#define INET_ECHO_BURST     50U          /* and so many at once */
#define INET_ERROR_NS       10000000U    /* ICMP errors likewise (RFC 1812 4.3.2.8) */
#define INET_ERROR_BURST    10U
#define INET_RESET_NS       100000U /* resets to what belongs to no connection likewise */
#define INET_RESET_BURST    1000U
#define INET_ROUTES_MAX     8U /* the configured gateway's among them */
/* After which a gateway that does not answer, and has another beside it, is asked for again. */
#define INET_GATEWAY_RETRY_NS 30000000000U
#define INET_PATHS_MAX        64U /* destinations whose path takes less than our link */
#define INET_PATH_NS          TCP_PATH_NS
#define INET_COOKIE_NS        64000000000ULL /* a SYN cookie is good for so long to twice that */
#define INET_COOKIE_TEXT_NS   3000000000U /* after it, text may overtake the cookie so long */
#define INET_ISN_TICK_NS      4000U       /* RFC 6528 3, RFC 9293 3.4.1 */

/* What is counted beside the verdicts of the parsers and the events of arp and tcp. */
#define INET_EVENTS(X)                                                                         \
    X(INET_FRAMES_OUT, "eth", "out")                                                           \
    X(INET_DEVICE_FULL, "eth", "device_full")   /* not sent: the device was full */            \
    X(INET_DEVICE_ERROR, "eth", "device_error") /* not sent: the device failed */              \
    X(INET_UNRESOLVED, "arp", "unresolved")     /* answers not sent: neighbour not known */    \
    X(INET_LINK_BROADCAST, "ip4",                                                              \
      "link_broadcast")                 /* a packet for one, sent to all: RFC 1122 3.3.6 */    \
    X(INET_NO_GROUP, "ip4", "no_group") /* to a group that we are not in */                    \
    X(INET_OPTIONS, "ip4", "options_skipped")                                                  \
    X(INET_NO_ROUTE, "ip4", "no_route")                                                        \
    X(INET_GATEWAY_DEAD, "ip4", "gateways_dead")  /* routes whose gateway did not answer */    \
    X(INET_LOOPED, "ip4", "looped")               /* packets to ourselves */                   \
    X(INET_LOOP_FULL, "ip4", "loop_full")         /* those not sent: too many wait already */  \
    X(INET_FRAGMENTED, "ip4", "fragmented")       /* packets sent in fragments */              \
    X(INET_FRAGMENTS_OUT, "ip4", "fragments_out") /* those fragments */                        \
    X(INET_NO_BUFFER, "ip4", "no_buffer")         /* no memory to send a packet from */        \
    X(INET_ECHO_REPLIES, "icmp", "echo_replies_out")                                           \
    X(INET_ECHO_LIMITED, "icmp", "echo_limited")                                               \
    X(INET_ECHO_BROADCAST, "icmp", "echo_broadcast") /* not answered */                        \
    X(INET_ICMP_IGNORED, "icmp", "ignored")          /* a type we do nothing about */          \
    X(INET_ERRORS_OUT, "icmp", "errors_out")                                                   \
    X(INET_ERRORS_LIMITED, "icmp", "errors_limited")                                           \
    X(INET_ERRORS_TO_TCP, "icmp", "errors_to_tcp")                                             \
    X(INET_ERRORS_TO_UDP, "icmp", "errors_to_udp") /* about a datagram; its socket is there */ \
    X(INET_ERRORS_UNMATCHED, "icmp", "errors_unmatched")         /* about nothing we sent */   \
    X(INET_ERRORS_NOT_IN_FLIGHT, "icmp", "errors_not_in_flight") /* RFC 5927 4.1 */            \
    X(INET_PATH_LOWERED, "icmp", "path_mtu_lowered")                                           \
    X(INET_PATH_IGNORED, "icmp", "path_mtu_ignored") /* it was no longer than they take */     \
    X(INET_ERRORS_NO_MEANING, "icmp", "errors_no_meaning") /* e.g. source quench */            \
    X(INET_UDP_OUT, "udp", "out")                                                              \
    X(INET_UDP_NO_SOCKET, "udp", "no_socket")                                                  \
    X(INET_UDP_NO_ROOM, "udp", "no_room")                                                      \
    X(INET_TCP_BROADCAST, "tcp", "broadcast")         /* dropped (RFC 9293 3.9.2.3) */         \
    X(INET_TCP_NO_CONNECTION, "tcp", "no_connection") /* for no connection nor listener */     \
    X(INET_TCP_RESETS_SENT, "tcp", "answered_by_reset")                                        \
    X(INET_TCP_RESETS_LIMITED, "tcp", "resets_limited")                                        \
    X(INET_TCP_NOT_A_SYN, "tcp", "not_a_syn") /* at a listener, and none that is answered */   \
    X(INET_TCP_HELD, "tcp", "held")           /* segments dropped while a SYN was held */      \
    X(INET_TCP_REFUSED, "tcp", "refused")     /* held ones that the owner refused */           \
    X(INET_TCP_SYNS, "tcp", "syns")           /* that began a half-open connection */          \
    X(INET_TCP_SYN_BACKLOG, "tcp", "syn_backlog_full")                                         \
    X(INET_TCP_ACK_BACKLOG, "tcp", "ack_backlog_full")                                         \
    X(INET_TCP_NO_CONN, "tcp", "connections_full") /* none could give way */                   \
    X(INET_TCP_HALF_OPEN_EVICTED, "tcp", "half_open_evicted")                                  \
    X(INET_TCP_COOKIES_SENT, "tcp", "cookies_sent")   /* SYNs answered without a connection */ \
    X(INET_TCP_COOKIES_TAKEN, "tcp", "cookies_taken") /* that came back, and began one */      \
    X(INET_TCP_COOKIES_BAD, "tcp", "cookies_bad")     /* ACKs that brought none of ours */     \
    X(INET_TCP_HALF_OPEN_ENDED, "tcp", "half_open_ended") /* never completed */                \
    X(INET_TCP_TIME_WAIT_EVICTED, "tcp", "time_wait_evicted")                                  \
    X(INET_TCP_LET_GO_EVICTED, "tcp", "let_go_evicted") /* reset before it was through */      \
    X(INET_TCP_TIME_WAIT_REUSED, "tcp", "time_wait_reused")                                    \
    X(INET_TCP_ESTABLISHED, "tcp", "established")                                              \
    X(INET_TCP_ENDED_UNACCEPTED, "tcp", "ended_unaccepted")                                    \
    X(INET_TCP_UNREACHABLE, "tcp", "unreachable") /* next hop not found: segment put back */
#define INET_EVENT_MEMBER(id, module, name) id,
enum inet_event { INET_EVENTS(INET_EVENT_MEMBER) INET_EVENT_COUNT };

/* The two ends of a connection. */
struct inet_ends {
    struct ip4_endpoint local, peer;
};

static inline bool endpoint_equal(struct ip4_endpoint a, struct ip4_endpoint b)
{
    return a.port == b.port && ip4_equal(a.ip, b.ip);
}

/* How well something bound at `at` fits a destination: 0 for not at all, then by every port, by
 * the port at any address, and by both. */
static inline unsigned bound_fit(struct ip4_endpoint at, struct ip4_endpoint to)
{
    if (at.ip.n != 0 && !ip4_equal(at.ip, to.ip))
        return 0;
    if (at.port == 0)
        return at.ip.n == 0 ? 1 : 2;
    return at.port != to.port ? 0 : at.ip.n == 0 ? 3 : 4;
}

/* Whether two cannot be bound beside each other. */
static inline bool bound_clash(struct ip4_endpoint a, struct ip4_endpoint b)
{
    return a.port == b.port && (a.ip.n == b.ip.n || a.ip.n == 0 || b.ip.n == 0);
}

/* Where a connection stands by its `queue`. */
enum inet_place {
    INET_NOWHERE,
    INET_HALF_OPEN, /* in->half_open: began by a SYN, handshake not complete */
    INET_QUEUED,    /* its listener's queue: established, not accepted */
    INET_LET_GO,    /* in->let_go: its user has let go, its peer has not; may give way */
    INET_TIME_WAIT, /* in->time_wait: let go of, may give way */
    INET_ENDED      /* in->ended: CLOSED, and its owner still holds it */
};

struct inet_listener {
    struct list link;
    struct ip4_endpoint at; /* address 0: any; port 0: every */
    bool hold;              /* SYNs wait for the owner */
    uint32_t backlog, queued;
    struct list queue; /* established, not accepted: oldest first */
    void *owner;
};

/* What groups.c does, once a socket has joined a group. */
struct inet_groups_calls {
    bool (*is_member)(const struct inet *in, struct ip4 group);
    void (*arrives)(struct inet *in, const struct ip4_packet *p, uint64_t now);
    bool (*expires)(struct inet *in, const struct timer *t, uint64_t now);
    void (*leave_all)(struct inet *in, struct inet_udp *u);
    void (*end)(struct inet *in);
    bool (*counter)(const struct inet *in, unsigned n, const char **name, uint64_t *value);
    void (*verify)(const struct inet *in);
};

struct inet_udp {
    struct list link;
    struct ip4_endpoint at;   /* address 0: any; port 0: every */
    struct ip4_endpoint peer; /* port 0: all */
    struct ip4 group[INET_UDP_GROUPS_MAX];
    struct inet_udp_options options;
    struct ip4 long_to; /* where its last packet of more than TCP_PATH_MTU_MIN octets went, */
    uint16_t long_len;  /* and what it was long */
    void *owner;
};

/* A route: routes.c. */
struct inet_way {
    struct inet_route route;
    bool dead;       /* its gateway was asked for in vain, and has not answered since */
    uint64_t ask_at; /* when it is asked for again meanwhile */
};

/* What a path takes: paths.c. */
struct inet_path {
    struct ip4 dst;
    uint16_t mtu;
    uint64_t until; /* then it is forgotten */
};

/* Of SYN cookies: cookies.c. */
struct inet_cookies {
    struct siphash_key key[2];  /* of odd and even periods */
    uint64_t epoch, sent_epoch; /* of the keys; when a cookie was last sent: 0 for never */
    uint64_t sent_at;           /* when the last cookie was sent */
};

struct inet {
    struct inet_config cfg;
    struct inet_rim rim;
    struct eth_addr mac;
    struct ip4_own own;
    struct arp_cache arp;
    struct tcp_shared tcp;

    struct wheel wheel;
    struct timer arp_timer;
    struct pool conns, listeners, udps;

    struct hash table; /* of connections that are not CLOSED */

    struct list waits; /* timewait.c: the oldest first */
    struct hash waits_table;
    struct pool waits_pool;
    struct timer waits_timer;

    struct list listening[INET_PORT_BUCKETS], bound[INET_PORT_BUCKETS];

    struct list half_open, let_go, time_wait, ended; /* oldest first */
    uint32_t half_opens;
    struct list pending, waiting;
    uint64_t retry_at; /* the device was full: nothing pending is sent before */

    struct inet_cookies cookies;
    struct inet_path paths[INET_PATHS_MAX];
    struct inet_way ways[INET_ROUTES_MAX];
    unsigned ways_len;
    struct rate echo_rate, error_rate, reset_rate;

    struct reassembly reassembly;
    struct timer reassembly_timer;
    uint16_t ids[INET_ID_BUCKETS]; /* by a hash of source, destination and protocol */

    struct inet_groups_calls *groups; /* NULL while none was ever joined */
    struct list looped; /* packets to ourselves that have not arrived yet: loopback.c */
    size_t looped_octets;

    uint8_t *frame; /* where frames are built */
    uint8_t *large; /* and the payload of a packet that is longer, while it is being sent: */
    size_t large_len;
    uint16_t large_mtu; /* what its fragments are made for */

    uint64_t eth_counts[ETH_VERDICT_COUNT], arp_counts[ARP_VERDICT_COUNT],
        ip4_counts[IP4_VERDICT_COUNT], icmp_counts[ICMP_VERDICT_COUNT],
        udp_counts[UDP_VERDICT_COUNT], tcp_counts[TCP_VERDICTS], counts[INET_EVENT_COUNT];
};

/* ---- table.c: connections by their two ends --------------------------------------- */
uint32_t table_key(const struct inet *in, struct ip4_endpoint local, struct ip4_endpoint peer);
struct tcp_conn *table_find(const struct inet *in, struct ip4_endpoint local,
                            struct ip4_endpoint peer);
void table_add(struct inet *in, struct tcp_conn *c);
/* RFC 6528 3: M + F(localip, localport, remoteip, remoteport, secretkey). */
struct seq table_isn(const struct inet *in, struct ip4_endpoint local, struct ip4_endpoint peer,
                     uint64_t now);
/* For tcp_open. */
uint32_t table_ts_offset(const struct inet *in, struct ip4_endpoint local,
                         struct ip4_endpoint peer);
/* The next identification of a packet that may be fragmented: none comes again soon between
 * the same two hosts, and none tells what is sent to others (RFC 6864 4.1, RFC 7739 5.3). */
uint16_t table_next_id(struct inet *in, struct ip4 src, struct ip4 dst, uint8_t protocol);
/* RFC 6056 3.3.1: a random port of the address from which there is no connection to the peer,
 * and which no listener has; or 0. */
uint16_t table_ephemeral_port(struct inet *in, struct ip4 local, struct ip4_endpoint peer);

/* ---- send.c --------------------------------------------------------------------- */
/* Where a packet to `dst` goes next: 0 and *mac; -EAGAIN (asked), -EHOSTUNREACH,
 * -ENETUNREACH. */
int send_next_hop(struct inet *in, struct ip4 dst, uint64_t now, struct eth_addr *mac);
/* Room for the payload of the next packet, mtu - IP4_HEADER_MIN octets. */
struct writer send_payload(struct inet *in);
/* Sends the frame of `len` octets in in->frame. */
int send_frame(struct inet *in, size_t len);
/* The same for `len` octets, which may be more; fragments then. The writer has no room at all
 * when there is no memory, which is counted. */
struct writer send_payload_of(struct inet *in, size_t len);
/* The same for a path that takes `mtu` octets: fragments are as long as that at most. */
struct writer send_payload_within(struct inet *in, uint16_t mtu, size_t len);
/* Sends the payload just written. What rim.send said, counted. */
int send_packet(struct inet *in, const struct eth_addr *to, const struct ip4_head *head,
                size_t payload_len);
/* The same for an answer nobody waits for: lost (and counted) when the next hop is not known.
 */
void send_answer(struct inet *in, const struct ip4_head *head, size_t payload_len,
                 uint64_t now);
/* Sends what ARP has to say and tells its news. After whatever may have given it work. */
void send_arp(struct inet *in, uint64_t now);
/* A segment of a connection; tcp_unsent is the caller's. */
int send_segment(struct inet *in, const struct eth_addr *to, const struct tcp_conn *c,
                 struct tcp_segment *seg);
/* Everything it has pending, at most a burst: false when the device is full. */
bool send_pending(struct inet *in, struct tcp_conn *c, uint64_t now);

/* ---- conns.c: the life of a connection ---------------------------------------------- */
/* A connection that is in no place and no table; NULL when none could give way. One that is
 * half-open does not for another SYN (`spare_half_open`), which can be answered by a cookie. */
struct tcp_conn *conn_new(struct inet *in, bool spare_half_open, uint64_t now);
void conn_free(struct inet *in, struct tcp_conn *c);
/* After every event: tells the owner, moves the connection to where it now belongs, sets its
 * timer; may free it. */
void conn_settle(struct inet *in, struct tcp_conn *c, unsigned events, uint64_t now);
/* The same, but what it wants to send does not become pending. */
void conn_settle_unsent(struct inet *in, struct tcp_conn *c, unsigned events, uint64_t now);
/* If it is in TIME-WAIT, nobody's, and has nothing to send, only its rest is kept (timewait.c):
 * true when it is gone. */
bool conn_rests(struct inet *in, struct tcp_conn *c, uint64_t now);
/* Sets its timer to its deadline. */
void conn_set_timer(struct inet *in, struct tcp_conn *c);
void conn_put(struct inet *in, struct tcp_conn *c, enum inet_place place);
/* Resets the connection that was let go of first and is not through yet, so that its memory
 * can be another's; false when there is none. */
bool conn_evict_let_go(struct inet *in, uint64_t now);
/* The same, if the budget for buffers is used up: one refusal alone does not mean that. */
bool conn_evict_for_buffer(struct inet *in, uint64_t now);
/* It has no next hop: the error is told, and what was to be sent waits for its time-out. */
void conn_unreachable(struct inet *in, struct tcp_conn *c, int error, uint64_t now);

/* ---- listen.c -------------------------------------------------------------------- */
/* The one whose connections are at `local`; NULL when none. */
struct inet_listener *listener_find(const struct inet *in, struct ip4_endpoint local);
/* Whether one has the port, at any address. */
bool listener_has(const struct inet *in, uint16_t port);
/* An ACK for the listener that no connection expects: true when it completed a handshake
 * by cookie, or must not be answered by a reset because it may belong to one. */
bool listener_ack(struct inet *in, struct inet_listener *l, const struct inet_ends *ends,
                  const struct tcp_segment *ack, uint64_t now);
/* A SYN for the listener. `iss`: the least initial sequence number that tells a new connection
 * from one in TIME-WAIT, whose place it takes; NULL when there is none. */
void listener_syn(struct inet *in, struct inet_listener *l, const struct inet_ends *ends,
                  const struct tcp_segment *syn, const struct seq *iss, uint64_t now);

/* ---- timewait.c: what is left of connections in TIME-WAIT ---------------------------- */
void waits_init(struct inet *in);
void waits_end(struct inet *in);
void waits_add(struct inet *in, const struct tcp_conn *c);
bool waits_have(const struct inet *in, const struct inet_ends *ends);
void waits_forget_all(struct inet *in);
void waits_expire(struct inet *in, uint64_t now);
/* A segment that no connection expects. REUSED: it is a SYN for a listener, and the
 * connection has made way; the new one's initial sequence number goes to *iss. */
enum waits_verdict { WAITS_NOT, WAITS_TAKEN, WAITS_REUSED };
enum waits_verdict waits_arrives(struct inet *in, const struct inet_ends *ends,
                                 const struct tcp_segment *seg, uint64_t now, struct seq *iss);
void waits_check(const struct inet *in);

/* How a connection of those ends begins, but for its initial sequence number and owner. */
struct tcp_open inet_open(const struct inet *in, const struct inet_ends *ends);

/* ---- routes.c ------------------------------------------------------------------------ */
/* A neighbour was found, or asked for in vain. */
void routes_news(struct inet *in, struct ip4 hop, bool found, uint64_t now);
/* Asks again for gateways that did not answer, now and then, while others take their place. */
void routes_ask(struct inet *in, uint64_t now);
/* One of our addresses went, and with it the routes through its network. */
void routes_address_gone(struct inet *in);

/* ---- paths.c ------------------------------------------------------------------------- */
/* What the path to `dst` is known to take: our own MTU, or less. */
uint16_t path_mtu(struct inet *in, struct ip4 dst, uint64_t now);
/* A router says that what `q` quotes was too big, and `rest` (of its message) what is not:
 * whether that is news, and is now known. */
bool path_too_big(struct inet *in, const struct icmp_quote *q, uint32_t rest, uint64_t now);

/* ---- cookies.c -------------------------------------------------------------------- */
/* Answers a SYN by a SYN,ACK whose number is a cookie. */
void cookie_answer(struct inet *in, const struct inet_ends *ends, const struct tcp_segment *syn,
                   uint64_t now);
/* Whether a cookie that was sent may still come back. */
bool cookies_are_out(const struct inet *in, uint64_t now);
/* Whether text that brings no cookie back may be of a client whose first segment, with the
 * cookie, was lost and comes again: only soon after the SYN,ACK, whose timestamp tells, or
 * else the last cookie that was sent. Any other must be answered, or its sender never learns
 * that the connection is gone. */
bool cookie_may_follow(const struct inet *in, const struct inet_ends *ends,
                       const struct tcp_segment *ack, uint64_t now);
/* Whether the ACK brings one back; if so, the SYN that it answers goes to *syn. */
bool cookie_take(struct inet *in, const struct inet_ends *ends, const struct tcp_segment *ack,
                 uint64_t now, struct tcp_segment *syn);

/* ---- loopback.c ------------------------------------------------------------------- */
/* Whether packets to the address stay here. */
bool loops(const struct inet *in, struct ip4 dst);
/* 0 or -EAGAIN: INET_LOOP_OCTETS are on their way, or there is no memory; counted. */
int loop_send(struct inet *in, const struct ip4_head *head, struct bytes payload);
void loop_deliver(struct inet *in, uint64_t now);
void loop_end(struct inet *in);

/* ---- by protocol: what arrives ------------------------------------------------------ */
/* A whole one, of any protocol. */
void datagram_arrives(struct inet *in, const struct ip4_packet *p, uint64_t now);
void icmp_arrives(struct inet *in, const struct ip4_packet *p, uint64_t now);
/* An error about a packet that arrived, unless RFC 1122 3.2.2 or the rate forbids it. */
void icmp_error(struct inet *in, const struct ip4_packet *about, enum icmp_type type,
                uint8_t code, uint32_t rest, uint64_t now);
void icmp_unreachable(struct inet *in, const struct ip4_packet *about, uint8_t code,
                      uint64_t now);
void udp_arrives(struct inet *in, const struct ip4_packet *p, uint64_t now);
/* The one that gets what `peer` sends to `local`; NULL when none. */
struct inet_udp *udp_find(const struct inet *in, struct ip4_endpoint local,
                          struct ip4_endpoint peer);
void segment_arrives(struct inet *in, const struct ip4_packet *p, uint64_t now);

/* The most text of a segment that the path lets us receive. */
static inline uint16_t inet_mss(const struct inet *in)
{
    return (uint16_t)(in->cfg.mtu - IP4_HEADER_MIN - TCP_HEADER_MIN);
}

static inline struct list *port_bucket(const struct list table[INET_PORT_BUCKETS],
                                       uint16_t port)
{
    return (struct list *)(uintptr_t)&table[port % INET_PORT_BUCKETS];
}

#endif
