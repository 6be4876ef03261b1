/* SPDX-License-Identifier: ISC */
#include "plat/unix/unix.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

static const char *program;

static size_t append(char *to, size_t at, size_t size, const char *text)
{
    for (; *text && at < size; text++)
        to[at++] = *text;
    return at;
}

/* Ends from within whatever the program was doing, so only with what a handler may
 * call. The line goes to the console, where a tender's goes. */
static void on_end(int signal)
{
    char line[160];
    char number[] = {(char)('0' + signal / 10), (char)('0' + signal % 10), '\n', 0};
    size_t len = append(line, 0, sizeof line - 4, program);
    len = append(line, len, sizeof line - 4, ": Exiting on signal ");
    len = append(line, len, sizeof line, signal < 10 ? number + 1 : number);
    if (write(STDOUT_FILENO, line, len) < 0)
        _exit(1);
    _exit(1);
}

int unix_install_signals(const char *name, struct error *e)
{
    struct sigaction end = {.sa_handler = on_end, .sa_flags = SA_ONSTACK};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    program = name;
    if (unix_install_faults() || sigaction(SIGINT, &end, NULL) ||
        sigaction(SIGTERM, &end, NULL) || sigaction(SIGPIPE, &ignore, NULL))
        return fail_errno(e, "cannot install the handlers of signals");
    return 0;
}
