/* SPDX-License-Identifier: ISC */
#ifndef PLAT_UNIX_UNIX_H
#define PLAT_UNIX_UNIX_H

/* An image as an ordinary program on the host's C library: for gdb, sanitizers and
 * quick trials. It takes the tender's options itself (host/options.h) and attaches its
 * devices itself. There is no sandbox: the program may do what its user may. */

#include "host/manifest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The attached devices; entry 0 only when there are none. Constant after start-up. */
extern struct manifest unix_manifest;

/* Makes the networks' descriptors known to plat_wait. */
void unix_watch_networks(void);

/* Installs the handlers: faults, SIGINT and SIGTERM ("NAME: Exiting on signal
 * N", status 1). SIGPIPE is ignored. `name` lasts as long as the program. */
int unix_install_signals(const char *name, struct error *e);

/* The part of it in fault.c: faults are reported as panics are. Returns 0, or not. */
int unix_install_faults(void);
/* After the report of one: ends the process by its signal. Else it returns. */
void unix_end_by_fault(void);

/* stack.c: whether a fault at this address is the overflow of the stack in use. */
bool unix_is_stack_overflow(uintptr_t at);

#endif
