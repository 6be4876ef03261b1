/* SPDX-License-Identifier: ISC */
#ifndef NET_TCP_TCP_H
#define NET_TCP_TCP_H

/* TCP (RFC 9293) as a pure core: what arrives, what the user asks and what time it is go
 * in; segments, wake-ups and a deadline come out. It knows no device, no task, no clock
 * and no address: those are its caller's (net/inet).
 *
 * After every call that takes a `struct tcp_out *`, the caller
 *   - wakes whom out->events names,
 *   - calls tcp_next_segment until it says there is none (now, or at the end of the loop's
 *     turn: what is pending is kept, and an acknowledgement delayed that long is merged),
 *   - sets its timer for the connection to tcp_deadline (after the segments were taken, when
 *     it does both).
 * After tcp_read, tcp_write and tcp_shutdown, the last two.
 *
 * What ended is CLOSED. Its last segment, a reset, may still be pending; what arrived in
 * order can still be read; the struct is the caller's to free after TCP_EVENT_FREE, or, when
 * it was never handed to a user, after TCP_EVENT_ENDED.
 *
 * Times are nanoseconds of one monotonic clock. Lengths are octets. */

#include "base/octets.h"
#include "base/ring.h"
#include "base/supply.h"
#include "net/ip4/addr.h"
#include "net/tcp/queue.h"
#include "net/tcp/seq.h"

#define TCP_NEVER UINT64_MAX

enum tcp_flag {
    TCP_FIN = 1,
    TCP_SYN = 2,
    TCP_RST = 4,
    TCP_PSH = 8,
    TCP_ACK = 16,
    TCP_URG = 32,
    TCP_ECE = 64,
    TCP_CWR = 128
};

enum tcp_ecn { TCP_ECN_NOT = 0, TCP_ECN_ECT1 = 1, TCP_ECN_ECT0 = 2, TCP_ECN_CE = 3 };

#define TCP_HEADER_MIN  20U
#define TCP_HEADER_MAX  60U
#define TCP_CHECKSUM_AT 16U  /* octets from the header's beginning */
#define TCP_MSS_LEAST   64U  /* a smaller one in a SYN is taken for this */
#define TCP_MSS_DEFAULT 536U /* when the peer names none (RFC 9293 3.7.1) */
#define TCP_SACKS_MAX   4U   /* blocks that a SACK option has room for (RFC 2018 3) */

/* Octets [from, to) of the sequence space. */
struct tcp_range {
    struct seq from, to;
};

/* A segment, parsed from the wire or about to be printed. */
struct tcp_segment {
    uint16_t src_port, dst_port; /* host order */
    struct seq seq, ack;
    uint16_t window; /* as on the wire, unscaled */
    uint16_t urgent;
    uint8_t flags; /* enum tcp_flag */
    uint8_t ecn;   /* of the packet around it: enum tcp_ecn; the caller's to read and write */
    bool has_mss, has_wscale, has_ts;
    bool sack_permitted;     /* of a SYN (RFC 2018 2) */
    uint16_t mss;            /* of a SYN */
    uint8_t wscale;          /* of a SYN: 0..14 */
    uint8_t sacks;           /* blocks of the SACK option, of any but a SYN */
    uint32_t ts_val, ts_ecr; /* RFC 7323 3.2 */
    struct tcp_range sack[TCP_SACKS_MAX];
    /* Of a super-frame: it was, or is to be, in segments of so much text; 0: it is one. */
    uint16_t segment_len;
    struct bytes text; /* parsed: a view of the packet. To be sent: see text_at */
    uint32_t text_at,
        text_len; /* to be sent: the octets [text_at, +text_len) of conn's `out` queue */
};

enum tcp_verdict {
    TCP_OK,
    TCP_TRUNCATED,  /* shorter than its header says, or longer than 65,535 */
    TCP_BAD_OFFSET, /* data offset < 5 */
    TCP_BAD_CHECKSUM,
    TCP_BAD_OPTION, /* an option's length is impossible */
    TCP_BAD_PORT,   /* port 0 */
    TCP_VERDICTS
};

