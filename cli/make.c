/* SPDX-License-Identifier: ISC */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int target_of(const char *given, const char **out, struct error *e)
{
    *out = given ? given : "spt";
    if (strcmp(*out, "spt") == 0 || strcmp(*out, "hvt") == 0 || strcmp(*out, "unix") == 0)
        return 0;
    return misused(e, "'%.40s' is not a target: there are spt, hvt and unix", given);
}

static void read_all(int fd, char *out, size_t size)
{
    size_t len = 0;
    ssize_t n;
    char rest[512];
    while ((n = len < size - 1 ? read(fd, out + len, size - 1 - len)
                               : read(fd, rest, sizeof rest)) > 0)
        if (len < size - 1)
            len += (size_t)n;
    out[len] = '\0';
}

static int ended(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return 127;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int spawn_wait(char *const argv[], char *out, size_t size, struct error *e)
{
    posix_spawn_file_actions_t files;
    int fds[2] = {-1, -1};
    pid_t pid;
    if (out && pipe2(fds, O_CLOEXEC) < 0)
        return fail_errno(e, "cannot make a pipe");
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, out ? fds[1] : 2, 1);
    int err = posix_spawnp(&pid, argv[0], &files, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    if (out) {
        close(fds[1]);
        if (err == 0)
            read_all(fds[0], out, size);
        close(fds[0]);
    }
    if (err == 0)
        return ended(pid);
    errno = err;
    return fail_errno(e, "cannot run %s", argv[0]);
}

/* A make that runs this drupe must not lead the make that it starts. */
static void forget_outer_make(void)
{
    unsetenv("MAKEFLAGS");
    unsetenv("MFLAGS");
    unsetenv("MAKELEVEL");
}

/* What make or its shell would take for something else in a path, or split it at. */
static int check_path(const char *dir, struct error *e)
{
    char path[PATH_MAX];
    if (!realpath(dir, path))
        return fail_errno(e, "%.200s", dir);
    for (const char *c = path; *c; c++)
        if ((unsigned char)*c <= ' ' || strchr("\"#$%&'()*:;<>?\\`|\x7f", *c))
            return fail(e, "make cannot build in %.250s: rename the folder, without '%c'", path,
                        *c);
    return 0;
}

static int check_folder(const char *dir, struct error *e)
{
    char path[CLI_PATH];
    struct stat st;
    if (stat(dir, &st) < 0)
        return fail_errno(e, "%.200s", dir);
    if (!S_ISDIR(st.st_mode))
        return fail(e, "%.200s is not a folder", dir);
    int n = snprintf(path, sizeof path, "%s/Makefile", dir);
    if (n < 0 || n >= CLI_PATH || access(path, R_OK) != 0)
        return fail(e, "%.200s has no Makefile: drupe new makes a folder that has one", dir);
    return check_path(dir, e);
}

int make_build(const char *dir, const char *target, struct error *e)
{
    char target_word[32];
    snprintf(target_word, sizeof target_word, "TARGET=%s", target);
    char *argv[] = {"make",      "-s", "--no-print-directory", "-C", (char *)(size_t)dir,
                    target_word, NULL};
    if (check_folder(dir, e) < 0)
        return -1;
    forget_outer_make();
    int status = spawn_wait(argv, NULL, 0, e);
    if (status > 0)
        return fail(e, "%.200s could not be built: make says why above", dir);
    return status;
}

/* Asks the Makefile itself, with a rule that prints what app.mk calls the image. */
int make_image(const char *dir, const char *target, char *out, struct error *e)
{
    char target_word[32];
    snprintf(target_word, sizeof target_word, "TARGET=%s", target);
    char *argv[] = {"make",
                    "-s",
                    "--no-print-directory",
                    "-C",
                    (char *)(size_t)dir,
                    target_word,
                    "--eval=drupe-image: ; @echo $(IMAGE)",
                    "drupe-image",
                    NULL};
    forget_outer_make();
    int status = spawn_wait(argv, out, CLI_PATH, e);
    if (status < 0)
        return -1;
    out[strcspn(out, "\n")] = '\0';
    if (status != 0 || !out[0])
        return fail(e, "%.200s/Makefile does not include toolchain/app.mk: see drupe new", dir);
    if (access(out, R_OK) != 0)
        return fail_errno(e, "%.300s", out);
    return 0;
}

const char help_build[] =
    "usage: drupe build [-t spt|hvt|unix] [DIR]\n"
    "Builds the image of the application in DIR (here, when not given), and says where it is.\n"
    "  -t, --target TARGET   spt, a process in a sandbox (the default); hvt, a virtual\n"
    "                        machine, which needs KVM (drupe doctor); unix, an ordinary\n"
    "                        program for the debugger and the sanitizers\n";

int cmd_build(int argc, char **argv, struct error *e)
{
    const char *given = NULL, *target;
    struct cli_list words = {0};
    char image[CLI_PATH], **rest;
    const struct cli_option options[] = {{.c = 't', .name = "target", .text = &given}, {0}};
    int r = cli_parse(argc, argv, options, &words, &rest, e);
    if (r != 0 || (r = target_of(given, &target, e)) != 0)
        return r;
    if (words.n > 1 || *rest)
        return misused(e, "build takes one folder");
    const char *dir = words.n ? words.at[0] : ".";
    if (make_build(dir, target, e) < 0 || make_image(dir, target, image, e) < 0)
        return CLI_FAILED;
    printf("%s\n", image);
    return 0;
}
