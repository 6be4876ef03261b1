/* SPDX-License-Identifier: ISC */
/* Opens COUNT connections to ADDRESS PORT, PER_ADDRESS each from FIRST and the addresses after
 * it; says how many there are, and keeps them until its input ends.
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

/* A process of its own for each address: what a process may open is limited, too. */
static unsigned open_some(const struct sockaddr_in *to, const struct sockaddr_in *from,
                          unsigned count)
{
    for (unsigned n = 0; n < count; n++)
        if (open_one(to, from) < 0) {
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
    unsigned n = open_some(to, from, count);
    if (write(report, &n, sizeof n) == sizeof n)
        wait_for_end();
    _exit(0);
}

int main(int argc, char **argv)
{
    int report[2];
    if (argc != 5 || pipe(report) != 0) {
        fprintf(stderr, "usage: idle_clients ADDRESS PORT FIRST COUNT\n");
        return 2;
    }
    struct sockaddr_in to = address(argv[1], 0, (unsigned)strtoul(argv[2], NULL, 10));
    unsigned count = (unsigned)strtoul(argv[4], NULL, 10), processes = 0, sum = 0, n;
    for (unsigned left = count; left > 0; processes++) {
        unsigned some = left < PER_ADDRESS ? left : PER_ADDRESS;
        struct sockaddr_in from = address(argv[3], processes, 0);
        start(&to, &from, some, report[1]);
        left -= some;
    }
    for (; processes > 0 && read(report[0], &n, sizeof n) == sizeof n; processes--)
        sum += n;
    printf("%u\n", sum);
    fflush(stdout);
    wait_for_end();
    return sum == count ? 0 : 1;
}
