/* SPDX-License-Identifier: ISC */
/* The end after a bug: what, where, in which task, and the calls that led there.
 * Nothing here allocates or trusts the heap; each line is one write. */
#include "base/check.h"
#include "base/format.h"
#include "plat/plat.h"
#include "rt/task.h"
#include <drupe/app.h>

#include <stdarg.h>
#include <string.h>

#define FRAMES_MAX 32
#define TEXT_LEN   256

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *fmt, ...)
{
    char line[TEXT_LEN + 64];
    va_list args;
    va_start(args, fmt);
    size_t n = format_va(line, sizeof line - 1, fmt, args);
    va_end(args);
    size_t len = n < sizeof line - 2 ? n : sizeof line - 2;
    line[len] = '\n';
    plat_console_write(line, len + 1);
}

static void say_frame(int n, uintptr_t pc)
{
    uintptr_t start = pc;
    const char *name = plat_symbol(pc, &start);
    say("  #%d %#lx %s+%#lx", n, (unsigned long)pc, name ? name : "?",
        (unsigned long)(name ? pc - start : 0));
}

/* Follows the chain of frame pointers: each is above the last, aligned, and within
 * the task's stack. On the first stack, whose ends are not known here, a step of more
 * than STEP_MAX ends it. */
#define STEP_MAX 65536U

static bool is_within(const struct dr_task *t, uintptr_t at)
{
    return at >= (uintptr_t)t->stack && at - (uintptr_t)t->stack < sched_stack_len;
}

__attribute__((no_sanitize("address"))) static void backtrace(const void *frame)
{
    const struct dr_task *t = sched_current;
    uintptr_t at = (uintptr_t)frame;
    for (int n = 0; n < FRAMES_MAX; n++) {
        bool inside = t && is_within(t, at);
        if (at % sizeof(uintptr_t) || (inside && !is_within(t, at + 2 * sizeof(uintptr_t) - 1)))
            return;
        const uintptr_t *link = (const uintptr_t *)at;
        uintptr_t next = link[0], pc = link[1];
        if (!pc)
            return;
        say_frame(n, pc - 1); /* in the call, not behind it */
        /* The report of a stack overflow comes from a stack of its own: one jump, into
         * the task's. */
        bool enters = t && !inside && is_within(t, next);
        if (!enters && (next <= at || next - at > STEP_MAX))
            return;
        at = next;
    }
}

/* What is being reported, so that it is not lost when the report runs out of stack. */
static struct {
    bool on, overflow;
    const char *file; /* NULL when it began with the overflow */
    int line;
    const char *what; /* before its arguments are put in */
} panic;

/* A panic within a panic ends at once. */
static void enter(const char *file, int line, const char *what)
{
    if (panic.on)
        plat_abort();
    panic.on = true;
    panic.file = file;
    panic.line = line;
    panic.what = what;
}

static _Noreturn void leave(void)
{
    memset(&panic, 0,
           sizeof panic); /* for tests, where another image may run in this process */
    plat_abort();
}

static void say_where(void)
{
    const char *task = sched_current ? sched_current->name : "the loop";
    say("  in %s%s of image %s", sched_current ? "task " : "", task, dr_app.name);
}

static void say_head(const char *file, int line, const char *text)
{
    say("PANIC: %s:%d: %s", file, line, text);
    say_where();
}

_Noreturn void dr_panic_at(const char *file, int line, const char *fmt, ...)
{
    char text[TEXT_LEN];
    va_list args;
    enter(file, line, fmt);
    va_start(args, fmt);
    format_va(text, sizeof text, fmt, args);
    va_end(args);
    say_head(file, line, text);
    backtrace(__builtin_frame_address(0));
    leave();
}

_Noreturn void check_failed(const char *expr, const char *file, int line)
{
    char text[TEXT_LEN];
    enter(file, line, expr);
    format(text, sizeof text, "check failed: %s", expr);
    say_head(file, line, text);
    backtrace(__builtin_frame_address(0));
    leave();
}

static void say_interrupted(void)
{
    if (panic.file)
        say("  while it reported %s:%d: %s", panic.file, panic.line, panic.what);
}

/* (A fault within this is the target's to stop.) */
_Noreturn void rt_fault(const char *what)
{
    say("PANIC: %s", what);
    say_interrupted();
    say_where();
    backtrace(__builtin_frame_address(0));
    leave();
}

/* On a stack of the target's own, or on the last octets of the one that is full. The
 * report of another panic may be what filled it. */
_Noreturn void rt_stack_overflow(void)
{
    if (panic.overflow)
        plat_abort();
    panic.overflow = true;
    say("PANIC: stack overflow: task %s has used all of its %zu octets; "
        "dr_app.stack_len sets more",
        sched_current ? sched_current->name : "of the loop", sched_stack_len);
    say_interrupted();
    backtrace(__builtin_frame_address(0));
    leave();
}
