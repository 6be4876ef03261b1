/* SPDX-License-Identifier: ISC */
#include "host/usernet/gateway.h"
#include "host/usernet/filter.h"
#include "host/usernet/link.h"

#include <errno.h>
#include <poll.h>
#include <slirp/libslirp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#define BACKLOG        256
#define RESERVE        16             /* descriptors that accepting leaves free */
#define RECEIVE_TURNS  8              /* batches from the image in one turn of the loop */
#define QUIET_FOR_GOOD 300000000000LL /* ns after which no timer of libslirp matters */
#define TRIM_AFTER     2000000000LL   /* ns of quiet after which memory is given back */

struct gateway {
    Slirp *slirp;
    struct usernet_flows flows;
    uint64_t refused[USERNET_VERDICTS];
    int listener[USERNET_PUBLISH_MAX];
    size_t listeners;      /* of TCP */
    size_t published;      /* TCP and UDP */
    struct pollfd *polled; /* [0] is the link */
    size_t n, room;
    int64_t last_event; /* ns */
    struct link link;
};

static int64_t now_ns(void *arg)
{
    struct timespec t;
    (void)arg;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static ssize_t send_packet(const void *frame, size_t len, void *arg)
{
    struct gateway *g = arg;
    usernet_note(&g->flows, bytes_of(frame, len));
    link_send(&g->link, frame, len);
    return (ssize_t)len;
}

/* A frame from the image. */
static void take_frame(void *arg, const uint8_t *frame, size_t len)
{
    struct gateway *g = arg;
    uint8_t reset[USERNET_RESET_SIZE];
    enum usernet_verdict v = usernet_filter(&g->flows, bytes_of(frame, len));
    g->refused[v]++;
    if (v == USERNET_PASS)
        slirp_input(g->slirp, frame, (int)len);
    if (v == USERNET_REFUSED) {
        usernet_reset(bytes_of(frame, len), reset);
        link_send(&g->link, reset, sizeof reset);
    }
}

static void guest_error(const char *text, void *arg)
{
    (void)text;
    (void)arg;
}

/* Only IPv6's router advertisements would ask for timers. */
static void *timer_new(SlirpTimerCb cb, void *cb_arg, void *arg)
{
    (void)cb;
    (void)cb_arg;
    return arg;
}

static void timer_free(void *timer, void *arg)
{
    (void)timer;
    (void)arg;
}

static void timer_mod(void *timer, int64_t at, void *arg)
{
    (void)timer;
    (void)at;
    (void)arg;
}

static void fd_noted(int fd, void *arg)
{
    (void)fd;
    (void)arg;
}

static void notified(void *arg)
{
    (void)arg;
}

static const SlirpCb callbacks = {
    .send_packet = send_packet,
    .guest_error = guest_error,
    .clock_get_ns = now_ns,
    .timer_new = timer_new,
    .timer_free = timer_free,
    .timer_mod = timer_mod,
    .register_poll_fd = fd_noted,
    .unregister_poll_fd = fd_noted,
    .notify = notified,
};

static const struct {
    int slirp;
    short poll;
} event_names[] = {
    {SLIRP_POLL_IN, POLLIN},   {SLIRP_POLL_OUT, POLLOUT}, {SLIRP_POLL_PRI, POLLPRI},
    {SLIRP_POLL_ERR, POLLERR}, {SLIRP_POLL_HUP, POLLHUP},
};

static int add_poll(int fd, int events, void *arg)
{
    struct gateway *g = arg;
    short wanted = 0;
    if (g->n == g->room)
        return -1;
    for (size_t i = 0; i < sizeof event_names / sizeof event_names[0]; i++)
        if (events & event_names[i].slirp)
            wanted |= event_names[i].poll;
    g->polled[g->n] = (struct pollfd){.fd = fd, .events = wanted};
    return (int)g->n++;
}

/* What became of a socket; nothing, once enough frames wait for the image (G1). */
static int get_events(int i, void *arg)
{
    const struct gateway *g = arg;
    int events = 0;
    if (i < 0 || g->link.waiting >= LINK_PAUSE)
        return 0;
    for (size_t k = 0; k < sizeof event_names / sizeof event_names[0]; k++)
        if (g->polled[i].revents & event_names[k].poll)
            events |= event_names[k].slirp;
    return events;
}

static bool is_listener(const struct gateway *g, int fd)
{
    for (size_t i = 0; i < g->listeners; i++)
        if (g->listener[i] == fd)
            return true;
    return false;
}

/* Leaves sockets out of this turn: all of them while frames wait (G1), the listening
 * ones when descriptors run out (G3). */
static void leave_out(struct gateway *g)
{
    bool pause = g->link.waiting >= LINK_PAUSE;
    bool full = g->n + RESERVE >= g->room;
    for (size_t i = 1; (pause || full) && i < g->n; i++)
        if (pause || is_listener(g, g->polled[i].fd))
            g->polled[i].fd = -1;
}

/* How long to sleep, in milliseconds: `wanted`, or for ever (G2). */
static int sleep_ms(struct gateway *g, uint32_t wanted)
{
    int64_t quiet = now_ns(NULL) - g->last_event;
    bool idle = g->n == 1 + g->published && g->link.waiting == 0;
    if (quiet > TRIM_AFTER)
        link_trim(&g->link);
    if ((idle && quiet > QUIET_FOR_GOOD) || wanted > INT32_MAX)
        return -1;
    return (int)wanted;
}

static void take_frames(struct gateway *g)
{
    for (int i = 0; i < RECEIVE_TURNS && g->link.waiting < LINK_QUEUE / 2; i++) {
        if (link_receive(&g->link, take_frame, g) < LINK_BATCH)
            return;
    }
}

/* One turn: send what waits, sleep until something happens, take it. */
static void turn(struct gateway *g)
{
    uint32_t timeout = UINT32_MAX;
    link_flush(&g->link);
    bool hear = g->link.waiting < LINK_QUEUE / 2;
    short events = (short)((hear ? POLLIN : 0) | (g->link.waiting ? POLLOUT : 0));
    g->polled[0] = (struct pollfd){.fd = g->link.fd, .events = events};
    g->n = 1;
    slirp_pollfds_fill(g->slirp, &timeout, add_poll, g);
    leave_out(g);
    int ready = poll(g->polled, g->n, sleep_ms(g, timeout));
    if (ready > 0)
        g->last_event = now_ns(NULL);
    if (ready > 0 && g->polled[0].revents & (POLLIN | POLLHUP | POLLERR))
        take_frames(g);
    slirp_pollfds_poll(g->slirp, ready < 0, get_events, g);
}

void gateway_serve(struct gateway *g)
{
    while (!g->link.gone)
        turn(g);
}

static struct in_addr address(uint32_t host_order)
{
    return (struct in_addr){.s_addr = htonl(host_order)};
}

static Slirp *slirp_make(struct gateway *g)
{
    SlirpConfig config = {
        .version = 4,
        .in_enabled = true,
        .vnetwork = address(0x0a000000),
        .vnetmask = address(0xffffff00),
        .vhost = address(0x0a000001),
        .vdhcp_start = address(0x0a000002),
        .vnameserver = address(0x0a000001),
        .if_mtu = USERNET_MTU,
        .if_mru = USERNET_MTU,
        /* Answers to published UDP go through what this would close; the filter
         * closes the rest (F3, F4). */
        .disable_host_loopback = false,
        .disable_dns = true,
        .disable_dhcp = true,
    };
    return slirp_new(&config, &callbacks, g);
}

static int publish(struct gateway *g, const struct usernet_publish *p, struct error *e)
{
    char text[USERNET_PUBLISH_TEXT];
    if (slirp_add_hostfwd(g->slirp, p->udp, address(p->addr), p->port, address(0x0a000002),
                          p->guest_port) == 0)
        return 0;
    int err = errno;
    usernet_publish_print(p, text);
    *strrchr(text, ':') = '\0'; /* the address and port of the host alone */
    if (err == EADDRINUSE)
        return fail(e, "%s is in use: stop what listens there or publish another port", text);
    if (err == EACCES)
        return fail(e, "%s needs root: publish a port from 1024 on", text);
    if (err == EADDRNOTAVAIL)
        return fail(e, "%s: this host has no such address", text);
    errno = err;
    return fail_errno(e, "cannot publish %s", text);
}

/* libslirp listens with a backlog of 1, and a burst of clients would wait a second
 * for their second SYN: listening again makes it longer. */
static void widen_backlogs(struct gateway *g)
{
    uint32_t timeout = 0;
    g->n = 1;
    slirp_pollfds_fill(g->slirp, &timeout, add_poll, g);
    for (size_t i = 1; i < g->n && g->listeners < USERNET_PUBLISH_MAX; i++)
        if (listen(g->polled[i].fd, BACKLOG) == 0)
            g->listener[g->listeners++] = g->polled[i].fd;
}

/* As many descriptors as the host allows, within reason; a slot of `polled` for each. */
static size_t descriptors(void)
{
    struct rlimit r = {0};
    getrlimit(RLIMIT_NOFILE, &r);
    rlim_t wanted = r.rlim_max < 8192 ? r.rlim_max : 8192;
    r.rlim_cur = r.rlim_cur > wanted ? r.rlim_cur : wanted;
    setrlimit(RLIMIT_NOFILE, &r);
    return r.rlim_cur < 8192 ? (size_t)r.rlim_cur : 8192;
}

struct gateway *gateway_open(const struct usernet_spec *spec, int link_fd, struct error *e)
{
    struct gateway *g = calloc(1, sizeof *g);
    size_t room = descriptors();
    if (g)
        g->polled = calloc(room, sizeof *g->polled);
    if (!g || !g->polled) {
        free(g);
        fail(e, "no memory for the user-mode network");
        return NULL;
    }
    g->room = room;
    g->link.fd = link_fd;
    g->published = spec->n;
    g->last_event = now_ns(NULL);
    g->slirp = slirp_make(g);
    int r = 0;
    for (size_t i = 0; r == 0 && i < spec->n; i++)
        r = publish(g, &spec->publish[i], e);
    if (r < 0) {
        slirp_cleanup(g->slirp);
        free(g->polled);
        free(g);
        return NULL;
    }
    widen_backlogs(g);
    return g;
}
