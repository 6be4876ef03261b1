/* SPDX-License-Identifier: ISC */
/* Plays scripts: each is a test of the name of its file. */
#include "tests/tcp/play.h"

#include <stdio.h>
#include <stdlib.h>

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "r");
    char *text = calloc(1, 1 << 20);
    if (!f || !text) {
        free(text);
        return NULL;
    }
    size_t n = fread(text, 1, (1 << 20) - 1, f);
    text[n] = 0;
    fclose(f);
    return text;
}

static void name_of(char *name, size_t room, const char *path)
{
    const char *base = strrchr(path, '/');
    snprintf(name, room, "%s", base ? base + 1 : path);
    char *end = strstr(name, ".pkt");
    if (end)
        *end = 0;
}

/* 0, or 1 when it failed. */
static int play_one(const struct script *s, const char *path, const char *name, bool on_linux)
{
    struct play_problem problem;
    const char *skip = NULL, *where = on_linux ? "_on_linux" : "";
    struct host *h = on_linux ? host_linux(&s->options, &skip) : host_inet(&s->options, &skip);
    if (!h) {
        printf("skip %s%s: %s\n", name, where, skip);
        return 0;
    }
    bool good = play(s, h, &problem);
    h->ops->end(h);
    if (!good)
        printf("# %s:%u: %s\n", path, problem.line, problem.text);
    printf("%s %s%s\n", good ? "ok" : "not ok", name, where);
    return !good;
}

static int play_file(const char *path, bool on_linux)
{
    char name[200];
    struct script s;
    struct script_problem problem;
    name_of(name, sizeof name, path);
    char *text = read_file(path);
    if (!text) {
        printf("# %s: cannot be read\nnot ok %s\n", path, name);
        return 1;
    }
    bool good = script_read(&s, text, &problem);
    free(text);
    if (!good) {
        printf("# %s:%u: %s\nnot ok %s\n", path, problem.line, problem.text, name);
        return 1;
    }
    int failed = 0;
    if (!on_linux || s.options.linux_too)
        failed = play_one(&s, path, name, on_linux);
    script_end(&s);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0, first = 1;
    bool on_linux = argc > 1 && strcmp(argv[1], "--linux") == 0;
    first += on_linux;
    if (first >= argc) {
        fprintf(stderr, "usage: %s [--linux] SCRIPT.pkt ...\n", argv[0]);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = first; i < argc; i++)
        failed |= play_file(argv[i], on_linux);
    return failed;
}
