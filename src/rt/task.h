/* SPDX-License-Identifier: ISC */
#ifndef RT_TASK_H
#define RT_TASK_H

/* Tasks from the inside: what scheduler (sched.c), tasks (task.c), scopes (scope.c),
 * waits (wait.c) and synchronisation (sync.c) share. docs/design/tasks.md is the
 * theory. */

#include "rt/link.h"
#include "rt/loop.h"

#define STACK_LEN     32768U /* octets, unless the application says otherwise */
#define STACK_LEN_MIN 8192U
#define STACKS_KEPT   64U /* unused stacks kept for the next tasks */
#define CANARY_WORDS  8U  /* at the bottom of each stack */
#define NAME_LEN      24U

enum task_state {
    TASK_READY,   /* in sched's queue or batch */
    TASK_RUNNING, /* the one */
    TASK_WAITING, /* in a wait queue */
    TASK_ENDED,   /* has no stack any more */
};

struct dr_task {
    struct dr_link link; /* in sched's queue or batch, or in a wait queue */
    void *sp;            /* the saved context, while not running */
    void *plat_saved;    /* plat_stack_leave's */
    uint8_t *stack;      /* its lowest octet */
    enum task_state state;
    int saved_errno;
    int woken_with;           /* what its wait returns */
    bool shielded;            /* the wait it is in cannot be cancelled */
    bool orphan;              /* nobody awaits it */
    int mutexes;              /* held */
    void *handed;             /* dr_queue: the item that is passed */
    struct dr_scope base;     /* around fn: what dr_task_cancel cancels */
    struct dr_scope *here;    /* the innermost scope open in it */
    struct dr_link in_scope;  /* base.parent->tasks */
    struct dr_link resources; /* owned */
    struct loop_timer alarm;  /* of dr_sleep */
    dr_task_fn *fn;
    void *arg;
    int result;
    struct dr_task *awaiter;  /* who waits for its end */
    struct dr_task *awaiting; /* whose end it waits for */
    int awaited_result;
    struct dr_link alone; /* a queue for waits that nobody else joins */
    char name[NAME_LEN];
};

/* ---- sched.c --------------------------------------------------------------- */

/* The running task; NULL in the loop (sources, timers). */
extern struct dr_task *sched_current;

void sched_init(void);
/* Runs the tasks that are ready now, once each; on the first stack. */
void sched_run(void);
bool sched_ready(void);
/* Makes a task ready that is in no queue. */
void sched_add(struct dr_task *t);
/* Leaves the running task, which has put itself where somebody finds it, for the next. */
void sched_switch(void);
/* Leaves the running task, which has ended, for good. */
_Noreturn void sched_end(void);
/* The first call on a new stack. */
void sched_arrived_first(void);
/* Begins at `entry` on its stack of `len` octets when first run. */
void sched_prepare(struct dr_task *t, void (*entry)(void));
/* A stack for a task, or NULL; `sched_stack_len` octets. */
uint8_t *sched_stack_get(void);
void sched_stack_put(uint8_t *stack);
extern size_t sched_stack_len;
/* Called on the next stack after a task has ended: defined in task.c. */
void task_gone(struct dr_task *t);

/* ---- task.c ---------------------------------------------------------------- */

void task_init(void);
/* dr_spawn without the wait for room; -ENOMEM. */
int task_start(struct dr_scope *s, dr_task_fn *fn, void *arg, struct dr_task **task);
/* Forgets a task that has ended. */
void task_collect(struct dr_task *t);

/* ---- scope.c --------------------------------------------------------------- */

/* A scope within `parent` (NULL: none), opened by `owner` (NULL: the loop). */
void scope_begin(struct dr_scope *s, struct dr_scope *parent, struct dr_task *owner,
                 uint64_t deadline);
/* Takes it out of the tree. */
void scope_finish(struct dr_scope *s);
/* Ends every wait in the scope with `reason`, for good. */
void scope_stop(struct dr_scope *s, int reason);

/* Waits for a task of the scope to end. 0, or why the wait or the scope ended. */
int scope_wait(struct dr_scope *s);

/* ---- wait.c ---------------------------------------------------------------- */

/* wait_in that cannot be cancelled. */
void wait_shielded(struct dr_link *queue);
/* Takes the first that waits out of the queue and makes it ready; its wait returns
 * `result`. NULL when nobody waits. */
struct dr_task *wait_take(struct dr_link *queue, int result);
/* Ends the wait of a waiting task. */
void wait_end(struct dr_task *t, int result);

#endif
