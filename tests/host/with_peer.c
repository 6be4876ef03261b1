/* SPDX-License-Identifier: ISC */
/* with_peer PROGRAM ARGUMENTS...: runs the program with a socket of packets as descriptor
 * 3. The other end answers one packet with "a frame of theirs" and is gone. */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static void answer(int s)
{
    char packet[2000];
    static const char ours[] = "a frame of theirs";
    if (recv(s, packet, sizeof packet, 0) > 0 && send(s, ours, sizeof ours - 1, 0) < 0)
        perror("with_peer");
}

int main(int argc, char **argv)
{
    int ends[2];
    if (argc < 2 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return 126;
    switch (fork()) {
    case -1:
        return 126;
    case 0:
        close(ends[0]);
        answer(ends[1]);
        return 0;
    default:
        /* 3 may be either end, and dup2 onto itself would keep it close-on-exec. */
        ends[0] = dup(ends[0]);
        if (ends[0] < 0 || dup2(ends[0], 3) != 3)
            return 126;
        close(ends[0]);
        execv(argv[1], argv + 1);
        return 127;
    }
}
