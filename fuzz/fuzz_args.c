/* SPDX-License-Identifier: ISC */
/* Command lines, one argument a line: none is read outside of its type's range, and
 * every refusal is one line that fits. */
#include "base/check.h"
#include "rt/args.h"

#include <stdlib.h>
#include <string.h>

#define WORDS 12

static bool flag;
static uint64_t number, ns;
static const char *text;
static struct dr_ip ip;
static struct dr_prefix prefix;

static const struct dr_arg inner[] = {
    DR_ARG_IP("ip", &ip, "IP", "an address"),
    DR_ARG_PREFIX("prefix", &prefix, "PREFIX", "a prefix"),
    DR_ARG_END,
};

static const struct dr_arg table[] = {
    DR_ARG_FLAG("flag", &flag, "a flag"),
    DR_ARG_UINT("number", &number, 5, 500, "N", "a number"),
    DR_ARG_TABLE(inner),
    DR_ARG_STRING("text", &text, "TEXT", "a text"),
    DR_ARG_DURATION("time", &ns, "TIME", "a duration"),
    DR_ARG_END,
};

static int split(char *in, char **argv)
{
    static char name[] = "image";
    int argc = 0;
    argv[argc++] = name;
    for (char *p = in; p && argc < WORDS;) {
        char *end = strchr(p, '\n');
        if (end)
            *end = '\0';
        argv[argc++] = p;
        p = end ? end + 1 : NULL;
    }
    argv[argc] = NULL;
    return argc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char why[ARGS_WHY_LEN], *argv[WORDS + 1], *in = malloc(len + 1);
    if (!in)
        return 0;
    memcpy(in, data, len);
    in[len] = '\0';
    number = 5;
    enum args_verdict v = args_parse(table, split(in, argv), argv, why);
    check(number >= 5 && number <= 500);
    check(memchr(why, '\0', sizeof why) && !strchr(why, '\n'));
    check((v == ARGS_BAD) == (why[0] != '\0'));
    free(in);
    return 0;
}
