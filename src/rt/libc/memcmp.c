/* SPDX-License-Identifier: ISC */
/* musl's memcmp goes by single octets; this one by words as long as they agree. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma GCC visibility push(default)

int memcmp(const void *a, const void *b, size_t len)
{
    const unsigned char *x = a, *y = b;
    for (; len >= sizeof(uint64_t); len -= sizeof(uint64_t)) {
        uint64_t u, v;
        __builtin_memcpy(&u, x, sizeof u);
        __builtin_memcpy(&v, y, sizeof v);
        if (u != v)
            break;
        x += sizeof u;
        y += sizeof v;
    }
    for (; len > 0; len--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

#pragma GCC visibility pop
