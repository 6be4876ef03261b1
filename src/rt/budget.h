/* SPDX-License-Identifier: ISC */
#ifndef RT_BUDGET_H
#define RT_BUDGET_H

/* Who may hold how much of the image's memory. Each part has a share that is its own: what
 * another holds never starves it. What these leave is common: who has used up its own share
 * takes of it, up to a limit, who comes first. When nothing is left of what a part may have,
 * its supply refuses and counts that. A supply's `limit` is always what it may hold as
 * things are; it goes down and up with what others take of the common part. */

#include "base/supply.h"

enum budget {
    BUDGET_STACKS,      /* tasks: their stacks and control blocks */
    BUDGET_NETWORK,     /* octets in flight: the rings of connections, frames, datagrams. Not
                         * zeroed: a ring's page is taken anew for each request */
    BUDGET_CONNECTIONS, /* control blocks of connections, listeners, neighbours */
    BUDGET_HEAP,        /* malloc of the C library */
    BUDGETS
};

/* Per cent, in the order above: of one's own, together at most 100; and at most. */
#define BUDGET_SHARES                                                                          \
    {                                                                                          \
        35, 20, 10, 10                                                                         \
    }
#define BUDGET_MOST                                                                            \
    {                                                                                          \
        35, 40, 35, 35                                                                         \
    }

/* Divides what pages_total() says. Called once, by rt_start. */
void budget_init(void);
/* The supply of a part, by pages; it lives as long as the image. */
struct supply *budget_of(enum budget which);
/* "stacks", for logs. */
const char *budget_name(enum budget which);

#endif
