/* SPDX-License-Identifier: ISC */
/* Our own host, whole, on a virtual clock. */
#include "tests/tcp/host.h"

#include "net/inet/state.h"
#include "tests/support/test_supply.h"

#include <errno.h>
#include <stdio.h>

#define BEGIN_NS  1000000000000ULL
#define ASKED_MAX 64U

struct inet_host {
    struct host host;
    struct inet *in;
    struct test_supply memory, buffers;
    uint64_t now; /* of the inet's clock, which is BEGIN_NS ahead */
    uint32_t random_state;
    unsigned asked; /* ARP requests that were not answered yet */
    uint32_t asked_for[ASKED_MAX];
    uint32_t met; /* whom it knows as a neighbour */
    int owner;
};

static const uint8_t LOCAL_MAC[6] = {2, 0, 0, 0, 0, 2};

static struct inet_host *of(struct host *h)
{
    return (struct inet_host *)(void *)h;
}

/* ---- Ethernet and ARP: the other end of the wire ------------------------------------------
 */

static void mac_of(uint8_t mac[6], uint32_t ip)
{
    uint8_t unicast[6] = {2, 0, 0, 0, (uint8_t)(ip >> 8), (uint8_t)ip};
    uint8_t multicast[6] = {1, 0, 0x5e, ip >> 16 & 0x7f, (uint8_t)(ip >> 8), (uint8_t)ip};
    if (ip == HOST_LOCAL)
        memcpy(mac, LOCAL_MAC, 6);
    else if (ip == UINT32_MAX || ip == (HOST_LOCAL | 255))
        memset(mac, 255, 6);
    else
        memcpy(mac, ip >> 28 == 14 ? multicast : unicast, 6);
}

static void frame_in(struct inet_host *h, uint32_t to, uint32_t from, uint16_t type,
                     struct bytes payload)
{
    size_t len = 14 + payload.len;
    uint8_t *frame = malloc(len); /* so that the sanitizer sees its end */
    if (!frame)
        abort();
    mac_of(frame, to);
    mac_of(frame + 6, from);
    frame[12] = (uint8_t)(type >> 8);
    frame[13] = (uint8_t)type;
    memcpy(frame + 14, payload.at, payload.len);
    inet_receive(h->in, bytes_of(frame, len), h->now);
    free(frame);
}

static void arp_in(struct inet_host *h, uint16_t op, uint32_t from)
{
    uint8_t octets[28];
    struct writer w = writer_of(octets, sizeof octets);
    write_u32(&w, 0x00010800);
    write_u16(&w, 0x0604);
    write_u16(&w, op);
    mac_of(write_room(&w, 6), from);
    write_u32(&w, from);
    mac_of(write_room(&w, 6), HOST_LOCAL);
    write_u32(&w, HOST_LOCAL);
    frame_in(h, HOST_LOCAL, from, 0x0806, bytes_of(octets, sizeof octets));
}

/* Every neighbour is there, and answers at once. */
static void answer_arp(struct inet_host *h)
{
    while (h->asked > 0)
        arp_in(h, 2, h->asked_for[--h->asked]);
}

static int rim_send(void *ctx, struct bytes frame)
{
    struct inet_host *h = ctx;
    struct reader r = reader_of(frame);
    read_bytes(&r, 12);
    if (read_u16(&r) == 0x0800) {
        host_sent(&h->host, read_rest(&r), h->now - BEGIN_NS);
        return 0;
    }
    read_bytes(&r, 6);
    uint16_t op = read_u16(&r);
    read_bytes(&r, 16);
    uint32_t target = read_u32(&r);
    if (op == 1 && target != HOST_LOCAL && h->asked < ASKED_MAX)
        h->asked_for[h->asked++] = target;
    return 0;
}

/* ---- What it tells its users: scripts ask -------------------------------------------------
 */

static void rim_tcp_event(void *ctx, struct tcp_conn *c, unsigned events)
{
    (void)ctx, (void)c, (void)events;
}

static void rim_acceptable(void *ctx, struct inet_listener *l)
{
    (void)ctx, (void)l;
}

static bool rim_datagram(void *ctx, struct inet_udp *u, const struct inet_datagram *d)
{
    (void)ctx, (void)u, (void)d;
    return true;
}

static void rim_resolved(void *ctx, struct ip4 hop, bool found)
{
    (void)ctx, (void)hop, (void)found;
}

static uint32_t rim_random(void *ctx)
{
    struct inet_host *h = ctx;
    h->random_state = h->random_state * 1664525 + 1013904223;
    return h->random_state >> 8;
}

