/* SPDX-License-Identifier: ISC */
/* drupe: makes, builds, runs and looks at unikernels. */
#include "cli/cli.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int dispatch(int argc, char **argv, struct error *e)
{
    static char help[] = "help";
    if (argc < 2)
        return misused(e, "say what to do: new, build, run, ... (drupe help lists all)");
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "version") == 0) {
        printf("drupe " CLI_VERSION "\n");
        return 0;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        argv[1] = help;
    const struct command *c = command_find(argv[1]);
    if (!c)
        return misused(e, "'%.100s' is not a command: drupe help lists them", argv[1]);
    for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0) {
            printf("%s", c->help);
            return 0;
        }
    return c->run(argc - 1, argv + 1, e);
}

/* In the place of a standard descriptor that is closed a file or a socket would be
 * opened, and what is printed would be written to it. */
static int keep_standard_descriptors(struct error *e)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
            return fail_errno(e, "cannot open /dev/null");
    return 0;
}

int main(int argc, char **argv)
{
    struct error e = {{0}};
    int r = keep_standard_descriptors(&e);
    if (r == 0)
        r = dispatch(argc, argv, &e);
    if (r >= 0)
        return r;
    fflush(stdout);
    fprintf(stderr, "drupe: %s\n", e.text);
    return r == CLI_MISUSED ? 64 : EXIT_FAILURE;
}
