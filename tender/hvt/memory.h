/* SPDX-License-Identifier: ISC */
#ifndef TENDER_HVT_MEMORY_H
#define TENDER_HVT_MEMORY_H

/* The image's memory as the tender sees it. Everything that the image names in it is
 * checked here, and whoever has an address has only a struct gpa, which cannot be
 * dereferenced.
 *
 * The image runs while the tender looks, on its processor or (the network ring) beside
 * it. So what is to be checked is copied out first, once: memory_get, then check, then
 * use the copy. Views are for the data of a system call, whose content is nobody's
 * business here.
 *
 * A range is good when it ends before `size`: as in the contract, the very last octet
 * cannot be named. The tender writes only where the image itself may: above low memory,
 * and not into what its segments have made read-only. */

#include "base/octets.h"
#include "host/elf.h"

#include <abi/hvt.h>

struct gpa {
    uint64_t at;
};

static inline struct gpa gpa_of(uint64_t at)
{
    return (struct gpa){at};
}

struct memory_range {
    uint64_t start, end;
};

struct memory {
    uint8_t *at;        /* where address 0 is in the tender */
    uint64_t size;      /* octets that the image may name */
    uint64_t allocated; /* octets in all: with the room for the network ring */
    unsigned sealed;
    struct memory_range read_only[ELF_HEADERS_MAX + HVT_SEALS_MAX];
    unsigned seals; /* of these, that the image asked for */
};

/* Maps `allocated` zeroed octets, of which `size` are the image's own. */
int memory_map(struct memory *m, uint64_t size, uint64_t allocated, struct error *e);

/* Gives the image's segments their octets, and protects them in the tender's own address
 * space, whose rights to read and write hold for the virtual machine too. (Nothing of
 * the image is ever executable in the tender.) */
int memory_load(struct memory *m, const struct elf_source *s, const struct elf_image *i,
                struct error *e);

/* Says in m->read_only which segments are so. Part of memory_load. */
void memory_seal(struct memory *m, const struct elf_image *i);

/* For who looks into the image: all of it can be read and written in the tender from now on,
 * but still not executed. -1 with errno. */
int memory_show_all(const struct memory *m);
#define MEMORY_SHOWN (PROT_READ | PROT_WRITE)

/* The image asks that nothing be written to [start, end) for it any more; the network ring's
 * thread may be looking meanwhile. False: that is not within memory, or one too many. */
bool memory_seal_more(struct memory *m, struct memory_range r);

/* All of these return false when the range is not good, and have done nothing then. */
bool memory_get(const struct memory *m, struct gpa from, void *to, uint64_t len);
bool memory_put(const struct memory *m, struct gpa to, const void *from, uint64_t len);
bool memory_view(const struct memory *m, struct gpa at, uint64_t len, struct bytes *out);
bool memory_room(const struct memory *m, struct gpa at, uint64_t len, uint8_t **out);

#endif
