/* SPDX-License-Identifier: ISC */
#ifndef PLAT_BARE_SYMBOLS_H
#define PLAT_BARE_SYMBOLS_H

/* The names of an image's functions, in the image (toolchain/symbols.awk): for each, in the
 * order of their addresses, how far it begins behind the one before (the first: behind the
 * start of the text), as a ULEB128 number, and its name, with a NUL. */

#include <stddef.h>
#include <stdint.h>

/* The name of the last function that begins at or before `pc`, with its start in *start; NULL
 * when there is none, or when the table is not one. */
const char *symbols_find(const uint8_t *table, size_t len, uintptr_t text, uintptr_t pc,
                         uintptr_t *start);

#endif
