/* SPDX-License-Identifier: ISC */
#include "net/inet/state.h"

#include <errno.h>

static struct inet_listener *listener_of(struct list *link)
{
    return container_of(link, struct inet_listener, link);
}

static struct inet_listener *best_in(const struct inet *in, uint16_t bucket_of,
                                     struct ip4_endpoint local)
{
    struct list *bucket = port_bucket(in->listening, bucket_of);
    struct inet_listener *best = NULL;
    list_each(e, bucket) {
        struct inet_listener *l = listener_of(e);
        if (bound_fit(l->at, local) > (best ? bound_fit(best->at, local) : 0))
            best = l;
    }
    return best;
}

struct inet_listener *listener_find(const struct inet *in, struct ip4_endpoint local)
{
    struct inet_listener *l = best_in(in, local.port, local);
    return l ? l : best_in(in, 0, local);
}

static bool clashes(const struct inet *in, struct ip4_endpoint at)
{
    struct list *bucket = port_bucket(in->listening, at.port);
    list_each(e, bucket) {
        if (bound_clash(listener_of(e)->at, at))
            return true;
    }
    return false;
}

bool listener_has(const struct inet *in, uint16_t port)
{
    return clashes(in, (struct ip4_endpoint){{0}, port});
}

static int listen_at(struct inet *in, const struct inet_listen *how, struct ip4_endpoint *at)
{
    *at = how->at;
    if (how->backlog == 0)
        return -EINVAL;
    if (at->ip.n != 0 && !inet_is_own(in, at->ip))
        return -EADDRNOTAVAIL;
    if (how->every_port)
        at->port = 0;
    else if (at->port == 0) /* a random one that nobody listens at */
        at->port = table_ephemeral_port(in, at->ip, (struct ip4_endpoint){{0}, 0});
    if (at->port == 0 && !how->every_port)
        return -EADDRINUSE;
    return clashes(in, *at) ? -EADDRINUSE : 0;
}

int inet_listen_with(struct inet *in, const struct inet_listen *how, void *owner,
                     struct inet_listener **out)
{
    struct ip4_endpoint at;
    int err = listen_at(in, how, &at);
    if (err)
        return err;
    struct inet_listener *l = pool_get(&in->listeners);
    if (!l)
        return -ENOMEM;
    l->at = at;
    l->hold = how->hold;
    l->backlog = how->backlog;
    l->owner = owner;
    list_init(&l->queue);
    list_init(&l->link);
    list_push(port_bucket(in->listening, at.port), &l->link);
    *out = l;
    return 0;
}

int inet_listen(struct inet *in, uint16_t port, uint32_t backlog, void *owner,
                struct inet_listener **out)
{
    const struct inet_listen how = {.at = {{0}, port}, .backlog = backlog};
    return inet_listen_with(in, &how, owner, out);
}

bool inet_listens_at(const struct inet *in, struct ip4_endpoint at)
{
    return listener_find(in, at) != NULL;
}

uint16_t inet_listener_port(const struct inet_listener *l)
{
    return l->at.port;
}

void *inet_listener_owner(const struct inet_listener *l)
{
    return l->owner;
}

void inet_unlisten(struct inet *in, struct inet_listener **lp, uint64_t now)
{
    struct inet_listener *l = *lp;
    if (!l)
        return;
    *lp = NULL;
    list_remove(&l->link);
    while (!list_empty(&l->queue)) {
        struct tcp_conn *c = container_of(l->queue.next, struct tcp_conn, queue);
        inet_tcp_abort(in, &c, now);
    }
    list_each(e, &in->half_open) {
        struct tcp_conn *c = container_of(e, struct tcp_conn, queue);
        if (c->listener == l)
            inet_tcp_abort(in, &c, now);
    }
    pool_put(&in->listeners, l);
}

struct tcp_conn *inet_accept(struct inet *in, struct inet_listener *l, void *owner)
{
    if (list_empty(&l->queue))
        return NULL;
    struct tcp_conn *c = container_of(l->queue.next, struct tcp_conn, queue);
    conn_put(in, c, INET_NOWHERE);
    c->listener = NULL;
    c->owner = owner;
    return c;
}

/* The owner of its listener decides what becomes of it (inet_tcp_admit). */
static void hold(struct inet *in, struct tcp_conn *c)
{
    c->held = true;
    tcp_hold(c);
    conn_put(in, c, INET_QUEUED);
}

struct tcp_open inet_open(const struct inet *in, const struct inet_ends *ends)
{
    return (struct tcp_open){.mss = inet_mss(in),
                             .ts_offset = table_ts_offset(in, ends->local, ends->peer)};
}

/* SYN-RECEIVED, on a SYN that came now or long ago; in no place yet. */
static void begin(struct inet *in, struct tcp_conn *c, struct inet_listener *l,
                  const struct inet_ends *ends, const struct tcp_segment *syn, struct seq iss,
                  uint64_t now)
{
    struct tcp_open open = inet_open(in, ends);
    open.iss = iss;
    c->local = ends->local;
    c->peer = ends->peer;
    c->listener = l;
    tcp_accept(c, &in->tcp, &open, syn, now);
    table_add(in, c);
}

/* No connection for the SYN. Where half-open ones hold what it would need, it is answered by a
 * cookie; so they need not give way before it is known who is real. */
