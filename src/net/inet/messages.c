/* SPDX-License-Identifier: ISC */
/* ICMP: echoes answered, errors sent, errors received. */
#include "net/inet/state.h"

#include <errno.h>

/* Its source is the address that what it answers was for (RFC 1122 3.2.2.6). */
static void answer(struct inet *in, const struct ip4_packet *p, const struct icmp_message *m,
                   uint64_t now)
{
    struct ip4_head head = ip4_head_of(p->dst, p->src, IP4_ICMP);
    struct writer w = send_payload_of(in, ICMP_HEADER_LEN + m->body.len);
    icmp_print(&w, m);
    if (!w.ran_out)
        send_answer(in, &head, writer_len(&w), now);
}

/* RFC 1122 3.2.2.6. A request to a broadcast address is not answered, nor is one by one more
 * than the rate allows. */
static void echo(struct inet *in, const struct ip4_packet *p, const struct icmp_message *m,
                 uint64_t now)
{
    if (p->to_broadcast) {
        in->counts[INET_ECHO_BROADCAST]++;
    } else if (!rate_allows(&in->echo_rate, INET_ECHO_NS, INET_ECHO_BURST, now)) {
        in->counts[INET_ECHO_LIMITED]++;
    } else {
        struct icmp_message reply = {.type = ICMP_ECHO_REPLY, .rest = m->rest, .body = m->body};
        in->counts[INET_ECHO_REPLIES]++;
        answer(in, p, &reply, now);
    }
}

void icmp_unreachable(struct inet *in, const struct ip4_packet *about, uint8_t code,
                      uint64_t now)
{
    icmp_error(in, about, ICMP_UNREACHABLE, code, 0, now);
}

void icmp_error(struct inet *in, const struct ip4_packet *about, enum icmp_type type,
                uint8_t code, uint32_t rest, uint64_t now)
{
    /* RFC 1122 3.2.2; what is from no single host does not come here. */
    if (about->to_broadcast || about->fragment_at > 0 || icmp_forbids_errors(about))
        return;
    if (!rate_allows(&in->error_rate, INET_ERROR_NS, INET_ERROR_BURST, now)) {
        in->counts[INET_ERRORS_LIMITED]++;
        return;
    }
    size_t room = ICMP_MESSAGE_MAX - ICMP_HEADER_LEN;
    struct bytes quote =
        bytes_of(about->whole.at, about->whole.len < room ? about->whole.len : room);
    struct icmp_message m = {.type = (uint8_t)type, .code = code, .rest = rest, .body = quote};
    in->counts[INET_ERRORS_OUT]++;
    answer(in, about, &m, now);
}

static bool is_too_big(const struct icmp_message *m)
{
    return m->type == ICMP_UNREACHABLE && m->code == ICMP_TOO_BIG;
}

/* RFC 5927 4.1: what is not about an octet on its way may be forged, or is too old. */
static void error_to_tcp(struct inet *in, const struct icmp_message *m,
                         const struct icmp_quote *q, uint64_t now)
{
    struct reader r = reader_of(q->payload);
    struct ip4_endpoint local = {q->src, read_u16(&r)}, peer = {q->dst, read_u16(&r)};
    struct seq seq = {read_u32(&r)};
    struct tcp_conn *c = table_find(in, local, peer);
    if (!c) {
        in->counts[INET_ERRORS_UNMATCHED]++;
    } else if (!tcp_in_flight(c, seq)) {
        in->counts[INET_ERRORS_NOT_IN_FLIGHT]++;
    } else {
        struct tcp_out out = {0};
        in->counts[INET_ERRORS_TO_TCP]++;
        if (!is_too_big(m))
            tcp_error(c, icmp_error_number(m), &out);
        else if (path_too_big(in, q, m->rest, now))
            tcp_path_mtu(c, path_mtu(in, q->dst, now), now);
        conn_settle(in, c, out.events, now);
    }
}

/* RFC 1122 4.1.3.3: all of them are told, also that a datagram was too long for the path. That
 * changes what everybody sends there, so it must be about the last long one that the socket
 * sent, as RFC 5927 asks for octets on their way. */
static void error_to_udp(struct inet *in, const struct icmp_message *m,
                         const struct icmp_quote *q, int error, uint64_t now)
{
    struct reader r = reader_of(q->payload);
    struct ip4_endpoint local = {q->src, read_u16(&r)}, peer = {q->dst, read_u16(&r)};
    struct inet_udp *u = udp_find(in, local, peer);
    if (!u) {
        in->counts[INET_ERRORS_UNMATCHED]++;
        return;
    }
    if (is_too_big(m) && !(ip4_equal(u->long_to, q->dst) && u->long_len == q->total_len)) {
        in->counts[INET_ERRORS_NOT_IN_FLIGHT]++;
        return;
    }
    if (is_too_big(m))
        path_too_big(in, q, m->rest, now);
    in->counts[INET_ERRORS_TO_UDP]++;
    if (in->rim.udp_error)
        in->rim.udp_error(in->rim.ctx, u, peer, error);
}

static void error_arrives(struct inet *in, const struct icmp_message *m, uint64_t now)
{
    struct icmp_quote q;
    if (icmp_parse_quote(m, &q) != ICMP_OK || !inet_is_own(in, q.src)) {
        in->icmp_counts[ICMP_BAD_QUOTE]++;
        return;
    }
    int error = icmp_error_number(m);
    if (is_too_big(m) && q.protocol == IP4_UDP)
        error = -EMSGSIZE;
    if (q.protocol == IP4_TCP && (is_too_big(m) || error != 0))
        error_to_tcp(in, m, &q, now);
    else if (error == 0)
        in->counts[INET_ERRORS_NO_MEANING]++;
    else if (q.protocol == IP4_UDP)
        error_to_udp(in, m, &q, error, now);
    else
        in->counts[INET_ERRORS_UNMATCHED]++;
}

void icmp_arrives(struct inet *in, const struct ip4_packet *p, uint64_t now)
{
    struct icmp_message m;
    enum icmp_verdict v = icmp_parse(p->payload, &m);
    in->icmp_counts[v]++;
    if (v != ICMP_OK)
        return;
    if (icmp_is_error(m.type))
        error_arrives(in, &m, now);
    else if (m.type == ICMP_ECHO_REQUEST)
        echo(in, p, &m, now);
    else
        in->counts[INET_ICMP_IGNORED]++;
}
