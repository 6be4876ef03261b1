/* SPDX-License-Identifier: ISC */
#include "tender/spt/guest.h"
#include "host/cmdline.h"

#include <asm/prctl.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/random.h>
#include <sys/syscall.h>

/* Guest addresses are host addresses in this target. */
static void *at(uint64_t gpa)
{
    return (void *)gpa;
}

static int map(uint64_t mem_size, struct error *e)
{
    size_t len = mem_size - SPT_MEM_START;
    /* NOREPLACE rather than FIXED: what lies there would be the tender's own. */
    void *p = mmap(at(SPT_MEM_START), len, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (p == MAP_FAILED && errno == EEXIST)
        return fail(e, "--mem=%lu is more than the address space has room for",
                    (unsigned long)(mem_size >> 20));
    if (p == MAP_FAILED && errno == EPERM)
        return fail(e, "memory at %#x cannot be mapped: sysctl vm.mmap_min_addr=%u",
                    SPT_MEM_START, SPT_MEM_START);
    if (p == MAP_FAILED)
        return fail_errno(e, "cannot map %lu MB of memory", (unsigned long)(mem_size >> 20));
    /* An image touches little of its memory: huge pages would make it resident. It
     * is an advice; a kernel without huge pages refuses it, and needs none. */
    (void)madvise(p, len, MADV_NOHUGEPAGE);
    return 0;
}

static int protection(uint32_t flags)
{
    return (flags & ELF_R ? PROT_READ : 0) | (flags & ELF_W ? PROT_WRITE : 0) |
           (flags & ELF_X ? PROT_EXEC : 0);
}

static int protect(const struct elf_image *i, struct error *e)
{
    for (unsigned n = 0; n < i->segments; n++) {
        const struct elf_segment *s = &i->segment[n];
        if (s->end > s->start &&
            mprotect(at(s->start), s->end - s->start, protection(s->flags)) != 0)
            return fail_errno(e, "cannot protect the segment at %#lx", s->at);
    }
    return 0;
}

int guest_load(const struct elf_source *s, const struct elf_image *i, uint64_t mem_size,
               struct error *e)
{
    if (personality(0xffffffff) & READ_IMPLIES_EXEC)
        return fail(e, "this process makes all readable memory executable (READ_IMPLIES_EXEC): "
                       "start it without `setarch -X`");
    if (elf_fits(i, mem_size, e) != 0 || map(mem_size, e) != 0)
        return -1;
    return elf_load(s, i, at(0), e) != 0 ? -1 : protect(i, e);
}

static int fill_more(struct spt_more *more, const struct manifest *m, struct error *e)
{
    *more = (struct spt_more){.magic = SPT_MORE_MAGIC,
                              .len = sizeof *more,
                              .features = m->more_blocks ? SPT_MORE_BLOCKS : 0};
    _Static_assert(sizeof more->net == sizeof m->features, "one for each handle");
    memcpy(more->net, m->features, sizeof more->net);
    if (getrandom(more->entropy, sizeof more->entropy, 0) != sizeof more->entropy)
        return fail_errno(e, "no random numbers from the kernel");
    return 0;
}

int guest_boot_info(const struct guest_boot *b, const struct manifest *m, struct error *e)
{
    struct spt_boot_info *info = at(SPT_BOOT_INFO_AT);
    struct spt_more *more = (void *)(info + 1);
    void *manifest = more + 1;
    char *cmdline = (char *)manifest + manifest_size(m);
    _Static_assert(SPT_BOOT_INFO_AT + sizeof *info + sizeof *more + sizeof *m +
                           ABI_CMDLINE_SIZE <=
                       ABI_LOAD_MIN,
                   "low memory");
    memcpy(manifest, m, manifest_size(m));
    *info = (struct spt_boot_info){.mem_size = b->mem_size,
                                   .kernel_end = b->kernel_end,
                                   .cmdline = cmdline,
                                   .manifest = manifest,
                                   .epollfd = b->epollfd,
                                   .timerfd = b->timerfd};
    if (cmdline_join(cmdline, ABI_CMDLINE_SIZE, b->argc, b->argv, e) != 0)
        return -1;
    return fill_more(more, m, e);
}

_Noreturn void guest_enter(uint64_t entry, uint64_t mem_size)
{
    register uint64_t to __asm__("r12") = entry;
    register uint64_t info __asm__("r13") = SPT_BOOT_INFO_AT;
    register uint64_t stack __asm__("r14") = mem_size - 8;
    /* The image learns no address of the tender's from a register: not from the thread
     * pointer (the filter allows to set it), nor from what was copied last through the
     * vector registers. */
    __asm__ volatile("mov %[stack], %%rsp\n\t"
                     "mov %[number], %%eax\n\t"
                     "mov %[set_fs], %%edi\n\t"
                     "xor %%esi, %%esi\n\t"
                     "syscall\n\t"
                     "mov %[to], %%rax\n\t"
                     "mov %[info], %%rdi\n\t"
                     ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n\t"
                     "pxor %%xmm\\n, %%xmm\\n\n\t"
                     ".endr\n\t"
                     "xor %%ebx, %%ebx\n\t"
                     "xor %%ecx, %%ecx\n\t"
                     "xor %%edx, %%edx\n\t"
                     "xor %%esi, %%esi\n\t"
                     "xor %%ebp, %%ebp\n\t"
                     "xor %%r8d, %%r8d\n\t"
                     "xor %%r9d, %%r9d\n\t"
                     "xor %%r10d, %%r10d\n\t"
                     "xor %%r11d, %%r11d\n\t"
                     "xor %%r12d, %%r12d\n\t"
                     "xor %%r13d, %%r13d\n\t"
                     "xor %%r14d, %%r14d\n\t"
                     "xor %%r15d, %%r15d\n\t"
                     "cld\n\t"
                     "jmp *%%rax"
                     :
                     : [to] "r"(to), [info] "r"(info), [stack] "r"(stack),
                       [number] "i"(SYS_arch_prctl), [set_fs] "i"(ARCH_SET_FS)
                     : "memory");
    __builtin_unreachable();
}
