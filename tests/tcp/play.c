/* SPDX-License-Identifier: ISC */
#include "tests/tcp/play.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define FLOWS_MAX 256U
#define FDS_MAX   64U
#define FD_FIRST  3U
#define TEXT_MAX  (1U << 20)

struct descriptor {
    void *of; /* the host's; NULL when free */
    bool is_conn;
    uint16_t port; /* of a listener */
    struct flow *flow;
};

struct stage {
    const struct script *script;
    struct host *host;
    struct play_problem *problem;
    uint64_t at; /* of the last line */
    struct addresses addresses;
    unsigned flows;
    struct flow flow[FLOWS_MAX];
    struct descriptor fd[FDS_MAX];
    uint8_t text[TEXT_MAX];
};

__attribute__((format(printf, 2, 3))) static bool fail(struct stage *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(s->problem->text, sizeof s->problem->text, format, args);
    va_end(args);
    return false;
}

static double seconds(uint64_t ns)
{
    return (double)ns / 1e9;
}

/* ---- Flows: the newest is found first ---------------------------------------------------- */

static struct flow *flow_find(struct stage *s, uint16_t peer_port, uint16_t local_port)
{
    for (unsigned i = s->flows; i-- > 0;) {
        struct flow *f = &s->flow[i];
        if (f->peer_port == peer_port && (local_port == 0 || f->local_port == local_port))
            return f;
    }
    return NULL;
}

static struct flow *flow_add(struct stage *s, uint16_t peer_port, uint16_t local_port)
{
    if (s->flows == FLOWS_MAX)
        abort();
    struct flow *f = &s->flow[s->flows++];
    *f = (struct flow){.peer_port = peer_port,
                       .local_port = local_port,
                       .peer_isn = s->script->options.peer_isn};
    return f;
}

static struct flow *flow_of(struct stage *s, const struct packet *p)
{
    const struct script_options *o = &s->script->options;
    uint16_t peer = p->peer_port ? p->peer_port : o->peer_port;
    struct flow *f = flow_find(s, peer, p->local_port);
    return f ? f : flow_add(s, peer, p->local_port ? p->local_port : o->local_port);
}

static struct flow *flow_known(void *ctx, uint16_t peer_port, uint16_t local_port)
{
    return flow_find(ctx, peer_port, local_port);
}

/* ---- Packets ------------------------------------------------------------------------------
 */

static bool unexpected(struct stage *s)
{
    char text[PACKET_TEXT_MAX];
    struct packet got;
    struct host_packet *p = s->host->first;
    const char *bad =
        packet_read(bytes_of(p->octets, p->len), &got, &s->addresses, flow_known, s);
    packet_text(text, &got, NULL);
    return fail(s, "not expected, at %.6f: > %s%s%s", seconds(p->at), text, bad ? ": " : "",
                bad ? bad : "");
}

/* Time passes until then, and nothing is sent. */
static bool waits(struct stage *s, uint64_t until)
{
    s->host->ops->run(s->host, until);
    return s->host->first && s->host->first->at + s->host->early_ns <= until ? unexpected(s)
                                                                             : true;
}

static bool send_packet(struct stage *s, const struct packet *p)
{
    static uint8_t room[PACKET_MAX + 200];
    struct writer w = writer_of(room, sizeof room);
    struct flow *f = flow_of(s, p);
    if (p->kind == PACKET_TCP && p->flags & F_SYN && !f->syn_known) {
        f->peer_syn = p->seq;
        f->syn_known = true;
    }
    packet_write(&w, p, f, &s->addresses);
    s->host->ops->inject(s->host, bytes_of(room, writer_len(&w)));
    return true;
}

static bool mismatch(struct stage *s, const struct packet *want, const struct packet *got,
                     const char *what, uint64_t at)
{
    char wanted[PACKET_TEXT_MAX], came[PACKET_TEXT_MAX];
    packet_text(wanted, want, NULL);
    packet_text(came, got, want);
    return fail(s, "%s\n  expected: > %s\n  came:     > %s at %.6f", what, wanted, came,
                seconds(at));
}

static struct packet with_ports(struct stage *s, const struct packet *p)
{
    struct packet named = *p;
    const struct flow *f = flow_of(s, p);
    named.peer_port = f->peer_port;
    named.local_port = f->local_port;
    return named;
}

