/* SPDX-License-Identifier: ISC */
#ifndef GATEWAY_SANDBOX_H
#define GATEWAY_SANDBOX_H

/* The helper's own sandbox: what code that runs away in it can still do is to use
 * TCP, UDP and ping sockets of IPv4, and the memory it has. */

#include "host/error.h"

/* No new privileges, no capabilities, no files (Landlock, where the kernel has it),
 * small limits, and any system call but the listed ones ends the process. For good.
 * Returns -1 if the filter could not be installed; the rest is as the kernel can. */
int usernet_sandbox(struct error *e);

#endif
