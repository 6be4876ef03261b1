/* SPDX-License-Identifier: ISC */
#include "host/usernet.h"
#include "host/gateway/wire.h"
#include "host/helper.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pid_t start(const char *spec, int link, struct error *e)
{
    char name[] = USERNET_HELPER, *words = strdup(spec);
    char *argv[] = {name, words, NULL};
    const struct helper helper = {.name = name, .argv = argv, .fd = &link, .fds = 1};
    pid_t pid =
        words ? helper_start(&helper, e) : (pid_t)fail(e, "no memory to start " USERNET_HELPER);
    free(words);
    return pid;
}

int usernet_start(const char *spec, struct usernet *out, struct error *e)
{
    struct usernet_spec checked;
    int link[2];
    if (usernet_spec_parse(spec, &checked, e) < 0)
        return -1;
    if (helper_link(link) < 0)
        return fail_errno(e, "cannot make the user-mode network's socket");
    pid_t pid = start(spec, link[1], e);
    close(link[1]);
    if (pid < 0) {
        close(link[0]);
        return -1;
    }
    *out = (struct usernet){.fd = link[0], .pid = pid, .mtu = USERNET_MTU};
    return 0;
}
