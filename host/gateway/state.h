/* SPDX-License-Identifier: ISC */
#ifndef GATEWAY_STATE_H
#define GATEWAY_STATE_H

/* What the files of the relay share.
 *
 *   gateway.c  frames and events to whom they are for; the turn
 *   image.c    towards the image: frames, ARP, ICMP
 *   streams.c  TCP
 *   flows.c    UDP and ICMP echo
 *
 * Invariants, verified by gateway_check:
 *  S1  a stream is in the table exactly when it is not over
 *  S2  no two streams, and no two flows, have the same addresses and ports
 *  S3  one that asks has a descriptor, and its connection does not exist yet
 *  S4  a stream without a descriptor has a connection that nobody holds (`orphan`)
 *  S5  the flows are as many as the table holds, the longest unused first */

#include "base/list.h"
#include "base/names.h"
#include "base/pool.h"
#include "base/rate.h"
#include "base/wheel.h"
#include "host/gateway/gateway.h"
#include "host/gateway/packet.h"
#include "net/tcp/conn.h"

#define GATEWAY_BURST     32U             /* segments a stream sends in a turn */
#define GATEWAY_DATAGRAMS 32U             /* datagrams a flow or a port receives in a turn */
#define GATEWAY_CLIENTS   64U             /* clients a port accepts in a turn */
#define GATEWAY_CHUNK_MIN 4096U           /* octets asked of a host's stream at once: twice */
#define GATEWAY_CHUNK_MAX 65536U          /* as many each time that it had them all */
#define GATEWAY_RING_MAX  (1U << 19)      /* octets that wait each way of a stream */
#define GATEWAY_FLOW_NS   120000000000ULL /* a flow is forgotten after (RFC 4787 4.3) */
#define GATEWAY_ASK_NS    1000000000ULL   /* between two ARP requests */
#define GATEWAY_ERROR_NS  1000000U        /* ICMP errors, one in so much time on average, */
#define GATEWAY_ERRORS    64U             /* and so many at once */
#define GATEWAY_DATAGRAM  65536U          /* octets of the longest datagram, and more */

#define GATEWAY_COUNTS(X)                                                                      \
    X(COUNT_FRAMES_IN, "frames_in")                                                            \
    X(COUNT_FRAMES_OUT, "frames_out")                                                          \
    X(COUNT_LINK_FULL, "link_full") /* not sent: answers are lost, TCP tries again */          \
    X(COUNT_ETHERNET, "ethernet")   /* not for the gateway, or from no station */              \
    X(COUNT_PROTOCOL, "protocol")   /* neither ARP nor IPv4; none of TCP, UDP, ICMP */         \
    X(COUNT_MALFORMED, "malformed") /* lengths or checksums that do not agree */               \
    X(COUNT_FRAGMENT, "fragment")   /* not put together */                                     \
    X(COUNT_SPOOFED, "spoofed")     /* P4 */                                                   \
    X(COUNT_FORBIDDEN, "forbidden") /* P1, P2, P3 */                                           \
    X(COUNT_IGNORED, "ignored")     /* ARP for others; ICMP that is no request */              \
    X(COUNT_ARP_ANSWERED, "arp_answered")                                                      \
    X(COUNT_ARP_ASKED, "arp_asked")                                                            \
    X(COUNT_ECHOES, "echoes") /* the gateway's own answers */                                  \
    X(COUNT_ERRORS, "icmp_errors")                                                             \
    X(COUNT_ERRORS_LIMITED, "icmp_errors_limited")                                             \
    X(COUNT_CONNECTS, "connects")         /* the image's */                                    \
    X(COUNT_REFUSED, "refused")           /* by the host's peer, or P3: a reset */             \
    X(COUNT_UNREACHABLE, "unreachable")   /* likewise: an ICMP error */                        \
    X(COUNT_GIVEN_UP, "given_up")         /* by the image before the host had an answer */     \
    X(COUNT_CLIENTS, "clients")           /* of published ports */                             \
    X(COUNT_STREAMS_FULL, "streams_full") /* a SYN not answered */                             \
    X(COUNT_NO_SOCKET, "no_socket")       /* the host had no descriptor or memory for one */   \
    X(COUNT_NO_STREAM, "no_stream")       /* a segment answered by a reset */                  \
    X(COUNT_RESETS_IN, "resets_of_image") /* passed on to the host */                          \
    X(COUNT_RESETS_OUT, "resets_of_host") /* passed on to the image */                         \
    X(COUNT_FLOWS, "flows")                                                                    \
    X(COUNT_FLOWS_EVICTED, "flows_evicted")                                                    \
    X(COUNT_FLOWS_EXPIRED, "flows_expired")                                                    \
    X(COUNT_DATAGRAMS_IN, "datagrams_of_image")                                                \
    X(COUNT_DATAGRAMS_OUT, "datagrams_of_host")                                                \
    X(COUNT_NOT_SENT, "not_sent")       /* a datagram the host did not take */                 \
    X(COUNT_TOO_LONG, "too_long")       /* a datagram that the link's MTU cannot carry */      \
    X(COUNT_UNASKED, "unasked")         /* P3: no answer to a client */                        \
    X(COUNT_NO_PING, "no_ping")         /* the host does not allow echo requests */            \
    X(COUNT_ASKED_AGAIN, "asked_again") /* a question that went to the next resolver */
