/* SPDX-License-Identifier: ISC */
/* Opens COUNT connections to ADDRESS PORT, PER_ADDRESS each from FIRST and the addresses after
 * it; each asks for a page by HTTP and gets it. Says how many there are, and keeps them until
 * its input ends; then says how many of them are still open.
 *
 *     idle_clients ADDRESS PORT FIRST COUNT */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PER_ADDRESS 16000U

static struct sockaddr_in address(const char *text, unsigned more, unsigned port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, text, &a.sin_addr) != 1) {
        fprintf(stderr, "idle_clients: %s is no address\n", text);
        exit(2);
    }
    a.sin_addr.s_addr = htonl(ntohl(a.sin_addr.s_addr) + more);
    return a;
}

static int open_one(const struct sockaddr_in *to, const struct sockaddr_in *from)
{
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(fd, (const struct sockaddr *)(const void *)from, sizeof *from) == 0 &&
        connect(fd, (const struct sockaddr *)(const void *)to, sizeof *to) == 0)
        return fd;
    close(fd);
    return -1;
}

/* The page that was asked for has come whole. */
static int is_whole(const char *text, size_t len)
{
    const char *length = strstr(text, "Content-Length: "), *body = strstr(text, "\r\n\r\n");
    return length && body &&
           len >= (size_t)(body + 4 - text) +
                      strtoul(length + strlen("Content-Length: "), NULL, 10);
}

static int ask(int fd)
{
    static const char question[] = "GET / HTTP/1.1\r\nHost: bench\r\n\r\n";
    static char text[65536];
    size_t len = 0;
    if (write(fd, question, sizeof question - 1) != sizeof question - 1)
        return -1;
    do {
        ssize_t n = read(fd, text + len, sizeof text - 1 - len);
        if (n <= 0)
            return -1;
        len += (size_t)n;
        text[len] = '\0';
    } while (!is_whole(text, len));
    return 0;
}

static int is_open(int fd)
{
    char c;
    return recv(fd, &c, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/* A process of its own for each address: what a process may open is limited, too. */
static unsigned open_some(int *fd, const struct sockaddr_in *to, const struct sockaddr_in *from,
                          unsigned count)
{
    for (unsigned n = 0; n < count; n++)
        if ((fd[n] = open_one(to, from)) < 0 || ask(fd[n]) != 0) {
            fprintf(stderr, "idle_clients: connection %u: %s\n", n, strerror(errno));
            return n;
        }
    return count;
}

static void wait_for_end(void)
{
    char c;
    while (read(0, &c, 1) > 0)
        ;
}

static void start(const struct sockaddr_in *to, const struct sockaddr_in *from, unsigned count,
                  int report)
{
    if (fork() != 0)
        return;
    static int fd[PER_ADDRESS];
    unsigned n = open_some(fd, to, from, count), open = 0;
    if (write(report, &n, sizeof n) != sizeof n)
        _exit(1);
    wait_for_end();
    for (unsigned i = 0; i < n; i++)
        open += (unsigned)is_open(fd[i]);
    (void)!write(report, &open, sizeof open);
    _exit(0);
}

/* What `processes` report, together. */
static unsigned sum_of(int report, unsigned processes)
{
    unsigned sum = 0, n;
    for (; processes > 0 && read(report, &n, sizeof n) == sizeof n; processes--)
        sum += n;
    return sum;
}

int main(int argc, char **argv)
{
    int report[2];
    if (argc != 5 || pipe(report) != 0) {
        fprintf(stderr, "usage: idle_clients ADDRESS PORT FIRST COUNT\n");
        return 2;
    }
    struct sockaddr_in to = address(argv[1], 0, (unsigned)strtoul(argv[2], NULL, 10));
    unsigned count = (unsigned)strtoul(argv[4], NULL, 10), processes = 0;
    for (unsigned left = count; left > 0; processes++) {
        unsigned some = left < PER_ADDRESS ? left : PER_ADDRESS;
        struct sockaddr_in from = address(argv[3], processes, 0);
        start(&to, &from, some, report[1]);
        left -= some;
    }
    unsigned sum = sum_of(report[0], processes);
    printf("%u\n", sum);
    fflush(stdout);
    wait_for_end();
    printf("%u\n", sum_of(report[0], processes));
    return sum == count ? 0 : 1;
}
