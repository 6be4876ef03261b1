/* SPDX-License-Identifier: ISC */
/* Multicast groups of UDP sockets. An image that joins none has neither this nor net/igmp in
 * it: the rest of the stack reaches it through in->groups, which the first join sets. */
#include "net/igmp/igmp.h"
#include "net/inet/state.h"

#include "base/check.h"

#include <errno.h>

struct inet_groups {
    struct inet_groups_calls calls; /* first */
    struct igmp igmp;
    struct timer timer;
};

static struct inet_groups *groups_of(const struct inet *in)
{
    return (struct inet_groups *)(void *)in->groups;
}

/* RFC 3376 4: time to live 1, precedence of internetwork control, and the router alert option.
 */
static void send_message(struct inet *in, struct ip4 dst, struct bytes message)
{
    struct eth_addr to = eth_of_group(dst);
    struct ip4_head head = ip4_head_of(inet_ip(in), dst, IP4_IGMP);
    head.ttl = 1;
    head.tos = 0xc0;
    head.router_alert = true;
    struct writer w = writer_of(in->frame, INET_FRAME_MAX(in->cfg.mtu));
    eth_print(&w, &to, &in->mac, ETH_IP4);
    ip4_print_head(&w, &head, message.len);
    write_bytes(&w, message);
    check(!w.ran_out);
    send_frame(in, writer_len(&w));
}

static void say(struct inet *in, uint64_t now)
{
    struct inet_groups *g = groups_of(in);
    uint8_t room[IGMP_PACKET_MAX];
    struct writer w = writer_of(room, sizeof room);
    struct ip4 dst;
    while (igmp_next_packet(&g->igmp, now, &w, &dst)) {
        send_message(in, dst, bytes_of(room, writer_len(&w)));
        w = writer_of(room, sizeof room);
    }
    timer_set(&in->wheel, &g->timer, igmp_deadline(&g->igmp));
}

static bool is_member(const struct inet *in, struct ip4 group)
{
    return igmp_is_member(&groups_of(in)->igmp, group);
}

static void arrives(struct inet *in, const struct ip4_packet *p, uint64_t now)
{
    igmp_arrives(&groups_of(in)->igmp, p->payload, p->dst, now);
    say(in, now);
}

static bool expires(struct inet *in, const struct timer *t, uint64_t now)
{
    if (t != &groups_of(in)->timer)
        return false;
    say(in, now);
    return true;
}

/* It is said when the next timers expire. */
static void leave_all(struct inet *in, struct inet_udp *u)
{
    struct inet_groups *g = groups_of(in);
    for (unsigned i = 0; i < INET_UDP_GROUPS_MAX; i++) {
        if (u->group[i].n != 0)
            igmp_leave(&g->igmp, u->group[i], 0);
        u->group[i].n = 0;
    }
    timer_set(&in->wheel, &g->timer, igmp_deadline(&g->igmp));
}

static void end(struct inet *in)
{
    struct inet_groups *g = groups_of(in);
    timer_stop(&in->wheel, &g->timer);
    in->groups = NULL;
    supply_put(in->cfg.memory, g, sizeof *g);
}

static bool counter(const struct inet *in, unsigned n, const char **name, uint64_t *value)
{
    static const char *const verdicts[] = {IGMP_VERDICTS(NAMES_TEXT)};
    static const char *const events[] = {IGMP_EVENTS(NAMES_TEXT)};
    const struct igmp *g = &groups_of(in)->igmp;
    if (n >= IGMP_VERDICT_COUNT + IGMP_EVENT_COUNT)
        return false;
    bool event = n >= IGMP_VERDICT_COUNT;
    *name = event ? events[n - IGMP_VERDICT_COUNT] : verdicts[n];
    *value = event ? g->events[n - IGMP_VERDICT_COUNT] : g->verdicts[n];
    return true;
}

static void check_all(const struct inet *in)
{
    const struct inet_groups *g = groups_of(in);
    igmp_check(&g->igmp);
    check(g->timer.at == igmp_deadline(&g->igmp));
}

/* Makes the part that this image had not needed before. */
static bool begin(struct inet *in)
{
    static const struct inet_groups_calls calls = {is_member, arrives, expires,  leave_all,
                                                   end,       counter, check_all};
    struct inet_groups *g = in->groups ? groups_of(in) : supply_get(in->cfg.memory, sizeof *g);
    if (!g || in->groups)
        return g != NULL;
    g->calls = calls;
    igmp_init(&g->igmp, in->rim.random, in->rim.ctx);
    timer_init(&g->timer);
    in->groups = &g->calls;
    return true;
}

static struct ip4 *find(struct inet_udp *u, struct ip4 group)
{
    for (unsigned i = 0; i < INET_UDP_GROUPS_MAX; i++)
        if (ip4_equal(u->group[i], group))
            return &u->group[i];
    return NULL;
}

int inet_udp_join(struct inet *in, struct inet_udp *u, struct ip4 group, uint64_t now)
{
    if (!ip4_is_multicast(group))
        return -EINVAL;
    if (find(u, group))
        return -EADDRINUSE;
    struct ip4 *free = find(u, (struct ip4){0});
    if (!free)
        return -ENOSPC;
    if (!begin(in))
        return -ENOMEM;
    int err = igmp_join(&groups_of(in)->igmp, group, now);
    if (err)
        return err;
    *free = group;
    say(in, now);
    return 0;
}

int inet_udp_leave(struct inet *in, struct inet_udp *u, struct ip4 group, uint64_t now)
{
    struct ip4 *joined = group.n != 0 ? find(u, group) : NULL;
    if (!joined)
        return -EADDRNOTAVAIL;
    joined->n = 0;
    igmp_leave(&groups_of(in)->igmp, group, now);
    say(in, now);
    return 0;
}
