/* SPDX-License-Identifier: ISC */
#ifndef GATEWAY_RESOLVERS_H
#define GATEWAY_RESOLVERS_H

/* The host's resolvers, to which questions to the gateway's DNS port go. */

#include "host/gateway/gateway.h"

/* Reads the lines "nameserver ADDRESS" of a text like resolv.conf(5): the first IPv4 addresses
 * of at most GATEWAY_RESOLVERS_MAX go to `out`. Returns how many. Pure. */
unsigned resolvers_parse(struct bytes text, struct ip4 out[GATEWAY_RESOLVERS_MAX]);

/* The same of a file; 0 when it cannot be read. Once, at the start: the helper can open no file
 * later. */
unsigned resolvers_read(const char *path, struct ip4 out[GATEWAY_RESOLVERS_MAX]);

#endif
