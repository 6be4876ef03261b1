/* SPDX-License-Identifier: ISC */
#include "cli/sections.h"

#include <elf.h>
#include <string.h>

static void count(const Elf64_Shdr *s, struct section_sizes *z)
{
    uint64_t *part = &z->debug;
    if (s->sh_type == SHT_NULL)
        return;
    if (s->sh_flags & SHF_ALLOC)
        part = s->sh_type == SHT_NOBITS      ? &z->bss
               : s->sh_flags & SHF_EXECINSTR ? &z->text
               : s->sh_flags & SHF_WRITE     ? &z->data
                                             : &z->rodata;
    else if (s->sh_type == SHT_SYMTAB || s->sh_type == SHT_STRTAB)
        part = &z->symbols;
    *part += s->sh_size;
}

int sections_measure(struct bytes file, struct section_sizes *out, struct error *e)
{
    struct section_sizes z = {0};
    Elf64_Ehdr head;
    if (file.len < sizeof head || memcmp(file.at, ELFMAG, SELFMAG) != 0)
        return fail(e, "not an ELF file");
    memcpy(&head, file.at, sizeof head);
    if (head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_ident[EI_DATA] != ELFDATA2LSB)
        return fail(e, "not a 64-bit little-endian ELF file");
    uint64_t room = (uint64_t)head.e_shnum * sizeof(Elf64_Shdr);
    if (head.e_shnum && (head.e_shentsize != sizeof(Elf64_Shdr) || head.e_shoff > file.len ||
                         room > file.len - head.e_shoff))
        return fail(e, "its section headers lead out of the file");
    for (unsigned i = 0; i < head.e_shnum; i++) {
        Elf64_Shdr s;
        memcpy(&s, file.at + head.e_shoff + i * sizeof s, sizeof s);
        count(&s, &z);
    }
    *out = z;
    return 0;
}
