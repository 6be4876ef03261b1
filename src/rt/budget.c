/* SPDX-License-Identifier: ISC */
#include "rt/budget.h"

#include "rt/pages.h"

static const unsigned share[BUDGETS] = BUDGET_SHARES;
static struct supply supply[BUDGETS];

void budget_init(void)
{
    size_t total = pages_total();
    for (unsigned i = 0; i < BUDGETS; i++)
        pages_supply(&supply[i], total / 100 * share[i]);
    pages_supply_raw(&supply[BUDGET_STACKS], total / 100 * share[BUDGET_STACKS]);
}

struct supply *budget_of(enum budget which)
{
    return &supply[which];
}

const char *budget_name(enum budget which)
{
    static const char *const name[BUDGETS] = {"stacks", "network", "connections", "heap"};
    return name[which];
}
