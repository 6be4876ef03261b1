/* SPDX-License-Identifier: ISC */
#ifndef GATEWAY_SOCKETS_H
#define GATEWAY_SOCKETS_H

/* The host's side of the relay: IPv4 sockets that do not block, and one epoll for all. */

#include "host/error.h"
#include "host/gateway/gateway.h"
#include "host/usernet_spec.h"

struct sockets {
    int epoll;
    struct link *link; /* where frames go */
};

/* The calls of struct gateway_host but for `frame`, on `s`, which must outlive it. */
struct gateway_host sockets_host(struct sockets *s);

/* Binds a port of the host, and listens at it if it is TCP. -1: it is in use, not permitted,
 * or the address is not this host's; the line says which. */
int sockets_publish(struct sockets *s, const struct usernet_publish *p,
                    struct gateway_port *out, struct error *e);

#endif
