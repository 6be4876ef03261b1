/* SPDX-License-Identifier: ISC */
/* drupe-hvt: runs an image as a virtual machine.
 *
 * It reads the image and the command line, attaches the devices, makes a machine of one
 * processor under KVM, gives up all that it does not need to serve the image's calls, and
 * then serves them. The contract is Solo5's hvt ABI, version 2 (include/abi/hvt.h). */

#include "host/devices.h"
#include "host/waitset.h"
#include "tender/hvt/boot.h"
#include "tender/hvt/signals.h"

#include <stdlib.h>
#include <unistd.h>

#define MEM_MIN 2U /* MB */

static struct vm vm;
static struct guest guest = {.console = STDOUT_FILENO, .ending = &signals_ending};

/* The image's memory is a whole number of large pages. */
static int choose_memory(const struct options *o, uint64_t *size, struct error *e)
{
    unsigned long mb = (unsigned long)(o->mem >> 20);
    if (mb < MEM_MIN || o->mem > HVT_MEM_MAX)
        return fail(e, "--mem=%lu: give a number of megabytes from %u to %lu", mb, MEM_MIN,
                    (unsigned long)(HVT_MEM_MAX >> 20));
    *size = o->mem / HVT_MEM_STEP * HVT_MEM_STEP;
    if (*size != o->mem)
        fprintf(stderr, "drupe-hvt: --mem=%lu is rounded down to %lu, a multiple of %lu\n", mb,
                (unsigned long)(*size >> 20), (unsigned long)(HVT_MEM_STEP >> 20));
    return 0;
}

static int make_machine(const struct elf_image *image, struct boot *boot, struct error *e)
{
    struct machine machine = {.entry = image->entry, .stack = guest.memory.size};
    machine_tables(&guest.memory);
    if (vm_memory(&vm, &guest.memory, e) != 0 ||
        machine_enter(vm.kvm, vm.vcpu, &machine, e) != 0)
        return -1;
    boot->kernel_end = image->end;
    boot->cycles_per_s = machine.cycles_per_s;
    return boot_write(boot, &guest, e);
}

/* Until the image ends: 0, or -1 and the line. */
static int run(const struct options *o, int argc, char **argv, struct error *e)
{
    struct elf_source source;
    struct elf_image image;
    uint64_t size = 0;
    const char *path = argv[o->rest];
    struct boot boot = {.argc = argc - o->rest - 1, .argv = argv + o->rest + 1};
    if (elf_open(path, ABI_TARGET_HVT, ABI_VERSION_HVT, &source, &image, e) != 0 ||
        choose_memory(o, &size, e) != 0 || vm_open(&vm, e) != 0 ||
        memory_map(&guest.memory, size, size, e) != 0)
        return -1;
    if (memory_load(&guest.memory, &source, &image, e) != 0)
        return fail_about(e, path);
    (void)close(source.fd);
    guest.manifest = image.manifest;
    if (devices_attach(o, &guest.manifest, e) != 0 ||
        waitset_open(&guest.manifest, GUEST_TIMER_EVENT, &guest.epollfd, &guest.timerfd, e) !=
            0 ||
        make_machine(&image, &boot, e) != 0 || signals_install(&vm, guest.timerfd, e) != 0)
        return -1;
    return vm_run(&vm, &guest, e);
}

static void print_help(void)
{
    printf("usage: drupe-hvt [OPTIONS] [--] IMAGE [ARGUMENTS]\n"
           "Runs the image as a virtual machine, with KVM.\n"
           "%s"
           "  --help                            this text\n"
           "  --version                         the version, and that of the contract\n"
           "The image's exit status is the tender's; 1 when it could not be run.\n",
           options_help);
}

static int end(int result, const struct error *e)
{
    if (result == 0 && signals_ending == 0)
        return guest.exit_status;
    if (result == 0)
        fprintf(stderr, "drupe-hvt: Exiting on signal %d\n", (int)signals_ending);
    else
        fprintf(stderr, "drupe-hvt: %s\n", e->text);
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    struct options o;
    struct error e;
    if (options_parse_tender(&o, argc, argv, &e) != 0)
        return end(-1, &e);
    if (o.help) {
        print_help();
        return EXIT_SUCCESS;
    }
    if (o.version) {
        printf("drupe-hvt 0.1\nABI version %d\n", ABI_VERSION_HVT);
        return EXIT_SUCCESS;
    }
    return end(run(&o, argc, argv, &e), &e);
}
