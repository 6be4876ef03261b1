/* SPDX-License-Identifier: ISC */
#include "plat/bare/symbols.h"

#include <string.h>

/* Reads a ULEB128 number; false at the end of the table. */
static bool take_number(const uint8_t **at, const uint8_t *end, uintptr_t *value)
{
    *value = 0;
    for (unsigned shift = 0; *at < end && shift < 63; shift += 7) {
        uint8_t octet = *(*at)++;
        *value |= (uintptr_t)(octet & 0x7f) << shift;
        if (!(octet & 0x80))
            return true;
    }
    return false;
}

#define CODE  128U
#define DEPTH 24U /* more than symbols.awk has rounds, each of which nests codes once more */

/* The pair of a code, which is made of characters and lesser codes; NULL for a bad one. */
static const uint8_t *pair_of(const uint8_t *pairs, unsigned count, unsigned code)
{
    const uint8_t *pair = pairs + 2 * (code - CODE);
    return code - CODE < count && pair[0] < code && pair[1] < code ? pair : NULL;
}

/* The name at `text` without its codes, bad ones as question marks. */
static void expand(const uint8_t *pairs, unsigned count, const uint8_t *text,
                   char name[SYMBOLS_NAME_MAX])
{
    size_t len = 0;
    for (; *text; text++) {
        uint8_t waiting[DEPTH] = {*text};
        for (unsigned n = 1; n > 0 && len < SYMBOLS_NAME_MAX - 1;) {
            unsigned octet = waiting[--n];
            const uint8_t *pair = octet >= CODE ? pair_of(pairs, count, octet) : NULL;
            if (pair && n + 2 <= DEPTH) {
                waiting[n++] = pair[1];
                waiting[n++] = pair[0];
            } else {
                name[len++] = octet < CODE ? (char)octet : '?';
            }
        }
    }
    name[len] = '\0';
}

bool symbols_find(const uint8_t *table, size_t len, uintptr_t text, uintptr_t pc,
                  uintptr_t *start, char name[SYMBOLS_NAME_MAX])
{
    const uint8_t *end = table + len, *found = NULL, *pairs = table + 1;
    uintptr_t step, at = text;
    if (len == 0 || table[0] > CODE || len - 1 < 2U * table[0])
        return false;
    unsigned count = table[0];
    table = pairs + 2 * count;
    while (take_number(&table, end, &step)) {
        const uint8_t *nul = memchr(table, 0, (size_t)(end - table));
        at += step;
        if (!nul || at > pc)
            break;
        found = table;
        *start = at;
        table = nul + 1;
    }
    if (found)
        expand(pairs, count, found, name);
    return found != NULL;
}
