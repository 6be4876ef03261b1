/* SPDX-License-Identifier: ISC */
#ifndef TESTS_GUARDED_H
#define TESTS_GUARDED_H

/* Input that ends at a page which cannot be read: one octet too far is a fault, whatever
 * the compiler. */

#include "base/octets.h"
#include "tests/check.h"

#include <sys/mman.h>

#define GUARDED_MAX 65536U

/* A copy of `len` octets, valid until the next call; the octets before it are not guarded. */
static inline struct bytes guarded(const void *at, size_t len)
{
    static uint8_t *block;
    if (!block) {
        block = mmap(NULL, GUARDED_MAX + 4096, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(block != MAP_FAILED);
        CHECK_INT(mprotect(block + GUARDED_MAX, 4096, PROT_NONE), 0);
    }
    CHECK(len <= GUARDED_MAX);
    uint8_t *to = block + GUARDED_MAX - len;
    if (len > 0)
        memcpy(to, at, len);
    return bytes_of(to, len);
}

#endif
