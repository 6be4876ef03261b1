/* SPDX-License-Identifier: ISC */
#ifndef TESTS_TCP_PACKET_H
#define TESTS_TCP_PACKET_H

/* A packet as a script describes it, and on the wire. Nothing of src/net is used here: what is
 * judged does not print or parse the packets that it is judged by. */

#include "base/octets.h"

#define PACKET_OPTIONS_MAX 24U /* of a segment */
#define PACKET_MAX         66000U
#define PACKET_TEXT_MAX    512U

enum packet_kind { PACKET_TCP, PACKET_UDP, PACKET_ICMP, PACKET_OTHER };

enum packet_flag { F_FIN = 1, F_SYN = 2, F_RST = 4, F_PSH = 8, F_ACK = 16, F_URG = 32 };

enum packet_option {
    OPT_EOL = 0,
    OPT_NOP = 1,
    OPT_MSS = 2,
    OPT_WSCALE = 3,
    OPT_SACKOK = 4,
    OPT_SACK = 5,
    OPT_TS = 8,
    OPT_RAW = 255 /* octets as they stand, be they an option or not */
};

struct option {
    uint8_t kind, n; /* n values, or so many octets of `raw` */
    uint32_t value[8];
    uint8_t raw[40];
};

/* Numbers are the script's: sequence numbers of the peer are relative to the script's
 * --peer-isn, ours to our initial sequence number, time stamps of ours to the first one. */
struct packet {
    enum packet_kind kind;
    uint16_t peer_port, local_port; /* 0 for what the script has last used */
    uint8_t flags, protocol;
    uint32_t seq, len, ack;
    uint16_t window, urgent;
    bool has_window, any_options;
    unsigned options;
    struct option option[PACKET_OPTIONS_MAX];

    uint8_t type, code; /* of ICMP */
    uint32_t rest;
    bool has_quote; /* about the segment of ours, or datagram, that seq and len name */
    uint8_t quote_protocol;

    /* Of IP. What was not named is not compared, but for the ECN bits. */
    uint8_t ecn, ttl, tos, ip_options_len;
    uint8_t ip_options[40];
    bool has_ttl, has_tos, has_df, df, more_fragments, has_id, has_src, has_dst;
    uint16_t id, fragment_at; /* the fragment's offset, in octets */
    uint32_t src, dst;
    bool bad_sum, bad_ip_sum, cut; /* cut: the packet is shorter than it says */
};

/* What is known of a connection between the peer's port and one of ours. */
struct flow {
    uint16_t peer_port, local_port;
    bool isn_known, ts_known, syn_known;
    uint32_t isn, ts_base; /* ours: 0 until they were seen */
    uint32_t peer_isn;     /* what the script's 0 is on the wire */
    uint32_t peer_syn;     /* the script's number of the peer's SYN */
    uint32_t written, taken;
};

struct addresses {
    uint32_t local, peer;
};

/* The octet of a stream at a number of the script's: whatever is read or sent is held against
 * it. */
uint8_t packet_octet(uint32_t seq);

/* The packet that the peer sends, into `w`. */
void packet_write(struct writer *w, const struct packet *p, const struct flow *f,
                  const struct addresses *a);
/* What the host sent. NULL, or what is wrong with it on the wire. `find` gives the flow of a
 * peer's and a local port, and is told of our first SYN and time stamp by changes to it. */
typedef struct flow *packet_flow_fn(void *ctx, uint16_t peer_port, uint16_t local_port);
const char *packet_read(struct bytes wire, struct packet *p, const struct addresses *a,
                        packet_flow_fn *find, void *ctx);

/* NULL when `got` is what `want` asks for, or what differs. */
const char *packet_differs(const struct packet *want, const struct packet *got);

/* As a script has it. `want` may be NULL: its don't-cares are left out. */
void packet_text(char text[PACKET_TEXT_MAX], const struct packet *p, const struct packet *want);

#endif
