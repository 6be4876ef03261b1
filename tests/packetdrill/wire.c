/* SPDX-License-Identifier: ISC */
/* The inet, its clock, and the Ethernet that it believes to stand in. */
#include "tests/packetdrill/drill.h"

#include <errno.h>
#include <time.h>

#define GATEWAY    0xc0a80001U /* 192.168.0.1, in a network of 16 bits, as packetdrill has it */
#define PREFIX_LEN 16
#define MTU        1500U
#define FRAME_MAX  (MTU + 14U)

static const uint8_t OWN_MAC[6] = {2, 0, 0, 0, 0, 2}, OTHER_MAC[6] = {2, 0, 0, 0, 0, 1};

/* A second ahead of the machine's, so that it is never 0. */
uint64_t wire_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return ((uint64_t)t.tv_sec + 1) * 1000000000U + (uint64_t)t.tv_nsec;
}

/* ---- The rim ------------------------------------------------------------------------- */

static void packet_out(struct drill *d, struct bytes packet)
{
    struct drill_packet *p = malloc(sizeof *p + packet.len);
    if (!p)
        return; /* as the wire loses packets */
    p->next = NULL;
    p->at = wire_now();
    p->len = packet.len;
    memcpy(p->octets, packet.at, packet.len);
    *d->last = p;
    d->last = &p->next;
}

static int rim_send(void *ctx, struct bytes frame)
{
    struct drill *d = ctx;
    struct reader r = reader_of(frame);
    read_bytes(&r, 12);
    if (read_u16(&r) == 0x0800) {
        packet_out(d, read_rest(&r));
        return 0;
    }
    read_bytes(&r, 6);
    uint16_t op = read_u16(&r);
    read_bytes(&r, 6);
    uint32_t sender = read_u32(&r);
    read_bytes(&r, 6);
    uint32_t target = read_u32(&r);
    if (op == 1 && target != sender && d->asked < WIRE_ASKED_MAX)
        d->asked_for[d->asked++] = target;
    return 0;
}

static void rim_tcp_event(void *ctx, struct tcp_conn *c, unsigned events)
{
    (void)ctx;
    struct drill_socket *s = c->owner;
    if (events & TCP_EVENT_ESTABLISHED)
        s->established = true;
}

static void rim_acceptable(void *ctx, struct inet_listener *l)
{
    (void)ctx, (void)l;
}

static bool rim_datagram(void *ctx, struct inet_udp *u, const struct inet_datagram *g)
{
    (void)ctx, (void)u, (void)g;
    return false;
}

static void rim_resolved(void *ctx, struct ip4 hop, bool found)
{
    (void)ctx, (void)hop, (void)found;
}

static uint32_t rim_random(void *ctx)
{
    struct drill *d = ctx;
    d->random_state = d->random_state * 1664525 + 1013904223;
    return d->random_state >> 8;
}

/* ---- The other end ---------------------------------------------------------------------- */

static void frame_in(struct drill *d, uint16_t type, struct bytes payload)
{
    static uint8_t frame[1 << 16];
    struct writer w = writer_of(frame, sizeof frame);
    write_bytes(&w, bytes_of(OWN_MAC, 6));
    write_bytes(&w, bytes_of(OTHER_MAC, 6));
    write_u16(&w, type);
    write_bytes(&w, payload);
    if (!w.ran_out)
        inet_receive(d->in, bytes_of(frame, writer_len(&w)), wire_now());
}

static void arp_in(struct drill *d, uint16_t op, uint32_t from)
{
    uint8_t octets[28];
    struct writer w = writer_of(octets, sizeof octets);
    write_u32(&w, 0x00010800);
    write_u16(&w, 0x0604);
    write_u16(&w, op);
    write_bytes(&w, bytes_of(OTHER_MAC, 6));
    write_u32(&w, from);
    write_bytes(&w, bytes_of(OWN_MAC, 6));
    write_u32(&w, inet_ip(d->in).n);
    frame_in(d, 0x0806, bytes_of(octets, sizeof octets));
}

/* ---- Turns ---------------------------------------------------------------------------------
 */

void wire_turn(struct drill *d)
{
    if (d->in) {
        inet_flush(d->in, wire_now());
        while (d->asked > 0) {
            arp_in(d, 2, d->asked_for[--d->asked]);
            inet_flush(d->in, wire_now());
        }
    }
    pthread_cond_signal(&d->due);
    pthread_cond_broadcast(&d->changed);
}

static void sleep_until(struct drill *d, pthread_cond_t *on, uint64_t until)
{
    if (until == UINT64_MAX) {
        pthread_cond_wait(on, &d->lock);
        return;
    }
    until -= 1000000000U; /* wire_now's second */
    struct timespec t = {(time_t)(until / 1000000000U), (long)(until % 1000000000U)};
    pthread_cond_timedwait(on, &d->lock, &t);
}

static void *run(void *arg)
{
    struct drill *d = arg;
    pthread_mutex_lock(&d->lock);
    while (!d->ending) {
        uint64_t next = d->in ? inet_next(d->in) : UINT64_MAX;
        if (next > wire_now()) {
            sleep_until(d, &d->due, next);
            continue;
        }
        inet_expire(d->in, wire_now());
        wire_turn(d);
    }
    pthread_mutex_unlock(&d->lock);
    return NULL;
}

