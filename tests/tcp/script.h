/* SPDX-License-Identifier: ISC */
#ifndef TESTS_TCP_SCRIPT_H
#define TESTS_TCP_SCRIPT_H

/* Scripts that say what a host does on the wire: the dialect is described in
 * docs/design/tcp-scripts.md. A script is read whole and refused at its first bad line. */

#include "tests/tcp/packet.h"

#define SCRIPT_LINES_MAX 2000U
#define SCRIPT_ARGS_MAX  3U
#define SCRIPT_NEVER     UINT64_MAX

/* name, arguments (n: number, t: time, w: word), what its result is (n: number or error, w: a
 * word) */
#define SCRIPT_CALLS(X)                                                                        \
    X(CALL_LISTEN, "listen", "nn", 'n')  /* port, backlog: a descriptor */                     \
    X(CALL_BIND, "bind", "n", 'n')       /* UDP port: a descriptor */                          \
    X(CALL_ACCEPT, "accept", "n", 'n')   /* listener: a descriptor */                          \
    X(CALL_CONNECT, "connect", "n", 'n') /* the peer's port: a descriptor */                   \
    X(CALL_READ, "read", "nn", 'n')                                                            \
    X(CALL_WRITE, "write", "nn", 'n')                                                          \
    X(CALL_SHUTDOWN, "shutdown", "n", 'n')                                                     \
    X(CALL_CLOSE, "close", "n", 'n')                                                           \
    X(CALL_ABORT, "abort", "n", 'n')                                                           \
    X(CALL_NODELAY, "nodelay", "nn", 'n')                                                      \
    X(CALL_KEEPALIVE, "keepalive", "nt", 'n')                                                  \
    X(CALL_USER_TIMEOUT, "user_timeout", "nt", 'n')                                            \
    X(CALL_STATE, "state", "n", 'w')                                                           \
    X(CALL_ERROR, "error", "n", 'n') /* why a connection ended */                              \
    X(CALL_COUNTER, "counter", "w", 'n')                                                       \
    X(CALL_SILENCE, "silence", "", 'n') /* nothing was sent until now */                       \
    X(CALL_FORGET, "forget", "n", 'n')  /* the peer's port begins a new connection */
#define SCRIPT_CALL_MEMBER(id, name, args, result) id,
enum script_call { SCRIPT_CALLS(SCRIPT_CALL_MEMBER) CALL_COUNT };

enum line_kind { LINE_IN, LINE_OUT, LINE_CALL };

struct script_line {
    unsigned number;
    enum line_kind kind;
    bool relative, any_time;
    uint64_t at_ns, until_ns; /* from the last line's time, or from the beginning */
    struct packet packet;
    enum script_call call;
    long long arg[SCRIPT_ARGS_MAX];
    char word[64]; /* an argument that is one */
    long long result;
    char result_word[16];
};

struct script_options {
    uint16_t mtu, peer_port, local_port;
    uint32_t receive_max, send_max, peer_isn, half_open_max, connections_max;
    bool linux_too; /* the rule is not ours alone */
};

struct script {
    struct script_options options;
    unsigned lines;
    struct script_line *line;
};

struct script_problem {
    unsigned line; /* 0: of the file */
    char text[200];
};

/* Reads a script of text. False and *problem. The caller ends what was read. */
bool script_read(struct script *s, const char *text, struct script_problem *problem);
void script_end(struct script *s);

/* "-ECONNRESET" for a negative number that has a name; "5" otherwise. */
const char *script_number(long long n, char room[24]);

#endif
