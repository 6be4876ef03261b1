/* SPDX-License-Identifier: ISC */
#ifndef TENDER_HVT_NETRING_THREAD_H
#define TENDER_HVT_NETRING_THREAD_H

/* The thread that serves the network ring. It looks at the ring for a moment after it
 * had something to do, then sleeps until the image kicks: an OUT that KVM turns into the
 * eventfd `bell`, without an exit to the tender. */

#include "tender/hvt/netring.h"

struct netring_thread {
    struct netring ring;
    int bell;
    uint64_t kicks;
    bool failed; /* `error` says why; the image has been asked to end */
    bool ready;
    struct error error;
};

/* Starts it, and tells the guest of the ring; the guest must be complete. `t` lasts as long as
 * the process, as the thread does. Signals are blocked in it, and in the caller afterwards. */
int netring_thread_start(struct netring_thread *t, struct guest *g, int bell, struct error *e);

/* The line that it ended the image with, or NULL. */
const struct error *netring_thread_error(const struct netring_thread *t);

#endif
