/* SPDX-License-Identifier: ISC */
#ifndef STACK_BUDGET_H
#define STACK_BUDGET_H

/* How much the stack of one device may hold. Nothing of it is taken in advance. */

#include "base/supply.h"

struct stack_budget {
    struct supply *tables;  /* for connections, listeners, sockets, tables */
    struct supply *buffers; /* for send and receive queues */
    uint32_t connections;   /* most at once */
    uint32_t half_open;     /* of these, whose handshake is not complete */
    uint32_t time_wait;     /* beside these, in TIME-WAIT */
    uint32_t handles;       /* of these, in the hands of the application */
    uint32_t queue_first;   /* the same, to begin with */
    uint32_t queue;         /* octets of one connection's send or receive queue; a power of 2 */
    uint32_t udp_queue;     /* octets of one socket's receive queue; a power of 2 */
};

/* What fits the limits of the two supplies, for a device of that MTU. */
struct stack_budget stack_budget_of(struct supply *tables, struct supply *buffers,
                                    uint16_t mtu);

#endif
