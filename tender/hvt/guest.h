/* SPDX-License-Identifier: ISC */
#ifndef TENDER_HVT_GUEST_H
#define TENDER_HVT_GUEST_H

/* An image and what it asks for, without a virtual machine: memory, devices, calls. All
 * of it runs natively, and is fuzzed so.
 *
 * What the image does wrong against the contract ends it: a call returns -1 with the line
 * that says so. What the host cannot do (a full disk, a network that is down) is reported
 * to the image or counted, and ends nothing. */

#include "host/manifest.h"
#include "tender/hvt/memory.h"

#include <signal.h>

/* What --stats prints of a network, kept by each thread for itself. */
struct net_stats {
    uint64_t sent, received; /* frames */
    uint64_t lost;           /* frames the host did not take */
    uint64_t ends;           /* devices whose other side is gone */
};

struct netring;

struct guest {
    struct memory memory;
    struct manifest manifest;
    int console;
    int epollfd, timerfd;
    /* Set by whoever wants the image to end (a signal): a call that waits gives up. */
    volatile sig_atomic_t *ending;
    struct netring *ring; /* the network ring, which RECEIVE serves too; NULL: none */

    uint64_t calls[HVT_CALLS_END];
    struct net_stats net;
    uint64_t console_lost; /* octets */

    /* After CALL_HALT: */
    bool ended;
    int exit_status;
    bool has_cookie;
    uint8_t cookie[HVT_COOKIE_LEN];
};

enum call_result { CALL_DONE, CALL_HALT };

/* The image makes call number n with the structure at `at`. Returns an enum call_result,
 * or -1: the call is malformed. May wait (POLL; a console that does not take it). */
int guest_call(struct guest *g, unsigned n, struct gpa at, struct error *e);

/* "PUTS" and so on, or NULL: there is no such call. */
const char *guest_call_name(unsigned n);

/* ---- Devices, for the calls and for the network ring ----------------------- */

/* The device with this handle if it is of this type, or NULL. */
const struct abi_manifest_entry *guest_device(const struct guest *g, uint64_t handle,
                                              enum abi_device type);

/* Send a frame; an enum hvt_result. A frame that the host does not take now is lost, as
 * on any network, and counted: OK. EINVAL when no host would. */
int net_send(const struct abi_manifest_entry *d, struct bytes frame, struct net_stats *stats);

/* The same for one in parts, of which there are at most HVT_SEND_PARTS_MAX. */
int net_send_parts(const struct abi_manifest_entry *d, const struct bytes *part, unsigned parts,
                   struct net_stats *stats);

/* Take a frame into room of `*len` octets, and its length to `*len`. AGAIN when there
 * is none. A device whose other side is gone is EUNSPEC once, is waited for no more, and
 * has no frames from then on. */
int net_receive(const struct guest *g, const struct abi_manifest_entry *d, uint8_t *room,
                uint64_t *len, struct net_stats *stats);

/* Takes frames in turn from the networks in `wanted` until there are none or room for another
 * is not left; see struct hvt_receive. */
struct intake {
    uint8_t *room;
    uint32_t len, frame_max; /* octets */
    uint32_t used;           /* out, as are the rest */
    int32_t frames;
    uint64_t more_set; /* networks that were not emptied */
    uint64_t lost_set; /* networks whose other side turned out to be gone */
};
void net_take_in(const struct guest *g, uint64_t wanted, struct intake *in,
                 struct net_stats *stats);

/* Read or write `len` octets at `offset`, all or EINVAL (not within the device) or
 * EUNSPEC (the host failed). */
bool block_holds(const struct abi_manifest_entry *d, uint64_t offset, uint64_t len);
int block_read(const struct abi_manifest_entry *d, uint64_t offset, uint8_t *to, uint64_t len);
int block_write(const struct abi_manifest_entry *d, uint64_t offset, struct bytes from);
/* What was written is on the disk; what is there is not needed any more. OK, EUNSPEC, or
 * ENOTSUP: this host cannot. */
int block_flush(const struct abi_manifest_entry *d);
int block_discard(const struct abi_manifest_entry *d, uint64_t offset, uint64_t len);

/* Wait for a frame, or so long; what POLL does. */
struct poll_result {
    uint64_t ready_set;
    int ready;
};
struct poll_result guest_wait(const struct guest *g, uint64_t timeout_ns);

/* The data of the timer's events in the wait set: no handle. */
#define GUEST_TIMER_EVENT 0xFFFFFFFEULL

#endif
