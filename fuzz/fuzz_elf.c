/* SPDX-License-Identifier: ISC */
/* An image is hostile until it has been checked: whatever the octets are, it is refused
 * with a line or loads inside the memory that it was given. */
#include "base/check.h"
#include "host/elf.h"

#include <stdlib.h>

#define MEM_SIZE (4U << 20)

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static void check_segments(const struct elf_image *i)
{
    uint64_t end = ABI_LOAD_MIN;
    for (unsigned n = 0; n < i->segments; n++) {
        const struct elf_segment *s = &i->segment[n];
        check(s->start >= end && s->at >= s->start && s->end <= MEM_SIZE);
        check(s->file_len <= s->mem_len && s->mem_len <= s->end - s->at);
        check(!(s->flags & ELF_W) || !(s->flags & ELF_X));
        end = s->end;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    static uint8_t *mem;
    struct elf_source s = elf_source_view(bytes_of(at, len));
    struct elf_image image;
    struct error e = {.text = ""};
    if (!mem)
        mem = malloc(MEM_SIZE);
    if (elf_parse(&s, &image, &e) != 0) {
        check(e.text[0] != 0);
        return 0;
    }
    check(image.manifest.entries >= 1 && image.manifest.entries <= ABI_MANIFEST_ENTRIES_MAX);
    if (elf_fits(&image, MEM_SIZE, &e) == 0) {
        check_segments(&image);
        check(elf_load(&s, &image, mem, &e) == 0);
    }
    return 0;
}
