/* SPDX-License-Identifier: ISC */
/* The names of functions, from the program's own file: its symbol table has the
 * library's internal ones too, which the dynamic linker does not know. */
#include "plat/plat.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

extern const uint8_t __ehdr_start[]; /* the linker's: where the program was put */

static struct {
    const Elf64_Sym *symbol;
    size_t count;
    const char *names;
} table;

/* The file as it was linked; it is mapped once and stays. */
static const uint8_t *map_program(size_t *len)
{
    struct stat st;
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0 || st.st_size < (off_t)sizeof(Elf64_Ehdr)) {
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    *len = (size_t)st.st_size;
    void *at = mmap(NULL, *len, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    return at == MAP_FAILED ? NULL : at;
}

static bool within(const Elf64_Shdr *s, size_t len)
{
    return s->sh_offset <= len && s->sh_size <= len - s->sh_offset;
}

static void load(void)
{
    size_t len = 0;
    const uint8_t *file = map_program(&len);
    const Elf64_Ehdr *h = (const void *)file;
    if (!file || h->e_shoff > len || h->e_shnum > (len - h->e_shoff) / sizeof(Elf64_Shdr))
        return;
    const Elf64_Shdr *section = (const void *)(file + h->e_shoff);
    for (unsigned i = 0; i < h->e_shnum; i++) {
        const Elf64_Shdr *s = &section[i];
        if (s->sh_type != SHT_SYMTAB || s->sh_link >= h->e_shnum || !within(s, len) ||
            !within(&section[s->sh_link], len))
            continue;
        table.symbol = (const void *)(file + s->sh_offset);
        table.count = s->sh_size / sizeof(Elf64_Sym);
        table.names = (const char *)(file + section[s->sh_link].sh_offset);
    }
}

/* In a stripped program, or for a function of a shared library. */
static const char *dynamic_symbol(uintptr_t pc, uintptr_t *start)
{
    Dl_info info;
    if (dladdr((const void *)pc, &info) == 0 || !info.dli_sname)
        return NULL;
    *start = (uintptr_t)info.dli_saddr;
    return info.dli_sname;
}

const char *plat_symbol(uintptr_t pc, uintptr_t *start)
{
    static bool loaded;
    uintptr_t base = (uintptr_t)__ehdr_start;
    if (!loaded)
        load();
    loaded = true;
    for (size_t i = 0; i < table.count; i++) {
        const Elf64_Sym *s = &table.symbol[i];
        uintptr_t at = base + s->st_value;
        if (ELF64_ST_TYPE(s->st_info) == STT_FUNC && pc >= at && pc - at < s->st_size) {
            *start = at;
            return table.names + s->st_name;
        }
    }
    return dynamic_symbol(pc, start);
}
