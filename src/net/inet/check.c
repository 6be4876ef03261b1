/* SPDX-License-Identifier: ISC */
/* The invariants of state.h. */
#include "net/inet/state.h"

#include "base/check.h"

static void check_conn(const struct inet *in, const struct tcp_conn *c)
{
    tcp_check(c);
    bool unaccepted = c->place == INET_HALF_OPEN || c->place == INET_QUEUED;
    check(unaccepted == (c->listener != NULL)); /* N3 */
    check(!unaccepted || !c->owner);            /* N3 */
    check((c->place == INET_NOWHERE) == list_empty(&c->queue));
    check((c->place == INET_ENDED) == (c->state == TCP_CLOSED)); /* N1, N6 */
    check(c->place != INET_HALF_OPEN || c->state == TCP_SYN_RECEIVED);
    check(c->place != INET_TIME_WAIT || (c->state == TCP_TIME_WAIT && !c->owner));
    check(c->place != INET_LET_GO || (c->orphan && !c->owner));
    check(c->timer.at == tcp_deadline(c)); /* N5 */
    check(c->state == TCP_CLOSED || inet_is_own(in, c->local.ip));
    check(!c->held || c->state == TCP_CLOSED || (c->state == TCP_SYN_RECEIVED && c->passive));
    check(!c->held || list_empty(&c->pending));
}

static uint32_t check_table(const struct inet *in)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < hash_chains(&in->table); i++)
        for (struct hash_link *l = hash_chain(&in->table, i); l; l = l->next) {
            const struct tcp_conn *c = container_of(l, struct tcp_conn, hash);
            check(c->state != TCP_CLOSED);                 /* N1 */
            check(table_find(in, c->local, c->peer) == c); /* N2 */
            check_conn(in, c);
            n++;
        }
    check(n == in->table.count);
    return n;
}

static uint32_t check_queue(const struct inet *in, const struct list *queue,
                            enum inet_place place, const struct inet_listener *l)
{
    uint32_t n = 0;
    list_each(e, queue) {
        const struct tcp_conn *c = container_of(e, struct tcp_conn, queue);
        check(c->place == place);
        check(!l || c->listener == l);
        if (place == INET_ENDED)
            check_conn(in, c);
        n++;
    }
    return n;
}

static void check_listeners(const struct inet *in)
{
    for (unsigned i = 0; i < INET_PORT_BUCKETS; i++)
        list_each(e, &in->listening[i]) {
            const struct inet_listener *l = container_of(e, struct inet_listener, link);
            check(check_queue(in, &l->queue, INET_QUEUED, l) == l->queued);
            check(l->queued <= l->backlog); /* N4 */
        }
}

void inet_check(const struct inet *in)
{
    uint32_t conns = check_table(in);
    conns += check_queue(in, &in->ended, INET_ENDED, NULL);
    check(conns == in->conns.live); /* N6 */
    check(check_queue(in, &in->half_open, INET_HALF_OPEN, NULL) == in->half_opens);
    check(in->half_opens <= in->cfg.half_open_max); /* N4 */
    check_queue(in, &in->let_go, INET_LET_GO, NULL);
    check_queue(in, &in->time_wait, INET_TIME_WAIT, NULL);
    check_listeners(in);
    waits_check(in);
    reassembly_check(&in->reassembly);
    check(in->reassembly_timer.at == reassembly_deadline(&in->reassembly));
    check(!in->large);
    if (in->groups)
        in->groups->verify(in);
    arp_check(&in->arp);
    check(in->arp_timer.at == arp_deadline(&in->arp) || in->arp.due < in->arp_timer.at);
}
