/* SPDX-License-Identifier: ISC */
#ifndef STACK_DEVICE_H
#define STACK_DEVICE_H

/* A network device in the event loop: frames in, at most DEVICE_FRAMES_A_TURN a turn, all
 * through one buffer; frames out. A device that is not in use any more stays in the loop
 * and its frames are read and forgotten, because one that is never read would keep the
 * image from sleeping. */

#include "base/octets.h"
#include "plat/plat.h"
#include "rt/loop.h"

/* Who uses a device. None of these may close it. */
struct device_user {
    /* A frame arrived; it is the callee's for the time of the call. */
    void (*frame)(void *ctx, struct bytes frame, const struct offload *work, uint64_t now);
    /* The tasks have run: what is pending is to be sent. Once every turn. */
    void (*turn)(void *ctx, uint64_t now);
    /* Whether something is still to be delivered: the image's end waits for it a while. */
    bool (*pending)(void *ctx);
    /* Reading failed for good: the device is gone. Called once, at the end of a turn. */
    void (*gone)(void *ctx);
};

struct device_counts {
    uint64_t frames_in, frames_out; /* taken in, handed over */
    uint64_t full;                  /* frames lost because the device was full */
    uint64_t malformed;             /* dropped: what the device said of them makes no sense */
    uint64_t write_errors; /* frames lost because it refused them: its host side is down */
};

struct device {
    struct loop_source source;
    const struct device_user *user; /* NULL when not in use */
    void *ctx;
    const char *name; /* as declared */
    int handle;
    bool gone, gone_told;
    struct plat_net_info info;
    struct device_counts counts;
    uint8_t room[]; /* for a frame that arrives: info.room octets */
};

/* What is known of a declared device; false when there is none of that name. */
bool device_info(const char *name, struct plat_net_info *info);

/* Opens the declared device. 0, -ENODEV, -EBUSY (in use), -EIO (gone), -ENOMEM. */
int device_open(const char *name, const struct device_user *user, void *ctx,
                struct device **out);
/* The user's ctx of the device of handle `n`, 0..PLAT_DEVICE_MAX; NULL when there is none, or
 * the device is gone. */
void *device_ctx(unsigned n);
void device_close(struct device **d);

/* As plat_net_write. 0, -EAGAIN (full), -EIO; what was lost is counted. */
int device_send(struct device *d, const struct bytes *part, unsigned parts,
                const struct offload *work);

/* Forgets every device, as before start-up: for tests, which start more than once. */
void device_forget_all(void);

#endif
