/* SPDX-License-Identifier: ISC */
#ifndef TENDER_SPT_SIGNALS_H
#define TENDER_SPT_SIGNALS_H

/* Signals while the image runs. The handlers run inside the sandbox, in the middle of
 * whatever the image was doing: on a stack of their own, without thread-local storage
 * (the image may have moved FS), and with no system call but write to descriptor 1 and
 * exit_group, which the sandbox allows. Hence their line goes where the console does.
 *
 * SIGINT, SIGTERM: "drupe-spt: Exiting on signal N", exit status 1.
 * A fault (SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP): a line that names it and where;
 * then the process ends by that signal, as it would without a handler.
 * SIGPIPE is ignored: a closed peer is an error that a write returns. */

#include "host/error.h"

int signals_install(struct error *e);

#endif
