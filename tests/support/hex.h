/* SPDX-License-Identifier: ISC */
#ifndef TESTS_HEX_H
#define TESTS_HEX_H

#include "tests/check.h"

#include <ctype.h>
#include <stdlib.h>

/* Octets from hexadecimal digits; anything between two octets is passed over. Returns how
 * many; `room` must hold them. */
static inline size_t hex(const char *text, uint8_t *room)
{
    size_t n = 0;
    for (; *text; text++) {
        if (!isxdigit((unsigned char)*text))
            continue;
        char octet[3] = {text[0], text[1], 0};
        room[n++] = (uint8_t)strtoul(octet, NULL, 16);
        text++;
    }
    return n;
}

#endif
