/* SPDX-License-Identifier: ISC */
#include "tender/hvt/core.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PAGE 4096U

static int no_files_there(const char *dir, struct error *e)
{
    return fail_errno(e, "--dumpcore=%.200s: name a folder in which files can be made", dir);
}

int core_prepare(struct core *c, const char *dir, struct error *e)
{
    *c = (struct core){.path = dir, .dir = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (c->dir < 0)
        return no_files_there(dir, e);
    if (faccessat(c->dir, ".", W_OK | X_OK, AT_EACCESS) != 0)
        return no_files_there(dir, e);
    snprintf(c->name, sizeof c->name, "core.drupe-hvt.%d", (int)getpid());
    c->fd = fcntl(c->dir, F_DUPFD_CLOEXEC, 0);
    if (c->fd < 0)
        return fail_errno(e, "too many files are open for a core dump");
    (void)close(c->fd);
    return 0;
}

static int write_at(int fd, const uint8_t *from, uint64_t len, uint64_t at)
{
    while (len > 0) {
        ssize_t n = pwrite(fd, from, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        from += n, at += (uint64_t)n, len -= (uint64_t)n;
    }
    return 0;
}

static bool is_zero(const uint8_t *page)
{
    static const uint8_t zero[PAGE];
    return memcmp(page, zero, PAGE) == 0;
}

/* The pages that are not zero, neighbours at once. The last octet gives the file its length. */
static int write_memory(int fd, const struct memory *m)
{
    uint64_t end;
    for (uint64_t at = 0; at < m->allocated; at = end) {
        end = at + PAGE;
        if (is_zero(m->at + at))
            continue;
        while (end < m->allocated && !is_zero(m->at + end))
            end += PAGE;
        if (write_at(fd, m->at + at, end - at, CORE_HEAD + at) != 0)
            return -1;
    }
    return write_at(fd, m->at + m->allocated - 1, 1, CORE_HEAD + m->allocated - 1);
}

int core_write(const struct core *c, const struct cpu *cpu, const struct memory *m,
               struct error *e)
{
    static uint8_t head[CORE_HEAD];
    int fd = openat(c->dir, c->name, CORE_FLAGS, CORE_MODE);
    if (fd < 0)
        return fail_errno(e, "no core dump: %.200s/%s cannot be made", c->path, c->name);
    if (memory_show_all(m) != 0)
        return fail_errno(e, "no core dump: the image's memory cannot be read");
    core_head(head, cpu, m->allocated);
    if (write_at(fd, head, sizeof head, 0) != 0 || write_memory(fd, m) != 0)
        return fail_errno(e, "the core dump %.200s/%s is not whole", c->path, c->name);
    return 0;
}
