/* SPDX-License-Identifier: ISC */
#include "tender/hvt/debug.h"

#include <stdlib.h>

const char debug_help[] =
    "  --dumpcore=DIR                    when the image fails, a core dump in the folder DIR\n"
    "  --gdb[=PORT]                      wait for gdb on 127.0.0.1, port 1234; 0: any port\n";

static int debugger(struct debug *d, const char *port, struct error *e)
{
    char *end;
    unsigned long n = strtoul(port, &end, 10);
    if (*port < '0' || *port > '9' || *end || n > 65535)
        return fail(e, "--gdb=%.100s: give a port from 1 to 65535, or 0 for any", port);
    d->gdb = true;
    d->port = (uint16_t)n;
    return 1;
}

int debug_option(struct debug *d, const char *word, struct error *e)
{
    if (strcmp(word, "--gdb") == 0) {
        d->port = d->port ? d->port : GDB_PORT;
        d->gdb = true;
        return 1;
    }
    if (strncmp(word, "--gdb=", 6) == 0)
        return debugger(d, word + 6, e);
    if (strncmp(word, "--gdb-port=", 11) == 0) /* the stock tender's spelling */
        return debugger(d, word + 11, e);
    if (strncmp(word, "--dumpcore=", 11) != 0)
        return 0;
    d->dumpcore = word + 11;
    return *d->dumpcore ? 1 : fail(e, "--dumpcore=: name a folder");
}

int debug_prepare(struct debug *d, const struct memory *m, struct error *e)
{
    if (d->gdb && gdb_wait(&d->server, d->port, m, e) != 0)
        return -1;
    return d->dumpcore ? core_prepare(&d->core, d->dumpcore, e) : 0;
}

int debug_run(struct debug *d, struct vm *vm, struct guest *g, struct error *e)
{
    return d->gdb ? gdb_run(&d->server, vm, g, e) : vm_run(vm, g, e);
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
