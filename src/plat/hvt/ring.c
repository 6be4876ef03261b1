/* SPDX-License-Identifier: ISC */
/* The contract's transmit ring: the tender's thread takes frames from it while the image runs,
 * so that sending costs no exit but the kick when that thread sleeps. Nothing is answered; a
 * frame's memory is free again once the tender's index has passed it. */
#include "plat/hvt/call.h"
#include "plat/hvt/hvt.h"

#include <errno.h>
#include <string.h>

#define FULL_TURNS  20000U    /* to wait for room: about a millisecond */
#define DRAIN_TURNS 20000000U /* at the end: about a second */

static uint32_t tail; /* ours; what is in the ring is only for the tender to read */

static uint32_t outstanding(const struct hvt_ring *r)
{
    return tail - __atomic_load_n(&r->ent_head, __ATOMIC_ACQUIRE);
}

/* Waits until at most `most` frames are outstanding. */
static bool wait_for(const struct hvt_ring *r, uint32_t most, uint32_t turns)
{
    while (outstanding(r) > most) {
        if (!turns--)
            return false;
        __builtin_ia32_pause();
    }
    return true;
}

static void kick_if_asked(const struct hvt_ring *r)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (__atomic_load_n(&r->needs_kick, __ATOMIC_RELAXED))
        hvt_kick();
}

/* Under a tender of ours the call that waits sends what is in the ring, and a kick would be
 * one exit more; so it is for a ring that fills up. */
int hvt_ring_write(int handle, const struct bytes *part, unsigned parts)
{
    const struct hvt_layout *l = &hvt_layout;
    struct hvt_ring *r = l->ring;
    if (!wait_for(r, l->frames_count - 1, FULL_TURNS))
        return -EAGAIN;
    uint8_t *copy = l->frames + (size_t)(tail & (l->frames_count - 1)) * l->frame_len;
    size_t len = 0;
    for (unsigned i = 0; i < parts; len += part[i++].len)
        memcpy(copy + len, part[i].at, part[i].len);
    r->entry[tail % HVT_RING_SLOTS] = (struct hvt_ring_entry){.op = HVT_RING_WRITE,
                                                              .handle = (uint32_t)handle,
                                                              .data = (uintptr_t)copy,
                                                              .len = (uint32_t)len};
    __atomic_store_n(&r->ent_tail, ++tail, __ATOMIC_RELEASE);
    if (!l->received || outstanding(r) >= l->frames_count / 2)
        kick_if_asked(r);
    return 0;
}

void hvt_ring_drain(void)
{
    const struct hvt_ring *r = hvt_layout.ring;
    if (!r || !outstanding(r))
        return;
    kick_if_asked(r);
    wait_for(r, 0, DRAIN_TURNS);
}
