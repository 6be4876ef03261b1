/* SPDX-License-Identifier: ISC */
#include "host/sandbox.h"

#include <abi/spt.h>

#include <asm/prctl.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* What an entry of the table allows: one rule, or one for each device of a kind. */
enum subject {
    ALWAYS,
    STDOUT,
    EPOLL,
    TIMER,
    CLOCK,
    FS_BASE,
    EACH_NET,
    EACH_PLAIN,
    EACH_OFFLOAD,
    EACH_BLOCK,
    EACH_MORE
};

/* The whole list, with the reasons. An image has no other way out. */
static const struct entry {
    int call;
    enum subject subject;
} table[] = {
    /* Frames of the attached networks: how an image is reached and answers. First, as
     * the filter looks at them first. */
    {SCMP_SYS(read), EACH_NET},
    {SCMP_SYS(write), EACH_PLAIN},
    /* The same where a header stands before each frame: it, the frame's own headers and the
     * text lie apart, and copying them together would cost what the header saves. */
    {SCMP_SYS(writev), EACH_OFFLOAD},
    /* The console, on descriptor 1. The tender's own last line goes there as well:
     * it is written inside the sandbox. */
    {SCMP_SYS(write), STDOUT},
    /* Waiting for a frame or a moment: without it an idle image would spin. Without a
     * set of signals to put off, or SIGINT and SIGTERM would not end the image. */
    {SCMP_SYS(epoll_pwait), EPOLL},
    /* The moment to wait for. */
    {SCMP_SYS(timerfd_settime), TIMER},
    /* The two clocks there are. (Images have no vDSO.) */
    {SCMP_SYS(clock_gettime), CLOCK},
    /* One block of an attached device, inside its capacity: the file is never
     * lengthened, and nothing beyond it is read. */
    {SCMP_SYS(pread64), EACH_BLOCK},
    {SCMP_SYS(pwrite64), EACH_BLOCK},
    /* That what was written is on the disk; that some of it is not needed any more (a hole
     * that begins in the device and does not change the file's length). For images whose
     * note says that they know of it. */
    {SCMP_SYS(fdatasync), EACH_MORE},
    {SCMP_SYS(fallocate), EACH_MORE},
    /* Ending, with the exit status. */
    {SCMP_SYS(exit_group), ALWAYS},
    /* The thread pointer, for thread-local variables. FS only: nothing else of
     * arch_prctl. */
    {SCMP_SYS(arch_prctl), FS_BASE},
};

static struct scmp_arg_cmp equals(unsigned arg, uint64_t value)
{
    return (struct scmp_arg_cmp){.arg = arg, .op = SCMP_CMP_EQ, .datum_a = value};
}

static struct scmp_arg_cmp at_most(unsigned arg, uint64_t value)
{
    return (struct scmp_arg_cmp){.arg = arg, .op = SCMP_CMP_LE, .datum_a = value};
}

static int allow_first(scmp_filter_ctx ctx, int call, uint64_t value)
{
    struct scmp_arg_cmp is = equals(0, value);
    return seccomp_rule_add_exact_array(ctx, SCMP_ACT_ALLOW, call, 1, &is);
}

static int allow_wait(scmp_filter_ctx ctx, int call, int epollfd)
{
    struct scmp_arg_cmp are[] = {equals(0, (uint64_t)epollfd), equals(4, 0)};
    return seccomp_rule_add_exact_array(ctx, SCMP_ACT_ALLOW, call, 2, are);
}

static int allow_block(scmp_filter_ctx ctx, int call, const struct abi_manifest_entry *d)
{
    const struct abi_block_info *b = &d->u.block;
    struct scmp_arg_cmp are[] = {equals(0, (uint64_t)d->b.hostfd), equals(2, b->block_size),
                                 at_most(3, b->capacity - b->block_size)};
    return seccomp_rule_add_exact_array(ctx, SCMP_ACT_ALLOW, call, 3, are);
}

static bool concerns(enum subject subject, uint32_t type, uint8_t features)
{
    if (type == ABI_DEVICE_BLOCK)
        return subject == EACH_BLOCK || subject == EACH_MORE;
    return subject == EACH_NET || subject == (features ? EACH_OFFLOAD : EACH_PLAIN);
}

