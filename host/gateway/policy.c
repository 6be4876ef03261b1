/* SPDX-License-Identifier: ISC */
#include "host/gateway/policy.h"

#define LINK_LOCAL 0xa9feU /* 169.254/16 */

bool policy_reaches(struct ip4 dst, const struct ip4_net *own)
{
    return ip4_is_host(dst, own) && !ip4_in_net(dst, own) && dst.n >> 16 != LINK_LOCAL;
}

struct ip4 policy_shown(struct ip4 client, const struct ip4_net *own)
{
    return policy_reaches(client, own) ? client : own->ip;
}
