/* SPDX-License-Identifier: ISC */
#include "httpd/conn.h"

/* A peer that takes nothing must not hold the connection for ever, and one that takes
 * a long response slowly may: each slice has a deadline of its own. */
typedef ssize_t write_fn(struct httpd_io *io, const void *buf, size_t len, uint64_t deadline);

static int write_out(struct httpd_conn *c, write_fn *write, struct bytes b)
{
    while (b.len > 0 && c->broken == 0) {
        size_t n = b.len < HTTPD_SLICE_MAX ? b.len : HTTPD_SLICE_MAX;
        ssize_t done = write(c->io, b.at, n, dr_after(c->server->limits.send_ns));
        if (done < 0)
            c->broken = (int)done;
        b = bytes_of(b.at + n, b.len - n);
    }
    return c->broken;
}

int httpd_flush(struct httpd_conn *c)
{
    size_t n = c->out_len;
    c->out_len = 0;
    return write_out(c, c->io->write, bytes_of(c->out, n));
}

int httpd_put(struct httpd_conn *c, struct bytes b)
{
    if (b.len > sizeof c->out - c->out_len) {
        int err = httpd_flush(c);
        if (err < 0 || b.len > sizeof c->out)
            return err < 0 ? err : write_out(c, c->io->write, b);
    }
    if (b.len > 0)
        memcpy(c->out + c->out_len, b.at, b.len);
    c->out_len += b.len;
    return c->broken;
}

int httpd_put_static(struct httpd_conn *c, struct bytes b)
{
    if (b.len <= sizeof c->out - c->out_len)
        return httpd_put(c, b);
    int err = httpd_flush(c);
    return err < 0 ? err : write_out(c, c->io->write_static, b);
}
