/* SPDX-License-Identifier: ISC */
#include "tender/hvt/sandbox.h"
#include "host/confine.h"
#include "host/sandbox.h"
#include "tender/hvt/signals.h"

#include <fcntl.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* Four calls for each device, and those that every image needs. */
#define RULES_MAX (4 * ABI_MANIFEST_ENTRIES_MAX + 40)

struct rules {
    struct sandbox_rule rule[RULES_MAX];
    size_t count;
};

static struct sandbox_rule *add(struct rules *r, int call)
{
    struct sandbox_rule *rule = &r->rule[r->count++];
    *rule = (struct sandbox_rule){.call = call};
    return rule;
}

static void when(struct sandbox_rule *r, unsigned arg, enum scmp_compare op, uint64_t value)
{
    r->when[r->conditions++] = (struct scmp_arg_cmp){.arg = arg, .op = op, .datum_a = value};
}

static void allow(struct rules *r, int call, int fd)
{
    when(add(r, call), 0, SCMP_CMP_EQ, (uint64_t)fd);
}

static void allow_second(struct rules *r, int call, int fd, uint64_t second)
{
    struct sandbox_rule *rule = add(r, call);
    when(rule, 0, SCMP_CMP_EQ, (uint64_t)fd);
    when(rule, 1, SCMP_CMP_EQ, second);
}

/* Inside the device: nothing beyond it is read, and the file is never lengthened. */
static void allow_block(struct rules *r, int call, const struct abi_manifest_entry *d)
{
    struct sandbox_rule *rule = add(r, call);
    when(rule, 0, SCMP_CMP_EQ, (uint64_t)d->b.hostfd);
    when(rule, 2, SCMP_CMP_LE, d->u.block.capacity);
    when(rule, 3, SCMP_CMP_LT, d->u.block.capacity);
}

/* Inside the device, and without a change of the file's length. */
static void allow_discard(struct rules *r, const struct abi_manifest_entry *d)
{
    struct sandbox_rule *rule = add(r, SCMP_SYS(fallocate));
    when(rule, 0, SCMP_CMP_EQ, (uint64_t)d->b.hostfd);
    when(rule, 1, SCMP_CMP_EQ, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE);
    when(rule, 2, SCMP_CMP_LT, d->u.block.capacity);
}

static void allow_devices(struct rules *r, const struct manifest *m)
{
    for (unsigned i = 1; i < m->entries; i++) {
        const struct abi_manifest_entry *d = &m->entry[i];
        if (d->type == ABI_DEVICE_NET) {
            allow(r, SCMP_SYS(read), d->b.hostfd);
            allow(r, SCMP_SYS(write), d->b.hostfd);
            allow(r, SCMP_SYS(writev), d->b.hostfd);
        } else {
            allow_block(r, SCMP_SYS(pread64), d);
            allow_block(r, SCMP_SYS(pwrite64), d);
            allow(r, SCMP_SYS(fdatasync), d->b.hostfd);
            allow_discard(r, d);
        }
    }
}

/* The thread of the ring sleeps on its bell, and ends the image by a signal to the one
 * that runs it. */
static void allow_ring(struct rules *r, int bell)
{
    allow(r, SCMP_SYS(read), bell);
    struct sandbox_rule *rule = add(r, SCMP_SYS(tgkill));
    when(rule, 0, SCMP_CMP_EQ, (uint64_t)getpid());
    when(rule, 1, SCMP_CMP_EQ, (uint64_t)gettid());
    when(rule, 2, SCMP_CMP_EQ, SIGNALS_RING);
}

/* Registers that the line which ends an image does not tell. */
static void allow_registers(struct rules *r, int vcpu)
{
    allow_second(r, SCMP_SYS(ioctl), vcpu, KVM_GET_SREGS);
    allow_second(r, SCMP_SYS(ioctl), vcpu, KVM_GET_FPU);
}

/* The memory that is not readable as it is; then a new file in the folder, and writing to it.
 */
