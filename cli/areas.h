/* SPDX-License-Identifier: ISC */
#ifndef CLI_AREAS_H
#define CLI_AREAS_H

/* How much of an image's code each part of its source is: the library's folders, the
 * vendored libraries, the application. Found in the debugging information (DWARF 4 and
 * 5: .debug_aranges, and the name of each unit). Pure. */

#include "base/octets.h"

#define AREAS_MAX  24
#define AREA_NAME  24 /* octets, with the final NUL */
#define AREA_OTHER "other"

struct area {
    char name[AREA_NAME]; /* letters, digits and "_.-" alone */
    uint64_t len;         /* octets of code */
};

struct areas {
    unsigned n; /* 0: the file has no such information */
    struct area area[AREAS_MAX];
};

/* Adds up, the largest first. What cannot be made out counts as AREA_OTHER; a file that
 * makes no sense has no areas. */
void areas_measure(struct bytes file, struct areas *out);

/* The area of a source file: "net", "musl", ...; "application". */
void area_of(struct bytes folder, struct bytes file, char out[AREA_NAME]);

#endif
