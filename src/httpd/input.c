/* SPDX-License-Identifier: ISC */
#include "httpd/conn.h"

#include "base/check.h"

#include <errno.h>
#include <stdlib.h>

ssize_t httpd_fill(struct httpd_conn *c, uint64_t deadline)
{
    check(c->in_len < c->in_room);
    int err = httpd_flush(c); /* H2 */
    if (err < 0)
        return err;
    ssize_t n = c->io->read(c->io, c->in + c->in_len, c->in_room - c->in_len, deadline);
    if (n > 0)
        c->in_len += (size_t)n;
    return n;
}

static void move_to_front(struct httpd_conn *c)
{
    memmove(c->in, c->in + c->start, c->in_len - c->start);
    c->in_len -= c->start;
    c->body_at -= c->start;
    c->start = 0;
}

bool httpd_make_room(struct httpd_conn *c, size_t need)
{
    if (c->in_room - c->start >= need)
        return true;
    move_to_front(c);
    if (c->in_room >= need)
        return true;
    uint8_t *longer = malloc(need);
    if (!longer)
        return false;
    memcpy(longer, c->in, c->in_len);
    if (c->in != c->in_min)
        free(c->in);
    c->in = longer;
    c->in_room = need;
    return true;
}

void httpd_release(struct httpd_conn *c)
{
    if (c->in_len > c->start)
        return;
    if (c->in != c->in_min)
        free(c->in);
    c->in = c->in_min;
    c->in_room = sizeof c->in_min;
    c->start = c->body_at = c->in_len = 0;
}
