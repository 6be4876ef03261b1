/* SPDX-License-Identifier: ISC */
#include "host/kvm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PAGE       4096U
#define LOOPS      5000U /* of two instructions */
#define TRIES      3     /* of which the best counts */
#define NATIVE_MAX 50    /* ns an instruction; interpreting takes several hundred */

/* 32-bit code: mov ecx, LOOPS; 1: dec ecx; jnz 1b; hlt. */
static const uint8_t program[] = {
    0xb9, LOOPS & 255, LOOPS >> 8, 0, 0, 0x49, 0x75, 0xfd, 0xf4,
};

struct guest {
    int kvm, vm, cpu;
    struct kvm_run *run;
    size_t run_len;
    uint8_t *memory; /* one page, at address 0 */
};

static void end(struct guest *g)
{
    if (g->run)
        munmap(g->run, g->run_len);
    if (g->memory)
        munmap(g->memory, PAGE);
    const int fds[] = {g->cpu, g->vm, g->kvm};
    for (unsigned i = 0; i < 3; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

static void *map(size_t len, int flags, int fd)
{
    void *at = mmap(NULL, len, PROT_READ | PROT_WRITE, flags, fd, 0);
    return at == MAP_FAILED ? NULL : at;
}

static int make(struct guest *g, struct error *e)
{
    g->vm = ioctl(g->kvm, KVM_CREATE_VM, 0UL);
    if (g->vm < 0)
        return fail_errno(e, "cannot make a virtual machine");
    g->memory = map(PAGE, MAP_SHARED | MAP_ANONYMOUS, -1);
    if (!g->memory)
        return fail_errno(e, "cannot get memory");
    struct kvm_userspace_memory_region region = {.memory_size = PAGE,
                                                 .userspace_addr = (uintptr_t)g->memory};
    if (ioctl(g->vm, KVM_SET_USER_MEMORY_REGION, &region) < 0)
        return fail_errno(e, "cannot give it memory");
    g->cpu = ioctl(g->vm, KVM_CREATE_VCPU, 0UL);
    int len = ioctl(g->kvm, KVM_GET_VCPU_MMAP_SIZE, 0UL);
    if (g->cpu < 0 || len < (int)sizeof *g->run)
        return fail_errno(e, "cannot give it a processor");
    g->run_len = (size_t)len;
    g->run = map(g->run_len, MAP_SHARED, g->cpu);
    return g->run ? 0 : fail_errno(e, "cannot see its state");
}

/* Protected mode without paging, all of memory in every segment. */
static int set_up(const struct guest *g, struct error *e)
{
    struct kvm_sregs s;
    struct kvm_regs r = {.rflags = 2};
    if (ioctl(g->cpu, KVM_GET_SREGS, &s) < 0)
        return fail_errno(e, "cannot read its registers");
    struct kvm_segment data = {
        .limit = 0xffffffff, .selector = 16, .type = 3, .present = 1, .db = 1, .s = 1, .g = 1};
    s.ds = s.es = s.fs = s.gs = s.ss = data;
    s.cs = data;
    s.cs.selector = 8;
    s.cs.type = 11;
    s.cr0 |= 1;
    memcpy(g->memory, program, sizeof program);
    if (ioctl(g->cpu, KVM_SET_SREGS, &s) < 0 || ioctl(g->cpu, KVM_SET_REGS, &r) < 0)
        return fail_errno(e, "cannot set its registers");
    return 0;
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Nanoseconds an instruction, or -1. */
static int64_t time_one(const struct guest *g, struct error *e)
{
    if (set_up(g, e) < 0)
        return -1;
    int64_t begin = now_ns();
    int r;
    do
        r = ioctl(g->cpu, KVM_RUN, 0UL);
    while (r < 0 && errno == EINTR);
    if (r < 0)
        return fail_errno(e, "cannot run it");
    if (g->run->exit_reason != KVM_EXIT_HLT)
        return fail(e, "its processor stopped for reason %u", g->run->exit_reason);
    return (now_ns() - begin) / (2 * LOOPS);
}

static enum kvm_state judge(struct guest *g, struct error *e)
{
    int64_t best = -1;
    if (make(g, e) < 0)
        return KVM_BROKEN;
    for (int i = 0; i < TRIES; i++) {
        int64_t one = time_one(g, e);
        if (one < 0)
            return KVM_BROKEN;
        best = best < 0 || one < best ? one : best;
    }
    if (best <= NATIVE_MAX)
        return KVM_USABLE;
    fail(e, "%lld ns an instruction", (long long)best);
    return KVM_INTERPRETING;
}

enum kvm_state kvm_probe(struct error *e)
{
    struct guest g = {.kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), .vm = -1, .cpu = -1};
    if (g.kvm < 0 && (errno == EACCES || errno == EPERM))
        return KVM_FORBIDDEN;
    if (g.kvm < 0 && errno != ENOENT && errno != ENODEV && errno != ENXIO) {
        fail_errno(e, "cannot open it");
        return KVM_BROKEN;
    }
    if (g.kvm < 0)
        return KVM_ABSENT;
    enum kvm_state state = judge(&g, e);
    end(&g);
    return state;
}
