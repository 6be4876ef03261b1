/* SPDX-License-Identifier: ISC */
/* Towards the image: packets, ARP, and ICMP in the gateway's own name. */
#include "base/check.h"
#include "host/gateway/state.h"
#include "net/icmp/icmp.h"

#include <errno.h>

#define HEADERS   (ETH_HEADER_LEN + IP4_HEADER_MIN)
#define QUOTE_LEN (IP4_HEADER_MIN + ICMP_QUOTE_MIN)

/* Codes of ICMP_UNREACHABLE (RFC 792, RFC 1812 5.2.7.1). */
enum { NET_UNREACHABLE = 0, HOST_UNREACHABLE = 1, PROHIBITED = 13 };

static int send_frame(struct gateway *g, size_t len)
{
    int r = g->host.frame(g->host.ctx, bytes_of(g->frame, len));
    if (r == 0)
        g->counts[COUNT_FRAMES_OUT]++;
    else
        g->counts[COUNT_LINK_FULL]++;
    g->link_full = r != 0;
    return r;
}

struct writer image_payload(struct gateway *g)
{
    return writer_of(g->frame + HEADERS, g->cfg.mtu - IP4_HEADER_MIN);
}

bool image_takes(struct gateway *g, uint64_t now)
{
    if (!g->image_known)
        image_ask(g, now);
    return g->image_known && !g->link_full;
}

int image_send(struct gateway *g, struct ip4 src, uint8_t protocol, size_t payload_len,
               uint64_t now)
{
    struct writer w = writer_of(g->frame, HEADERS);
    if (!image_takes(g, now))
        return -EAGAIN;
    eth_print(&w, &g->image_mac, &g->mac, ETH_IP4);
    ip4_print(&w, src, g->cfg.image, protocol, payload_len);
    check(!w.ran_out);
    return send_frame(g, HEADERS + payload_len);
}

int image_send_segment(struct gateway *g, const struct tcp_conn *c, struct tcp_segment *seg,
                       uint64_t now)
{
    struct writer w = image_payload(g);
    seg->src_port = c->local.port;
    seg->dst_port = c->peer.port;
    tcp_print(&w, seg, &c->out, c->local.ip, c->peer.ip);
    check(!w.ran_out);
    return image_send(g, c->local.ip, IP4_TCP, writer_len(&w), now);
}

/* ---- ARP -------------------------------------------------------------------------- */

static void send_arp(struct gateway *g, const struct eth_addr *to, uint16_t op,
                     const struct eth_addr *target_mac, struct ip4 target)
{
    struct arp_packet p = {.op = op, .sender_mac = g->mac, .sender = g->own.ip};
    struct writer w = writer_of(g->frame, ETH_HEADER_LEN + ARP_PACKET_LEN);
    p.target_mac = *target_mac;
    p.target = target;
    eth_print(&w, to, &g->mac, ETH_ARP);
    arp_print(&w, &p);
    check(!w.ran_out);
    send_frame(g, writer_len(&w));
}

void image_arp(struct gateway *g, const struct arp_packet *p)
{
    if (p->op != ARP_REQUEST || !ip4_equal(p->target, g->own.ip)) {
        g->counts[COUNT_IGNORED]++;
        return;
    }
    g->counts[COUNT_ARP_ANSWERED]++;
    send_arp(g, &g->image_mac, ARP_REPLY, &p->sender_mac, p->sender);
}

void image_ask(struct gateway *g, uint64_t now)
{
    static const struct eth_addr nobody = {{0}};
    if (g->asked_at != 0 && now - g->asked_at < GATEWAY_ASK_NS)
        return;
    g->asked_at = now;
    g->counts[COUNT_ARP_ASKED]++;
    timer_set(&g->wheel, &g->ask_timer, now + GATEWAY_ASK_NS);
    send_arp(g, &eth_broadcast, ARP_REQUEST, &nobody, g->cfg.image);
}

/* ---- ICMP ------------------------------------------------------------------------- */

static void send_message(struct gateway *g, const struct icmp_message *m, uint64_t now)
{
    struct writer w = image_payload(g);
    icmp_print(&w, m);
    if (!w.ran_out)
        image_send(g, g->own.ip, IP4_ICMP, writer_len(&w), now);
}

/* Not limited but by the link: who does not take the answers is not heard either. */
void image_echo(struct gateway *g, const struct packet *p, uint64_t now)
{
    struct icmp_message m;
    if (icmp_parse(p->payload, &m) != ICMP_OK) {
        g->counts[COUNT_MALFORMED]++;
    } else if (m.type != ICMP_ECHO_REQUEST) {
        g->counts[COUNT_IGNORED]++;
    } else {
        struct icmp_message reply = {.type = ICMP_ECHO_REPLY, .rest = m.rest, .body = m.body};
        g->counts[COUNT_ECHOES]++;
        send_message(g, &reply, now);
    }
}

static uint8_t code_of(int error)
{
    switch (error) {
    case -ENETUNREACH:
        return NET_UNREACHABLE;
    case -ECONNREFUSED:
        return ICMP_BAD_PORT;
    case -EACCES:
    case -EPERM:
        return PROHIBITED;
    default:
        return HOST_UNREACHABLE;
    }
}

void image_unreachable(struct gateway *g, struct ip4 dst, uint8_t protocol,
                       const uint8_t head[8], int error, uint64_t now)
{
    uint8_t quote[QUOTE_LEN];
    struct writer w = writer_of(quote, sizeof quote);
    if (!rate_allows(&g->error_rate, GATEWAY_ERROR_NS, GATEWAY_ERRORS, now)) {
        g->counts[COUNT_ERRORS_LIMITED]++;
        return;
    }
    ip4_print(&w, g->cfg.image, dst, protocol, ICMP_QUOTE_MIN);
    write_bytes(&w, bytes_of(head, ICMP_QUOTE_MIN));
    check(!w.ran_out);
    struct icmp_message m = {.type = ICMP_UNREACHABLE,
                             .code = code_of(error),
                             .body = bytes_of(quote, sizeof quote)};
    g->counts[COUNT_ERRORS]++;
    send_message(g, &m, now);
}
