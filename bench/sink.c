/* SPDX-License-Identifier: ISC */
/* sink ADDRESS PORT: the least TCP server that an HTTP client can upload to, as the host's own
 * side of bench/run.sh's comparison. One connection at a time; each request's body is read and
 * forgotten, in reads as long as the image's. Its length must be said. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROOM_LEN (256U << 10)

static char room[ROOM_LEN + 1];

/* The head of a request: returns how many octets of its body are still to come; -1 at the end.
 */
static long long read_head(int fd)
{
    size_t len = 0;
    const char *end, *says;
    do {
        ssize_t n = read(fd, room + len, ROOM_LEN - len);
        if (n <= 0)
            return -1;
        len += (size_t)n;
        room[len] = 0;
        end = strstr(room, "\r\n\r\n");
    } while (!end && len < ROOM_LEN);
    says = strcasestr(room, "content-length:");
    if (!end || !says)
        return end ? 0 : -1;
    return strtoll(says + strlen("content-length:"), NULL, 10) -
           (long long)(len - (size_t)(end + 4 - room));
}

static void serve(int fd)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ntaken\n";
    for (long long left; (left = read_head(fd)) >= 0;) {
        while (left > 0) {
            ssize_t n = read(fd, room, ROOM_LEN);
            if (n <= 0)
                return;
            left -= n;
        }
        if (write(fd, answer, sizeof answer - 1) < 0)
            return;
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    int on = 1, s = socket(AF_INET, SOCK_STREAM, 0);
    if (argc != 3 || inet_pton(AF_INET, argv[1], &at.sin_addr) != 1) {
        fprintf(stderr, "usage: sink ADDRESS PORT\n");
        return 1;
    }
    at.sin_port = htons((uint16_t)atoi(argv[2]));
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (s < 0 || bind(s, (struct sockaddr *)&at, sizeof at) != 0 || listen(s, 16) != 0) {
        perror("sink");
        return 1;
    }
    for (int fd; (fd = accept(s, NULL, NULL)) >= 0; close(fd))
        serve(fd);
    return 1;
}
