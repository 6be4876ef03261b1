/* SPDX-License-Identifier: ISC */
/* The loop of loop.h, on the first stack.
 *
 * How it waits. Waking up from plat_wait costs a switch of the host's (50 us from
 * another processor, measured), so where answers come faster than that it is worth
 * to ask for them in a loop first. Whether they do is learnt: a wait that a device
 * ended within SPIN_WORTH_NS raises `hope`, one that went on longer halves it, and
 * the loop spins only while there is some. An idle image thus spins HOPE_MAX's
 * logarithm of times and then uses no processor at all. Where asking is dear (a virtual machine
 * is left for it) it never does. */
#include "rt/loop.h"

#include "base/check.h"
#include "plat/plat.h"
#include "rt/task.h"
#include <drupe/app.h>

#include <errno.h>

#define SPIN_NS       30000U /* at most so long ... */
#define SPIN_POLLS    100U   /* ... and so many times */
#define SPIN_WORTH_NS 100000U
#define HOPE_MAX      8U
#define ALL_HANDLES   UINT64_MAX

static struct {
    uint64_t now; /* of this turn; 0 before the first */
    bool running;
    uint64_t ready; /* handles to be polled */
    unsigned hope;
    struct wheel wheel;
    struct list sources;
    struct list *next_source; /* of the walk under way, which loop_remove corrects */
    struct dr_scope background;
} loop;

uint64_t dr_now(void)
{
    return loop.running ? loop.now : plat_clock_monotonic();
}

uint64_t dr_wall(void)
{
    return plat_clock_wall();
}

uint64_t dr_after(uint64_t ns)
{
    uint64_t now = dr_now();
    return ns < DR_NEVER - now ? now + ns : DR_NEVER;
}

/* ---- Timers ---------------------------------------------------------------- */

void loop_timer_init(struct loop_timer *t, void (*fire)(struct loop_timer *, uint64_t))
{
    timer_init(&t->timer);
    t->fire = fire;
}

void loop_timer_set(struct loop_timer *t, uint64_t at)
{
    timer_set(&loop.wheel, &t->timer, at);
}

static void fire_timers(void)
{
    /* A timer that sets itself to the past again has to wait for the next turn. */
    for (uint64_t n = loop.wheel.count; n > 0; n--) {
        struct timer *t = wheel_expire(&loop.wheel, loop.now);
        if (!t)
            return;
        struct loop_timer *timer = container_of(t, struct loop_timer, timer);
        timer->fire(timer, loop.now);
    }
}

/* ---- Sources --------------------------------------------------------------- */

void loop_add(struct loop_source *s)
{
    list_init(&s->link);
    list_push(&loop.sources, &s->link);
    s->more = true; /* what came before it was added is looked for */
}

void loop_remove(struct loop_source *s)
{
    if (loop.next_source == &s->link)
        loop.next_source = s->link.next;
    list_remove(&s->link);
}

/* Begins a walk over the sources. */
static void first_source(void)
{
    loop.next_source = loop.sources.next;
}

/* The source after those already seen; NULL at the end. */
static struct loop_source *next_source(void)
{
    struct list *l = loop.next_source;
    if (l == &loop.sources)
        return NULL;
    loop.next_source = l->next;
    return container_of(l, struct loop_source, link);
}

static void poll_sources(void)
{
    first_source();
    for (struct loop_source *s; (s = next_source()) != NULL;)
        if (s->more || (s->ready_mask & loop.ready))
            s->more = s->poll(s, loop.now);
}

static void flush_sources(void)
{
    first_source();
    for (struct loop_source *s; (s = next_source()) != NULL;)
        s->flush(s, loop.now);
}

static bool sources_have_more(void)
{
    list_each(e, &loop.sources)
        if (container_of(e, struct loop_source, link)->more)
            return true;
    return false;
}

static bool sources_pend(void)
{
    list_each(e, &loop.sources) {
        struct loop_source *s = container_of(e, struct loop_source, link);
        if (s->pending && s->pending(s))
            return true;
    }
    return false;
}

/* ---- Turning --------------------------------------------------------------- */

/* Asks the devices until one is ready; gives up after SPIN_NS or at the deadline. */
static uint64_t spin(uint64_t since, uint64_t deadline)
{
    uint64_t ready = 0, now = since;
    for (unsigned n = 0; n < SPIN_POLLS && !ready; n++) {
        ready = plat_wait(0);
        now = plat_clock_monotonic();
        if (now - since >= SPIN_NS || now >= deadline)
            break;
    }
    return ready;
}

static void learn(uint64_t waited)
{
    if (loop.ready && waited <= SPIN_WORTH_NS)
        loop.hope += loop.hope < HOPE_MAX;
    else
        loop.hope /= 2;
}

static void sleep_until(uint64_t deadline)
{
    uint64_t since = plat_clock_monotonic();
    if (deadline == WHEEL_NEVER && list_empty(&loop.sources))
        dr_panic("every task waits, and nothing can wake one");
    loop.ready = loop.hope && !plat_boot()->poll_is_dear ? spin(since, deadline) : 0;
    if (!loop.ready)
        loop.ready = plat_wait(deadline);
    learn(plat_clock_monotonic() - since);
}

static void turn(void)
{
    loop.now = plat_clock_monotonic();
    fire_timers();
    poll_sources();
    sched_run();
    flush_sources();
}

static void rest(void)
{
    if (sched_ready() || sources_have_more())
        loop.ready = ALL_HANDLES;
    else
        sleep_until(wheel_next(&loop.wheel));
}

/* ---- The image's life ------------------------------------------------------ */

struct dr_scope *loop_scope(void)
{
    return &loop.background;
}

static void loop_init(void)
{
    loop.now = plat_clock_monotonic();
    loop.ready = ALL_HANDLES;
    loop.hope = 0;
    wheel_init(&loop.wheel, loop.now);
    list_init(&loop.sources);
    loop.next_source = &loop.sources;
    sched_init();
    task_init();
    scope_begin(&loop.background, NULL, NULL, DR_NEVER);
    loop.running = true;
}

static void over(struct loop_timer *t, uint64_t now)
{
    (void)t;
    (void)now;
}

/* What was written goes out, while somebody takes it. */
static void linger(void)
{
    struct loop_timer limit;
    uint64_t end = loop.now + LOOP_LINGER_NS;
    loop_timer_init(&limit, over);
    loop_timer_set(&limit, end);
    while (sources_pend() && loop.now < end) {
        rest();
        turn();
    }
    loop_timer_set(&limit, WHEEL_NEVER);
}

int loop_run(dr_task_fn *fn, void *arg)
{
    struct dr_task *first;
    loop_init();
    int err = task_start(&loop.background, fn, arg, &first);
    if (err)
        return err;
    for (turn(); first->state != TASK_ENDED; turn())
        rest();
    int result = first->result;
    task_collect(first);
    linger();
    scope_stop(&loop.background, -ECANCELED);
    for (; loop.background.live; turn())
        rest();
    return result;
}
