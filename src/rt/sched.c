/* SPDX-License-Identifier: ISC */
/* Who runs. A turn of the loop takes all ready tasks as a batch and starts the
 * first; each that waits switches straight to the next of the batch, and the last
 * to the loop, on the first stack. Who becomes ready meanwhile runs in the next turn,
 * so that no two tasks can keep devices and timers waiting. */
#include "rt/task.h"

#include "base/check.h"
#include "plat/plat.h"
#include "rt/budget.h"
#include "rt/switch.h"
#include <drupe/app.h>

#include <errno.h>

#define CANARY 0x5de0ca0a53a11e55ULL

struct dr_task *sched_current;
size_t sched_stack_len;

static struct {
    struct dr_link ready, batch;
    void *loop_sp, *loop_saved; /* the loop's context */
    struct dr_task *gone;       /* has ended, and its stack is still to be left */
    uint8_t *kept;              /* chain of unused stacks, through their tops */
    unsigned kept_count;
} sched;

size_t rt_stack_len(void)
{
    size_t len = dr_app.stack_len ? dr_app.stack_len : STACK_LEN;
    if (len < STACK_LEN_MIN)
        len = STACK_LEN_MIN;
    return (len + 4095) / 4096 * 4096;
}

void sched_init(void)
{
    sched_stack_len = rt_stack_len();
    sched_current = NULL;
    sched.gone = NULL;
    sched.kept = NULL;
    sched.kept_count = 0;
    link_init(&sched.ready);
    link_init(&sched.batch);
}

bool sched_ready(void)
{
    return !link_empty(&sched.ready);
}

void sched_add(struct dr_task *t)
{
    t->state = TASK_READY;
    link_push(&sched.ready, &t->link);
}

/* ---- Stacks ---------------------------------------------------------------- */

/* Where an unused stack keeps the next of its chain: at the top, which is in memory
 * already. */
static uint8_t **chain_of(uint8_t *stack)
{
    return (uint8_t **)(void *)(stack + sched_stack_len - sizeof(uint8_t *));
}

static void set_canary(uint8_t *stack)
{
    uint64_t *word = (uint64_t *)(void *)stack;
    for (unsigned i = 0; i < CANARY_WORDS; i++)
        word[i] = CANARY;
}

static bool canary_lives(const uint8_t *stack)
{
    const uint64_t *word = (const uint64_t *)(const void *)stack;
    uint64_t bad = 0;
    for (unsigned i = 0; i < CANARY_WORDS; i++)
        bad |= word[i] ^ CANARY;
    return !bad;
}

uint8_t *sched_stack_get(void)
{
    uint8_t *stack = sched.kept;
    if (stack) {
        sched.kept = *chain_of(stack);
        sched.kept_count--;
        return stack; /* its canary is still there */
    }
    stack = plat_stack_new(budget_of(BUDGET_STACKS), sched_stack_len);
    if (stack)
        set_canary(stack);
    return stack;
}

void sched_stack_put(uint8_t *stack)
{
    if (sched.kept_count == STACKS_KEPT) {
        plat_stack_free(budget_of(BUDGET_STACKS), stack, sched_stack_len);
        return;
    }
    *chain_of(stack) = sched.kept;
    sched.kept = stack;
    sched.kept_count++;
}

void sched_prepare(struct dr_task *t, void (*entry)(void))
{
    t->sp = switch_prepare(t->stack + sched_stack_len, entry);
}

/* ---- Switching ------------------------------------------------------------- */

/* On the new stack: it is told, and what the last task left is taken away. */
static void arrive(void *saved)
{
    plat_stack_enter(saved);
    struct dr_task *gone = sched.gone;
    if (gone) {
        sched.gone = NULL;
        task_gone(gone);
    }
}

void sched_arrived_first(void)
{
    arrive(NULL);
}

/* Switches to `to` (NULL: the loop), saving the running context in *sp and *saved. */
static void go(void **sp, void **saved, struct dr_task *to, bool ending)
{
    sched_current = to;
    if (to) {
        to->state = TASK_RUNNING;
        errno = to->saved_errno;
    }
    plat_stack_leave(saved, to ? to->stack : NULL, sched_stack_len, ending);
    switch_stacks(sp, to ? to->sp : sched.loop_sp);
    arrive(*saved);
}

static struct dr_task *next_in_batch(void)
{
    struct dr_link *l = link_pop(&sched.batch);
    return l ? container_of(l, struct dr_task, link) : NULL;
}

void sched_switch(void)
{
    struct dr_task *self = sched_current;
    if (!canary_lives(self->stack))
        rt_stack_overflow();
    struct dr_task *next = next_in_batch();
    self->saved_errno = errno;
    go(&self->sp, &self->plat_saved, next, false);
}

_Noreturn void sched_end(void)
{
    struct dr_task *self = sched_current;
    if (!canary_lives(self->stack))
        rt_stack_overflow();
    sched.gone = self;
    go(&self->sp, &self->plat_saved, next_in_batch(), true);
    __builtin_unreachable();
}

void sched_run(void)
{
    if (link_empty(&sched.ready))
        return;
    /* All at once: the ring of `ready` gets `batch` for its head. */
    sched.batch = sched.ready;
    sched.batch.next->prev = sched.batch.prev->next = &sched.batch;
    link_init(&sched.ready);
    int own = errno;
    go(&sched.loop_sp, &sched.loop_saved, next_in_batch(), false);
    errno = own;
}
