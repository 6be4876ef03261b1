/* SPDX-License-Identifier: ISC */
#ifndef TENDER_SPT_GUEST_H
#define TENDER_SPT_GUEST_H

/* The image's memory in the tender's own process, at the image's own addresses:
 *
 *     0 .. SPT_MEM_START              unmapped
 *     SPT_BOOT_INFO_AT                boot info, spt_more, manifest, command line
 *     ABI_LOAD_MIN .. elf_image.end   the image's segments, protected as they ask
 *     .. mem_size                     heap and stack
 *
 * What no segment claims is readable and writable, never executable. The tender is a
 * position-independent executable, which Linux puts far above. */

#include "host/elf.h"

#include <abi/spt.h>

/* Maps zeroed memory up to mem_size and gives the image's segments their octets and
 * their protection. Refuses a process in which readable memory is executable. */
int guest_load(const struct elf_source *s, const struct elf_image *i, uint64_t mem_size,
               struct error *e);

struct guest_boot {
    uint64_t mem_size;
    uint64_t kernel_end;
    int epollfd, timerfd;
    int argc; /* of the image's arguments */
    char **argv;
};

/* Writes what the image is told at its start. */
int guest_boot_info(const struct guest_boot *b, const struct manifest *m, struct error *e);

/* Enters the image, with its stack at the top of its memory. Touches no memory of
 * the tender's after the switch. */
_Noreturn void guest_enter(uint64_t entry, uint64_t mem_size);

#endif
