/* SPDX-License-Identifier: ISC */
#ifndef TENDER_HVT_SANDBOX_H
#define TENDER_HVT_SANDBOX_H

/* What the tender is left with while an image runs: docs/design/sandbox.md. */

#include "tender/hvt/debug.h"

struct tender_descriptors {
    const struct guest *guest; /* console, wait set, devices */
    const struct vm *vm;
    const struct debug *debug;
    int bell; /* of the network ring, or -1 */
};

/* Gives up files and capabilities: before any thread is started. */
void tender_confine(const struct debug *d);

/* Gives up all system calls but the listed ones, in all threads. */
int tender_sandbox(const struct tender_descriptors *d, struct error *e);

#endif