static bool compare(struct stage *s, const struct script_line *l, struct host_packet *p,
                    uint64_t from, uint64_t until)
{
    struct packet want = with_ports(s, &l->packet), got;
    const char *bad =
        packet_read(bytes_of(p->octets, p->len), &got, &s->addresses, flow_known, s);
    if (!bad)
        bad = packet_differs(&want, &got);
    if (!bad && p->at + s->host->early_ns < from)
        bad = "too early";
    if (!bad && p->at > until)
        bad = "too late";
    s->at = p->at;
    return bad ? mismatch(s, &want, &got, bad, p->at) : true;
}

static bool expects(struct stage *s, const struct script_line *l)
{
    struct host *h = s->host;
    uint64_t base = l->relative ? s->at : 0;
    uint64_t from = base + l->at_ns, until = base + l->until_ns + h->late_ns;
    if (l->any_time) {
        from = 0;
        until = s->at + PLAY_ANY_NS;
    }
    h->ops->run(h, until);
    struct host_packet *p = host_take(h);
    if (!p) {
        char text[PACKET_TEXT_MAX];
        struct packet want = with_ports(s, &l->packet);
        packet_text(text, &want, NULL);
        return fail(s, "nothing was sent until %.6f\n  expected: > %s", seconds(until), text);
    }
    bool good = compare(s, l, p, from, until);
    free(p);
    return good;
}

/* ---- Calls --------------------------------------------------------------------------------
 */

static long long fd_new(struct stage *s, struct descriptor d)
{
    for (unsigned i = FD_FIRST; i < FDS_MAX; i++)
        if (!s->fd[i].of) {
            s->fd[i] = d;
            return i;
        }
    return -EMFILE;
}

static long long call_listen(struct stage *s, const struct script_line *l)
{
    void *of = NULL;
    uint16_t port = (uint16_t)l->arg[0];
    long long n = s->host->ops->listen(s->host, port, (unsigned)l->arg[1], &of);
    return n < 0 ? n : fd_new(s, (struct descriptor){.of = of, .port = port});
}

static long long call_bind(struct stage *s, const struct script_line *l)
{
    void *of = NULL;
    long long n = s->host->ops->bind(s->host, (uint16_t)l->arg[0], &of);
    return n < 0 ? n : fd_new(s, (struct descriptor){.of = of});
}

static long long call_accept(struct stage *s, struct descriptor *d)
{
    void *of = NULL;
    uint16_t peer_port = 0;
    long long n = s->host->ops->accept(s->host, d->of, &of, &peer_port);
    if (n < 0)
        return n;
    struct flow *f = flow_find(s, peer_port, d->port);
    return fd_new(s, (struct descriptor){.of = of, .is_conn = true, .flow = f});
}

static long long call_connect(struct stage *s, const struct script_line *l)
{
    void *of = NULL;
    uint16_t local_port = 0, peer_port = (uint16_t)l->arg[0];
    long long n = s->host->ops->connect(s->host, peer_port, &of, &local_port);
    if (n < 0)
        return n;
    struct flow *f = flow_add(s, peer_port, local_port);
    return fd_new(s, (struct descriptor){.of = of, .is_conn = true, .flow = f});
}

static long long call_read(struct stage *s, const struct descriptor *d, long long len)
{
    size_t room = len < (long long)TEXT_MAX ? (size_t)len : TEXT_MAX;
    long long n = s->host->ops->read(s->host, d->of, s->text, room);
    for (long long i = 0; i < n; i++)
        if (s->text[i] != packet_octet(d->flow->peer_syn + 1 + d->flow->taken + (uint32_t)i))
            return -EBADMSG;
    d->flow->taken += n > 0 ? (uint32_t)n : 0;
    return n;
}

static long long call_write(struct stage *s, const struct descriptor *d, long long len)
{
    size_t n = len < (long long)TEXT_MAX ? (size_t)len : TEXT_MAX;
    for (size_t i = 0; i < n; i++)
        s->text[i] = packet_octet(1 + d->flow->written + (uint32_t)i);
    long long done = s->host->ops->write(s->host, d->of, s->text, n);
    d->flow->written += done > 0 ? (uint32_t)done : 0;
    return done;
}

static long long call_close(struct stage *s, struct descriptor *d, bool abort)
{
    s->host->ops->close(s->host, d->of, d->is_conn, abort);
    *d = (struct descriptor){0};
    return 0;
}

static long long call_forget(struct stage *s, uint16_t peer_port)
{
    struct flow *f = flow_find(s, peer_port, 0);
    if (f)
        *f = (struct flow){
            .peer_port = f->peer_port, .local_port = f->local_port, .peer_isn = f->peer_isn};
    return f ? 0 : -EINVAL;
}

