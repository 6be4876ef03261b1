/* SPDX-License-Identifier: ISC */
/* The report of a fault that the tender's handler of signals has met. */
#include "base/format.h"
#include "plat/bare/limit.h"
#include "plat/plat.h"
#include "plat/spt/spt.h"

uintptr_t spt_fault_return;

/* A signal's number on Linux. */
static const char *name(uint64_t signal)
{
    switch (signal) {
    case 4:
        return "invalid instruction";
    case 5:
        return "breakpoint";
    case 7:
        return "bus error";
    case 8:
        return "arithmetic error";
    default:
        return "memory fault";
    }
}

UNCHECKED _Noreturn void spt_fault(const struct spt_fault *f)
{
    char text[80];
    limit_emergency();
    format(text, sizeof text, "%s: address %#lx, at %#lx", name(f->signal),
           (unsigned long)f->address, (unsigned long)f->pc);
    rt_fault(text);
}

void spt_fault_announce(void)
{
    struct spt_reporter *to = (struct spt_reporter *)(uintptr_t)SPT_REPORTER_AT;
    to->entry = (uintptr_t)spt_fault_enter;
    to->magic = SPT_REPORTER_MAGIC;
}
