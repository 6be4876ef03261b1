/* SPDX-License-Identifier: ISC */
#ifndef GATEWAY_HOST_H
#define GATEWAY_HOST_H

/* What the relay asks of the host. The program gives it sockets (sockets.c), a test gives it
 * what it likes. Nothing here waits, and nothing calls the relay back. Errors are negative
 * error numbers; a descriptor is what a call of this interface returned. */

#include "base/list.h"
#include "base/octets.h"
#include "net/ip4/addr.h"

#include <sys/types.h>

enum watch_kind { WATCH_STREAM, WATCH_FLOW, WATCH_PORT };

/* A descriptor of the host and what is known of it: each of its events is told once, by
 * gateway_ready, and holds until a call answers -EAGAIN. The first member of who owns it. */
struct watch {
    uint8_t kind; /* enum watch_kind */
    bool readable, writable;
    bool ending;       /* the end of a stream, or its error, is behind what can be read */
    int fd;            /* -1: none */
    struct list ready; /* in gateway.ready when there is more to do next turn */
};

enum host_event { HOST_READABLE = 1, HOST_WRITABLE = 2, HOST_ENDING = 4 };

struct gateway_host {
    void *ctx;
    /* Each makes a socket, begins to connect it, and tells its events to `w`. The descriptor,
     * or an error. A stream is connected, or is not (error() says), when it is writable. */
    int (*stream)(void *ctx, struct ip4_endpoint to, struct watch *w);
    int (*datagrams)(void *ctx, struct ip4_endpoint to, struct watch *w);
    int (*echoes)(void *ctx, struct ip4 to, struct watch *w); /* ICMP echo requests */
    /* The next client of a published port; -EAGAIN when there is none. Its events are told
     * only after watch(). */
    int (*accept)(void *ctx, int fd, struct ip4_endpoint *from);
    int (*watch)(void *ctx, int fd, struct watch *w);
    ssize_t (*send)(void *ctx, int fd, struct bytes b);
    ssize_t (*send_to)(void *ctx, int fd, struct ip4_endpoint to, struct bytes b);
    ssize_t (*receive)(void *ctx, int fd, void *to, size_t len); /* 0: a stream's end */
    ssize_t (*receive_from)(void *ctx, int fd, void *to, size_t len, struct ip4_endpoint *from);
    int (*error)(void *ctx, int fd); /* what became of connecting: 0, or why not */
    void (*end)(void *ctx, int fd);  /* nothing more will be sent */
    void (*close)(void *ctx, int fd, bool reset);
    /* A frame for the image. 0, or -EAGAIN when there is no room (the relay is told by
     * gateway_link_ready when there is again). */
    int (*frame)(void *ctx, struct bytes frame);
    uint32_t (*random)(void *ctx);
};

#endif
