/* SPDX-License-Identifier: ISC */
/* drupe-usernet: the user-mode network's process. Theory of operation:
 *
 * usernet_start (host/usernet.c) runs this program with one end of a socket pair; the
 * other end is the image's network device. Whatever the image writes there is a frame,
 * and comes to this process, which is a gateway: libslirp turns the image's
 * connections into the host's, and clients of published ports into connections to the
 * image. So neither needs root, and the image's sandbox needs no system call for it.
 *
 *   main.c      arguments, the word to the parent, the order of things
 *   gateway.c   the loop: libslirp, poll
 *   link.c      the socket to the image and the frames that wait for it
 *   filter.c    what the image may reach
 *   sandbox.c   what this process may do
 *
 * The order: bind the published ports (the last thing that may need a right), enter
 * the sandbox, say "ready", serve until the image's end closes. */
#include "host/usernet/gateway.h"
#include "host/usernet/sandbox.h"
#include "host/usernet/wire.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Of glib, which libslirp stands on, this is all that is used. Its headers bring thirty
 * packages, Python among them; what they declare here is this (gmessages.h, since 2.50). */
void g_log_set_writer_func(int (*writer)(int level, const void *fields, size_t n, void *arg),
                           void *arg, void (*end)(void *));

/* glib's own writer opens files and asks the terminal; its messages here are about
 * frames that make no sense, and are of no use to a user. */
static int quiet(int level, const void *fields, size_t n, void *arg)
{
    (void)level;
    (void)fields;
    (void)n;
    (void)arg;
    return 1; /* handled */
}

/* Ctrl-C in a terminal is for the image: this process ends with it. */
static void ignore_terminal(void)
{
    signal(SIGINT, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
}

/* By write alone: stdio would ask what kind of file it is, which the sandbox forbids. */
static int say(const char *line)
{
    size_t len = strlen(line);
    ssize_t n = write(USERNET_WORD_FD, line, len);
    close(USERNET_WORD_FD);
    return n == (ssize_t)len ? 0 : -1;
}

static struct gateway *begin(const char *words, struct error *e)
{
    struct usernet_spec spec;
    if (usernet_spec_parse(words, &spec, e) < 0)
        return NULL;
    struct gateway *g = gateway_open(&spec, USERNET_LINK_FD, e);
    if (!g)
        return NULL;
    return usernet_sandbox(e) < 0 ? NULL : g;
}

int main(int argc, char **argv)
{
    struct error e;
    if (argc != 2 || fcntl(USERNET_WORD_FD, F_GETFD) < 0) {
        fprintf(stderr, USERNET_HELPER ": it is started by drupe and the tenders, with a "
                                       "socket to the image; see drupe help run\n");
        return 1;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    ignore_terminal();
    g_log_set_writer_func(quiet, NULL, NULL);
    struct gateway *g = begin(argv[1], &e);
    if (!g) {
        say(e.text);
        return 1;
    }
    if (say(USERNET_READY) == 0)
        gateway_serve(g);
    return 0;
}
