/* SPDX-License-Identifier: ISC */
#ifndef TESTS_ATTACK_FAILING_H
#define TESTS_ATTACK_FAILING_H

/* For the files beside the tests' own: a CHECK in them ends the test that is under way. Each
 * test begins with a macro of world.h that says which that is. */

#include "tests/check.h"

extern jmp_buf *test_to_end;
#define test_end (*test_to_end)

#endif
