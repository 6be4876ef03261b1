/* SPDX-License-Identifier: ISC */
#include "tests/tcp/host.h"

#include <stdlib.h>

void host_sent(struct host *h, struct bytes packet, uint64_t at)
{
    struct host_packet *p = malloc(sizeof *p + packet.len);
    if (!p)
        abort();
    p->next = NULL;
    p->at = at;
    p->len = packet.len;
    memcpy(p->octets, packet.at, packet.len);
    *h->last = p;
    h->last = &p->next;
}

struct host_packet *host_take(struct host *h)
{
    struct host_packet *p = h->first;
    if (!p)
        return NULL;
    h->first = p->next;
    if (!h->first)
        h->last = &h->first;
    return p;
}

void host_forget_packets(struct host *h)
{
    for (struct host_packet *p; (p = host_take(h));)
        free(p);
}
