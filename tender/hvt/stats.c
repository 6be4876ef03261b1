/* SPDX-License-Identifier: ISC */
#include "tender/hvt/stats.h"

static void print_net(const char *by, const struct net_stats *n)
{
    fprintf(stderr, "drupe-hvt: frames by %s: %lu sent, %lu received, %lu lost\n", by, n->sent,
            n->received, n->lost);
}

void stats_print(const struct vm *vm, const struct guest *g, const struct netring_thread *ring)
{
    fprintf(stderr, "drupe-hvt: exits: %lu;", vm->exits);
    for (unsigned n = 1; n < HVT_CALLS_END; n++)
        if (g->calls[n] > 0)
            fprintf(stderr, " %s %lu", guest_call_name(n), g->calls[n]);
    fprintf(stderr, "\n");
    if (g->console_lost > 0)
        fprintf(stderr, "drupe-hvt: octets the console did not take: %lu\n", g->console_lost);
    print_net("calls", &g->net);
    if (!ring)
        return;
    print_net("the ring", &ring->ring.net);
    fprintf(stderr, "drupe-hvt: ring: %lu entries in %lu rounds, %lu kicks\n",
            ring->ring.entries, ring->ring.rounds, ring->kicks);
}
