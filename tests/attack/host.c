/* SPDX-License-Identifier: ISC */
#include "tests/attack/host.h"

#include "tests/attack/failing.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

/* ---- Its rim -------------------------------------------------------------------- */

static void *get(struct supply *s, size_t len)
{
    (void)s;
    return calloc(1, len);
}

static void put(struct supply *s, void *at, size_t len)
{
    (void)s;
    (void)len;
    free(at);
}

static int rim_send(void *ctx, struct bytes frame)
{
    const struct host *h = ctx;
    if (send(h->wire, frame.at, frame.len, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
        return 0;
    return errno == EAGAIN || errno == EWOULDBLOCK ? -EAGAIN : -EIO;
}

static void rim_tcp_event(void *ctx, struct tcp_conn *c, unsigned events)
{
    struct host *h = ctx;
    struct client *k = c->owner;
    k->events |= events;
    if (k->reads && list_empty(&k->link))
        list_push(&h->ready, &k->link);
}

static void rim_acceptable(void *ctx, struct inet_listener *l)
{
    (void)ctx;
    (void)l;
}

static bool rim_datagram(void *ctx, struct inet_udp *u, const struct inet_datagram *d)
{
    (void)ctx;
    (void)u;
    (void)d;
    return false;
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

/* ---- Its life ---------------------------------------------------------------------- */

struct host *host_new(uint8_t n, int wire)
{
    struct host *h = calloc(1, sizeof *h);
    CHECK(h);
    h->wire = wire;
    h->memory = h->buffers = (struct supply){.get = get, .put = put, .limit = SIZE_MAX};
    list_init(&h->idle);
    list_init(&h->ready);
    for (unsigned i = 0; i < HOST_CLIENTS; i++) {
        list_init(&h->client[i].link);
        list_push(&h->idle, &h->client[i].link);
    }
    const struct inet_rim rim = {.ctx = h,
                                 .send = rim_send,
                                 .tcp_event = rim_tcp_event,
                                 .acceptable = rim_acceptable,
                                 .datagram = rim_datagram,
                                 .resolved = rim_resolved,
                                 .random = rim_random};
    struct inet_config cfg = {.mac = {2, 0, 0, 0, 0, n},
                              .mtu = 1500,
                              .ip = ip4_of(10, 0, 0, n),
                              .prefix_len = 24,
                              .hash_key = {n, 2},
                              .memory = &h->memory,
                              .buffers = &h->buffers,
                              .connections_max = 2 * HOST_CLIENTS,
                              .half_open_max = 1};
    CHECK_INT(inet_init(&h->in, &cfg, &rim, now_ns()), 0);
    return h;
}

void host_free(struct host **hp)
{
    struct host *h = *hp;
    *hp = NULL;
    if (!h)
        return;
    inet_end(&h->in, now_ns());
    CHECK_INT(h->memory.used + h->buffers.used, 0);
    free(h);
}

void host_receives(struct host *h, struct bytes frame)
{
    inet_receive(h->in, frame, now_ns());
}

static void drain(struct client *k)
{
    char buf[65536];
    size_t n;
    while (k->c && (n = inet_tcp_read(k->host->in, k->c, buf, sizeof buf, now_ns())) > 0) {
        size_t room = k->got < HOST_TEXT_KEPT - 1 ? HOST_TEXT_KEPT - 1 - k->got : 0;
        memcpy(k->text + (room ? k->got : 0), buf, n < room ? n : room);
        k->got += n;
    }
}

void host_turn(struct host *h)
{
    inet_expire(h->in, now_ns());
    for (struct list *l; (l = list_pop(&h->ready)) != NULL;)
        drain(container_of(l, struct client, link));
    inet_flush(h->in, now_ns());
}

/* ---- Its clients ------------------------------------------------------------------- */

struct client *client_open(struct host *h, uint16_t port)
{
    struct list *l = list_pop(&h->idle);
    CHECK(l);
    struct client *k = container_of(l, struct client, link);
    struct ip4_endpoint to = {ip4_of(10, 0, 0, 2), port};
    k->host = h;
    k->reads = true;
    k->events = 0;
    client_again(k);
    CHECK_INT(inet_connect(h->in, to, k, now_ns(), &k->c), 0);
    return k;
}

size_t client_write(struct client *k, const void *text, size_t len)
{
    return inet_tcp_write(k->host->in, k->c, bytes_of(text, len), now_ns());
}

void client_say(struct client *k, const char *text)
{
    CHECK_INT(client_write(k, text, strlen(text)), strlen(text));
}

void client_shutdown(struct client *k)
{
    inet_tcp_shutdown(k->host->in, k->c, now_ns());
}

static void let_go(struct client **kp, void (*how)(struct inet *, struct tcp_conn **, uint64_t))
{
    struct client *k = *kp;
    *kp = NULL;
    if (!k)
        return;
    how(k->host->in, &k->c, now_ns());
    list_remove(&k->link);
    list_push(&k->host->idle, &k->link);
}

void client_close(struct client **k)
{
    let_go(k, inet_tcp_close);
}

void client_abort(struct client **k)
{
    let_go(k, inet_tcp_abort);
}

bool client_is_up(const struct client *k)
{
    return k->events & TCP_EVENT_ESTABLISHED;
}

bool client_at_end(const struct client *k)
{
    return (k->events & TCP_EVENT_ENDED) || tcp_at_end(k->c);
}

bool client_heard(const struct client *k, const char *text)
{
    return strstr(k->text, text) != NULL;
}

void client_again(struct client *k)
{
    k->got = 0;
    memset(k->text, 0, sizeof k->text);
}

void host_lets_go_of_reset(struct host *h)
{
    for (unsigned i = 0; i < HOST_CLIENTS; i++) {
        struct client *k = &h->client[i];
        if (k->c && (k->events & TCP_EVENT_ENDED))
            client_close(&k);
    }
}
