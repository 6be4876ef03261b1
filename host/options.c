/* SPDX-License-Identifier: ISC */
#include "host/options.h"
#include "host/manifest.h"

#include <abi/note.h>
#include <string.h>

const char options_help[] =
    "  --mem=MB                          memory of the image (512)\n"
    "  --net:NAME=TAP                    attach a network device to a tap interface\n"
    "  --net:NAME=@FD[,mtu=N]            to an open tap, or a socket of one frame a packet\n"
    "  --net:NAME=user[,publish=[ADDR:]PORT:GUESTPORT[/udp]]...\n"
    "                                    to a user-mode network, with ports published\n"
    "  --net-mac:NAME=XX:XX:XX:XX:XX:XX  its hardware address (random)\n"
    "  --pcap[:NAME]=FILE                write what goes over it, or over all, to a new file, "
    "in\n"
    "                                    the form pcapng; - is standard output\n"
    "  --block:NAME=FILE                 attach a block device to a file or disk\n"
    "  --block-sector-size:NAME=N        octets of a block, a power of 2 (512)\n";

static const char *const texts[] = {[OPTION_NET] = "--net:",
                                    [OPTION_NET_MAC] = "--net-mac:",
                                    [OPTION_PCAP] = "--pcap:",
                                    [OPTION_BLOCK] = "--block:",
                                    [OPTION_BLOCK_SECTOR_SIZE] = "--block-sector-size:"};

const char *option_text(enum option_kind kind)
{
    return texts[kind];
}

/* What follows `prefix` in `word`, or NULL. */
static const char *after(const char *word, const char *prefix)
{
    size_t len = strlen(prefix);
    return strncmp(word, prefix, len) == 0 ? word + len : NULL;
}

static int parse_mem(struct options *o, const char *value, struct error *e)
{
    uint64_t mb = 0;
    const char *c = value;
    for (; *c >= '0' && *c <= '9' && mb <= OPTIONS_MEM_MAX; c++)
        mb = mb * 10 + (uint64_t)(*c - '0');
    if (c == value || *c != 0 || mb < 1 || mb > OPTIONS_MEM_MAX)
        return fail(e, "--mem=%s: give a number of megabytes from 1 to %d", value,
                    OPTIONS_MEM_MAX);
    o->mem = mb << 20;
    return 0;
}

static int parse_pcap(struct options *o, const char *file, struct error *e)
{
    if (*file == 0)
        return fail(e, "--pcap=: a value is missing: --pcap=FILE");
    if (o->pcap)
        return fail(e, "--pcap= is given twice");
    o->pcap = file;
    return 0;
}

static int parse_device(struct options *o, enum option_kind kind, const char *word,
                        struct error *e)
{
    const char *name = word + strlen(texts[kind]);
    size_t name_len = strcspn(name, "=");
    if (name[name_len] == 0 || name[name_len + 1] == 0)
        return fail(e, "%s: a value is missing: %sNAME=VALUE", word, texts[kind]);
    if (!manifest_name_ok(name, name_len))
        return fail(e, "%s: a device's name is 1 to %d letters and digits", word,
                    ABI_MANIFEST_NAME_SIZE - 1);
    for (unsigned i = 0; i < o->count; i++)
        if (o->device[i].kind == kind && o->device[i].name_len == name_len &&
            memcmp(o->device[i].name, name, name_len) == 0)
            return fail(e, "%s%.*s= is given twice", texts[kind], (int)name_len, name);
    if (o->count == OPTIONS_DEVICES_MAX)
        return fail(e, "more than %d options of devices", OPTIONS_DEVICES_MAX);
    o->device[o->count++] = (struct option_device){kind, name, name_len, name + name_len + 1};
    return 0;
}

enum taken { NOT_OURS, OURS };

/* One word: NOT_OURS, OURS, or -1. */
static int parse_word(struct options *o, const char *word, struct error *e)
{
    const char *mem = after(word, "--mem="), *pcap = after(word, "--pcap=");
    if (mem)
        return parse_mem(o, mem, e) == 0 ? OURS : -1;
    if (pcap)
        return parse_pcap(o, pcap, e) == 0 ? OURS : -1;
    if (strcmp(word, "--mem") == 0)
        return fail(e, "--mem: a value is missing: --mem=MB");
    if (strcmp(word, "--pcap") == 0)
        return fail(e, "--pcap: a value is missing: --pcap=FILE");
    for (unsigned k = 0; k < sizeof texts / sizeof texts[0]; k++)
        if (after(word, texts[k]))
            return parse_device(o, (enum option_kind)k, word, e) == 0 ? OURS : -1;
    return NOT_OURS;
}

static void begin(struct options *o)
{
    o->mem = ABI_MEM_DEFAULT;
    o->help = o->version = o->manifest = false;
    o->pcap = NULL;
    o->count = 0;
    o->rest = 1;
}

int options_parse_tender(struct options *o, int argc, char **argv, struct error *e)
{
    return options_parse_tender_with(o, argc, argv, NULL, NULL, e);
}

int options_parse_tender_with(struct options *o, int argc, char **argv, options_more *more,
                              void *own, struct error *e)
{
    begin(o);
    for (; o->rest < argc && argv[o->rest][0] == '-'; o->rest++) {
        const char *word = argv[o->rest];
        if (strcmp(word, "--") == 0) {
            o->rest++;
            break;
        }
        o->help |= strcmp(word, "--help") == 0;
        o->version |= strcmp(word, "--version") == 0;
        if (o->help || o->version)
            return 0;
        int taken = parse_word(o, word, e);
        if (taken == NOT_OURS && more)
            taken = more(own, word, e);
        if (taken < 0)
            return -1;
        if (taken == NOT_OURS)
            return fail(e, "%s: no such option (see --help)", word);
    }
    return o->rest < argc ? 0 : fail(e, "which image? (see --help)");
}

int options_parse_program(struct options *o, int argc, char **argv, struct error *e)
{
    begin(o);
    for (; o->rest < argc; o->rest++) {
        const char *word = argv[o->rest];
        if (strcmp(word, "--") == 0) {
            o->rest++;
            break;
        }
        o->help = strcmp(word, "--help") == 0;
        o->manifest |= strcmp(word, "--manifest") == 0;
        if (o->help || o->manifest)
            break;
        int taken = parse_word(o, word, e);
        if (taken < 0)
            return -1;
        if (taken == NOT_OURS)
            break;
    }
    return 0;
}
