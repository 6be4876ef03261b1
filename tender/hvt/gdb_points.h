/* SPDX-License-Identifier: ISC */
#ifndef TENDER_HVT_GDB_POINTS_H
#define TENDER_HVT_GDB_POINTS_H

/* Where the image is to stop: breakpoints and watchpoints.
 *
 * A breakpoint is an instruction put into the image, unless the debugger asks for one of the
 * processor's four, as it does to watch data. Where one of the two does not work, the other has
 * to do (enum gdb_points_use). Pure. */

#include "tender/hvt/memory.h"

#define GDB_HARDWARE 4U  /* the processor's */
#define GDB_SOFTWARE 64U /* instructions put into the image */

/* As the protocol numbers them. */
enum gdb_point_kind {
    GDB_BREAK = 0,
    GDB_HARDWARE_BREAK = 1,
    GDB_WATCH_WRITE = 2,
    GDB_WATCH_READ = 3, /* the processor has none: stops at writes as well */
    GDB_WATCH_ACCESS = 4,
    GDB_POINT_KINDS
};

struct gdb_hardware {
    bool used;
    enum gdb_point_kind kind;
    uint64_t at;
    unsigned len;
};

struct gdb_software {
    bool used;
    enum gdb_point_kind kind; /* that was asked for */
    uint64_t at;
    uint8_t was; /* the octet in whose place the instruction stands */
};

enum gdb_points_use {
    GDB_USE_BOTH,
    GDB_USE_SOFTWARE, /* only instructions; nothing is watched */
    GDB_USE_HARDWARE, /* the processor's as long as one is free or can be made so */
};

struct gdb_points {
    enum gdb_points_use use;
    struct gdb_hardware hardware[GDB_HARDWARE];
    struct gdb_software software[GDB_SOFTWARE];
};

/* Inserting what is there, and removing what is not, is fine. False: no room, or nothing
 * that can be watched so. */
bool gdb_point_insert(struct gdb_points *p, const struct memory *m, enum gdb_point_kind kind,
                      uint64_t at, uint64_t len);
bool gdb_point_remove(struct gdb_points *p, const struct memory *m, enum gdb_point_kind kind,
                      uint64_t at, uint64_t len);
/* GDB_USE_HARDWARE from now on, also for those that are there. */
void gdb_points_use_hardware(struct gdb_points *p, const struct memory *m);
void gdb_points_remove_all(struct gdb_points *p, const struct memory *m);

/* The breakpoint at this address: whether there is one, and of which kind. */
bool gdb_point_at(const struct gdb_points *p, uint64_t at, enum gdb_point_kind *kind);
bool gdb_points_have_software(const struct gdb_points *p);

/* Memory as the image has it, without our instructions. False: not all of it is the image's. */
bool gdb_points_read(const struct gdb_points *p, const struct memory *m, uint64_t at,
                     uint8_t *to, uint64_t len);
bool gdb_points_write(struct gdb_points *p, const struct memory *m, uint64_t at,
                      struct bytes from);

/* The control register of the processor's breakpoints for these. */
uint64_t gdb_points_control(const struct gdb_points *p);

#endif