/* Up to n octets that begin n before the end, or earlier: see SPT_BLOCK_BATCHES. */
static int allow_batches(scmp_filter_ctx ctx, int call, const struct abi_manifest_entry *d)
{
    static const uint32_t batch[] = SPT_BLOCK_BATCHES;
    const struct abi_block_info *b = &d->u.block;
    int bad = 0;
    for (size_t i = 0; !bad && i < sizeof batch / sizeof batch[0]; i++) {
        if (batch[i] <= b->block_size || batch[i] > b->capacity)
            continue;
        struct scmp_arg_cmp are[] = {equals(0, (uint64_t)d->b.hostfd), at_most(2, batch[i]),
                                     at_most(3, b->capacity - batch[i])};
        bad = seccomp_rule_add_exact_array(ctx, SCMP_ACT_ALLOW, call, 3, are);
    }
    return bad;
}

static int allow_more(scmp_filter_ctx ctx, int call, const struct abi_manifest_entry *d)
{
    const struct abi_block_info *b = &d->u.block;
    struct scmp_arg_cmp are[] = {equals(0, (uint64_t)d->b.hostfd),
                                 equals(1, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE),
                                 at_most(2, b->capacity - 1)};
    return seccomp_rule_add_exact_array(ctx, SCMP_ACT_ALLOW, call,
                                        call == SCMP_SYS(fallocate) ? 3 : 1, are);
}

static int allow_device(scmp_filter_ctx ctx, const struct entry *entry,
                        const struct manifest *m, const struct abi_manifest_entry *d)
{
    if (d->type == ABI_DEVICE_NET)
        return allow_first(ctx, entry->call, (uint64_t)d->b.hostfd);
    if (entry->subject == EACH_MORE)
        return m->more_blocks ? allow_more(ctx, entry->call, d) : 0;
    int bad = allow_block(ctx, entry->call, d);
    return bad || !m->more_blocks ? bad : allow_batches(ctx, entry->call, d);
}

static int allow_each(scmp_filter_ctx ctx, const struct entry *entry, const struct manifest *m)
{
    int bad = 0;
    for (unsigned i = 1; !bad && i < m->entries; i++) {
        const struct abi_manifest_entry *d = &m->entry[i];
        if (!concerns(entry->subject, d->type, m->features[i]))
            continue;
        bad = allow_device(ctx, entry, m, d);
    }
    return bad;
}

static int allow_clocks(scmp_filter_ctx ctx, int call)
{
    int bad = allow_first(ctx, call, CLOCK_MONOTONIC);
    return bad ? bad : allow_first(ctx, call, CLOCK_REALTIME);
}

struct descriptors {
    int epollfd, timerfd;
};

static int allow(scmp_filter_ctx ctx, const struct entry *entry, const struct manifest *m,
                 const struct descriptors *d)
{
    switch (entry->subject) {
    case ALWAYS:
        return seccomp_rule_add_exact(ctx, SCMP_ACT_ALLOW, entry->call, 0);
    case STDOUT:
        return allow_first(ctx, entry->call, STDOUT_FILENO);
    case EPOLL:
        return allow_wait(ctx, entry->call, d->epollfd);
    case TIMER:
        return allow_first(ctx, entry->call, (uint64_t)d->timerfd);
    case CLOCK:
        return allow_clocks(ctx, entry->call);
    case FS_BASE:
        return allow_first(ctx, entry->call, ARCH_SET_FS);
    case EACH_NET:
    case EACH_PLAIN:
    case EACH_OFFLOAD:
    case EACH_BLOCK:
    case EACH_MORE:
        return allow_each(ctx, entry, m);
    }
    return -EINVAL;
}

static int fill(scmp_filter_ctx ctx, const struct manifest *m, const struct descriptors *d)
{
    /* Calls of another architecture (int 0x80, x32) end the process too. */
    int bad = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    for (size_t i = 0; !bad && i < sizeof table / sizeof table[0]; i++) {
        bad = allow(ctx, &table[i], m, d);
        if (!bad)
            bad = seccomp_syscall_priority(ctx, table[i].call, (uint8_t)(255 - i));
    }
    return bad;
}

