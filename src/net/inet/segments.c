/* SPDX-License-Identifier: ISC */
/* To which connection a segment goes, and what happens to one that has none. */
#include "net/inet/state.h"

static void answer_by_reset(struct inet *in, const struct inet_ends *ends,
                            const struct tcp_segment *seg, uint64_t now)
{
    struct tcp_segment reset;
    if (!tcp_reset_for(seg, &reset))
        return;
    if (!rate_allows(&in->reset_rate, INET_RESET_NS, INET_RESET_BURST, now)) {
        in->counts[INET_TCP_RESETS_LIMITED]++;
        return;
    }
    in->counts[INET_TCP_RESETS_SENT]++;
    struct ip4_head head = ip4_head_of(ends->local.ip, ends->peer.ip, IP4_TCP);
    struct writer w = send_payload(in);
    tcp_print(&w, &reset, NULL, head.src, head.dst);
    send_answer(in, &head, writer_len(&w), now);
}

/* RFC 9293 3.10.7.2: a reset is ignored, an ACK answered by a reset, a SYN begins. */
static void listener_arrives(struct inet *in, struct inet_listener *l,
                             const struct inet_ends *ends, const struct tcp_segment *seg,
                             uint64_t now)
{
    if ((seg->flags & (TCP_RST | TCP_ACK | TCP_SYN)) == TCP_SYN) {
        listener_syn(in, l, ends, seg, NULL, now);
        return;
    }
    if ((seg->flags & (TCP_RST | TCP_ACK | TCP_SYN)) == TCP_ACK &&
        listener_ack(in, l, ends, seg, now))
        return;
    in->counts[INET_TCP_NOT_A_SYN]++;
    if (seg->flags & TCP_ACK)
        answer_by_reset(in, ends, seg, now);
}

/* The last ACK of a handshake that its listener has no room for: the peer sends it, or its
 * text, again. */
static bool must_wait(const struct tcp_conn *c, const struct tcp_segment *seg)
{
    const struct inet_listener *l = c->listener;
    return c->place == INET_HALF_OPEN && l->queued >= l->backlog &&
           (seg->flags & (TCP_ACK | TCP_RST)) == TCP_ACK;
}

static void conn_arrives(struct inet *in, struct tcp_conn *c, const struct tcp_segment *seg,
                         uint64_t now)
{
    if (c->held && !(seg->flags & TCP_RST)) {
        in->counts[INET_TCP_HELD]++; /* it is sent again, as long as its sender cares */
        return;
    }
    if (must_wait(c, seg)) {
        in->counts[INET_TCP_ACK_BACKLOG]++;
        return;
    }
    if (c->place == INET_TIME_WAIT && tcp_may_reuse(c, seg) && listener_find(in, c->local)) {
        const struct inet_ends ends = {c->local, c->peer};
        struct seq iss = tcp_reuse_iss(c, table_isn(in, c->local, c->peer, now));
        conn_free(in, c);
        listener_syn(in, listener_find(in, ends.local), &ends, seg, &iss, now);
        return;
    }
    struct tcp_out out = {0};
    uint64_t refused = in->tcp.counts.no_memory;
    tcp_arrives(c, seg, now, &out);
    /* For the text that there was no memory for, when the peer sends it again. */
    if (in->tcp.counts.no_memory != refused && c->in.len == 0)
        conn_evict_for_buffer(in, now);
    conn_settle(in, c, out.events, now);
}

void segment_arrives(struct inet *in, const struct ip4_packet *p, uint64_t now)
{
    struct tcp_segment seg;
    if (p->to_broadcast) {
        in->counts[INET_TCP_BROADCAST]++;
        return;
    }
    enum tcp_verdict v = p->verified ? tcp_parse_verified(p->payload, &seg)
                                     : tcp_parse(p->payload, p->src, p->dst, &seg);
    in->tcp_counts[v]++;
    if (v != TCP_OK)
        return;
    seg.segment_len = p->segment_len < seg.text.len ? p->segment_len : 0;
    seg.ecn = p->tos & 3;
    const struct inet_ends ends = {{p->dst, seg.dst_port}, {p->src, seg.src_port}};
    struct tcp_conn *c = table_find(in, ends.local, ends.peer);
    if (c) {
        conn_arrives(in, c, &seg, now);
        return;
    }
    struct seq iss;
    enum waits_verdict w = waits_arrives(in, &ends, &seg, now, &iss);
    if (w == WAITS_TAKEN)
        return;
    struct inet_listener *l = listener_find(in, ends.local);
    if (w == WAITS_REUSED) {
        listener_syn(in, l, &ends, &seg, &iss, now);
    } else if (l) {
        listener_arrives(in, l, &ends, &seg, now);
    } else {
        in->counts[INET_TCP_NO_CONNECTION]++;
        answer_by_reset(in, &ends, &seg, now);
    }
}