static void without_connection(struct inet *in, const struct inet_ends *ends,
                               const struct tcp_segment *syn, uint64_t now)
{
    if (list_empty(&in->half_open))
        in->counts[INET_TCP_NO_CONN]++;
    else
        cookie_answer(in, ends, syn, now);
}

static struct tcp_conn *half_open_new(struct inet *in, const struct inet_listener *l,
                                      uint64_t now)
{
    if (l->hold)
        return conn_new(in, false, now);
    return in->half_opens < in->cfg.half_open_max ? conn_new(in, true, now) : NULL;
}

static void place(struct inet *in, struct tcp_conn *c, struct inet_listener *l, uint64_t now)
{
    if (l->hold)
        hold(in, c);
    else
        conn_put(in, c, INET_HALF_OPEN);
    conn_settle(in, c, 0, now);
    if (l->hold)
        in->rim.acceptable(in->rim.ctx, l);
}

/* RFC 9293 3.10.7.2, fourth. */
void listener_syn(struct inet *in, struct inet_listener *l, const struct inet_ends *ends,
                  const struct tcp_segment *syn, const struct seq *iss, uint64_t now)
{
    if (l->queued >= l->backlog) {
        in->counts[INET_TCP_SYN_BACKLOG]++;
        return;
    }
    struct seq first = iss ? *iss : table_isn(in, ends->local, ends->peer, now);
    if (iss)
        in->counts[INET_TCP_TIME_WAIT_REUSED]++;
    struct tcp_conn *c = half_open_new(in, l, now);
    if (c) {
        in->counts[INET_TCP_SYNS]++;
        begin(in, c, l, ends, syn, first, now);
        place(in, c, l, now);
    } else if (!l->hold) {
        without_connection(in, ends, syn, now);
    }
}

bool listener_ack(struct inet *in, struct inet_listener *l, const struct inet_ends *ends,
                  const struct tcp_segment *ack, uint64_t now)
{
    struct tcp_segment syn;
    if (l->hold || !cookies_are_out(in, now))
        return false;
    if (l->queued >= l->backlog) {
        in->counts[INET_TCP_ACK_BACKLOG]++;
        return true;
    }
    if (!cookie_take(in, ends, ack, now, &syn))
        return ack->text.len > 0 && cookie_may_follow(in, ends, ack, now);
    struct tcp_conn *c = conn_new(in, false, now);
    if (!c)
        return true;
    struct tcp_out out = {0};
    begin(in, c, l, ends, &syn, seq_add(ack->ack, UINT32_MAX), now);
    tcp_syn_was_sent(c);
    tcp_arrives(c, ack, now, &out);
    conn_settle(in, c, out.events, now);
    return true;
}

/* ---- Held connections ------------------------------------------------------------ */

bool inet_tcp_held(const struct tcp_conn *c)
{
    return c->held;
}

void inet_tcp_admit(struct inet *in, struct tcp_conn *c, uint64_t now)
{
    if (!c->held || c->state == TCP_CLOSED)
        return;
    c->held = false;
    tcp_release(c, now);
    conn_settle(in, c, 0, now);
}

/* RFC 9293 3.5.2, group 1, as if nobody had listened. */
static void refuse_by_reset(struct inet *in, const struct tcp_conn *c, uint64_t now)
{
    struct tcp_segment reset = {.src_port = c->local.port,
                                .dst_port = c->peer.port,
                                .ack = c->rcv_nxt,
                                .flags = TCP_RST | TCP_ACK};
    struct ip4_head head = ip4_head_of(c->local.ip, c->peer.ip, IP4_TCP);
    struct writer w = send_payload(in);
    tcp_print(&w, &reset, NULL, c->local.ip, c->peer.ip);
    send_answer(in, &head, writer_len(&w), now);
}

/* Quotes of the SYN what all that a receiver needs of it: its header and ports, and number. */
static void refuse_by_error(struct inet *in, const struct tcp_conn *c, uint8_t code,
                            uint64_t now)
{
    uint8_t syn[IP4_HEADER_MIN + ICMP_QUOTE_MIN];
    struct writer w = writer_of(syn, sizeof syn);
    ip4_print(&w, c->peer.ip, c->local.ip, IP4_TCP, TCP_HEADER_MIN);
    write_u16(&w, c->peer.port);
    write_u16(&w, c->local.port);
    write_u32(&w, c->irs.n);
    struct ip4_packet about = {
        .src = c->peer.ip, .dst = c->local.ip, .whole = bytes_of(syn, sizeof syn)};
    icmp_unreachable(in, &about, code, now);
}

void inet_tcp_refuse(struct inet *in, struct tcp_conn **cp, int error, uint64_t now)
{
    struct tcp_conn *c = *cp;
    *cp = NULL;
    if (c->state != TCP_CLOSED) {
        in->counts[INET_TCP_REFUSED]++;
        if (error == -ECONNREFUSED)
            refuse_by_reset(in, c, now);
        else if (error == -ENETUNREACH)
            refuse_by_error(in, c, ICMP_NET_UNREACHABLE, now);
        else if (error == -EACCES)
            refuse_by_error(in, c, ICMP_PROHIBITED, now);
        else
            refuse_by_error(in, c, ICMP_HOST_UNREACHABLE, now);
    }
    conn_free(in, c);
}
