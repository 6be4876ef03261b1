/* SPDX-License-Identifier: ISC */
/* The beginning of a core file: header, two program headers, and the notes with the
 * registers, in the layout that Linux gives a process's core file. */
#include "tender/hvt/core.h"

#include <elf.h>
#include <stddef.h>
#include <string.h>
#include <sys/procfs.h>
#include <sys/user.h>

/* A note of the owner "CORE", followed by what it describes. */
struct note {
    Elf64_Nhdr head;
    char owner[8];
};

/* (What they describe begins at multiples of 4.) */
struct __attribute__((packed)) notes {
    struct note status;
    struct elf_prstatus process;
    struct note vectors;
    struct cpu_fxsave fx;
};

struct head {
    Elf64_Ehdr elf;
    Elf64_Phdr notes, memory;
    struct notes at;
};
_Static_assert(sizeof(struct head) <= CORE_HEAD && sizeof(struct elf_prstatus) % 4 == 0,
               "core");

static struct note note(uint32_t type, size_t len)
{
    struct note n = {.head = {.n_namesz = 5, .n_descsz = (uint32_t)len, .n_type = type}};
    memcpy(n.owner, "CORE", 5);
    return n;
}

static struct user_regs_struct registers(const struct cpu *c)
{
    const uint64_t *g = c->general, *s = c->segment;
    return (struct user_regs_struct){.rax = g[CPU_RAX],
                                     .rbx = g[CPU_RBX],
                                     .rcx = g[CPU_RCX],
                                     .rdx = g[CPU_RDX],
                                     .rsi = g[CPU_RSI],
                                     .rdi = g[CPU_RDI],
                                     .rbp = g[CPU_RBP],
                                     .rsp = g[CPU_RSP],
                                     .r8 = g[CPU_R8],
                                     .r9 = g[CPU_R8 + 1],
                                     .r10 = g[CPU_R8 + 2],
                                     .r11 = g[CPU_R8 + 3],
                                     .r12 = g[CPU_R8 + 4],
                                     .r13 = g[CPU_R8 + 5],
                                     .r14 = g[CPU_R8 + 6],
                                     .r15 = g[CPU_R15],
                                     .orig_rax = (unsigned long long)-1, /* in no system call */
                                     .rip = c->rip,
                                     .eflags = c->rflags,
                                     .cs = s[CPU_CS],
                                     .ss = s[CPU_SS],
                                     .ds = s[CPU_DS],
                                     .es = s[CPU_ES],
                                     .fs = s[CPU_FS],
                                     .gs = s[CPU_GS],
                                     .fs_base = c->fs_base,
                                     .gs_base = c->gs_base};
}

void core_head(uint8_t out[CORE_HEAD], const struct cpu *cpu, uint64_t memory)
{
    struct head h = {
        .elf = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
                            EV_CURRENT},
                .e_type = ET_CORE,
                .e_machine = EM_X86_64,
                .e_version = EV_CURRENT,
                .e_phoff = offsetof(struct head, notes),
                .e_ehsize = sizeof(Elf64_Ehdr),
                .e_phentsize = sizeof(Elf64_Phdr),
                .e_phnum = 2},
        .notes = {.p_type = PT_NOTE,
                  .p_offset = offsetof(struct head, at),
                  .p_filesz = sizeof(struct notes),
                  .p_align = 4},
        .memory = {.p_type = PT_LOAD,
                   .p_flags = PF_R | PF_W | PF_X,
                   .p_offset = CORE_HEAD,
                   .p_filesz = memory,
                   .p_memsz = memory,
                   .p_align = CORE_HEAD},
        .at = {.status = note(NT_PRSTATUS, sizeof(struct elf_prstatus)),
               .process = {.pr_cursig = (short)cpu->signal, .pr_pid = 1, .pr_fpvalid = 1},
               .vectors = note(NT_FPREGSET, sizeof(struct cpu_fxsave)),
               .fx = cpu->fx},
    };
    struct user_regs_struct r = registers(cpu);
    _Static_assert(sizeof r == sizeof h.at.process.pr_reg, "registers");
    memcpy(h.at.process.pr_reg, &r, sizeof r);
    memset(out, 0, CORE_HEAD);
    memcpy(out, &h, sizeof h);
}
