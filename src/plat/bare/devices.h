/* SPDX-License-Identifier: ISC */
#ifndef PLAT_BARE_DEVICES_H
#define PLAT_BARE_DEVICES_H

/* The devices, as the tender's manifest tells them; finding one by its name is the same on
 * every target (plat_net_acquire and its like are here), using it is not. */

#include "base/offload.h"

#include <abi/manifest.h>
#include <stdbool.h>
#include <stddef.h>

#define ETHERNET_HEADER 14U

/* Set by start-up; constant from then on. */
extern const struct abi_manifest *devices_manifest;

/* By handle, what of enum offload_feature is on for each network device; NULL for none of all.
 * Set by start-up too; each target's plat_net_read and plat_net_write know what it means. */
extern const uint8_t *devices_features;
uint32_t device_features(int handle);

/* Whether plat_net_write may be asked for this: the parts' length in *len. */
bool device_takes(const struct abi_manifest_entry *e, uint32_t features,
                  const struct bytes *part, unsigned parts, const struct offload *work,
                  size_t *len);

/* The entry `handle` when it is an attached device of this type, else NULL. */
const struct abi_manifest_entry *device_at(int handle, enum abi_device type);

/* Frames are read into memory of the target's own, and none of the reader's is needed. Set by
 * start-up. */
extern bool devices_hold_frames;

/* What of enum plat_block_feature the tender offers, for all block devices. Set by start-up. */
extern uint32_t devices_block_features;

/* Whether [offset, offset + len) is whole blocks of the block device, at least one. */
bool device_has_blocks(const struct abi_manifest_entry *e, uint64_t offset, uint64_t len);

/* The other end of the network device is gone: it will never carry a frame again. Returns -EIO
 * the first time, then -EAGAIN: there is nothing to read. */
int device_lose(int handle);
bool device_is_lost(int handle);

/* Of the devices that a wait found `ready`, those that are not lost. A lost one is ready for
 * ever on spt, and no call takes it out of what is waited for: waiting would be spinning. An
 * image that waited (`slept`) and was woken by lost ones alone ends instead. */
uint64_t devices_ready(uint64_t ready, bool slept);

#endif