bool wire_wait(struct drill *d, uint64_t until)
{
    if (d->ending || wire_now() >= until)
        return false;
    sleep_until(d, &d->changed, until);
    return !d->ending;
}

bool wire_enter(struct drill *d)
{
    pthread_mutex_lock(&d->lock);
    if (d->ending) {
        pthread_mutex_unlock(&d->lock);
        errno = EBADF;
        return false;
    }
    d->users++;
    return true;
}

void wire_leave(struct drill *d)
{
    d->users--;
    if (d->ending)
        pthread_cond_broadcast(&d->changed);
    pthread_mutex_unlock(&d->lock);
}

/* ---- Beginning and end ----------------------------------------------------------------------
 */

struct drill *wire_new(void)
{
    struct drill *d = calloc(1, sizeof *d);
    pthread_condattr_t monotonic;
    if (!d)
        return NULL;
    d->last = &d->first;
    d->memory = test_supply_of(64U << 20);
    d->buffers = test_supply_of(64U << 20);
    d->random_state = (uint32_t)wire_now();
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->changed, &monotonic);
    pthread_cond_init(&d->due, &monotonic);
    pthread_condattr_destroy(&monotonic);
    d->running = pthread_create(&d->thread, NULL, run, d) == 0;
    return d;
}

int wire_start(struct drill *d, uint32_t ip)
{
    if (d->in)
        return 0;
    struct inet_config cfg = {.mtu = MTU,
                              .ip = {ip},
                              .prefix_len = PREFIX_LEN,
                              .gateway = {(ip & 0xffff0000U) | (GATEWAY & 0xffffU)},
                              .hash_key = {wire_now(), 1},
                              .memory = &d->memory.supply,
                              .buffers = &d->buffers.supply,
                              .receive_max = 8U
                                             << 20, /* scaled by 8, as public scripts expect */
                              .connections_max = 256,
                              .half_open_max = 128};
    const struct inet_rim rim = {.ctx = d,
                                 .send = rim_send,
                                 .tcp_event = rim_tcp_event,
                                 .acceptable = rim_acceptable,
                                 .datagram = rim_datagram,
                                 .resolved = rim_resolved,
                                 .random = rim_random};
    memcpy(cfg.mac, OWN_MAC, sizeof cfg.mac);
    int err = inet_init(&d->in, &cfg, &rim, wire_now());
    if (err)
        return err;
    arp_in(d, 1, cfg.gateway.n); /* a neighbour, so that the first answer is not lost */
    wire_turn(d);
    return 0;
}

static void drop_packets(struct drill *d)
{
    for (struct drill_packet *p; (p = d->first);) {
        d->first = p->next;
        free(p);
    }
}

void wire_free(struct drill *d)
{
    pthread_mutex_lock(&d->lock);
    d->ending = true;
    pthread_cond_broadcast(&d->due);
    pthread_cond_broadcast(&d->changed);
    while (d->users > 0)
        pthread_cond_wait(&d->changed, &d->lock);
    pthread_mutex_unlock(&d->lock);
    if (d->running)
        pthread_join(d->thread, NULL);
    inet_end(&d->in, wire_now());
    drop_packets(d);
    pthread_cond_destroy(&d->due);
    pthread_cond_destroy(&d->changed);
    pthread_mutex_destroy(&d->lock);
    free(d);
}

/* ---- Calls ---------------------------------------------------------------------------------
 */

int wire_send(void *u, const void *buf, size_t len)
{
    struct drill *d = u;
    struct reader r = reader_of(bytes_of(buf, len));
    if (!wire_enter(d))
        return -1;
    read_bytes(&r, 16);
    int err = wire_start(d, read_u32(&r));
    if (err == 0) {
        frame_in(d, 0x0800, bytes_of(buf, len));
        wire_turn(d);
    }
    wire_leave(d);
    errno = -err;
    return err ? -1 : 0;
}

static void take_packet(struct drill *d, void *buf, size_t *len, long long *at_us)
{
    struct drill_packet *p = d->first;
    if (!p) {
        *len = 0;
        return;
    }
    d->first = p->next;
    if (!d->first)
        d->last = &d->first;
    *len = p->len < *len ? p->len : *len;
    memcpy(buf, p->octets, *len);
    *at_us = (long long)(p->at / 1000);
    free(p);
}

int wire_receive(void *u, void *buf, size_t *len, long long *at_us)
{
    struct drill *d = u;
    uint64_t until = wire_now() + WIRE_PATIENCE_NS;
    *at_us = (long long)(wire_now() / 1000);
    if (!wire_enter(d))
        return -1;
    while (!d->first && wire_wait(d, until))
        ;
    take_packet(d, buf, len, at_us);
    wire_leave(d);
    return 0;
}

int wire_usleep(void *u, useconds_t us)
{
    (void)u;
    struct timespec t = {us / 1000000, (long)(us % 1000000) * 1000};
    return nanosleep(&t, NULL);
}

int wire_gettimeofday(void *u, struct timeval *t, struct timezone *zone)
{
    (void)u, (void)zone;
    uint64_t us = wire_now() / 1000;
    t->tv_sec = (time_t)(us / 1000000);
    t->tv_usec = (suseconds_t)(us % 1000000);
    return 0;
}
