/* SPDX-License-Identifier: ISC */
#ifndef BASE_LIST_H
#define BASE_LIST_H

/* Doubly linked lists whose links live inside what they link. A list is a ring
 * through its head; an entry that is in no list points at itself. */

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *next, *prev;
};

/* The object of type `type` whose member `member` is at `ptr`. */
#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

static inline void list_init(struct list *l)
{
    l->next = l->prev = l;
}

static inline bool list_empty(const struct list *l)
{
    return l->next == l;
}

/* Puts `entry`, which is in no list, at the end of the list at `head`. */
static inline void list_push(struct list *head, struct list *entry)
{
    entry->prev = head->prev;
    entry->next = head;
    head->prev->next = entry;
    head->prev = entry;
}

/* Takes `entry` out of whatever list it is in; harmless when in none. */
static inline void list_remove(struct list *entry)
{
    entry->prev->next = entry->next;
    entry->next->prev = entry->prev;
    list_init(entry);
}

/* Takes out the first entry; NULL when there is none. */
static inline struct list *list_pop(struct list *head)
{
    if (list_empty(head))
        return NULL;
    struct list *first = head->next;
    list_remove(first);
    return first;
}

/* The body may remove `e` itself, nothing else. */
#define list_each(e, head)                                                                     \
    for (struct list *e = (head)->next, *e##_next = e->next; e != (head);                      \
         e = e##_next, e##_next = e->next)

#endif
