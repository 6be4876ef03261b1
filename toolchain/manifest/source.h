/* SPDX-License-Identifier: ISC */
#ifndef TOOLCHAIN_MANIFEST_SOURCE_H
#define TOOLCHAIN_MANIFEST_SOURCE_H

/* An application's devices, on their way from its Makefile, or from Solo5's manifest.json,
 * to the C source of the manifest note. */

#include <abi/manifest.h>
#include <stdio.h>

#define DEVICES_MAX (ABI_MANIFEST_ENTRIES_MAX - 1)

struct devices {
    unsigned n;
    struct {
        char name[ABI_MANIFEST_NAME_SIZE];
        enum abi_device type;
    } device[DEVICES_MAX];
    char error[256]; /* one line that says why a call failed, without a newline */
};

/* Declares one more device. Returns 0, or -1: a name that is not 1 to 67 letters and
 * digits, one that is there already, or more than DEVICES_MAX. */
int devices_add(struct devices *d, const char *name, enum abi_device type);

/* Declares the devices of a manifest.json, a string. Returns 0, or -1: not JSON, not a
 * manifest of version 1, a key that is unknown, missing or there twice, an unknown
 * type, or what devices_add refuses. */
int devices_read_json(struct devices *d, const char *text);

/* Writes the source that defines drupe_manifest_note. */
void devices_print(const struct devices *d, FILE *out);

#endif
