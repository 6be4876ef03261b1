/* SPDX-License-Identifier: ISC */
#include "host/gateway/serve.h"
#include "host/gateway/link.h"
#include "host/gateway/memory.h"
#include "host/gateway/resolvers.h"
#include "host/gateway/sockets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>

#define EVENTS        128  /* of one turn */
#define RECEIVE_TURNS 8    /* batches from the image in one turn */
#define TRIM_MS       2000 /* of quiet, after which memory is given back */
#define NS_PER_MS     1000000U

#define DESCRIPTORS_MAX 10240U /* that are asked of the host */
#define DESCRIPTORS_OWN 96U    /* published ports, the link and the rest */
#define FLOWS_MAX       1024U
#define BUFFERS_MAX     (256U << 20) /* octets that wait on behalf of all streams */
#define TABLES_MAX      (64U << 20)

struct server {
    struct gateway *gateway;
    struct sockets sockets;
    struct link link;
    bool link_asked; /* to tell when it takes frames again */
    struct memory tables, buffers;
    struct gateway_port port[USERNET_PUBLISH_MAX];
    uint64_t now;
};

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

/* ---- The loop ------------------------------------------------------------------------- */

static void take_frame(void *arg, struct bytes frame)
{
    struct server *s = arg;
    gateway_frame(s->gateway, frame, s->now);
}

/* L1. */
static void take_frames(struct server *s)
{
    for (unsigned i = 0; i < RECEIVE_TURNS && !s->link.full && !s->link.gone; i++)
        if (link_receive(&s->link, take_frame, s) < LINK_BATCH)
            return;
}

/* Asks epoll for what the link is waited for: frames, or room for them. */
static void ask_link(struct server *s)
{
    struct epoll_event ev = {.events = s->link.full ? EPOLLOUT : EPOLLIN};
    if (s->link.full == s->link_asked)
        return;
    s->link_asked = s->link.full;
    epoll_ctl(s->sockets.epoll, EPOLL_CTL_MOD, s->link.fd, &ev);
}

static void link_event(struct server *s)
{
    if (s->link.full)
        link_flush(&s->link);
    if (s->link.full)
        return;
    gateway_link_ready(s->gateway);
    take_frames(s);
}

static unsigned events_of(uint32_t epoll)
{
    return (epoll & EPOLLIN ? HOST_READABLE : 0U) | (epoll & EPOLLOUT ? HOST_WRITABLE : 0U) |
           (epoll & (EPOLLRDHUP | EPOLLHUP | EPOLLERR) ? HOST_ENDING : 0U);
}

/* For how many milliseconds to sleep; -1 for ever. */
static int sleep_ms(struct server *s)
{
    uint64_t next = gateway_next(s->gateway);
    if (next == UINT64_MAX)
        return -1;
    if (next <= s->now)
        return 0;
    uint64_t ms = (next - s->now + NS_PER_MS - 1) / NS_PER_MS;
    return ms < INT32_MAX ? (int)ms : INT32_MAX;
}

/* Sleeps until something happens. When nothing does for a while, memory is given back. */
static int sleep_turn(struct server *s, struct epoll_event *events)
{
    int ms = sleep_ms(s);
    bool quiet = ms < 0 || ms > TRIM_MS;
    int n = epoll_wait(s->sockets.epoll, events, EVENTS, quiet ? TRIM_MS : ms);
    if (n != 0 || !quiet)
        return n;
    memory_trim(&s->buffers);
    memory_trim(&s->tables);
    return epoll_wait(s->sockets.epoll, events, EVENTS, ms < 0 ? -1 : ms - TRIM_MS);
}

static void turn(struct server *s)
{
    struct epoll_event events[EVENTS];
    int n = sleep_turn(s, events);
    s->now = now_ns();
    for (int i = 0; i < n; i++) {
        if (events[i].data.ptr)
            gateway_ready(s->gateway, events[i].data.ptr, events_of(events[i].events), s->now);
        else
            link_event(s);
    }
    gateway_turn(s->gateway, s->now);
    if (!s->link.full)
        link_flush(&s->link);
    ask_link(s);
}

void serve(struct server *s)
{
    while (!s->link.gone)
        turn(s);
}

/* ---- Beginning -------------------------------------------------------------------------- */

/* As many descriptors as the host allows, within reason. */
static uint32_t descriptors(void)
{
    struct rlimit r = {0};
    getrlimit(RLIMIT_NOFILE, &r);
    rlim_t wanted = r.rlim_max < DESCRIPTORS_MAX ? r.rlim_max : DESCRIPTORS_MAX;
    r.rlim_cur = r.rlim_cur > wanted ? r.rlim_cur : wanted;
    setrlimit(RLIMIT_NOFILE, &r);
    return r.rlim_cur < DESCRIPTORS_MAX ? (uint32_t)r.rlim_cur : DESCRIPTORS_MAX;
}

/* Each stream and each flow has a descriptor of its own: the flows a quarter at most. */
static void share_descriptors(struct gateway_config *cfg)
{
    uint32_t all = descriptors();
    uint32_t left = all > 2 * DESCRIPTORS_OWN ? all - DESCRIPTORS_OWN : DESCRIPTORS_OWN;
    cfg->flows_max = left / 4 < FLOWS_MAX ? left / 4 : FLOWS_MAX;
    cfg->streams_max = left - cfg->flows_max;
}

static int open_gateway(struct server *s, const struct usernet_spec *spec, struct error *e)
{
    struct gateway_config cfg = {
        .ip = {USERNET_GATEWAY_ADDR},
        .image = {USERNET_IMAGE_ADDR},
        .prefix_len = USERNET_PREFIX_LEN,
        .mtu = USERNET_MTU,
        .mac = USERNET_GATEWAY_MAC,
        .port = s->port,
        .ports = (unsigned)spec->n,
        .memory = &s->tables.supply,
        .buffers = &s->buffers.supply,
    };
    struct gateway_host host = sockets_host(&s->sockets);
    memory_init(&s->tables, TABLES_MAX);
    memory_init(&s->buffers, BUFFERS_MAX);
    s->buffers.dirty = true;
    share_descriptors(&cfg);
    cfg.resolvers = resolvers_read("/etc/resolv.conf", cfg.resolver);
    if (getrandom(&cfg.key, sizeof cfg.key, 0) != sizeof cfg.key)
        return fail_errno(e, "no random numbers for the user-mode network");
    s->now = now_ns();
    if (gateway_new(&s->gateway, &cfg, &host, s->now) < 0)
        return fail(e, "no memory for the user-mode network");
    return 0;
}

static int open_all(struct server *s, const struct usernet_spec *spec, struct error *e)
{
    struct epoll_event ev = {.events = EPOLLIN};
    s->sockets = (struct sockets){.epoll = epoll_create1(EPOLL_CLOEXEC), .link = &s->link};
    if (s->sockets.epoll < 0 || epoll_ctl(s->sockets.epoll, EPOLL_CTL_ADD, s->link.fd, &ev) < 0)
        return fail_errno(e, "cannot wait for the image");
    for (size_t i = 0; i < spec->n; i++)
        if (sockets_publish(&s->sockets, &spec->publish[i], &s->port[i], e) < 0)
            return -1;
    return open_gateway(s, spec, e);
}

struct server *serve_open(const struct usernet_spec *spec, int link_fd, struct error *e)
{
    struct server *s = calloc(1, sizeof *s);
    if (!s) {
        fail(e, "no memory for the user-mode network");
        return NULL;
    }
    s->link.fd = link_fd;
    return open_all(s, spec, e) < 0 ? NULL : s;
}
