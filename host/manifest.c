/* SPDX-License-Identifier: ISC */
#include "host/manifest.h"
#include "base/check.h"
#include "host/le.h"

static bool alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool manifest_name_ok(const char *name, size_t len)
{
    if (len == 0 || len >= ABI_MANIFEST_NAME_SIZE)
        return false;
    for (size_t i = 0; i < len; i++)
        if (!alphanumeric(name[i]))
            return false;
    return true;
}

const char *manifest_type_text(uint32_t type)
{
    return type == ABI_DEVICE_NET ? "network" : "block";
}

size_t manifest_size(const struct manifest *m)
{
    return sizeof(struct abi_manifest) + m->entries * sizeof(struct abi_manifest_entry);
}

unsigned manifest_find(const struct manifest *m, const char *name, size_t len,
                       enum abi_device type)
{
    for (unsigned i = 1; i < m->entries; i++) {
        const struct abi_manifest_entry *d = &m->entry[i];
        if (d->type == (uint32_t)type && strlen(d->name) == len &&
            memcmp(d->name, name, len) == 0)
            return i;
    }
    return 0;
}

/* Entry 0 stands for "no device": no handle is 0. */
static int check_first(const struct abi_manifest_entry *d, struct error *e)
{
    if (d->type != ABI_DEVICE_RESERVED_FIRST || d->name[0] != 0)
        return fail(e, "the manifest's first entry is not the reserved one");
    return 0;
}

static int check_device(const struct manifest *m, unsigned i, struct error *e)
{
    const struct abi_manifest_entry *d = &m->entry[i];
    if (!manifest_name_ok(d->name, strlen(d->name)))
        return fail(e,
                    "the name of device %u in the manifest is not 1 to %d letters and digits",
                    i, ABI_MANIFEST_NAME_SIZE - 1);
    if (d->type != ABI_DEVICE_NET && d->type != ABI_DEVICE_BLOCK)
        return fail(e, "device '%s' in the manifest has the unknown type %u", d->name, d->type);
    for (unsigned j = 1; j < i; j++)
        if (strcmp(m->entry[j].name, d->name) == 0)
            return fail(e, "the manifest declares device '%s' twice", d->name);
    return 0;
}

/* What the tender is to fill in (addresses, capacity, descriptor) is not taken over. */
static int read_entry(struct reader *r, struct manifest *m, unsigned i, struct error *e)
{
    struct abi_manifest_entry *d = &m->entry[i];
    struct bytes name = read_bytes(r, ABI_MANIFEST_NAME_SIZE);
    d->type = read_le32(r);
    (void)read_bytes(r, sizeof d->u + sizeof d->b);
    uint8_t attached = read_u8(r);
    (void)read_bytes(r, sizeof d->padding);
    check(!r->ran_out);
    if (name.at[name.len - 1] != 0)
        return fail(e, "the name of device %u in the manifest does not end", i);
    if (attached != 0)
        return fail(e, "device %u in the manifest claims to be attached", i);
    memcpy(d->name, name.at, name.len);
    return i == 0 ? check_first(d, e) : check_device(m, i, e);
}

static int read_manifest(struct bytes in, struct manifest *m, struct error *e)
{
    struct reader r = reader_of(in);
    m->version = read_le32(&r);
    m->entries = read_le32(&r);
    if (r.ran_out)
        return fail(e, "the manifest is cut short");
    if (m->version != ABI_MANIFEST_VERSION)
        return fail(e, "the manifest has version %u, not %d", m->version, ABI_MANIFEST_VERSION);
    if (m->entries < 1 || m->entries > ABI_MANIFEST_ENTRIES_MAX)
        return fail(e, "the manifest has %u entries, not 1 to %d", m->entries,
                    ABI_MANIFEST_ENTRIES_MAX);
    if (in.len != manifest_size(m))
        return fail(e, "the manifest has %zu octets, not the %zu of its %u entries", in.len,
                    manifest_size(m), m->entries);
    for (unsigned i = 0; i < m->entries; i++)
        if (read_entry(&r, m, i, e) != 0)
            return -1;
    return 0;
}

int manifest_parse(struct bytes in, struct manifest *out, struct error *e)
{
    struct manifest m = {0};
    if (read_manifest(in, &m, e) != 0)
        return -1;
    *out = m;
    return 0;
}

void manifest_print(const struct manifest *m, FILE *to)
{
    fprintf(to, "{\n  \"type\": \"solo5.manifest\",\n  \"version\": %d,\n  \"devices\": [",
            ABI_MANIFEST_VERSION);
    for (unsigned i = 1; i < m->entries; i++)
        fprintf(to, "%s\n    { \"name\": \"%s\", \"type\": \"%s\" }", i > 1 ? "," : "",
                m->entry[i].name,
                m->entry[i].type == ABI_DEVICE_NET ? "NET_BASIC" : "BLOCK_BASIC");
    fprintf(to, "%s]\n}\n", m->entries > 1 ? "\n  " : " ");
}
