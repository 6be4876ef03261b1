/* SPDX-License-Identifier: ISC */
#include "host/gateway/memory.h"

#include <string.h>
#include <sys/mman.h>

#define PAGE 4096U

/* The class whose blocks hold `len` octets. */
static unsigned class_of(size_t len)
{
    unsigned c = 0;
    while (((size_t)PAGE << c) < len)
        c++;
    return c;
}

static void *get(struct supply *s, size_t len)
{
    struct memory *m = (struct memory *)s;
    unsigned c = class_of(len);
    if (c >= MEMORY_CLASSES)
        return NULL;
    if (m->n[c] > 0) {
        m->kept_octets -= (size_t)PAGE << c;
        void *kept = m->kept[c][--m->n[c]];
        return m->dirty ? kept : memset(kept, 0, len);
    }
    void *at = mmap(NULL, (size_t)PAGE << c, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

static void put(struct supply *s, void *at, size_t len)
{
    struct memory *m = (struct memory *)s;
    unsigned c = class_of(len);
    size_t size = (size_t)PAGE << c;
    if (m->n[c] == MEMORY_KEPT || m->kept_octets + size > MEMORY_KEPT_OCTETS) {
        munmap(at, size);
        return;
    }
    m->kept[c][m->n[c]++] = at;
    m->kept_octets += size;
}

void memory_init(struct memory *m, size_t limit)
{
    *m = (struct memory){.supply = {.get = get, .put = put, .limit = limit}};
}

void memory_trim(struct memory *m)
{
    for (unsigned c = 0; c < MEMORY_CLASSES; c++)
        while (m->n[c] > 0)
            munmap(m->kept[c][--m->n[c]], (size_t)PAGE << c);
    m->kept_octets = 0;
}
