/* SPDX-License-Identifier: ISC */
#include "stack/budget.h"
#include "stack/limits.h"

static size_t within(size_t n, size_t min, size_t max)
{
    return n < min ? min : n > max ? max : n;
}

/* The greatest power of 2 that is at most n >= 1. */
static uint32_t power_of_2(size_t n)
{
    uint32_t p = 1;
    while (p <= n / 2)
        p *= 2;
    return p;
}

struct stack_budget stack_budget_of(size_t memory, uint16_t mtu)
{
    struct stack_budget b = {
        .tables = memory / BUDGET_TABLES_SHARE,
        .buffers = memory / BUDGET_BUFFERS_SHARE,
    };
    b.connections = (uint32_t)within(b.tables / BUDGET_CONNECTION_COST, BUDGET_CONNECTIONS_MIN,
                                     BUDGET_CONNECTIONS_MAX);
    b.handles = b.connections;
    b.half_open = b.connections / BUDGET_HALF_OPEN_SHARE;
    b.queue =
        power_of_2(within(b.buffers / BUDGET_QUEUE_SHARE, BUDGET_QUEUE_MIN, BUDGET_QUEUE_MAX));
    /* Twice: the power of 2 below it still holds the datagrams and their heads. */
    size_t datagrams = (size_t)mtu * UDP_QUEUE_DATAGRAMS * 2;
    b.udp_queue = power_of_2(within(datagrams, UDP_QUEUE_MIN, SIZE_MAX));
    return b;
}
