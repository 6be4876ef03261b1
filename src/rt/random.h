/* SPDX-License-Identifier: ISC */
#ifndef RT_RANDOM_H
#define RT_RANDOM_H

#include <drupe/random.h>

#define RANDOM_RESEED_OCTETS (1U << 20)
#define RANDOM_RESEED_NS     300000000000ULL

/* Takes the first seed from plat_entropy. 0, or -EIO: then there are no random
 * numbers, and the image must not go on. */
DR_CHECKED int random_init(void);

#endif
