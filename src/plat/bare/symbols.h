/* SPDX-License-Identifier: ISC */
#ifndef PLAT_BARE_SYMBOLS_H
#define PLAT_BARE_SYMBOLS_H

/* The names of an image's functions, in the image (toolchain/symbols.awk). First, how many
 * pairs of octets have a code (at most 128), and the pairs: an octet 128 + n in what follows
 * stands for pair n, which is made of characters and of codes of earlier pairs. Then, for each
 * function, in the order of their addresses, how far it begins behind the one before (the
 * first: behind the start of the text), as a ULEB128 number, and its name, with a NUL. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYMBOLS_NAME_MAX 64U /* octets of a name, with its NUL; a longer one is cut */

/* Writes the name of the last function that begins at or before `pc` to `name`, and its start
 * to *start. False when there is none, or when the table is not one. */
bool symbols_find(const uint8_t *table, size_t len, uintptr_t text, uintptr_t pc,
                  uintptr_t *start, char name[SYMBOLS_NAME_MAX]);

#endif
