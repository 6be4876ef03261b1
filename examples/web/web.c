/* SPDX-License-Identifier: ISC */
/* A web server: one constant page, and one that a function answers. */
#include "page.h"

#include <drupe/app.h>
#include <drupe/http.h>
#include <drupe/log.h>
#include <drupe/net.h>

static uint64_t port = 80, counters;

static const struct dr_arg args[] = {
    DR_ARG_UINT("port", &port, 1, 65535, "PORT", "the TCP port to listen on"),
    DR_ARG_TABLE(dr_net_args),
    DR_ARG_COUNTERS(&counters),
    DR_ARG_END,
};

static int hello(struct dr_http_request *req, struct dr_http_response *res)
{
    static const char text[] = "Hello World!\n";
    (void)req;
    return dr_http_send(res, "text/plain", text, sizeof text - 1);
}

static const struct dr_http_route routes[] = {
    DR_HTTP_PAGE("/", "text/html; charset=utf-8", page),
    DR_HTTP_GET("/hello", hello),
    DR_HTTP_END,
};

static const struct dr_http_site site = {.routes = routes};

static int web(void)
{
    DR_OWN(dr_net_down) struct dr_net *net = NULL;

    int err = dr_net_up("service", &net);
    if (err == 0)
        err = dr_net_log_counters(net, counters);
    if (err < 0)
        return err;
    dr_info("Serving http on port %u", (unsigned)port);
    return dr_http_serve(net, (uint16_t)port, &site);
}

const struct dr_app dr_app = {
    .name = "web",
    .about = "Serves a web page.",
    .args = args,
    .main = web,
};
