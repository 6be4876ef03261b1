/* SPDX-License-Identifier: ISC */
#ifndef STACK_COUNTERS_LOG_H
#define STACK_COUNTERS_LOG_H

/* The counters of a net in the log, for images that ask for it: the code is linked with those
 * alone, so that whoever takes a net down knows it by this pointer only. */

#include "rt/loop.h"
#include <drupe/net.h>

#define COUNTERS_LOG_MAX  256U /* counters; those beyond are not logged */
#define COUNTERS_LINE_LEN 400U /* octets of a line of them; what is more goes to another */

struct counters_log {
    struct loop_timer timer;
    struct dr_net *net;
    uint64_t every_ns;
    unsigned counters; /* how many there were */
    uint64_t last[COUNTERS_LOG_MAX];
    /* Logs what changed, for the last time, and frees it. */
    void (*end)(struct counters_log *l);
};

#endif
