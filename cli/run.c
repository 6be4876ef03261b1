/* SPDX-License-Identifier: ISC */
#include "cli/attach.h"
#include "cli/cli.h"
#include "cli/image.h"
#include "host/usernet.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORDS_MAX (4 * CLI_LIST_MAX) /* of the tender's command line */

const char help_run[] =
    "usage: drupe run [OPTIONS] DIR|IMAGE [-- ARGUMENTS]\n"
    "Runs an image, or builds the application in DIR and runs that. An image with a network\n"
    "device gets a user-mode network, without root: the image is 10.0.0.2, its gateway\n"
    "10.0.0.1. It can connect to other hosts, though not to this host's loopback; it is\n"
    "reached by the ports you publish. Ctrl-C ends it; its exit status is drupe's.\n"
    "  -t, --target TARGET   what to build in DIR: spt (the default), hvt or unix\n"
    "  -p, --publish [ADDR:]PORT:GUESTPORT[/udp]\n"
    "                        lead PORT of this host to GUESTPORT of the image; ADDR is\n"
    "                        127.0.0.1 when not given: only this machine reaches it\n"
    "      --tap TAP         attach the network device to a tap (see drupe help net)\n"
    "      --net NAME=WHERE  attach the device NAME: user, a tap, or @FD; for images with\n"
    "                        several devices\n"
    "      --block NAME=FILE attach the block device NAME to a file\n"
    "      --pcap FILE       write every frame of its networks to a new file, for tcpdump and\n"
    "                        Wireshark; - is standard output (| tcpdump -r -)\n"
    "      --gdb PORT        hvt: wait for gdb on 127.0.0.1, that port (0: any), before it "
    "starts\n"
    "      --dumpcore DIR    hvt: when the image fails, a core dump in DIR\n"
    "  -m, --mem MB          the image's memory; it is taken as it is touched, so that the\n"
    "                        default (512) costs nothing until used\n"
    "ARGUMENTS are the image's. On the user-mode network it is also told\n"
    "--ipv4=10.0.0.2/24 --ipv4-gateway=10.0.0.1, unless they say --ipv4 themselves.\n";

struct run_words {
    const char *target, *mem, *pcap, *gdb, *dumpcore;
    struct attach_words attach;
    struct cli_list block;
};

/* The command line that the process becomes. */
struct line {
    size_t n;
    char *word[WORDS_MAX];
};

