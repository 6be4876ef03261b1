/* SPDX-License-Identifier: ISC */
/* In the place of src/rt/leak.c where an application is built for its tests. */
#include "rt/leak.h"

#include <drupe/app.h>

void rt_leaked(const char *what, const char *task)
{
    dr_panic("%s left behind by task %s", what, task);
}
