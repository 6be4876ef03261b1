/* SPDX-License-Identifier: ISC */
/* How long after a server's start its first octet of HTTP arrives.
 *
 *     first_octet ADDRESS PORT COMMAND [ARGUMENT...]
 *
 * Starts the command and asks ADDRESS:PORT for "/" again and again, a new connection
 * every 200 µs (a SYN that nobody saw would be repeated by the kernel only after a
 * second), until one is answered; prints the microseconds from just before the start to
 * the first octet of the answer, then ends the command by SIGTERM. Gives up after 10 s
 * or when the command ends. */

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ATTEMPT_NS  200000
#define GIVE_UP_NS  10000000000
#define SOCKETS_MAX 512U /* then the oldest is given up */

extern char **environ;

struct attempts {
    struct sockaddr_in to;
    struct pollfd fd[SOCKETS_MAX];
    unsigned count, oldest;
};

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static struct pollfd *slot(struct attempts *a)
{
    if (a->count < SOCKETS_MAX)
        return &a->fd[a->count++];
    struct pollfd *p = &a->fd[a->oldest++ % SOCKETS_MAX];
    if (p->fd >= 0)
        close(p->fd);
    return p;
}

static void attempt(struct attempts *a)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    if (connect(fd, (const struct sockaddr *)&a->to, sizeof a->to) != 0 &&
        errno != EINPROGRESS) {
        close(fd);
        return;
    }
    *slot(a) = (struct pollfd){.fd = fd, .events = POLLOUT};
}

static void give_up(struct pollfd *p)
{
    close(p->fd);
    p->fd = -1;
}

/* A connection is asked once it is there; true when its answer has begun. */
static bool advance(struct pollfd *p)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n";
    char octet = 0;
    if (p->events == POLLIN) {
        if (recv(p->fd, &octet, 1, 0) == 1)
            return true;
        give_up(p);
    } else if (send(p->fd, request, sizeof request - 1, MSG_NOSIGNAL) > 0) {
        p->events = POLLIN;
    } else {
        give_up(p);
    }
    return false;
}

static bool answered(struct attempts *a)
{
    const struct timespec wait = {.tv_nsec = ATTEMPT_NS};
    if (ppoll(a->fd, a->count, &wait, NULL) <= 0)
        return false;
    for (unsigned i = 0; i < a->count; i++)
        if (a->fd[i].fd >= 0 && a->fd[i].revents && advance(&a->fd[i]))
            return true;
    return false;
}

/* The moment of the first octet, or 0 when none came. */
static int64_t first_octet(struct attempts *a, pid_t server, int64_t start)
{
    int64_t next = start;
    while (now() < start + GIVE_UP_NS && waitpid(server, NULL, WNOHANG) == 0) {
        if (now() >= next) {
            attempt(a);
            next = now() + ATTEMPT_NS;
        }
        if (answered(a))
            return now();
    }
    return 0;
}

int main(int argc, char **argv)
{
    static struct attempts a;
    a.to.sin_family = AF_INET;
    if (argc < 4 || inet_pton(AF_INET, argv[1], &a.to.sin_addr) != 1) {
        fprintf(stderr, "usage: first_octet ADDRESS PORT COMMAND [ARGUMENT...]\n");
        return 64;
    }
    a.to.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
    pid_t server = 0;
    int64_t start = now();
    int err = posix_spawnp(&server, argv[3], NULL, NULL, argv + 3, environ);
    if (err) {
        fprintf(stderr, "first_octet: cannot start %s: %s\n", argv[3], strerror(err));
        return 1;
    }
    int64_t end = first_octet(&a, server, start);
    kill(server, SIGTERM);
    waitpid(server, NULL, 0);
    if (!end) {
        fprintf(stderr, "first_octet: %s gave no answer\n", argv[3]);
        return 1;
    }
    printf("%lld\n", (long long)((end - start) / 1000));
    return 0;
}
