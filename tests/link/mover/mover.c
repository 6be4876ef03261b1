/* SPDX-License-Identifier: ISC */
/* Sends and takes the stream of stream.h, for tests over bad links. */
#include "stream.h"

#include <drupe/app.h>
#include <drupe/log.h>
#include <drupe/net.h>
#include <drupe/tcp.h>

#include <errno.h>
#include <stdlib.h>

#define CLIENTS 8U

static struct dr_net_config config;
static bool newreno;

static const struct dr_arg args[] = {
    DR_ARG_PREFIX("ipv4", &config.ipv4, "ADDRESS/LEN", "the device's address and network"),
    DR_ARG_FLAG("newreno", &newreno, "congestion control is NewReno, not CUBIC"),
    DR_ARG_FLAG("no-ecn", &config.no_ecn, "does not ask for ECN"),
    DR_ARG_END,
};

static int send_stream(struct dr_tcp *conn, uint8_t *block, uint64_t len)
{
    uint64_t state = 1;
    while (len > 0) {
        size_t n = len < STREAM_BLOCK ? (size_t)len : STREAM_BLOCK;
        stream_fill(&state, block, n);
        ssize_t sent = dr_tcp_write(conn, block, n);
        if (sent < 0)
            return (int)sent;
        len -= n;
    }
    return 0;
}

static int take_stream(struct dr_tcp *conn, uint8_t *block, uint64_t len)
{
    uint64_t hash = STREAM_HASH_BEGIN;
    uint8_t answer[STREAM_HASH_LEN];
    while (len > 0) {
        ssize_t n = dr_tcp_read(conn, block, STREAM_BLOCK);
        if (n <= 0 || (uint64_t)n > len)
            return n < 0 ? (int)n : -EPROTO;
        hash = stream_hash(hash, block, (size_t)n);
        len -= (uint64_t)n;
    }
    stream_put_u64(answer, hash);
    ssize_t sent = dr_tcp_write(conn, answer, sizeof answer);
    return sent < 0 ? (int)sent : 0;
}

static int serve(struct dr_tcp *conn, void *arg)
{
    uint8_t request[STREAM_REQUEST_LEN];
    (void)arg;
    for (size_t have = 0; have < sizeof request;) {
        ssize_t n = dr_tcp_read(conn, request + have, sizeof request - have);
        if (n <= 0)
            return (int)n;
        have += (size_t)n;
    }
    uint8_t *block = malloc(STREAM_BLOCK);
    if (!block)
        return -ENOMEM;
    uint64_t len = stream_get_u64(request + 1);
    int err = request[0] == 'g' ? send_stream(conn, block, len) : take_stream(conn, block, len);
    free(block);
    return err;
}

static int mover(void)
{
    DR_OWN(dr_net_down) struct dr_net *net = NULL;
    DR_OWN(dr_tcp_unlisten) struct dr_tcp_listener *listener = NULL;
    config.congestion = newreno ? DR_CONGESTION_NEWRENO : DR_CONGESTION_CUBIC;
    int err = dr_net_up_with("service", &config, &net);
    if (err == 0)
        err = dr_tcp_listen(net, STREAM_PORT, 64, &listener);
    return err < 0 ? err : dr_tcp_serve(listener, CLIENTS, serve, NULL);
}

const struct dr_app dr_app = {
    .name = "mover",
    .about = "Sends and takes octets that are hashed.",
    .args = args,
    .main = mover,
};
