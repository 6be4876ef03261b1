/* SPDX-License-Identifier: ISC */
/* How long segments may be on the path: RFC 1191 as net/inet learns it from ICMP, and what RFC
 * 4821 3 and RFC 8899 call a black hole, where longer ones vanish and nobody says so. */

#include "net/tcp/board.h"

static void set_mss(struct tcp_conn *c, uint32_t mss, uint64_t now)
{
    c->mss = (uint16_t)mss;
    c->cwnd = tcp_max(c->cwnd, c->mss);
    c->mss_until = now + TCP_PATH_NS;
}

bool tcp_path_mtu(struct tcp_conn *c, uint32_t mtu, uint64_t now)
{
    uint32_t headers = TCP_PATH_HEADERS + (c->stamped ? TCP_STAMPS_LEN : 0);
    uint32_t mss = tcp_max(mtu, TCP_PATH_MTU_MIN) - headers;
    if (!tcp_can_send(c) || mss >= c->mss)
        return false;
    set_mss(c, mss, now);
    if (tcp_flight(c) > 0 && !tcp_timer_is_set(c, TCP_TIMER_PERSIST)) {
        /* RFC 1191 6.4: what was too long goes again at once, and it was no congestion. */
        if (c->board)
            tcp_board_lose_all(c);
        else
            c->snd_nxt = c->snd_una;
        c->timing = c->resend = false;
        tcp_arm_retransmit(c, now);
    }
    tcp_settle(c, now);
    return true;
}

/* One time-out, or two, are congestion or a peer that is slow. */
#define PATH_TIME_OUTS 2U

void tcp_path_timed_out(struct tcp_conn *c, uint64_t now)
{
    uint32_t base = TCP_PATH_MTU_BASE - TCP_PATH_HEADERS - TCP_STAMPS_LEN;
    uint32_t least = TCP_PATH_MTU_MIN - TCP_PATH_HEADERS - TCP_STAMPS_LEN;
    uint32_t longest = tcp_min(tcp_flight(c), c->mss);
    if (c->retries < PATH_TIME_OUTS || longest <= least)
        return;
    c->shared->counts.black_holes++;
    set_mss(c, longest > base ? base : least, now);
}

/* After a while the path may be another: full segments are the probe. If they vanish again,
 * it is as before. */
void tcp_path_acked(struct tcp_conn *c, uint64_t now)
{
    if (c->mss >= c->mss_max || now < c->mss_until)
        return;
    c->shared->counts.path_probes++;
    set_mss(c, c->mss_max, now);
}
