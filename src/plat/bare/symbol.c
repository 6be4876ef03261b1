/* SPDX-License-Identifier: ISC */
#include "plat/bare/symbols.h"
#include "plat/plat.h"

/* The linker script's. */
extern const char _stext[], _etext[];
extern const uint8_t drupe_symbols[], drupe_symbols_end[];

const char *plat_symbol(uintptr_t pc, uintptr_t *start)
{
    static char name[SYMBOLS_NAME_MAX];
    if (pc < (uintptr_t)_stext || pc >= (uintptr_t)_etext)
        return NULL;
    return symbols_find(drupe_symbols, (size_t)(drupe_symbols_end - drupe_symbols),
                        (uintptr_t)_stext, pc, start, name)
               ? name
               : NULL;
}
