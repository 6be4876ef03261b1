/* SPDX-License-Identifier: ISC */
#ifndef RT_LINK_H
#define RT_LINK_H

/* base/list.h for the public type of links. A head of zeroes is an empty list. */

#include "base/list.h"
#include <drupe/task.h>

static inline void link_init(struct dr_link *l)
{
    l->next = l->prev = l;
}

static inline bool link_empty(const struct dr_link *head)
{
    return !head->next || head->next == head;
}

static inline void link_push(struct dr_link *head, struct dr_link *entry)
{
    if (!head->next)
        link_init(head);
    entry->prev = head->prev;
    entry->next = head;
    head->prev->next = entry;
    head->prev = entry;
}

static inline void link_remove(struct dr_link *entry)
{
    entry->prev->next = entry->next;
    entry->next->prev = entry->prev;
    link_init(entry);
}

static inline struct dr_link *link_pop(struct dr_link *head)
{
    if (link_empty(head))
        return NULL;
    struct dr_link *first = head->next;
    link_remove(first);
    return first;
}

#endif
