/* SPDX-License-Identifier: ISC */
#include "tests/hvttender/support.h"

#include <fcntl.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

const char *no_kvm(void)
{
    int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return "/dev/kvm cannot be opened";
    int vm = ioctl(fd, KVM_CREATE_VM, 0);
    close(fd);
    if (vm < 0)
        return "KVM makes no virtual machine";
    close(vm);
    return NULL;
}

const char *refusal_wrong(struct tender *t, const char *line, const char *why)
{
    if (tender_run(t, line) != 1)
        return "does not end with 1";
    if (strncmp(t->text, "drupe-hvt: ", 11) != 0)
        return "says nothing of the tender's";
    if (strchr(t->text, '\n') != t->text + t->len - 1)
        return "says more than a line";
    return strstr(t->text, why) ? NULL : "says something else";
}

static char path_of_file[64];

static void remove_file(void)
{
    unlink(path_of_file);
}

const char *file_with(const void *content, size_t len)
{
    char *path = path_of_file;
    if (path[0])
        remove_file();
    else
        atexit(remove_file);
    snprintf(path, sizeof path_of_file, "/tmp/drupe-test-XXXXXX");
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, content, len) != (ssize_t)len)
        abort();
    close(fd);
    return path;
}

const char *command(const char *fmt, const char *path)
{
    static char line[300];
    const char *at = strchr(fmt, '@');
    snprintf(line, sizeof line, "%.*s%s%s", (int)(at - fmt), fmt, path, at + 1);
    return line;
}