static void allow_core(struct rules *r, const struct core *core, const struct memory *m)
{
    struct sandbox_rule *show = add(r, SCMP_SYS(mprotect));
    when(show, 0, SCMP_CMP_EQ, (uint64_t)(uintptr_t)m->at);
    when(show, 1, SCMP_CMP_EQ, m->allocated);
    when(show, 2, SCMP_CMP_EQ, MEMORY_SHOWN);
    struct sandbox_rule *make = add(r, SCMP_SYS(openat));
    when(make, 0, SCMP_CMP_EQ, (uint64_t)core->dir);
    when(make, 2, SCMP_CMP_EQ, CORE_FLAGS);
    when(make, 3, SCMP_CMP_EQ, CORE_MODE);
    allow(r, SCMP_SYS(pwrite64), core->fd);
}

/* The connection; changing registers, and stopping the image. */
static void allow_debugger(struct rules *r, int fd, int vcpu)
{
    allow(r, SCMP_SYS(recvfrom), fd);
    allow(r, SCMP_SYS(sendto), fd);
    allow_second(r, SCMP_SYS(ioctl), vcpu, KVM_SET_REGS);
    allow_second(r, SCMP_SYS(ioctl), vcpu, KVM_SET_SREGS);
    allow_second(r, SCMP_SYS(ioctl), vcpu, KVM_SET_FPU);
    allow_second(r, SCMP_SYS(ioctl), vcpu, KVM_SET_GUEST_DEBUG);
}

static void allow_debug(struct rules *r, const struct tender_descriptors *d)
{
    if (d->debug->dumpcore || d->debug->gdb)
        allow_registers(r, d->vm->vcpu);
    if (d->debug->dumpcore)
        allow_core(r, &d->debug->core, &d->guest->memory);
    if (d->debug->gdb)
        allow_debugger(r, d->debug->server.fd, d->vm->vcpu);
}

/* The whole list, with the reasons. */
static void fill(struct rules *r, const struct tender_descriptors *d)
{
    /* The image runs. */
    allow_second(r, SCMP_SYS(ioctl), d->vm->vcpu, KVM_RUN);
    /* Where it was, for the line that ends it. */
    allow_second(r, SCMP_SYS(ioctl), d->vm->vcpu, KVM_GET_REGS);
    /* Frames and blocks. */
    allow_devices(r, &d->guest->manifest);
    if (d->bell >= 0)
        allow_ring(r, d->bell);
    /* The console, and the tender's own last line. */
    allow(r, SCMP_SYS(write), d->guest->console);
    allow(r, SCMP_SYS(write), STDERR_FILENO);
    /* POLL, and a signal that ends it. */
    allow(r, SCMP_SYS(epoll_pwait), d->guest->epollfd);
    allow(r, SCMP_SYS(timerfd_settime), d->guest->timerfd);
    /* A network whose other side is gone is waited for no more. */
    allow_second(r, SCMP_SYS(epoll_ctl), d->guest->epollfd, EPOLL_CTL_DEL);
    /* WALLTIME, where the kernel's page for it is missing. */
    allow(r, SCMP_SYS(clock_gettime), CLOCK_REALTIME);
    /* --dumpcore and --gdb. */
    allow_debug(r, d);
    /* A handler of a signal returns; the end. */
    (void)add(r, SCMP_SYS(rt_sigreturn));
    (void)add(r, SCMP_SYS(exit_group));
}

void tender_confine(const struct debug *d)
{
    confine_privileges();
    confine_files_except(d->dumpcore ? d->core.dir : -1);
}

int tender_sandbox(const struct tender_descriptors *d, struct error *e)
{
    struct rules r = {.count = 0};
    struct sock_fprog filter;
    fill(&r, d);
    return sandbox_build_rules(r.rule, r.count, &filter, e) != 0 ? -1
                                                                 : sandbox_enter(&filter, e);
}
