/* SPDX-License-Identifier: ISC */
#include "plat/hvt/pagetable.h"

#include <stddef.h>

#define PAGE        4096ULL
#define LARGE_PAGE  (2ULL << 20)
#define ADDRESS     0x000ffffffffff000ULL
#define PRESENT     1ULL
#define IS_LARGE    (1ULL << 7)
#define USED        (3ULL << 5) /* accessed, dirty: the processor need not note it */
#define ENTRIES     512U
#define LEVEL_SHIFT 9U
#define PAGE_SHIFT  12U

bool pagetable_init(struct pagetable *t, uintptr_t at, uintptr_t end)
{
    if (end - at < PAGE)
        return false;
    *t = (struct pagetable){.root = (uint64_t *)at, .next = at + PAGE, .end = end};
    return true;
}

/* The table that an entry points to, a new one when it does not yet. What may be done with a
 * page is said by the last entry on the way to it alone. */
static uint64_t *table_below(struct pagetable *t, uint64_t *entry)
{
    if (!*entry) {
        if (t->next == t->end)
            return NULL;
        *entry = t->next | PRESENT | PAGETABLE_W | PAGETABLE_U;
        t->next += PAGE;
    }
    return (uint64_t *)(uintptr_t)(*entry & ADDRESS);
}

static unsigned index_at(uint64_t address, unsigned level)
{
    return (unsigned)(address >> (PAGE_SHIFT + level * LEVEL_SHIFT)) % ENTRIES;
}

/* The entry for the 2 MiB around the address. */
static uint64_t *directory_entry(struct pagetable *t, uint64_t address)
{
    uint64_t *pointers = table_below(t, &t->root[index_at(address, 3)]);
    uint64_t *directory = pointers ? table_below(t, &pointers[index_at(address, 2)]) : NULL;
    return directory ? &directory[index_at(address, 1)] : NULL;
}

bool pagetable_map(struct pagetable *t, uint64_t from, uint64_t to, uint64_t flags)
{
    flags |= PRESENT | USED;
    while (from < to) {
        uint64_t *entry = directory_entry(t, from);
        if (!entry)
            return false;
        if (from % LARGE_PAGE == 0 && to - from >= LARGE_PAGE && !*entry) {
            *entry = from | flags | IS_LARGE;
            from += LARGE_PAGE;
            continue;
        }
        uint64_t *table = table_below(t, entry);
        if (!table)
            return false;
        do {
            table[index_at(from, 0)] = from | flags;
            from += PAGE;
        } while (from < to && from % LARGE_PAGE);
    }
    return true;
}
