/* SPDX-License-Identifier: ISC */
#include "cli/areas.h"
#include "cli/cli.h"
#include "cli/image.h"
#include "cli/sections.h"

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

const char help_inspect[] =
    "usage: drupe inspect [--json] IMAGE\n"
    "Says what is in an image, without running it: the target it is for, the devices it\n"
    "declares, where it is loaded, and how large its parts are; of one that is not stripped,\n"
    "also how much of the code is whose: the library's areas, the vendored libraries', the\n"
    "application's.\n"
    "  --json   for programs\n";

struct report {
    const char *path;
    struct image image;
    uint64_t file; /* octets */
    struct section_sizes size;
    struct areas areas;
};

static int measure(const char *path, struct report *r, struct error *e)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) < 0)
        return fail_errno(e, "%.300s", path);
    r->file = (uint64_t)st.st_size;
    void *at = r->file ? mmap(NULL, r->file, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    close(fd);
    if (at == MAP_FAILED)
        return fail(e, "%.300s cannot be read", path);
    int result = sections_measure(bytes_of(at, r->file), &r->size, e);
    areas_measure(bytes_of(at, r->file), &r->areas);
    munmap(at, r->file);
    return result < 0 ? fail_about(e, path) : 0;
}

static const struct {
    const char *name, *json;
    size_t at;
} parts[] = {
    {"code", "text", offsetof(struct section_sizes, text)},
    {"read-only data", "rodata", offsetof(struct section_sizes, rodata)},
    {"data", "data", offsetof(struct section_sizes, data)},
    {"zeroed data", "bss", offsetof(struct section_sizes, bss)},
    {"symbols", "symbols", offsetof(struct section_sizes, symbols)},
    {"debugging", "debug", offsetof(struct section_sizes, debug)},
};
#define PARTS (sizeof parts / sizeof parts[0])

static uint64_t part(const struct report *r, size_t i)
{
    return *(const uint64_t *)(const void *)((const char *)&r->size + parts[i].at);
}

static void print_image(const struct elf_image *image)
{
    const struct manifest *m = &image->manifest;
    printf("abi               %u\n", image->abi.version);
    for (uint32_t i = 1; i < m->entries; i++)
        printf("device            %s (%s)\n", m->entry[i].name,
               manifest_type_text(m->entry[i].type));
    if (m->entries <= 1)
        printf("device            none\n");
    printf("network offloads  %s%s%s\n",
           image->net_features & ABI_NET_CSUM ? "checksum" : "none",
           image->net_features & ABI_NET_TSO4 ? ", super-frames" : "",
           image->net_features & ABI_NET_TSO6 ? ", super-frames over IPv6" : "");
    printf("entry             0x%llx\n", (unsigned long long)image->entry);
    for (unsigned i = 0; i < image->segments; i++) {
        const struct elf_segment *s = &image->segment[i];
        printf("segment           0x%llx-0x%llx %c%c%c\n", (unsigned long long)s->start,
               (unsigned long long)s->end, s->flags & ELF_R ? 'r' : '-',
               s->flags & ELF_W ? 'w' : '-', s->flags & ELF_X ? 'x' : '-');
    }
    printf("loaded below      %.1f MiB, and needs stack and heap above\n",
           (double)image->end / (1 << 20));
}

static void print_text(const struct report *r)
{
    printf("image             %s\ntarget            %s\n", r->path, r->image.target);
    if (r->image.program)
        printf("device            see %s --manifest\n", r->path);
    else
        print_image(&r->image.elf);
    printf("file              %llu octets\n", (unsigned long long)r->file);
    for (size_t i = 0; i < PARTS; i++)
        printf("  %-16s%llu\n", parts[i].name, (unsigned long long)part(r, i));
    if (r->areas.n > 0)
        printf("code by source\n");
    for (unsigned i = 0; i < r->areas.n; i++)
        printf("  %-16s%llu\n", r->areas.area[i].name,
               (unsigned long long)r->areas.area[i].len);
}

/* As solo5-elftool's query-abi and query-manifest print them. */
static void add_abi(cJSON *root, const struct abi_note *abi)
{
    cJSON *o = cJSON_AddObjectToObject(root, "abi");
    cJSON_AddStringToObject(o, "type", "solo5.abi");
    cJSON_AddStringToObject(o, "target", elf_target_text(abi->target));
    cJSON_AddNumberToObject(o, "version", abi->version);
}

static void add_manifest(cJSON *root, const struct manifest *m)
{
    cJSON *o = cJSON_AddObjectToObject(root, "manifest");
    cJSON_AddStringToObject(o, "type", "solo5.manifest");
    cJSON_AddNumberToObject(o, "version", ABI_MANIFEST_VERSION);
    cJSON *devices = cJSON_AddArrayToObject(o, "devices");
    for (uint32_t i = 1; i < m->entries; i++) {
        cJSON *d = cJSON_CreateObject();
        cJSON_AddStringToObject(d, "name", m->entry[i].name);
        cJSON_AddStringToObject(
            d, "type", m->entry[i].type == ABI_DEVICE_NET ? "NET_BASIC" : "BLOCK_BASIC");
        cJSON_AddItemToArray(devices, d);
    }
}

static void add_image(cJSON *root, const struct elf_image *image)
{
    add_abi(root, &image->abi);
    add_manifest(root, &image->manifest);
    cJSON_AddNumberToObject(root, "network_features", image->net_features);
    cJSON_AddNumberToObject(root, "entry", (double)image->entry);
    cJSON_AddNumberToObject(root, "end", (double)image->end);
}

static int print_json(const struct report *r, struct error *e)
{
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "image", r->path);
    cJSON_AddStringToObject(root, "target", r->image.target);
    if (!r->image.program)
        add_image(root, &r->image.elf);
    cJSON_AddNumberToObject(root, "file", (double)r->file);
    cJSON *sizes = cJSON_AddObjectToObject(root, "sizes");
    for (size_t i = 0; i < PARTS; i++)
        cJSON_AddNumberToObject(sizes, parts[i].json, (double)part(r, i));
    cJSON *areas = cJSON_AddObjectToObject(root, "code");
    for (unsigned i = 0; i < r->areas.n; i++)
        cJSON_AddNumberToObject(areas, r->areas.area[i].name, (double)r->areas.area[i].len);
    char *text = cJSON_Print(root);
    cJSON_Delete(root);
    if (!text)
        return fail(e, "no memory for the report");
    printf("%s\n", text);
    free(text);
    return 0;
}

int cmd_inspect(int argc, char **argv, struct error *e)
{
    static struct report report;
    struct cli_list words = {0};
    bool json = false;
    char **rest;
    const struct cli_option options[] = {{.name = "json", .flag = &json}, {0}};
    int r = cli_parse(argc, argv, options, &words, &rest, e);
    if (r != 0)
        return r;
    if (words.n != 1 || *rest)
        return misused(e, "inspect takes one image");
    report.path = words.at[0];
    if (image_read(report.path, false, &report.image, e) < 0 ||
        measure(report.path, &report, e) < 0)
        return CLI_FAILED;
    if (json)
        return print_json(&report, e);
    print_text(&report);
    return 0;
}
