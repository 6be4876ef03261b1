/* SPDX-License-Identifier: ISC */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

/* An enum and the names of its members from one list, so that neither can lack one:
 *
 *     #define COLOURS(X) X(RED, "red") X(GREEN, "green")
 *     enum colour { COLOURS(NAMES_MEMBER) COLOUR_COUNT };
 *     static const char *const colour_name[] = {COLOURS(NAMES_TEXT)};
 */
#define NAMES_MEMBER(id, text) id,
#define NAMES_TEXT(id, text)   [id] = text,

#endif
