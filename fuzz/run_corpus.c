/* SPDX-License-Identifier: ISC */
/* Runs a harness on its corpus without a fuzzer: build/tests/fuzz_x runs every file of
 * fuzz/corpus/x (or the files given as arguments), whole and cut short at each length,
 * from a block of exactly that length, so that the address sanitizer sees each octet
 * read too far. Prints one line, as test programs do. */
#include <dirent.h>
#include <libgen.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INPUT_MAX (1U << 20) /* octets of a corpus file */
#define CUTS_MAX  512U       /* the first lengths to cut an input at */

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static char name[64];

_Noreturn static void fail(const char *what, const char *which)
{
    printf("not ok %s: %s %s\n", name, what, which);
    exit(1);
}

static void run_length(const uint8_t *at, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);
    if (!copy)
        fail("no memory for", "an input");
    memcpy(copy, at, len);
    /* With no octets there is still an address, but none that may be read. */
    LLVMFuzzerTestOneInput(len ? copy : copy + 1, len);
    free(copy);
}

static void run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *at = malloc(INPUT_MAX);
    if (!f || !at)
        fail("cannot read", path);
    size_t len = fread(at, 1, INPUT_MAX, f);
    fclose(f);
    for (size_t cut = 0; cut < len && cut < CUTS_MAX; cut++)
        run_length(at, cut);
    run_length(at, len);
    free(at);
}

static int is_input(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

static int run_folder(const char *folder)
{
    struct dirent **entry;
    int n = scandir(folder, &entry, is_input, alphasort);
    if (n <= 0)
        fail("no inputs in", folder);
    for (int i = 0; i < n; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        run_file(path);
        free(entry[i]);
    }
    free(entry);
    return n;
}

int main(int argc, char **argv)
{
    snprintf(name, sizeof name, "%s", basename(argv[0]));
    if (strncmp(name, "fuzz_", 5) != 0)
        fail("a harness is named fuzz_x, not", name);
    int n = argc - 1;
    for (int i = 1; i < argc; i++)
        run_file(argv[i]);
    if (argc == 1) {
        char folder[128];
        snprintf(folder, sizeof folder, "fuzz/corpus/%s", name + strlen("fuzz_"));
        n = run_folder(folder);
    }
    printf("ok %s: %d inputs\n", name, n);
    return 0;
}
