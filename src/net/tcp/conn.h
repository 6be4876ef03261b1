/* SPDX-License-Identifier: ISC */
#ifndef NET_TCP_CONN_H
#define NET_TCP_CONN_H

/* A connection's state, by RFC 9293 3.3.1's names where it has them. Its members are
 * net/tcp's own but for the first group, which is the caller's.
 *
 * From event to function (docs/design/tcp.md draws it):
 *   a segment arrives   tcp_arrives: arrives.c, then acks.c (ACK) and text.c (text, FIN)
 *   a time has come     tcp_expires: timers.c
 *   the user calls      open.c, user.c
 *   something may go    tcp_next_segment: output.c
 *
 * What holds between two calls, verified by tcp_check:
 *   I1  snd_una <= snd_nxt <= snd_max: acknowledged, next to go, furthest ever sent.
 *   I2  `out` holds the text from snd_una on (from iss + 1 in the SYN states), sent or not;
 *       the FIN's place is right after it.
 *   I3  Whatever was sent and is not acknowledged is under the retransmission timer, or under
 *       the persist timer when the peer's window is shut.
 *   I4  Never both of these timers.
 *   I5  rcv_nxt <= rcv_adv <= rcv_nxt + (in.max - in.count): what was offered fits, and the
 *       right edge rcv_adv never moves back.
 *   I6  Islands are sorted, apart from each other and from rcv_nxt, and end within rcv_adv;
 *       without any, they hold no memory.
 *   I7  Once the peer's FIN was taken there are no islands and nothing more is taken.
 *   I8  CLOSED holds no send buffer and has no timer.
 *   I9  The congestion window is at least one segment once the connection is established.
 *   I10 TIME-WAIT has its timer, and so has FIN-WAIT-2 when the user has let go.
 *   I11 An acknowledgement that is owed is due now or under its timer. */

#include "base/hash.h"
#include "base/list.h"
#include "base/wheel.h"
#include "net/tcp/tcp.h"

/* A run of text that arrived out of order, and when it last changed, by a count. */
struct tcp_island {
    struct tcp_range range;
    uint32_t turn;
};

struct tcp_islands {
    struct tcp_island *at; /* NULL while there are none */
    uint16_t count, room;
    uint32_t turn;
};

enum tcp_timer {
    TCP_TIMER_RETRANSMIT,
    TCP_TIMER_PERSIST,
    TCP_TIMER_ACK,
    TCP_TIMER_KEEPALIVE,
    TCP_TIMER_LIFE,    /* of TIME-WAIT, and of FIN-WAIT-2 without a user */
    TCP_TIMER_REORDER, /* what was overtaken is lost if it is not there by then */
    TCP_TIMER_TAIL,    /* the last segment, or its ACK, may be lost: a probe */
    TCP_TIMER_ROOM,    /* a write was refused for want of memory: try again */
    TCP_TIMERS
};

struct tcp_congestion;
struct tcp_board; /* net/tcp/board.h */

/* What CUBIC and HyStart++ remember: cubic.c. Windows are octets. */
struct tcp_cubic_state {
    uint64_t epoch_at;       /* t = 0 of the cubic function */
    uint64_t grown_at;       /* the last acknowledgement */
    uint64_t w_est;          /* in 1/1024 octets */
    uint32_t w_max, w_prior; /* where the function is flat; the window at the last loss */
    uint32_t k_ticks, rest;
    uint32_t used, used_before; /* most in flight in this round trip, and in the last */
    struct seq round_end;
    uint32_t rtt_us, rtt_before_us, css_rtt_us; /* least in a round trip */
    uint8_t samples, css_rounds;
    bool in_epoch : 1;
    bool first : 1; /* no loss yet: HyStart++ watches */
    bool css : 1;   /* conservative slow start */
};

struct tcp_conn {
    /* The caller's (net/inet), not touched here but for `owner`: */
    struct ip4_endpoint local, peer;
    void *owner;
    void *listener;
    struct timer timer;
    struct hash_link hash;
    struct list queue, pending;
    uint8_t place; /* which list `queue` is in */
    bool held;     /* its SYN is not answered until its user says so */
    uint8_t ttl;   /* of its packets; 0 for the usual */
    uint8_t dscp;  /* likewise, in the upper six bits: the others are ECN's */

    /* From here on net/tcp's. */
    struct tcp_shared *shared;
    const struct tcp_congestion *congestion;
    enum tcp_state state;
    int error;      /* why it ended: 0 or a negative error number */
    int soft_error; /* what the network last said about it (RFC 9293 3.9.2.2) */

    /* Sending. */
    struct seq iss, snd_una, snd_nxt, snd_max;
    struct seq snd_wl1, snd_wl2;
    struct seq snd_small; /* end of the last segment sent that was not full (Nagle) */
    uint32_t snd_wnd, snd_wnd_max;
    struct tcp_queue out;

