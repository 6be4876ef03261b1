/* SPDX-License-Identifier: ISC */
#include "rt/args_values.h"

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

static void show_uint(const struct dr_arg *arg, char *to, size_t size)
{
    format(to, size, "%" PRIu64, *arg->to.uint);
}

const struct dr_arg_kind dr_arg_uint = {.read = read_uint, .show = show_uint};

static int read_string(const struct dr_arg *arg, const char *text)
{
    *arg->to.string = text;
    return 0;
}

static void show_string(const struct dr_arg *arg, char *to, size_t size)
{
    if (*arg->to.string)
        format(to, size, "\"%s\"", *arg->to.string);
}

const struct dr_arg_kind dr_arg_string = {
    .read = read_string, .show = show_string, .expected = "a text"};

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

/* In the largest unit of which it is a whole number. */
static void show_duration(const struct dr_arg *arg, char *to, size_t size)
{
    uint64_t ns = *arg->to.ns;
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

const struct dr_arg_kind dr_arg_duration = {.read = read_duration,
                                            .show = show_duration,
                                            .expected =
                                                "a duration such as 250ms, 30s, 5m or 1h"};

static int read_ip(const struct dr_arg *arg, const char *text)
{
    return dr_ip_parse(text, arg->to.ip);
}

static void show_ip(const struct dr_arg *arg, char *to, size_t size)
{
    char ip[DR_IP_TEXT_MAX];
    if (!dr_ip_is_zero(arg->to.ip))
        format(to, size, "%s", dr_ip_print(arg->to.ip, ip));
}

const struct dr_arg_kind dr_arg_ip = {
    .read = read_ip, .show = show_ip, .expected = "an IP address such as 10.0.0.1"};

static int read_prefix(const struct dr_arg *arg, const char *text)
{
    return dr_prefix_parse(text, arg->to.prefix);
}

static void show_prefix(const struct dr_arg *arg, char *to, size_t size)
{
    char ip[DR_IP_TEXT_MAX];
    if (!dr_ip_is_zero(&arg->to.prefix->ip))
        format(to, size, "%s/%u", dr_ip_print(&arg->to.prefix->ip, ip),
               (unsigned)arg->to.prefix->len);
}

const struct dr_arg_kind dr_arg_prefix = {
    .read = read_prefix,
    .show = show_prefix,
    .expected = "an IP address with the length of its network's prefix, such as 10.0.0.2/24"};

/* The part of the text up to the next comma or its end, which is moved behind it. */
static bool read_part(const char **text, char *to, size_t size)
{
    size_t len = strcspn(*text, ",");
    if (len >= size)
        return false;
    memcpy(to, *text, len);
    to[len] = '\0';
    *text += len + ((*text)[len] == ',');
    return true;
}

static bool read_route(const char *text, struct dr_route *r)
{
    char part[DR_IP_TEXT_MAX + 4];
    uint64_t metric = 0;
    if (!read_part(&text, part, sizeof part) || dr_prefix_parse(part, &r->to) != 0)
        return false;
    if (!read_part(&text, part, sizeof part) || dr_ip_parse(part, &r->gateway) != 0)
        return false;
    if (text[-1] == ',' && (!read_digits(&text, &metric) || *text || metric > UINT16_MAX))
        return false;
    r->metric = (uint16_t)metric;
    return !dr_ip_is_zero(&r->gateway);
}

static int read_routes(const struct dr_arg *arg, const char *text)
{
    struct dr_route r;
    if (!read_route(text, &r))
        return -EINVAL;
    for (uint64_t i = 0; i < arg->max; i++)
        if (dr_ip_is_zero(&arg->to.routes[i].gateway)) {
            arg->to.routes[i] = r;
            return 0;
        }
    return -ENOSPC;
}

/* There is no default worth showing. */
static void show_routes(const struct dr_arg *arg, char *to, size_t size)
{
    (void)arg;
    (void)to;
    (void)size;
}

const struct dr_arg_kind dr_arg_routes = {
    .read = read_routes,
    .show = show_routes,
    .repeats = true,
    .expected =
        "a network, its gateway and perhaps a metric, such as 10.1.0.0/16,10.0.0.254,5"};
