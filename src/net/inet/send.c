/* SPDX-License-Identifier: ISC */
#include "net/inet/state.h"

#include "base/check.h"

#include <errno.h>

#define HEADERS_LEN (ETH_HEADER_LEN + IP4_HEADER_MIN)

/* RFC 1122 3.3.4.3. */
struct ip4 inet_source_for(const struct inet *in, struct ip4 ip)
{
    if (loops(in, ip))
        return ip;
    const struct ip4_net *net = ip4_own_net(&in->own, inet_next_hop(in, ip));
    return net ? net->ip : in->own.net[0].ip;
}

int send_next_hop(struct inet *in, struct ip4 dst, uint64_t now, struct eth_addr *mac)
{
    if (loops(in, dst)) {
        *mac = in->mac;
        return 0;
    }
    if (ip4_is_multicast(dst) || ip4_own_broadcast(&in->own, dst)) {
        *mac = ip4_is_multicast(dst) ? eth_of_group(dst) : eth_broadcast;
        return 0;
    }
    struct ip4 hop = inet_next_hop(in, dst);
    if (hop.n == 0) {
        in->counts[INET_NO_ROUTE]++;
        return -ENETUNREACH;
    }
    routes_ask(in, now);
    switch (arp_find(&in->arp, hop, now, mac)) {
    case ARP_FOUND:
        return 0;
    case ARP_WAIT:
        return -EAGAIN;
    case ARP_NOT_FOUND:
        return -EHOSTUNREACH;
    }
    return -EHOSTUNREACH;
}

struct writer send_payload(struct inet *in)
{
    return writer_of(in->frame + HEADERS_LEN, in->cfg.mtu - IP4_HEADER_MIN);
}

static int count_sent(struct inet *in, int err)
{
    if (err == 0)
        in->counts[INET_FRAMES_OUT]++;
    else if (err == -EAGAIN)
        in->counts[INET_DEVICE_FULL]++;
    else
        in->counts[INET_DEVICE_ERROR]++;
    return err;
}

int send_frame(struct inet *in, size_t len)
{
    return count_sent(in, in->rim.send(in->rim.ctx, bytes_of(in->frame, len)));
}

struct writer send_payload_of(struct inet *in, size_t len)
{
    return send_payload_within(in, in->cfg.mtu, len);
}

struct writer send_payload_within(struct inet *in, uint16_t mtu, size_t len)
{
    if (len <= (size_t)mtu - IP4_HEADER_MIN)
        return send_payload(in);
    in->large_mtu = mtu;
    in->large_len = len;
    in->large = supply_get(in->cfg.buffers, len);
    if (!in->large)
        in->counts[INET_NO_BUFFER]++;
    return in->large ? writer_of(in->large, len) : writer_of(in->frame, 0);
}

static void forget_large(struct inet *in)
{
    if (in->large)
        supply_put(in->cfg.buffers, in->large, in->large_len);
    in->large = NULL;
}

/* RFC 791 3.2. When the device is full in between, what was sent is in vain. */
static int send_fragments(struct inet *in, const struct eth_addr *to,
                          const struct ip4_head *head, size_t payload_len)
{
    uint8_t *large = in->large;
    size_t most = (in->large_mtu - IP4_HEADER_MIN) / 8 * 8, n = 0;
    struct ip4_head h = *head;
    int err = 0;
    in->large = NULL;
    in->counts[INET_FRAGMENTED]++;
    h.id = table_next_id(in, head->src, head->dst, head->protocol);
    for (size_t at = 0; at < payload_len && err == 0; at += n) {
        n = payload_len - at < most ? payload_len - at : most;
        h.fragment = (uint16_t)(at / 8 | (at + n < payload_len ? IP4_MORE_FRAGMENTS : 0));
        struct writer w = send_payload(in);
        write_bytes(&w, bytes_of(large + at, n));
        err = send_packet(in, to, &h, n);
        in->counts[INET_FRAGMENTS_OUT] += err == 0;
    }
    in->large = large;
    forget_large(in);
    return err;
}

int send_packet(struct inet *in, const struct eth_addr *to, const struct ip4_head *head,
                size_t payload_len)
{
    if (loops(in, head->dst)) {
        struct bytes payload =
            bytes_of(in->large ? in->large : in->frame + HEADERS_LEN, payload_len);
        int err = loop_send(in, head, payload);
        forget_large(in);
        return err;
    }
    if (in->large)
        return send_fragments(in, to, head, payload_len);
    struct writer w = writer_of(in->frame, HEADERS_LEN);
    eth_print(&w, to, &in->mac, ETH_IP4);
    ip4_print_head(&w, head, payload_len);
    check(!w.ran_out);
    return send_frame(in, HEADERS_LEN + payload_len);
}

void send_answer(struct inet *in, const struct ip4_head *head, size_t payload_len, uint64_t now)
{
    struct eth_addr mac;
    int err = send_next_hop(in, head->dst, now, &mac);
    if (err == 0)
        send_packet(in, &mac, head, payload_len);
    else if (err != -ENETUNREACH)
        in->counts[INET_UNRESOLVED]++;
    forget_large(in);
    send_arp(in, now);
}

/* ---- ARP --------------------------------------------------------------------------- */

static void send_arp_packet(struct inet *in, const struct eth_addr *to,
                            const struct arp_packet *p)
{
    struct writer w = writer_of(in->frame, ETH_HEADER_LEN + ARP_PACKET_LEN);
    eth_print(&w, to, &in->mac, ETH_ARP);
    arp_print(&w, p);
    check(!w.ran_out);
    send_frame(in, writer_len(&w));
}

