/* SPDX-License-Identifier: ISC */
#ifndef DRUPE_TIME_H
#define DRUPE_TIME_H

#include <drupe/base.h>

/* Times and durations are nanoseconds. */
#define DR_US(n) ((uint64_t)(n)*1000U)
#define DR_MS(n) ((uint64_t)(n)*1000000U)
#define DR_S(n)  ((uint64_t)(n)*1000000000U)

/* The deadline that never comes. */
#define DR_NEVER UINT64_MAX

#pragma GCC visibility push(default)

/* The monotonic clock: nanoseconds since an arbitrary point. It is read once a
 * turn of the event loop, so two calls with no wait between them agree. */
uint64_t dr_now(void);

/* The wall clock: nanoseconds since 1970-01-01T00:00:00Z. */
uint64_t dr_wall(void);

/* The moment `ns` from now, for deadlines; DR_NEVER stays DR_NEVER. */
uint64_t dr_after(uint64_t ns);

#pragma GCC visibility pop
#endif
