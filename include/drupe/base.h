/* SPDX-License-Identifier: ISC */
#ifndef DRUPE_BASE_H
#define DRUPE_BASE_H

/* What every public header shares.
 *
 * Errors. Calls that can fail return 0 or a positive count when they did not,
 * and a negative standard error number (-EINVAL, -ETIMEDOUT, ...) when they did.
 * There is no errno to look at. The results must be looked at: the compiler
 * says so (DR_CHECKED).
 *
 * Waiting. A call that may wait says so. Only tasks wait; while one does, the
 * others run. Whatever waits can also return -ECANCELED (the scope was cancelled)
 * or -ETIMEDOUT (the scope's deadline passed); see <drupe/task.h>.
 *
 * Ownership. What is taken for good is passed as `T **` and left NULL. NULL is
 * accepted by every destructor, so each works with DR_OWN. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define DR_CHECKED __attribute__((warn_unused_result))

/* Runs `destructor(&variable)` when the variable's scope is left:
 *     DR_OWN(dr_tcp_close) struct dr_tcp *conn = NULL; */
#define DR_OWN(destructor) __attribute__((cleanup(destructor)))

#endif
