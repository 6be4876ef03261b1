/* SPDX-License-Identifier: ISC */
#include "tender/spt/signals.h"

#include <abi/spt.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

/* No canary is read in this file's handlers, since it stands in thread-local storage. */
#define NO_TLS __attribute__((no_stack_protector))

#define HANDLER_STACK_LEN 65536 /* octets; the registers saved on it take up to 11 KiB */
#define LINE_MAX_LEN      160

static uint8_t handler_stack[HANDLER_STACK_LEN] __attribute__((aligned(64)));

/* ---- What the handlers are made of ----------------------------------------- */

struct line {
    char text[LINE_MAX_LEN];
    size_t len;
};

NO_TLS static void put(struct line *l, const char *text)
{
    for (; *text && l->len < sizeof l->text; text++)
        l->text[l->len++] = *text;
}

NO_TLS static void put_number(struct line *l, uint64_t n, unsigned base)
{
    char digits[24];
    size_t i = sizeof digits;
    digits[--i] = 0;
    do
        digits[--i] = "0123456789abcdef"[n % base];
    while ((n /= base) != 0);
    put(l, digits + i);
}

NO_TLS static long call3(long number, long a, long b, long c)
{
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c)
                     : "rcx", "r11", "memory");
    return result;
}

NO_TLS static void print(const struct line *l)
{
    (void)call3(SYS_write, STDOUT_FILENO, (long)l->text, (long)l->len);
}

/* ---- The handlers ---------------------------------------------------------- */

NO_TLS static void on_end(int signal)
{
    struct line l;
    l.len = 0;
    put(&l, "drupe-spt: Exiting on signal ");
    put_number(&l, (uint64_t)signal, 10);
    put(&l, "\n");
    print(&l);
    for (;;)
        (void)call3(SYS_exit_group, 1, 0, 0);
}

NO_TLS static const char *fault_name(int signal)
{
    switch (signal) {
    case SIGSEGV:
        return "SIGSEGV";
    case SIGBUS:
        return "SIGBUS";
    case SIGILL:
        return "SIGILL";
    case SIGFPE:
        return "SIGFPE";
    default:
        return "SIGTRAP";
    }
}

/* Ends the process by `signal`: it has its default action again and is blocked, and
 * what raises it cannot be put off. Returning to the image to fault a second time
 * would take rt_sigreturn, which is not allowed. */
NO_TLS _Noreturn static void fault_again(int signal)
{
    switch (signal) {
    case SIGBUS: /* a stack at an address that cannot be one */
        __asm__ volatile("mov %0, %%rsp\n\tpush %%rax" : : "r"(1ULL << 63 | 8));
        break;
    case SIGILL:
        __asm__ volatile("ud2");
        break;
    case SIGFPE:
        __asm__ volatile("xor %%ecx, %%ecx\n\tdiv %%ecx" : : : "eax", "ecx", "edx");
        break;
    case SIGTRAP:
        __asm__ volatile("int3");
        break;
    default:
        break;
    }
    for (;;)
        __asm__ volatile("hlt"); /* SIGSEGV */
}

/* The image has names of its functions, and knows its tasks: it may say more. */
NO_TLS static void let_image_report(const struct spt_fault *f)
{
    const struct spt_reporter *r = (const struct spt_reporter *)(uintptr_t)SPT_REPORTER_AT;
    void (*report)(const struct spt_fault *);
    if (r->magic != SPT_REPORTER_MAGIC)
        return;
    report = (void (*)(const struct spt_fault *))(uintptr_t)r->entry;
    report(f);
}

NO_TLS static void on_fault(int signal, siginfo_t *info, void *context)
{
    const ucontext_t *u = context;
    struct line l;
    l.len = 0;
    put(&l, "drupe-spt: The image faulted: ");
    put(&l, fault_name(signal));
    put(&l, " at address 0x");
    put_number(&l, (uintptr_t)info->si_addr, 16);
    put(&l, ", pc 0x");
    put_number(&l, (uint64_t)u->uc_mcontext.gregs[REG_RIP], 16);
    put(&l, ", sp 0x");
    put_number(&l, (uint64_t)u->uc_mcontext.gregs[REG_RSP], 16);
    put(&l, "\n");
    print(&l);
    struct spt_fault f = {.signal = (uint64_t)signal,
                          .address = (uintptr_t)info->si_addr,
                          .pc = (uint64_t)u->uc_mcontext.gregs[REG_RIP],
                          .sp = (uint64_t)u->uc_mcontext.gregs[REG_RSP],
                          .fp = (uint64_t)u->uc_mcontext.gregs[REG_RBP]};
    let_image_report(&f);
    fault_again(signal);
}

/* ---- Installing them ------------------------------------------------------- */

/* One shot (SA_RESETHAND): whoever sends SIGINT again, while the console does not
 * take the line, ends the process. */
static int handle_end(int signal)
{
    struct sigaction a = {.sa_handler = on_end,
                          .sa_flags = (int)(SA_ONSTACK | SA_RESETHAND | SA_NODEFER)};
    return sigaction(signal, &a, NULL);
}

static int handle_fault(int signal)
{
    struct sigaction a = {.sa_sigaction = on_fault,
                          .sa_flags = (int)(SA_ONSTACK | SA_RESETHAND | SA_SIGINFO)};
    return sigaction(signal, &a, NULL);
}

int signals_install(struct error *e)
{
    static const int ends[] = {SIGINT, SIGTERM};
    static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    stack_t stack = {.ss_sp = handler_stack, .ss_size = sizeof handler_stack};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t none;
    int bad = sigaltstack(&stack, NULL) | sigaction(SIGPIPE, &ignore, NULL);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        bad |= handle_end(ends[i]);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        bad |= handle_fault(faults[i]);
    sigemptyset(&none);
    bad |= sigprocmask(SIG_SETMASK, &none, NULL);
    return bad ? fail_errno(e, "cannot install the handlers of signals") : 0;
}
