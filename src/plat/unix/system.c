/* SPDX-License-Identifier: ISC */
/* Clocks, console and random numbers. */
#include "plat/plat.h"

#include <errno.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static uint64_t read_clock(clockid_t id)
{
    struct timespec t;
    (void)clock_gettime(id, &t); /* these clocks are always there */
    return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

uint64_t plat_clock_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t plat_clock_wall(void)
{
    return read_clock(CLOCK_REALTIME);
}

void plat_console_write(const void *buf, size_t len)
{
    const char *at = buf;
    while (len > 0) {
        ssize_t n = write(STDOUT_FILENO, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        at += n;
        len -= (size_t)n;
    }
}

int plat_entropy(void *buf, size_t len)
{
    uint8_t *at = buf;
    while (len > 0) {
        ssize_t n = getrandom(at, len, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -EIO;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}
