/* SPDX-License-Identifier: ISC */
#include "plat/bare/cmdline.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define LOG_LEVEL_INFO 3U

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

static char *skip_blanks(char *at)
{
    while (is_blank(*at))
        at++;
    return at;
}

/* In the order of enum dr_log_level; Solo5's "quiet" is its "error". */
static const struct {
    const char *word;
    unsigned level;
} options[] = {
    {"--solo5:quiet", 1}, {"--solo5:error", 1}, {"--solo5:warn", 2},
    {"--solo5:info", 3},  {"--solo5:debug", 4},
};

char *cmdline_log_level(char *line, unsigned *level)
{
    *level = LOG_LEVEL_INFO;
    for (;;) {
        char *at = skip_blanks(line), *after = NULL;
        for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
            size_t len = strlen(options[i].word);
            if (strncmp(at, options[i].word, len) == 0 && (!at[len] || is_blank(at[len]))) {
                after = at + len;
                *level = options[i].level;
            }
        }
        if (!after)
            return at;
        line = after;
    }
}

/* Moves one word to *to, which is never ahead of `at`, and ends it. Returns what follows it,
 * or NULL when a quote is not closed. */
static char *take_word(char *at, char *to)
{
    char quote = 0;
    for (; *at && (quote || !is_blank(*at)); at++) {
        char c = *at;
        if (quote ? c == quote : c == '"' || c == '\'') {
            quote = quote ? 0 : c;
            continue;
        }
        bool escapes =
            c == '\\' && quote != '\'' && at[1] && (!quote || at[1] == '"' || at[1] == '\\');
        if (escapes)
            c = *++at;
        *to++ = c;
    }
    /* The word's end may lie on the blank that ended it. */
    char *next = *at ? at + 1 : at;
    *to = 0;
    return quote ? NULL : next;
}

int cmdline_split(char *line, char **argv, int max)
{
    int n = 0;
    for (char *at = skip_blanks(line); *at; at = skip_blanks(at)) {
        if (n == max)
            return CMDLINE_TOO_MANY;
        argv[n++] = at;
        at = take_word(at, at);
        if (!at)
            return CMDLINE_UNCLOSED;
    }
    argv[n] = NULL;
    return n;
}
