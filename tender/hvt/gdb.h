/* SPDX-License-Identifier: ISC */
#ifndef TENDER_HVT_GDB_H
#define TENDER_HVT_GDB_H

/* A debugger at the other end of a connection, which stops the image and lets it run. Only
 * this machine can connect, one debugger, before the image starts. Whoever it is rules the
 * image, and no more than that: what comes is read by gdb_packet.c and gdb_commands.c. */

#include "tender/hvt/gdb_commands.h"
#include "tender/hvt/vm_gates.h"

#define GDB_PORT 1234

struct gdb_server {
    int fd; /* of the connection; -1: none */
    struct gdb gdb;
    struct vm_gates gates;
    struct gdb_receiver receiver;
    size_t at, len; /* what was received and not looked at */
    uint8_t in[2048];
    size_t sent; /* the last packet, should the other end ask for it again */
    uint8_t out[GDB_FRAME_MAX];
};

/* Says where it waits (0: any port), and waits for a debugger. All of the memory can be read
 * and written in the tender from then on. */
int gdb_wait(struct gdb_server *s, uint16_t port, const struct memory *m, struct error *e);

/* Instead of vm_run: as the debugger wants it. Returns the same. */
int gdb_run(struct gdb_server *s, struct vm *vm, struct guest *g, struct error *e);

#endif
