/* SPDX-License-Identifier: ISC */
/* musl's malloc lives on anonymous mappings: its small blocks in areas that it grows by
 * mmap (as there is no brk), a large one in a mapping of its own. */
#include "rt/libc/calls.h"

#include "rt/budget.h"
#include "rt/pages.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

static struct supply *heap(void)
{
    return budget_of(BUDGET_HEAP);
}

static size_t whole_pages(size_t len)
{
    return (len + PAGE_LEN - 1) & ~(size_t)(PAGE_LEN - 1);
}

/* Addresses and lengths that are not those of a run of pages are refused: they come from the
 * application as well. */
static bool is_run(const void *at, size_t len)
{
    return (uintptr_t)at % PAGE_LEN == 0 && len > 0 && len <= SIZE_MAX - PAGE_LEN;
}

long drupe_sys_mmap(long at, size_t len, long prot, long flags, long fd, off_t offset)
{
    (void)at, (void)fd, (void)offset;
    if (len == 0)
        return -EINVAL;
    if (!(flags & MAP_ANONYMOUS))
        return -ENODEV;
    if (flags & MAP_FIXED || prot & PROT_EXEC)
        return -EPERM;
    void *pages = len <= SIZE_MAX - PAGE_LEN ? supply_get(heap(), whole_pages(len)) : NULL;
    return pages ? (long)pages : -ENOMEM;
}

long drupe_sys_munmap(void *at, size_t len)
{
    if (!is_run(at, len))
        return -EINVAL;
    supply_put(heap(), at, whole_pages(len));
    return 0;
}

/* Shrinks in place, grows by moving. */
long drupe_sys_mremap(void *at, size_t old_len, size_t len, long flags)
{
    if (!is_run(at, old_len) || !is_run(at, len) || flags & MREMAP_FIXED)
        return -EINVAL;
    size_t old_pages = whole_pages(old_len), new_pages = whole_pages(len);
    if (new_pages < old_pages)
        supply_put(heap(), (char *)at + new_pages, old_pages - new_pages);
    if (new_pages <= old_pages)
        return (long)at;
    void *to = flags & MREMAP_MAYMOVE ? supply_get(heap(), new_pages) : NULL;
    if (!to)
        return -ENOMEM;
    memcpy(to, at, old_pages);
    supply_put(heap(), at, old_pages);
    return (long)to;
}

long drupe_sys_madvise(void *at, size_t len, long advice)
{
    (void)at, (void)len, (void)advice;
    return 0;
}

long drupe_sys_brk(long at)
{
    (void)at;
    return 0;
}
