/* SPDX-License-Identifier: ISC */
#include "rt/budget.h"

#include "plat/plat.h"
#include "rt/pages.h"

static const unsigned share[BUDGETS] = BUDGET_SHARES;
static struct supply supply[BUDGETS];

/* Seven eighths of the stacks' share: the rest is for control blocks. */
size_t rt_stack_share(size_t mem_len)
{
    return mem_len / 800 * 7 * share[BUDGET_STACKS];
}

void budget_init(void)
{
    /* What the target keeps for stacks is a part of their share. */
    size_t apart = plat_boot()->stacks_len, total = pages_total() + apart;
    for (unsigned i = 0; i < BUDGETS; i++)
        pages_supply(&supply[i], total / 100 * share[i]);
    size_t stacks = total / 100 * share[BUDGET_STACKS];
    pages_supply_raw(&supply[BUDGET_STACKS], stacks > apart ? stacks - apart : 0);
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
