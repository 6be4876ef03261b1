/* SPDX-License-Identifier: ISC */
/* The parser is the elements of RFC 9112 2.1 in their order, a function each, which
 * resume at the octet where the input ended:
 *
 *     START -> METHOD -> TARGET -> VERSION -> LINE
 *     LINE -> NAME -> SPACE -> VALUE -> VALUE_LF -> LINE      for each field
 *     LINE -> LAST_LF -> DONE
 *
 * R1  mark <= at <= head_len <= limits.head
 * R2  octets before `at` are never looked at again by a step
 * R3  a limit is tested before the octet that ends an element, so that the verdict is
 *     the same however the input is cut */
#include "http/request.h"
#include "http/target.h"
#include "http/token.h"

#include "base/check.h"

enum phase {
    START,
    METHOD,
    TARGET,
    VERSION,
    LINE,
    NAME,
    SPACE,
    VALUE,
    VALUE_LF,
    LAST_LF,
    DONE,
    REFUSED,
};

enum step { NEXT, MORE, BAD };

void http_request_init(struct http_request *r, const struct http_limits *limits)
{
    check(limits->fields <= HTTP_FIELDS_MAX);
    memset(r, 0, offsetof(struct http_request, field));
    r->limits = *limits;
}

static enum step bad(struct http_request *r, unsigned status)
{
    r->status = (uint16_t)status;
    r->phase = REFUSED;
    return BAD;
}

static enum step go(struct http_request *r, enum phase phase, size_t at)
{
    r->at = r->mark = (uint16_t)at;
    r->phase = (uint8_t)phase;
    return NEXT;
}

static enum step more(struct http_request *r, size_t at)
{
    r->at = (uint16_t)at;
    return MORE;
}

static struct http_span span(size_t from, size_t to)
{
    return (struct http_span){.at = (uint16_t)from, .len = (uint16_t)(to - from)};
}

static struct http_span span_of(const struct http_request *r, struct bytes b)
{
    return span((size_t)(b.at - r->base), (size_t)(b.at - r->base) + b.len);
}

/* One empty line is ignored where a request-line is expected (RFC 9112 2.2). */
static enum step step_start(struct http_request *r, size_t end)
{
    if (r->base[0] != '\r')
        return go(r, METHOD, 0);
    if (end < 2)
        return MORE;
    return r->base[1] == '\n' ? go(r, METHOD, 2) : bad(r, 400);
}

static enum http_method method_of(struct bytes b)
{
    static const char *const names[] = {
        [HTTP_GET] = "GET",         [HTTP_HEAD] = "HEAD",     [HTTP_POST] = "POST",
        [HTTP_PUT] = "PUT",         [HTTP_DELETE] = "DELETE", [HTTP_PATCH] = "PATCH",
        [HTTP_OPTIONS] = "OPTIONS", [HTTP_TRACE] = "TRACE",   [HTTP_CONNECT] = "CONNECT",
    };
    for (unsigned m = 0; m < HTTP_OTHER; m++)
        if (strlen(names[m]) == b.len && memcmp(names[m], b.at, b.len) == 0)
            return (enum http_method)m;
    return HTTP_OTHER;
}

static enum step step_method(struct http_request *r, size_t end)
{
    size_t at = r->at;
    while (at < end && http_is(r->base[at], HTTP_TOKEN))
        at++;
    if (at - r->mark > HTTP_METHOD_MAX)
        return bad(r, 501);
    if (at == end)
        return more(r, at);
    if (at == r->mark || r->base[at] != ' ')
        return bad(r, 400);
    r->method_name = span(r->mark, at);
    r->method = method_of(http_view(r, r->method_name));
    return go(r, TARGET, at + 1);
}

