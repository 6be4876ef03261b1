/* SPDX-License-Identifier: ISC */
#include "tender/hvt/memory.h"

#include <sys/mman.h>

int memory_map(struct memory *m, uint64_t size, uint64_t allocated, struct error *e)
{
    void *p = mmap(NULL, allocated, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return fail_errno(e, "cannot map %lu MB of memory", (unsigned long)(allocated >> 20));
    /* An image touches little of its memory: huge pages would make it resident. It
     * is an advice; a kernel without huge pages refuses it, and needs none. */
    (void)madvise(p, allocated, MADV_NOHUGEPAGE);
    *m = (struct memory){.at = p, .size = size, .allocated = allocated};
    return 0;
}

void memory_seal(struct memory *m, const struct elf_image *i)
{
    m->sealed = 0;
    for (unsigned n = 0; n < i->segments; n++)
        if (!(i->segment[n].flags & ELF_W))
            m->read_only[m->sealed++] =
                (struct memory_range){i->segment[n].start, i->segment[n].end};
}

bool memory_seal_more(struct memory *m, struct memory_range r)
{
    if (r.start >= r.end || r.end > m->size || m->seals == HVT_SEALS_MAX)
        return false;
    m->seals++;
    m->read_only[m->sealed] = r;
    __atomic_store_n(&m->sealed, m->sealed + 1, __ATOMIC_RELEASE);
    return true;
}

/* To be executed in the virtual machine, code must be readable here. */
static int protection(uint32_t flags)
{
    return (flags & (ELF_R | ELF_X) ? PROT_READ : 0) | (flags & ELF_W ? PROT_WRITE : 0);
}

int memory_load(struct memory *m, const struct elf_source *s, const struct elf_image *i,
                struct error *e)
{
    if (elf_fits(i, m->size, e) != 0 || elf_load(s, i, m->at, e) != 0)
        return -1;
    for (unsigned n = 0; n < i->segments; n++) {
        const struct elf_segment *g = &i->segment[n];
        if (g->end > g->start &&
            mprotect(m->at + g->start, g->end - g->start, protection(g->flags)) != 0)
            return fail_errno(e, "cannot protect the segment at %#lx", g->at);
    }
    memory_seal(m, i);
    return 0;
}

int memory_show_all(const struct memory *m)
{
    return mprotect(m->at, m->allocated, MEMORY_SHOWN);
}

/* ---- What the image names -------------------------------------------------- */

static bool within(const struct memory *m, struct gpa at, uint64_t len)
{
    return at.at < m->size && len < m->size - at.at;
}

static bool writable(const struct memory *m, struct gpa at, uint64_t len)
{
    if (!within(m, at, len) || at.at < ABI_LOAD_MIN)
        return false;
    unsigned sealed = __atomic_load_n(&m->sealed, __ATOMIC_ACQUIRE);
    for (unsigned i = 0; i < sealed; i++)
        if (at.at < m->read_only[i].end && m->read_only[i].start < at.at + len)
            return false;
    return true;
}

bool memory_get(const struct memory *m, struct gpa from, void *to, uint64_t len)
{
    if (!within(m, from, len))
        return false;
    memcpy(to, m->at + from.at, len);
    /* The compiler may not look there a second time instead of at the copy. */
    __asm__ volatile("" ::: "memory");
    return true;
}

bool memory_put(const struct memory *m, struct gpa to, const void *from, uint64_t len)
{
    if (!writable(m, to, len))
        return false;
    memcpy(m->at + to.at, from, len);
    return true;
}

bool memory_view(const struct memory *m, struct gpa at, uint64_t len, struct bytes *out)
{
    if (!within(m, at, len))
        return false;
    *out = bytes_of(m->at + at.at, len);
    return true;
}

bool memory_room(const struct memory *m, struct gpa at, uint64_t len, uint8_t **out)
{
    if (!writable(m, at, len))
        return false;
    *out = m->at + at.at;
    return true;
}
