/* SPDX-License-Identifier: ISC */
#include "rt/args.h"

#include "base/check.h"
#include "base/format.h"
#include "rt/args_values.h"
#include "rt/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

/* A walk over a table and the tables inside it, in order. */
struct walk {
    const struct dr_arg *at[ARGS_NESTING];
    int depth;
    unsigned index; /* of the argument last returned */
};

static struct walk walk_of(const struct dr_arg *table)
{
    return (struct walk){.at = {table}, .index = UINT32_MAX};
}

/* The next argument; NULL at the end. */
static const struct dr_arg *walk_next(struct walk *w)
{
    while (w->depth >= 0) {
        const struct dr_arg *arg = w->at[w->depth];
        if (!arg || !(arg->name || arg->is_table)) {
            w->depth--;
            continue;
        }
        w->at[w->depth]++;
        if (!arg->is_table) {
            check(w->index + 1 < ARGS_MAX);
            w->index++;
            return arg;
        }
        check(w->depth + 1 < ARGS_NESTING);
        w->at[++w->depth] = arg->to.table;
    }
    return NULL;
}

/* ---- Reading --------------------------------------------------------------- */

struct parse {
    const struct dr_arg *table;
    char **argv, **end;
    char *why;
    bool seen[ARGS_MAX];
};

