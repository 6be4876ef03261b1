/* SPDX-License-Identifier: ISC */
#include "cli/cli.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (1 << 20) /* octets of a template's file */

const char help_new[] =
    "usage: drupe new NAME [--template hello|echo|web]\n"
    "Makes the folder NAME with an application in it: a source, a Makefile, a README.\n"
    "  --template TEMPLATE   hello: says hello, no device (the default); echo: a TCP server;\n"
    "                        web: an HTTP server\n";

static const struct {
    const char *name;
    const char *run; /* how it is run, for the README */
} templates[] = {
    {"hello", "drupe run"},
    {"echo", "drupe run -p 9000:9000"},
    {"web", "drupe run -p 8080:80"},
};

/* Copies a file; a source is at most FILE_MAX octets. */
static int copy(const char *from, const char *to, struct error *e)
{
    static char octets[FILE_MAX];
    FILE *in = fopen(from, "re");
    if (!in)
        return fail_errno(e, "%.300s", from);
    size_t n = fread(octets, 1, sizeof octets, in);
    bool bad = ferror(in) || n == sizeof octets;
    fclose(in);
    if (bad)
        return fail(e, "%.300s cannot be read", from);
    FILE *out = fopen(to, "wxe");
    if (!out)
        return fail_errno(e, "%.300s", to);
    bad = fwrite(octets, 1, n, out) != n;
    bad |= fclose(out) != 0;
    return bad ? fail_errno(e, "%.300s", to) : 0;
}

/* The example's own Makefile, under another name and with the whole path of app.mk. */
static int write_makefile(const char *from, const char *to, const char *name, const char *tree,
                          struct error *e)
{
    char line[512];
    FILE *in = fopen(from, "re");
    if (!in)
        return fail_errno(e, "%.300s", from);
    FILE *out = fopen(to, "wxe");
    if (!out) {
        fclose(in);
        return fail_errno(e, "%.300s", to);
    }
    while (fgets(line, sizeof line, in)) {
        if (strncmp(line, "APP ", 4) == 0)
            fprintf(out, "APP  = %s\n", name);
        else if (strncmp(line, "include ", 8) == 0)
            fprintf(out, "include %s/toolchain/app.mk\n", tree);
        else if (line[0] != '#' && line[0] != '\n')
            fputs(line, out);
    }
    fclose(in);
    return fclose(out) == 0 ? 0 : fail_errno(e, "%.300s", to);
}

static int write_readme(const char *to, const char *name, const char *run, struct error *e)
{
    FILE *out = fopen(to, "wxe");
    if (!out)
        return fail_errno(e, "%.300s", to);
    fprintf(out,
            "# %s\n\nA unikernel. Build and run it, here, with\n\n    %s .\n\n"
            "The image is `build/spt/%s.spt`; `drupe inspect` says what is in it, and\n"
            "`drupe run --help` how else to run it.\n",
            name, run, name);
    return fclose(out) == 0 ? 0 : fail_errno(e, "%.300s", to);
}

static int join(char *out, const char *dir, const char *file, struct error *e)
{
    int n = snprintf(out, CLI_PATH, "%s/%s", dir, file);
    return n > 0 && n < CLI_PATH ? 0 : fail(e, "the path %.200s is too long", dir);
}

/* What a template gives: its sources, and its Makefile. */
static int take_file(const char *from_dir, const char *name, const char *file, const char *tree,
                     struct error *e)
{
    char from[CLI_PATH], to[CLI_PATH];
    if (file[0] == '.' || strcmp(file, "README.md") == 0)
        return 0;
    if (join(from, from_dir, file, e) < 0 || join(to, name, file, e) < 0)
        return -1;
    if (strcmp(file, "Makefile") == 0)
        return write_makefile(from, to, name, tree, e);
    return copy(from, to, e);
}

static int fill(const char *name, size_t template, struct error *e)
{
    char tree[CLI_PATH], from[CLI_PATH], readme[CLI_PATH];
    if (place_tree(tree, e) < 0)
        return -1;
    int n = snprintf(from, sizeof from, "%s/examples/%s", tree, templates[template].name);
    DIR *d = n < CLI_PATH ? opendir(from) : NULL;
    if (!d)
        return fail(e, "the template %s is missing from %.200s/examples",
                    templates[template].name, tree);
    if (mkdir(name, 0777) < 0) {
        closedir(d);
        return errno == EEXIST ? fail(e, "%s exists: choose another name or remove it", name)
                               : fail_errno(e, "%s", name);
    }
    int r = 0;
    for (struct dirent *f; r == 0 && (f = readdir(d));)
        if (f->d_type == DT_REG || f->d_type == DT_UNKNOWN)
            r = take_file(from, name, f->d_name, tree, e);
    closedir(d);
    if (r == 0 && (r = join(readme, name, "README.md", e)) == 0)
        r = write_readme(readme, name, templates[template].run, e);
    return r;
}

static int template_of(const char *given, size_t *out, struct error *e)
{
    for (size_t i = 0; i < sizeof templates / sizeof templates[0]; i++)
        if (!given || strcmp(given, templates[i].name) == 0) {
            *out = i;
            return 0;
        }
    return misused(e, "'%.40s' is not a template: there are hello, echo and web", given);
}

int cmd_new(int argc, char **argv, struct error *e)
{
    const char *given = NULL;
    struct cli_list words = {0};
    size_t template = 0;
    char **rest;
    const struct cli_option options[] = {{.name = "template", .text = &given}, {0}};
    int r = cli_parse(argc, argv, options, &words, &rest, e);
    if (r != 0 || (r = template_of(given, &template, e)) != 0)
        return r;
    if (words.n != 1 || *rest)
        return misused(e, "new takes one name: drupe new NAME");
    const char *name = words.at[0];
    if (!cli_name_ok(name))
        return misused(e,
                       "'%.80s' is not a name for an application: a letter, then letters, "
                       "digits, - and _, at most 63",
                       name);
    if (fill(name, template, e) < 0)
        return CLI_FAILED;
    printf("made %s: build and run it with\n    %s %s\n", name, templates[template].run, name);
    return 0;
}
