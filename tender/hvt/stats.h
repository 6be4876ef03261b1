/* SPDX-License-Identifier: ISC */
#ifndef TENDER_HVT_STATS_H
#define TENDER_HVT_STATS_H

/* What --stats prints when the image has ended. */

#include "tender/hvt/netring_thread.h"
#include "tender/hvt/vm.h"

/* `ring` is NULL when there was none. The lines go to standard error. */
void stats_print(const struct vm *vm, const struct guest *g, const struct netring_thread *ring);

#endif
