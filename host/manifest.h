/* SPDX-License-Identifier: ISC */
#ifndef HOST_MANIFEST_H
#define HOST_MANIFEST_H

/* The devices an image declares, and what has been attached to them. */

#include "base/octets.h"
#include "host/error.h"

#include <abi/manifest.h>
#include <stdbool.h>
#include <stdio.h>

/* A struct abi_manifest with room for the most entries. */
struct manifest {
    uint32_t version;
    uint32_t entries; /* 1..64; entry 0 is reserved */
    struct abi_manifest_entry entry[ABI_MANIFEST_ENTRIES_MAX];
    /* Not handed over with it. By enum offload_feature: what of networks the image
     * understands, and what is on for each. */
    uint8_t understood;
    uint8_t features[ABI_MANIFEST_ENTRIES_MAX];
    bool more_blocks; /* ABI_BLOCK_MORE: the image understands it, and the sandbox allows it */
};
_Static_assert(offsetof(struct manifest, entry) == sizeof(struct abi_manifest), "manifest");

/* Reads a manifest as it stands in an image's note. Strict: the length is exact,
 * names are [A-Za-z0-9]{1,67} and differ, types are known, nothing is attached.
 * `out` is written only when it holds; what is not declared in it is zero. */
int manifest_parse(struct bytes in, struct manifest *out, struct error *e);

/* The handle of the device `name` (len octets) of this type, or 0. */
unsigned manifest_find(const struct manifest *m, const char *name, size_t len,
                       enum abi_device type);

/* The octets that the manifest takes in the guest's memory. */
size_t manifest_size(const struct manifest *m);

/* "network" or "block". */
const char *manifest_type_text(uint32_t type);

/* Whether [A-Za-z0-9]{1,67}. */
bool manifest_name_ok(const char *name, size_t len);

/* Prints it as the JSON that declares such devices (Solo5's manifest.json). */
void manifest_print(const struct manifest *m, FILE *to);

#endif
