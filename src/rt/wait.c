/* SPDX-License-Identifier: ISC */
/* The one way to wait. Whoever is taken out of a queue is ready and its wait's
 * result is settled: a cancellation that comes between that and its running does not
 * change it, so what was handed over with the wake-up is never lost. */
#include "rt/task.h"

#include "base/check.h"

void wait_queue_init(struct dr_link *queue)
{
    link_init(queue);
}

bool wait_queue_empty(const struct dr_link *queue)
{
    return link_empty(queue);
}

static int wait(struct dr_link *queue, bool shielded)
{
    struct dr_task *self = sched_current;
    self->state = TASK_WAITING;
    self->shielded = shielded;
    link_push(queue, &self->link);
    sched_switch();
    return self->woken_with;
}

int wait_in(struct dr_link *queue)
{
    check(sched_current); /* sources and timers cannot wait */
    int reason = sched_current->here->reason;
    return reason ? reason : wait(queue, false);
}

void wait_shielded(struct dr_link *queue)
{
    check(sched_current);
    (void)wait(queue, true);
}

void wait_end(struct dr_task *t, int result)
{
    check(t->state == TASK_WAITING);
    link_remove(&t->link);
    t->woken_with = result;
    sched_add(t);
}

struct dr_task *wait_take(struct dr_link *queue, int result)
{
    if (link_empty(queue))
        return NULL;
    struct dr_task *t = container_of(queue->next, struct dr_task, link);
    wait_end(t, result);
    return t;
}

void wait_wake_one(struct dr_link *queue)
{
    (void)wait_take(queue, 0);
}

void wait_wake_all(struct dr_link *queue)
{
    while (wait_take(queue, 0))
        ;
}
