/* SPDX-License-Identifier: ISC */
/* Task stacks, each above unmapped memory. */
#include "base/supply.h"
#include "plat/plat.h"
#include "plat/unix/fiber.h"
#include "plat/unix/unix.h"

#include <stdint.h>
#include <sys/mman.h>

#define GUARD_LEN 65536U /* octets; unmapped, so they cost nothing */

/* The stack in use; NULL for main's, which the kernel guards. */
static const uint8_t *current;

void *plat_stack_new(struct supply *pages, size_t len)
{
    if (len > pages->limit - pages->used) {
        pages->refused++;
        return NULL;
    }
    uint8_t *at = mmap(NULL, GUARD_LEN + len, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED)
        return NULL;
    if (mprotect(at + GUARD_LEN, len, PROT_READ | PROT_WRITE) != 0) {
        (void)munmap(at, GUARD_LEN + len);
        return NULL;
    }
    pages->used += len;
    fiber_fresh(at + GUARD_LEN, len);
    return at + GUARD_LEN;
}

void plat_stack_free(struct supply *pages, void *stack, size_t len)
{
    if (!stack)
        return;
    pages->used -= len;
    (void)munmap((uint8_t *)stack - GUARD_LEN, GUARD_LEN + len);
}

void plat_stack_leave(void **saved, void *stack, size_t len, bool ending)
{
    current = stack;
    fiber_leave(saved, stack, len, ending);
}

void plat_stack_enter(void *saved)
{
    fiber_enter(saved);
}

bool unix_is_stack_overflow(uintptr_t at)
{
    uintptr_t stack = (uintptr_t)current;
    return stack != 0 && at < stack && at >= stack - GUARD_LEN;
}