/* libseccomp's own loader frees memory afterwards, with calls that are no longer
 * allowed; so the program is taken out of it, by way of a file in memory. */
static int export(scmp_filter_ctx ctx, struct sock_fprog *out, struct error *e)
{
    struct stat st;
    int fd = memfd_create("sandbox", MFD_CLOEXEC);
    if (fd < 0 || seccomp_export_bpf(ctx, fd) != 0 || fstat(fd, &st) != 0) {
        if (fd >= 0)
            close(fd);
        return fail_errno(e, "cannot make the sandbox's filter");
    }
    size_t len = (size_t)st.st_size;
    struct sock_filter *program = malloc(len);
    bool whole = program && pread(fd, program, len, 0) == st.st_size;
    close(fd);
    if (!whole || len / sizeof *program > BPF_MAXINSNS) {
        free(program);
        return fail(e, "cannot make the sandbox's filter: too many devices");
    }
    *out =
        (struct sock_fprog){.len = (unsigned short)(len / sizeof *program), .filter = program};
    return 0;
}

/* Makes the program of a filter that is full, and frees it. `bad`: what filling gave. */
static int finish(scmp_filter_ctx ctx, int bad, struct sock_fprog *out, struct error *e)
{
    if (bad)
        fail(e, "libseccomp refuses a rule: error %d", -bad);
    else
        bad = export(ctx, out, e);
    seccomp_release(ctx);
    return bad ? -1 : 0;
}

static bool is_kept(const struct manifest *m, const struct descriptors *d, int fd)
{
    bool kept = fd <= STDERR_FILENO || fd == d->epollfd || fd == d->timerfd;
    for (unsigned i = 1; i < m->entries; i++)
        kept |= m->entry[i].b.hostfd == fd;
    return kept;
}

static int last_kept(const struct manifest *m, const struct descriptors *d)
{
    int last = d->epollfd > d->timerfd ? d->epollfd : d->timerfd;
    for (unsigned i = 1; i < m->entries; i++)
        if (m->entry[i].b.hostfd > last)
            last = m->entry[i].b.hostfd;
    return last;
}

int sandbox_close_others(const struct manifest *m, int epollfd, int timerfd, struct error *e)
{
    struct descriptors d = {.epollfd = epollfd, .timerfd = timerfd};
    int last = last_kept(m, &d), from = STDERR_FILENO + 1;
    for (int fd = from; fd <= last; fd++) {
        if (!is_kept(m, &d, fd))
            continue;
        if (fd > from && close_range((unsigned)from, (unsigned)fd - 1, 0) != 0)
            return fail_errno(e, "cannot close the descriptors that are not the image's");
        from = fd + 1;
    }
    if (close_range((unsigned)from, ~0U, 0) != 0)
        return fail_errno(e, "cannot close the descriptors that are not the image's");
    return 0;
}

int sandbox_build(const struct manifest *m, int epollfd, int timerfd, struct sock_fprog *out,
                  struct error *e)
{
    struct descriptors d = {.epollfd = epollfd, .timerfd = timerfd};
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
    return ctx ? finish(ctx, fill(ctx, m, &d), out, e)
               : fail(e, "libseccomp cannot begin a filter");
}

static int fill_rules(scmp_filter_ctx ctx, const struct sandbox_rule *rule, size_t rules)
{
    int bad = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    for (size_t i = 0; !bad && i < rules; i++) {
        bad = seccomp_rule_add_exact_array(ctx, SCMP_ACT_ALLOW, rule[i].call,
                                           rule[i].conditions, rule[i].when);
        if (!bad)
            bad = seccomp_syscall_priority(ctx, rule[i].call, (uint8_t)(i < 255 ? 255 - i : 0));
    }
    return bad;
}

int sandbox_build_rules(const struct sandbox_rule *rule, size_t rules, struct sock_fprog *out,
                        struct error *e)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
    return ctx ? finish(ctx, fill_rules(ctx, rule, rules), out, e)
               : fail(e, "libseccomp cannot begin a filter");
}

int sandbox_enter(const struct sock_fprog *filter, struct error *e)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail_errno(e, "cannot give up privileges");
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, filter) != 0)
        return fail_errno(e, "cannot enter the sandbox: the kernel must have seccomp filters");
    return 0;
}
