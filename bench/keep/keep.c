/* SPDX-License-Identifier: ISC */
/* Accepts connections and keeps them, with no task to any: what an idle one costs. When a
 * thousand more are there, it says so. */
#include <drupe/app.h>
#include <drupe/log.h>
#include <drupe/net.h>
#include <drupe/tcp.h>

static const struct dr_arg args[] = {
    DR_ARG_TABLE(dr_net_args),
    DR_ARG_END,
};

static int keep(void)
{
    DR_OWN(dr_net_down) struct dr_net *net = NULL;
    DR_OWN(dr_tcp_unlisten) struct dr_tcp_listener *listener = NULL;
    struct dr_tcp *conn;
    unsigned kept = 0;
    int err = dr_net_up("service", &net);
    if (err == 0)
        err = dr_tcp_listen(net, 9000, DR_TCP_BACKLOG_MAX, &listener);
    while (err == 0 && (err = dr_tcp_accept(listener, &conn)) == 0)
        if (++kept % 1000 == 0)
            dr_info("%u connections are kept", kept);
    return err;
}

const struct dr_app dr_app = {
    .name = "keep",
    .about = "Keeps connections that nobody uses.",
    .args = args,
    .main = keep,
};
