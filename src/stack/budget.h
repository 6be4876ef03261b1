/* SPDX-License-Identifier: ISC */
#ifndef STACK_BUDGET_H
#define STACK_BUDGET_H

/* How much the stack of one device may hold. Nothing in it is taken in advance. */

#include <stddef.h>
#include <stdint.h>

struct stack_budget {
    size_t tables;        /* octets of connections, listeners, sockets, tables */
    size_t buffers;       /* octets of send and receive queues */
    uint32_t connections; /* most at once */
    uint32_t half_open;   /* of these, whose handshake is not complete */
    uint32_t queue;       /* octets of one connection's send or receive queue; a power of 2 */
    uint32_t udp_queue;   /* octets of one socket's receive queue; a power of 2 */
    uint32_t handles;     /* most connections in the hands of the application */
};

/* The budget for an image with `memory` octets in all and a device of that MTU. */
struct stack_budget stack_budget_of(size_t memory, uint16_t mtu);

#endif
