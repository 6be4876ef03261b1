/* SPDX-License-Identifier: ISC */
#include "tender/hvt/gdb.h"
#include "host/kvm.h"
#include "tender/hvt/signals.h"
#include "tender/hvt/vm_debug.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

/* Whether something else than the debugger has interrupted the image: its end. */
static bool is_ending(void)
{
    return signals_ending && signals_ending != SIGNALS_DEBUGGER;
}

/* ---- The connection -------------------------------------------------------- */

/* How long a signal that ends the tender may go unseen while it waits for the debugger. */
#define LOOK_US 200000

static int listen_on(uint16_t port, struct sockaddr_in *address, struct error *e)
{
    socklen_t len = sizeof *address;
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    *address = (struct sockaddr_in){.sin_family = AF_INET,
                                    .sin_port = htons(port),
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd < 0)
        return fail_errno(e, "no socket for a debugger");
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)address, len) != 0 || listen(fd, 1) != 0 ||
        getsockname(fd, (struct sockaddr *)address, &len) != 0) {
        (void)fail_errno(e, "--gdb=%u: cannot wait on 127.0.0.1:%u", port, port);
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* What arrives is a signal to this thread. (Until its handler is there it is ignored: gdb_run
 * looks for itself.) */
static int set_up(int fd, struct error *e)
{
    struct timeval look = {.tv_usec = LOOK_US};
    struct f_owner_ex owner = {.type = F_OWNER_TID, .pid = gettid()};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    int one = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return sigaction(SIGNALS_DEBUGGER, &ignore, NULL) != 0 ||
                   setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &look, sizeof look) != 0 ||
                   fcntl(fd, F_SETOWN_EX, &owner) != 0 || fcntl(fd, F_SETFL, O_ASYNC) != 0
               ? fail_errno(e, "the debugger's connection cannot be set up")
               : 0;
}

int gdb_wait(struct gdb_server *s, uint16_t port, const struct memory *m, struct error *e)
{
    struct sockaddr_in address;
    struct error ignored;
    int listener = listen_on(port, &address, e);
    if (listener < 0)
        return -1;
    fprintf(stderr, "drupe-hvt: waiting for a debugger: target remote 127.0.0.1:%u\n",
            ntohs(address.sin_port));
    s->fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    (void)close(listener);
    if (s->fd < 0)
        return fail_errno(e, "no debugger could connect");
    s->gdb = (struct gdb){.memory = m, .stop = {.signal = SIGTRAP}};
    s->gates.used = kvm_probe(&ignored) == KVM_INTERPRETING;
    s->gdb.points.use = s->gates.used ? GDB_USE_SOFTWARE : GDB_USE_BOTH;
    if (memory_show_all(m) != 0)
        return fail_errno(e, "the image's memory cannot be shown to a debugger");
    return set_up(s->fd, e);
}

/* Takes what has arrived. False: the other end is gone, or (errno EAGAIN) nothing has. */
static bool fill(struct gdb_server *s, int flags)
{
    ssize_t n = recv(s->fd, s->in, sizeof s->in, flags);
    if (n == 0)
        errno = ECONNRESET;
    if (n <= 0)
        return false;
    s->at = 0;
    s->len = (size_t)n;
    return true;
}

static void send_all(struct gdb_server *s, const uint8_t *at, size_t len)
{
    while (len > 0) {
        ssize_t n = send(s->fd, at, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR && !is_ending())
            continue;
        if (n <= 0)
            return; /* that it is gone is seen when it is read from */
        at += n, len -= (size_t)n;
    }
}

static void reply_with(struct gdb_server *s, const struct gdb_reply *reply)
{
    s->sent = gdb_frame(bytes_of(reply->text, reply->len), s->out);
    send_all(s, s->out, s->sent);
}

/* ---- While the image is stopped ---------------------------------------------- */

static enum gdb_next take_packet(struct gdb_server *s)
{
    static struct gdb_reply reply;
    if (!s->gdb.no_acks)
        send_all(s, (const uint8_t *)"+", 1);
    enum gdb_next next =
        gdb_command(&s->gdb, bytes_of(s->receiver.text, s->receiver.len), &reply);
    if (next == GDB_ANSWER || next == GDB_DETACH)
        reply_with(s, &reply);
    return next;
}

static enum gdb_next take_octet(struct gdb_server *s, uint8_t octet)
{
    switch (gdb_receive(&s->receiver, octet)) {
    case GDB_PACKET:
        return take_packet(s);
    case GDB_DAMAGED:
        send_all(s, (const uint8_t *)"-", 1);
        return GDB_ANSWER;
    case GDB_AGAIN:
        send_all(s, s->out, s->sent);
        return GDB_ANSWER;
    case GDB_NOTHING:
    case GDB_INTERRUPT:
        break;
    }
    return GDB_ANSWER;
}