/* Parses a TCP segment that came from src to dst in an IPv4 packet; writes *seg only on
 * TCP_OK. Unknown options are skipped (RFC 9293 3.1). */
enum tcp_verdict tcp_parse(struct bytes packet, struct ip4 src, struct ip4 dst,
                           struct tcp_segment *seg);

/* The same for one whose checksum is known to be right. */
enum tcp_verdict tcp_parse_verified(struct bytes packet, struct tcp_segment *seg);

/* Writes the header of a segment whose text follows elsewhere, its checksum left to be
 * completed. */
void tcp_print_header(struct writer *w, const struct tcp_segment *seg, struct ip4 src,
                      struct ip4 dst);

/* Writes the header, and the text_len octets of text from `text_at` of the queue on, or, when
 * that is NULL, those at text.at; with the checksum. The writer has room for it. */
void tcp_print(struct writer *w, const struct tcp_segment *seg, const struct tcp_queue *queue,
               struct ip4 src, struct ip4 dst);

/* The answer to a segment that belongs to no connection (RFC 9293 3.10.7.1); false when
 * there is none to be given (it was itself a reset). */
bool tcp_reset_for(const struct tcp_segment *seg, struct tcp_segment *reply);

enum tcp_state {
    TCP_CLOSED,
    TCP_SYN_SENT,
    TCP_SYN_RECEIVED,
    TCP_ESTABLISHED,
    TCP_FIN_WAIT_1,
    TCP_FIN_WAIT_2,
    TCP_CLOSE_WAIT,
    TCP_CLOSING,
    TCP_LAST_ACK,
    TCP_TIME_WAIT,
};

/* What happened, for the caller to tell its user. */
enum tcp_event {
    TCP_EVENT_ESTABLISHED = 1, /* the handshake is complete */
    TCP_EVENT_READABLE = 2,    /* there is more to read, or the peer's end was reached */
    TCP_EVENT_WRITABLE = 4,    /* the send buffer has room again */
    TCP_EVENT_ENDED = 8,       /* no more can be read or written: conn->error says why */
    TCP_EVENT_FREE = 16,       /* CLOSED and let go of by the user: the caller may free it */
};

/* What the caller counts; each is incremented where it happens. */
struct tcp_counts {
    uint64_t segments_in, segments_out, text_in, text_out; /* text in octets */
    uint64_t not_acceptable, challenge_acks, challenge_limited, resets_in, resets_out;
    uint64_t retransmits, fast_retransmits, timeouts, keepalive_probes, window_probes;
    uint64_t out_of_order, out_of_order_dropped, duplicates, no_memory, old_acks, early_acks,
        text_after_end;
    uint64_t growths, growth_refused;  /* of buffers; for want of memory */
    uint64_t black_holes, path_probes; /* segments made shorter, and longer again */
    uint64_t marks_in, echoes_in;      /* RFC 3168: CE on text, and what others said of ours */
    uint64_t without_ack, without_syn, resets_ignored; /* segments dropped, unanswered */
    uint64_t sacks_ignored, sacks_reneged, recoveries_undone, tail_probes, tail_losses;
    uint64_t old_timestamps, without_timestamp; /* dropped (RFC 7323 5.3 and 3.2) */
};

struct tcp_out {
    unsigned events; /* enum tcp_event */
};

struct tcp_congestion; /* net/tcp/congestion.h */

/* What all connections of a stack share. */
struct tcp_shared {
    struct supply *buffers; /* for send and receive rings; need not be zeroed */
    struct tcp_counts counts;
    uint32_t super_max;             /* most text of a super-frame; 0: there are none */
    uint32_t receive_max, send_max; /* most octets of a ring; powers of 2, 4 KiB..1 GiB */
    /* What a ring may hold at first, if less; it doubles as it is used, while half of
     * `buffers` is free. 0 for no less. */
    uint32_t receive_first, send_first;
    const struct tcp_congestion *congestion; /* of connections to come; NULL for the default */
    bool ecn; /* whether connections that we open ask for ECN; who asks us gets it */
    /* challenge ACK limit (RFC 5961 7, made unguessable): */
    uint64_t challenge_epoch;
    uint32_t challenge_left;
    uint32_t (*random)(void *ctx); /* for jitter of the challenge limit */
    void *random_ctx;
};

