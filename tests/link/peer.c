/* SPDX-License-Identifier: ISC */
/* The host's side of mover/stream.h:
 *
 *     test-peer get ADDRESS OCTETS [CONGESTION]    takes the stream and compares its hash
 *     test-peer put ADDRESS OCTETS [CONGESTION]    sends it and compares the hash in the answer
 *     test-peer serve ADDRESS [CONGESTION]         is a server as tests/link/mover is
 *
 * A client prints "OCTETS HASH MBIT/S", the time being that from the request to the last octet
 * or the answer. CONGESTION is what tcp_congestion_control(5) calls it: reno, cubic. */
#include "mover/stream.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static uint8_t block[STREAM_BLOCK];

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "test-peer: ");
    perror(what);
    exit(1);
}

static int open_socket(const char *congestion)
{
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    if (s < 0 || setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
        die("socket");
    if (congestion &&
        setsockopt(s, IPPROTO_TCP, TCP_CONGESTION, congestion, (socklen_t)strlen(congestion)))
        die(congestion);
    return s;
}

static struct sockaddr_in endpoint(const char *address)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(STREAM_PORT)};
    if (inet_pton(AF_INET, address, &at.sin_addr) != 1) {
        fprintf(stderr, "test-peer: '%s' is no IPv4 address\n", address);
        exit(1);
    }
    return at;
}

static bool write_all(int fd, const uint8_t *at, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, at, len);
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static bool read_all(int fd, uint8_t *at, size_t len)
{
    while (len > 0) {
        ssize_t n = read(fd, at, len);
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

/* Both give the hash of what went over; *len is left with what did not. */
static uint64_t send_stream(int fd, uint64_t *len)
{
    uint64_t state = 1, hash = STREAM_HASH_BEGIN;
    while (*len > 0) {
        size_t n = *len < STREAM_BLOCK ? (size_t)*len : STREAM_BLOCK;
        stream_fill(&state, block, n);
        hash = stream_hash(hash, block, n);
        if (!write_all(fd, block, n))
            break;
        *len -= n;
    }
    return hash;
}

static uint64_t take_stream(int fd, uint64_t *len)
{
    uint64_t hash = STREAM_HASH_BEGIN;
    ssize_t n;
    while (*len > 0 && (n = read(fd, block, *len < STREAM_BLOCK ? *len : STREAM_BLOCK)) > 0) {
        hash = stream_hash(hash, block, (size_t)n);
        *len -= (uint64_t)n;
    }
    return hash;
}

static uint64_t hash_of_stream(uint64_t len)
{
    uint64_t state = 1, hash = STREAM_HASH_BEGIN;
    for (size_t n; len > 0; len -= n) {
        n = len < STREAM_BLOCK ? (size_t)len : STREAM_BLOCK;
        stream_fill(&state, block, n);
        hash = stream_hash(hash, block, n);
    }
    return hash;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int ask(char what, const char *address, uint64_t len, const char *congestion)
{
    uint8_t request[STREAM_REQUEST_LEN] = {(uint8_t)what}, answer[STREAM_HASH_LEN];
    struct sockaddr_in at = endpoint(address);
    uint64_t left = len, want = hash_of_stream(len), got = 0;
    int s = open_socket(congestion);
    if (connect(s, (struct sockaddr *)&at, sizeof at) != 0)
        die(address);
    double began = seconds();
    stream_put_u64(request + 1, len);
    if (!write_all(s, request, sizeof request))
        die("request");
    if (what == 'g') {
        got = take_stream(s, &left);
    } else {
        send_stream(s, &left);
        if (left == 0 && read_all(s, answer, sizeof answer))
            got = stream_get_u64(answer);
    }
    double took = seconds() - began;
    if (left > 0)
        fprintf(stderr, "test-peer: it ended %" PRIu64 " octets early\n", left);
    else if (got != want)
        fprintf(stderr, "test-peer: the hash is %016" PRIx64 ", not %016" PRIx64 "\n", got,
                want);
    printf("%" PRIu64 " %016" PRIx64 " %.2f\n", len - left, got, (double)len * 8 / 1e6 / took);
    return left > 0 || got != want;
}

static void serve_one(int fd)
{
    uint8_t request[STREAM_REQUEST_LEN], answer[STREAM_HASH_LEN];
    if (!read_all(fd, request, sizeof request))
        return;
    uint64_t len = stream_get_u64(request + 1);
    if (request[0] == 'g') {
        send_stream(fd, &len);
        return;
    }
    stream_put_u64(answer, take_stream(fd, &len));
    write_all(fd, answer, sizeof answer);
}

static int serve(const char *address, const char *congestion)
{
    struct sockaddr_in at = endpoint(address);
    int s = open_socket(congestion);
    signal(SIGPIPE, SIG_IGN);
    if (bind(s, (struct sockaddr *)&at, sizeof at) != 0 || listen(s, 16) != 0)
        die(address);
    for (int fd; (fd = accept(s, NULL, NULL)) >= 0; close(fd))
        serve_one(fd);
    die("accept");
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "serve") == 0 && (argc == 3 || argc == 4))
        return serve(argv[2], argv[3]);
    if ((strcmp(what, "get") != 0 && strcmp(what, "put") != 0) || argc < 4 || argc > 5) {
        fprintf(stderr, "usage: test-peer get|put ADDRESS OCTETS [CONGESTION]\n"
                        "       test-peer serve ADDRESS [CONGESTION]\n");
        return 2;
    }
    return ask(what[0], argv[2], strtoull(argv[3], NULL, 10), argv[4]);
}
