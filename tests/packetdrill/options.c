/* SPDX-License-Identifier: ISC */
/* Options of sockets, with Linux's numbers outside. */
#include "tests/packetdrill/drill.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <linux/tcp.h>
#include <stdarg.h>
#include <sys/ioctl.h>

#define SECOND         1000000000ULL
#define KEEPALIVE_IDLE (7200 * SECOND)

static int leave(struct drill *d, int n)
{
    wire_leave(d);
    if (n >= 0)
        return n;
    errno = -n;
    return -1;
}

void options_apply(struct drill *d, struct drill_socket *s)
{
    if (s->nodelay)
        inet_tcp_nodelay(d->in, s->conn, true);
    uint64_t idle = s->keepalive_ns ? s->keepalive_ns : KEEPALIVE_IDLE;
    inet_tcp_keepalive(d->in, s->conn, s->keepalive ? idle : 0, wire_now());
}

/* ---- Told ------------------------------------------------------------------------------ */

/* Linux's numbers of states. */
static uint8_t linux_state(enum tcp_state state)
{
    static const uint8_t number[] = {
        [TCP_CLOSED] = 7,      [TCP_SYN_SENT] = 2,   [TCP_SYN_RECEIVED] = 3,
        [TCP_ESTABLISHED] = 1, [TCP_FIN_WAIT_1] = 4, [TCP_FIN_WAIT_2] = 5,
        [TCP_CLOSE_WAIT] = 8,  [TCP_CLOSING] = 11,   [TCP_LAST_ACK] = 9,
        [TCP_TIME_WAIT] = 6};
    return number[state];
}

static struct tcp_info info_of(const struct tcp_conn *c)
{
    uint32_t mss = c->mss ? c->mss : 1;
    return (struct tcp_info){.tcpi_state = linux_state(c->state),
                             .tcpi_rto = (uint32_t)(c->rto_ns / 1000),
                             .tcpi_snd_mss = c->mss,
                             .tcpi_rcv_mss = c->rcv_mss,
                             .tcpi_rtt = (uint32_t)(c->srtt_ns / 1000),
                             .tcpi_rttvar = (uint32_t)(c->rttvar_ns / 1000),
                             .tcpi_snd_cwnd = c->cwnd / mss,
                             .tcpi_snd_ssthresh = c->ssthresh / mss,
                             .tcpi_advmss = c->mss_in,
                             .tcpi_notsent_bytes = c->out.count};
}

static int put(void *value, socklen_t *len, const void *from, size_t size)
{
    if (*len > size)
        *len = (socklen_t)size;
    memcpy(value, from, *len);
    return 0;
}

static int put_int(void *value, socklen_t *len, int n)
{
    return put(value, len, &n, sizeof n);
}

static int get_tcp(struct drill_socket *s, int name, void *value, socklen_t *len)
{
    if (name == TCP_NODELAY)
        return put_int(value, len, s->nodelay);
    if (s->kind == SOCKET_CONNECTED && name == TCP_MAXSEG)
        return put_int(value, len, s->conn->mss);
    if (s->kind == SOCKET_CONNECTED && name == TCP_INFO) {
        struct tcp_info info = info_of(s->conn);
        return put(value, len, &info, sizeof info);
    }
    return -ENOSYS;
}

static int get_socket(struct drill_socket *s, int name, void *value, socklen_t *len)
{
    if (name == SO_TYPE)
        return put_int(value, len, SOCK_STREAM);
    if (name == SO_KEEPALIVE)
        return put_int(value, len, s->keepalive);
    if (name == SO_ERROR)
        return put_int(value, len, s->kind == SOCKET_CONNECTED ? -socket_error(s) : 0);
    return -ENOSYS;
}

int options_get(void *u, int fd, int level, int name, void *value, socklen_t *len)
{
    struct drill *d = u;
    if (!wire_enter(d))
        return -1;
    struct drill_socket *s = socket_of(d, fd);
    if (!s)
        return leave(d, -EBADF);
    if (level == IPPROTO_TCP)
        return leave(d, get_tcp(s, name, value, len));
    return leave(d, level == SOL_SOCKET ? get_socket(s, name, value, len) : -ENOSYS);
}

/* ---- Asked for --------------------------------------------------------------------------- */

static int set_tcp(struct drill_socket *s, int name, int n)
{
    if (name == TCP_NODELAY)
        s->nodelay = n;
    else if (name == TCP_KEEPIDLE && n > 0)
        s->keepalive_ns = (uint64_t)n * SECOND;
    else
        return -ENOSYS;
    return 0;
}

static int set_linger(struct drill_socket *s, const void *value, socklen_t len)
{
    struct linger l;
    if (len < sizeof l)
        return -EINVAL;
    memcpy(&l, value, sizeof l);
    if (l.l_onoff && l.l_linger != 0)
        return -ENOSYS; /* close does not wait */
    s->linger_hard = l.l_onoff;
    return 0;
}

static int set_socket(struct drill_socket *s, int name, const void *value, socklen_t len, int n)
{
    if (name == SO_LINGER)
        return set_linger(s, value, len);
    if (name == SO_KEEPALIVE)
        s->keepalive = n;
    else if (name != SO_REUSEADDR) /* which is how it always is */
        return -ENOSYS;
    return 0;
}

int options_set(void *u, int fd, int level, int name, const void *value, socklen_t len)
{
    struct drill *d = u;
    int n = 0;
    if (!wire_enter(d))
        return -1;
    struct drill_socket *s = socket_of(d, fd);
    if (!s || len < sizeof n)
        return leave(d, s ? -EINVAL : -EBADF);
    memcpy(&n, value, sizeof n);
    int err = level == IPPROTO_TCP  ? set_tcp(s, name, n)
              : level == SOL_SOCKET ? set_socket(s, name, value, len, n)
                                    : -ENOSYS;
    if (err == 0 && s->kind == SOCKET_CONNECTED && name != SO_LINGER) {
        inet_tcp_nodelay(d->in, s->conn, s->nodelay);
        options_apply(d, s);
        wire_turn(d);
    }
    return leave(d, err);
}

int options_fcntl(void *u, int fd, int command, ...)
{
    struct drill *d = u;
    va_list args;
    va_start(args, command);
    int flags = command == F_SETFL ? va_arg(args, int) : 0;
    va_end(args);
    if (!wire_enter(d))
        return -1;
    struct drill_socket *s = socket_of(d, fd);
    if (!s)
        return leave(d, -EBADF);
    if (command == F_GETFL)
        return leave(d, O_RDWR | (s->nonblock ? O_NONBLOCK : 0));
    if (command != F_SETFL)
        return leave(d, -ENOSYS);
    s->nonblock = flags & O_NONBLOCK;
    return leave(d, 0);
}

static int ioctl_of(struct drill_socket *s, unsigned long request, int *value)
{
    if (request == FIONBIO) {
        s->nonblock = *value;
        return 0;
    }
    if (s->kind != SOCKET_CONNECTED)
        return -EINVAL;
    if (request == SIOCINQ)
        *value = (int)tcp_readable(s->conn);
    else if (request == SIOCOUTQ)
        *value = (int)s->conn->out.count;
    else
        return -ENOSYS;
    return 0;
}

int options_ioctl(void *u, int fd, unsigned long request, ...)
{
    struct drill *d = u;
    va_list args;
    va_start(args, request);
    int *value = va_arg(args, int *);
    va_end(args);
    if (!wire_enter(d))
        return -1;
    struct drill_socket *s = socket_of(d, fd);
    return leave(d, s ? ioctl_of(s, request, value) : -EBADF);
}
