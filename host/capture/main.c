/* SPDX-License-Identifier: ISC */
/* drupe-pcap: the process that captures what goes over an image's network devices. It stands
 * between the image and its devices (host/capture.h) and ends when the image does.
 *
 *   main.c     arguments, the word to the parent, the order of things
 *   relay.c    frames from one side to the other
 *   record.c   the file
 *   sandbox.c  what this process may do */
#include "host/capture/relay.h"
#include "host/capture/sandbox.h"
#include "host/capture/wire.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEVICES_MAX 63

static struct relay_device device[DEVICES_MAX];
static struct record_interface interface[DEVICES_MAX];

/* Signals end the image, and this process with it, after it has written the last frame. A
 * file that may not grow any more (SIGXFSZ), and a reader who is gone, are errors of a write.
 */
static void ignore_signals(void)
{
    static const int ignored[] = {SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGPIPE, SIGXFSZ};
    for (unsigned i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        signal(ignored[i], SIG_IGN);
}

/* "FEATURES,MAC,NAME,ATTACHED" */
static bool read_device(char *word, unsigned i)
{
    uint8_t *mac = interface[i].is.mac;
    unsigned features;
    int n = 0;
    if (sscanf(word, "%3u,%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx,%n", &features, &mac[0], &mac[1],
               &mac[2], &mac[3], &mac[4], &mac[5], &n) != 7 ||
        n == 0)
        return false;
    char *name = word + n, *attached = strchr(name, ',');
    if (!attached)
        return false;
    *attached++ = '\0';
    interface[i].is.name = name;
    interface[i].is.description = attached;
    int link = CAPTURE_LINK_FD + 2 * (int)i;
    device[i] = (struct relay_device){link, link + 1, (uint8_t)features};
    return fcntl(link + 1, F_GETFD) >= 0;
}

static bool read_devices(int argc, char **argv, struct record *r)
{
    struct stat st;
    if (argc < 3 || argc - 2 > DEVICES_MAX || fstat(CAPTURE_FILE_FD, &st) < 0)
        return false;
    *r = (struct record){.name = argv[1],
                         .fd = CAPTURE_FILE_FD,
                         .seeks = S_ISREG(st.st_mode),
                         .interface = interface,
                         .interfaces = (unsigned)argc - 2};
    for (unsigned i = 0; i < r->interfaces; i++)
        if (!read_device(argv[2 + i], i))
            return false;
    return true;
}

static void say(const char *line)
{
    (void)!write(HELPER_WORD_FD, line, strlen(line));
    close(HELPER_WORD_FD);
}

int main(int argc, char **argv)
{
    static struct record record;
    struct error e;
    ignore_signals();
    if (fcntl(HELPER_WORD_FD, F_GETFD) < 0 || !read_devices(argc, argv, &record)) {
        fprintf(stderr, CAPTURE_HELPER ": it is started by drupe and the tenders, with the "
                                       "devices of an image; see drupe help run\n");
        return 1;
    }
    if (relay_open(device, record.interfaces, &e) < 0 || capture_sandbox(&e) < 0) {
        say(e.text);
        return 1;
    }
    say(HELPER_READY);
    relay_run(&record);
    return 0;
}
