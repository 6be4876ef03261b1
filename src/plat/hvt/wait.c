/* SPDX-License-Identifier: ISC */
#include "plat/bare/devices.h"
#include "plat/hvt/call.h"
#include "plat/hvt/hvt.h"
#include "plat/plat.h"

#define WAIT_MAX 86400000000000ULL /* ns at once: a day */

/* All network devices if there are some and all of them are lost, else 0. The tender wakes
 * nobody for a lost one: an image that waits for nothing else would wait for ever. */
static uint64_t all_lost(void)
{
    uint64_t all = 0;
    for (int handle = 1; handle <= PLAT_DEVICE_MAX; handle++) {
        if (!device_at(handle, ABI_DEVICE_NET))
            continue;
        if (!device_is_lost(handle))
            return 0;
        all |= UINT64_C(1) << handle;
    }
    return all;
}

static uint64_t poll(uint64_t timeout)
{
    struct hvt_poll p = {.timeout_nsecs = timeout};
    hvt_call(HVT_POLL, &p);
    return p.ret > 0 ? p.ready_set : 0;
}

uint64_t plat_wait(uint64_t deadline)
{
    uint64_t now = deadline ? plat_clock_monotonic() : 0;
    uint64_t timeout = deadline > now ? deadline - now : 0;
    if (!timeout && !plat_net_name(0))
        return 0; /* there is nothing to ask for: save the exit */
    if (deadline == PLAT_NEVER)
        (void)devices_ready(all_lost(), true);
    timeout = timeout < WAIT_MAX ? timeout : WAIT_MAX;
    return devices_ready(hvt_layout.received ? hvt_receive_wait(timeout) : poll(timeout),
                         timeout > 0);
}
