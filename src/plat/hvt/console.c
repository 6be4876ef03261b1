/* SPDX-License-Identifier: ISC */
/* The console, and the end. */
#include "plat/hvt/call.h"
#include "plat/hvt/hvt.h"
#include "plat/plat.h"

void plat_console_write(const void *buf, size_t len)
{
    struct hvt_puts puts = {(uintptr_t)buf, len};
    hvt_call(HVT_PUTS, &puts);
}

static _Noreturn void halt(int status, uint64_t cookie)
{
    struct hvt_halt how = {.cookie = cookie, .exit_status = status};
    hvt_ring_drain();
    for (;;)
        hvt_call(HVT_HALT, &how);
}

_Noreturn void plat_exit(int status)
{
    halt(status, 0);
}

/* After a fault, a core dump is of the place where it happened, not of the reporter. */
_Noreturn void plat_abort(void)
{
    halt(255, hvt_report.trap.cs ? (uintptr_t)&hvt_report : 0);
}
