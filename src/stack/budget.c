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

struct stack_budget stack_budget_of(struct supply *tables, struct supply *buffers, uint16_t mtu)
{
    struct stack_budget b = {.tables = tables, .buffers = buffers};
    b.connections = (uint32_t)within(tables->limit / STACK_CONNECTION_COST,
                                     STACK_CONNECTIONS_MIN, STACK_CONNECTIONS_MAX);
    b.handles = b.connections;
    b.half_open = b.connections / STACK_HALF_OPEN_SHARE;
    b.time_wait = (uint32_t)within(tables->limit / STACK_TIME_WAIT_SHARE / STACK_TIME_WAIT_COST,
                                   STACK_CONNECTIONS_MIN, STACK_CONNECTIONS_MAX);
    b.queue = power_of_2(
        within(buffers->limit / STACK_QUEUE_SHARE, STACK_QUEUE_MIN, STACK_QUEUE_MAX));
    b.queue_first = power_of_2(within(buffers->limit / STACK_QUEUE_FIRST_SHARE, STACK_QUEUE_MIN,
                                      STACK_QUEUE_FIRST_MAX));
    /* Twice: the power of 2 below it still holds the datagrams and their heads. */
    size_t datagrams = (size_t)mtu * UDP_QUEUE_DATAGRAMS * 2;
    b.udp_queue = power_of_2(within(datagrams, UDP_QUEUE_MIN, SIZE_MAX));
    return b;
}
