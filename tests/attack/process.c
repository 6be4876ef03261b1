/* SPDX-License-Identifier: ISC */
#include "tests/attack/process.h"

#include "tests/attack/failing.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ENDS_WITHIN_MS 5000

/* Runs in the child: only what is safe after a fork. */
static _Noreturn void become(char *const argv[], int wire, int log)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* dup2 onto itself would keep it close-on-exec. */
    int high = fcntl(wire, F_DUPFD, 10);
    if (high < 0 || dup2(high, 3) != 3 || dup2(log, 1) != 1 || dup2(log, 2) != 2)
        _exit(126);
    close(high);
    execv(argv[0], argv);
    _exit(127);
}

void process_start(struct process *p, const char *target, const char *image)
{
    char tender[64] = "build/bin/drupe-spt", path[64];
    char net[] = "--net:service=@3", mac[] = "--net-mac:service=02:00:00:00:00:02";
    char mem[] = "--mem=8", ip[] = "--ipv4=10.0.0.2/24", way[] = "--ipv4-gateway=10.0.0.1";
    bool spt = strcmp(target, "spt") == 0;
    snprintf(path, sizeof path, "build/%s/%s.%s", target, image, target);
    char *const under[] = {tender, mem, net, mac, path, ip, way, NULL};
    char *const alone[] = {path, mem, net, mac, ip, way, NULL};
    int ends[2];
    CHECK_INT(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    p->wire = ends[0];
    p->log = memfd_create("log", MFD_CLOEXEC);
    CHECK(p->log >= 0);
    p->pid = fork();
    if (p->pid == 0)
        become(spt ? under : alone, ends[1], p->log);
    close(ends[1]);
    CHECK(p->pid > 0);
}

static void forget(struct process *p)
{
    p->pid = 0;
    close(p->wire);
    close(p->log);
}

/* Waits for its end, which makes the descriptor readable; false when that takes too long. */
static bool has_ended(pid_t pid)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd f = {fd, POLLIN, 0};
    CHECK(fd >= 0);
    int n = poll(&f, 1, ENDS_WITHIN_MS);
    close(fd);
    return n == 1;
}

void process_end(struct process *p)
{
    int status = 0;
    CHECK_INT(kill(p->pid, SIGTERM), 0);
    CHECK(has_ended(p->pid));
    CHECK_INT(waitpid(p->pid, &status, 0), p->pid);
    CHECK(strstr(process_log(p), "Exiting on signal 15"));
    CHECK(WIFEXITED(status));
    forget(p);
}

void process_kill(struct process *p)
{
    if (p->pid <= 0)
        return;
    printf("# it said: %s\n", process_log(p));
    kill(p->pid, SIGKILL);
    waitpid(p->pid, NULL, 0);
    forget(p);
}

bool process_lives(const struct process *p)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0;
}

const char *process_log(struct process *p)
{
    ssize_t n = pread(p->log, p->text, sizeof p->text - 1, 0);
    p->text[n > 0 ? n : 0] = 0;
    return p->text;
}

size_t process_resident(const struct process *p)
{
    char path[64], line[128];
    unsigned long long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)p->pid);
    FILE *f = fopen(path, "re");
    CHECK(f);
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "VmRSS: %llu", &kib) == 1)
            break;
    fclose(f);
    CHECK(kib > 0);
    return (size_t)kib * 1024;
}

uint64_t process_cpu(const struct process *p)
{
    clockid_t clock;
    struct timespec t;
    CHECK_INT(clock_getcpuclockid(p->pid, &clock), 0);
    CHECK_INT(clock_gettime(clock, &t), 0);
    return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}
