/* SPDX-License-Identifier: ISC */
/* Request heads and their targets. The first octet says where the rest is cut.
 *   - the verdict and what is found are the same whole, cut in two, and octet by octet
 *   - all views lie within the head, and the head within the input
 *   - a cleaned path has no dot segment and no control character, and cleaning what is
 *     already clean changes nothing */
#include "base/check.h"
#include "http/request.h"
#include "http/target.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct http_limits limits = {.head = 2048, .target = 512, .fields = 20};

static enum http_verdict feed(struct http_request *r, struct bytes in, size_t cut, size_t step)
{
    http_request_init(r, &limits);
    for (size_t n = cut < in.len ? cut : in.len;; n = n + step < in.len ? n + step : in.len) {
        enum http_verdict v = http_request_feed(r, bytes_of(in.at, n));
        if (v != HTTP_MORE || n == in.len)
            return v;
    }
}

static void within(const struct http_request *r, struct http_span s)
{
    check(s.at + (size_t)s.len <= r->head_len);
}

static void clean(struct bytes path)
{
    static uint8_t once[512], twice[512];
    size_t n = 0, m = 0;
    if (!http_path_clean(path, once, &n))
        return;
    check(n >= 1 && n <= path.len && once[0] == '/');
    for (size_t i = 0; i < n; i++)
        check(once[i] >= 0x20 && once[i] != 0x7f);
    bool again = http_path_clean(bytes_of(once, n), twice, &m);
    check(memchr(path.at, '%', path.len) || (again && m == n && memcmp(once, twice, n) == 0));
    static uint8_t in_place[512];
    memcpy(in_place, path.at, path.len);
    check(http_path_clean(bytes_of(in_place, path.len), in_place, &m));
    check(m == n && memcmp(in_place, once, n) == 0);
}

static void look(const struct http_request *r, size_t len)
{
    check(r->head_len <= len && r->head_len <= limits.head);
    check(r->field_count <= limits.fields && r->target.len <= limits.target);
    check(!(r->chunked && r->has_length) && r->content_length <= INT64_MAX);
    check(r->minor == 0 || r->has_host);
    within(r, r->method_name);
    within(r, r->target);
    within(r, r->authority);
    within(r, r->path);
    within(r, r->query);
    within(r, r->host);
    for (size_t i = 0; i < r->field_count; i++) {
        within(r, r->field[i].name);
        within(r, r->field[i].value);
        struct bytes v = http_view(r, r->field[i].value);
        for (size_t j = 0; j < v.len; j++)
            check(v.at[j] != '\r' && v.at[j] != '\n' && v.at[j] != '\0');
    }
    if (r->path.len > 0)
        clean(http_view(r, r->path));
}

static void same(const struct http_request *a, const struct http_request *b)
{
    check(a->status == b->status && a->head_len == b->head_len);
    check(a->status != 0 || a->at == b->at);
    check(a->field_count == b->field_count && a->content_length == b->content_length);
    check(a->persistent == b->persistent && a->chunked == b->chunked);
    check(memcmp(a->field, b->field, a->field_count * sizeof a->field[0]) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct http_request whole, cut, single;
    if (len == 0)
        return 0;
    struct bytes in = bytes_of(data + 1, len - 1);
    enum http_verdict v = feed(&whole, in, in.len, 1);
    check(feed(&cut, in, data[0], in.len + 1) == v);
    check(feed(&single, in, 0, 1) == v);
    check((v == HTTP_BAD) == (whole.status != 0));
    same(&whole, &cut);
    same(&whole, &single);
    if (v == HTTP_OK)
        look(&whole, in.len);
    return 0;
}
