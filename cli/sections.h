/* SPDX-License-Identifier: ISC */
#ifndef CLI_SECTIONS_H
#define CLI_SECTIONS_H

/* The sizes of an ELF file's parts, from its section headers. Pure. */

#include "base/octets.h"
#include "host/error.h"

struct section_sizes {
    uint64_t text;    /* octets that are executed */
    uint64_t rodata;  /* read */
    uint64_t data;    /* written, with a content in the file */
    uint64_t bss;     /* written, zero at first */
    uint64_t symbols; /* in the file alone: symbols and their names */
    uint64_t debug;   /* in the file alone: everything else */
};

/* Adds them up. A file without section headers has none. -1: headers that lead out of
 * the file, or not a 64-bit little-endian ELF file. */
int sections_measure(struct bytes file, struct section_sizes *out, struct error *e);

#endif
