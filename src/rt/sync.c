/* SPDX-License-Identifier: ISC */
/* What is waited for is handed over by the one that wakes, not competed for: an
 * unlocked mutex belongs to the first that waited before it runs, and an item goes
 * from writer to reader. So first come is first served, and nobody waits twice. */
#include "rt/task.h"

#include "base/check.h"
#include <drupe/app.h>
#include <drupe/sync.h>

#include <errno.h>

/* ---- Mutex ----------------------------------------------------------------- */

void dr_mutex_init(struct dr_mutex *m)
{
    link_init(&m->waiters);
    m->holder = NULL;
}

static void hold(struct dr_mutex *m, struct dr_task *t)
{
    m->holder = t;
    t->mutexes++;
}

int dr_mutex_lock(struct dr_mutex *m)
{
    struct dr_task *self = dr_self();
    check(self);
    if (m->holder == self)
        return -EDEADLK;
    if (m->holder)
        return wait_in(&m->waiters);
    hold(m, self);
    return 0;
}

static void lock_shielded(struct dr_mutex *m)
{
    if (m->holder)
        wait_shielded(&m->waiters);
    else
        hold(m, dr_self());
}

void dr_mutex_unlock(struct dr_mutex *m)
{
    if (!m->holder || m->holder != dr_self())
        dr_panic("a mutex is unlocked by a task that does not hold it");
    m->holder->mutexes--;
    m->holder = NULL;
    struct dr_task *next = wait_take(&m->waiters, 0);
    if (next)
        hold(m, next);
}

/* ---- Condition ------------------------------------------------------------- */

void dr_cond_init(struct dr_cond *c)
{
    link_init(&c->waiters);
}

int dr_cond_wait(struct dr_cond *c, struct dr_mutex *m)
{
    if (!m)
        return wait_in(&c->waiters);
    dr_mutex_unlock(m);
    int err = wait_in(&c->waiters);
    lock_shielded(m);
    return err;
}

void dr_cond_signal(struct dr_cond *c)
{
    wait_wake_one(&c->waiters);
}

void dr_cond_broadcast(struct dr_cond *c)
{
    wait_wake_all(&c->waiters);
}

/* ---- Bounded queue --------------------------------------------------------- */

void dr_queue_init(struct dr_queue *q, void **slot, size_t room)
{
    check(slot && room > 0);
    *q = (struct dr_queue){.slot = slot, .room = room};
    link_init(&q->readers);
    link_init(&q->writers);
}

static void append(struct dr_queue *q, void *item)
{
    check(q->count < q->room);
    q->slot[(q->head + q->count++) % q->room] = item;
}

int dr_queue_put(struct dr_queue *q, void *item)
{
    if (q->closed)
        return -EPIPE;
    struct dr_task *reader = wait_take(&q->readers, 0);
    if (reader) {
        reader->handed = item;
        return 0;
    }
    if (q->count < q->room) {
        append(q, item);
        return 0;
    }
    check(dr_self());
    dr_self()->handed = item;
    return wait_in(&q->writers);
}

int dr_queue_get(struct dr_queue *q, void **item)
{
    if (!q->count) {
        if (q->closed)
            return -EPIPE;
        int err = wait_in(&q->readers);
        if (!err)
            *item = dr_self()->handed;
        return err;
    }
    *item = q->slot[q->head];
    q->head = (q->head + 1) % q->room;
    q->count--;
    struct dr_task *writer = wait_take(&q->writers, 0);
    if (writer)
        append(q, writer->handed);
    return 0;
}

void dr_queue_close(struct dr_queue *q)
{
    q->closed = true;
    while (wait_take(&q->readers, -EPIPE))
        ;
    while (wait_take(&q->writers, -EPIPE))
        ;
}
