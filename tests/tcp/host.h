/* SPDX-License-Identifier: ISC */
#ifndef TESTS_TCP_HOST_H
#define TESTS_TCP_HOST_H

/* A host that scripts are played against: ours on a virtual clock, or Linux. It has the address
 * 10.0.0.2/24; the peer is 10.0.0.7. Times are nanoseconds since it began. */

#include "tests/tcp/script.h"

#define HOST_LOCAL 0x0a000002U
#define HOST_PEER  0x0a000007U

/* A packet that the host sent. */
struct host_packet {
    struct host_packet *next;
    uint64_t at;
    size_t len;
    uint8_t octets[];
};

struct host {
    const struct host_ops *ops;
    struct host_packet *first, **last;
    uint64_t late_ns, early_ns; /* how much a packet may come after, or before, its time */
};

/* Descriptors of listeners and connections are the host's: NULL is none. Numbers that calls
 * give are as in Unix, with -1 and errno made one; -ENOSYS for what it cannot do. */
struct host_ops {
    uint64_t (*now)(struct host *h);
    void (*inject)(struct host *h, struct bytes packet);
    /* Lets time pass until `until`, or until a packet was sent. */
    void (*run)(struct host *h, uint64_t until);
    long long (*listen)(struct host *h, uint16_t port, unsigned backlog, void **out);
    long long (*bind)(struct host *h, uint16_t port, void **out);
    long long (*accept)(struct host *h, void *listener, void **out, uint16_t *peer_port);
    long long (*connect)(struct host *h, uint16_t peer_port, void **out, uint16_t *local_port);
    long long (*read)(struct host *h, void *conn, void *buf, size_t len);
    long long (*write)(struct host *h, void *conn, const void *buf, size_t len);
    long long (*shutdown)(struct host *h, void *conn);
    void (*close)(struct host *h, void *of, bool is_conn, bool abort);
    long long (*nodelay)(struct host *h, void *conn, bool on);
    long long (*keepalive)(struct host *h, void *conn, uint64_t idle_ns);
    long long (*user_timeout)(struct host *h, void *conn, uint64_t ns);
    const char *(*state)(struct host *h, void *conn);
    long long (*error)(struct host *h, void *conn);
    long long (*counter)(struct host *h, const char *name);
    void (*end)(struct host *h);
};

/* Either sets *skip to a reason why there is no such host here, and returns NULL. */
struct host *host_inet(const struct script_options *o, const char **skip);
struct host *host_linux(const struct script_options *o, const char **skip);

/* For hosts: a packet was sent. */
void host_sent(struct host *h, struct bytes packet, uint64_t at);
void host_forget_packets(struct host *h);
struct host_packet *host_take(struct host *h);

#endif
