/* SPDX-License-Identifier: ISC */
#include "tender/hvt/vm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define API_VERSION 12

static int open_kvm(struct error *e)
{
    int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (fd >= 0)
        return fd;
    switch (errno) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
        return fail(e, "there is no KVM on this machine (no /dev/kvm): load its module "
                       "(modprobe kvm_intel or kvm_amd), or use the target spt, which needs "
                       "none");
    case EACCES:
    case EPERM:
        return fail(e, "you may not use /dev/kvm: join its group (usermod -aG kvm USER, then "
                       "log in anew), or use the target spt, which needs no KVM");
    default:
        return fail_errno(e, "/dev/kvm cannot be opened");
    }
}

static int check_abilities(int kvm, struct error *e)
{
    static const struct {
        int number;
        const char *name;
    } needed[] = {{KVM_CAP_USER_MEMORY, "USER_MEMORY"},
                  {KVM_CAP_GET_TSC_KHZ, "GET_TSC_KHZ"},
                  {KVM_CAP_IMMEDIATE_EXIT, "IMMEDIATE_EXIT"}};
    int version = ioctl(kvm, KVM_GET_API_VERSION, 0);
    if (version != API_VERSION)
        return fail(e, "/dev/kvm has version %d of its interface, not %d: is it KVM?", version,
                    API_VERSION);
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        if (ioctl(kvm, KVM_CHECK_EXTENSION, needed[i].number) <= 0)
            return fail(e, "this kernel's KVM has no %s: use Linux 4.13 or newer",
                        needed[i].name);
    return 0;
}

static int make_machine(struct vm *vm, struct error *e)
{
    do
        vm->vm = ioctl(vm->kvm, KVM_CREATE_VM, 0);
    while (vm->vm < 0 && errno == EINTR);
    if (vm->vm < 0)
        return fail_errno(e, "KVM makes no virtual machine");
    vm->vcpu = ioctl(vm->vm, KVM_CREATE_VCPU, 0);
    int len = ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
    if (vm->vcpu < 0 || len < (int)sizeof *vm->run)
        return fail_errno(e, "KVM makes no virtual processor");
    void *run = mmap(NULL, (size_t)len, PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpu, 0);
    if (run == MAP_FAILED)
        return fail_errno(e, "KVM's page of the virtual processor cannot be mapped");
    vm->run = run;
    return 0;
}

int vm_open(struct vm *vm, struct error *e)
{
    *vm = (struct vm){.kvm = open_kvm(e)};
    return vm->kvm < 0 || check_abilities(vm->kvm, e) != 0 ? -1 : make_machine(vm, e);
}

int vm_memory(struct vm *vm, const struct memory *m, struct error *e)
{
    struct kvm_userspace_memory_region r = {.memory_size = m->allocated,
                                            .userspace_addr = (uint64_t)(uintptr_t)m->at};
    return ioctl(vm->vm, KVM_SET_USER_MEMORY_REGION, &r) == 0
               ? 0
               : fail_errno(e, "KVM does not take the memory");
}

bool vm_doorbell(struct vm *vm, uint16_t port, int eventfd)
{
    struct kvm_ioeventfd bell = {
        .addr = port, .len = 4, .fd = eventfd, .flags = KVM_IOEVENTFD_FLAG_PIO};
    return ioctl(vm->vm, KVM_IOEVENTFD, &bell) == 0;
}

void vm_interrupt(struct vm *vm)
{
    __atomic_store_n(&vm->run->immediate_exit, 1, __ATOMIC_RELAXED);
}

void vm_go_on(struct vm *vm)
{
    __atomic_store_n(&vm->run->immediate_exit, 0, __ATOMIC_RELAXED);
}

/* ---- Running --------------------------------------------------------------- */

static int ended(struct vm *vm, struct error *e, const char *why)
{
    char where[80];
    machine_where(vm->vcpu, where, sizeof where);
    return fail(e, "the image was ended: %s (%s)", why, where);
}

/* A port access: a call, if it is one of 32 bits to one of the ports. */
static int port(struct vm *vm, struct guest *g, struct error *e)
{
    struct kvm_run *run = vm->run;
    unsigned at = run->io.port, n = at - HVT_CALL_PORT;
    bool out = run->io.direction == KVM_EXIT_IO_OUT;
    uint32_t argument;
    char why[100];
    if (!out || run->io.size != 4 || run->io.count != 1 || !guest_call_name(n)) {
        snprintf(why, sizeof why, "port %#x is not for %s of %u octets", at,
                 out ? "output" : "input", run->io.size);
        return ended(vm, e, why);
    }
    memcpy(&argument, (uint8_t *)run + run->io.data_offset, sizeof argument);
    return guest_call(g, n, gpa_of(argument), e);
}

/* What a guest's write to memory that is read-only in the tender comes as depends on the
 * kernel: this, or EFAULT from the call. */
static int device_memory(struct vm *vm, const struct guest *g, struct error *e)
{
    uint64_t at = vm->run->mmio.phys_addr;
    char why[100];
    snprintf(why, sizeof why, "it %s %#lx, %s",
             vm->run->mmio.is_write ? "writes to" : "reads from", (unsigned long)at,
             at < g->memory.allocated ? "which it made read-only" : "where no memory is");
    return ended(vm, e, why);
}

static int handle_exit(struct vm *vm, struct guest *g, struct error *e)
{
    char why[100];
    switch (vm->run->exit_reason) {
    case KVM_EXIT_IO:
        return port(vm, g, e);
    case KVM_EXIT_MMIO:
        return device_memory(vm, g, e);
    case KVM_EXIT_DEBUG:
        vm->stopped = true;
        return CALL_DONE;
    case KVM_EXIT_HLT:
        return ended(vm, e, "it stopped its processor for good");
    case KVM_EXIT_SHUTDOWN:
        return ended(vm, e, "a fault, and nothing in it to handle it");
    case KVM_EXIT_INTERNAL_ERROR:
        return ended(vm, e,
                     "KVM cannot execute what it does (an instruction that KVM does not know, "
                     "or a jump to where no memory is)");
    case KVM_EXIT_FAIL_ENTRY:
        return ended(vm, e, "the processor does not take its state");
    default:
        snprintf(why, sizeof why, "KVM stopped it for reason %u", vm->run->exit_reason);
        return ended(vm, e, why);
    }
}

/* One stay in the image: an enum call_result, or -1. */
static int step(struct vm *vm, struct guest *g, struct error *e)
{
    if (ioctl(vm->vcpu, KVM_RUN, 0) == 0) {
        vm->exits++;
        return handle_exit(vm, g, e);
    }
    if (errno == EINTR || errno == EAGAIN)
        return CALL_DONE;
    if (errno == EFAULT)
        return ended(vm, e, "it writes to memory that it made read-only");
    return fail_errno(e, "KVM cannot run the image");
}

int vm_run(struct vm *vm, struct guest *g, struct error *e)
{
    int result = CALL_DONE;
    vm->stopped = false;
    while (result == CALL_DONE && !*g->ending && !vm->stopped)
        result = step(vm, g, e);
    g->ended = result == CALL_HALT;
    return result < 0 ? -1 : 0;
}
