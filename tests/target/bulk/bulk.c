/* SPDX-License-Identifier: ISC */
/* Moves octets, for tests and bench/run.sh: GET /down sends BLOCKS times a block that never
 * changes, as an embedded file does not; POST /same says whether that is what it gets; POST /up
 * takes whatever comes. */
#include <drupe/app.h>
#include <drupe/http.h>
#include <drupe/log.h>
#include <drupe/net.h>

#include <string.h>

#define BLOCK_LEN 1000003U /* octets; a prime, so that what is misplaced shows */
#define BLOCKS    200U
#define ROOM_LEN  (256U << 10)

static uint8_t block[BLOCK_LEN]; /* is filled in once, before it is served */
static uint8_t room[ROOM_LEN];

static void fill(void)
{
    uint32_t n = 1;
    for (size_t i = 0; i < sizeof block; i++) {
        n = n * 1664525 + 1013904223;
        block[i] = (uint8_t)(n >> 24);
    }
}

static int down(struct dr_http_request *req, struct dr_http_response *res)
{
    (void)req;
    int err = dr_http_begin(res, "application/octet-stream", (uint64_t)BLOCK_LEN * BLOCKS);
    for (unsigned i = 0; i < BLOCKS && err == 0; i++)
        err = dr_http_write_static(res, block, sizeof block);
    return err;
}

/* Whether the octets are those from `at` on. */
static bool right(uint64_t at, const uint8_t *octets, size_t len)
{
    while (len > 0) {
        size_t from = at % BLOCK_LEN, n = BLOCK_LEN - from < len ? BLOCK_LEN - from : len;
        if (memcmp(block + from, octets, n) != 0)
            return false;
        at += n;
        octets += n;
        len -= n;
    }
    return true;
}

static int same(struct dr_http_request *req, struct dr_http_response *res)
{
    uint64_t at = 0;
    bool good = true;
    ssize_t n;
    while ((n = dr_http_read(req, room, sizeof room)) > 0) {
        good = good && right(at, room, (size_t)n);
        at += (uint64_t)n;
    }
    if (n < 0)
        return (int)n;
    good = good && at == (uint64_t)BLOCK_LEN * BLOCKS;
    return good ? dr_http_send(res, "text/plain", "the same\n", 9)
                : dr_http_send(res, "text/plain", "not the same\n", 13);
}

static int up(struct dr_http_request *req, struct dr_http_response *res)
{
    ssize_t n;
    do
        n = dr_http_read(req, room, sizeof room);
    while (n > 0);
    return n < 0 ? (int)n : dr_http_send(res, "text/plain", "taken\n", 6);
}

static const struct dr_http_route routes[] = {
    DR_HTTP_GET("/down", down),
    DR_HTTP_POST("/same", same),
    DR_HTTP_POST("/up", up),
    DR_HTTP_END,
};

static int bulk(void)
{
    static const struct dr_http_site site = {.routes = routes,
                                             .limits = {.body_max = UINT64_C(1) << 40}};
    DR_OWN(dr_net_down) struct dr_net *net = NULL;
    fill();
    int err = dr_net_up("service", &net);
    if (err < 0)
        return err;
    dr_info("serving");
    return dr_http_serve(net, 80, &site);
}

const struct dr_app dr_app = {
    .name = "bulk", .about = "Sends and takes much.", .args = dr_net_args, .main = bulk};