static enum step step_target(struct http_request *r, size_t end)
{
    struct http_target t;
    size_t at = r->at;
    while (at < end && http_is(r->base[at], HTTP_QUERY))
        at++;
    if (at - r->mark > r->limits.target)
        return bad(r, 414);
    if (at == end)
        return more(r, at);
    /* '[' of an IPv6 address is in the alphabet of queries, too. */
    if (at == r->mark || r->base[at] != ' ')
        return bad(r, 400);
    r->target = span(r->mark, at);
    unsigned status = http_target_split(r->method, http_view(r, r->target), &t);
    if (status != 0)
        return bad(r, status);
    r->authority = span_of(r, t.authority);
    r->path = span_of(r, t.path);
    r->query = span_of(r, t.query);
    return go(r, VERSION, at + 1);
}

/* A higher minor version is served as 1.1 (RFC 9110 2.5). */
static enum step step_version(struct http_request *r, size_t end)
{
    static const char form[] = "HTTP/#.#\r\n";
    for (size_t at = r->at;; at++) {
        size_t i = at - r->mark;
        if (form[i] == '\0') {
            r->minor = (uint8_t)(r->base[r->mark + 7] - '0');
            return r->base[r->mark + 5] == '1' ? go(r, LINE, at) : bad(r, 505);
        }
        if (at == end)
            return more(r, at);
        if (form[i] == '#' ? !http_is(r->base[at], HTTP_DIGIT) : r->base[at] != form[i])
            return bad(r, 400);
    }
}

static enum step step_line(struct http_request *r, size_t end)
{
    if (r->at == end)
        return MORE;
    if (r->base[r->at] == '\r')
        return go(r, LAST_LF, r->at + 1U);
    /* A folded line begins with space, and ends here: it is no name. */
    if (!http_is(r->base[r->at], HTTP_TOKEN))
        return bad(r, 400);
    return r->field_count < r->limits.fields ? go(r, NAME, r->at) : bad(r, 431);
}

static enum step step_name(struct http_request *r, size_t end)
{
    size_t at = r->at;
    while (at < end && http_is(r->base[at], HTTP_TOKEN))
        at++;
    if (at == end)
        return more(r, at);
    if (r->base[at] != ':')
        return bad(r, 400);
    r->field[r->field_count].name = span(r->mark, at);
    return go(r, SPACE, at + 1);
}

static enum step step_space(struct http_request *r, size_t end)
{
    size_t at = r->at;
    while (at < end && (r->base[at] == ' ' || r->base[at] == '\t'))
        at++;
    return at == end ? more(r, at) : go(r, VALUE, at);
}

static enum step step_value(struct http_request *r, size_t end)
{
    size_t at = r->at;
    while (at < end && http_is(r->base[at], HTTP_VALUE))
        at++;
    if (at == end)
        return more(r, at);
    if (r->base[at] != '\r')
        return bad(r, 400);
    size_t last = at;
    while (last > r->mark && (r->base[last - 1] == ' ' || r->base[last - 1] == '\t'))
        last--;
    r->field[r->field_count].value = span(r->mark, last);
    return go(r, VALUE_LF, at + 1);
}

static unsigned note_host(struct http_request *r, struct bytes value)
{
    if (r->has_host || !http_host_valid(value))
        return 400;
    r->has_host = true;
    r->host = span_of(r, value);
    return 0;
}

/* One number. A list of equal ones could be accepted (RFC 9112 6.3), and is not; the
 * same field twice with the same number is. */
static unsigned note_length(struct http_request *r, struct bytes value)
{
    uint64_t n = 0;
    if (!http_all(value, HTTP_DIGIT))
        return 400;
    for (size_t i = 0; i < value.len; i++) {
        if (n > (uint64_t)INT64_MAX / 10 - 1)
            return 413;
        n = n * 10 + (value.at[i] - (uint64_t)'0');
    }
    if (r->has_length && r->content_length != n)
        return 400;
    r->has_length = true;
    r->content_length = n;
    return 0;
}

