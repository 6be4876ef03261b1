/* SPDX-License-Identifier: ISC */
#ifndef NET_TCP_CORE_H
#define NET_TCP_CORE_H

/* What the files of net/tcp share among themselves. */

#include "net/tcp/conn.h"

#define TCP_MS     1000000ULL
#define TCP_SECOND 1000000000ULL

/* Each departure from an RFC's number is in docs/conformance.md. */
#define TCP_RTO_FIRST           TCP_SECOND        /* RFC 6298 2.1 */
#define TCP_RTO_AFTER_SYN       (3 * TCP_SECOND)  /* RFC 6298 5.7 */
#define TCP_RTO_VAR_MIN         (200 * TCP_MS)    /* least that is added to the smoothed RTT */
#define TCP_RTO_MAX             (60 * TCP_SECOND) /* RFC 6298 2.5 */
#define TCP_ACK_DELAY           (40 * TCP_MS)     /* RFC 9293 3.8.6.3: < 0.5 s */
#define TCP_2MSL                (60 * TCP_SECOND)
#define TCP_FIN_WAIT_2_MAX      (60 * TCP_SECOND)  /* without a user */
#define TCP_GIVE_UP             (300 * TCP_SECOND) /* R2 of RFC 9293 3.8.3: >= 100 s */
#define TCP_GIVE_UP_SYN         (180 * TCP_SECOND) /* R2 of a SYN: >= 3 minutes */
#define TCP_GIVE_UP_ACCEPT      (60 * TCP_SECOND)  /* R2 of a SYN,ACK */
#define TCP_USER_TIMEOUT_MIN_MS 1000U
#define TCP_KEEPALIVE_MIN       TCP_SECOND
#define TCP_KEEPALIVE_GAP       (75 * TCP_SECOND)
#define TCP_KEEPALIVE_MAX       9U
#define TCP_ROOM_AGAIN          (50 * TCP_MS)
#define TCP_SHIFT_MAX           14U  /* RFC 7323 2.3 */
#define TCP_CHALLENGES_MIN      500U /* a second; RFC 5961 7 */
#define TCP_CWND_MAX            (1U << 30)
#define TCP_STAMPS_LEN          12U /* octets of the timestamps option, padded */

/* What a step of RFC 9293 3.10.7.4 says: go on with the next, or this segment is done. */
enum tcp_step { TCP_NEXT, TCP_DONE };

