/* SPDX-License-Identifier: ISC */
/* pair FRAMES TENDER ARG...: runs the tender with descriptor 3 being one end of a socket pair
 * that carries a frame a packet. Sends back each frame that arrives, up to FRAMES of them, then
 * closes its end. Ends as the tender does. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void echo(int fd, int frames)
{
    char frame[2048];
    for (int i = 0; i < frames; i++) {
        ssize_t n = recv(fd, frame, sizeof frame, 0);
        if (n <= 0 || send(fd, frame, (size_t)n, MSG_NOSIGNAL) != n)
            return;
    }
}

int main(int argc, char **argv)
{
    int pair[2];
    if (argc < 3 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return 2;
    pid_t child = fork();
    if (child == 0) {
        if (pair[1] == 3 ? 0 : dup2(pair[1], 3) < 0)
            _exit(2);
        execv(argv[2], argv + 2);
        perror(argv[2]);
        _exit(2);
    }
    close(pair[1]);
    echo(pair[0], atoi(argv[1]));
    close(pair[0]);
    int status;
    if (child < 0 || waitpid(child, &status, 0) < 0)
        return 2;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