#define TCP_ISLANDS_MAX 256U /* runs of out-of-order data kept a connection; 12 octets each */

struct tcp_conn; /* defined in net/tcp/conn.h */

/* ---- Making connections. `mss`: what the path lets us receive (MTU - 40). ---- */
struct tcp_open {
    struct seq iss; /* RFC 6528, the caller's */
    uint16_t mss;
    /* Of the timestamps: to be the same for each connection between two endpoints, and not to
     * be guessed, so that they tell nobody how long this host has been up (RFC 7323 5.4). */
    uint32_t ts_offset;
    void *owner; /* the caller's, kept in conn->owner */
};
/* Both set every member of *c but the caller's group; what that held is not looked at.
 * Active open: SYN-SENT; a SYN is pending. */
void tcp_connect(struct tcp_conn *c, struct tcp_shared *sh, const struct tcp_open *o,
                 uint64_t now);
/* Passive open on a SYN that arrived at a listener: SYN-RECEIVED; a SYN,ACK is pending. */
void tcp_accept(struct tcp_conn *c, struct tcp_shared *sh, const struct tcp_open *o,
                const struct tcp_segment *syn, uint64_t now);
/* For a connection that tcp_accept has just made and whose SYN is not to be answered yet:
 * no time runs for it before tcp_release. */
void tcp_hold(struct tcp_conn *c);
void tcp_release(struct tcp_conn *c, uint64_t now);

/* After tcp_accept: the SYN,ACK is on its way already, sent by the caller with `iss` and no
 * option but the MSS. */
void tcp_syn_was_sent(struct tcp_conn *c);

/* ---- Events ----------------------------------------------------------------- */
/* RFC 9293 3.10.7. */
void tcp_arrives(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now,
                 struct tcp_out *out);
/* The deadline has come (harmless when it has not). */
void tcp_expires(struct tcp_conn *c, uint64_t now, struct tcp_out *out);
/* When tcp_expires is to be called; UINT64_MAX for never. */
uint64_t tcp_deadline(const struct tcp_conn *c);

/* The next segment that may be sent now (ports unset), or false. Marks it as sent. */
bool tcp_next_segment(struct tcp_conn *c, uint64_t now, struct tcp_segment *seg);
/* Whether tcp_next_segment would give one. Cheap. */
bool tcp_wants_to_send(const struct tcp_conn *c, uint64_t now);
/* The segment just given could not be sent (device full, no neighbour yet): it counts as
 * lost, without a penalty to the congestion window. tcp_next_segment gives it again at once,
 * so the caller stops asking until it can send (a reset alone is not given again). */
void tcp_unsent(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now);

/* The network reports an error about this connection (ICMP, or no answer to ARP). It ends one
 * in SYN-SENT (RFC 5461 4.1); otherwise it is noted, and shown when a time-out follows (RFC
 * 5927 5.2). `error` is a negative error number. */
void tcp_error(struct tcp_conn *c, int error, struct tcp_out *out);
/* Whether an octet numbered `seq` is on its way: an ICMP error that quotes another is not
 * about this connection as it is now (RFC 5927 4.1). */
bool tcp_in_flight(const struct tcp_conn *c, struct seq seq);

#define TCP_PATH_HEADERS 40U             /* of IPv4 and TCP, without options */
#define TCP_PATH_MTU_MIN 552U            /* what every path is taken to carry */
#define TCP_PATH_NS      600000000000ULL /* after which more is tried (RFC 1191 6.3) */
/* The path carries packets of `mtu` octets: whether segments become shorter by that. What was
 * longer and is not acknowledged is sent again (RFC 1191 6.4). */
bool tcp_path_mtu(struct tcp_conn *c, uint32_t mtu, uint64_t now);

