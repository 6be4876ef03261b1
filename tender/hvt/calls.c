/* SPDX-License-Identifier: ISC */
#include "tender/hvt/guest.h"
#include "tender/hvt/netring.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

static const char *const names[HVT_CALLS_END] = {
    [HVT_WALLTIME] = "WALLTIME",
    [HVT_PUTS] = "PUTS",
    [HVT_POLL] = "POLL",
    [HVT_BLOCK_WRITE] = "BLOCK_WRITE",
    [HVT_BLOCK_READ] = "BLOCK_READ",
    [HVT_NET_WRITE] = "NET_WRITE",
    [HVT_NET_READ] = "NET_READ",
    [HVT_HALT] = "HALT",
    [HVT_RECEIVE] = "RECEIVE",
    [HVT_SEAL] = "SEAL",
    [HVT_FLUSH] = "FLUSH",
    [HVT_DISCARD] = "DISCARD",
    [HVT_SEND] = "SEND",
};

const char *guest_call_name(unsigned n)
{
    return n < HVT_CALLS_END ? names[n] : NULL;
}

/* A call in progress. */
struct call {
    struct guest *g;
    const char *name;
    struct gpa at; /* of its structure */
};

static int not_its_own(const struct call *c, struct gpa at, uint64_t len, struct error *e)
{
    return fail(e,
                "the image was ended: its call %s names %lu octets at %#lx, which are not "
                "memory that it may use so",
                c->name, (unsigned long)len, (unsigned long)at.at);
}

/* Copies the call's structure, which must be one that can be written to as well when
 * there is something to answer. */
static int take(const struct call *c, void *to, uint64_t len, struct error *e)
{
    return memory_get(&c->g->memory, c->at, to, len) ? 0 : not_its_own(c, c->at, len, e);
}

static int take_to_answer(const struct call *c, void *to, uint64_t len, struct error *e)
{
    uint8_t *unused;
    if (!memory_room(&c->g->memory, c->at, len, &unused))
        return not_its_own(c, c->at, len, e);
    return take(c, to, len, e);
}

static int answer(const struct call *c, const void *from, uint64_t len, struct error *e)
{
    return memory_put(&c->g->memory, c->at, from, len) ? CALL_DONE
                                                       : not_its_own(c, c->at, len, e);
}

/* ---- Clock, console, waiting ----------------------------------------------- */

