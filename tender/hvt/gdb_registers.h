/* SPDX-License-Identifier: ISC */
#ifndef TENDER_HVT_GDB_REGISTERS_H
#define TENDER_HVT_GDB_REGISTERS_H

/* The registers as the debugger numbers them, and their description for it. One file for
 * each kind of processor: gdb_registers_x86_64.c. */

#include "base/octets.h"
#include "tender/hvt/cpu.h"

#define GDB_REGISTER_MAX 16U /* octets of the longest */

unsigned gdb_register_count(void);

/* Copies register n out, and returns its length; 0 when there is none. */
size_t gdb_register_get(const struct cpu *cpu, unsigned n, uint8_t out[GDB_REGISTER_MAX]);

/* Sets it. False when there is none of this length, or it is not to be changed. */
bool gdb_register_set(struct cpu *cpu, unsigned n, struct bytes value);

/* The description, XML: "target.xml". */
struct bytes gdb_description(void);

#endif
