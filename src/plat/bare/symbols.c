/* SPDX-License-Identifier: ISC */
#include "plat/bare/symbols.h"

#include <stdbool.h>
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

const char *symbols_find(const uint8_t *table, size_t len, uintptr_t text, uintptr_t pc,
                         uintptr_t *start)
{
    const uint8_t *end = table + len;
    const char *found = NULL;
    uintptr_t step, at = text;
    while (take_number(&table, end, &step)) {
        const uint8_t *nul = memchr(table, 0, (size_t)(end - table));
        at += step;
        if (!nul || at > pc)
            break;
        found = (const char *)table;
        *start = at;
        table = nul + 1;
    }
    return found;
}
