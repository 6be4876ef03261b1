/* SPDX-License-Identifier: ISC */
#ifndef TESTS_PACKETDRILL_DRILL_H
#define TESTS_PACKETDRILL_DRILL_H

/* The whole of net/inet in real time behind Unix's socket calls, for packetdrill: it stands in
 * an Ethernet whose other stations answer ARP and whose IP packets are the script's.
 *
 * One lock holds all of it. A thread of its own lets timers expire. Calls that wait do so on
 * `changed`, which is told after every event; calls come from any thread. */

#include "net/inet/state.h"
#include "tests/packetdrill/interface.h"
#include "tests/support/test_supply.h"

#include <pthread.h>

#define DRILL_SOCKETS_MAX 64U
#define DRILL_FD_FIRST    3U
#define WIRE_PATIENCE_NS  10000000000ULL
#define WIRE_ASKED_MAX    64U

enum socket_kind { SOCKET_FREE, SOCKET_FRESH, SOCKET_LISTENING, SOCKET_CONNECTED };

struct drill_socket {
    enum socket_kind kind;
    bool nonblock, nodelay, keepalive, linger_hard, bound;
    bool established; /* of a connection: was told */
    bool error_told;
    uint64_t keepalive_ns;
    uint32_t ip;
    uint16_t port;
    struct inet_listener *listener;
    struct tcp_conn *conn;
};

struct drill_packet {
    struct drill_packet *next;
    uint64_t at;
    size_t len;
    uint8_t octets[];
};

struct drill {
    pthread_mutex_t lock;
    pthread_cond_t changed, due;
    pthread_t thread;
    bool running, ending;
    unsigned users; /* calls that are inside */

    struct inet *in; /* NULL until the address is known */
    struct test_supply memory, buffers;
    uint32_t random_state;
    unsigned asked;
    uint32_t asked_for[WIRE_ASKED_MAX];
    struct drill_packet *first, **last;
    struct drill_socket socket[DRILL_SOCKETS_MAX];
    uint8_t text[1 << 16];
};

/* ---- wire.c ----------------------------------------------------------------------- */
uint64_t wire_now(void);
struct drill *wire_new(void);
void wire_free(struct drill *d);
/* Begins to be the host of that address: 0 or a negative error number. Harmless again. */
int wire_start(struct drill *d, uint32_t ip);
/* The lock around a call; false, and errno, when the end has come. */
bool wire_enter(struct drill *d);
/* Sends what the call gave to send, tells who waits. */
void wire_turn(struct drill *d);
void wire_leave(struct drill *d);
/* Waits for an event, or until `until` (UINT64_MAX: for ever). False when that has come, or the
 * end. */
bool wire_wait(struct drill *d, uint64_t until);
int wire_send(void *u, const void *buf, size_t len);
int wire_receive(void *u, void *buf, size_t *len, long long *at_us);
int wire_usleep(void *u, useconds_t us);
int wire_gettimeofday(void *u, struct timeval *t, struct timezone *zone);

/* ---- sockets.c: the calls ------------------------------------------------------------ */
/* NULL and errno when there is none. Within the lock. */
struct drill_socket *socket_of(struct drill *d, int fd);
/* Why a connection can neither be read nor written any more, told once; 0 while it can. */
int socket_error(struct drill_socket *s);
int sockets_socket(void *u, int domain, int type, int protocol);
int sockets_bind(void *u, int fd, const struct sockaddr *a, socklen_t len);
int sockets_listen(void *u, int fd, int backlog);
int sockets_accept(void *u, int fd, struct sockaddr *a, socklen_t *len);
int sockets_connect(void *u, int fd, const struct sockaddr *a, socklen_t len);
int sockets_close(void *u, int fd);
int sockets_shutdown(void *u, int fd, int how);
int sockets_poll(void *u, struct pollfd *fds, nfds_t n, int timeout_ms);

/* ---- transfer.c ------------------------------------------------------------------------ */
ssize_t transfer_read(void *u, int fd, void *buf, size_t len);
ssize_t transfer_readv(void *u, int fd, const struct iovec *v, int n);
ssize_t transfer_recv(void *u, int fd, void *buf, size_t len, int flags);
ssize_t transfer_recvfrom(void *u, int fd, void *buf, size_t len, int flags, struct sockaddr *a,
                          socklen_t *alen);
ssize_t transfer_recvmsg(void *u, int fd, struct msghdr *m, int flags);
ssize_t transfer_write(void *u, int fd, const void *buf, size_t len);
ssize_t transfer_writev(void *u, int fd, const struct iovec *v, int n);
ssize_t transfer_send(void *u, int fd, const void *buf, size_t len, int flags);
ssize_t transfer_sendto(void *u, int fd, const void *buf, size_t len, int flags,
                        const struct sockaddr *a, socklen_t alen);
ssize_t transfer_sendmsg(void *u, int fd, const struct msghdr *m, int flags);

/* ---- options.c ------------------------------------------------------------------------- */
/* What was asked for before there was a connection. */
void options_apply(struct drill *d, struct drill_socket *s);
int options_get(void *u, int fd, int level, int name, void *value, socklen_t *len);
int options_set(void *u, int fd, int level, int name, const void *value, socklen_t len);
int options_fcntl(void *u, int fd, int command, ...);
int options_ioctl(void *u, int fd, unsigned long request, ...);

#endif
