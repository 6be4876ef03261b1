/* SPDX-License-Identifier: ISC */
#ifndef PLAT_BARE_BOOT_H
#define PLAT_BARE_BOOT_H

/* What start-up is on every target where a tender hands over the whole image. */

#include "plat/plat.h"

#define BARE_PAGE 4096U

/* The octets of the tender's command line are copied once, split, and put into plat_boot()
 * with what `found` says about the memory. Ends the image when they make no sense. */
void bare_boot(const struct plat_boot *found, const char *cmdline);

/* Prints a line and ends the image with status 1. */
_Noreturn void bare_refuse(const char *line, size_t len);
#define BARE_REFUSE(line) bare_refuse(line "\n", sizeof line)

/* Each target's own: where the octets of randomness that the tender offers are, which may be
 * written, and how many; 0 when it offers none. */
uint8_t *bare_offered(size_t *len);

#endif