/* The connections that waited for this hop may go on, or have none; or, if it was a gateway's,
 * another. Whoever waits for a third one will wait for it again. */
static void hop_news(struct inet *in, struct ip4 hop, bool found, uint64_t now)
{
    routes_news(in, hop, found, now);
    list_each(l, &in->waiting) {
        struct tcp_conn *c = container_of(l, struct tcp_conn, pending);
        bool its = ip4_equal(inet_next_hop(in, c->peer.ip), hop);
        if (found && !its)
            continue;
        list_remove(l);
        if (found || !its)
            list_push(&in->pending, l);
        else
            conn_unreachable(in, c, -EHOSTUNREACH, now);
    }
    in->rim.resolved(in->rim.ctx, hop, found);
}

void send_arp(struct inet *in, uint64_t now)
{
    struct eth_addr to;
    struct arp_packet p;
    while (arp_next_packet(&in->arp, &to, &p))
        send_arp_packet(in, &to, &p);
    struct ip4 hop;
    bool found;
    while (arp_next_news(&in->arp, &hop, &found))
        hop_news(in, hop, found, now);
    if (in->arp_timer.at != arp_deadline(&in->arp))
        timer_set(&in->wheel, &in->arp_timer, arp_deadline(&in->arp));
}

/* ---- TCP --------------------------------------------------------------------------- */

/* The headers alone are written; the device is told where the text lies. */
static int send_in_parts(struct inet *in, const struct eth_addr *to,
                         const struct ip4_head *head, const struct tcp_conn *c,
                         const struct tcp_segment *seg)
{
    struct bytes part[INET_PARTS_MAX];
    struct writer tcp = send_payload(in);
    tcp_print_header(&tcp, seg, head->src, head->dst);
    struct writer w = writer_of(in->frame, HEADERS_LEN);
    eth_print(&w, to, &in->mac, ETH_IP4);
    ip4_print_head(&w, head, writer_len(&tcp) + seg->text_len);
    check(!w.ran_out && !tcp.ran_out);
    part[0] = bytes_of(in->frame, HEADERS_LEN + writer_len(&tcp));
    unsigned parts = 1 + queue_views(&c->out, seg->text_at, seg->text_len, part + 1);
    const struct offload work = {.partial = true,
                                 .sum_from = HEADERS_LEN,
                                 .sum_at = TCP_CHECKSUM_AT,
                                 .segment_len = seg->segment_len,
                                 .headers_len = (uint16_t)part[0].len};
    return count_sent(in, in->rim.send_parts(in->rim.ctx, part, parts, &work));
}

int send_segment(struct inet *in, const struct eth_addr *to, const struct tcp_conn *c,
                 struct tcp_segment *seg)
{
    struct ip4_head head = ip4_head_of(c->local.ip, c->peer.ip, IP4_TCP);
    head.tos = c->dscp | seg->ecn;
    if (c->ttl)
        head.ttl = c->ttl;
    seg->src_port = c->local.port;
    seg->dst_port = c->peer.port;
    bool here = loops(in, c->peer.ip);
    if (!here && in->cfg.offloads & OFFLOAD_CSUM)
        return send_in_parts(in, to, &head, c, seg);
    /* What stays here may be as long as what a device would have cut. */
    size_t most = TCP_HEADER_MAX + seg->text_len;
    struct writer w = here ? send_payload_of(in, most) : send_payload(in);
    if (here && (size_t)(w.end - w.at) < most)
        return -EAGAIN;
    tcp_print(&w, seg, &c->out, c->local.ip, c->peer.ip);
    check(!w.ran_out);
    return send_packet(in, to, &head, writer_len(&w));
}

static bool send_burst(struct inet *in, struct tcp_conn *c, const struct eth_addr *to,
                       uint64_t now)
{
    struct tcp_segment seg;
    for (unsigned n = 0; n < INET_BURST_MAX; n++) {
        if (!tcp_next_segment(c, now, &seg))
            return true;
        /* What a broken device loses is retransmitted in time; a full one is tried again. */
        if (send_segment(in, to, c, &seg) == -EAGAIN) {
            tcp_unsent(c, &seg, now);
            in->retry_at = now + INET_RETRY_NS;
            return false;
        }
    }
    return true;
}

bool send_pending(struct inet *in, struct tcp_conn *c, uint64_t now)
{
    struct eth_addr to;
    list_remove(&c->pending);
    int err = send_next_hop(in, c->peer.ip, now, &to);
    bool sent = true;
    if (err == -EAGAIN) {
        list_push(&in->waiting, &c->pending);
    } else if (err != 0) {
        conn_unreachable(in, c, err, now);
        return true;
    } else {
        sent = send_burst(in, c, &to, now);
        if (tcp_wants_to_send(c, now))
            list_push(&in->pending, &c->pending);
        conn_set_timer(in, c);
        conn_rests(in, c, now);
    }
    return sent;
}

void inet_flush(struct inet *in, uint64_t now)
{
    loop_deliver(in, now);
    if (now < in->retry_at)
        return;
    in->retry_at = 0;
    for (struct list *last = in->pending.prev, *l = NULL;
         l != last && !list_empty(&in->pending);) {
        l = in->pending.next;
        if (!send_pending(in, container_of(l, struct tcp_conn, pending), now))
            break;
    }
    send_arp(in, now);
}
