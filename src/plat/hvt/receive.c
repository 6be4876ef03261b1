/* SPDX-License-Identifier: ISC */
/* Receiving under a tender of ours: one call sends what is in the ring, waits, and fills a
 * buffer with all frames that came, of all networks. The image takes them from there, without a
 * copy, and makes the next call when it has taken the last.
 *
 * A network is wanted from the first read of it on; before, its frames are left where they are.
 * Once a call found a network empty, one read of it says so without another. */
#include "plat/bare/devices.h"
#include "plat/hvt/call.h"
#include "plat/hvt/hvt.h"
#include "plat/plat.h"

#include <errno.h>
#include <string.h>

static uint64_t wanted, empty, lost; /* bit n: network n */
static uint32_t used;                /* octets of the buffer with records */
static uint32_t unread;              /* frames in it */
static uint16_t unread_of[PLAT_DEVICE_MAX + 1];
static uint32_t
    next_of[PLAT_DEVICE_MAX + 1]; /* offset from which a network's next is looked for */

static const struct hvt_frame *record_at(uint32_t offset)
{
    return (const struct hvt_frame *)(const void *)(hvt_layout.received + offset);
}

static uint32_t record_len(const struct hvt_frame *r)
{
    return ((uint32_t)sizeof *r + r->len + HVT_FRAME_ALIGN - 1) & ~(HVT_FRAME_ALIGN - 1);
}

static uint64_t with_frames(void)
{
    uint64_t set = 0;
    for (uint32_t at = 0; at < used; at += record_len(record_at(at)))
        if (unread_of[record_at(at)->handle] > 0)
            set |= UINT64_C(1) << record_at(at)->handle;
    return set;
}

/* The buffer is empty. */
static uint64_t call(uint64_t timeout)
{
    struct hvt_receive r = {.timeout_nsecs = timeout,
                            .wanted = wanted,
                            .data = (uintptr_t)hvt_layout.received,
                            .len = hvt_layout.received_len,
                            .frame_max = hvt_layout.frame_max};
    hvt_call(HVT_RECEIVE, &r);
    used = r.used;
    memset(next_of, 0, sizeof next_of);
    for (uint32_t at = 0; at < used; at += record_len(record_at(at)), unread++)
        unread_of[record_at(at)->handle]++;
    empty = ~r.ready_set;
    lost |= r.lost_set;
    return with_frames() | r.ready_set | r.lost_set;
}

uint64_t hvt_receive_wait(uint64_t timeout)
{
    return unread ? with_frames() : call(timeout);
}

/* The network's next frame, or NULL. */
static const struct hvt_frame *take(int handle)
{
    if (!unread_of[handle])
        return NULL;
    const struct hvt_frame *r;
    do {
        r = record_at(next_of[handle]);
        next_of[handle] += record_len(r);
    } while (r->handle != (uint32_t)handle);
    unread_of[handle]--;
    unread--;
    return r;
}

static const struct hvt_frame *take_or_ask(int handle)
{
    const struct hvt_frame *r = take(handle);
    if (r || unread || (empty >> handle & 1))
        return r;
    call(0);
    return take(handle);
}

int hvt_receive_read(int handle, struct plat_net_in *in)
{
    uint64_t bit = UINT64_C(1) << handle;
    wanted |= bit;
    const struct hvt_frame *r = take_or_ask(handle);
    if (r) {
        struct bytes octets = bytes_of((const uint8_t *)(r + 1), r->len);
        return offload_take(device_features(handle), octets, &in->frame, &in->work) ? 0
                                                                                    : -EBADMSG;
    }
    empty &= ~bit;
    if (!(lost & bit))
        return -EAGAIN;
    lost &= ~bit;
    return device_lose(handle);
}
