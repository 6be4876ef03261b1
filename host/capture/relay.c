/* SPDX-License-Identifier: ISC */
#include "host/capture/relay.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define FRAME_MAX (OFFLOAD_HEADER_LEN + OFFLOAD_FRAME_MAX)

/* One way of a device: from the link to the device, or back. */
struct way {
    int from, to;
    unsigned interface;
    bool inbound;
    uint8_t features;
    bool over;           /* the two descriptors are closed */
    unsigned held, next; /* frames that were read; the first of them not handed on */
    struct record_frame frame[RECORD_BATCH];
    uint8_t *room; /* for a batch; pages that no frame ever touched are not there */
};

static struct way *ways;
static unsigned count;

static void init(struct way *w, const struct relay_device *d, unsigned interface, bool inbound)
{
    *w = (struct way){.from = inbound ? d->fd : d->link,
                      .to = inbound ? d->link : d->fd,
                      .interface = interface,
                      .inbound = inbound,
                      .features = d->features,
                      .room = malloc((size_t)RECORD_BATCH * FRAME_MAX)};
}

int relay_open(const struct relay_device *device, unsigned devices, struct error *e)
{
    ways = calloc((size_t)2 * devices, sizeof *ways);
    for (unsigned i = 0; ways && i < devices; i++) {
        init(&ways[count++], &device[i], i, false);
        init(&ways[count++], &device[i], i, true);
    }
    for (unsigned i = 0; i < count; i++)
        if (!ways[i].room)
            return fail(e, "no memory to capture with");
    return ways ? 0 : fail(e, "no memory to capture with");
}

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

/* Both ways of the device end together: the other side sees that this one is gone. */
static void end(struct way *w)
{
    struct way *first = &ways[2 * w->interface];
    close(first->from);
    close(first->to);
    first[0].over = first[1].over = true;
}

/* An empty frame and a closed end look alike but for the hang-up. */
static bool hung_up(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR)) != 0;
}

/* False when there will be no more. */
static bool fill(struct way *w)
{
    w->held = w->next = 0;
    while (w->held < RECORD_BATCH) {
        uint8_t *at = w->room + (size_t)w->held * FRAME_MAX;
        ssize_t n = read(w->from, at, FRAME_MAX);
        if (n > 0)
            w->frame[w->held++] = (struct record_frame){at, (size_t)n};
        else if (n < 0 && errno == EAGAIN)
            return true;
        else if (n < 0 ? errno != EINTR : hung_up(w->from))
            return false;
    }
    return true;
}

/* As many as the other side takes now. What it refuses (a tap that is down) is lost, as it
 * would be without this process. False when it is gone. */
static bool hand_on(struct record *r, struct way *w)
{
    while (w->next < w->held) {
        const struct record_frame *f = &w->frame[w->next];
        ssize_t n = write(w->to, f->at, f->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return true;
        if (n < 0 && (errno == EPIPE || errno == ECONNRESET || errno == EBADFD))
            return false;
        r->interface[w->interface].lost += n < 0;
        w->next++;
    }
    return true;
}

static bool holds(const struct way *w)
{
    return w->next < w->held;
}

static void serve(struct record *r, struct way *w)
{
    bool more = true;
    if (!holds(w)) {
        more = fill(w);
        record_frames(r, w->interface, w->inbound, w->features, w->frame, w->held, now());
    }
    if (!hand_on(r, w) || !more)
        end(w);
}

/* What each way waits for; how many do. */
static unsigned watch(struct pollfd *p)
{
    unsigned alive = 0;
    for (unsigned i = 0; i < count; i++) {
        const struct way *w = &ways[i];
        p[i] = (struct pollfd){.fd = w->over    ? -1
                                     : holds(w) ? w->to
                                                : w->from,
                               .events = holds(w) ? POLLOUT : POLLIN};
        alive += !w->over;
    }
    return alive;
}

void relay_run(struct record *r)
{
    static struct pollfd p[2 * 63];
    record_begin(r, now());
    while (watch(p) > 0) {
        int n = poll(p, count, -1);
        for (unsigned i = 0; n > 0 && i < count; i++)
            if (p[i].revents && !ways[i].over)
                serve(r, &ways[i]);
    }
    record_end(r, now());
}
