/* SPDX-License-Identifier: ISC */
/* The clocks: the processor's time-stamp counter, and the tender's calendar, which is asked at
 * most once a second since each call costs an exit. */
#include "plat/hvt/call.h"
#include "plat/hvt/hvt.h"
#include "plat/plat.h"

#define SECOND      1000000000U /* ns */
#define SCALE_SHIFT 32U

static uint64_t scale;              /* ns per tick << SCALE_SHIFT */
static uint64_t wall_at, wall_then; /* monotonic, and wall, when the tender was last asked */

void hvt_clock_start(uint64_t hz)
{
    scale = hz ? ((uint64_t)SECOND << SCALE_SHIFT) / hz : 1ULL << SCALE_SHIFT;
}

static uint64_t ticks(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

/* A product of 128 bits, so that no time is too long. The first second is left out: time 0 is
 * some callers' word for none. */
uint64_t plat_clock_monotonic(void)
{
    uint64_t low, high;
    __asm__("mulq %3" : "=a"(low), "=d"(high) : "0"(ticks()), "rm"(scale) : "cc");
    return SECOND + (high << (64 - SCALE_SHIFT) | low >> SCALE_SHIFT);
}

uint64_t plat_clock_wall(void)
{
    uint64_t now = plat_clock_monotonic();
    if (!wall_then || now - wall_at >= SECOND) {
        struct hvt_walltime t = {0};
        hvt_call(HVT_WALLTIME, &t);
        wall_then = t.nsecs;
        wall_at = now;
    }
    return wall_then + (now - wall_at);
}
