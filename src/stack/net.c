/* SPDX-License-Identifier: ISC */
#include "net/tcp/congestion.h"
#include "plat/plat.h"
#include "rt/budget.h"
#include "stack/config.h"
#include "stack/limits.h"
#include "stack/stack.h"
#include <drupe/log.h>
#include <drupe/random.h>
#include <drupe/time.h>

#include <errno.h>

static struct dr_net_config given; /* by the arguments */

const struct dr_arg dr_net_args[] = {
    DR_ARG_PREFIX("ipv4", &given.ipv4, "ADDRESS/LEN",
                  "the device's IPv4 address and its network's prefix length: 10.0.0.2/24"),
    DR_ARG_IP("ipv4-gateway", &given.ipv4_gateway, "ADDRESS",
              "the router to what is outside that network"),
    DR_ARG_ROUTES("ipv4-route", given.ipv4_routes, DR_NET_ROUTES_MAX,
                  "NET/LEN,GATEWAY[,METRIC]",
                  "another router, to one network; may be given several times"),
    DR_ARG_END,
};

/* ---- The rim of struct inet ------------------------------------------------ */

static int rim_send(void *ctx, struct bytes frame)
{
    const struct dr_net *net = ctx;
    return device_send(net->device, &frame, 1, NULL);
}

static int rim_send_parts(void *ctx, const struct bytes *part, unsigned parts,
                          const struct offload *work)
{
    const struct dr_net *net = ctx;
    return device_send(net->device, part, parts, work);
}

static void rim_resolved(void *ctx, struct ip4 ip, bool found)
{
    struct dr_net *net = ctx;
    (void)ip; /* whoever waits asks again: only one of a few neighbours at a time is new */
    (void)found;
    wait_wake_all(&net->resolving);
}

/* Once: the counter tells of the rest. */
static void rim_conflict(void *ctx, struct ip4 ip, const uint8_t m[6])
{
    struct dr_net *net = ctx;
    const struct dr_ip own = ip4_to_ip(ip);
    char text[DR_IP_TEXT_MAX];
    if (net->conflict_told)
        return;
    net->conflict_told = true;
    dr_log("net", DR_LOG_WARN,
           "%s: %s is also used by %02x:%02x:%02x:%02x:%02x:%02x: give one of the two another",
           net->device->name, dr_ip_print(&own, text), m[0], m[1], m[2], m[3], m[4], m[5]);
}

static uint32_t rim_random(void *ctx)
{
    (void)ctx;
    return dr_random_u32();
}

/* ---- The loop -------------------------------------------------------------- */

static void frame_arrived(void *ctx, struct bytes frame, const struct offload *work,
                          uint64_t now)
{
    struct dr_net *net = ctx;
    inet_receive_with(net->inet, frame, work, now);
}

/* Whatever the turn did to the connections, its end is where their next deadline is
 * looked up: once, not once a call. */
static void end_of_turn(void *ctx, uint64_t now)
{
    struct dr_net *net = ctx;
    if (net->dead) /* its timers stay off */
        return;
    tcp_make_places(net);
    inet_flush(net->inet, now);
    loop_timer_set(&net->expiry, inet_next(net->inet));
    if (!list_empty(&net->starved) && net->budget.buffers->used < net->starved_at)
        tcp_feed(net);
}

static void expire(struct loop_timer *t, uint64_t now)
{
    struct dr_net *net = container_of(t, struct dr_net, expiry);
    inet_expire(net->inet, now);
}

static void retry(struct loop_timer *t, uint64_t now)
{
    struct dr_net *net = container_of(t, struct dr_net, retry);
    (void)now;
    tcp_feed(net);
}

/* Everything in the net ends; the net itself stays for its owner. */
static void die(void *ctx)
{
    struct dr_net *net = ctx;
    net->dead = true;
    loop_timer_set(&net->expiry, WHEEL_NEVER);
    loop_timer_set(&net->retry, WHEEL_NEVER);
    tcp_net_dies(net);
    udp_net_dies(net);
    wait_wake_all(&net->room);
    wait_wake_all(&net->resolving);
}