static int walltime(const struct call *c, struct error *e)
{
    struct timespec now = {0};
    struct hvt_walltime w;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    w.nsecs = (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
    return answer(c, &w, sizeof w, e);
}

/* The console is there for the best effort: what it does not take is lost. */
static int puts_(const struct call *c, struct error *e)
{
    struct hvt_puts p;
    struct bytes text;
    if (take(c, &p, sizeof p, e) != 0)
        return -1;
    if (!memory_view(&c->g->memory, gpa_of(p.data), p.len, &text))
        return not_its_own(c, gpa_of(p.data), p.len, e);
    while (text.len > 0 && !*c->g->ending) {
        ssize_t n = write(c->g->console, text.at, text.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        text = bytes_of(text.at + n, text.len - (size_t)n);
    }
    c->g->console_lost += text.len;
    return CALL_DONE;
}

static int poll_(const struct call *c, struct error *e)
{
    struct hvt_poll p;
    if (take_to_answer(c, &p, sizeof p, e) != 0)
        return -1;
    struct poll_result r = guest_wait(c->g, p.timeout_nsecs);
    p.ready_set = r.ready_set;
    p.ret = r.ready;
    return answer(c, &p, sizeof p, e);
}

/* ---- Devices --------------------------------------------------------------- */

const struct abi_manifest_entry *guest_device(const struct guest *g, uint64_t handle,
                                              enum abi_device type)
{
    if (handle >= g->manifest.entries)
        return NULL;
    const struct abi_manifest_entry *d = &g->manifest.entry[handle];
    return d->attached && d->type == (uint32_t)type ? d : NULL;
}

static int block(const struct call *c, bool writing, struct error *e)
{
    struct hvt_block b;
    struct bytes from;
    uint8_t *to;
    if (take_to_answer(c, &b, sizeof b, e) != 0)
        return -1;
    const struct abi_manifest_entry *d = guest_device(c->g, b.handle, ABI_DEVICE_BLOCK);
    if (writing ? !memory_view(&c->g->memory, gpa_of(b.data), b.len, &from)
                : !memory_room(&c->g->memory, gpa_of(b.data), b.len, &to))
        return not_its_own(c, gpa_of(b.data), b.len, e);
    if (!d || !block_holds(d, b.offset, b.len))
        b.ret = HVT_EINVAL;
    else
        b.ret = writing ? block_write(d, b.offset, from) : block_read(d, b.offset, to, b.len);
    return answer(c, &b, sizeof b, e);
}

/* FLUSH, DISCARD: of a device, without data. */
static int tend(const struct call *c, bool discarding, struct error *e)
{
    struct hvt_block b;
    if (take_to_answer(c, &b, sizeof b, e) != 0)
        return -1;
    const struct abi_manifest_entry *d = guest_device(c->g, b.handle, ABI_DEVICE_BLOCK);
    if (!d || (discarding && (b.len == 0 || !block_holds(d, b.offset, b.len))))
        b.ret = HVT_EINVAL;
    else
        b.ret = discarding ? block_discard(d, b.offset, b.len) : block_flush(d);
    return answer(c, &b, sizeof b, e);
}

static int net_write(const struct call *c, struct error *e)
{
    struct hvt_net n;
    struct bytes frame;
    if (take_to_answer(c, &n, sizeof n, e) != 0)
        return -1;
    if (!memory_view(&c->g->memory, gpa_of(n.data), n.len, &frame))
        return not_its_own(c, gpa_of(n.data), n.len, e);
    const struct abi_manifest_entry *d = guest_device(c->g, n.handle, ABI_DEVICE_NET);
    n.ret = d ? net_send(d, frame, &c->g->net) : HVT_EINVAL;
    return answer(c, &n, sizeof n, e);
}

static int net_read(const struct call *c, struct error *e)
{
    struct hvt_net n;
    uint8_t *room;
    if (take_to_answer(c, &n, sizeof n, e) != 0)
        return -1;
    if (!memory_room(&c->g->memory, gpa_of(n.data), n.len, &room))
        return not_its_own(c, gpa_of(n.data), n.len, e);
    const struct abi_manifest_entry *d = guest_device(c->g, n.handle, ABI_DEVICE_NET);
    n.ret = d ? net_receive(c->g, d, room, &n.len, &c->g->net) : HVT_EINVAL;
    return answer(c, &n, sizeof n, e);
}

static int send_(const struct call *c, struct error *e)
{
    struct hvt_send s;
    struct bytes part[HVT_SEND_PARTS_MAX];
    if (take_to_answer(c, &s, sizeof s, e) != 0)
        return -1;
    const struct abi_manifest_entry *d = guest_device(c->g, s.handle, ABI_DEVICE_NET);
    bool good = d && s.parts > 0 && s.parts <= HVT_SEND_PARTS_MAX;
    for (unsigned i = 0; good && i < s.parts; i++)
        if (!memory_view(&c->g->memory, gpa_of(s.part[i].data), s.part[i].len, &part[i]))
            return not_its_own(c, gpa_of(s.part[i].data), s.part[i].len, e);
    if (c->g->ring && netring_serve(c->g->ring, e) != 0)
        return -1;
    s.ret = good ? net_send_parts(d, part, s.parts, &c->g->net) : HVT_EINVAL;
    return answer(c, &s, sizeof s, e);
}

/* Frames are read while there are some: only where there were none does it wait, and look
 * again. */
static int receive(const struct call *c, struct error *e)
{
    struct hvt_receive r;
    struct intake in = {0};
    if (take_to_answer(c, &r, sizeof r, e) != 0)
        return -1;
    if (!memory_room(&c->g->memory, gpa_of(r.data), r.len, &in.room))
        return not_its_own(c, gpa_of(r.data), r.len, e);
    if (c->g->ring && netring_serve(c->g->ring, e) != 0)
        return -1;
    in.len = r.len;
    in.frame_max = r.frame_max;
    net_take_in(c->g, r.wanted, &in, &c->g->net);
    if (in.frames == 0 && in.lost_set == 0) {
        struct poll_result p = guest_wait(c->g, r.timeout_nsecs);
        net_take_in(c->g, r.wanted & p.ready_set, &in, &c->g->net);
        in.more_set |= p.ready_set & ~r.wanted;
    }
    r.used = in.used;
    r.ret = in.frames;
    r.ready_set = in.more_set;
    r.lost_set = in.lost_set;
    return answer(c, &r, sizeof r, e);
}

static int seal(const struct call *c, struct error *e)
{
    struct hvt_seal s;
    if (take_to_answer(c, &s, sizeof s, e) != 0)
        return -1;
    struct memory_range range = {s.start, s.end};
    s.ret = memory_seal_more(&c->g->memory, range) ? HVT_OK : HVT_EINVAL;
    return answer(c, &s, sizeof s, e);
}

/* ---- The end --------------------------------------------------------------- */

static int halt(const struct call *c, struct error *e)
{
    struct hvt_halt h;
    if (take(c, &h, sizeof h, e) != 0)
        return -1;
    if (h.cookie != 0 &&
        !memory_get(&c->g->memory, gpa_of(h.cookie), c->g->cookie, HVT_COOKIE_LEN))
        return not_its_own(c, gpa_of(h.cookie), HVT_COOKIE_LEN, e);
    c->g->has_cookie = h.cookie != 0;
    c->g->exit_status = h.exit_status;
    return CALL_HALT;
}

int guest_call(struct guest *g, unsigned n, struct gpa at, struct error *e)
{
    struct call c = {.g = g, .name = guest_call_name(n), .at = at};
    if (!c.name)
        return fail(e, "the image was ended: there is no call number %u", n);
    g->calls[n]++;
    switch ((enum hvt_call)n) {
    case HVT_WALLTIME:
        return walltime(&c, e);
    case HVT_PUTS:
        return puts_(&c, e);
    case HVT_POLL:
        return poll_(&c, e);
    case HVT_BLOCK_WRITE:
    case HVT_BLOCK_READ:
        return block(&c, n == HVT_BLOCK_WRITE, e);
    case HVT_NET_WRITE:
        return net_write(&c, e);
    case HVT_NET_READ:
        return net_read(&c, e);
    case HVT_HALT:
        return halt(&c, e);
    case HVT_RECEIVE:
        return receive(&c, e);
    case HVT_SEND:
        return send_(&c, e);
    case HVT_SEAL:
        return seal(&c, e);
    case HVT_FLUSH:
    case HVT_DISCARD:
        return tend(&c, n == HVT_DISCARD, e);
    }
    return -1;
}
