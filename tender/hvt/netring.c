/* SPDX-License-Identifier: ISC */
#include "tender/hvt/netring.h"

static uint32_t load(const uint32_t *at)
{
    return __atomic_load_n(at, __ATOMIC_ACQUIRE);
}

static void store(uint32_t *at, uint32_t value)
{
    __atomic_store_n(at, value, __ATOMIC_RELEASE);
}

void netring_init(struct netring *r, const struct guest *g)
{
    void *at = g->memory.at + g->memory.size;
    *r = (struct netring){.guest = g, .shared = at};
}

bool netring_waiting(const struct netring *r)
{
    return load(&r->shared->ent_tail) != load(&r->ent_head);
}

void netring_ask_for_kicks(struct netring *r, bool ask)
{
    store(&r->shared->needs_kick, ask);
    /* The image does the same with ent_tail and this: one of the two sees the other. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Once: the image may be changing it. */
static struct hvt_ring_entry copy_entry(const struct netring *r)
{
    const volatile struct hvt_ring_entry *at = &r->shared->entry[r->ent_head % HVT_RING_SLOTS];
    return (struct hvt_ring_entry){
        .op = at->op, .handle = at->handle, .data = at->data, .len = at->len, .id = at->id};
}

static void commit(struct netring *r, const struct hvt_ring_commit *c)
{
    r->shared->commit[r->com_tail % HVT_RING_SLOTS] = *c;
    store(&r->shared->com_tail, ++r->com_tail);
}

static int not_its_own(const struct hvt_ring_entry *n, struct error *e)
{
    return fail(e,
                "the image was ended: an entry of its network ring names %u octets at %#lx, "
                "which are not memory that it may use so",
                n->len, (unsigned long)n->data);
}

/* A frame for a device that does not exist is lost, since nothing is ever answered. */
static int serve_write(struct netring *r, const struct hvt_ring_entry *n, struct error *e)
{
    const struct abi_manifest_entry *d = guest_device(r->guest, n->handle, ABI_DEVICE_NET);
    struct bytes frame;
    if (!memory_view(&r->guest->memory, gpa_of(n->data), n->len, &frame))
        return not_its_own(n, e);
    if (!d || net_send(d, frame, &r->net) != HVT_OK)
        r->net.lost++;
    return 0;
}

static int serve_read(struct netring *r, const struct hvt_ring_entry *n, struct error *e)
{
    const struct abi_manifest_entry *d = guest_device(r->guest, n->handle, ABI_DEVICE_NET);
    struct hvt_ring_commit c = {.id = n->id, .ret = HVT_EINVAL};
    uint64_t len = n->len;
    uint8_t *room;
    if (!memory_room(&r->guest->memory, gpa_of(n->data), n->len, &room))
        return not_its_own(n, e);
    if (d)
        c.ret = net_receive(r->guest, d, room, &len, &r->net);
    c.len = c.ret == HVT_OK ? (uint32_t)len : 0;
    commit(r, &c);
    return 0;
}

static int serve(struct netring *r, const struct hvt_ring_entry *n, struct error *e)
{
    switch (n->op) {
    case HVT_RING_WRITE:
        return serve_write(r, n, e);
    case HVT_RING_READ:
        return serve_read(r, n, e);
    default:
        return fail(e,
                    "the image was ended: an entry of its network ring has the unknown "
                    "operation %u",
                    n->op);
    }
}

static int serve_all(struct netring *r, struct error *e)
{
    uint32_t tail = load(&r->shared->ent_tail);
    if (tail - r->ent_head > HVT_RING_SLOTS)
        return fail(e,
                    "the image was ended: its network ring claims %u entries, more than it "
                    "has room for",
                    tail - r->ent_head);
    r->rounds += tail != r->ent_head;
    while (r->ent_head != tail) {
        struct hvt_ring_entry n = copy_entry(r);
        if (serve(r, &n, e) != 0)
            return -1;
        r->entries++;
        store(&r->ent_head, r->ent_head + 1);
        /* A slot is free when ent_head is past it; whoever waits for room is not told
         * for each frame of a burst. */
        if (n.op == HVT_RING_READ || r->ent_head % 64 == 0)
            store(&r->shared->ent_head, r->ent_head);
    }
    store(&r->shared->ent_head, r->ent_head);
    return 0;
}

int netring_serve(struct netring *r, struct error *e)
{
    if (__atomic_test_and_set(&r->locked, __ATOMIC_ACQUIRE))
        return 0;
    int result = serve_all(r, e);
    __atomic_clear(&r->locked, __ATOMIC_RELEASE);
    return result;
}
