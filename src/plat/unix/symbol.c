/* SPDX-License-Identifier: ISC */
#include "plat/plat.h"

#include <dlfcn.h>

/* The dynamic symbols of the program: those of all global functions, when it is linked
 * with -rdynamic. */
const char *plat_symbol(uintptr_t pc, uintptr_t *start)
{
    Dl_info info;
    if (dladdr((const void *)pc, &info) == 0 || !info.dli_sname)
        return NULL;
    *start = (uintptr_t)info.dli_saddr;
    return info.dli_sname;
}
