/* SPDX-License-Identifier: ISC */
#ifndef RT_ARGS_VALUES_H
#define RT_ARGS_VALUES_H

/* The types of arguments: how each value is read, and shown as a default. */

#include <drupe/args.h>

/* Reads the value of an argument that takes one. 0, or -EINVAL. */
DR_CHECKED int args_value_read(const struct dr_arg *arg, const char *text);
/* What it should look like: "a number from 1 to 65535". */
void args_value_expected(const struct dr_arg *arg, char *to, size_t size);
/* The variable's value; empty when there is none. */
void args_value_show(const struct dr_arg *arg, char *to, size_t size);

#endif
