/* SPDX-License-Identifier: ISC */
#ifndef DRUPE_TASK_H
#define DRUPE_TASK_H

/* Tasks: cooperative threads of control, each with a small stack of its own.
 *
 * A task runs until it waits. Every task lives in a scope, and a scope is a
 * bracket in the code of the task that opened it:
 *
 *     struct dr_scope s;
 *     dr_scope_open(&s, DR_NEVER);
 *     err = dr_spawn(&s, work, arg, NULL);
 *     ...
 *     err = dr_scope_close(&s);      // cancels what is left, and waits for it
 *
 * so no task outlives the bracket it was started in, and nothing is left behind.
 *
 * Cancellation and deadlines arrive as errors. Once a scope is cancelled, every
 * wait in it (in the task that opened it and in all tasks spawned into it, and in
 * scopes inside those) returns -ECANCELED at once; once its deadline has passed,
 * -ETIMEDOUT. A task is never stopped between two waits.
 *
 * What is left behind is cleaned up always, and in the build for tests (make TARGET=unix
 * SANITIZE=1) it is an error that ends the image: a resource still owned by a task that
 * returned success of its own accord, and an awaitable task still running at the end of a
 * scope that was not cancelled (say dr_scope_cancel when that is meant). */

#include <drupe/base.h>
#include <drupe/time.h>

struct dr_task;

/* What a task runs. The result is handed to dr_await: 0 or above for success,
 * a negative error number otherwise. */
typedef int dr_task_fn(void *arg);

/* A list link of the runtime's own. */
struct dr_link {
    struct dr_link *next, *prev;
};

/* A bracket in which tasks live. It lies in the frame of the task that opens it;
 * the members are the runtime's. */
struct dr_scope {
    struct dr_link tasks;     /* those spawned here and not yet gone */
    struct dr_link inside;    /* scopes opened within this one */
    struct dr_link sibling;   /* in the parent's `inside` */
    struct dr_link joiners;   /* who waits for the tasks to end, or for room */
    struct dr_scope *parent;  /* cancelled and timed out by it as well */
    struct dr_task *owner;    /* who opened it */
    uint64_t deadline;        /* monotonic ns, DR_NEVER for none */
    uint64_t timer[5];        /* of the deadline */
    unsigned live;            /* tasks in `tasks` that have not ended */
    unsigned max;             /* dr_scope_limit; 0 for none */
    unsigned visitors;        /* tasks in a dr_scope_join or dr_spawn that waits */
    int failure;              /* the first orphan's error, or 0 */
    int reason;               /* 0, -ECANCELED or -ETIMEDOUT */
};

#pragma GCC visibility push(default)

/* Opens a scope in the calling task. From here to dr_scope_close, the task's
 * waits end at `deadline` (monotonic ns; DR_NEVER for none). Scopes are closed in
 * the reverse order of their opening. Never waits, never fails. */
void dr_scope_open(struct dr_scope *s, uint64_t deadline);

/* Cancels what still runs in the scope, waits for it, and leaves the scope. This
 * wait cannot be cancelled; it ends when the tasks do. Returns 0, or the first
 * error with which an orphan (see dr_spawn) ended of its own accord; -ECANCELED
 * that answers this very cancellation is not one. */
int dr_scope_close(struct dr_scope *s);

/* Waits until every task of the scope has ended, without cancelling any. Returns
 * 0, -ECANCELED or -ETIMEDOUT; the scope remains open in every case. */
DR_CHECKED int dr_scope_join(struct dr_scope *s);

/* Cancels the scope: every wait inside returns -ECANCELED from now on. Idempotent;
 * may be called from any task. Never waits. */
void dr_scope_cancel(struct dr_scope *s);

/* Replaces the deadline (monotonic ns). A scope whose deadline has passed stays
 * timed out. */
void dr_scope_deadline(struct dr_scope *s, uint64_t deadline);

/* At most `max` tasks live in the scope at once: a further dr_spawn waits for one
 * to end. 0 lifts the limit. */
void dr_scope_limit(struct dr_scope *s, unsigned max);

/* Why the innermost scope of the calling task no longer lets it wait: 0 (it does),
 * -ECANCELED or -ETIMEDOUT. For long computations to ask now and then. */
DR_CHECKED int dr_cancelled(void);

/* Starts `fn(arg)` as a task in the scope. It runs when the caller next waits.
 *
 * With `task` not NULL the caller receives the task, and owes it a dr_await or
 * leaves it to the scope's end. With NULL the task is an orphan: it is collected
 * by itself when it ends, which is what a server wants that spawns one a client.
 *
 * Waits only when the scope has a limit and is full. Returns 0, -ENOMEM when the
 * memory budget has no room for a stack, -ECANCELED or -ETIMEDOUT. */
DR_CHECKED int dr_spawn(struct dr_scope *s, dr_task_fn *fn, void *arg, struct dr_task **task);

/* Waits for the task to end, collects it, leaves *task NULL and stores what it
 * returned in *result (which may be NULL). Returns 0; or -ECANCELED, -ETIMEDOUT when the
 * caller's own wait was ended first: the task goes on and *task is kept. A task cannot
 * await itself: -EDEADLK. A task is awaited by one task at a time, and before its scope
 * is closed. */
DR_CHECKED int dr_await(struct dr_task **task, int *result);

/* Cancels one task: its waits return -ECANCELED. It is still to be awaited. */
void dr_task_cancel(struct dr_task *task);

/* The calling task; its name for logs (copied; at most 23 octets are kept). A task is
 * first named as the one that spawned it. */
struct dr_task *dr_self(void);
void dr_task_name(struct dr_task *task, const char *name);

/* Lets the other runnable tasks run first. Returns 0, -ECANCELED or -ETIMEDOUT. */
DR_CHECKED int dr_yield(void);

/* Waits for `ns` nanoseconds. Returns 0, -ECANCELED or -ETIMEDOUT. */
DR_CHECKED int dr_sleep(uint64_t ns);

/* ---- Ownership -------------------------------------------------------------
 *
 * A resource has one owner, a task, and a finaliser that runs however that task
 * ends, in the reverse order of acquisition. It is embedded in what it guards, and
 * begins as zeroes. */
struct dr_resource {
    struct dr_link link;
    void (*finalise)(struct dr_resource *r);
    struct dr_task *owner;
};

/* The calling task owns `r` from now on; `finalise(r)` runs when it ends. */
void dr_own(struct dr_resource *r, void (*finalise)(struct dr_resource *r));
/* Nobody owns `r` any more and its finaliser does not run. Harmless when unowned. Any
 * task may: who frees a resource by hand disowns it. */
void dr_disown(struct dr_resource *r);
/* The task `to`, which has not ended, owns `r` from now on. `r` must be the caller's. */
void dr_transfer(struct dr_resource *r, struct dr_task *to);

#pragma GCC visibility pop
#endif
