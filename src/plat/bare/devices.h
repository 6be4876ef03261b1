/* SPDX-License-Identifier: ISC */
#ifndef PLAT_BARE_DEVICES_H
#define PLAT_BARE_DEVICES_H

/* The devices, as the tender's manifest tells them; finding one by its name is the same on
 * every target (plat_net_acquire and its like are here), using it is not. */

#include <abi/manifest.h>
#include <stdbool.h>
#include <stddef.h>

#define ETHERNET_HEADER 14U

/* Set by start-up; constant from then on. */
extern const struct abi_manifest *devices_manifest;

/* The entry `handle` when it is an attached device of this type, else NULL. */
const struct abi_manifest_entry *device_at(int handle, enum abi_device type);

/* Whether [offset, offset + len) is one whole block of the block device. */
bool device_has_block(const struct abi_manifest_entry *e, uint64_t offset, size_t len);

#endif
