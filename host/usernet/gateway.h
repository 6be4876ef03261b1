/* SPDX-License-Identifier: ISC */
#ifndef HOST_USERNET_GATEWAY_H
#define HOST_USERNET_GATEWAY_H

/* The gateway at work: libslirp between the link to the image and the host's sockets,
 * in one loop around poll.
 *
 *  G1  No frame for the image is lost while fewer than LINK_QUEUE wait: with
 *      LINK_PAUSE waiting, the host's sockets are not read, so that TCP slows its
 *      senders. (A lost frame costs half a second: libslirp's timers are that coarse.)
 *  G2  The loop sleeps when there is nothing to do, and for good once nothing has
 *      happened for a while and no connection is open.
 *  G3  With nearly as many connections as descriptors, no more are accepted: they
 *      wait in the host's backlog. */

#include "host/error.h"
#include "host/usernet_spec.h"

struct gateway;

/* Makes the gateway of the link and binds the published ports; from then on nothing
 * is opened but sockets. NULL: a port is in use, not permitted, or the address is not
 * this host's; the line says which. It lives until the process ends. */
struct gateway *gateway_open(const struct usernet_spec *spec, int link_fd, struct error *e);

/* Serves until the image's end of the link is closed. */
void gateway_serve(struct gateway *g);

#endif
