/* SPDX-License-Identifier: ISC */
#ifndef TENDER_HVT_GDB_COMMANDS_H
#define TENDER_HVT_GDB_COMMANDS_H

/* What the debugger asks of a stopped image, and what it is answered: the texts of the remote
 * protocol's packets. Pure: the image is its memory and a copy of its registers. */

#include "tender/hvt/gdb_packet.h"
#include "tender/hvt/gdb_points.h"
#include "tender/hvt/gdb_registers.h"

struct gdb_reply {
    size_t len;
    uint8_t text[GDB_PACKET_MAX];
};

/* What is to be done once the reply is sent. */
enum gdb_next {
    GDB_ANSWER,   /* nothing: the image stays as it is */
    GDB_CONTINUE, /* it runs; no reply until it stops */
    GDB_STEP,     /* one instruction of it */
    GDB_DETACH,   /* it runs, and the debugger is gone */
    GDB_KILL,     /* it is ended; no reply */
};

/* Why it has stopped. */
struct gdb_stop {
    int signal;               /* the debugger's number: those of Linux up to 15 are the same */
    bool at_point;            /* at a breakpoint or watchpoint: */
    enum gdb_point_kind kind; /* its kind */
    uint64_t watched;         /* a watchpoint's address */
};

struct gdb {
    const struct memory *memory;
    struct cpu cpu;
    bool cpu_changed; /* must be given back to the processor before the image goes on */
    struct gdb_points points;
    struct gdb_stop stop;
    bool no_acks;     /* packets are not acknowledged from now on */
    bool tells_break; /* it understands the reasons "swbreak" and "hwbreak" */
};

enum gdb_next gdb_command(struct gdb *g, struct bytes packet, struct gdb_reply *reply);

/* The reply that tells why the image has stopped. */
void gdb_tell_stop(const struct gdb *g, struct gdb_reply *reply);
/* The image has ended, with this status or by this signal. */
void gdb_tell_exit(struct gdb_reply *reply, uint8_t status);
void gdb_tell_killed(struct gdb_reply *reply, uint8_t signal);

#endif
