/* SPDX-License-Identifier: ISC */
#ifndef CAPTURE_SANDBOX_H
#define CAPTURE_SANDBOX_H

/* What the capture's process may do: hand frames on, write its one file, look at the clock. */

#include "host/error.h"

/* The descriptors of host/capture/wire.h. For good. */
int capture_sandbox(struct error *e);

#endif
