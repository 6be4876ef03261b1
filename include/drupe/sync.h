/* SPDX-License-Identifier: ISC */
#ifndef DRUPE_SYNC_H
#define DRUPE_SYNC_H

/* What tasks agree with each other by. Tasks only switch where they wait, so a
 * mutex is needed only around code that waits. Each object is initialised with
 * zeroes or its _init call, and needs no end when nobody waits on it. All queues
 * are first come, first served. */

#include <drupe/base.h>
#include <drupe/task.h>

struct dr_mutex {
    struct dr_link waiters;
    struct dr_task *holder;
};

struct dr_cond {
    struct dr_link waiters;
};

/* A bounded queue of pointers over an array of the caller's. */
struct dr_queue {
    void **slot;
    size_t room; /* slots in all */
    size_t head, count;
    bool closed;
    struct dr_link readers, writers;
};

#pragma GCC visibility push(default)

void dr_mutex_init(struct dr_mutex *m);
/* May wait. Returns 0, -EDEADLK when the caller holds it, -ECANCELED, -ETIMEDOUT. */
DR_CHECKED int dr_mutex_lock(struct dr_mutex *m);
/* Hands the mutex to the first that waits. The caller must hold it. Never waits. */
void dr_mutex_unlock(struct dr_mutex *m);

void dr_cond_init(struct dr_cond *c);
/* Waits until signalled. With `m` not NULL, unlocks it for the time of the wait and
 * holds it again on return, whatever is returned: 0, -ECANCELED, -ETIMEDOUT. */
DR_CHECKED int dr_cond_wait(struct dr_cond *c, struct dr_mutex *m);
/* Wakes the first that waits, or all. Never wait. */
void dr_cond_signal(struct dr_cond *c);
void dr_cond_broadcast(struct dr_cond *c);

/* `slot` is an array of `room` >= 1 pointers and must outlive the queue. */
void dr_queue_init(struct dr_queue *q, void **slot, size_t room);
/* Adds an item; waits while the queue is full. Returns 0, -EPIPE when the queue is
 * closed, -ECANCELED, -ETIMEDOUT; the item is the queue's only when 0. */
DR_CHECKED int dr_queue_put(struct dr_queue *q, void *item);
/* Takes the oldest item; waits while the queue is empty. Returns 0, -EPIPE when it
 * is closed and empty, -ECANCELED, -ETIMEDOUT. */
DR_CHECKED int dr_queue_get(struct dr_queue *q, void **item);
/* No more items are accepted; those inside can still be taken. Never waits. */
void dr_queue_close(struct dr_queue *q);

#pragma GCC visibility pop
#endif