static void put(struct line *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put(struct line *l, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (l->n < WORDS_MAX && vasprintf(&l->word[l->n], fmt, ap) >= 0)
        l->n++;
    va_end(ap);
}

/* A folder is built first; `path` is the image's. */
static int find_image(const char *what, const char *target, char *path, struct error *e)
{
    struct stat st;
    if (stat(what, &st) < 0)
        return fail_errno(e, "%.300s", what);
    if (S_ISDIR(st.st_mode))
        return make_build(what, target, e) < 0 || make_image(what, target, path, e) < 0 ? -1
                                                                                        : 0;
    int n = snprintf(path, CLI_PATH, "%s%s", strchr(what, '/') ? "" : "./", what);
    return n < CLI_PATH ? 0 : fail(e, "the path of the image is too long");
}

/* Starts the user-mode network; its descriptor stays open in what this process becomes. */
static int start_network(const struct attachment *a, struct usernet *net, struct error *e)
{
    static char spec[USERNET_PUBLISH_MAX * (USERNET_PUBLISH_TEXT + 10)];
    char text[ATTACH_TEXT];
    attach_spec(&a->spec, spec, sizeof spec);
    if (usernet_start(spec, net, e) < 0)
        return -1;
    if (fcntl(net->fd, F_SETFD, 0) < 0)
        return fail_errno(e, "cannot hand the user-mode network over");
    for (size_t i = 0; i < a->spec.n; i++)
        fprintf(stderr, "%s\n", attach_address(&a->spec.publish[i], text));
    if (a->spec.n == 0)
        fprintf(stderr, "nothing is published: -p 8080:80 would lead 127.0.0.1:8080 to port 80 "
                        "of the image\n");
    return 0;
}

static int put_devices(struct line *l, const struct attachment *a, const struct run_words *w,
                       struct error *e)
{
    struct usernet net;
    for (size_t i = 0; i < a->n; i++)
        if (a->net[i].to)
            put(l, "--net:%s=%s", a->net[i].name, a->net[i].to);
    for (size_t i = 0; i < w->block.n; i++)
        put(l, "--block:%s", w->block.at[i]);
    if (w->mem)
        put(l, "--mem=%s", w->mem);
    if (w->pcap)
        put(l, "--pcap=%s", w->pcap);
    if (!a->user)
        return 0;
    if (start_network(a, &net, e) < 0)
        return -1;
    put(l, "--net:%s=@%d,mtu=%u", a->user, net.fd, net.mtu);
    return 0;
}

/* The tender says what is wrong with these. */
static int put_debugging(struct line *l, const char *target, const struct run_words *w,
                         struct error *e)
{
    if ((w->gdb || w->dumpcore) && strcmp(target, "hvt") != 0)
        return misused(e, "--gdb and --dumpcore are for the target hvt, and this is %s",
                       target);
    if (w->gdb)
        put(l, "--gdb=%s", w->gdb);
    if (w->dumpcore)
        put(l, "--dumpcore=%s", w->dumpcore);
    return 0;
}

static void put_arguments(struct line *l, const struct attachment *a, char **args)
{
    if (a->user && !attach_has_argument(args, "ipv4")) {
        put(l, "--ipv4=" USERNET_IMAGE_PREFIX);
        if (!attach_has_argument(args, "ipv4-gateway"))
            put(l, "--ipv4-gateway=" USERNET_GATEWAY);
    }
    for (; *args; args++)
        put(l, "%s", *args);
}

/* The program that boots images for this target; for hvt, /dev/kvm besides. */
static int find_tender(const char *path, const char *target, char *tender, struct error *e)
{
    char name[32];
    bool hvt = strcmp(target, "hvt") == 0;
    if (!hvt && strcmp(target, "spt") != 0)
        return fail(e,
                    "%.200s is for %s, and this drupe runs spt, hvt and unix: build it for "
                    "those",
                    path, target);
    if (hvt && access("/dev/kvm", R_OK | W_OK) != 0)
        return fail_errno(e, "/dev/kvm (drupe doctor says what to do, and -t spt needs none)");
    snprintf(name, sizeof name, "drupe-%s", target);
    return place_program(name, tender, e);
}

/* Becomes the tender, or the program of the unix target, so that signals and the exit
 * status need no hands to pass them on. */
static int become(const char *path, const struct image *image, const struct attachment *a,
                  const struct run_words *w, char **args, struct error *e)
{
    char tender[CLI_PATH];
    struct line l = {0};
    if (image->program)
        snprintf(tender, sizeof tender, "%s", path);
    else if (find_tender(path, image->target, tender, e) < 0)
        return -1;
    put(&l, "%s", tender);
    int wrong = put_debugging(&l, image->target, w, e);
    if (wrong != 0)
        return wrong;
    if (put_devices(&l, a, w, e) < 0)
        return -1;
    if (!image->program) {
        put(&l, "--");
        put(&l, "%s", path);
    }
    put_arguments(&l, a, args);
    if (l.n == WORDS_MAX)
        return fail(e, "more than %d words for the image", WORDS_MAX);
    execv(tender, l.word);
    return fail_errno(e, "cannot run %.300s", tender);
}

static int read_words(int argc, char **argv, struct run_words *w, struct cli_list *words,
                      char ***rest, struct error *e)
{
    const struct cli_option options[] = {
        {.c = 't', .name = "target", .text = &w->target},
        {.c = 'p', .name = "publish", .list = &w->attach.publish},
        {.name = "tap", .text = &w->attach.tap},
        {.name = "net", .list = &w->attach.net},
        {.name = "block", .list = &w->block},
        {.c = 'm', .name = "mem", .text = &w->mem},
        {.name = "pcap", .text = &w->pcap},
        {.name = "gdb", .text = &w->gdb},
        {.name = "dumpcore", .text = &w->dumpcore},
        {0},
    };
    unsigned long mem;
    int r = cli_parse(argc, argv, options, words, rest, e);
    if (r != 0)
        return r;
    if (words->n != 1)
        return misused(e, "run takes one folder or image; its arguments come after --");
    if (w->mem && !cli_number(w->mem, 1, 1048576, &mem))
        return misused(e, "'%.40s' is not a number of megabytes", w->mem);
    return 0;
}

int cmd_run(int argc, char **argv, struct error *e)
{
    static struct run_words w;
    static struct cli_list words;
    static struct image image;
    static struct attachment a;
    char path[CLI_PATH], **rest;
    const char *target;
    int r = read_words(argc, argv, &w, &words, &rest, e);
    if (r != 0 || (r = target_of(w.target, &target, e)) != 0)
        return r;
    if (find_image(words.at[0], target, path, e) < 0 || image_read(path, true, &image, e) < 0)
        return CLI_FAILED;
    if (w.target && strcmp(image.target, target) != 0)
        return misused(e, "%.200s is for %s, not %s", path, image.target, target);
    r = attach_choose(&image.elf.manifest, &w.attach, &a, e);
    return r != 0 ? r : become(path, &image, &a, &w, rest, e);
}
