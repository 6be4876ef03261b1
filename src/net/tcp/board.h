/* SPDX-License-Identifier: ISC */
#ifndef NET_TCP_BOARD_H
#define NET_TCP_BOARD_H

/* Loss recovery where SACK was negotiated: the scoreboard (board.c), when what is on it is lost
 * (rack.c: RFC 8985), and how fast it is sent again (prr.c: RFC 9937, and undone: RFC 4015).
 * A peer that knows no SACK, and a connection that finds no memory for its board, have
 * newreno.c instead.
 *
 * What holds between two calls, beside conn.h's:
 *   B1  There is a board only by SACK, and while something is on its way.
 *   B2  Its records are not empty, and lie side by side from snd_una to snd_max.
 *   B3  `sacked` and `lost` are the sums of the records that are marked so, and none is both.
 *   B4  Whoever recovers has a board, and is before `recover`, which is not beyond snd_max.
 *   B5  A reordering or tail timer is set only by SACK, while something is on its way. */

#include "net/tcp/core.h"

#define TCP_SENT_MAX 8192U /* records a connection; 16 octets each */

/* A segment that was sent, up to `to`. */
struct tcp_sent {
    uint64_t at;   /* when it was sent last */
    struct seq to; /* it begins where the one before ends */
    bool sacked : 1;
    bool lost : 1;  /* and not yet sent again */
    bool again : 1; /* was sent more than once, or its time is not exact: it is not timed */
};

struct tcp_board {
    uint32_t sacked, lost; /* octets */
    /* RFC 8985 5.2: of the segment that was sent last of those that have arrived. */
    uint64_t rack_at, rack_rtt_ns;
    struct seq rack_end;
    struct seq fack; /* the furthest octet that has arrived */
    /* RFC 9937 6: octets delivered and sent since recovery began, and on their way then. */
    uint32_t prr_delivered, prr_out, recover_fs;
    /* What to go back to when nothing was lost (RFC 4015). */
    uint32_t undo_cwnd, undo_ssthresh;
    uint32_t undo_octets; /* sent again, and not reported to have arrived twice */
    uint32_t undo_stamp;  /* the timestamp of the first that was sent again */
    struct seq undo_una;
    bool undo, undo_stamped, undo_asked;
    uint16_t head, count, room; /* of `sent` */
    struct tcp_sent sent[];
};

/* What an acknowledgement has brought. */
struct tcp_news {
    const struct tcp_segment *seg;
    uint64_t now;
    struct seq fack;    /* the board's, before */
    uint64_t rtt_ns;    /* of the segment sent last among those delivered; 0 for none */
    uint32_t pipe;      /* octets on their way before */
    uint32_t acked;     /* by so much snd_una moved on */
    uint32_t delivered; /* octets newly known to have arrived */
    bool dsack;         /* the first block tells what arrived twice */
};

static inline bool tcp_by_sack(const struct tcp_conn *c)
{
    return c->sack && !c->flat;
}

static inline struct tcp_sent *tcp_sent_at(struct tcp_board *b, unsigned i)
{
    return &b->sent[b->head + i];
}

/* ---- board.c ---- */
struct seq tcp_sent_from(const struct tcp_conn *c, unsigned i);
uint32_t tcp_sent_len(const struct tcp_conn *c, unsigned i);
/* There is a board, or the connection goes on without. */
bool tcp_board_make(struct tcp_conn *c);
void tcp_board_end(struct tcp_conn *c);
/* To newreno.c. */
void tcp_board_give_up(struct tcp_conn *c);
/* Back from it, when nothing is in doubt and there is memory. */
void tcp_board_come_back(struct tcp_conn *c);
/* What [from, to) of the sequence space is about to do to snd_max is not yet done. */
void tcp_board_sent(struct tcp_conn *c, struct tcp_range r, uint64_t now);
/* It did not go. False when the board knows nothing of it. */
bool tcp_board_unsent(struct tcp_conn *c, struct tcp_range r);
/* The first that is lost, and not yet sent again. */
bool tcp_board_first_lost(const struct tcp_conn *c, struct tcp_range *r);
/* Octets on their way (RFC 6675 3): neither arrived nor lost. */
uint32_t tcp_pipe(const struct tcp_conn *c);
/* What seg acknowledges, before snd_una moves. */
void tcp_board_take(struct tcp_conn *c, struct tcp_news *news);
void tcp_sent_lose(struct tcp_conn *c, unsigned i);
/* All that is not known to have arrived. */
void tcp_board_lose_all(struct tcp_conn *c);
/* Nothing is lost. */
void tcp_board_forgive(struct tcp_conn *c);
/* RFC 2018 8: the peer threw away what it had reported. */
void tcp_board_renege(struct tcp_conn *c);

/* ---- rack.c ---- */
/* A round trip took so long: RFC 8985 6.2 step 1. */
void tcp_rack_timed(struct tcp_conn *c, uint64_t rtt_ns, uint64_t now);
/* Something has arrived, up to `to` of *s. */
void tcp_rack_delivered(struct tcp_conn *c, const struct tcp_sent *s, struct seq to,
                        struct tcp_news *news);
/* RFC 8985 6.2 step 4; `recovered` when a recovery has just ended. */
void tcp_rack_adapt(struct tcp_conn *c, bool dsack, bool recovered);
/* Marks what is lost by now, and sets the timer for what will be. Whether there is any. */
bool tcp_rack_detect(struct tcp_conn *c, uint64_t now);
/* RFC 8985 6.3: a retransmission time-out. */
void tcp_rack_lose_all(struct tcp_conn *c, uint64_t now);
/* RFC 8985 7.2: (re)sets or stops the timer of the tail loss probe. */
void tcp_tail_arm(struct tcp_conn *c, uint64_t now);
/* RFC 8985 7.4: whether the acknowledgement shows that the probe made good a loss. */
bool tcp_tail_acked(struct tcp_conn *c, const struct tcp_news *news);

/* ---- prr.c ---- */
/* After an acknowledgement. */
void tcp_recovery_by_sack(struct tcp_conn *c, const struct tcp_news *news);
/* The reordering timer has fired. */
void tcp_recovery_reordered(struct tcp_conn *c, uint64_t now);
/* The retransmission timer has. False when the board can do nothing for it: newreno.c then. */
bool tcp_recovery_by_sack_timed_out(struct tcp_conn *c, uint64_t now);

#endif
