/* SPDX-License-Identifier: ISC */
#include "rt/args_values.h"

#include "base/check.h"
#include "base/format.h"
#include <drupe/time.h>

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* Digits at *text, which is moved past them. False when there are none, or they
 * exceed a uint64_t. */
static bool read_digits(const char **text, uint64_t *value)
{
    const char *p = *text;
    uint64_t n = 0;
    for (; *p >= '0' && *p <= '9'; p++) {
        unsigned digit = (unsigned)(*p - '0');
        if (n > (UINT64_MAX - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    bool some = p != *text;
    *text = p;
    *value = n;
    return some;
}

static int read_uint(const struct dr_arg *arg, const char *text)
{
    uint64_t n;
    if (!read_digits(&text, &n) || *text || n < arg->min || n > arg->max)
        return -EINVAL;
    *arg->to.uint = n;
    return 0;
}

static const struct unit {
    const char *name;
    uint64_t ns;
} units[] = {{"h", DR_S(3600)}, {"m", DR_S(60)},  {"s", DR_S(1)},
             {"ms", DR_MS(1)},  {"us", DR_US(1)}, {"ns", 1}};
#define UNITS (sizeof units / sizeof units[0])

static int read_duration(const struct dr_arg *arg, const char *text)
{
    uint64_t n;
    if (!read_digits(&text, &n))
        return -EINVAL;
    for (size_t i = 0; i < UNITS; i++) {
        if (strcmp(text, units[i].name) != 0)
            continue;
        if (n > (UINT64_MAX - 1) / units[i].ns) /* the last is DR_NEVER */
            return -EINVAL;
        *arg->to.ns = n * units[i].ns;
        return 0;
    }
    return -EINVAL;
}

int args_value_read(const struct dr_arg *arg, const char *text)
{
    switch (arg->kind) {
    case DR_ARG_KIND_UINT:
        return read_uint(arg, text);
    case DR_ARG_KIND_STRING:
        *arg->to.string = text;
        return 0;
    case DR_ARG_KIND_DURATION:
        return read_duration(arg, text);
    case DR_ARG_KIND_IP:
        return dr_ip_parse(text, arg->to.ip);
    case DR_ARG_KIND_PREFIX:
        return dr_prefix_parse(text, arg->to.prefix);
    case DR_ARG_KIND_END:
    case DR_ARG_KIND_FLAG:
    case DR_ARG_KIND_TABLE:
        break;
    }
    check(false); /* has no value, and was not to be asked */
    return -EINVAL;
}

void args_value_expected(const struct dr_arg *arg, char *to, size_t size)
{
    static const char *const what[] = {
        [DR_ARG_KIND_STRING] = "a text",
        [DR_ARG_KIND_DURATION] = "a duration such as 250ms, 30s, 5m or 1h",
        [DR_ARG_KIND_IP] = "an IP address such as 10.0.0.1",
        [DR_ARG_KIND_PREFIX] = "an IP address with the length of its network's prefix, such as "
                               "10.0.0.2/24",
    };
    if (arg->kind != DR_ARG_KIND_UINT)
        format(to, size, "%s", what[arg->kind]);
    else if (arg->max == UINT64_MAX)
        format(to, size, "a number from %" PRIu64, arg->min);
    else
        format(to, size, "a number from %" PRIu64 " to %" PRIu64, arg->min, arg->max);
}

/* In the largest unit of which it is a whole number. */
static void show_duration(uint64_t ns, char *to, size_t size)
{
    size_t i = 0;
    if (ns == DR_NEVER) {
        format(to, size, "never");
        return;
    }
    while (ns % units[i].ns)
        i++;
    if (ns)
        format(to, size, "%" PRIu64 "%s", ns / units[i].ns, units[i].name);
    else
        format(to, size, "0s");
}

void args_value_show(const struct dr_arg *arg, char *to, size_t size)
{
    char ip[DR_IP_TEXT_MAX];
    to[0] = '\0';
    switch (arg->kind) {
    case DR_ARG_KIND_UINT:
        format(to, size, "%" PRIu64, *arg->to.uint);
        break;
    case DR_ARG_KIND_STRING:
        if (*arg->to.string)
            format(to, size, "\"%s\"", *arg->to.string);
        break;
    case DR_ARG_KIND_DURATION:
        show_duration(*arg->to.ns, to, size);
        break;
    case DR_ARG_KIND_IP:
        if (!dr_ip_is_zero(arg->to.ip))
            format(to, size, "%s", dr_ip_print(arg->to.ip, ip));
        break;
    case DR_ARG_KIND_PREFIX:
        if (!dr_ip_is_zero(&arg->to.prefix->ip))
            format(to, size, "%s/%u", dr_ip_print(&arg->to.prefix->ip, ip),
                   (unsigned)arg->to.prefix->len);
        break;
    case DR_ARG_KIND_END:
    case DR_ARG_KIND_FLAG:
    case DR_ARG_KIND_TABLE:
        break;
    }
}