    /* Receiving. */
    struct seq irs, rcv_nxt;
    struct seq rcv_adv;   /* right edge of the window offered */
    struct seq rcv_acked; /* last acknowledgement sent */
    struct seq fin_at;    /* the peer's FIN, when fin_known */
    struct ring in;
    struct tcp_islands islands;
    uint32_t round_from; /* `taken` when this round trip began: sizes.c */
    uint64_t round_at;
    struct tcp_range dsack; /* what arrived twice, when dsack_due */

    uint16_t mss;     /* most text of a segment sent */
    uint16_t mss_max; /* most that the two have agreed upon: a path may carry less */
    uint16_t mss_in;  /* what we told the peer */
    uint16_t rcv_mss; /* the longest text the peer has sent, up to mss_in */
    uint8_t snd_shift, rcv_shift;
    uint8_t retries;  /* time-outs, or probes of a shut window, in a row */
    uint8_t unheard;  /* keepalive probes in a row */
    uint8_t dup_acks; /* in a row */
    uint8_t
        dups_due; /* duplicate acknowledgements that the peer is owed, one for each segment */

    bool passive : 1;       /* began as a listener's */
    bool orphan : 1;        /* the user has let go */
    bool nodelay : 1;       /* no Nagle */
    bool sack : 1;          /* arrivals out of order are reported, both ways (RFC 2018 2) */
    bool flat : 1;          /* by what was negotiated, but there is no memory for a board */
    bool dsack_due : 1;     /* and what arrived twice (RFC 2883) */
    bool ecn : 1;           /* marks instead of losses (RFC 3168) */
    bool ecn_asked : 1;     /* our SYN has proposed it */
    bool ecn_echo : 1;      /* the peer is to slow down, and has not said yet that it did */
    bool cwr_due : 1;       /* we did, and say so with the next new text */
    bool scaled : 1;        /* windows are scaled (RFC 7323 2) */
    bool stamped : 1;       /* segments have timestamps (RFC 7323 3) */
    bool fin_queued : 1;    /* our FIN follows what is queued */
    bool fin_acked : 1;     /* and was acknowledged */
    bool fin_known : 1;     /* where the peer's FIN is */
    bool fin_in : 1;        /* it was taken */
    bool ack_now : 1;       /* an acknowledgement is due */
    bool resend : 1;        /* the first unacknowledged segment is due again */
    bool probe_due : 1;     /* a probe of the peer's window */
    bool keepalive_due : 1; /* a keepalive probe */
    bool reset_due : 1;     /* a reset, at reset_seq */
    bool syn_lost : 1;      /* the handshake needed a retransmission */
    bool timing : 1;        /* rtt_seq was sent at rtt_at, once */
    bool in_recovery : 1;   /* fast recovery */
    bool in_loss : 1;       /* after a time-out, until all is acknowledged (with SACK) */
    bool reordered : 1;     /* the path has been seen to */
    bool reo_round : 1;     /* a DSACK was seen since reo_end was sent */
    bool tail_due : 1;      /* a tail loss probe */
    bool tail_sent : 1;     /* it ended at tail_end and is not yet understood */
    bool tail_again : 1;    /* it was a retransmission */
    bool write_blocked : 1; /* the user waits for room */
    struct seq reset_seq;

    /* Timestamps (RFC 7323). */
    uint32_t ts_offset;
    uint32_t ts_recent;   /* the peer's, to be echoed */
    uint32_t ts_recent_s; /* when it was taken, in seconds */

    /* Round trips (RFC 6298). */
    struct seq rtt_seq;
    uint64_t rtt_at, srtt_ns, rttvar_ns, rto_ns;

    /* Congestion (RFC 5681, 6582). */
    uint32_t cwnd, ssthresh, cwnd_acked;
    struct tcp_cubic_state cubic;
    struct seq recover;
    struct seq ecn_recover; /* marks before this were answered */

    /* Loss detection with SACK (RFC 8985). */
    struct tcp_board *board; /* NULL while at most one segment is on its way */
    struct seq tail_end, reo_end;
    uint32_t min_rtt_us, min_rtt_s; /* the least, and when it was seen, in seconds */
    uint8_t reo_steps, reo_persist; /* reordering window: RFC 8985 6.2 step 4 */

    uint64_t at[TCP_TIMERS];   /* TCP_NEVER when not set */
    uint64_t mss_until;        /* when mss_max is tried again */
    uint64_t heard_at;         /* the peer's last acceptable segment */
    uint64_t progress_at;      /* since when nothing more was acknowledged */
    uint64_t sent_at;          /* the last text sent */
    uint64_t taken, delivered; /* octets read by the user, acknowledged by the peer */
    uint32_t resent;           /* segments sent again */
    uint32_t user_timeout_ms;  /* 0 for the default */
    uint64_t keepalive_ns;     /* 0 for none */
};

#endif
