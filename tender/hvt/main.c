/* SPDX-License-Identifier: ISC */
/* drupe-hvt: runs an image as a virtual machine.
 *
 * It reads the image and the command line, attaches the devices, makes a machine of one
 * processor under KVM, gives up all that it does not need to serve the image's calls, and
 * then serves them. The contract is Solo5's hvt ABI, version 2 (include/abi/hvt.h). */

#include "base/offload.h"
#include "host/devices.h"
#include "host/waitset.h"
#include "tender/hvt/boot.h"
#include "tender/hvt/debug.h"
#include "tender/hvt/netring_thread.h"
#include "tender/hvt/sandbox.h"
#include "tender/hvt/signals.h"
#include "tender/hvt/stats.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define MEM_MIN 2U /* MB */

static struct vm vm;
static struct guest guest = {.console = STDOUT_FILENO, .ending = &signals_ending};
static struct netring_thread ring;
static struct debug debug;

/* ---- The command line ------------------------------------------------------ */

struct own_options {
    bool stats;
};

static int own_option(void *own, const char *word, struct error *e)
{
    struct own_options *o = own;
    if (strcmp(word, "--stats") != 0)
        return debug_option(&debug, word, e);
    o->stats = true;
    return 1;
}

/* The image's memory is a whole number of large pages. */
static int choose_memory(const struct options *o, uint64_t *size, struct error *e)
{
    unsigned long mb = (unsigned long)(o->mem >> 20);
    *size = o->mem / HVT_MEM_STEP * HVT_MEM_STEP;
    if (mb < MEM_MIN || o->mem > HVT_MEM_MAX)
        return fail(e, "--mem=%lu: give a number of megabytes from %u to %lu", mb, MEM_MIN,
                    (unsigned long)(HVT_MEM_MAX >> 20));
    if (*size != o->mem)
        fprintf(stderr, "drupe-hvt: --mem=%lu is rounded down to %lu, a multiple of %lu\n", mb,
                (unsigned long)(*size >> 20), (unsigned long)(HVT_MEM_STEP >> 20));
    return 0;
}

/* ---- The network ring ------------------------------------------------------ */

static bool has_network(const struct manifest *m)
{
    for (unsigned i = 1; i < m->entries; i++)
        if (m->entry[i].type == ABI_DEVICE_NET)
            return true;
    return false;
}

/* The doorbell of a ring, or -1: no network, or a kernel that cannot do it; then the
 * image uses calls. */
static int make_bell(const struct manifest *m)
{
    if (!has_network(m))
        return -1;
    int bell = eventfd(0, EFD_CLOEXEC);
    if (bell >= 0 && !vm_doorbell(&vm, HVT_KICK_PORT, bell)) {
        close(bell);
        bell = -1;
    }
    return bell;
}

/* Room for the ring comes on top of what the user gave, as far as there are addresses. */
static int map_memory(uint64_t size, bool with_ring, struct error *e)
{
    uint64_t allocated = size + (with_ring ? HVT_RING_ROOM : 0);
    if (allocated > HVT_MEM_MAX)
        allocated = HVT_MEM_MAX;
    return memory_map(&guest.memory, allocated - (with_ring ? HVT_RING_ROOM : 0), allocated, e);
}

/* ---- Start and end --------------------------------------------------------- */

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

/* From here on there is nothing but to serve the image. */
static int confine(int bell, struct error *e)
{
    struct tender_descriptors d = {.guest = &guest, .vm = &vm, .debug = &debug, .bell = bell};
    tender_confine(&debug);
    if (bell >= 0 && netring_thread_start(&ring, &guest, bell, e) != 0)
        return -1;
    return signals_install(&vm, guest.timerfd, e) != 0 ? -1 : tender_sandbox(&d, e);
}

static int load(const char *path, const struct options *o, struct elf_image *image, int *bell,
                struct error *e)
{
    struct elf_source source;
    uint64_t size = 0;
    if (elf_open(path, ABI_TARGET_HVT, ABI_VERSION_HVT, &source, image, e) != 0 ||
        choose_memory(o, &size, e) != 0 || vm_open(&vm, e) != 0)
        return -1;
    *bell = make_bell(&image->manifest);
    if (map_memory(size, *bell >= 0, e) != 0)
        return -1;
    if (memory_load(&guest.memory, &source, image, e) != 0)
        return fail_about(e, path);
    (void)close(source.fd);
    guest.manifest = image->manifest;
    guest.manifest.understood = (uint8_t)(image->net_features & (OFFLOAD_CSUM | OFFLOAD_TSO4));
    return 0;
}

/* Until the image ends: 0, or -1 and the line. */
static int run(const struct options *o, int argc, char **argv, struct error *e)
{
    struct elf_image image;
    int bell = -1;
    struct boot boot = {.argc = argc - o->rest - 1, .argv = argv + o->rest + 1};
    if (load(argv[o->rest], o, &image, &bell, e) != 0 ||
        devices_attach(o, &guest.manifest, e) != 0 ||
        waitset_open(&guest.manifest, GUEST_TIMER_EVENT, &guest.epollfd, &guest.timerfd, e) !=
            0)
        return -1;
    boot.net_ring = bell >= 0 ? guest.memory.size : 0;
    if (make_machine(&image, &boot, e) != 0 || debug_prepare(&debug, &guest.memory, e) != 0 ||
        confine(bell, e) != 0)
        return -1;
    int result = debug_run(&debug, &vm, &guest, e);
    debug.due = debug.dumpcore &&
                (result != 0 || guest.exit_status == 255 || netring_thread_error(&ring));
    return result;
}

static void print_help(void)
{
    printf("usage: drupe-hvt [OPTIONS] [--] IMAGE [ARGUMENTS]\n"
           "Runs the image as a virtual machine, with KVM.\n"
           "%s%s"
           "  --stats                           at the end, what passed, on standard error\n"
           "  --help                            this text\n"
           "  --version                         the version, and that of the contract\n"
           "The image's exit status is the tender's; 1 when it could not be run.\n",
           options_help, debug_help);
}

static int say(const struct error *e)
{
    fprintf(stderr, "drupe-hvt: %s\n", e->text);
    return EXIT_FAILURE;
}

static int end(int result, const struct error *e)
{
    if (result != 0)
        return say(e);
    if (guest.ended)
        return guest.exit_status;
    if (netring_thread_error(&ring))
        return say(netring_thread_error(&ring));
    fprintf(stderr, "drupe-hvt: Exiting on signal %d\n", (int)signals_ending);
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    struct options o;
    struct own_options own = {0};
    struct error e;
    if (options_parse_tender_with(&o, argc, argv, own_option, &own, &e) != 0)
        return say(&e);
    if (o.help) {
        print_help();
        return EXIT_SUCCESS;
    }
    if (o.version) {
        printf("drupe-hvt 0.1\nABI version %d\n", ABI_VERSION_HVT);
        return EXIT_SUCCESS;
    }
    int status = end(run(&o, argc, argv, &e), &e);
    if (debug.due)
        debug_dump(&debug, &vm, &guest);
    if (own.stats)
        stats_print(&vm, &guest, ring.ring.shared ? &ring : NULL);
    return status;
}
