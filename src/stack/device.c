/* SPDX-License-Identifier: ISC */
#include "stack/device.h"
#include "rt/budget.h"
#include "stack/limits.h"
#include <drupe/log.h>

#include <errno.h>

/* By handle. */
static struct device *devices[PLAT_DEVICE_MAX + 1];

void device_forget_all(void)
{
    for (unsigned i = 0; i <= PLAT_DEVICE_MAX; i++)
        devices[i] = NULL;
}

/* A read that fails other than by -EAGAIN, or reads nothing (the end of a socket), will
 * not succeed again. */
static void lose(struct device *d, int error)
{
    d->gone = true;
    dr_log("net", DR_LOG_ERROR, "device %s is gone (error %d): its connections end", d->name,
           -error);
}

static bool poll(struct loop_source *s, uint64_t now)
{
    struct device *d = container_of(s, struct device, source);
    for (unsigned i = 0; i < DEVICE_FRAMES_A_TURN && !d->gone; i++) {
        struct plat_net_in in;
        int err = plat_net_read(d->handle, d->room, d->info.room, &in);
        if (err == -EAGAIN)
            return false;
        if (err == -EBADMSG) {
            d->counts.malformed++;
            continue;
        }
        if (err != 0) {
            lose(d, err);
            return false;
        }
        d->counts.frames_in++;
        if (d->user)
            d->user->frame(d->ctx, in.frame, &in.work, now);
    }
    return !d->gone;
}

static void flush(struct loop_source *s, uint64_t now)
{
    struct device *d = container_of(s, struct device, source);
    if (!d->user)
        return;
    d->user->turn(d->ctx, now);
    if (d->gone && !d->gone_told) {
        d->gone_told = true;
        d->user->gone(d->ctx);
    }
}

static bool pending(struct loop_source *s)
{
    const struct device *d = container_of(s, struct device, source);
    return d->user && !d->gone && d->user->pending(d->ctx);
}

static const char *declared_name(const char *name)
{
    const char *declared = NULL;
    for (unsigned n = 0; (declared = plat_net_name(n)) != NULL; n++)
        if (strcmp(declared, name) == 0)
            break;
    return declared;
}

static struct device *device_new(int handle, const char *name, const struct plat_net_info *info)
{
    struct device *d = supply_get(budget_of(BUDGET_NETWORK), sizeof *d + info->room);
    if (!d)
        return NULL;
    *d = (struct device){
        .source = {.ready_mask = UINT64_C(1) << handle,
                   .poll = poll,
                   .flush = flush,
                   .pending = pending},
        .name = name,
        .handle = handle,
        .info = *info,
    };
    list_init(&d->source.link);
    loop_add(&d->source);
    return d;
}

bool device_info(const char *name, struct plat_net_info *info)
{
    const char *declared = name ? declared_name(name) : NULL;
    return declared && plat_net_acquire(declared, info) > 0;
}

int device_open(const char *name, const struct device_user *user, void *ctx,
                struct device **out)
{
    struct plat_net_info info;
    const char *declared = name ? declared_name(name) : NULL;
    int handle = declared ? plat_net_acquire(declared, &info) : -ENODEV;
    if (handle < 0)
        return -ENODEV;
    struct device *d = devices[handle];
    if (d && d->user)
        return -EBUSY;
    if (d && d->gone)
        return -EIO;
    if (!d)
        d = devices[handle] = device_new(handle, declared, &info);
    if (!d)
        return -ENOMEM;
    d->user = user;
    d->ctx = ctx;
    d->counts = (struct device_counts){0};
    *out = d;
    return 0;
}

void *device_ctx(unsigned n)
{
    const struct device *d = n <= PLAT_DEVICE_MAX ? devices[n] : NULL;
    return d && d->user && !d->gone ? d->ctx : NULL;
}

void device_close(struct device **d)
{
    if (*d)
        (*d)->user = NULL;
    *d = NULL;
}

int device_send(struct device *d, const struct bytes *part, unsigned parts,
                const struct offload *work)
{
    int err = d->gone ? -EIO : plat_net_write(d->handle, part, parts, work);
    if (err == 0)
        d->counts.frames_out++;
    else if (err == -EAGAIN)
        d->counts.full++;
    else
        d->counts.write_errors++;
    return err;
}
