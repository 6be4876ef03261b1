/* SPDX-License-Identifier: ISC */
#include "host/capture.h"
#include "host/capture/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- The file -------------------------------------------------------------- */

/* The image's console moves to standard error, so that nothing stands between the frames. */
static int take_stdout(struct error *e)
{
    if (isatty(STDOUT_FILENO))
        return fail(e, "standard output is a terminal: lead it to a program, as in "
                       "| tcpdump -r -");
    int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (fd < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return fail_errno(e, "standard output");
    return fd;
}

/* What is no file has nothing to be lost. */
static int open_special(const char *path, struct error *e)
{
    struct stat st;
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return fail_errno(e, "cannot open '%.200s'", path);
    if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
        return fd;
    close(fd);
    return fail(e, "'%.200s' exists: remove it, or name another file", path);
}

static int open_file(const char *path, struct error *e)
{
    if (strcmp(path, "-") == 0)
        return take_stdout(e);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);
    if (fd < 0 && errno == EEXIST)
        return open_special(path, e);
    return fd >= 0 ? fd : fail_errno(e, "cannot make '%.200s'", path);
}

/* ---- The process ----------------------------------------------------------- */

/* Words and descriptors of the helper, and the image's ends. */
struct start {
    char word[CAPTURE_DEVICES_MAX][CAPTURE_WORD_MAX];
    char *argv[CAPTURE_DEVICES_MAX + 3];
    int fd[1 + 2 * CAPTURE_DEVICES_MAX];
    int image[CAPTURE_DEVICES_MAX];
    unsigned links;
};

static void put_word(char *out, const struct capture_device *d)
{
    snprintf(out, CAPTURE_WORD_MAX, "%u,%02x:%02x:%02x:%02x:%02x:%02x,%s,%.150s", d->features,
             d->mac[0], d->mac[1], d->mac[2], d->mac[3], d->mac[4], d->mac[5], d->name,
             d->attached);
}

static int link_all(struct start *s, const struct capture_device *device, unsigned devices,
                    struct error *e)
{
    for (unsigned i = 0; i < devices; i++) {
        int link[2];
        if (helper_link(link) < 0)
            return fail_errno(e, "cannot make a socket for " CAPTURE_HELPER);
        s->image[s->links++] = link[0];
        s->fd[1 + 2 * i] = link[1];
        s->fd[2 + 2 * i] = device[i].fd;
        put_word(s->word[i], &device[i]);
        s->argv[2 + i] = s->word[i];
    }
    return 0;
}

/* The image gets its ends in the devices' places: whoever adopted a descriptor by its number
 * finds the same number. */
static int hand_over(const struct start *s, const struct capture_device *device,
                     unsigned devices, struct error *e)
{
    for (unsigned i = 0; i < devices; i++)
        if (dup3(s->image[i], device[i].fd, O_CLOEXEC) < 0)
            return fail_errno(e, "cannot hand the device '%s' over", device[i].name);
    return 0;
}

int capture_start(const char *file, const struct capture_device *device, unsigned devices,
                  struct error *e)
{
    static struct start s;
    char name[] = CAPTURE_HELPER, text[CAPTURE_WORD_MAX];
    snprintf(text, sizeof text, "%.200s", file);
    s = (struct start){.argv = {name, text}};
    s.fd[0] = open_file(file, e);
    if (s.fd[0] < 0)
        return -1;
    const struct helper helper = {
        .name = name, .argv = s.argv, .fd = s.fd, .fds = 1 + 2 * (size_t)devices};
    int bad = link_all(&s, device, devices, e);
    if (!bad)
        bad = helper_start(&helper, e) < 0 ? -1 : hand_over(&s, device, devices, e);
    for (unsigned i = 0; i < s.links; i++) {
        close(s.image[i]);
        close(s.fd[1 + 2 * i]);
    }
    close(s.fd[0]);
    return bad;
}
