/* SPDX-License-Identifier: ISC */
#ifndef TESTS_GATEWAY_FAKE_HOST_H
#define TESTS_GATEWAY_FAKE_HOST_H

/* A host for the relay that keeps in memory what it is asked to do. Its sockets are numbered
 * from 100 on and never used twice. */

#include "base/check.h"
#include "host/gateway/host.h"

#include <errno.h>
#include <stdlib.h>

enum { FAKE_FIRST = 100, FAKE_MAX = 4096, FAKE_DATAGRAMS = 80, FAKE_TEXT = 1 << 21 };

enum fake_kind { FAKE_STREAM, FAKE_UDP, FAKE_ECHO, FAKE_PORT };

struct fake_datagram {
    struct ip4_endpoint peer; /* of a port's: from or to whom */
    size_t len;
    int error; /* received instead of it */
    uint8_t text[100];
};

struct fake_socket {
    enum fake_kind kind;
    struct ip4_endpoint to;
    struct watch *watch;
    bool closed, reset, ended;
    int error;         /* of connecting */
    bool broken;       /* calls fail with -ECONNRESET */
    size_t takes;      /* octets that it still takes */
    size_t sent;       /* octets it took */
    uint8_t last[200]; /* the last of them */
    size_t last_len;
    uint64_t has; /* octets that are to be received: each is its index */
    uint64_t received;
    bool at_end; /* 0 follows them */
    struct fake_datagram in[FAKE_DATAGRAMS];
    unsigned ins, ins_taken;
    struct fake_datagram out;
    unsigned outs;
};

static struct fake_socket *fake[FAKE_MAX];
static int fakes, fakes_open;
static int fake_refuses; /* socket calls fail with it */
static struct ip4_endpoint fake_clients[FAKE_MAX];
static int fake_client_count, fake_clients_taken;
static uint32_t fake_random_state;

static struct fake_socket *fake_at(int fd)
{
    check(fd >= FAKE_FIRST && fd < FAKE_FIRST + fakes);
    struct fake_socket *s = fake[fd - FAKE_FIRST];
    check(!s->closed);
    return s;
}

static int fake_new(enum fake_kind kind, struct ip4_endpoint to, struct watch *w)
{
    if (fake_refuses)
        return fake_refuses;
    check(fakes < FAKE_MAX);
    struct fake_socket *s = calloc(1, sizeof *s);
    check(s);
    *s = (struct fake_socket){.kind = kind, .to = to, .watch = w, .takes = SIZE_MAX};
    fake[fakes++] = s;
    fakes_open++;
    return FAKE_FIRST + fakes - 1;
}

static void fake_forget(void)
{
    for (int i = 0; i < fakes; i++)
        free(fake[i]);
    fakes = fakes_open = fake_refuses = fake_client_count = fake_clients_taken = 0;
    fake_random_state = 1;
}

static int fake_stream(void *ctx, struct ip4_endpoint to, struct watch *w)
{
    (void)ctx;
    return fake_new(FAKE_STREAM, to, w);
}

static int fake_udp(void *ctx, struct ip4_endpoint to, struct watch *w)
{
    (void)ctx;
    return fake_new(FAKE_UDP, to, w);
}

static int fake_echoes(void *ctx, struct ip4 to, struct watch *w)
{
    (void)ctx;
    return fake_new(FAKE_ECHO, (struct ip4_endpoint){to, 0}, w);
}

static int fake_accept(void *ctx, int fd, struct ip4_endpoint *from)
{
    (void)ctx;
    check(fake_at(fd)->kind == FAKE_PORT);
    if (fake_clients_taken == fake_client_count)
        return -EAGAIN;
    int client = fake_new(FAKE_STREAM, fake_clients[fake_clients_taken], NULL);
    if (client >= 0)
        *from = fake_clients[fake_clients_taken++];
    return client;
}

static int fake_watch(void *ctx, int fd, struct watch *w)
{
    (void)ctx;
    fake_at(fd)->watch = w;
    return 0;
}

static ssize_t fake_put(struct fake_socket *s, struct bytes b)
{
    size_t n = b.len < s->takes ? b.len : s->takes;
    if (s->broken)
        return -ECONNRESET;
    if (n == 0)
        return -EAGAIN;
    s->last_len = n < sizeof s->last ? n : sizeof s->last;
    memcpy(s->last, b.at + n - s->last_len, s->last_len);
    s->takes -= n;
    s->sent += n;
    return (ssize_t)n;
}

static ssize_t fake_put_datagram(struct fake_socket *s, struct ip4_endpoint to, struct bytes b)
{
    if (s->error) {
        int error = s->error;
        s->error = 0;
        return error;
    }
    s->out = (struct fake_datagram){.peer = to, .len = b.len};
    memcpy(s->out.text, b.at, b.len < sizeof s->out.text ? b.len : sizeof s->out.text);
    s->outs++;
    return (ssize_t)b.len;
}

static ssize_t fake_send(void *ctx, int fd, struct bytes b)
{
    struct fake_socket *s = fake_at(fd);
    (void)ctx;
    check(!s->ended);
    return s->kind == FAKE_STREAM ? fake_put(s, b) : fake_put_datagram(s, s->to, b);
}

static ssize_t fake_send_to(void *ctx, int fd, struct ip4_endpoint to, struct bytes b)
{
    (void)ctx;
    return fake_put_datagram(fake_at(fd), to, b);
}

static ssize_t fake_receive_from(void *ctx, int fd, void *to, size_t len,
                                 struct ip4_endpoint *from)
{
    struct fake_socket *s = fake_at(fd);
    (void)ctx;
    if (s->ins_taken == s->ins)
        return -EAGAIN;
    struct fake_datagram *d = &s->in[s->ins_taken++];
    if (d->error)
        return d->error;
    size_t n = d->len < len ? d->len : len;
    memset(to, 0, n);
    memcpy(to, d->text, n < sizeof d->text ? n : sizeof d->text);
    *from = d->peer;
    return (ssize_t)n;
}

static ssize_t fake_receive(void *ctx, int fd, void *to, size_t len)
{
    struct fake_socket *s = fake_at(fd);
    struct ip4_endpoint from;
    uint8_t *out = to;
    if (s->kind != FAKE_STREAM)
        return fake_receive_from(ctx, fd, to, len, &from);
    if (s->broken)
        return -ECONNRESET;
    uint64_t left = s->has - s->received;
    size_t n = left < len ? (size_t)left : len;
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)(s->received + i);
    s->received += n;
    return n > 0 || s->at_end ? (ssize_t)n : -EAGAIN;
}

static int fake_error(void *ctx, int fd)
{
    (void)ctx;
    return fake_at(fd)->error;
}

static void fake_end(void *ctx, int fd)
{
    (void)ctx;
    fake_at(fd)->ended = true;
}

static void fake_close(void *ctx, int fd, bool reset)
{
    struct fake_socket *s = fake_at(fd);
    (void)ctx;
    s->closed = true;
    s->reset = reset;
    fakes_open--;
}

static uint32_t fake_random(void *ctx)
{
    (void)ctx;
    fake_random_state = fake_random_state * 1664525U + 1013904223U;
    return fake_random_state >> 8;
}

static const struct gateway_host fake_calls = {
    .stream = fake_stream,
    .datagrams = fake_udp,
    .echoes = fake_echoes,
    .accept = fake_accept,
    .watch = fake_watch,
    .send = fake_send,
    .send_to = fake_send_to,
    .receive = fake_receive,
    .receive_from = fake_receive_from,
    .error = fake_error,
    .end = fake_end,
    .close = fake_close,
    .random = fake_random,
};

#endif
