/* SPDX-License-Identifier: ISC */
/* drupe-spt: runs an image as a process in a sandbox of its own.
 *
 * It reads the image and the command line, attaches the devices, lays the image out in
 * its own address space, gives up all system calls but the listed ones, and jumps.
 * From then on the process is the image; nothing of the tender runs but the handlers of
 * signals. The contract is Solo5's spt ABI, version 2 (include/abi/spt.h). */

#include "base/offload.h"
#include "host/devices.h"
#include "host/sandbox.h"
#include "host/waitset.h"
#include "tender/spt/guest.h"
#include "tender/spt/signals.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The image shares the address space, and can find what is in it: it shall not have the
 * passwords and keys that people keep in their environment. */
static void forget_environment(void)
{
    for (char **word = environ; word && *word; word++)
        explicit_bzero(*word, strlen(*word));
}

/* Returns only when it cannot be done. */
static int run(const struct options *o, int argc, char **argv, struct error *e)
{
    struct elf_source source;
    struct elf_image image;
    struct sock_fprog filter;
    const char *path = argv[o->rest];
    struct guest_boot boot = {
        .mem_size = o->mem, .argc = argc - o->rest - 1, .argv = argv + o->rest + 1};
    if (elf_open(path, ABI_TARGET_SPT, ABI_VERSION_SPT, &source, &image, e) != 0)
        return -1;
    boot.kernel_end = image.end;
    image.manifest.more_blocks = image.block_features & ABI_BLOCK_MORE;
    image.manifest.understood = (uint8_t)(image.net_features & (OFFLOAD_CSUM | OFFLOAD_TSO4));
    if (guest_load(&source, &image, boot.mem_size, e) != 0)
        return fail_about(e, path);
    (void)close(source.fd);
    if (devices_attach(o, &image.manifest, e) != 0 ||
        waitset_open(&image.manifest, SPT_TIMER_EVENT, &boot.epollfd, &boot.timerfd, e) != 0 ||
        guest_boot_info(&boot, &image.manifest, e) != 0 ||
        sandbox_build(&image.manifest, boot.epollfd, boot.timerfd, &filter, e) != 0 ||
        sandbox_close_others(&image.manifest, boot.epollfd, boot.timerfd, e) != 0 ||
        signals_install(e) != 0 || sandbox_enter(&filter, e) != 0)
        return -1;
    forget_environment();
    guest_enter(image.entry, boot.mem_size);
}

static void print_help(void)
{
    printf("usage: drupe-spt [OPTIONS] [--] IMAGE [ARGUMENTS]\n"
           "Runs the image as a process that can make no system calls but a few.\n"
           "%s"
           "  --help                            this text\n"
           "  --version                         the version, and that of the contract\n"
           "The image's exit status is the tender's; 1 when it could not be run.\n",
           options_help);
}

int main(int argc, char **argv)
{
    struct options o;
    struct error e;
    if (options_parse_tender(&o, argc, argv, &e) == 0) {
        if (o.help) {
            print_help();
            return EXIT_SUCCESS;
        }
        if (o.version) {
            printf("drupe-spt 0.1\nABI version %d\n", ABI_VERSION_SPT);
            return EXIT_SUCCESS;
        }
        (void)run(&o, argc, argv, &e);
    }
    fprintf(stderr, "drupe-spt: %s\n", e.text);
    return EXIT_FAILURE;
}
