/* SPDX-License-Identifier: ISC */
#ifndef RT_LOOP_H
#define RT_LOOP_H

/* The event loop under the tasks. A turn:
 *
 *   1. read the clock (dr_now stays so for the turn); expire timers
 *   2. each source's poll: what has arrived is taken in, up to a bound
 *   3. run the tasks that are runnable, once each
 *   4. each source's flush: what they produced goes out
 *   5. with nothing runnable, plat_wait until the next timer or a device
 *
 * A source is what feeds tasks from outside: a network device. */

#include "base/wheel.h"
#include "base/list.h"
#include <drupe/task.h>

struct loop_source {
    struct list link;
    uint64_t ready_mask; /* device handles it reads: bit n for handle n */
    /* Takes in what is there, at most a bounded number of frames. Returns true when it
     * may have more: the loop then does not sleep, and polls it again next turn. Called
     * when a handle of ready_mask is ready, when the last poll said more, and in every
     * turn that follows one without a wait, where nobody has asked the handles. */
    bool (*poll)(struct loop_source *s, uint64_t now);
    /* The tasks have run: send what is pending. */
    void (*flush)(struct loop_source *s, uint64_t now);
    /* Whether something is still to be delivered: an image whose main has returned goes
     * on for a while for its sake (LOOP_LINGER_NS). May be NULL. */
    bool (*pending)(struct loop_source *s);
    bool more;
};

#define LOOP_LINGER_NS 1000000000ULL

void loop_add(struct loop_source *s);
void loop_remove(struct loop_source *s);

/* The runtime's wheel, for timers of the stack: `fire` is called in step 1. */
struct loop_timer {
    struct timer timer;
    void (*fire)(struct loop_timer *t, uint64_t now);
};
void loop_timer_init(struct loop_timer *t, void (*fire)(struct loop_timer *, uint64_t));
void loop_timer_set(struct loop_timer *t, uint64_t at); /* WHEEL_NEVER stops it */

/* The scope of background tasks: of those that serve the application but are not
 * started by it. Cancelled when main has returned and nothing is pending. */
struct dr_scope *loop_scope(void);

/* Runs fn(arg) as the first task, and the loop until it has ended. Returns what fn
 * did, or -ENOMEM. Called once, by rt_start, on the first stack. */
int loop_run(dr_task_fn *fn, void *arg);

/* ---- How the calling task waits ------------------------------------------- */

/* Waits in the queue (a ring through its head, first come, first served) until
 * woken. Returns 0, or at once -ECANCELED or -ETIMEDOUT. A woken task must test again
 * for what it waited for. */
DR_CHECKED int wait_in(struct dr_link *queue);
void wait_queue_init(struct dr_link *queue);
/* Makes the first, or every, task of the queue runnable. Never waits. */
void wait_wake_one(struct dr_link *queue);
void wait_wake_all(struct dr_link *queue);
bool wait_queue_empty(const struct dr_link *queue);

#endif
