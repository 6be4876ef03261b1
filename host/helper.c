/* SPDX-License-Identifier: ISC */
#include "host/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINK_ROOM (1 << 20) /* octets asked of each sending side of a link */

/* As much room as the host grants, so that a burst waits in the socket. */
int helper_link(int fds[2])
{
    int room = LINK_ROOM;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
        return -1;
    setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    return 0;
}

/* The helper stands beside the running program, or, for an image that is itself the
 * program (build/unix/x.unix), in the bin folder beside its folder. */
static int find(const char *name, char *path, size_t size, struct error *e)
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
        int len = snprintf(path, size, "%s%s/%s", exe, folders[i], name);
        if (len > 0 && (size_t)len < size && access(path, X_OK) == 0)
            return 0;
    }
    return fail(e, "%s is not in %s: run make there", name, exe);
}

/* ---- Descriptors ----------------------------------------------------------- */

/* Copies of the descriptors, above all the places they will have, so that putting one in its
 * place never closes another. The last is the pipe's. */
struct copies {
    int fd[HELPER_FDS_MAX + 1];
    size_t n;
};

static bool copy(struct copies *c, int fd)
{
    c->fd[c->n] = fcntl(fd, F_DUPFD_CLOEXEC, HELPER_FD + HELPER_FDS_MAX);
    return c->fd[c->n] >= 0 && ++c->n;
}

static bool copy_all(struct copies *c, const struct helper *h, int word)
{
    *c = (struct copies){.n = 0};
    for (size_t i = 0; i < h->fds; i++)
        if (!copy(c, h->fd[i]))
            return false;
    return copy(c, word);
}

static void close_all(const struct copies *c)
{
    for (size_t i = 0; i < c->n; i++)
        close(c->fd[i]);
}

static int place(posix_spawn_file_actions_t *files, const struct copies *c)
{
    int err = posix_spawn_file_actions_addopen(files, 0, "/dev/null", O_RDONLY, 0);
    if (!err)
        err = posix_spawn_file_actions_addopen(files, 1, "/dev/null", O_WRONLY, 0);
    if (!err)
        err = posix_spawn_file_actions_adddup2(files, c->fd[c->n - 1], HELPER_WORD_FD);
    for (size_t i = 0; !err && i + 1 < c->n; i++)
        err = posix_spawn_file_actions_adddup2(files, c->fd[i], HELPER_FD + (int)i);
    if (!err)
        err = posix_spawn_file_actions_addclosefrom_np(files, HELPER_WORD_FD + (int)c->n);
    return err;
}

/* ---- The process ----------------------------------------------------------- */

static int set_signals(posix_spawnattr_t *attr)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    return posix_spawnattr_setsigmask(attr, &none) ||
           posix_spawnattr_setsigdefault(attr, &all) ||
           posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

static int spawn(const char *path, const struct helper *h, const struct copies *c, pid_t *pid)
{
    char *none[] = {NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attr);
    int err = place(&files, c);
    if (!err)
        err = set_signals(&attr);
    if (!err)
        err = posix_spawn(pid, path, &files, &attr, h->argv, none);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&files);
    return err;
}

static int hear(const char *name, int fd, struct error *e)
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
    if (strcmp(line, HELPER_READY) == 0)
        return 0;
    return len ? fail(e, "%s", line) : fail(e, "%s ended before it began", name);
}

/* Until it is ready; `word` is both ends of the pipe, of which the writer's is closed. */
static pid_t start(const char *path, const struct helper *h, int word[2], struct error *e)
{
    struct copies copies;
    pid_t pid = -1;
    bool copied = copy_all(&copies, h, word[1]);
    int err = copied ? spawn(path, h, &copies, &pid) : errno;
    close_all(&copies);
    close(word[1]);
    if (err) {
        errno = err;
        return fail_errno(e, "cannot start %s", path);
    }
    if (hear(h->name, word[0], e) == 0)
        return pid;
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return -1;
}

pid_t helper_start(const struct helper *h, struct error *e)
{
    char path[PATH_MAX + 64];
    int word[2];
    if (find(h->name, path, sizeof path, e) < 0)
        return -1;
    if (pipe2(word, O_CLOEXEC) < 0)
        return fail_errno(e, "cannot make a pipe for %s", h->name);
    pid_t pid = start(path, h, word, e);
    close(word[0]);
    return pid;
}
