/* SPDX-License-Identifier: ISC */
/* drupe-usernet: the user-mode network's process. Theory of operation:
 *
 * usernet_start (host/usernet.c) runs this program with one end of a socket pair; the
 * other end is the image's network device. Whatever the image writes there is a frame, and
 * comes to this process, which is a gateway: with the protocol cores of src/net it ends the
 * image's connections here and goes on with sockets of the host, and the other way round for
 * clients of published ports. So neither needs root, nor the image's sandbox a call for it.
 *
 *   main.c       arguments, the word to the parent, the order of things
 *   serve.c      the loop: epoll, the link, limits
 *   gateway.h    the relay, pure: gateway.c image.c streams.c flows.c packet.c policy.c
 *   sockets.c    the host's side of the relay
 *   link.c       the socket to the image and the frames that wait for it
 *   sandbox.c    what this process may do
 *
 * The order: bind the published ports (the last thing that may need a right), enter the
 * sandbox, say "ready", serve until the image's end closes. */
#include "host/gateway/sandbox.h"
#include "host/gateway/serve.h"
#include "host/gateway/wire.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

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

static struct server *begin(const char *words, struct error *e)
{
    struct usernet_spec spec;
    if (usernet_spec_parse(words, &spec, e) < 0)
        return NULL;
    struct server *s = serve_open(&spec, USERNET_LINK_FD, e);
    if (!s)
        return NULL;
    return usernet_sandbox(e) < 0 ? NULL : s;
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
    struct server *s = begin(argv[1], &e);
    if (!s) {
        say(e.text);
        return 1;
    }
    if (say(USERNET_READY) == 0)
        serve(s);
    return 0;
}
