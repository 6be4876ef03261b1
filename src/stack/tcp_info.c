/* SPDX-License-Identifier: ISC */
/* What can be asked about a connection. */
#include "net/tcp/congestion.h"
#include "stack/stack.h"

#include <errno.h>

static const char *state_name(enum tcp_state state)
{
    static const char *const name[] = {
        [TCP_CLOSED] = "CLOSED",
        [TCP_SYN_SENT] = "SYN-SENT",
        [TCP_SYN_RECEIVED] = "SYN-RECEIVED",
        [TCP_ESTABLISHED] = "ESTABLISHED",
        [TCP_FIN_WAIT_1] = "FIN-WAIT-1",
        [TCP_FIN_WAIT_2] = "FIN-WAIT-2",
        [TCP_CLOSE_WAIT] = "CLOSE-WAIT",
        [TCP_CLOSING] = "CLOSING",
        [TCP_LAST_ACK] = "LAST-ACK",
        [TCP_TIME_WAIT] = "TIME-WAIT",
    };
    return name[state];
}

static uint32_t octets_between(struct seq from, struct seq to)
{
    return (uint32_t)seq_diff(to, from);
}

int dr_tcp_info(const struct dr_tcp *t, struct dr_tcp_info *out)
{
    const struct tcp_conn *c = t->conn;
    if (!c)
        return -ENOTCONN;
    uint32_t flight = octets_between(c->snd_una, c->snd_max);
    *out = (struct dr_tcp_info){
        .state = state_name(c->state),
        .congestion = c->congestion == &tcp_reno ? "newreno" : "cubic",
        .rtt_ns = c->srtt_ns,
        .rtt_var_ns = c->rttvar_ns,
        .rto_ns = c->rto_ns,
        .cwnd = c->cwnd,
        .ssthresh = c->ssthresh,
        .in_flight = flight,
        .unsent = c->out.count > flight ? c->out.count - flight : 0,
        .unread = c->in.count,
        .mss = c->mss,
        .send_window = c->snd_wnd,
        .receive_window = octets_between(c->rcv_nxt, c->rcv_adv),
        .retransmits = c->resent,
        .octets_acked = c->delivered,
        .octets_received = c->taken + c->in.count,
        .ecn = c->ecn,
        .sack = c->sack,
        .timestamps = c->stamped,
        .window_scaling = c->scaled,
    };
    return 0;
}
