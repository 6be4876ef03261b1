/* SPDX-License-Identifier: ISC */
#include "tests/stack/peer.h"
#include "rt/budget.h"
#include "stack/device.h"

#include <errno.h>
#include <stdlib.h>

static const uint8_t image_mac[6] = {2, 0, 0, 0, 0, 2};
static const uint8_t peer_mac[6] = {2, 0, 0, 0, 0, 1};

const struct dr_net_config image_config = {
    .ipv4 = {.ip = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 2}}, .len = 24},
    .ipv4_gateway = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 1}},
};

struct peer peer;
struct dr_net *net;

struct dr_endpoint peer_endpoint(uint16_t port)
{
    return (struct dr_endpoint){.ip = dr_ip4(10, 0, 0, 1), .port = port};
}

/* ---- Its rim --------------------------------------------------------------- */

static void *get(struct supply *s, size_t len)
{
    (void)s;
    void *at = aligned_alloc(len % 4096 == 0 ? 4096 : 16, (len + 15) / 16 * 16);
    if (at)
        memset(at, 0, len);
    return at;
}

static void put(struct supply *s, void *at, size_t len)
{
    (void)s;
    (void)len;
    free(at);
}

static bool is_ip(const uint8_t *frame, size_t len)
{
    return len >= 14 && frame[12] == 8 && frame[13] == 0;
}

static int rim_send(void *ctx, struct bytes frame)
{
    const struct peer *p = ctx;
    if (!p->mute || !is_ip(frame.at, frame.len))
        vplat_net_push_at(vplat.now + WIRE_NS, p->handle, frame.at, frame.len);
    return 0;
}

static void drain(struct peer_conn *p)
{
    char buf[4096];
    size_t n = 0;
    while (p->c && p->reads &&
           (n = inet_tcp_read(peer.in, p->c, buf, sizeof buf, vplat.now)) > 0) {
        size_t room = p->got < sizeof p->text - 1 ? sizeof p->text - 1 - p->got : 0;
        memcpy(p->text + (p->got < sizeof p->text ? p->got : 0), buf, n < room ? n : room);
        p->got += n;
    }
}

static void rim_tcp_event(void *ctx, struct tcp_conn *c, unsigned events)
{
    struct peer_conn *p = c->owner;
    (void)ctx;
    if (p)
        p->events |= events;
}

static void rim_acceptable(void *ctx, struct inet_listener *l)
{
    (void)ctx;
    (void)l;
}

static bool rim_datagram(void *ctx, struct inet_udp *u, const struct inet_datagram *arrived)
{
    struct peer *p = ctx;
    (void)u;
    if (p->datagrams == PEER_DATAGRAMS)
        return false;
    struct peer_datagram *d = &p->datagram[p->datagrams++];
    struct bytes text = arrived->text;
    d->from = arrived->from;
    d->len = text.len;
    memcpy(d->text, text.at, text.len < sizeof d->text ? text.len : sizeof d->text);
    return true;
}

static void rim_resolved(void *ctx, struct ip4 ip, bool found)
{
    (void)ctx;
    (void)ip;
    (void)found;
}

static uint32_t rim_random(void *ctx)
{
    static uint32_t n = 12345;
    (void)ctx;
    return n = n * 1664525 + 1013904223;
}

/* ---- Its turn -------------------------------------------------------------- */

static struct peer_conn *unused(void)
{
    for (unsigned i = 0; i < PEER_CONNS; i++)
        if (!peer.conn[i].c && !peer.conn[i].events)
            return &peer.conn[i];
    abort();
}

static void accept_all(void)
{
    while (peer.listener) {
        struct peer_conn *p = unused();
        p->c = inet_accept(peer.in, peer.listener, p);
        if (!p->c)
            return;
        p->reads = true;
        p->events = TCP_EVENT_ESTABLISHED;
        peer.accepted++;
    }
}

static void expire(void *arg);

/* After anything that happened to it. */
static void turn(void)
{
    accept_all();
    for (unsigned i = 0; i < PEER_CONNS; i++)
        drain(&peer.conn[i]);
    inet_flush(peer.in, vplat.now);
    uint64_t next = inet_next(peer.in);
    if (next < peer.armed) {
        peer.armed = next;
        vplat_at(next, expire, NULL);
    }
}

static void expire(void *arg)
{
    (void)arg;
    if (!peer.in)
        return;
    peer.armed = UINT64_MAX;
    inet_expire(peer.in, vplat.now);
    turn();
}

static void receive(void *arg, int handle, const uint8_t *frame, size_t len)
{
    (void)arg;
    (void)handle;
    peer.frames++;
    if (!peer.in || (peer.deaf && is_ip(frame, len)))
        return;
    inet_receive(peer.in, bytes_of(frame, len), vplat.now);
    turn();
}

