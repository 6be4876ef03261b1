/* SPDX-License-Identifier: ISC */
/* Task stacks: slots laid out before the image was sealed, each above a page that is not
 * mapped. */
#include "base/check.h"
#include "base/supply.h"
#include "plat/hvt/hvt.h"
#include "plat/plat.h"

/* A free slot's highest octets hold the next free one. */
struct unused {
    uint8_t *next;
};

static uint8_t *unused;
static size_t taken; /* slots that were ever handed out; those beyond were never touched */

static struct unused *link_of(uint8_t *stack, size_t len)
{
    return (struct unused *)(void *)(stack + len - sizeof(struct unused));
}

void *plat_stack_new(struct supply *pages, size_t len)
{
    const struct hvt_layout *l = &hvt_layout;
    uint8_t *stack = unused;
    check(len + HVT_PAGE == l->stack_slot);
    if (stack)
        unused = link_of(stack, len)->next;
    else if (taken < l->stacks_count)
        stack = (uint8_t *)l->stacks + taken++ * l->stack_slot + HVT_PAGE;
    else
        pages->refused++;
    return stack;
}

void plat_stack_free(struct supply *pages, void *stack, size_t len)
{
    (void)pages;
    link_of(stack, len)->next = unused;
    unused = stack;
}

bool hvt_is_guard(uintptr_t address)
{
    const struct hvt_layout *l = &hvt_layout;
    uintptr_t stacks_end = l->stacks + l->stacks_count * l->stack_slot;
    if (address >= l->stacks && address < stacks_end)
        return (address - l->stacks) % l->stack_slot < HVT_PAGE;
    return address < l->main_stack && address >= l->main_stack - HVT_PAGE;
}