/* Calls that a connection is needed for. */
static long long call_of_conn(struct stage *s, const struct script_line *l,
                              struct descriptor *d)
{
    const struct host_ops *ops = s->host->ops;
    switch (l->call) {
    case CALL_READ:
        return call_read(s, d, l->arg[1]);
    case CALL_WRITE:
        return call_write(s, d, l->arg[1]);
    case CALL_SHUTDOWN:
        return ops->shutdown(s->host, d->of);
    case CALL_NODELAY:
        return ops->nodelay(s->host, d->of, l->arg[1]);
    case CALL_KEEPALIVE:
        return ops->keepalive(s->host, d->of, (uint64_t)l->arg[1]);
    case CALL_USER_TIMEOUT:
        return ops->user_timeout(s->host, d->of, (uint64_t)l->arg[1]);
    case CALL_ERROR:
        return ops->error(s->host, d->of);
    case CALL_LISTEN:
    case CALL_BIND:
    case CALL_ACCEPT:
    case CALL_CONNECT:
    case CALL_CLOSE:
    case CALL_ABORT:
    case CALL_STATE:
    case CALL_COUNTER:
    case CALL_SILENCE:
    case CALL_FORGET:
    case CALL_COUNT:
        break;
    }
    return -ENOSYS;
}

static long long call_number(struct stage *s, const struct script_line *l)
{
    switch ((int)l->call) {
    case CALL_LISTEN:
        return call_listen(s, l);
    case CALL_BIND:
        return call_bind(s, l);
    case CALL_CONNECT:
        return call_connect(s, l);
    case CALL_COUNTER:
        return s->host->ops->counter(s->host, l->word);
    case CALL_SILENCE:
        return 0;
    case CALL_FORGET:
        return call_forget(s, (uint16_t)l->arg[0]);
    default:
        break;
    }
    struct descriptor *d = l->arg[0] < (long long)FDS_MAX ? &s->fd[l->arg[0]] : NULL;
    if (!d || !d->of)
        return -EBADF;
    if (l->call == CALL_ACCEPT)
        return call_accept(s, d);
    if (l->call == CALL_CLOSE || l->call == CALL_ABORT)
        return call_close(s, d, l->call == CALL_ABORT);
    return d->is_conn ? call_of_conn(s, l, d) : -ENOTCONN;
}

static bool calls(struct stage *s, const struct script_line *l)
{
    char want[24], got[24];
    if (l->call == CALL_STATE) {
        struct descriptor *d = l->arg[0] < (long long)FDS_MAX ? &s->fd[l->arg[0]] : NULL;
        const char *state = d && d->is_conn ? s->host->ops->state(s->host, d->of) : "none";
        return strcmp(state, l->result_word) == 0 ||
               fail(s, "the state is %s, not %s", state, l->result_word);
    }
    long long n = call_number(s, l);
    if (n == -EBADF)
        return fail(s, "there is no such descriptor");
    if (n == -EBADMSG)
        return fail(s, "what was read is not what was sent");
    return n == l->result || fail(s, "the result is %s, not %s", script_number(n, got),
                                  script_number(l->result, want));
}

/* ---- Lines -------------------------------------------------------------------------------
 */

static bool play_line(struct stage *s, const struct script_line *l)
{
    if (l->kind == LINE_OUT)
        return expects(s, l);
    uint64_t at = l->at_ns + (l->relative ? s->at : 0);
    if (at < s->at)
        return fail(s, "%.6f is before %.6f, when the last line was", seconds(at),
                    seconds(s->at));
    if (!waits(s, at))
        return false;
    s->at = at;
    return l->kind == LINE_IN ? send_packet(s, &l->packet) : calls(s, l);
}

static void close_all(struct stage *s)
{
    for (unsigned i = 0; i < FDS_MAX; i++)
        if (s->fd[i].of)
            call_close(s, &s->fd[i], true);
}

bool play(const struct script *script, struct host *h, struct play_problem *problem)
{
    struct stage *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    *problem = (struct play_problem){0};
    s->script = script;
    s->host = h;
    s->problem = problem;
    s->addresses = (struct addresses){HOST_LOCAL, HOST_PEER};
    bool good = true;
    for (unsigned i = 0; good && i < script->lines; i++) {
        problem->line = script->line[i].number;
        good = play_line(s, &script->line[i]);
    }
    if (good)
        good = waits(s, s->at);
    close_all(s);
    host_forget_packets(h);
    free(s);
    return good;
}
