/* SPDX-License-Identifier: ISC */
/* From the command line to the runtime. */
#include "host/devices.h"
#include "plat/plat.h"
#include "plat/unix/unix.h"

#include <abi/note.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define LOG_LEVEL_INFO 3 /* DR_LOG_INFO */

/* What the application's devices were declared with, in the form of an image's note;
 * generated when the application is built. */
extern const struct abi_manifest_note_head drupe_manifest_note;

static struct plat_boot boot;

const struct plat_boot *plat_boot(void)
{
    return &boot;
}

_Noreturn void plat_exit(int status)
{
    exit(status);
}

_Noreturn void plat_abort(void)
{
    unix_end_by_fault();
    _exit(255);
}

static int read_manifest(struct error *e)
{
    const uint8_t *note = (const uint8_t *)&drupe_manifest_note;
    size_t len = drupe_manifest_note.desc_len - sizeof drupe_manifest_note.padding;
    return manifest_parse(bytes_of(note + ABI_NOTE_MANIFEST_DESC_AT, len), &unix_manifest, e);
}

static int map_memory(uint64_t len, struct error *e)
{
    void *at = mmap(NULL, len, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED)
        return fail_errno(e, "cannot map %lu MB of memory", (unsigned long)(len >> 20));
    boot.mem = at;
    boot.mem_len = boot.budget = len;
    return 0;
}

/* The words --solo5:LEVEL at the front of the application's arguments. Returns how
 * many there are. */
static int read_log_level(char **argv)
{
    static const struct {
        const char *word;
        unsigned level; /* an enum dr_log_level */
    } levels[] = {{"--solo5:quiet", 1},
                  {"--solo5:error", 1},
                  {"--solo5:warn", 2},
                  {"--solo5:info", 3},
                  {"--solo5:debug", 4}};
    int n = 0;
    boot.log_level = LOG_LEVEL_INFO;
    for (;; n++) {
        size_t i = 0, count = sizeof levels / sizeof levels[0];
        while (i < count && argv[n] && strcmp(argv[n], levels[i].word) != 0)
            i++;
        if (i == count || !argv[n])
            return n;
        boot.log_level = levels[i].level;
    }
}

/* Whoever asks for help gets it, devices or not. */
static bool asks_for_help(char **argv)
{
    for (; *argv && strcmp(*argv, "--") != 0; argv++)
        if (strcmp(*argv, "--help") == 0)
            return true;
    return false;
}

static void print_help(const char *name)
{
    printf("usage: %s [OPTIONS] [--] [ARGUMENTS]\n"
           "Options of the program as a host for the image:\n"
           "%s"
           "  --manifest                        print the image's devices as JSON\n"
           "Arguments of the image:\n",
           name, options_help);
    fflush(stdout);
}

static int start(const struct options *o, const char *name, char **argv, struct error *e)
{
    char **arguments = argv + o->rest;
    arguments += read_log_level(arguments);
    /* The name takes the place of the last word that was read. */
    boot.argv = arguments - 1;
    boot.argv[0] = argv[0];
    while (boot.argv[boot.argc])
        boot.argc++;
    unix_manifest.understood = OFFLOAD_CSUM | OFFLOAD_TSO4;
    if (asks_for_help(arguments))
        print_help(name);
    else if (devices_attach(o, &unix_manifest, e) != 0)
        return -1;
    unix_watch_networks();
    return map_memory(o->mem, e) != 0 ? -1 : unix_install_signals(name, e);
}

__attribute__((visibility("default"))) int main(int argc, char **argv)
{
    struct options o;
    struct error e;
    const char *slash = strrchr(argv[0], '/');
    const char *name = slash ? slash + 1 : argv[0];
    /* The application's printf and the console's lines come in their order. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (options_parse_program(&o, argc, argv, &e) == 0 && read_manifest(&e) == 0) {
        if (o.manifest) {
            manifest_print(&unix_manifest, stdout);
            return EXIT_SUCCESS;
        }
        if (start(&o, name, argv, &e) == 0)
            return rt_start();
    }
    fprintf(stderr, "%s: %s\n", name, e.text);
    return EXIT_FAILURE;
}
