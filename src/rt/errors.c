/* SPDX-License-Identifier: ISC */
/* What the public calls return. (strerror has all there are, and is three times this long.) */
#include <drupe/log.h>

#include <errno.h>
#include <stdint.h>

static const struct {
    uint16_t error;
    char text[26];
} texts[] = {
    {EACCES, "permission denied"},
    {EADDRINUSE, "address in use"},
    {EADDRNOTAVAIL, "address not available"},
    {EAGAIN, "try again"},
    {EALREADY, "already done"},
    {EBADF, "not open"},
    {EBADMSG, "malformed message"},
    {EBUSY, "busy"},
    {ECANCELED, "canceled"},
    {ECONNABORTED, "connection aborted"},
    {ECONNREFUSED, "connection refused"},
    {ECONNRESET, "connection reset by peer"},
    {EDEADLK, "would wait for itself"},
    {EHOSTUNREACH, "host unreachable"},
    {EINVAL, "invalid argument"},
    {EIO, "input/output error"},
    {EMSGSIZE, "message too long"},
    {ENETDOWN, "network is down"},
    {ENETUNREACH, "network unreachable"},
    {ENODEV, "no such device"},
    {ENOENT, "not found"},
    {ENOMEM, "out of memory"},
    {ENOSPC, "no space left"},
    {ENOTCONN, "not connected"},
    {EPIPE, "closed for writing"},
    {EPROTO, "protocol error"},
    {ETIMEDOUT, "timed out"},
};

const char *dr_error_text(int error)
{
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].error == -error)
            return texts[i].text;
    return "error";
}