enum gateway_count { GATEWAY_COUNTS(NAMES_MEMBER) GATEWAY_COUNT };

/* A stream: a connection with the image and one of the host. conn.local is the address the
 * image talks to, conn.peer the image's; conn.queue is its place in gateway.over. */
struct stream {
    struct watch watch;
    struct tcp_conn conn;
    struct list hash;
    struct tcp_segment syn; /* while it asks: what will be answered */
    bool asks;              /* the host is connecting for the image */
    bool over;              /* to be freed at the end of the turn, or once it is sent */
    bool host_ended, image_ended;
    uint32_t chunk;   /* octets to be asked of the host next */
    uint8_t resolver; /* of a connection to the DNS port: which one is tried */
    bool dns;
};

enum flow_kind { FLOW_HOST, FLOW_DNS, FLOW_ECHO, FLOW_CLIENT };

/* Datagrams between the image and one other. */
struct flow {
    struct watch watch; /* of a client: none, the port's is used */
    enum flow_kind kind;
    struct ip4_endpoint remote; /* as the image sees it; port 0 of an echo */
    uint16_t image_port;        /* of an echo: its identifier */
    struct ip4_endpoint client; /* of a published port */
    const struct gateway_port *port;
    uint8_t resolver;
    bool unanswered; /* a question */
    uint64_t used_at;
    struct list hash, age;
};

struct gateway {
    struct gateway_config cfg;
    struct gateway_host host;
    struct ip4_net own;
    struct eth_addr mac, image_mac;
    bool image_known;
    bool link_full;
    uint64_t asked_at; /* the image's address by ARP; 0 for never */

    struct tcp_shared tcp;
    struct wheel wheel;
    struct timer flow_timer, ask_timer;
    struct pool streams, flows;
    uint32_t flow_count;
    uint32_t buckets; /* of both tables: a power of 2 */
    struct list *stream_table, *flow_table;
    struct list pending; /* streams with something for the image, by conn.pending */
    struct list ready;   /* watches with more to do */
    struct list over;    /* streams to be freed */
    struct list ages;    /* flows, the longest unused first */
    struct list gone;    /* flows to be freed */
    struct rate error_rate;
    uint8_t *frame; /* where frames are built */
    uint8_t *text;  /* where datagrams are received */
    uint64_t counts[GATEWAY_COUNT];
};

/* A key of what has the two addresses, for the tables and for initial sequence numbers. */
uint64_t gateway_hash(const struct gateway *g, struct ip4_endpoint remote, uint16_t image_port,
                      uint8_t purpose);
/* There is more to do for it next turn. */
void gateway_again(struct gateway *g, struct watch *w);

/* ---- image.c ---------------------------------------------------------------------- */
/* Room for the payload of the next packet to the image. */
struct writer image_payload(struct gateway *g);
/* Sends what was just written there. 0, or -EAGAIN (no room, or the image's address is not
 * known: it is asked for). */
int image_send(struct gateway *g, struct ip4 src, uint8_t protocol, size_t payload_len,
               uint64_t now);
int image_send_segment(struct gateway *g, const struct tcp_conn *c, struct tcp_segment *seg,
                       uint64_t now);
/* Whether datagrams can be sent now; if not, who asked is to try again next turn. */
bool image_takes(struct gateway *g, uint64_t now);
void image_arp(struct gateway *g, const struct arp_packet *p);
void image_ask(struct gateway *g, uint64_t now);
/* Tells the image that what it sent to `dst` cannot get there. `head`: the first 8 octets. */
void image_unreachable(struct gateway *g, struct ip4 dst, uint8_t protocol,
                       const uint8_t head[8], int error, uint64_t now);
void image_echo(struct gateway *g, const struct packet *p, uint64_t now);

/* ---- streams.c --------------------------------------------------------------------- */
void stream_segment(struct gateway *g, const struct packet *p, uint64_t now);
void stream_accept(struct gateway *g, struct gateway_port *p, uint64_t now);
void stream_ready(struct gateway *g, struct stream *s, uint64_t now);
void stream_expire(struct gateway *g, struct stream *s, uint64_t now);
void stream_flush(struct gateway *g, uint64_t now);
void stream_free_over(struct gateway *g);
void stream_end_all(struct gateway *g);
void stream_check(const struct gateway *g);

/* ---- flows.c ------------------------------------------------------------------------ */
void flow_datagram(struct gateway *g, const struct packet *p, uint64_t now);
void flow_echo(struct gateway *g, const struct packet *p, uint64_t now);
void flow_ready(struct gateway *g, struct flow *f, uint64_t now);
void flow_receive(struct gateway *g, struct gateway_port *p, uint64_t now);
void flow_expire(struct gateway *g, uint64_t now);
void flow_free_gone(struct gateway *g);
void flow_end_all(struct gateway *g);
void flow_check(const struct gateway *g);

#endif
