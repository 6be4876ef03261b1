/* SPDX-License-Identifier: ISC */
#ifndef STACK_CONFIG_H
#define STACK_CONFIG_H

#include "net/ip4/addr.h"
#include <drupe/net.h>

/* Why the configuration cannot be used, as the end of a sentence that begins with the
 * address or, with *of_gateway set, the gateway; NULL when it can. Pure. */
const char *config_fault(const struct dr_net_config *c, bool *of_gateway);

/* Between the two forms of an IPv4 address. `ip` must be one (dr_ip_is4). */
struct ip4 ip4_from(const struct dr_ip *ip);
struct dr_ip ip4_to_ip(struct ip4 ip);
struct dr_endpoint ip4_to_endpoint(struct ip4_endpoint e);

#endif
