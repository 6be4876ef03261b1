/* SPDX-License-Identifier: ISC */
/* The parts of a core dump that need no virtual machine. */
#include "tender/hvt/core.h"
#include "tests/check.h"

#include <elf.h>
#include <signal.h>
#include <string.h>
#include <sys/procfs.h>
#include <sys/user.h>

static const struct cpu somewhere = {
    .general = {[CPU_RAX] = 1, [CPU_RSP] = 0x7000, [CPU_R15] = 15},
    .rip = 0x100123,
    .rflags = 0x202,
    .segment = {[CPU_CS] = 8},
    .fs_base = 0x5000,
    .fx = {.mxcsr = 0x1f80},
    .signal = SIGABRT};

TEST(a_core_file_has_notes_and_one_segment_of_all_memory)
{
    static uint8_t head[CORE_HEAD];
    Elf64_Ehdr elf;
    Elf64_Phdr phdr[2];
    core_head(head, &somewhere, 8U << 20);
    memcpy(&elf, head, sizeof elf);
    CHECK(memcmp(elf.e_ident, ELFMAG, SELFMAG) == 0);
    CHECK_INT(elf.e_type, ET_CORE);
    CHECK_INT(elf.e_machine, EM_X86_64);
    CHECK_INT(elf.e_phnum, 2);
    memcpy(phdr, head + elf.e_phoff, sizeof phdr);
    CHECK_INT(phdr[0].p_type, PT_NOTE);
    CHECK(phdr[0].p_offset + phdr[0].p_filesz <= CORE_HEAD);
    CHECK_INT(phdr[1].p_type, PT_LOAD);
    CHECK_INT(phdr[1].p_vaddr, 0);
    CHECK_INT(phdr[1].p_offset, CORE_HEAD);
    CHECK_INT(phdr[1].p_filesz, 8U << 20);
}

TEST(the_notes_have_the_registers)
{
    static uint8_t head[CORE_HEAD];
    struct elf_prstatus status;
    struct user_regs_struct r;
    struct cpu_fxsave fx;
    Elf64_Nhdr note;
    core_head(head, &somewhere, 8U << 20);
    const uint8_t *at = head + sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr);
    memcpy(&note, at, sizeof note);
    CHECK_INT(note.n_type, NT_PRSTATUS);
    CHECK_INT(note.n_descsz, sizeof status);
    CHECK_STR((const char *)at + sizeof note, "CORE");
    memcpy(&status, at + sizeof note + 8, sizeof status);
    CHECK_INT(status.pr_cursig, SIGABRT);
    memcpy(&r, status.pr_reg, sizeof r);
    CHECK_INT(r.rip, 0x100123);
    CHECK_INT(r.rsp, 0x7000);
    CHECK_INT(r.r15, 15);
    CHECK_INT(r.cs, 8);
    CHECK_INT(r.fs_base, 0x5000);
    at += sizeof note + 8 + sizeof status;
    memcpy(&note, at, sizeof note);
    CHECK_INT(note.n_type, NT_FPREGSET);
    memcpy(&fx, at + sizeof note + 8, sizeof fx);
    CHECK_INT(fx.mxcsr, 0x1f80);
}

/* A stock image's cookie: seven words, and then whatever is on its stack. */
TEST(a_stock_images_cookie_tells_where_and_no_more)
{
    uint8_t cookie[HVT_COOKIE_LEN];
    struct hvt_trap trap = {
        .cr2 = 8, .rip = 0x100200, .cs = 8, .rflags = 2, .rsp = 0x6ff0, .ss = 16};
    struct cpu c = somewhere;
    memset(cookie, 0xaa, sizeof cookie);
    memcpy(cookie, &trap, sizeof trap);
    CHECK(cpu_at_fault(&c, cookie));
    CHECK_INT(c.rip, 0x100200);
    CHECK_INT(c.general[CPU_RSP], 0x6ff0);
    CHECK_INT(c.general[CPU_RAX], 1);
    CHECK_INT(c.general[CPU_R15], 15);
    CHECK_INT(c.segment[CPU_SS], 16);
    CHECK_INT(c.signal, SIGSEGV);
}

TEST(our_images_cookie_has_every_register)
{
    uint8_t cookie[HVT_COOKIE_LEN] = {0};
    struct hvt_report report = {.trap = {.rip = 0x100200, .cs = 0x23, .rsp = 0x6ff0},
                                .vector = 0,
                                .rax = 100,
                                .rbx = 101,
                                .rcx = 102,
                                .rdx = 103,
                                .rsi = 104,
                                .rdi = 105,
                                .rbp = 106,
                                .r8 = 108,
                                .r9 = 109,
                                .r10 = 110,
                                .r11 = 111,
                                .r12 = 112,
                                .r13 = 113,
                                .r14 = 114,
                                .r15 = 115,
                                .magic = HVT_REPORT_MAGIC};
    struct cpu c = somewhere;
    memcpy(cookie, &report, sizeof report);
    CHECK(cpu_at_fault(&c, cookie));
    for (unsigned i = 0; i < CPU_GENERAL; i++)
        CHECK_INT(c.general[i], i == CPU_RSP ? 0x6ff0 : 100 + i);
    CHECK_INT(c.signal, SIGFPE);
}

TEST(a_cookie_of_zeroes_tells_of_no_fault)
{
    static const uint8_t cookie[HVT_COOKIE_LEN];
    struct cpu c = somewhere;
    CHECK(!cpu_at_fault(&c, cookie));
    CHECK_INT(c.rip, 0x100123);
}

TEST_MAIN(TEST_OF(a_core_file_has_notes_and_one_segment_of_all_memory),
          TEST_OF(the_notes_have_the_registers),
          TEST_OF(a_stock_images_cookie_tells_where_and_no_more),
          TEST_OF(our_images_cookie_has_every_register),
          TEST_OF(a_cookie_of_zeroes_tells_of_no_fault))
