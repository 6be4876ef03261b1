/* SPDX-License-Identifier: ISC */
#ifndef RT_BUDGET_H
#define RT_BUDGET_H

/* Who may hold how much of the image's memory. The shares are of what is free when
 * the runtime starts, and do not overlap: what one part holds never starves another.
 * When a share is used up, its supply refuses and counts that. */

#include "base/supply.h"

enum budget {
    BUDGET_STACKS,      /* tasks: their stacks and control blocks */
    BUDGET_NETWORK,     /* octets in flight: the rings of connections, frames, datagrams */
    BUDGET_CONNECTIONS, /* control blocks of connections, listeners, neighbours */
    BUDGET_HEAP,        /* malloc of the C library */
    BUDGETS
};

/* Per cent, in the order above; together at most 100. */
#define BUDGET_SHARES                                                                          \
    {                                                                                          \
        35, 30, 10, 25                                                                         \
    }

/* Divides pages_total(). Called once, by rt_start. */
void budget_init(void);
/* The supply of a part, by pages; it lives as long as the image. */
struct supply *budget_of(enum budget which);
/* "stacks", for logs. */
const char *budget_name(enum budget which);

#endif
