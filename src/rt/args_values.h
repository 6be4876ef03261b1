/* SPDX-License-Identifier: ISC */
#ifndef RT_ARGS_VALUES_H
#define RT_ARGS_VALUES_H

/* The types of arguments: how each value is read, and shown as a default. */

#include <drupe/args.h>

struct dr_arg_kind {
    /* Reads a value into the argument's variable. 0, or -EINVAL. */
    int (*read)(const struct dr_arg *arg, const char *text);
    /* The variable's value; writes nothing when there is none. */
    void (*show)(const struct dr_arg *arg, char *to, size_t size);
    /* What a value should look like. NULL: a number from the argument's min to its max. */
    const char *expected;
    bool repeats; /* may be given several times; `read` says -ENOSPC when that is too often */
};

#endif
