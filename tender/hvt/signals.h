/* SPDX-License-Identifier: ISC */
#ifndef TENDER_HVT_SIGNALS_H
#define TENDER_HVT_SIGNALS_H

/* SIGINT and SIGTERM end the image: its processor leaves it, and a call that waits gives
 * up. The same signal once more ends the process at once. SIGPIPE is ignored: a closed
 * peer is an error that a write returns. */

#include "tender/hvt/vm.h"

/* The signal that came, or 0. */
extern volatile sig_atomic_t signals_ending;

/* `vm` and `timerfd` (by which a wait ends) must last as long as the process. */
int signals_install(struct vm *vm, int timerfd, struct error *e);

/* From another thread: ends the image as a signal would; `why` is what signals_ending
 * is then. Works once signals_install has been called. */
#define SIGNALS_RING SIGUSR1
void signals_end(int why);

/* The debugger has sent something: the image stops, but need not end. signals_heard: it has
 * been looked at, and the image may go on. */
#define SIGNALS_DEBUGGER SIGIO
void signals_heard(void);

#endif