static bool delivers(void *ctx)
{
    const struct dr_net *net = ctx;
    return inet_delivers(net->inet);
}

static const struct device_user device_user = {
    .frame = frame_arrived, .turn = end_of_turn, .pending = delivers, .gone = die};

/* ---- Up -------------------------------------------------------------------- */

#define MTU_MIN 576U /* RFC 791: what every host must take */

static int refuse_mtu(const char *device, uint16_t mtu)
{
    if (mtu >= MTU_MIN)
        return 0;
    dr_log("net", DR_LOG_ERROR, "device %s has an MTU of %u: IPv4 needs %u", device, mtu,
           MTU_MIN);
    return -EINVAL;
}

static int refuse_config(const char *device, const struct dr_net_config *c)
{
    if (dr_ip_is_zero(&c->ipv4.ip)) {
        dr_log("net", DR_LOG_ERROR,
               "device %s has no address: give one, as in --ipv4=10.0.0.2/24", device);
        return -EINVAL;
    }
    bool of_gateway = false;
    const char *fault = config_fault(c, &of_gateway);
    if (!fault)
        return 0;
    char text[DR_IP_TEXT_MAX];
    if (of_gateway)
        dr_log("net", DR_LOG_ERROR, "--ipv4-gateway=%s %s", dr_ip_print(&c->ipv4_gateway, text),
               fault);
    else
        dr_log("net", DR_LOG_ERROR, "--ipv4=%s/%u %s", dr_ip_print(&c->ipv4.ip, text),
               c->ipv4.len, fault);
    return -EINVAL;
}

/* False when the route is none of IPv4. */
static bool route_from(const struct dr_route *r, struct inet_route *out)
{
    *out =
        (struct inet_route){{ip4_from(&r->to.ip), r->to.len}, ip4_from(&r->gateway), r->metric};
    return dr_ip_is4(&r->to.ip) && dr_ip_is4(&r->gateway);
}

static int add_routes(struct dr_net *net, const struct dr_net_config *c)
{
    char to[DR_IP_TEXT_MAX], gateway[DR_IP_TEXT_MAX];
    for (const struct dr_route *r = c->ipv4_routes; r < c->ipv4_routes + DR_NET_ROUTES_MAX;
         r++) {
        if (dr_ip_is_zero(&r->gateway) || dr_net_route_add(net, r) == 0)
            continue;
        dr_log("net", DR_LOG_ERROR,
               "--ipv4-route=%s/%u,%s needs a network, with no bits beyond its prefix, and "
               "a router in the network of --ipv4; and may be given once",
               dr_ip_print(&r->to.ip, to), r->to.len, dr_ip_print(&r->gateway, gateway));
        return -EINVAL;
    }
    return 0;
}

static void net_prepare(struct dr_net *net, const struct stack_budget *budget)
{
    net->budget = *budget;
    pool_init(&net->conn_pool, net->budget.tables, sizeof(struct dr_tcp), budget->handles);
    pool_init(&net->listener_pool, net->budget.tables, sizeof(struct dr_tcp_listener),
              SIZE_MAX);
    pool_init(&net->lot_pool, net->budget.tables, sizeof(struct dr_tcp_lot), SIZE_MAX);
    pool_init(&net->udp_pool, net->budget.tables, sizeof(struct dr_udp), SIZE_MAX);
    list_init(&net->conns);
    list_init(&net->listeners);
    list_init(&net->lots);
    list_init(&net->sockets);
    list_init(&net->starved);
    wait_queue_init(&net->room);
    wait_queue_init(&net->resolving);
    loop_timer_init(&net->expiry, expire);
    loop_timer_init(&net->retry, retry);
}