/* ---- Time ----------------------------------------------------------------------------------
 */

static void flush(struct inet_host *h)
{
    inet_flush(h->in, h->now);
    while (h->asked > 0) {
        answer_arp(h);
        inet_flush(h->in, h->now);
    }
    inet_check(h->in);
}

static uint64_t inet_host_now(struct host *h)
{
    return of(h)->now - BEGIN_NS;
}

static void inet_host_run(struct host *host, uint64_t until)
{
    struct inet_host *h = of(host);
    until += BEGIN_NS;
    for (uint64_t next; !host->first && (next = inet_next(h->in)) <= until;) {
        h->now = next > h->now ? next : h->now;
        inet_expire(h->in, h->now);
        flush(h);
    }
    if (!host->first && h->now < until)
        h->now = until;
}

static void inet_host_inject(struct host *host, struct bytes packet)
{
    struct inet_host *h = of(host);
    struct reader r = reader_of(packet);
    read_bytes(&r, 12);
    uint32_t src = read_u32(&r), dst = read_u32(&r);
    if (src != h->met && (src ^ HOST_LOCAL) < 255 && src != HOST_LOCAL) {
        arp_in(h, 1, src);
        h->met = src;
    }
    frame_in(h, dst, src, 0x0800, packet);
    flush(h);
}

/* ---- Calls ------------------------------------------------------------------------------- */

static long long inet_host_listen(struct host *host, uint16_t port, unsigned backlog,
                                  void **out)
{
    struct inet_listener *l = NULL;
    int err = inet_listen(of(host)->in, port, backlog, NULL, &l);
    *out = l;
    return err;
}

static long long inet_host_bind(struct host *host, uint16_t port, void **out)
{
    struct inet_udp *u = NULL;
    int err = inet_udp_bind(of(host)->in, port, NULL, &u);
    *out = u;
    return err;
}

static long long inet_host_accept(struct host *host, void *listener, void **out,
                                  uint16_t *peer_port)
{
    struct tcp_conn *c = inet_accept(of(host)->in, listener, &of(host)->owner);
    if (!c)
        return -EAGAIN;
    *out = c;
    *peer_port = inet_tcp_peer(c).port;
    return 0;
}

static long long inet_host_connect(struct host *host, uint16_t peer_port, void **out,
                                   uint16_t *local_port)
{
    struct inet_host *h = of(host);
    struct tcp_conn *c = NULL;
    struct ip4_endpoint to = {{HOST_PEER}, peer_port};
    int err = inet_connect(h->in, to, &h->owner, h->now, &c);
    if (err)
        return err;
    *out = c;
    *local_port = inet_tcp_local(c).port;
    flush(h);
    return 0;
}

static long long end_of(const struct tcp_conn *c)
{
    if (c->error)
        return c->error;
    return c->state == TCP_CLOSED ? -ECONNRESET : 0;
}

static long long inet_host_read(struct host *host, void *conn, void *buf, size_t len)
{
    struct inet_host *h = of(host);
    struct tcp_conn *c = conn;
    size_t n = inet_tcp_read(h->in, c, buf, len, h->now);
    flush(h);
    if (n > 0)
        return (long long)n;
    if (tcp_at_end(c))
        return 0;
    long long err = end_of(c);
    return err ? err : -EAGAIN;
}

static long long inet_host_write(struct host *host, void *conn, const void *buf, size_t len)
{
    struct inet_host *h = of(host);
    struct tcp_conn *c = conn;
    long long err = c->fin_queued ? -EPIPE : end_of(c);
    if (err)
        return err;
    size_t n = inet_tcp_write(h->in, c, bytes_of(buf, len), h->now);
    flush(h);
    return n > 0 ? (long long)n : -EAGAIN;
}

static long long inet_host_shutdown(struct host *host, void *conn)
{
    struct inet_host *h = of(host);
    struct tcp_conn *c = conn;
    if (c->state == TCP_CLOSED)
        return -ENOTCONN;
    inet_tcp_shutdown(h->in, c, h->now);
    flush(h);
    return 0;
}

static void close_other(struct inet_host *h, void *other)
{
    for (unsigned i = 0; i < INET_PORT_BUCKETS; i++)
        list_each(l, &h->in->bound[i]) {
            struct inet_udp *u = container_of(l, struct inet_udp, link);
            if (u == other) {
                inet_udp_close(h->in, &u);
                return;
            }
        }
    struct inet_listener *l = other;
    inet_unlisten(h->in, &l, h->now);
}

