/* SPDX-License-Identifier: ISC */
#include "tender/hvt/boot.h"
#include "host/cmdline.h"

#include <sys/random.h>

static int fill_more(struct hvt_more *more, const struct manifest *m, struct error *e)
{
    *more = (struct hvt_more){.magic = HVT_MORE_MAGIC,
                              .len = sizeof *more,
                              .features = HVT_MORE_RECEIVE | HVT_MORE_SEAL | HVT_MORE_BLOCKS |
                                          HVT_MORE_SEND};
    _Static_assert(sizeof more->net == sizeof m->features, "one for each handle");
    memcpy(more->net, m->features, sizeof more->net);

    if (getrandom(more->entropy, sizeof more->entropy, 0) != sizeof more->entropy)
        return fail_errno(e, "no random numbers from the kernel");
    return 0;
}

/* A descriptor of the tender's is nothing that an image on KVM could use. */
static void put_manifest(uint8_t *to, const struct manifest *m)
{
    struct manifest copy = *m;
    for (unsigned i = 0; i < copy.entries; i++)
        memset(&copy.entry[i].b, 0, sizeof copy.entry[i].b);
    memcpy(to, &copy, manifest_size(&copy));
}

int boot_write(const struct boot *b, struct guest *g, struct error *e)
{
    struct hvt_more more;
    uint64_t manifest = HVT_BOOT_INFO_AT + sizeof(struct hvt_boot_info) + sizeof more;
    struct hvt_boot_info info = {.mem_size = g->memory.size,
                                 .kernel_end = b->kernel_end,
                                 .cpu_cycle_freq = b->cycles_per_s,
                                 .manifest = manifest,
                                 .cmdline = manifest + manifest_size(&g->manifest),
                                 .host_features = b->net_ring ? HVT_FEATURE_RING : 0,
                                 .net_ring = b->net_ring};
    _Static_assert(HVT_BOOT_INFO_AT + sizeof info + sizeof more + sizeof g->manifest +
                           ABI_CMDLINE_SIZE <=
                       ABI_LOAD_MIN,
                   "low memory");
    if (fill_more(&more, &g->manifest, e) != 0 ||
        cmdline_join((char *)g->memory.at + info.cmdline, ABI_CMDLINE_SIZE, b->argc, b->argv,
                     e) != 0)
        return -1;
    memcpy(g->memory.at + HVT_BOOT_INFO_AT, &info, sizeof info);
    memcpy(g->memory.at + HVT_BOOT_INFO_AT + sizeof info, &more, sizeof more);
    put_manifest(g->memory.at + manifest, &g->manifest);
    return 0;
}
