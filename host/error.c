/* SPDX-License-Identifier: ISC */
#include "host/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What came from a file name or an image cannot break the line or steer a terminal. */
static void make_one_line(struct error *e)
{
    for (char *c = e->text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
}

int fail(struct error *e, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
    make_one_line(e);
    return -1;
}

int fail_errno(struct error *e, const char *fmt, ...)
{
    int error = errno;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
    size_t len = strlen(e->text);
    snprintf(e->text + len, sizeof e->text - len, ": %s", strerror(error));
    make_one_line(e);
    return -1;
}

int fail_about(struct error *e, const char *subject)
{
    struct error old = *e;
    snprintf(e->text, sizeof e->text, "%.150s: %.240s", subject, old.text);
    make_one_line(e);
    return -1;
}
