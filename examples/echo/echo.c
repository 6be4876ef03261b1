/* SPDX-License-Identifier: ISC */
/* Sends back what it gets, one task for each client. */
#include <drupe/app.h>
#include <drupe/log.h>
#include <drupe/net.h>
#include <drupe/tcp.h>

#define CLIENTS_MAX 1024
#define SILENCE_MAX DR_S(60) /* then the client is asked whether it is still there */

static uint64_t port = 9000;

static const struct dr_arg args[] = {
    DR_ARG_UINT("port", &port, 1, 65535, "PORT", "the TCP port to listen on"),
    DR_ARG_TABLE(dr_net_args),
    DR_ARG_END,
};

static int serve(struct dr_tcp *conn, void *arg)
{
    char buf[4096];
    ssize_t n;
    (void)arg;
    dr_tcp_keepalive(conn, SILENCE_MAX);
    while ((n = dr_tcp_read(conn, buf, sizeof buf)) > 0) {
        ssize_t sent = dr_tcp_write(conn, buf, (size_t)n);
        if (sent < 0)
            return (int)sent;
    }
    return (int)n;
}

static int echo(void)
{
    DR_OWN(dr_net_down) struct dr_net *net = NULL;
    DR_OWN(dr_tcp_unlisten) struct dr_tcp_listener *listener = NULL;

    int err = dr_net_up("service", &net);
    if (err == 0)
        err = dr_tcp_listen(net, (uint16_t)port, 128, &listener);
    if (err < 0)
        return err;
    dr_info("Listening on port %u", (unsigned)port);
    return dr_tcp_serve(listener, CLIENTS_MAX, serve, NULL);
}

const struct dr_app dr_app = {
    .name = "echo",
    .about = "Sends back what it gets over TCP.",
    .args = args,
    .main = echo,
};
