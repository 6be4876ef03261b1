/* SPDX-License-Identifier: ISC */
/* Scopes: a tree, whose edges are `parent` and `inside`/`sibling`. A task's own base
 * scope hangs in the scope it was spawned into, and the scopes it opens hang in one
 * another, so that to stop a scope is to visit what is below it.
 *
 * I1  a scope with a reason has none below it without one.
 * I2  `live` counts the tasks in `tasks` that have not ended.
 * I3  a task waits unshielded only while its innermost scope has no reason. */
#include "rt/task.h"

#include "base/check.h"
#include "plat/plat.h"
#include "rt/leak.h"
#include <drupe/app.h>

#include <errno.h>

_Static_assert(sizeof(struct loop_timer) == sizeof((struct dr_scope *)0)->timer,
               "the public room for the runtime's timer fits");

/* Only loop.c, which knows nothing of scopes, looks inside. */
static struct loop_timer *timer_of(struct dr_scope *s)
{
    return (struct loop_timer *)(void *)s->timer;
}

static void timed_out(struct loop_timer *t, uint64_t now)
{
    (void)now;
    scope_stop(container_of(t, struct dr_scope, timer), -ETIMEDOUT);
}

static void arm(struct dr_scope *s, uint64_t deadline)
{
    s->deadline = deadline;
    if (s->reason)
        return;
    if (deadline <= dr_now())
        scope_stop(s, -ETIMEDOUT);
    else
        loop_timer_set(timer_of(s), deadline);
}

void scope_begin(struct dr_scope *s, struct dr_scope *parent, struct dr_task *owner,
                 uint64_t deadline)
{
    *s = (struct dr_scope){.parent = parent, .owner = owner, .deadline = DR_NEVER};
    link_init(&s->tasks);
    link_init(&s->inside);
    link_init(&s->sibling);
    link_init(&s->joiners);
    loop_timer_init(timer_of(s), timed_out);
    if (parent) {
        s->reason = parent->reason;
        link_push(&parent->inside, &s->sibling);
    }
    if (deadline != DR_NEVER)
        arm(s, deadline);
}

void scope_finish(struct dr_scope *s)
{
    check(link_empty(&s->tasks) && link_empty(&s->inside) && link_empty(&s->joiners));
    loop_timer_set(timer_of(s), WHEEL_NEVER);
    link_remove(&s->sibling);
}

/* ---- Stopping -------------------------------------------------------------- */

static void stop_one(struct dr_scope *s, int reason)
{
    struct dr_task *owner = s->owner;
    s->reason = reason;
    loop_timer_set(timer_of(s), WHEEL_NEVER);
    while (wait_take(&s->joiners, reason)) /* who waits for room gets none */
        ;
    if (owner && owner->here == s && owner->state == TASK_WAITING && !owner->shielded)
        wait_end(owner, reason);
}

static struct dr_scope *scope_of(struct dr_link *sibling)
{
    return container_of(sibling, struct dr_scope, sibling);
}

/* The scope after `s` below `top` that is not below `s`; NULL after the last. */
static struct dr_scope *next_beside(struct dr_scope *s, struct dr_scope *top)
{
    for (; s != top; s = s->parent)
        if (s->sibling.next != &s->parent->inside)
            return scope_of(s->sibling.next);
    return NULL;
}

/* In pre-order and without recursion: scopes may be nested deeper than a stack is. */
void scope_stop(struct dr_scope *top, int reason)
{
    for (struct dr_scope *s = top; s;) {
        bool news = !s->reason;
        if (news)
            stop_one(s, reason);
        s = news && !link_empty(&s->inside) ? scope_of(s->inside.next) : next_beside(s, top);
    }
}

void dr_scope_cancel(struct dr_scope *s)
{
    scope_stop(s, -ECANCELED);
}

/* ---- The public bracket ---------------------------------------------------- */

void dr_scope_open(struct dr_scope *s, uint64_t deadline)
{
    struct dr_task *self = sched_current;
    check(self);
    scope_begin(s, self->here, self, deadline);
    self->here = s;
}

static struct dr_task *task_of(struct dr_link *in_scope)
{
    return container_of(in_scope, struct dr_task, in_scope);
}

static void report_left(const struct dr_scope *s)
{
    for (struct dr_link *l = s->tasks.next; l != &s->tasks; l = l->next)
        if (!task_of(l)->orphan && task_of(l)->state != TASK_ENDED)
            rt_leaked("a running task", s->owner->name);
}

int dr_scope_close(struct dr_scope *s)
{
    struct dr_task *self = sched_current;
    if (s->owner != self || self->here != s)
        dr_panic("a scope is closed by another task, or out of order");
    if (!s->reason)
        report_left(s);
    scope_stop(s, -ECANCELED);
    while (s->live)
        wait_shielded(&s->joiners);
    while (!link_empty(&s->tasks)) /* ended, and nobody asked */
        task_collect(task_of(s->tasks.next));
    self->here = s->parent;
    int failure = s->failure;
    while (s->visitors) { /* tasks from outside, woken but not yet gone from here */
        sched_add(self);
        sched_switch();
    }
    scope_finish(s);
    return failure;
}

int scope_wait(struct dr_scope *s)
{
    s->visitors++;
    int err = wait_in(&s->joiners);
    s->visitors--;
    return err;
}

int dr_scope_join(struct dr_scope *s)
{
    int err = 0;
    while (s->live && !err)
        err = scope_wait(s);
    return err;
}

void dr_scope_deadline(struct dr_scope *s, uint64_t deadline)
{
    arm(s, deadline);
}

void dr_scope_limit(struct dr_scope *s, unsigned max)
{
    s->max = max;
    wait_wake_all(&s->joiners);
}

int dr_cancelled(void)
{
    struct dr_task *self = sched_current;
    check(self);
    if (self->here->reason)
        return self->here->reason;
    /* Who asks computes, and has not let the timers fire. */
    uint64_t now = plat_clock_monotonic();
    for (struct dr_scope *s = self->here; s; s = s->parent)
        if (s->deadline <= now)
            scope_stop(s, -ETIMEDOUT);
    return self->here->reason;
}
