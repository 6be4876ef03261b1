/* SPDX-License-Identifier: ISC */
#include "tender/hvt/signals.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

volatile sig_atomic_t signals_ending;

static struct vm *machine;
static int timer;
static pid_t process, thread;

/* In this order: whoever looks at signals_ending and then waits has set the timer before
 * it looked, so that either it sees it or the timer is set off after. */
static void on_end(int signal)
{
    static const struct itimerspec now = {.it_value = {.tv_nsec = 1}};
    int error = errno;
    if (signals_ending == 0 || signals_ending == SIGNALS_DEBUGGER)
        signals_ending = signal;
    vm_interrupt(machine);
    (void)timerfd_settime(timer, 0, &now, NULL);
    errno = error;
}

static int handle(int signal, int flags)
{
    struct sigaction a = {.sa_handler = on_end, .sa_flags = flags};
    return sigaction(signal, &a, NULL);
}

int signals_install(struct vm *vm, int timerfd, struct error *e)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t none;
    machine = vm;
    timer = timerfd;
    process = getpid();
    thread = (pid_t)syscall(SYS_gettid);
    sigemptyset(&none);
    int bad = handle(SIGINT, (int)SA_RESETHAND) | handle(SIGTERM, (int)SA_RESETHAND) |
              handle(SIGNALS_RING, 0) | handle(SIGNALS_DEBUGGER, 0) |
              sigaction(SIGPIPE, &ignore, NULL) | sigprocmask(SIG_SETMASK, &none, NULL);
    return bad ? fail_errno(e, "cannot install the handlers of signals") : 0;
}

/* In this order: an end that comes in between is still seen. */
void signals_heard(void)
{
    sig_atomic_t debugger = SIGNALS_DEBUGGER;
    vm_go_on(machine);
    (void)__atomic_compare_exchange_n(&signals_ending, &debugger, 0, false, __ATOMIC_SEQ_CST,
                                      __ATOMIC_SEQ_CST);
    if (signals_ending != 0)
        vm_interrupt(machine);
}

void signals_end(int why)
{
    (void)syscall(SYS_tgkill, process, thread, why);
}
