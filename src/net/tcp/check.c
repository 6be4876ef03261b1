/* SPDX-License-Identifier: ISC */
/* The invariants of conn.h. */

#include "base/check.h"
#include "net/tcp/board.h"

static void check_sending(const struct tcp_conn *c)
{
    check(seq_le(c->snd_una, c->snd_nxt) && seq_le(c->snd_nxt, c->snd_max)); /* I1 */
    if (tcp_in_handshake(c)) {
        check(seq_eq(c->snd_una, c->iss) && tcp_flight(c) <= 1); /* I2 */
    } else {
        check(tcp_flight(c) <= c->out.count + (c->fin_queued && !c->fin_acked)); /* I2 */
        check(!c->fin_acked || c->out.count == 0);
    }
    bool retransmit = tcp_timer_is_set(c, TCP_TIMER_RETRANSMIT);
    bool persist = tcp_timer_is_set(c, TCP_TIMER_PERSIST);
    check(tcp_flight(c) == 0 || retransmit || persist);           /* I3 */
    check(!tcp_in_handshake(c) || c->held || retransmit);         /* I3 */
    check(!(retransmit && persist));                              /* I4 */
    check(!tcp_can_send(c) || (c->mss > 0 && c->cwnd >= c->mss)); /* I9 */
    queue_check(&c->out);
}

static void check_records(const struct tcp_conn *c)
{
    uint32_t sacked = 0, lost = 0;
    for (unsigned i = 0; i < c->board->count; i++) {
        const struct tcp_sent *s = tcp_sent_at(c->board, i);
        uint32_t len = tcp_sent_len(c, i);
        check(seq_lt(tcp_sent_from(c, i), s->to)); /* B2 */
        check(!(s->sacked && s->lost));            /* B3 */
        sacked += s->sacked ? len : 0;
        lost += s->lost ? len : 0;
    }
    check(seq_eq(tcp_sent_at(c->board, c->board->count - 1U)->to, c->snd_max)); /* B2 */
    check(c->board->sacked == sacked && c->board->lost == lost);                /* B3 */
}

static void check_board(const struct tcp_conn *c)
{
    const struct tcp_board *b = c->board;
    bool by_sack = tcp_by_sack(c) && !tcp_in_handshake(c);
    if (b) {
        check(by_sack && tcp_flight(c) > 0); /* B1 */
        check(b->count > 0 && b->head + b->count <= b->room && b->room <= TCP_SENT_MAX);
        check_records(c);
    }
    if (by_sack && (c->in_recovery || c->in_loss)) /* B4 */
        check(b && seq_lt(c->snd_una, c->recover) && seq_le(c->recover, c->snd_max));
    check(by_sack || !c->in_loss);
    if (tcp_timer_is_set(c, TCP_TIMER_REORDER) || tcp_timer_is_set(c, TCP_TIMER_TAIL))
        check(by_sack && tcp_flight(c) > 0); /* B5 */
}

static void check_receiving(const struct tcp_conn *c)
{
    check(seq_le(c->rcv_nxt, c->rcv_adv) && seq_le(c->rcv_adv, tcp_edge(c))); /* I5 */
    const struct tcp_islands *l = &c->islands;
    check(l->count <= l->room && l->room <= TCP_ISLANDS_MAX && !l->at == (l->count == 0));
    struct seq end = c->rcv_nxt;
    for (unsigned i = 0; i < l->count; i++) { /* I6 */
        struct tcp_range r = l->at[i].range;
        check(seq_lt(end, r.from) && seq_lt(r.from, r.to));
        end = r.to;
    }
    check(seq_le(end, c->rcv_adv));
    check(!c->fin_in || (c->fin_known && l->count == 0)); /* I7 */
    if (seq_lt(c->rcv_acked, c->rcv_nxt) && c->state != TCP_SYN_RECEIVED)
        check(c->ack_now || tcp_timer_is_set(c, TCP_TIMER_ACK)); /* I11 */
}

void tcp_check(const struct tcp_conn *c)
{
    switch (c->state) {
    case TCP_CLOSED:
        check(c->out.count == 0 && c->out.ring.at == NULL &&
              tcp_deadline(c) == TCP_NEVER); /* I8 */
        check(c->in.at == NULL || !c->orphan);
        return;
    case TCP_SYN_SENT:
        check_sending(c);
        return;
    case TCP_TIME_WAIT:
        check(tcp_timer_is_set(c, TCP_TIMER_LIFE)); /* I10 */
        check(c->out.count == 0);
        break;
    case TCP_FIN_WAIT_2:
        check(!c->orphan || tcp_timer_is_set(c, TCP_TIMER_LIFE)); /* I10 */
        break;
    case TCP_SYN_RECEIVED:
    case TCP_ESTABLISHED:
    case TCP_FIN_WAIT_1:
    case TCP_CLOSE_WAIT:
    case TCP_CLOSING:
    case TCP_LAST_ACK:
        break;
    }
    check_sending(c);
    check_board(c);
    check_receiving(c);
}
