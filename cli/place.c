/* SPDX-License-Identifier: ISC */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The folder this program is in. */
static int place_bin(char *out, struct error *e)
{
    ssize_t n = readlink("/proc/self/exe", out, CLI_PATH - 1);
    if (n < 0)
        return fail_errno(e, "cannot tell where this program is (/proc/self/exe)");
    out[n] = '\0';
    char *slash = strrchr(out, '/');
    if (slash)
        *slash = '\0';
    return 0;
}

static int join(char *out, const char *dir, const char *rest, struct error *e)
{
    int n = snprintf(out, CLI_PATH, "%s%s", dir, rest);
    return n > 0 && n < CLI_PATH ? 0 : fail(e, "the path of %s is too long", rest);
}

int place_tree(char *out, struct error *e)
{
    static const char below[] = "/build/bin";
    char bin[CLI_PATH], rules[CLI_PATH];
    if (place_bin(bin, e) < 0)
        return -1;
    size_t len = strlen(bin), tail = sizeof below - 1;
    if (len > tail && strcmp(bin + len - tail, below) == 0) {
        bin[len - tail] = '\0';
        if (join(rules, bin, "/toolchain/app.mk", e) == 0 && access(rules, R_OK) == 0)
            return join(out, bin, "", e);
    }
    return fail(e, "this drupe is not in the build/bin folder of its tree: run that one");
}

int place_program(const char *name, char *out, struct error *e)
{
    char bin[CLI_PATH];
    if (place_bin(bin, e) < 0)
        return -1;
    int n = snprintf(out, CLI_PATH, "%s/%s", bin, name);
    if (n < 0 || n >= CLI_PATH || access(out, X_OK) != 0)
        return fail(e, "%s is not in %.200s: run make there", name, bin);
    return 0;
}
