/* SPDX-License-Identifier: ISC */
/* Packets to 127/8 and to our own addresses, which never reach the device: they wait in a
 * queue and arrive at the next inet_flush, as whatever their size is. */
#include "net/inet/state.h"

#include <errno.h>

struct looped {
    struct list link;
    size_t len;
    uint8_t octets[]; /* the packet */
};

bool loops(const struct inet *in, struct ip4 dst)
{
    return ip4_is_loopback(dst) || ip4_own_index(&in->own, dst) < in->own.len;
}

static void forget(struct inet *in, struct looped *l)
{
    list_remove(&l->link);
    in->looped_octets -= sizeof *l + l->len;
    supply_put(in->cfg.buffers, l, sizeof *l + l->len);
}

int loop_send(struct inet *in, const struct ip4_head *head, struct bytes payload)
{
    size_t len = IP4_HEADER_MIN + payload.len, size = sizeof(struct looped) + len;
    bool fits = size <= INET_LOOP_OCTETS - in->looped_octets;
    struct looped *l = fits ? supply_get(in->cfg.buffers, size) : NULL;
    if (!l) {
        in->counts[INET_LOOP_FULL]++;
        return -EAGAIN;
    }
    struct writer w = writer_of(l->octets, len);
    ip4_print_head(&w, head, payload.len);
    write_bytes(&w, payload);
    l->len = len;
    list_init(&l->link);
    list_push(&in->looped, &l->link);
    in->looped_octets += size;
    in->counts[INET_LOOPED]++;
    return 0;
}

/* What is sent meanwhile arrives the next time, so that two sockets that answer each other do
 * not keep everything else from its turn. */
void loop_deliver(struct inet *in, uint64_t now)
{
    for (struct list *last = in->looped.prev, *e = NULL;
         e != last && !list_empty(&in->looped);) {
        e = in->looped.next;
        struct looped *l = container_of(e, struct looped, link);
        struct ip4_packet p;
        if (ip4_parse(bytes_of(l->octets, l->len), NULL, &p) == IP4_OK) {
            p.to_broadcast = ip4_is_multicast(p.dst);
            datagram_arrives(in, &p, now);
        }
        forget(in, l);
    }
}

void loop_end(struct inet *in)
{
    while (!list_empty(&in->looped))
        forget(in, container_of(in->looped.next, struct looped, link));
}