static int start_inet(struct dr_net *net, const struct dr_net_config *c)
{
    const struct inet_rim rim = {
        .ctx = net,
        .send = rim_send,
        .tcp_event = tcp_event,
        .acceptable = tcp_acceptable,
        .datagram = udp_datagram,
        .udp_error = udp_error,
        .conflict = rim_conflict,
        .resolved = rim_resolved,
        .random = rim_random,
        .send_parts = rim_send_parts,
    };
    struct inet_config cfg = {
        .mtu = net->device->info.mtu,
        .offloads = net->device->info.features,
        .ip = ip4_from(&c->ipv4.ip),
        .prefix_len = c->ipv4.len,
        .hash_key = {dr_random_u64(), dr_random_u64()},
        .memory = net->budget.tables,
        .buffers = net->budget.buffers,
        .connections_max = net->budget.connections,
        .half_open_max = net->budget.half_open,
        .time_wait_max = net->budget.time_wait,
        .receive_max = net->budget.queue,
        .send_max = net->budget.queue,
        .receive_first = net->budget.queue_first,
        .send_first = net->budget.queue_first,
        .ecn = !c->no_ecn,
        .congestion = c->congestion == DR_CONGESTION_NEWRENO ? &tcp_reno : &tcp_cubic,
    };
    memcpy(cfg.mac, net->device->info.mac, sizeof cfg.mac);
    if (!dr_ip_is_zero(&c->ipv4_gateway))
        cfg.gateway = ip4_from(&c->ipv4_gateway);
    return inet_init(&net->inet, &cfg, &rim, dr_now());
}

static void announce(const struct dr_net *net, const struct dr_net_config *c)
{
    char ip[DR_IP_TEXT_MAX], gateway[DR_IP_TEXT_MAX];
    const uint8_t *m = net->device->info.mac;
    dr_log("net", DR_LOG_INFO,
           "%s is up: %s/%u, gateway %s, %02x:%02x:%02x:%02x:%02x:%02x, MTU %u",
           net->device->name, dr_ip_print(&c->ipv4.ip, ip), c->ipv4.len,
           dr_ip_is_zero(&c->ipv4_gateway) ? "none" : dr_ip_print(&c->ipv4_gateway, gateway),
           m[0], m[1], m[2], m[3], m[4], m[5], net->device->info.mtu);
}

/* The net's memory, its device and its inet, in that order; what was got is given back
 * when the next fails. */
static int bring_up(struct dr_net *net, const char *device, const struct dr_net_config *c)
{
    int err = device_open(device, &device_user, net, &net->device);
    if (err)
        return err;
    err = start_inet(net, c);
    if (!err)
        err = add_routes(net, c);
    if (err) {
        inet_end(&net->inet, dr_now());
        device_close(&net->device);
    }
    return err;
}

int net_up_budget(const char *device, const struct dr_net_config *config,
                  const struct stack_budget *budget, struct dr_net **out)
{
    struct dr_net *net = supply_get(budget->tables, sizeof *net);
    if (!net)
        return -ENOMEM;
    net_prepare(net, budget);
    net->ip = config->ipv4.ip;
    int err = bring_up(net, device, config);
    if (err) {
        supply_put(budget->tables, net, sizeof *net);
        return err;
    }
    announce(net, config);
    *out = net;
    return 0;
}

int dr_net_up_with(const char *device, const struct dr_net_config *config, struct dr_net **out)
{
    struct plat_net_info info = {.mtu = 0};
    if (!device_info(device, &info))
        return -ENODEV;
    int err = refuse_config(device, config);
    if (!err)
        err = refuse_mtu(device, info.mtu);
    if (err)
        return err;
    struct stack_budget budget =
        stack_budget_of(budget_of(BUDGET_CONNECTIONS), budget_of(BUDGET_NETWORK), info.mtu);
    return net_up_budget(device, config, &budget, out);
}

int dr_net_up(const char *device, struct dr_net **net)
{
    return dr_net_up_with(device, &given, net);
}

/* ---- Down ------------------------------------------------------------------ */

static void net_free(struct dr_net *net)
{
    pool_end(&net->conn_pool);
    pool_end(&net->listener_pool);
    pool_end(&net->lot_pool);
    pool_end(&net->udp_pool);
    supply_put(net->budget.tables, net, sizeof *net);
}

void net_release(struct dr_net *net)
{
    if (net->down && net->handles == 0)
        net_free(net);
}