static void inet_host_close(struct host *host, void *what, bool is_conn, bool abort)
{
    struct inet_host *h = of(host);
    struct tcp_conn *c = what;
    if (!is_conn)
        close_other(h, what);
    else if (abort)
        inet_tcp_abort(h->in, &c, h->now);
    else
        inet_tcp_close(h->in, &c, h->now);
    flush(h);
}

static long long inet_host_nodelay(struct host *host, void *conn, bool on)
{
    inet_tcp_nodelay(of(host)->in, conn, on);
    flush(of(host));
    return 0;
}

static long long inet_host_keepalive(struct host *host, void *conn, uint64_t idle_ns)
{
    inet_tcp_keepalive(of(host)->in, conn, idle_ns, of(host)->now);
    flush(of(host));
    return 0;
}

static long long inet_host_user_timeout(struct host *host, void *conn, uint64_t ns)
{
    (void)host, (void)conn, (void)ns;
    return -ENOSYS;
}

static const char *inet_host_state(struct host *host, void *conn)
{
    static const char *const names[] = {
        "CLOSED",     "SYN-SENT",   "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1",
        "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING",      "LAST-ACK",    "TIME-WAIT"};
    (void)host;
    return names[((struct tcp_conn *)conn)->state];
}

static long long inet_host_error(struct host *host, void *conn)
{
    (void)host;
    return ((struct tcp_conn *)conn)->error;
}

static long long inet_host_counter(struct host *host, const char *name)
{
    struct inet_counter c;
    char full[80];
    for (unsigned n = 0; inet_counter(of(host)->in, n, &c); n++) {
        snprintf(full, sizeof full, "%s.%s", c.module, c.name);
        if (strcmp(full, name) == 0)
            return (long long)c.value;
    }
    return -ENOSYS;
}

static void inet_host_end(struct host *host)
{
    struct inet_host *h = of(host);
    inet_end(&h->in, h->now);
    host_forget_packets(host);
    if (h->memory.supply.used != 0 || h->buffers.supply.used != 0)
        abort(); /* it did not give back all of its memory */
    free(h);
}

static const struct host_ops OPS = {
    inet_host_now,       inet_host_inject,       inet_host_run,     inet_host_listen,
    inet_host_bind,      inet_host_accept,       inet_host_connect, inet_host_read,
    inet_host_write,     inet_host_shutdown,     inet_host_close,   inet_host_nodelay,
    inet_host_keepalive, inet_host_user_timeout, inet_host_state,   inet_host_error,
    inet_host_counter,   inet_host_end};

static struct inet_config config_of(struct inet_host *h, const struct script_options *o)
{
    struct inet_config cfg = {.mtu = o->mtu,
                              .ip = {HOST_LOCAL},
                              .prefix_len = 24,
                              .gateway = {0x0a000001},
                              .hash_key = {1, 2},
                              .memory = &h->memory.supply,
                              .buffers = &h->buffers.supply,
                              .connections_max = o->connections_max,
                              .half_open_max = o->half_open_max,
                              .receive_max = o->receive_max,
                              .send_max = o->send_max};
    memcpy(cfg.mac, LOCAL_MAC, sizeof cfg.mac);
    return cfg;
}

struct host *host_inet(const struct script_options *o, const char **skip)
{
    struct inet_host *h = calloc(1, sizeof *h);
    if (!h)
        abort();
    const struct inet_rim rim = {.ctx = h,
                                 .send = rim_send,
                                 .tcp_event = rim_tcp_event,
                                 .acceptable = rim_acceptable,
                                 .datagram = rim_datagram,
                                 .resolved = rim_resolved,
                                 .random = rim_random};
    h->host = (struct host){.ops = &OPS, .last = &h->host.first, .late_ns = WHEEL_TICK_NS};
    h->memory = test_supply_of(SIZE_MAX);
    h->buffers = test_supply_of(SIZE_MAX);
    h->now = BEGIN_NS - 20000000000ULL;
    struct inet_config cfg = config_of(h, o);
    if (inet_init(&h->in, &cfg, &rim, h->now) != 0) {
        *skip = "our host does not take the script's options";
        free(h);
        return NULL;
    }
    while (h->now < BEGIN_NS) { /* until it has announced itself */
        uint64_t next = inet_next(h->in);
        h->now = next < BEGIN_NS ? next : BEGIN_NS;
        inet_expire(h->in, h->now);
        flush(h);
    }
    arp_in(h, 1, HOST_PEER);
    flush(h);
    h->met = HOST_PEER;
    host_forget_packets(&h->host);
    return &h->host;
}
