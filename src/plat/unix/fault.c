/* SPDX-License-Identifier: ISC */
/* A fault of the program: a stack that is used up, or any other, which is reported as a panic
 * is. The process then ends by the signal. */
#include "base/format.h"
#include "plat/plat.h"
#include "plat/unix/unix.h"

#include <signal.h>
#include <stdint.h>
#include <ucontext.h>
#include <unistd.h>

#define HANDLER_STACK_LEN 65536

static const struct {
    int signal;
    const char *name;
} faults[] = {{SIGSEGV, "memory fault"},
              {SIGBUS, "bus error"},
              {SIGFPE, "arithmetic error"},
              {SIGILL, "invalid instruction"}};
#define FAULTS (sizeof faults / sizeof faults[0])

static struct sigaction before[FAULTS]; /* what met it before us: the default, or a sanitizer */
static int reported;                    /* the signal */

static size_t index_of(int signal)
{
    size_t i = 0;
    while (i < FAULTS - 1 && faults[i].signal != signal)
        i++;
    return i;
}

/* Its address is told to the assembler below. */
static char text[100];
static __attribute__((used)) _Noreturn void report(void)
{
    rt_fault(text);
}

/* Below a frame made up for the function at fault, so that a backtrace has it. (A backtrace
 * takes addresses for those behind a call.) */
static _Noreturn void report_below(uintptr_t pc, uintptr_t fp)
{
    __asm__ volatile("pushq %0\n\t"
                     "pushq %1\n\t"
                     "movq %%rsp, %%rbp\n\t"
                     "andq $-16, %%rsp\n\t"
                     "call %P2"
                     :
                     : "r"(pc + 1), "r"(fp), "i"(report)
                     : "memory");
    __builtin_unreachable();
}

static void on_fault(int signal, siginfo_t *info, void *context)
{
    const ucontext_t *u = context;
    size_t i = index_of(signal);
    uintptr_t at = (uintptr_t)info->si_addr, pc = (uintptr_t)u->uc_mcontext.gregs[REG_RIP];
    if (signal == SIGSEGV && unix_is_stack_overflow(at))
        rt_stack_overflow();
    /* It is met again by whoever had it before: a sanitizer reports it better. */
    (void)sigaction(signal, &before[i], NULL);
    if (before[i].sa_flags & SA_SIGINFO || before[i].sa_handler != SIG_DFL)
        return;
    reported = signal;
    format(text, sizeof text, "%s: address %#lx, at %#lx", faults[i].name, (unsigned long)at,
           (unsigned long)pc);
    report_below(pc, (uintptr_t)u->uc_mcontext.gregs[REG_RBP]);
}

void unix_end_by_fault(void)
{
    sigset_t all;
    if (reported == 0)
        return;
    sigfillset(&all);
    (void)raise(reported); /* blocked while its handler runs */
    (void)sigprocmask(SIG_UNBLOCK, &all, NULL);
}

int unix_install_faults(void)
{
    static uint8_t handler_stack[HANDLER_STACK_LEN] __attribute__((aligned(64)));
    stack_t stack = {.ss_sp = handler_stack, .ss_size = sizeof handler_stack};
    struct sigaction a = {.sa_sigaction = on_fault, .sa_flags = SA_ONSTACK | SA_SIGINFO};
    int bad = sigaltstack(&stack, NULL);
    sigemptyset(&a.sa_mask);
    for (size_t i = 0; i < FAULTS; i++)
        bad |= sigaction(faults[i].signal, &a, &before[i]);
    return bad;
}
