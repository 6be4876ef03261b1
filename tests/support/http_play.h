/* SPDX-License-Identifier: ISC */
#ifndef TESTS_HTTP_PLAY_H
#define TESTS_HTTP_PLAY_H

/* Plays octets to the request parser and tells what it found, as text: for cases that
 * are octets in, events out. */

#include "http/chunked.h"
#include "http/request.h"
#include "http/target.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLAY_TEXT_MAX 8192

static const struct http_limits play_limits
    __attribute__((unused)) = {.head = 1024, .target = 256, .fields = 16};

struct play {
    char text[PLAY_TEXT_MAX];
    size_t len;
};

__attribute__((format(printf, 2, 3))) static void play_say(struct play *p, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(p->text + p->len, sizeof p->text - p->len, fmt, ap);
    va_end(ap);
    if (n > 0 && (size_t)n < sizeof p->text - p->len)
        p->len += (size_t)n;
}

static void play_say_bytes(struct play *p, const char *label, struct bytes b)
{
    play_say(p, "%s%.*s", label, (int)b.len, (const char *)b.at);
}

static void play_head(struct play *p, const struct http_request *r)
{
    play_say_bytes(p, "", http_view(r, r->method_name));
    play_say_bytes(p, " ", http_view(r, r->target));
    play_say(p, " 1.%u%s%s%s\n", r->minor, r->persistent ? " keep" : " close",
             r->expects_continue ? " expect" : "", r->chunked ? " chunked" : "");
    for (size_t i = 0; i < r->field_count; i++) {
        play_say_bytes(p, "  ", http_view(r, r->field[i].name));
        play_say_bytes(p, "=", http_view(r, r->field[i].value));
        play_say(p, "\n");
    }
}

/* Offers the first `cut` octets, then `step` more each time. Each offer is a copy of
 * exactly its own length, so that the sanitizer sees what looks beyond it. */
static inline enum http_verdict play_feed(struct http_request *r, struct bytes in, size_t cut,
                                          size_t step, uint8_t **kept)
{
    enum http_verdict v = HTTP_MORE;
    for (size_t n = cut;; n = n + step < in.len ? n + step : in.len) {
        free(*kept);
        *kept = malloc(n > 0 ? n : 1);
        memcpy(*kept, in.at, n);
        v = http_request_feed(r, bytes_of(*kept, n));
        if (v != HTTP_MORE || n == in.len)
            return v;
    }
}

static inline bool play_chunks(struct play *p, struct bytes in, size_t cut, size_t step,
                               size_t *used)
{
    struct http_chunked c = {.left = 0};
    char body[2048];
    size_t got = 0, at = 0;
    for (size_t n = cut; at <= in.len; n = step) {
        size_t part = n < in.len - at ? n : in.len - at;
        uint8_t *copy = malloc(part > 0 ? part : 1);
        memcpy(copy, in.at + at, part);
        struct bytes data, b = bytes_of(copy, part);
        enum http_chunk e;
        while ((e = http_chunked_next(&c, &b, &data)) == HTTP_CHUNK_DATA) {
            if (got + data.len <= sizeof body)
                memcpy(body + got, data.at, data.len);
            got += data.len;
        }
        at += part - b.len;
        free(copy);
        if (e != HTTP_CHUNK_MORE || at == in.len) {
            size_t shown = got < sizeof body ? got : sizeof body;
            play_say(p, "body %zu %.*s\n%s\n", got, (int)shown, body,
                     e == HTTP_CHUNK_END   ? "end"
                     : e == HTTP_CHUNK_BAD ? "bad"
                                           : "more");
            *used = at;
            return e == HTTP_CHUNK_END;
        }
    }
    return false;
}

static bool play_body(struct play *p, const struct http_request *r, struct bytes in, size_t cut,
                      size_t step, size_t *used)
{
    *used = 0;
    if (r->chunked)
        return play_chunks(p, in, cut < in.len ? cut : in.len, step, used);
    if (!r->has_length)
        return true;
    *used = r->content_length < in.len ? (size_t)r->content_length : in.len;
    play_say_bytes(p, "body ", bytes_of(in.at, *used));
    play_say(p, "\n");
    return *used == r->content_length;
}

/* The whole connection: requests and bodies, until something ends it. */
static inline void play(struct play *p, struct bytes in, size_t cut, size_t step)
{
    struct http_request r;
    uint8_t *kept = NULL;
    size_t used;
    bool on = true;
    p->len = 0;
    p->text[0] = '\0';
    while (on) {
        http_request_init(&r, &play_limits);
        enum http_verdict v = play_feed(&r, in, cut < in.len ? cut : in.len, step, &kept);
        if (v != HTTP_OK) {
            if (v == HTTP_BAD)
                play_say(p, "bad %u\n", r.status);
            else if (in.len > 0)
                play_say(p, "more\n");
            break;
        }
        play_head(p, &r);
        in = bytes_of(in.at + r.head_len, in.len - r.head_len);
        on = play_body(p, &r, in, cut, step, &used);
        in = bytes_of(in.at + used, in.len - used);
    }
    free(kept);
}

#endif
