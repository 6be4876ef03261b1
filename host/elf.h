/* SPDX-License-Identifier: ISC */
#ifndef HOST_ELF_H
#define HOST_ELF_H

/* Images: ELF files with an ABI note and a manifest note.
 *
 * An image is hostile until all of it has been checked. Every octet of it is read
 * once, through a source that knows its length, and nothing is looked at again after
 * it was checked. The rules are Solo5's loader's (ABI 2), and for an image that
 * breaks one there is a line that says which.
 *
 * The order: elf_parse (header, segments, notes), elf_require (is it for this
 * tender), elf_fits (is there memory enough), elf_load (copies the segments). */

#include "host/error.h"
#include "host/manifest.h"

#include <abi/note.h>

#define ELF_HEADERS_MAX 64    /* program headers in an image */
#define ELF_PAGE        4096U /* octets; segments begin and end at multiples of it */

/* Where the octets come from: a file, or a view of octets in memory. */
struct elf_source {
    uint64_t len; /* octets */
    int fd;       /* -1: the view */
    struct bytes octets;
};

/* A regular file that is open for reading; it stays the caller's. Fails when it is
 * something else. */
int elf_source_file(int fd, struct elf_source *out, struct error *e);
struct elf_source elf_source_view(struct bytes octets);

enum { ELF_X = 1, ELF_W = 2, ELF_R = 4 };

/* A part of the file that is to be in memory; not empty. */
struct elf_segment {
    uint64_t offset, file_len; /* in the file */
    uint64_t at, mem_len;      /* in memory; what the file does not have is zero */
    uint64_t start, end;       /* the pages it takes */
    uint32_t flags;            /* ELF_R, ELF_W, ELF_X; never W and X */
};

struct elf_image {
    uint64_t entry;
    uint64_t end; /* where the last segment's pages end; 0 without segments */
    unsigned segments;
    struct elf_segment segment[ELF_HEADERS_MAX]; /* ascending, disjoint */
    struct abi_note abi;
    struct manifest manifest;
    uint32_t net_features;   /* that it understands, by enum abi_net_feature */
    uint32_t block_features; /* the same, by enum abi_block_feature */
};

/* Reads and checks all but what depends on the tender and the memory. */
int elf_parse(const struct elf_source *s, struct elf_image *out, struct error *e);

/* The image must be for this target and exactly this ABI version. */
int elf_require(const struct elf_image *i, enum abi_target target, uint32_t version,
                struct error *e);

/* Opens the file `path` (source->fd is then the caller's), and does both of these; what is
 * wrong is said about `path`. */
int elf_open(const char *path, enum abi_target target, uint32_t version,
             struct elf_source *source, struct elf_image *image, struct error *e);

/* The image must fit into memory of `mem_size` octets from address 0. */
int elf_fits(const struct elf_image *i, uint64_t mem_size, struct error *e);

/* Copies the segments to `mem`, which stands for address 0 of zeroed memory for
 * which elf_fits has been asked. */
int elf_load(const struct elf_source *s, const struct elf_image *i, uint8_t *mem,
             struct error *e);

/* "spt", "hvt", ...; "unknown". */
const char *elf_target_text(uint32_t target);

#endif
