/* SPDX-License-Identifier: ISC */
/* An image with two devices, for tests against real peers: echoes UDP and TCP at port 7 of
 * both, is in the group 239.1.2.3, and does what datagrams to port 9 of its inner device ask
 * for: send ADDRESS PORT OCTETS TTL   a datagram by whatever net suits; answers what came back
 *     open ADDRESS PORT              a connection likewise; answers from which address
 *     count NAME                     a counter of the inner net */
#include <drupe/app.h>
#include <drupe/log.h>
#include <drupe/tcp.h>
#include <drupe/time.h>
#include <drupe/udp.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct dr_net_config inner_config, outer_config;
static struct dr_net *inner, *outer;

static const struct dr_arg args[] = {
    DR_ARG_PREFIX("inner", &inner_config.ipv4, "ADDRESS/LEN", "of the inner device"),
    DR_ARG_ROUTES("inner-route", inner_config.ipv4_routes, DR_NET_ROUTES_MAX, "ROUTE",
                  "what is behind it"),
    DR_ARG_PREFIX("outer", &outer_config.ipv4, "ADDRESS/LEN", "of the outer device"),
    DR_ARG_IP("outer-gateway", &outer_config.ipv4_gateway, "ADDRESS", "the way to the rest"),
    DR_ARG_END,
};

static int echo_datagrams(void *arg)
{
    static uint8_t text[2][DR_UDP_TEXT_MAX];
    struct dr_net *net = arg;
    uint8_t *buf = text[net == outer];
    struct dr_ip group = dr_ip4(239, 1, 2, 3);
    DR_OWN(dr_udp_close) struct dr_udp *u = NULL;
    int err = dr_udp_bind(net, 7, &u);
    if (!err)
        err = dr_udp_join(u, &group);
    while (err >= 0) {
        struct dr_endpoint from;
        ssize_t n = dr_udp_recvfrom(u, buf, DR_UDP_TEXT_MAX, &from);
        if (n >= 0)
            n = dr_udp_sendto(u, buf, (size_t)n, &from);
        err = n == -ECANCELED || n == -ENETDOWN ? (int)n : 0;
    }
    return err;
}

static int echo_stream(struct dr_tcp *conn, void *arg)
{
    uint8_t buf[4096];
    ssize_t n;
    (void)arg;
    while ((n = dr_tcp_read(conn, buf, sizeof buf)) > 0)
        if ((n = dr_tcp_write(conn, buf, (size_t)n)) < 0)
            break;
    return (int)n;
}

static int echo_streams(void *arg)
{
    DR_OWN(dr_tcp_unlisten) struct dr_tcp_listener *l = NULL;
    int err = dr_tcp_listen(arg, 7, 16, &l);
    return err ? err : dr_tcp_serve(l, 16, echo_stream, NULL);
}

/* Negative: why there is none. */
static int wait_for_answer(struct dr_udp *u)
{
    uint8_t buf[64];
    struct dr_scope s;
    dr_scope_open(&s, dr_now() + DR_S(5));
    int n = (int)dr_udp_recvfrom(u, buf, sizeof buf, NULL);
    dr_scope_close(&s);
    return n;
}

static int send_one(const struct dr_endpoint *to, unsigned len, unsigned ttl)
{
    static const uint8_t octets[DR_UDP_TEXT_MAX];
    DR_OWN(dr_udp_close) struct dr_udp *u = NULL;
    struct dr_udp_options options = {.ttl = (uint8_t)ttl};
    struct dr_net *net = dr_net_for(&to->ip);
    int err = net ? dr_udp_bind(net, 0, &u) : -ENETUNREACH;
    if (!err)
        err = dr_udp_connect(u, to);
    if (err)
        return err;
    dr_udp_set(u, &options);
    ssize_t n = dr_udp_sendto(u, octets, len, NULL);
    return n < 0 ? (int)n : wait_for_answer(u);
}

static int open_one(const struct dr_endpoint *to, char *answer, size_t size)
{
    DR_OWN(dr_tcp_close) struct dr_tcp *conn = NULL;
    char text[DR_IP_TEXT_MAX];
    int err = dr_tcp_connect(NULL, to, &conn);
    if (err)
        return snprintf(answer, size, "%d", err);
    struct dr_endpoint local = dr_tcp_local(conn);
    return snprintf(answer, size, "from %s", dr_ip_print(&local.ip, text));
}

static int count(const char *name, char *answer, size_t size)
{
    struct dr_counter c;
    char full[64];
    for (unsigned n = 0; dr_net_counter(inner, n, &c); n++) {
        snprintf(full, sizeof full, "%s.%s", c.module, c.name);
        if (strcmp(full, name) == 0)
            return snprintf(answer, size, "%llu", (unsigned long long)c.value);
    }
    return snprintf(answer, size, "no such counter");
}

static int obey(const char *line, char *answer, size_t size)
{
    char name[64];
    unsigned port, len, ttl;
    struct dr_endpoint to;
    if (sscanf(line, "count %63s", name) == 1)
        return count(name, answer, size);
    bool send = sscanf(line, "send %63s %u %u %u", name, &port, &len, &ttl) == 4;
    if (!send && sscanf(line, "open %63s %u", name, &port) != 2)
        return snprintf(answer, size, "what?");
    if (dr_ip_parse(name, &to.ip) != 0)
        return snprintf(answer, size, "where?");
    to.port = (uint16_t)port;
    return send ? snprintf(answer, size, "%d", send_one(&to, len, ttl))
                : open_one(&to, answer, size);
}

static int commands(void)
{
    char line[256], answer[256];
    DR_OWN(dr_udp_close) struct dr_udp *u = NULL;
    int err = dr_udp_bind(inner, 9, &u);
    while (err >= 0) {
        struct dr_endpoint from;
        err = (int)dr_udp_recvfrom(u, line, sizeof line - 1, &from);
        if (err < 0)
            break;
        line[(size_t)err < sizeof line ? (size_t)err : sizeof line - 1] = '\0';
        int n = obey(line, answer, sizeof answer);
        err = (int)dr_udp_sendto(u, answer, (size_t)n, &from);
    }
    return err;
}

static int two(void)
{
    struct dr_scope s;
    int err = dr_net_up_with("inner", &inner_config, &inner);
    if (!err)
        err = dr_net_up_with("outer", &outer_config, &outer);
    dr_scope_open(&s, DR_NEVER);
    struct dr_net *const nets[] = {inner, outer};
    for (unsigned i = 0; i < 2 && !err; i++) {
        err = dr_spawn(&s, echo_datagrams, nets[i], NULL);
        if (!err)
            err = dr_spawn(&s, echo_streams, nets[i], NULL);
    }
    if (!err)
        err = commands();
    dr_scope_close(&s);
    dr_net_down(&inner);
    dr_net_down(&outer);
    return err;
}

const struct dr_app dr_app = {
    .name = "two", .about = "Answers at two devices.", .args = args, .main = two};
