/* SPDX-License-Identifier: ISC */
#include "http/target.h"
#include "http/token.h"

static const char SCHEME[] = "http://";
#define SCHEME_LEN (sizeof SCHEME - 1)

static bool bracketed_valid(struct bytes b)
{
    bool colon = false;
    for (size_t i = 0; i < b.len; i++) {
        colon |= b.at[i] == ':';
        if (!http_is(b.at[i], HTTP_HEX) && b.at[i] != ':' && b.at[i] != '.')
            return false;
    }
    return colon;
}

static bool name_valid(struct bytes b)
{
    for (size_t i = 0; i < b.len; i++) {
        if (http_is(b.at[i], HTTP_HOST))
            continue;
        if (b.at[i] != '%' || b.len - i < 3 || !http_all(bytes_of(b.at + i + 1, 2), HTTP_HEX))
            return false;
        i += 2;
    }
    return true;
}

/* [ ":" *DIGIT ], at most 65535. */
static bool port_valid(struct bytes b)
{
    unsigned long port = 0;
    if (b.len == 0)
        return true;
    if (b.at[0] != ':' || b.len > 6)
        return false;
    for (size_t i = 1; i < b.len; i++) {
        if (!http_is(b.at[i], HTTP_DIGIT))
            return false;
        port = port * 10 + b.at[i] - '0';
    }
    return port <= 65535;
}

bool http_host_valid(struct bytes b)
{
    if (b.len > 0 && b.at[0] == '[') {
        const uint8_t *close = memchr(b.at, ']', b.len);
        size_t n = close ? (size_t)(close - b.at) : 0;
        return close && bracketed_valid(bytes_of(b.at + 1, n - 1)) &&
               port_valid(bytes_of(close + 1, b.len - n - 1));
    }
    const uint8_t *colon = b.len > 0 ? memchr(b.at, ':', b.len) : NULL;
    size_t n = colon ? (size_t)(colon - b.at) : b.len;
    return name_valid(bytes_of(b.at, n)) && port_valid(bytes_of(b.at + n, b.len - n));
}

static unsigned split_origin(struct bytes b, struct http_target *out)
{
    size_t n = 0;
    while (n < b.len && b.at[n] != '?')
        if (!http_is(b.at[n++], HTTP_PATH))
            return 400;
    out->path = bytes_of(b.at, n);
    out->query = n < b.len ? bytes_of(b.at + n + 1, b.len - n - 1) : bytes_of(b.at + n, 0);
    return 0;
}

/* The authority is not empty, and has no user's name in it (RFC 9110 4.2.4): neither
 * the '@' nor a second colon gets past http_host_valid. */
static unsigned split_absolute(struct bytes b, struct http_target *out)
{
    static const uint8_t root[] = "/";
    size_t n = SCHEME_LEN;
    while (n < b.len && b.at[n] != '/' && b.at[n] != '?')
        n++;
    out->authority = bytes_of(b.at + SCHEME_LEN, n - SCHEME_LEN);
    if (out->authority.len == 0 || out->authority.at[0] == ':' ||
        !http_host_valid(out->authority))
        return 400;
    unsigned status = split_origin(bytes_of(b.at + n, b.len - n), out);
    /* An empty path is "/" (RFC 9110 4.2.3); its view is the scheme's last '/'. */
    if (status == 0 && out->path.len == 0)
        out->path = bytes_of(b.at + SCHEME_LEN - 1, sizeof root - 1);
    return status;
}

unsigned http_target_split(enum http_method method, struct bytes target,
                           struct http_target *out)
{
    *out = (struct http_target){
        .authority = {target.at, 0}, .path = {target.at, 0}, .query = {target.at, 0}};
    if (method == HTTP_CONNECT)
        return 501;
    if (target.len == 1 && target.at[0] == '*')
        return method == HTTP_OPTIONS ? 0 : 400;
    if (target.len > 0 && target.at[0] == '/')
        return split_origin(target, out);
    if (target.len > SCHEME_LEN && http_same(bytes_of(target.at, SCHEME_LEN), SCHEME))
        return split_absolute(target, out);
    return 400;
}

/* The octet of the escape at path.at[i], or -1 when it may not be there. */
static int unescaped(struct bytes path, size_t i)
{
    if (path.len - i < 3 || !http_all(bytes_of(path.at + i + 1, 2), HTTP_HEX))
        return -1;
    unsigned c = http_hex(path.at[i + 1]) << 4 | http_hex(path.at[i + 2]);
    return c < 0x20 || c == 0x7f || c == '/' ? -1 : (int)c;
}

/* The segment out[start, *n) is complete: takes it away if it is "." and its parent as
 * well if it is "..". False when there is no parent. */
static bool end_segment(const uint8_t *out, size_t start, size_t *n, bool *dots)
{
    size_t len = *n - start;
    *dots = (len == 1 || len == 2) && out[start] == '.' && out[*n - 1] == '.';
    if (!*dots)
        return true;
    *n = start;
    if (len == 1)
        return true;
    if (start == 1)
        return false;
    size_t parent = start - 1;
    while (out[parent - 1] != '/')
        parent--;
    *n = parent;
    return true;
}

bool http_path_clean(struct bytes path, uint8_t *out, size_t *len)
{
    size_t n = 1, start = 1;
    bool dots;
    if (path.len == 0 || path.at[0] != '/')
        return false;
    out[0] = '/';
    for (size_t i = 1; i < path.len; i++) {
        int c = path.at[i];
        if (c == '/') {
            if (!end_segment(out, start, &n, &dots))
                return false;
            if (!dots)
                out[n++] = '/';
            start = n;
            continue;
        }
        if (!http_is((uint8_t)c, HTTP_PATH))
            return false;
        if (c == '%') {
            c = unescaped(path, i);
            i += 2;
        }
        if (c < 0)
            return false;
        out[n++] = (uint8_t)c;
    }
    if (!end_segment(out, start, &n, &dots))
        return false;
    *len = n;
    return true;
}
