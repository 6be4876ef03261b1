/* SPDX-License-Identifier: ISC */
#ifndef CLI_IMAGE_H
#define CLI_IMAGE_H

/* An image's file: what it is for, and the devices it declares. */

#include "host/elf.h"

#include <stdbool.h>

struct image {
    const char *target; /* "spt", "hvt", ..., or "unix" for an ordinary program */
    bool program;       /* of the unix target: `elf` is not filled in but its manifest */
    struct elf_image elf;
};

/* Reads it. A program of the unix target is known by its name, NAME.unix, and is run
 * with --manifest to hear its devices if `ask` says so. */
int image_read(const char *path, bool ask, struct image *out, struct error *e);

/* The devices of a program, from the JSON that it prints. */
int image_manifest_json(const char *json, struct manifest *out, struct error *e);

#endif