void peer_start(void)
{
    peer = (struct peer){.memory = {.get = get, .put = put, .limit = SIZE_MAX},
                         .buffers = {.get = get, .put = put, .limit = SIZE_MAX},
                         .armed = UINT64_MAX};
    const struct inet_rim rim = {.ctx = &peer,
                                 .send = rim_send,
                                 .tcp_event = rim_tcp_event,
                                 .acceptable = rim_acceptable,
                                 .datagram = rim_datagram,
                                 .resolved = rim_resolved,
                                 .random = rim_random};
    struct inet_config cfg = {
        .mtu = 1500,
        .ip = ip4_of(10, 0, 0, 1),
        .prefix_len = 24,
        .hash_key = {1, 2},
        .memory = &peer.memory,
        .buffers = &peer.buffers,
        .connections_max = 1024,
        .half_open_max = 1024,
    };
    memcpy(cfg.mac, peer_mac, 6);
    peer.handle = vplat_net_add("net", image_mac, 1500);
    if (inet_init(&peer.in, &cfg, &rim, vplat.now) != 0)
        abort();
    turn();
    vplat_net_peer(peer.handle, receive, NULL);
}

void peer_end(void)
{
    if (peer.in)
        inet_end(&peer.in, vplat.now);
}

/* ---- What it is asked to do ------------------------------------------------ */

struct peer_conn *peer_connect(uint16_t port)
{
    struct peer_conn *p = unused();
    struct ip4_endpoint to = {ip4_of(10, 0, 0, 2), port};
    p->reads = true;
    if (inet_connect(peer.in, to, p, vplat.now, &p->c) != 0)
        abort();
    turn();
    return p;
}

void peer_listen(uint16_t port)
{
    if (inet_listen(peer.in, port, 128, NULL, &peer.listener) != 0)
        abort();
}

size_t peer_write(struct peer_conn *p, const void *text, size_t len)
{
    size_t n = inet_tcp_write(peer.in, p->c, bytes_of(text, len), vplat.now);
    turn();
    return n;
}

void peer_say(struct peer_conn *p, const char *text)
{
    if (peer_write(p, text, strlen(text)) != strlen(text))
        abort();
}

void peer_shutdown(struct peer_conn *p)
{
    inet_tcp_shutdown(peer.in, p->c, vplat.now);
    turn();
}

void peer_close(struct peer_conn *p)
{
    inet_tcp_close(peer.in, &p->c, vplat.now);
    turn();
}

void peer_abort(struct peer_conn *p)
{
    inet_tcp_abort(peer.in, &p->c, vplat.now);
    turn();
}

void peer_reads(struct peer_conn *p, bool on)
{
    p->reads = on;
    turn();
}

void peer_bind(uint16_t port)
{
    if (inet_udp_bind(peer.in, port, NULL, &peer.udp) != 0)
        abort();
}

int peer_send(uint16_t to_port, const void *text, size_t len)
{
    struct ip4_endpoint to = {ip4_of(10, 0, 0, 2), to_port};
    int err = inet_udp_send(peer.in, peer.udp, to, bytes_of(text, len), vplat.now);
    turn();
    return err;
}

bool peer_was_reset(const struct peer_conn *p)
{
    return (p->events & TCP_EVENT_ENDED) && p->c && p->c->error == -ECONNRESET;
}

/* ---- The image ------------------------------------------------------------- */

static int (*up_body)(void);

static int up_main(void)
{
    CHECK_INT(dr_net_up_with("net", &image_config, &net), 0);
    int status = up_body();
    dr_net_down(&net);
    /* All is given back, but for the device, which stays in the loop. */
    CHECK_INT(budget_of(BUDGET_CONNECTIONS)->used, 0);
    CHECK_INT(budget_of(BUDGET_NETWORK)->used, sizeof(struct device) + 1500 + 14);
    return status;
}

int timed_out(int (*op)(void))
{
    struct dr_scope s;
    dr_scope_open(&s, dr_after(DR_MS(50)));
    int err = op();
    dr_scope_close(&s);
    return err;
}

static int run_op(void *arg)
{
    int (**op)(void) = arg;
    return (*op)();
}

int cancelled(int (*op)(void))
{
    struct dr_scope s;
    struct dr_task *task = NULL;
    int err = 0;
    dr_scope_open(&s, DR_NEVER);
    CHECK_INT(dr_spawn(&s, run_op, &op, &task), 0);
    CHECK_INT(dr_sleep(DR_MS(50)), 0);
    dr_task_cancel(task);
    CHECK_INT(dr_await(&task, &err), 0);
    dr_scope_close(&s);
    return err;
}

int run_down(int (*body)(void))
{
    vplat_reset();
    device_forget_all();
    peer_start();
    int status = vplat_run(body);
    peer_end();
    return status;
}

int run_up(int (*body)(void))
{
    up_body = body;
    return run_down(up_main);
}

uint64_t counter(const char *name)
{
    struct dr_counter c;
    char text[64];
    for (unsigned n = 0; dr_net_counter(net, n, &c); n++) {
        snprintf(text, sizeof text, "%s.%s", c.module, c.name);
        if (strcmp(text, name) == 0)
            return c.value;
    }
    test_failed(__FILE__, __LINE__, "no counter is called %s", name);
    return 0;
}
