/* SPDX-License-Identifier: ISC */
#include "cli/cli.h"

#include <string.h>

static const struct cli_option *by_name(const struct cli_option *o, const char *name,
                                        size_t len)
{
    for (; o->name; o++)
        if (strlen(o->name) == len && memcmp(o->name, name, len) == 0)
            return o;
    return NULL;
}

static const struct cli_option *by_letter(const struct cli_option *o, char c)
{
    for (; o->name; o++)
        if (o->c == c)
            return o;
    return NULL;
}

static int add(struct cli_list *list, const char *text, struct error *e)
{
    if (list->n == CLI_LIST_MAX)
        return misused(e, "more than %d words of one kind", CLI_LIST_MAX);
    list->at[list->n++] = text;
    return 0;
}

/* Gives the option its value: in the same word, or (NULL) the next one. */
static int take(const struct cli_option *o, const char *value, char **argv, int *i,
                struct error *e)
{
    if (o->flag) {
        if (value)
            return misused(e, "--%s takes no value", o->name);
        *o->flag = true;
        return 0;
    }
    if (!value && !argv[*i + 1])
        return misused(e, "--%s needs a value", o->name);
    if (!value)
        value = argv[++*i];
    if (o->list)
        return add(o->list, value, e);
    if (*o->text)
        return misused(e, "--%s is given twice", o->name);
    *o->text = value;
    return 0;
}

/* A word that begins with a dash. */
static int option_word(char **argv, int *i, const struct cli_option *options, struct error *e)
{
    const char *w = argv[*i];
    const struct cli_option *o;
    const char *value;
    if (w[1] == '-') {
        size_t len = strcspn(w + 2, "=");
        o = by_name(options, w + 2, len);
        value = w[2 + len] ? w + 3 + len : NULL;
    } else {
        o = by_letter(options, w[1]);
        value = w[2] ? w + 2 : NULL;
    }
    if (!o)
        return misused(e, "'%.100s' is not an option here: see drupe help %s", w, argv[0]);
    return take(o, value, argv, i, e);
}

int cli_parse(int argc, char **argv, const struct cli_option *options, struct cli_list *words,
              char ***rest, struct error *e)
{
    int r = 0, i = 1;
    for (; r == 0 && i < argc && strcmp(argv[i], "--") != 0; i++)
        r = argv[i][0] == '-' && argv[i][1] ? option_word(argv, &i, options, e)
                                            : add(words, argv[i], e);
    *rest = argv + (i < argc ? i + 1 : argc);
    return r;
}

bool cli_number(const char *text, unsigned long min, unsigned long max, unsigned long *out)
{
    unsigned long n = 0;
    size_t len = strlen(text);
    if (len == 0 || len > 9 || strspn(text, "0123456789") != len)
        return false;
    for (size_t i = 0; i < len; i++)
        n = n * 10 + (unsigned long)(text[i] - '0');
    *out = n;
    return n >= min && n <= max;
}

static bool letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool cli_name_ok(const char *name)
{
    size_t len = strlen(name);
    if (len == 0 || len > 63 || !letter(name[0]))
        return false;
    for (size_t i = 1; i < len; i++)
        if (!letter(name[i]) && !strchr("0123456789-_", name[i]))
            return false;
    return true;
}
