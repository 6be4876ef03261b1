/* SPDX-License-Identifier: ISC */
#ifndef TESTS_SUPPORT_IMAGE_H
#define TESTS_SUPPORT_IMAGE_H

/* Builds the octets of an image, right or wrong in one place: a test changes what it
 * wants wrong between image_init and image_build. The order in the file: ELF header,
 * program headers, ABI note, manifest note, code, data. */

#include <abi/manifest.h>
#include <abi/note.h>
#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#define IMAGE_TEXT_AT 0x100000U
#define IMAGE_DATA_AT 0x101000U
#define IMAGE_DATA    "drupe data" /* what stands there, and a NUL; then zeroes to two pages */

enum { PH_ABI, PH_MANIFEST, PH_NET, PH_TEXT, PH_DATA, PH_COUNT };

struct image {
    Elf64_Ehdr header;
    Elf64_Phdr ph[PH_COUNT];
    uint32_t abi_note[9];                /* name length, descriptor length, type, name, ... */
    uint32_t manifest_head[6];           /* the same with padding */
    uint32_t manifest_version, entries;  /* then the entries */
    struct abi_manifest_entry entry[65]; /* one more than there can be */
    uint32_t net_note[7];                /* used when PH_NET is a PT_NOTE */
    const void *text;
    size_t text_len;
};

/* An image for spt without devices whose code is one int3. */
void image_init(struct image *i);
/* One device more. */
void image_add(struct image *i, const char *name, enum abi_device type);
/* Gives it a note of which network features it understands. */
void image_understands(struct image *i, uint32_t features);
/* Changes the code; it stays the caller's. */
void image_set_text(struct image *i, const void *text, size_t len);
/* Writes the image; returns its length, at most `size` octets (else it aborts). */
size_t image_build(const struct image *i, uint8_t *to, size_t size);

#endif