/* Whether this SYN may begin a new connection in place of one in TIME-WAIT (RFC 9293
 * 3.10.7.4, MAY-2, and RFC 6191): then the caller frees `c` and calls tcp_accept for the new
 * one, with an initial sequence number that tcp_reuse_iss has made later than all the old one
 * used. */
bool tcp_may_reuse(const struct tcp_conn *c, const struct tcp_segment *syn);
struct seq tcp_reuse_iss(const struct tcp_conn *c, struct seq iss);

/* What TIME-WAIT needs of a connection that nobody holds: the rest can go. */
struct tcp_rest {
    uint64_t until;
    struct seq snd_max, rcv_nxt;
    uint32_t rcv_wnd, snd_wnd_max;
    uint32_t ts_offset, ts_recent, ts_recent_s;
    uint16_t mss_in;
    uint8_t rcv_shift;
    bool scaled : 1, stamped : 1;
};
/* Of a connection in TIME-WAIT, which may be freed then; what it has to send is forgotten. */
void tcp_rest_of(const struct tcp_conn *c, struct tcp_rest *rest);
/* The connection again, without buffers, for one event: then tcp_rest_of again. Sets every
 * member of *c but the caller's group. */
void tcp_rest_wake(const struct tcp_rest *rest, struct tcp_shared *sh, struct tcp_conn *c);

/* ---- The user's calls; none waits ------------------------------------------- */
/* Takes up to `len` octets: what was taken, 0 when there is nothing now. */
size_t tcp_read(struct tcp_conn *c, void *buf, size_t len, uint64_t now);
/* Whether all was read and the peer's FIN was reached. */
bool tcp_at_end(const struct tcp_conn *c);
size_t tcp_readable(const struct tcp_conn *c);
/* Queues up to b.len octets: how many, 0 when the buffer is full now. Only before shutdown. */
size_t tcp_write(struct tcp_conn *c, struct bytes b, uint64_t now);
/* The same for octets that do not change and outlive the connection: they are not copied. */
size_t tcp_write_static(struct tcp_conn *c, struct bytes b, uint64_t now);
/* Both without a copy, for who reads and writes elsewhere. A view of what can be read next
 * (more may follow it), and taking n octets of it away. */
struct bytes tcp_unread(const struct tcp_conn *c);
void tcp_take(struct tcp_conn *c, uint32_t n);
/* Room for at most `wanted` octets in the send buffer, contiguous; len 0 when it is full now,
 * of which TCP_EVENT_WRITABLE tells the end. Then n octets of it, 0 too, are queued. */
struct ring_room tcp_room(struct tcp_conn *c, uint32_t wanted, uint64_t now);
void tcp_put(struct tcp_conn *c, uint32_t n, uint64_t now);
/* FIN after what is queued. */
void tcp_shutdown(struct tcp_conn *c, uint64_t now);
/* The user lets go. Unread data: reset (RFC 2525 2.17). Else as shutdown, and the connection
 * goes on by itself until TCP_EVENT_FREE (bounded in FIN-WAIT-2). */
void tcp_close(struct tcp_conn *c, uint64_t now, struct tcp_out *out);
/* Ends it with a reset, pending as a last segment. */
void tcp_abort(struct tcp_conn *c, struct tcp_out *out);
/* Ends it with a reset although its user has not let go, who is told the error. */
void tcp_fail(struct tcp_conn *c, int error, struct tcp_out *out);
/* Gives the buffers back; the struct is the caller's. */
void tcp_free(struct tcp_conn *c);

void tcp_set_nodelay(struct tcp_conn *c, bool on);
/* How long text may stay without acknowledgement (RFC 5482 3): 1 s at least; 0 for the
 * default. */
void tcp_set_user_timeout(struct tcp_conn *c, uint64_t timeout_ns, uint64_t now);
/* Probes a connection that was silent for idle_ns (1 s at least); 0 does not. */
void tcp_set_keepalive(struct tcp_conn *c, uint64_t idle_ns, uint64_t now);

/* The invariants written above the state machine, verified: for tests, simulator and fuzzers.
 */
void tcp_check(const struct tcp_conn *c);

#endif
