/* SPDX-License-Identifier: ISC */
/* A task's life: spawned (ready, with a stack), run, ended (its finalisers have run,
 * its stack is given on), collected (by who awaited it, by its scope's end, or, an
 * orphan, at once). Control blocks come from a pool, not from the stacks, so that a
 * task that has ended but is still to be awaited holds 1/64 of a stack. */
#include "rt/task.h"

#include "base/check.h"
#include "base/pool.h"
#include "plat/plat.h"
#include "rt/budget.h"
#include "rt/leak.h"
#include <drupe/app.h>

#include <errno.h>
#include <string.h>

static struct pool tasks;

static void wake_sleeper(struct loop_timer *t, uint64_t now)
{
    (void)now;
    wait_wake_one(&container_of(t, struct dr_task, alarm)->alone);
}

void task_init(void)
{
    pool_init(&tasks, budget_of(BUDGET_STACKS), sizeof(struct dr_task), SIZE_MAX);
}

/* ---- Beginning ------------------------------------------------------------- */

/* The first function on every task's stack. */
static void run(void)
{
    sched_arrived_first();
    struct dr_task *self = sched_current;
    self->result = self->fn(self->arg);
    if (self->here != &self->base)
        dr_panic("task %s returned with a scope open", self->name);
    if (self->mutexes)
        dr_panic("task %s returned with a mutex locked", self->name);
    if (!link_empty(&self->resources) && self->result >= 0 && !self->base.reason)
        rt_leaked("a resource", self->name);
    while (!link_empty(&self->resources)) {
        struct dr_resource *r = container_of(self->resources.prev, struct dr_resource, link);
        dr_disown(r);
        r->finalise(r);
    }
    sched_end();
}

int task_start(struct dr_scope *s, dr_task_fn *fn, void *arg, struct dr_task **task)
{
    struct dr_task *t = pool_get(&tasks);
    uint8_t *stack = t ? sched_stack_get() : NULL;
    if (!stack) {
        pool_put(&tasks, t);
        return -ENOMEM;
    }
    t->stack = stack;
    t->fn = fn;
    t->arg = arg;
    t->orphan = !task;
    link_init(&t->link);
    link_init(&t->resources);
    link_init(&t->alone);
    loop_timer_init(&t->alarm, wake_sleeper);
    dr_task_name(t, sched_current ? sched_current->name : dr_app.name);
    scope_begin(&t->base, s, t, DR_NEVER);
    t->here = &t->base;
    link_push(&s->tasks, &t->in_scope);
    s->live++;
    sched_prepare(t, run);
    sched_add(t);
    if (task)
        *task = t;
    return 0;
}

int dr_spawn(struct dr_scope *s, dr_task_fn *fn, void *arg, struct dr_task **task)
{
    check(fn);
    while (!s->reason && s->max && s->live >= s->max) {
        int err = scope_wait(s);
        if (err)
            return err;
    }
    return s->reason ? s->reason : task_start(s, fn, arg, task);
}

/* ---- Ending ---------------------------------------------------------------- */

void task_collect(struct dr_task *t)
{
    check(t->state == TASK_ENDED);
    link_remove(&t->in_scope);
    pool_put(&tasks, t);
}

/* An orphan's error is its scope's, but for the one that answers the scope's end. */
static void note_failure(struct dr_scope *s, const struct dr_task *t)
{
    if (t->result < 0 && t->result != t->base.reason && !s->failure)
        s->failure = t->result;
}

void task_gone(struct dr_task *t)
{
    struct dr_scope *s = t->base.parent;
    sched_stack_put(t->stack);
    t->stack = NULL;
    t->state = TASK_ENDED;
    loop_timer_set(&t->alarm, WHEEL_NEVER);
    if (t->orphan)
        note_failure(s, t);
    scope_finish(&t->base);
    s->live--;
    while (wait_take(&s->joiners, 0))
        ;
    struct dr_task *awaiter = t->awaiter;
    if (awaiter) {
        awaiter->awaiting = NULL;
        awaiter->awaited_result = t->result;
        wait_wake_one(&awaiter->alone); /* unless something else has ended its wait */
    }
    if (awaiter || t->orphan)
        task_collect(t);
}

int dr_await(struct dr_task **task, int *result)
{
    struct dr_task *self = sched_current, *t = *task;
    int got;
    check(self && t && !t->orphan && !t->awaiter);
    if (t == self)
        return -EDEADLK;
    if (t->state == TASK_ENDED) {
        got = t->result;
        task_collect(t);
    } else {
        t->awaiter = self;
        self->awaiting = t;
        int err = wait_in(&self->alone);
        if (self->awaiting) {
            self->awaiting = t->awaiter = NULL;
            return err;
        }
        got = self->awaited_result;
    }
    *task = NULL;
    if (result)
        *result = got;
    return 0;
}

void dr_task_cancel(struct dr_task *task)
{
    if (task->state != TASK_ENDED)
        scope_stop(&task->base, -ECANCELED);
}

/* ---- The calling task ------------------------------------------------------ */

struct dr_task *dr_self(void)
{
    return sched_current;
}

void dr_task_name(struct dr_task *task, const char *name)
{
    size_t len = strnlen(name, NAME_LEN - 1);
    memmove(task->name, name, len);
    task->name[len] = '\0';
}

int dr_yield(void)
{
    struct dr_task *self = sched_current;
    check(self);
    if (self->here->reason)
        return self->here->reason;
    sched_add(self);
    sched_switch();
    return self->here->reason;
}

int dr_sleep(uint64_t ns)
{
    struct dr_task *self = sched_current;
    check(self);
    /* From this very moment: the turn's may be long ago for one who computes. */
    uint64_t now = plat_clock_monotonic();
    loop_timer_set(&self->alarm, ns < DR_NEVER - now ? now + ns : DR_NEVER);
    int err = wait_in(&self->alone);
    loop_timer_set(&self->alarm, WHEEL_NEVER);
    return err;
}

/* ---- Ownership ------------------------------------------------------------- */

static void give(struct dr_resource *r, struct dr_task *to)
{
    r->owner = to;
    link_push(&to->resources, &r->link);
}

void dr_own(struct dr_resource *r, void (*finalise)(struct dr_resource *r))
{
    check(sched_current && !r->owner && finalise);
    r->finalise = finalise;
    give(r, sched_current);
}

void dr_disown(struct dr_resource *r)
{
    if (!r->owner)
        return;
    link_remove(&r->link);
    r->owner = NULL;
}

void dr_transfer(struct dr_resource *r, struct dr_task *to)
{
    check(r->owner && r->owner == sched_current && to->state != TASK_ENDED);
    dr_disown(r);
    give(r, to);
}
