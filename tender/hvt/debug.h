/* SPDX-License-Identifier: ISC */
#ifndef TENDER_HVT_DEBUG_H
#define TENDER_HVT_DEBUG_H

/* What looks into an image for its developer: a debugger, and a core dump when it fails. The
 * options are off by default, and each costs the tender a few system calls more in its sandbox.
 */

#include "tender/hvt/core.h"
#include "tender/hvt/gdb.h"

struct debug {
    const char *dumpcore; /* the folder, or NULL */
    struct core core;
    bool due; /* the image has failed: a core dump is wanted */
    bool gdb; /* a debugger is to connect to this port */
    uint16_t port;
    struct gdb_server server;
};

extern const char debug_help[];

/* 1 when the word is an option of these, 0 when not, -1 with the line when it is a wrong one.
 */
int debug_option(struct debug *d, const char *word, struct error *e);

/* Opens what is needed, and waits for the debugger; before the tender gives up its rights. */
int debug_prepare(struct debug *d, const struct memory *m, struct error *e);

/* As vm_run, with the debugger if there is one. */
int debug_run(struct debug *d, struct vm *vm, struct guest *g, struct error *e);

/* Once the image has failed: writes the core dump, and says where it is, or why not. */
void debug_dump(const struct debug *d, const struct vm *vm, const struct guest *g);

#endif