void dr_net_down(struct dr_net **p)
{
    struct dr_net *net = *p;
    *p = NULL;
    if (!net)
        return;
    if (!net->dead)
        die(net);
    if (net->counters_log)
        net->counters_log->end(net->counters_log);
    inet_flush(net->inet, dr_now()); /* the resets */
    inet_end(&net->inet, dr_now());
    device_close(&net->device);
    net->down = true;
    net_release(net);
}

/* ---- What else can be asked ------------------------------------------------ */

struct dr_ip dr_net_ip(const struct dr_net *net)
{
    return net->ip;
}

int dr_net_route_add(struct dr_net *net, const struct dr_route *route)
{
    struct inet_route r;
    if (net->dead)
        return -ENETDOWN;
    return route_from(route, &r) ? inet_route_add(net->inet, &r) : -EINVAL;
}

int dr_net_route_remove(struct dr_net *net, const struct dr_route *route)
{
    struct inet_route r;
    if (net->dead)
        return -ENETDOWN;
    return route_from(route, &r) ? inet_route_remove(net->inet, &r) : -ESRCH;
}

struct dr_net *dr_net_for(const struct dr_ip *to)
{
    struct dr_net *best = NULL;
    uint32_t most = 0;
    for (unsigned i = 0; i <= PLAT_DEVICE_MAX && dr_ip_is4(to); i++) {
        struct dr_net *net = device_ctx(i);
        uint32_t n = net && !net->dead ? inet_preference(net->inet, ip4_from(to)) : 0;
        if (n > most) {
            most = n;
            best = net;
        }
    }
    return best;
}

struct dr_net *net_for_connect(struct dr_net *net, struct ip4_endpoint to)
{
    if (!net) {
        struct dr_ip ip = ip4_to_ip(to.ip);
        net = dr_net_for(&ip);
    }
    if (!net || net->dead || !ip4_is_loopback(to.ip) || inet_listens_at(net->inet, to))
        return net;
    for (unsigned i = 0; i <= PLAT_DEVICE_MAX; i++) {
        struct dr_net *other = device_ctx(i);
        if (other && !other->dead && inet_listens_at(other->inet, to))
            return other;
    }
    return net;
}

int net_resolve(struct handle *h, struct ip4 ip)
{
    struct dr_net *net = h->net;
    while (!net->dead) {
        int err = inet_resolve(net->inet, ip, dr_now());
        if (err != -EAGAIN)
            return err;
        err = handle_wait(h, &net->resolving);
        if (err)
            return err;
    }
    return -ENETDOWN;
}

/* The stack's own counters, after those of inet. */
static bool own_counter(const struct dr_net *net, unsigned n, struct dr_counter *out)
{
    const struct device_counts *d = &net->device->counts;
    const struct stack_counts *c = &net->counts;
    const struct dr_counter all[] = {
        {"device", "frames_in", d->frames_in},
        {"device", "frames_out", d->frames_out},
        {"device", "full", d->full},
        {"device", "malformed", d->malformed},
        {"device", "write_errors", d->write_errors},
        {"stack", "accept_waits", c->accept_waits},
        {"stack", "write_waits", c->write_waits},
        {"stack", "serve_waits", c->serve_waits},
        {"stack", "parked_expired", c->parked_expired},
        {"stack", "parked_evicted", c->parked_evicted},
        {"stack", "udp_full", c->udp_full},
        {"stack", "udp_cut", c->udp_cut},
        {"stack", "tables_refused", net->budget.tables->refused},
        {"stack", "buffers_refused", net->budget.buffers->refused},
    };
    if (n >= sizeof all / sizeof all[0])
        return false;
    *out = all[n];
    return true;
}

bool dr_net_counter(const struct dr_net *net, unsigned n, struct dr_counter *out)
{
    struct inet_counter c;
    if (inet_counter(net->inet, n, &c)) {
        *out = (struct dr_counter){c.module, c.name, c.value};
        return true;
    }
    unsigned theirs = 0;
    while (theirs < n && inet_counter(net->inet, theirs, &c))
        theirs++;
    return own_counter(net, n - theirs, out);
}
