/* SPDX-License-Identifier: ISC */
#ifndef GATEWAY_SERVE_H
#define GATEWAY_SERVE_H

/* The relay at work: one loop around epoll, between the link to the image and the host's
 * sockets.
 *
 *  L1  While frames wait for the image, none are taken from it: who does not take answers
 *      gets no more of them, and nothing it asked for is lost.
 *  L2  The loop sleeps when there is nothing to do, and gives memory back. */

#include "host/error.h"
#include "host/usernet_spec.h"

struct server;

/* Binds the published ports and makes all that is needed; from then on nothing is opened but
 * sockets. NULL: the line says why. It lives until the process ends. */
struct server *serve_open(const struct usernet_spec *spec, int link_fd, struct error *e);

/* Serves until the image's end of the link is closed. */
void serve(struct server *s);

#endif
