/* SPDX-License-Identifier: ISC */
#include "cli/cli.h"
#include "host/kvm.h"

#include <abi/spt.h>

#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sched.h>
#include <unistd.h>

const char help_doctor[] =
    "usage: drupe doctor\n"
    "Says what this machine can do, and what to do about what is missing. Exit status 0\n"
    "when images can run as sandboxed processes (the target spt).\n";

/* One thing a machine has or not. */
struct finding {
    const char *what;
    bool (*has)(void);
    const char *good; /* what it is good for */
    const char *cure;
    bool needed; /* by the target spt */
};

static bool seccomp_kills(void)
{
    unsigned action = SECCOMP_RET_KILL_PROCESS;
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

/* An image's memory begins at SPT_MEM_START; vm.mmap_min_addr may forbid it. */
static bool maps_low_memory(void)
{
    void *at = mmap((void *)(uintptr_t)SPT_MEM_START, 4096, PROT_READ,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (at == MAP_FAILED)
        return errno == EEXIST;
    (void)munmap(at, 4096);
    return true;
}

static bool program_here(const char *name)
{
    char path[CLI_PATH];
    struct error e;
    return place_program(name, path, &e) == 0;
}

static bool has_tender(void)
{
    return program_here("drupe-spt");
}

static bool has_hvt_tender(void)
{
    return program_here("drupe-hvt");
}

static bool has_usernet(void)
{
    return program_here("drupe-usernet");
}

static bool in_path(const char *name)
{
    char path[CLI_PATH];
    const char *dirs = getenv("PATH");
    for (const char *d = dirs; d && *d; d += *d == ':') {
        size_t len = strcspn(d, ":");
        int n = snprintf(path, sizeof path, "%.*s/%s", (int)len, d, name);
        if (n > 0 && n < CLI_PATH && access(path, X_OK) == 0)
            return true;
        d += len;
    }
    return false;
}

static bool has_compiler(void)
{
    return in_path("gcc") || in_path("clang");
}

static bool has_make(void)
{
    return in_path("make");
}

static bool has_sources(void)
{
    char tree[CLI_PATH], vendor[CLI_PATH + 16];
    struct error e;
    if (place_tree(tree, &e) < 0)
        return false;
    snprintf(vendor, sizeof vendor, "%s/vendor", tree);
    return access(vendor, R_OK) == 0 || system("apt-get indextargets 'Created-By: Sources' "
                                               "2>/dev/null | grep -q .") == 0;
}

static bool opens(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool has_tun(void)
{
    return opens("/dev/net/tun");
}

static bool has_landlock(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, 1 /* version */) > 0;
}

static bool has_user_namespaces(void)
{
    int status = 1;
    pid_t pid = fork();
    if (pid == 0)
        _exit(unshare(CLONE_NEWUSER) != 0);
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool has_rdrand(void)
{
    unsigned a, b, c, d;
    return __get_cpuid(1, &a, &b, &c, &d) && c & bit_RDRND;
}

static const struct finding findings[] = {
    {"seccomp", seccomp_kills, "images run in a sandbox",
     "use a kernel with CONFIG_SECCOMP_FILTER", true},
    {"low memory", maps_low_memory, "images lie at their addresses",
     "sysctl vm.mmap_min_addr=65536", true},
    {"drupe-spt", has_tender, "images run as processes", "run make in drupe's tree", true},
    {"drupe-usernet", has_usernet, "images have a network without root",
     "run make in drupe's tree", false},
    {"compiler", has_compiler, "drupe build", "apt install gcc", false},
    {"make", has_make, "drupe build", "apt install make", false},
    {"sources", has_sources, "the vendored libraries can be fetched",
     "add deb-src lines to apt's sources", false},
    {"RDRAND", has_rdrand, "images seed their random numbers from the CPU too",
     "nothing: our tenders hand over the host's random numbers", false},
    {"Landlock", has_landlock, "the user-mode network is cut off from files twice",
     "nothing, or a kernel from 5.13 on: the system-call filter stands alone", false},
    {"user namespaces", has_user_namespaces, "the tests of taps need no root",
     "sysctl kernel.unprivileged_userns_clone=1, or run those tests as root", false},
    {"/dev/net/tun", has_tun, "drupe run --tap", "modprobe tun, or run as root", false},
    {"drupe-hvt", has_hvt_tender, "images run as virtual machines, given KVM",
     "run make in drupe's tree", false},
};

static void say(bool has, const char *what, const char *missing, const char *words)
{
    printf("%-4s%-17s%s%s\n", has ? "ok" : "no", what, has ? "" : missing, words);
}

static void say_kvm(void)
{
    struct error e = {.text = ""};
    char words[sizeof e.text + 240];
    const char *told = words;
    enum kvm_state state = kvm_probe(&e);
    switch (state) {
    case KVM_USABLE:
        told = "images can run as virtual machines: drupe run -t hvt";
        break;
    case KVM_INTERPRETING:
        snprintf(words, sizeof words,
                 "images can run as virtual machines, at full speed but for device calls; "
                 "KVM interprets ring 0 here (%s), so that others' kernels crawl: use a "
                 "machine with "
                 "hardware virtualisation (nested, in a virtual one) for those",
                 e.text);
        break;
    case KVM_BROKEN:
        snprintf(words, sizeof words, "%s: use the target spt, or another kernel", e.text);
        break;
    case KVM_FORBIDDEN:
        told = "you may not open it: join the group kvm (usermod -aG kvm NAME, then log in "
               "again), or run as root";
        break;
    case KVM_ABSENT:
        told = "modprobe kvm_intel or kvm_amd, switch virtualisation on in the firmware (or "
               "nested, in the outer machine), or use the target spt";
        break;
    }
    say(state >= KVM_INTERPRETING, "/dev/kvm",
        state == KVM_ABSENT ? "missing: " : "unusable: ", told);
}

int cmd_doctor(int argc, char **argv, struct error *e)
{
    struct cli_list words = {0};
    char **rest;
    const struct cli_option options[] = {{0}};
    const char *missing = NULL;
    int r = cli_parse(argc, argv, options, &words, &rest, e);
    if (r != 0)
        return r;
    if (words.n || *rest)
        return misused(e, "doctor takes no words");
    for (size_t i = 0; i < sizeof findings / sizeof findings[0]; i++) {
        const struct finding *f = &findings[i];
        bool has = f->has();
        say(has, f->what, "missing: ", has ? f->good : f->cure);
        if (!has && f->needed && !missing)
            missing = f->what;
    }
    say_kvm();
    if (missing)
        return fail(e, "images cannot run here: %s is missing (see above)", missing);
    printf("images can run here: drupe run\n");
    return 0;
}
