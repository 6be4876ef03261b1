/* SPDX-License-Identifier: ISC */
#ifndef DRUPE_ARGS_H
#define DRUPE_ARGS_H

/* Arguments of an image: `--name=value` or `--name value`, `--flag`. They are
 * declared in a table, checked before the application runs, and listed by
 * --help. What does not fit is refused with one line and exit status 64.
 * The runtime adds --help and --logs.
 *
 *     static uint64_t port = 9000;
 *     static const struct dr_arg args[] = {
 *         DR_ARG_UINT("port", &port, 1, 65535, "PORT", "the TCP port to listen on"),
 *         DR_ARG_TABLE(dr_net_args),
 *         DR_ARG_END,
 *     };
 *
 * A variable keeps its initial value when its argument is not given; --help shows
 * that value as the default. */

#include <drupe/base.h>
#include <drupe/ip.h>

/* A kind of arguments that take a value. Each is linked only with images that have such
 * arguments. */
struct dr_arg_kind;

/* Filled in by the macros below. */
struct dr_arg {
    const struct dr_arg_kind *kind; /* NULL: a flag, a table, or without a name the end */
    bool required;
    bool is_table;
    const char *name;       /* without the dashes */
    const char *value_name; /* "PORT", for --help */
    const char *help;       /* one line */
    union {
        bool *flag;
        uint64_t *uint;
        const char **string; /* the value lives as long as the image */
        uint64_t *ns;
        struct dr_ip *ip;
        struct dr_prefix *prefix;
        struct dr_route *routes;
        const struct dr_arg *table;
    } to;
    uint64_t min, max; /* of a uint, inclusive; of routes: how many at most */
};

#pragma GCC visibility push(default)
extern const struct dr_arg_kind dr_arg_uint, dr_arg_string, dr_arg_duration, dr_arg_ip,
    dr_arg_prefix, dr_arg_routes;
#pragma GCC visibility pop

#define DR_ARG_FLAG(name_, var, help_)                                                         \
    {.name = (name_), .help = (help_), .to.flag = (var)}
#define DR_ARG_UINT(name_, var, min_, max_, value, help_)                                      \
    {.kind = &dr_arg_uint, .name = (name_), .value_name = (value), .help = (help_),        \
     .to.uint = (var), .min = (min_), .max = (max_)}
#define DR_ARG_STRING(name_, var, value, help_)                                                \
    {.kind = &dr_arg_string, .name = (name_), .value_name = (value), .help = (help_),      \
     .to.string = (var)}
/* "250ms", "30s", "5m", "1h" */
#define DR_ARG_DURATION(name_, var, value, help_)                                              \
    {.kind = &dr_arg_duration, .name = (name_), .value_name = (value), .help = (help_),    \
     .to.ns = (var)}
/* "10.0.0.1" */
#define DR_ARG_IP(name_, var, value, help_)                                                    \
    {.kind = &dr_arg_ip, .name = (name_), .value_name = (value), .help = (help_),          \
     .to.ip = (var)}
/* "10.0.0.2/24" */
#define DR_ARG_PREFIX(name_, var, value, help_)                                                \
    {.kind = &dr_arg_prefix, .name = (name_), .value_name = (value), .help = (help_),      \
     .to.prefix = (var)}
/* "10.1.0.0/16,10.0.0.254", and a metric behind another comma; may be given up to `max` times. An
 * entry of the array whose gateway is zero is none. */
#define DR_ARG_ROUTES(name_, var, max_, value, help_)                                          \
    {.kind = &dr_arg_routes, .name = (name_), .value_name = (value), .help = (help_),      \
     .to.routes = (var), .max = (max_)}
/* All the arguments of another table. */
#define DR_ARG_TABLE(table_) {.is_table = true, .to.table = (table_)}
#define DR_ARG_END           {.name = NULL}

#endif