/* What is quoted of the user's text is cut by the formats, and shown escaped. */
static enum args_verdict bad(struct parse *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static enum args_verdict bad(struct parse *p, const char *fmt, ...)
{
    char text[ARGS_WHY_LEN];
    va_list args;
    va_start(args, fmt);
    format_va(text, sizeof text, fmt, args);
    va_end(args);
    log_escape(text, p->why, ARGS_WHY_LEN);
    return ARGS_BAD;
}

/* The argument that `text` (after its dashes, `len` octets) names. */
static const struct dr_arg *find(const struct parse *p, const char *text, size_t len,
                                 unsigned *index)
{
    struct walk w = walk_of(p->table);
    for (const struct dr_arg *arg; (arg = walk_next(&w)) != NULL;) {
        if (strlen(arg->name) != len || memcmp(arg->name, text, len) != 0)
            continue;
        *index = w.index;
        return arg;
    }
    return NULL;
}

static enum args_verdict read_flag(struct parse *p, const struct dr_arg *arg, const char *value)
{
    if (value)
        return bad(p, "--%s takes no value", arg->name);
    *arg->to.flag = true;
    return ARGS_OK;
}

static bool is_number(const struct dr_arg *arg)
{
    return arg->kind && !arg->kind->expected;
}

/* What a value should look like: "a number from 1 to 65535". */
static void expected_of(const struct dr_arg *arg, char *to, size_t size)
{
    if (!is_number(arg))
        format(to, size, "%s", arg->kind->expected);
    else if (arg->max == UINT64_MAX)
        format(to, size, "a number from %" PRIu64, arg->min);
    else
        format(to, size, "a number from %" PRIu64 " to %" PRIu64, arg->min, arg->max);
}

static enum args_verdict read_value(struct parse *p, const struct dr_arg *arg,
                                    const char *value)
{
    char expected[96];
    if (!value) {
        if (p->argv == p->end || strncmp(*p->argv, "--", 2) == 0) {
            expected_of(arg, expected, sizeof expected);
            return bad(p, "--%s needs a value: %s", arg->name, expected);
        }
        value = *p->argv++;
    }
    int err = arg->kind->read(arg, value);
    if (err == 0)
        return ARGS_OK;
    if (err == -ENOSPC)
        return bad(p, "--%s is given more than %" PRIu64 " times", arg->name, arg->max);
    expected_of(arg, expected, sizeof expected);
    return bad(p, "--%s: \"%.40s\" is not %s", arg->name, value, expected);
}

static enum args_verdict read_one(struct parse *p, const char *text)
{
    unsigned index;
    if (strncmp(text, "--", 2) != 0 || !text[2])
        return bad(p, "\"%.40s\" is not an argument: they begin with --", text);
    if (strcmp(text, "--help") == 0)
        return ARGS_HELP;
    size_t len = strcspn(text + 2, "=");
    const struct dr_arg *arg = find(p, text + 2, len, &index);
    if (!arg)
        return bad(p, "there is no argument %.40s; --help lists those there are", text);
    if (p->seen[index] && !(arg->kind && arg->kind->repeats))
        return bad(p, "--%s is given twice", arg->name);
    p->seen[index] = true;
    const char *value = text[2 + len] ? text + 2 + len + 1 : NULL;
    return arg->kind ? read_value(p, arg, value) : read_flag(p, arg, value);
}

static enum args_verdict find_missing(struct parse *p)
{
    char expected[96];
    struct walk w = walk_of(p->table);
    for (const struct dr_arg *arg; (arg = walk_next(&w)) != NULL;) {
        if (!arg->required || p->seen[w.index])
            continue;
        if (!arg->kind)
            return bad(p, "--%s is required", arg->name);
        expected_of(arg, expected, sizeof expected);
        return bad(p, "--%s is required: %s", arg->name, expected);
    }
    return ARGS_OK;
}

enum args_verdict args_parse(const struct dr_arg *table, int argc, char **argv,
                             char why[ARGS_WHY_LEN])
{
    struct parse p = {.table = table, .argv = argv + 1, .end = argv + argc, .why = why};
    why[0] = '\0';
    while (p.argv < p.end) {
        enum args_verdict v = read_one(&p, *p.argv++);
        if (v != ARGS_OK)
            return v;
    }
    return find_missing(&p);
}

/* ---- Help ------------------------------------------------------------------ */

#define HELP_LINE   256
#define HELP_COLUMN 32 /* of the text, at most */

/* "--port=PORT" */
static size_t put_name(const struct dr_arg *arg, char *to, size_t size)
{
    if (!arg->kind)
        return format(to, size, "--%s", arg->name);
    return format(to, size, "--%s=%s", arg->name, arg->value_name ? arg->value_name : "VALUE");
}

static size_t widest(const struct dr_arg *table)
{
    char name[HELP_LINE];
    size_t most = 0;
    struct walk w = walk_of(table);
    for (const struct dr_arg *arg; (arg = walk_next(&w)) != NULL;) {
        size_t len = put_name(arg, name, sizeof name);
        if (len > most && len <= HELP_COLUMN)
            most = len;
    }
    return most;
}

/* " (1 to 65535; 9000 by default)" */
static void put_notes(const struct dr_arg *arg, char *to, size_t size)
{
    char range[48] = "", value[80] = "";
    if (arg->kind)
        arg->kind->show(arg, value, sizeof value);
    if (is_number(arg) && arg->max != UINT64_MAX)
        format(range, sizeof range, "%llu to %llu", (unsigned long long)arg->min,
               (unsigned long long)arg->max);
    const char *between = range[0] && (arg->required || value[0]) ? "; " : "";
    if (arg->required)
        format(to, size, " (%s%srequired)", range, between);
    else if (value[0])
        format(to, size, " (%s%s%s by default)", range, between, value);
    else
        to[0] = '\0';
}

static void say_one(const struct dr_arg *arg, size_t width, void (*say)(const char *line))
{
    static const char spaces[] = "                                "; /* HELP_COLUMN */
    char line[HELP_LINE], notes[160];
    size_t len = put_name(arg, line + 2, sizeof line - 2) + 2;
    put_notes(arg, notes, sizeof notes);
    line[0] = line[1] = ' ';
    if (len < HELP_LINE)
        format(line + len, HELP_LINE - len, "%.*s  %s%s",
               width + 2 > len ? (int)(width + 2 - len) : 0, spaces, arg->help ? arg->help : "",
               notes);
    say(line);
}

void args_help(const char *name, const char *about, const struct dr_arg *table,
               void (*say)(const char *line))
{
    char line[HELP_LINE];
    size_t width = widest(table);
    struct walk w = walk_of(table);
    format(line, sizeof line, "%s: %s", name, about ? about : "");
    say(line);
    say("");
    for (const struct dr_arg *arg; (arg = walk_next(&w)) != NULL;)
        say_one(arg, width, say);
}
