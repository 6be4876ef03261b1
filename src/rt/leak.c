/* SPDX-License-Identifier: ISC */
#include "rt/leak.h"

#include <drupe/log.h>

__attribute__((weak)) void rt_leaked(const char *what, const char *task)
{
    dr_log("rt", DR_LOG_DEBUG, "%s left behind by task %s", what, task);
}
