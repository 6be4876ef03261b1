/* SPDX-License-Identifier: ISC */
#include "tender/hvt/debug.h"

const char debug_help[] =
    "  --dumpcore=DIR                    when the image fails, a core dump in the folder DIR\n";

int debug_option(struct debug *d, const char *word, struct error *e)
{
    if (strncmp(word, "--dumpcore=", 11) != 0)
        return 0;
    d->dumpcore = word + 11;
    return *d->dumpcore ? 1 : fail(e, "--dumpcore=: name a folder");
}

int debug_prepare(struct debug *d, struct error *e)
{
    return d->dumpcore ? core_prepare(&d->core, d->dumpcore, e) : 0;
}

static int dump(const struct debug *d, const struct vm *vm, const struct guest *g,
                struct error *e)
{
    struct cpu cpu;
    if (cpu_read(vm->vcpu, &cpu, e) != 0)
        return -1;
    if (g->has_cookie)
        (void)cpu_at_fault(&cpu, g->cookie);
    return core_write(&d->core, &cpu, &g->memory, e);
}

void debug_dump(const struct debug *d, const struct vm *vm, const struct guest *g)
{
    struct error e;
    if (dump(d, vm, g, &e) != 0)
        fprintf(stderr, "drupe-hvt: %s\n", e.text);
    else
        fprintf(stderr, "drupe-hvt: core dump: gdb IMAGE %s/%s\n", d->core.path, d->core.name);
}
