/* SPDX-License-Identifier: ISC */
#include "rt/budget.h"

#include "plat/plat.h"
#include "rt/pages.h"

static const unsigned share[BUDGETS] = BUDGET_SHARES;
static const unsigned most_share[BUDGETS] = BUDGET_MOST;
static struct supply supply[BUDGETS];
static size_t own[BUDGETS], most[BUDGETS], common, lent; /* octets; lent: of what is common */

/* Seven eighths of the stacks' share: the rest is for control blocks. */
size_t rt_stack_share(size_t mem_len)
{
    return mem_len / 800 * 7 * share[BUDGET_STACKS];
}

static size_t borrowed(unsigned i)
{
    return supply[i].used > own[i] ? supply[i].used - own[i] : 0;
}

static void set_limits(void)
{
    for (unsigned i = 0; i < BUDGETS; i++) {
        size_t may = own[i] + borrowed(i) + common - lent;
        if (most[i] > own[i])
            supply[i].limit = may < most[i] ? may : most[i];
    }
}

/* After every change: `more` octets are about to be counted as used by `s`. */
static void note_lent(struct supply *s, size_t more)
{
    size_t before = lent;
    lent = 0;
    s->used += more;
    for (unsigned i = 0; i < BUDGETS; i++)
        lent += borrowed(i);
    if (lent != before)
        set_limits();
    s->used -= more;
}

static void *get(struct supply *s, size_t len)
{
    void *at = pages_get(len, s != &supply[BUDGET_NETWORK]);
    if (at)
        note_lent(s, len);
    return at;
}

static void put(struct supply *s, void *at, size_t len)
{
    pages_put(at, len);
    note_lent(s, 0);
}

void budget_init(void)
{
    /* What the target keeps for stacks is a part of their share, and they borrow nothing. */
    size_t apart = plat_boot()->stacks_len, total = pages_total() + apart;
    common = total;
    for (unsigned i = 0; i < BUDGETS; i++) {
        own[i] = total / 100 * share[i];
        most[i] = total / 100 * most_share[i];
        common -= own[i];
        supply[i] = (struct supply){.get = get, .put = put};
    }
    own[BUDGET_STACKS] -= apart < own[BUDGET_STACKS] ? apart : own[BUDGET_STACKS];
    most[BUDGET_STACKS] = own[BUDGET_STACKS];
    pages_supply_raw(&supply[BUDGET_STACKS], own[BUDGET_STACKS]);
    lent = 0;
    set_limits();
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
