/* SPDX-License-Identifier: ISC */
#include "host/usernet.h"
#include "host/gateway/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Descriptors are moved here before the helper's are put in their places, so that
 * putting one in place never closes another. */
#define OUT_OF_THE_WAY 16

struct ends {
    int ours, theirs;
};

static void close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int move_up(int *fd)
{
    int up = fcntl(*fd, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
    if (up < 0)
        return -1;
    close(*fd);
    *fd = up;
    return 0;
}

/* The link: as much room as the host grants, so that a burst waits in the socket
 * instead of being lost (a lost frame costs libslirp half a second). */
static int open_link(struct ends *link)
{
    int fds[2], room = USERNET_LINK_ROOM;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
        return -1;
    *link = (struct ends){fds[0], fds[1]};
    setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    return move_up(&link->theirs);
}

static int open_word(struct ends *word)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) < 0)
        return -1;
    *word = (struct ends){fds[0], fds[1]};
    return move_up(&word->theirs);
}

/* The helper stands beside the running program, or, for an image that is itself the
 * program (build/unix/x.unix), in the bin folder beside its folder. */
static int find_helper(char *path, size_t size, struct error *e)
{
    char exe[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (n < 0)
        return fail_errno(e, "cannot tell where this program is (/proc/self/exe)");
    exe[n] = '\0';
    char *slash = strrchr(exe, '/');
    if (!slash)
        return fail(e, "cannot tell where this program is");
    *slash = '\0';
    static const char *const folders[] = {"", "/../bin"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        int len = snprintf(path, size, "%s%s/" USERNET_HELPER, exe, folders[i]);
        if (len > 0 && (size_t)len < size && access(path, X_OK) == 0)
            return 0;
    }
    return fail(e, "%s is not in %s: run make there", USERNET_HELPER, exe);
}

static int prepare(posix_spawn_file_actions_t *files, posix_spawnattr_t *attr, int link,
                   int word)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    return posix_spawn_file_actions_addopen(files, 0, "/dev/null", O_RDONLY, 0) ||
           posix_spawn_file_actions_addopen(files, 1, "/dev/null", O_WRONLY, 0) ||
           posix_spawn_file_actions_adddup2(files, link, USERNET_LINK_FD) ||
           posix_spawn_file_actions_adddup2(files, word, USERNET_WORD_FD) ||
           posix_spawn_file_actions_addclosefrom_np(files, USERNET_WORD_FD + 1) ||
           posix_spawnattr_setsigmask(attr, &none) ||
           posix_spawnattr_setsigdefault(attr, &all) ||
           posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

/* Its environment is empty: libslirp and glib obey variables. */
static int spawn_helper(const char *path, const char *spec, int link, int word, pid_t *pid,
                        struct error *e)
{
    char name[] = USERNET_HELPER, *words = strdup(spec), *none[] = {NULL};
    char *argv[] = {name, words, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attr);
    int err = words ? prepare(&files, &attr, link, word) : ENOMEM;
    if (err == 0)
        err = posix_spawn(pid, path, &files, &attr, argv, none);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&files);
    free(words);
    if (err == 0)
        return 0;
    errno = err;
    return fail_errno(e, "cannot start %s", path);
}

/* Waits for the helper's one line: "ready", or what is wrong. */
static int hear(int fd, struct error *e)
{
    char line[sizeof e->text];
    size_t len = 0;
    while (len < sizeof line - 1) {
        ssize_t n = read(fd, line + len, sizeof line - 1 - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        len += (size_t)n;
    }
    line[len] = '\0';
    line[strcspn(line, "\n")] = '\0';
    if (strcmp(line, USERNET_READY) == 0)
        return 0;
    return fail(e, "%s", len ? line : "the user-mode network's helper ended before it began");
}

static int start(const char *spec, struct ends *link, struct ends *word, struct usernet *out,
                 struct error *e)
{
    char path[PATH_MAX + 32];
    pid_t pid;
    if (find_helper(path, sizeof path, e) < 0)
        return -1;
    if (open_link(link) < 0 || open_word(word) < 0)
        return fail_errno(e, "cannot make the user-mode network's socket");
    if (spawn_helper(path, spec, link->theirs, word->theirs, &pid, e) < 0)
        return -1;
    close_end(&word->theirs);
    if (hear(word->ours, e) < 0) {
        close_end(&link->ours);
        close_end(&link->theirs);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
        return -1;
    }
    *out = (struct usernet){.fd = link->ours, .pid = pid, .mtu = USERNET_MTU};
    link->ours = -1;
    return 0;
}

int usernet_start(const char *spec, struct usernet *out, struct error *e)
{
    struct usernet_spec checked;
    struct ends link = {-1, -1}, word = {-1, -1};
    if (usernet_spec_parse(spec, &checked, e) < 0)
        return -1;
    int r = start(spec, &link, &word, out, e);
    close_end(&link.ours);
    close_end(&link.theirs);
    close_end(&word.ours);
    close_end(&word.theirs);
    return r;
}