static unsigned note_encoding(struct http_request *r, struct bytes value)
{
    if (r->chunked || value.len == 0)
        return 400;
    if (!http_same(value, "chunked"))
        return 501;
    r->chunked = true;
    return 0;
}

static unsigned note_connection(struct http_request *r, struct bytes value)
{
    r->says_close |= http_list_has(value, "close");
    r->says_keep_alive |= http_list_has(value, "keep-alive");
    return 0;
}

/* An HTTP/1.0 peer cannot mean it (RFC 9110 10.1.1). */
static unsigned note_expect(struct http_request *r, struct bytes value)
{
    if (r->minor == 0)
        return 0;
    if (!http_same(value, "100-continue"))
        return 417;
    r->expects_continue = true;
    return 0;
}

/* The fields that say how the message is to be read. Returns 0 or a status. */
static unsigned note_field(struct http_request *r, const struct http_field *f)
{
    struct bytes name = http_view(r, f->name), value = http_view(r, f->value);
    switch (name.len) {
    case 4:
        return http_same(name, "host") ? note_host(r, value) : 0;
    case 6:
        return http_same(name, "expect") ? note_expect(r, value) : 0;
    case 10:
        return http_same(name, "connection") ? note_connection(r, value) : 0;
    case 14:
        return http_same(name, "content-length") ? note_length(r, value) : 0;
    case 17:
        return http_same(name, "transfer-encoding") ? note_encoding(r, value) : 0;
    default:
        return 0;
    }
}

static enum step step_value_lf(struct http_request *r, size_t end)
{
    if (r->at == end)
        return MORE;
    if (r->base[r->at] != '\n')
        return bad(r, 400);
    unsigned status = note_field(r, &r->field[r->field_count]);
    if (status != 0)
        return bad(r, status);
    r->field_count++;
    return go(r, LINE, r->at + 1U);
}

/* What only the whole head can say. */
static bool consistent(const struct http_request *r)
{
    if (r->minor >= 1 && !r->has_host)
        return false;
    /* Both framings at once, or one that HTTP/1.0 does not know, is how requests
     * are smuggled past a proxy (RFC 9112 6.1). */
    return !r->chunked || (!r->has_length && r->minor >= 1);
}

static enum step step_last_lf(struct http_request *r, size_t end)
{
    if (r->at == end)
        return MORE;
    if (r->base[r->at] != '\n' || !consistent(r))
        return bad(r, 400);
    r->persistent = !r->says_close && (r->minor >= 1 || r->says_keep_alive);
    r->head_len = (uint16_t)(r->at + 1);
    return go(r, DONE, r->head_len);
}

enum http_verdict http_request_feed(struct http_request *r, struct bytes buffered)
{
    static enum step (*const steps[])(struct http_request *, size_t) = {
        [START] = step_start,     [METHOD] = step_method, [TARGET] = step_target,
        [VERSION] = step_version, [LINE] = step_line,     [NAME] = step_name,
        [SPACE] = step_space,     [VALUE] = step_value,   [VALUE_LF] = step_value_lf,
        [LAST_LF] = step_last_lf,
    };
    enum step step = NEXT;
    bool full = buffered.len >= r->limits.head;
    size_t end = full ? r->limits.head : buffered.len;

    r->base = buffered.at;
    if (end == 0)
        return HTTP_MORE;
    while (step == NEXT && r->phase < DONE)
        step = steps[r->phase](r, end);
    if (step == MORE && full)
        bad(r, r->phase == TARGET ? 414 : 431);
    if (r->phase == REFUSED)
        return HTTP_BAD;
    return r->phase == DONE ? HTTP_OK : HTTP_MORE;
}

struct bytes http_request_field(const struct http_request *r, const char *lower)
{
    size_t len = strlen(lower);
    for (size_t i = 0; i < r->field_count; i++)
        if (r->field[i].name.len == len && http_same(http_view(r, r->field[i].name), lower))
            return http_view(r, r->field[i].value);
    return bytes_of(NULL, 0);
}
