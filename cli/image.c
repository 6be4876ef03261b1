/* SPDX-License-Identifier: ISC */
#include "cli/image.h"
#include "cli/cli.h"

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int add_device(const cJSON *device, struct manifest *m, struct error *e)
{
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(device, "name"));
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItem(device, "type"));
    bool net = type && strcmp(type, "NET_BASIC") == 0;
    if (!name || !manifest_name_ok(name, strlen(name)) || !type ||
        (!net && strcmp(type, "BLOCK_BASIC") != 0) || m->entries == ABI_MANIFEST_ENTRIES_MAX)
        return fail(e, "its manifest makes no sense: build it again");
    struct abi_manifest_entry *entry = &m->entry[m->entries++];
    memcpy(entry->name, name, strlen(name));
    entry->type = net ? ABI_DEVICE_NET : ABI_DEVICE_BLOCK;
    return 0;
}

int image_manifest_json(const char *json, struct manifest *out, struct error *e)
{
    struct manifest m = {.version = ABI_MANIFEST_VERSION, .entries = 1};
    cJSON *root = cJSON_Parse(json);
    const cJSON *devices = cJSON_GetObjectItem(root, "devices"), *device;
    int r = cJSON_IsArray(devices)
                ? 0
                : fail(e, "it prints no manifest with --manifest: build it again");
    if (r == 0)
        cJSON_ArrayForEach(device, devices) if (r == 0) r = add_device(device, &m, e);
    cJSON_Delete(root);
    if (r == 0)
        *out = m;
    return r;
}

static bool ends_in(const char *s, const char *tail)
{
    size_t n = strlen(s), t = strlen(tail);
    return n > t && strcmp(s + n - t, tail) == 0;
}

static int ask_program(const char *path, struct manifest *m, struct error *e)
{
    static char json[16384];
    char *argv[] = {(char *)(size_t)path, "--manifest", NULL};
    if (spawn_wait(argv, json, sizeof json, e) < 0 || image_manifest_json(json, m, e) < 0)
        return fail_about(e, path);
    return 0;
}

int image_read(const char *path, bool ask, struct image *out, struct error *e)
{
    struct elf_source source;
    memset(out, 0, sizeof *out);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return fail_errno(e, "%.300s", path);
    out->program = ends_in(path, ".unix");
    int r = elf_source_file(fd, &source, e);
    if (r == 0 && !out->program)
        r = elf_parse(&source, &out->elf, e);
    close(fd);
    if (r < 0)
        return fail_about(e, path);
    out->target = out->program ? "unix" : elf_target_text(out->elf.abi.target);
    return out->program && ask ? ask_program(path, &out->elf.manifest, e) : 0;
}