static inline uint32_t tcp_min(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static inline uint32_t tcp_max(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static inline struct seq seq_later(struct seq a, struct seq b)
{
    return seq_lt(a, b) ? b : a;
}

static inline struct seq seq_earlier(struct seq a, struct seq b)
{
    return seq_lt(a, b) ? a : b;
}

/* Octets of a SACK option with so many blocks, padded. */
static inline uint32_t tcp_sacks_len(uint32_t sacks)
{
    return sacks > 0 ? 4 + 8 * sacks : 0;
}

/* Octets sent and not acknowledged, SYN and FIN included. */
static inline uint32_t tcp_flight(const struct tcp_conn *c)
{
    return (uint32_t)seq_diff(c->snd_max, c->snd_una);
}

static inline uint32_t tcp_rcv_wnd(const struct tcp_conn *c)
{
    return (uint32_t)seq_diff(c->rcv_adv, c->rcv_nxt);
}

/* Whether the peer may still send text that we take. */
static inline bool tcp_can_receive(const struct tcp_conn *c)
{
    return c->state == TCP_ESTABLISHED || c->state == TCP_FIN_WAIT_1 ||
           c->state == TCP_FIN_WAIT_2;
}

static inline bool tcp_in_handshake(const struct tcp_conn *c)
{
    return c->state == TCP_SYN_SENT || c->state == TCP_SYN_RECEIVED;
}

/* Whether text, or our FIN, may go. */
static inline bool tcp_can_send(const struct tcp_conn *c)
{
    return c->state == TCP_ESTABLISHED || c->state == TCP_CLOSE_WAIT ||
           c->state == TCP_FIN_WAIT_1 || c->state == TCP_CLOSING || c->state == TCP_LAST_ACK;
}

static inline void tcp_timer_stop(struct tcp_conn *c, enum tcp_timer t)
{
    c->at[t] = TCP_NEVER;
}

static inline bool tcp_timer_is_set(const struct tcp_conn *c, enum tcp_timer t)
{
    return c->at[t] != TCP_NEVER;
}

/* open.c */
/* CLOSED: every member but the caller's group set. */
void tcp_begin(struct tcp_conn *c, struct tcp_shared *sh, const struct tcp_open *o,
               uint64_t now);
/* What a peer's SYN says: its number, its options, its window. */
void tcp_take_syn(struct tcp_conn *c, const struct tcp_segment *syn, uint64_t now);
/* The handshake is complete. */
void tcp_established(struct tcp_conn *c, uint64_t now, struct tcp_out *out);

/* arrives.c */
/* An ACK that answers what may be a forgery, unless too many were sent (RFC 5961 7). */
void tcp_challenge(struct tcp_conn *c, uint64_t now);

/* acks.c */
enum tcp_step tcp_step_ack(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now,
                           struct tcp_out *out);
/* Everything before seg->ack is acknowledged; it is in (snd_una, snd_max]. */
void tcp_acked(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now,
               struct tcp_out *out);

/* text.c */
enum tcp_step tcp_step_text(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now,
                            struct tcp_out *out);
enum tcp_step tcp_step_fin(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now,
                           struct tcp_out *out);
/* The right edge that the receive buffer has room for and the window field can tell. */
struct seq tcp_edge(const struct tcp_conn *c);

/* Whether memory may be taken for text out of order. */
bool tcp_may_grow(const struct tcp_conn *c);

/* islands.c */
/* Remembers that text was put into the ring, ahead of its end. False when there is no room
 * to remember it; counted. */
bool tcp_island_add(struct tcp_conn *c, struct tcp_range r);
/* Those that rcv_nxt has reached become part of the queue. */
void tcp_islands_absorb(struct tcp_conn *c);
void tcp_islands_end(struct tcp_conn *c);
/* If some of a segment's text was here already, the peer is told so (RFC 2883). */
void tcp_note_duplicate(struct tcp_conn *c, const struct tcp_segment *seg);
/* The blocks that the next segment has in its SACK option. */
uint32_t tcp_sacks_due(const struct tcp_conn *c);
void tcp_put_sacks(struct tcp_conn *c, struct tcp_segment *seg);

/* output.c */
/* After each event: when text waits for nothing but the peer's window, the persist timer
 * takes over from the retransmission timer, and gives way again (RFC 9293 3.8.6.1). */
void tcp_settle(struct tcp_conn *c, uint64_t now);

/* ecn.c */
void tcp_ecn_take_syn(struct tcp_conn *c, const struct tcp_segment *syn);
uint8_t tcp_ecn_syn_flags(struct tcp_conn *c);
void tcp_ecn_text_arrives(struct tcp_conn *c, const struct tcp_segment *seg);
void tcp_ecn_ack_arrives(struct tcp_conn *c, const struct tcp_segment *seg);
/* Before snd_max moves on. */
void tcp_ecn_text_goes(struct tcp_conn *c, struct tcp_segment *seg);

/* sizes.c: after text was taken in order; after something was acknowledged. */
void tcp_grow_receive(struct tcp_conn *c, uint64_t now);
void tcp_grow_send(struct tcp_conn *c);

/* path.c */
#define TCP_PATH_MTU_BASE                                                                      \
    1280U /* RFC 8899 5.1.2 has 1200 for what all paths take, and less                         \
           */
/* After a time-out, and after something was acknowledged. */
void tcp_path_timed_out(struct tcp_conn *c, uint64_t now);
void tcp_path_acked(struct tcp_conn *c, uint64_t now);

/* rto.c */
void tcp_rto_init(struct tcp_conn *c);
/* A round trip took rtt_ns; so many are timed in the time of one (RFC 7323 appendix G). */
void tcp_rto_sample(struct tcp_conn *c, uint64_t rtt_ns, uint32_t samples);
void tcp_rto_backoff(struct tcp_conn *c);
/* Something more was acknowledged that could not be timed: half of a back-off is taken back.
 * (RFC 6298 5 keeps all of it until a round trip is timed, which under heavy loss is never.) */
void tcp_rto_progress(struct tcp_conn *c);

/* stamps.c */
/* Our clock of timestamps: a tick is a millisecond. */
uint32_t tcp_stamp(const struct tcp_conn *c, uint64_t now);
/* The option on what we send. */
void tcp_stamp_segment(const struct tcp_conn *c, struct tcp_segment *seg, uint64_t now);
/* RFC 7323 5.3, R1: an old timestamp is an old segment. */
enum tcp_step tcp_step_paws(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now,
                            struct tcp_out *out);
/* RFC 7323 5.3, R3: an acceptable segment's timestamp is what is echoed next. */
void tcp_note_stamp(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now);
/* RFC 7323 4.1: how long the round trip took that an acknowledgement of something new ends,
 * if its echo says so. */
bool tcp_stamp_rtt(const struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now,
                   uint64_t *rtt_ns);

/* timers.c */
/* (Re)starts the retransmission timer, to fire no later than the connection is given up. */
void tcp_arm_retransmit(struct tcp_conn *c, uint64_t now);
void tcp_arm_persist(struct tcp_conn *c, uint64_t now);
void tcp_arm_keepalive(struct tcp_conn *c, uint64_t now);

/* user.c */
/* CLOSED: buffers and timers go; what arrived in order can still be read. */
void tcp_end(struct tcp_conn *c, int error, struct tcp_out *out);
/* As tcp_end, and a reset is pending. */
void tcp_end_with_reset(struct tcp_conn *c, int error, struct tcp_out *out);
void tcp_time_wait(struct tcp_conn *c, uint64_t now);

#endif
