/* SPDX-License-Identifier: ISC */
/* The pure part of the log: rules and text. */
#include "rt/log.h"

#include "base/format.h"

#include <errno.h>
#include <string.h>

static const char *const level_name[] = {"quiet", "error", "warn", "info", "debug"};
#define LEVELS (sizeof level_name / sizeof level_name[0])

/* ---- Rules ----------------------------------------------------------------- */

static int parse_level(const char *text, size_t len, enum dr_log_level *level)
{
    for (unsigned i = 0; i < LEVELS; i++) {
        if (strlen(level_name[i]) != len || memcmp(level_name[i], text, len) != 0)
            continue;
        *level = (enum dr_log_level)i;
        return 0;
    }
    return -EINVAL;
}

static bool in_source(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

static bool is_source(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!in_source(text[i]))
            return false;
    return len > 0 && len < LOG_SOURCE_LEN;
}

static int add_rule(struct log_rules *rules, const char *source, size_t len,
                    enum dr_log_level level)
{
    if (len == 1 && source[0] == '*') {
        rules->others = level;
        return 0;
    }
    if (!is_source(source, len) || rules->count == LOG_RULES_MAX)
        return -EINVAL;
    memcpy(rules->rule[rules->count].source, source, len);
    rules->rule[rules->count].source[len] = '\0';
    rules->rule[rules->count++].level = level;
    return 0;
}

/* One rule of `len` octets: SOURCE:LEVEL. */
static int parse_rule(struct log_rules *rules, const char *text, size_t len)
{
    enum dr_log_level level;
    const char *colon = memchr(text, ':', len);
    if (!colon)
        return -EINVAL;
    size_t source_len = (size_t)(colon - text);
    if (parse_level(colon + 1, len - source_len - 1, &level) != 0)
        return -EINVAL;
    return add_rule(rules, text, source_len, level);
}

static void find_most(struct log_rules *rules)
{
    rules->most = rules->others;
    for (unsigned i = 0; i < rules->count; i++)
        if (rules->rule[i].level > rules->most)
            rules->most = rules->rule[i].level;
}

int log_parse(struct log_rules *rules, const char *text, char *why, size_t size)
{
    struct log_rules all = *rules;
    for (;;) {
        size_t len = strcspn(text, ",");
        if (parse_rule(&all, text, len) != 0) {
            char shown[40];
            log_escape(text, shown, sizeof shown);
            format(why, size,
                   "\"%s\" is not SOURCE:LEVEL[,...] with at most %u sources, * for all, and a "
                   "level of quiet, error, warn, info, debug",
                   shown, LOG_RULES_MAX);
            return -EINVAL;
        }
        if (!text[len])
            break;
        text += len + 1;
    }
    find_most(&all);
    *rules = all;
    return 0;
}

enum dr_log_level log_level(const struct log_rules *rules, const char *source)
{
    for (unsigned i = rules->count; i > 0; i--)
        if (strcmp(rules->rule[i - 1].source, source) == 0)
            return rules->rule[i - 1].level;
    return rules->others;
}

/* ---- Text ------------------------------------------------------------------ */

/* Days since 1970-01-01 to a date of the Gregorian calendar. Years are counted from
 * March, so that the leap day is the last; 400 of them have 146097 days. */
static void date_of(uint64_t days, unsigned *year, unsigned *month, unsigned *day)
{
    days += 719468; /* from 0000-03-01 */
    unsigned era = (unsigned)(days / 146097), d = (unsigned)(days % 146097);
    unsigned y = (d - d / 1460 + d / 36524 - d / 146096) / 365;
    unsigned in_year = d - (365 * y + y / 4 - y / 100);
    unsigned m = (5 * in_year + 2) / 153; /* 0 is March */
    *day = in_year - (153 * m + 2) / 5 + 1;
    *month = m < 10 ? m + 3 : m - 9;
    *year = era * 400 + y + (*month <= 2);
}

static char *put_digits(char *at, unsigned value, unsigned digits)
{
    for (unsigned i = digits; i > 0; i--, value /= 10)
        at[i - 1] = (char)('0' + value % 10);
    return at + digits;
}

void log_time(uint64_t wall_ns, char text[LOG_TIME_LEN])
{
    uint64_t s = wall_ns / 1000000000U;
    unsigned year, month, day, in_day = (unsigned)(s % 86400);
    date_of(s / 86400, &year, &month, &day);
    const unsigned part[] = {year, month, day, in_day / 3600, in_day / 60 % 60, in_day % 60};
    static const char after[] = "--T::-";
    char *at = text;
    for (unsigned i = 0; i < 6; i++) {
        at = put_digits(at, part[i], i == 0 ? 4 : 2);
        *at++ = after[i];
    }
    memcpy(at, "00:00", 6);
}

/* The length of the well-formed UTF-8 character at `p` (RFC 3629) that is not a
 * control character; 0 when it is none. The text ends with a NUL. */
static size_t printable(const uint8_t *p)
{
    if (p[0] < 0x80)
        return p[0] >= 0x20 && p[0] != 0x7f;
    size_t len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    bool c1 = p[0] == 0xc2 && p[1] < 0xa0;
    bool overlong = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90);
    bool beyond = (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf4 && p[1] > 0x8f);
    return c1 || overlong || beyond ? 0 : len;
}

static size_t escape_one(const uint8_t *p, char to[4], size_t *used)
{
    static const char hex[] = "0123456789abcdef";
    size_t len = printable(p);
    if (len) {
        memcpy(to, p, len);
        *used = len;
        return len;
    }
    to[0] = '\\';
    to[1] = 'x';
    to[2] = hex[*p >> 4];
    to[3] = hex[*p & 15];
    *used = 1;
    return 4;
}

size_t log_escape(const char *text, char *to, size_t size)
{
    const uint8_t *p = (const uint8_t *)text;
    size_t len = 0, whole = 0; /* of them, what may stay when "..." follows */
    while (*p) {
        char one[4];
        size_t used, n = escape_one(p, one, &used);
        if (len + n > size - 1) {
            memcpy(to + whole, "...", 4);
            return whole + 3;
        }
        memcpy(to + len, one, n);
        len += n;
        p += used;
        if (len + 3 <= size - 1)
            whole = len;
    }
    to[len] = '\0';
    return len;
}
