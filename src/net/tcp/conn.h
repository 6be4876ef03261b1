/* SPDX-License-Identifier: ISC */
#ifndef NET_TCP_CONN_H
#define NET_TCP_CONN_H

/* A connection's state: RFC 9293 3.3.1's names. Its members are net/tcp's own but for
 * the first group, which is the caller's. */

#include "base/list.h"
#include "base/wheel.h"
#include "net/tcp/tcp.h"

struct tcp_conn {
    /* The caller's (net/inet): */
    struct ip4_endpoint local, peer;
    void *owner;
    void *listener;
    struct timer timer;
    struct list hash, queue, pending;

    struct tcp_shared *shared;
    enum tcp_state state;
    int error; /* why it ended: 0 or a negative error number */

    struct seq iss, snd_una, snd_nxt;
    struct seq irs, rcv_nxt;
    uint32_t snd_wnd, rcv_wnd;
    struct ring in, out;
};

#endif