/* Answers the debugger until the image is to do something, or the debugger is gone. */
static enum gdb_next converse(struct gdb_server *s)
{
    enum gdb_next next = GDB_ANSWER;
    while (next == GDB_ANSWER) {
        if (is_ending())
            return GDB_KILL;
        if (s->at < s->len)
            next = take_octet(s, s->in[s->at++]);
        else if (!fill(s, 0) && errno != EAGAIN && errno != EINTR)
            return GDB_KILL;
    }
    return next;
}

static enum gdb_next tell_and_converse(struct gdb_server *s)
{
    static struct gdb_reply reply;
    reply.len = 0;
    gdb_tell_stop(&s->gdb, &reply);
    reply_with(s, &reply);
    return converse(s);
}

/* ---- While it runs ------------------------------------------------------------ */

/* Whether the debugger wants it to stop, or is gone (which is seen when it is asked). What else
 * it sends now is not of the protocol. */
static bool wants_stop(struct gdb_server *s)
{
    for (;;) {
        while (s->at < s->len)
            if (gdb_receive(&s->receiver, s->in[s->at++]) == GDB_INTERRUPT)
                return true;
        if (!fill(s, MSG_DONTWAIT))
            return errno != EAGAIN && errno != EINTR;
    }
}

static int give_back(struct gdb_server *s, struct vm *vm, struct error *e)
{
    if (!s->gdb.cpu_changed)
        return 0;
    s->gdb.cpu_changed = false;
    return cpu_write(vm->vcpu, &s->gdb.cpu, e);
}

/* Runs until there is something to tell: 0, or -1. g->stop says what, if it has not ended. */
static int run_until_stop(struct gdb_server *s, struct vm *vm, struct guest *g, bool step,
                          struct error *e)
{
    if (give_back(s, vm, e) != 0)
        return -1;
    for (;;) {
        signals_heard();
        if (wants_stop(s)) {
            s->gdb.stop = (struct gdb_stop){.signal = SIGINT};
            return 0;
        }
        if ((s->gates.used ? vm_gates_run(&s->gates, vm, g, &s->gdb, step, e)
                           : vm_debug_run(vm, g, &s->gdb, step, e)) != 0)
            return -1;
        if (g->ended || is_ending() || vm->stopped)
            return 0;
    }
}

/* ---- The end ------------------------------------------------------------------ */

/* The image has ended; one that failed can be looked at once more. */
static void show_end(struct gdb_server *s, const struct vm *vm, const struct guest *g,
                     bool violated)
{
    static struct gdb_reply reply;
    struct error ignored;
    bool failed = violated || (g->ended && g->exit_status == 255);
    if (failed && cpu_read(vm->vcpu, &s->gdb.cpu, &ignored) == 0) {
        if (!violated && g->has_cookie)
            (void)cpu_at_fault(&s->gdb.cpu, g->cookie);
        s->gdb.stop = (struct gdb_stop){.signal = s->gdb.cpu.signal};
        if (tell_and_converse(s) == GDB_KILL)
            return;
    }
    reply.len = 0;
    if (g->ended)
        gdb_tell_exit(&reply, (uint8_t)g->exit_status);
    else
        gdb_tell_killed(&reply, violated ? SIGABRT : SIGTERM);
    reply_with(s, &reply);
}

/* The debugger has left: on its own from here. */
static int run_alone(struct gdb_server *s, struct vm *vm, struct guest *g, struct error *e)
{
    int result = give_back(s, vm, e) != 0 ? -1 : vm_debug(vm, NULL, false, e);
    while (result == 0 && !g->ended && !is_ending()) {
        signals_heard();
        result = vm_run(vm, g, e);
    }
    return result;
}

int gdb_run(struct gdb_server *s, struct vm *vm, struct guest *g, struct error *e)
{
    if (cpu_read(vm->vcpu, &s->gdb.cpu, e) != 0)
        return -1;
    for (enum gdb_next next = converse(s);;) {
        if (next == GDB_KILL)
            return is_ending() ? 0 : fail(e, "the debugger has ended the image");
        if (next == GDB_DETACH)
            return run_alone(s, vm, g, e);
        int result = run_until_stop(s, vm, g, next == GDB_STEP, e);
        if (result != 0 || g->ended || is_ending()) {
            show_end(s, vm, g, result != 0);
            return result;
        }
        vm_debug_finish(vm);
        if (cpu_read(vm->vcpu, &s->gdb.cpu, e) != 0)
            return -1;
        next = tell_and_converse(s);
    }
}
