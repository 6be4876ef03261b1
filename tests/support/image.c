/* SPDX-License-Identifier: ISC */
#include "tests/support/image.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t breakpoint[] = {0xcc};
static const char data[] = IMAGE_DATA;

static size_t manifest_len(const struct image *i)
{
    return sizeof i->manifest_head + 8 + i->entries * sizeof i->entry[0];
}

static void layout(struct image *i)
{
    size_t at = sizeof i->header + sizeof i->ph;
    i->ph[PH_ABI].p_offset = at;
    i->ph[PH_ABI].p_filesz = sizeof i->abi_note;
    i->ph[PH_MANIFEST].p_offset = at += sizeof i->abi_note;
    i->ph[PH_MANIFEST].p_filesz = manifest_len(i);
    i->ph[PH_NET].p_offset = at += manifest_len(i);
    i->ph[PH_NET].p_filesz = sizeof i->net_note;
    i->ph[PH_TEXT].p_offset = at += sizeof i->net_note;
    i->ph[PH_TEXT].p_filesz = i->ph[PH_TEXT].p_memsz = i->text_len;
    i->ph[PH_DATA].p_offset = at + i->text_len;
    i->manifest_head[1] = (uint32_t)(4 + 8 + i->entries * sizeof i->entry[0]);
}

void image_init(struct image *i)
{
    memset(i, 0, sizeof *i);
    Elf64_Ehdr *h = &i->header;
    memcpy(h->e_ident, ELFMAG "\2\1\1", 7);
    h->e_type = ET_EXEC;
    h->e_machine = EM_X86_64;
    h->e_version = EV_CURRENT;
    h->e_entry = IMAGE_TEXT_AT;
    h->e_phoff = sizeof *h;
    h->e_ehsize = sizeof *h;
    h->e_phentsize = sizeof(Elf64_Phdr);
    h->e_phnum = PH_COUNT;
    i->ph[PH_ABI].p_type = i->ph[PH_MANIFEST].p_type = PT_NOTE;
    i->ph[PH_TEXT] = (Elf64_Phdr){
        .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = IMAGE_TEXT_AT, .p_align = 0x1000};
    i->ph[PH_DATA] = (Elf64_Phdr){.p_type = PT_LOAD,
                                  .p_flags = PF_R | PF_W,
                                  .p_vaddr = IMAGE_DATA_AT,
                                  .p_filesz = sizeof data,
                                  .p_memsz = 0x2000,
                                  .p_align = 0x1000};
    const uint32_t abi[9] = {6, 16, ABI_NOTE_ABI, 0x6f6c6f53, 0x35, ABI_TARGET_SPT, 2, 0, 0};
    const uint32_t manifest[6] = {6, 0, ABI_NOTE_MANIFEST, 0x6f6c6f53, 0x35, 0};
    memcpy(i->abi_note, abi, sizeof abi);
    memcpy(i->manifest_head, manifest, sizeof manifest);
    i->manifest_version = ABI_MANIFEST_VERSION;
    i->entries = 1;
    i->entry[0].type = ABI_DEVICE_RESERVED_FIRST;
    image_set_text(i, breakpoint, sizeof breakpoint);
}

void image_add(struct image *i, const char *name, enum abi_device type)
{
    struct abi_manifest_entry *d = &i->entry[i->entries++];
    strncpy(d->name, name, sizeof d->name - 1);
    d->type = (uint32_t)type;
    layout(i);
}

void image_understands(struct image *i, uint32_t features)
{
    const uint32_t note[7] = {6, 8, ABI_NOTE_NET, 0x70757244, 0x65, features, 0};
    memcpy(i->net_note, note, sizeof note);
    i->ph[PH_NET].p_type = PT_NOTE;
    layout(i);
}

void image_set_text(struct image *i, const void *text, size_t len)
{
    i->text = text;
    i->text_len = len;
    layout(i);
}

struct out {
    uint8_t *at;
    size_t len, size;
};

static void append(struct out *o, const void *from, size_t len)
{
    if (len > o->size - o->len)
        abort();
    memcpy(o->at + o->len, from, len);
    o->len += len;
}

size_t image_build(const struct image *i, uint8_t *to, size_t size)
{
    struct out o = {.at = to, .size = size};
    append(&o, &i->header, sizeof i->header);
    append(&o, i->ph, sizeof i->ph);
    append(&o, i->abi_note, sizeof i->abi_note);
    append(&o, i->manifest_head, sizeof i->manifest_head);
    append(&o, &i->manifest_version, 8);
    append(&o, i->entry, i->entries * sizeof i->entry[0]);
    append(&o, i->net_note, sizeof i->net_note);
    append(&o, i->text, i->text_len);
    append(&o, data, sizeof data);
    return o.len;
}
