/* SPDX-License-Identifier: ISC */
/* drupe-manifest [--net=NAME | --block=NAME | --json=FILE]... OUT.c */
#include "toolchain/manifest/source.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define JSON_MAX 65536

/* The value when `arg` is --NAME=VALUE. */
static const char *value_of(const char *arg, const char *name)
{
    size_t len = strlen(name);
    return strncmp(arg, name, len) == 0 && arg[len] == '=' ? arg + len + 1 : NULL;
}

static int read_file(struct devices *d, const char *path)
{
    static char text[JSON_MAX + 1];
    FILE *f = fopen(path, "r");
    if (!f) {
        snprintf(d->error, sizeof d->error, "%s", strerror(errno));
        return -1;
    }
    size_t len = fread(text, 1, sizeof text, f);
    fclose(f);
    if (len > JSON_MAX || memchr(text, 0, len)) {
        snprintf(d->error, sizeof d->error, "it is not a manifest");
        return -1;
    }
    text[len] = 0;
    return devices_read_json(d, text);
}

/* Returns 0, or -1 with *of set to what the error is of. */
static int take(struct devices *d, const char *arg, const char **of)
{
    const char *value;
    *of = "devices";
    if ((value = value_of(arg, "--net")))
        return devices_add(d, value, ABI_DEVICE_NET);
    if ((value = value_of(arg, "--block")))
        return devices_add(d, value, ABI_DEVICE_BLOCK);
    if ((value = value_of(arg, "--json"))) {
        *of = value;
        return read_file(d, value);
    }
    snprintf(d->error, sizeof d->error, "%s is unknown: use --net, --block or --json", arg);
    return -1;
}

int main(int argc, char **argv)
{
    static struct devices devices;
    if (argc < 2) {
        fprintf(stderr,
                "usage: drupe-manifest [--net=NAME | --block=NAME | --json=FILE]... OUT.c\n");
        return 1;
    }
    for (int i = 1; i < argc - 1; i++) {
        const char *of;
        if (take(&devices, argv[i], &of) < 0) {
            fprintf(stderr, "%s: %s\n", of, devices.error);
            return 1;
        }
    }
    FILE *out = fopen(argv[argc - 1], "w");
    if (out)
        devices_print(&devices, out);
    if (!out || fclose(out) != 0) {
        fprintf(stderr, "%s: %s\n", argv[argc - 1], strerror(errno));
        return 1;
    }
    return 0;
}
