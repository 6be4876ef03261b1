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

enum dr_arg_kind {
    DR_ARG_KIND_END,
    DR_ARG_KIND_FLAG,
    DR_ARG_KIND_UINT,
    DR_ARG_KIND_STRING,
    DR_ARG_KIND_DURATION,
    DR_ARG_KIND_IP,
    DR_ARG_KIND_PREFIX,
    DR_ARG_KIND_TABLE,
};

struct dr_arg {
    enum dr_arg_kind kind;
    bool required;
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
        const struct dr_arg *table;
    } to;
    uint64_t min, max; /* of a uint, inclusive */
};

#define DR_ARG_FLAG(name_, var, help_)                                                         \
    {.kind = DR_ARG_KIND_FLAG, .name = (name_), .help = (help_), .to.flag = (var)}
#define DR_ARG_UINT(name_, var, min_, max_, value, help_)                                      \
    {.kind = DR_ARG_KIND_UINT, .name = (name_), .value_name = (value), .help = (help_),        \
     .to.uint = (var), .min = (min_), .max = (max_)}
#define DR_ARG_STRING(name_, var, value, help_)                                                \
    {.kind = DR_ARG_KIND_STRING, .name = (name_), .value_name = (value), .help = (help_),      \
     .to.string = (var)}
/* "250ms", "30s", "5m", "1h" */
#define DR_ARG_DURATION(name_, var, value, help_)                                              \
    {.kind = DR_ARG_KIND_DURATION, .name = (name_), .value_name = (value), .help = (help_),    \
     .to.ns = (var)}
/* "10.0.0.1" */
#define DR_ARG_IP(name_, var, value, help_)                                                    \
    {.kind = DR_ARG_KIND_IP, .name = (name_), .value_name = (value), .help = (help_),          \
     .to.ip = (var)}
/* "10.0.0.2/24" */
#define DR_ARG_PREFIX(name_, var, value, help_)                                                \
    {.kind = DR_ARG_KIND_PREFIX, .name = (name_), .value_name = (value), .help = (help_),      \
     .to.prefix = (var)}
/* All the arguments of another table. */
#define DR_ARG_TABLE(table_) {.kind = DR_ARG_KIND_TABLE, .to.table = (table_)}
#define DR_ARG_END           {.kind = DR_ARG_KIND_END}

#endif
