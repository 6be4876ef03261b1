/* SPDX-License-Identifier: ISC */
#include "tests/tcp/script.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* What is left of a line. The first thing that is wrong with it is kept; what is read after
 * that is empty or zero. */
struct cursor {
    const char *at;
    char *wrong;
    size_t room;
};

__attribute__((format(printf, 2, 3))) static void wrong(struct cursor *c, const char *format,
                                                        ...)
{
    if (c->wrong[0])
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(c->wrong, c->room, format, args);
    va_end(args);
    c->at = "";
}

static void skip_spaces(struct cursor *c)
{
    while (*c->at == ' ' || *c->at == '\t')
        c->at++;
}

static bool at_end(struct cursor *c)
{
    skip_spaces(c);
    return *c->at == 0;
}

/* Whether the punctuation comes next; taken when it does. */
static bool take(struct cursor *c, const char *what)
{
    skip_spaces(c);
    size_t len = strlen(what);
    if (strncmp(c->at, what, len) != 0)
        return false;
    c->at += len;
    return true;
}

static bool is_word_char(char ch)
{
    return isalnum((unsigned char)ch) || ch == '_' || ch == '-';
}

/* Whether the whole word comes next. */
static bool take_word(struct cursor *c, const char *what)
{
    const char *begin = c->at;
    if (take(c, what) && !is_word_char(*c->at))
        return true;
    c->at = begin;
    return false;
}

static void expect(struct cursor *c, const char *what)
{
    if (!take(c, what))
        wrong(c, "'%s' expected, not '%.20s'", what, c->at);
}

static long long take_number(struct cursor *c, long long max)
{
    skip_spaces(c);
    char *end;
    errno = 0;
    long long n = isdigit((unsigned char)*c->at) ? strtoll(c->at, &end, 10) : -1;
    if (n < 0) {
        wrong(c, "a number expected, not '%.20s'", c->at);
        return 0;
    }
    if (errno || n > max) {
        wrong(c, "%.20s is more than %lld", c->at, max);
        return 0;
    }
    c->at = end;
    return n;
}

/* Seconds with at most nine decimals, in nanoseconds. */
static uint64_t take_time(struct cursor *c)
{
    uint64_t ns = (uint64_t)take_number(c, 1000000000) * 1000000000U;
    if (*c->at != '.')
        return ns;
    c->at++;
    if (!isdigit((unsigned char)*c->at))
        wrong(c, "digits expected after the point of a time");
    for (uint64_t unit = 100000000; isdigit((unsigned char)*c->at); unit /= 10) {
        ns += unit * (uint64_t)(*c->at++ - '0');
        if (unit == 0)
            wrong(c, "a time has nine decimals at most");
    }
    return ns;
}

static void take_name(struct cursor *c, char *to, size_t room)
{
    skip_spaces(c);
    size_t n = 0;
    while (is_word_char(c->at[n]) || c->at[n] == '.')
        n++;
    if (n == 0 || n >= room)
        wrong(c, "a name expected, not '%.20s'", c->at);
    else
        memcpy(to, c->at, n);
    to[c->wrong[0] ? 0 : n] = 0;
    c->at += c->wrong[0] ? 0 : n;
}

static uint8_t take_hex(struct cursor *c, uint8_t *to, size_t room)
{
    static const char digits[] = "0123456789abcdef";
    skip_spaces(c);
    size_t n = 0;
    for (; isxdigit((unsigned char)c->at[0]); c->at += 2, n++) {
        const char *high = strchr(digits, c->at[0]);
        const char *low = c->at[1] ? strchr(digits, c->at[1]) : NULL;
        if (!high || !low || n == room) {
            wrong(c, "at most %zu octets of two small hexadecimal digits expected", room);
            return 0;
        }
        to[n] = (uint8_t)((high - digits) << 4 | (low - digits));
    }
    if (n == 0)
        wrong(c, "octets in hexadecimal expected, not '%.20s'", c->at);
    return (uint8_t)n;
}

static uint32_t take_address(struct cursor *c)
{
    uint32_t n = 0;
    for (unsigned i = 0; i < 4; i++) {
        n = n << 8 | (uint32_t)take_number(c, 255);
        if (i < 3)
            expect(c, ".");
    }
    return n;
}

/* ---- Packets ------------------------------------------------------------------------ */

static bool take_named(struct cursor *c, const char *name, bool *has)
{
    bool named = take_word(c, name);
    *has |= named;
    return named;
}

/* One of "[ttl 3, ect0]". */
static void take_attribute(struct cursor *c, struct packet *p)
{
    if (take_word(c, "ect0"))
        p->ecn = 2;
    else if (take_word(c, "ect1"))
        p->ecn = 1;
    else if (take_word(c, "ce"))
        p->ecn = 3;
    else if (take_named(c, "df", &p->has_df))
        p->df = true;
    else if (take_word(c, "nodf"))
        p->has_df = true;
    else if (take_word(c, "badsum"))
        p->bad_sum = true;
    else if (take_word(c, "badipsum"))
        p->bad_ip_sum = true;
    else if (take_word(c, "cut"))
        p->cut = true;
    else if (take_named(c, "ttl", &p->has_ttl))
        p->ttl = (uint8_t)take_number(c, 255);
    else if (take_named(c, "tos", &p->has_tos))
        p->tos = (uint8_t)(take_number(c, 255) & 0xfc);
    else if (take_named(c, "id", &p->has_id))
        p->id = (uint16_t)take_number(c, 65535);
    else if (take_named(c, "src", &p->has_src))
        p->src = take_address(c);
    else if (take_named(c, "dst", &p->has_dst))
        p->dst = take_address(c);
    else if (take_word(c, "ip-options"))
        p->ip_options_len = take_hex(c, p->ip_options, sizeof p->ip_options);
    else if (take_word(c, "frag")) {
        p->fragment_at = (uint16_t)take_number(c, 65528);
        p->more_fragments = take(c, "+");
    } else
        wrong(c, "no attribute: '%.20s'", c->at);
}

static void take_attributes(struct cursor *c, struct packet *p)
{
    while (take(c, "[")) {
        do
            take_attribute(c, p);
        while (take(c, ","));
        expect(c, "]");
    }
    if (p->ip_options_len % 4)
        wrong(c, "IP options fill whole words of four octets");
    if (p->fragment_at % 8)
        wrong(c, "a fragment begins at a multiple of eight");
}

static void take_ports(struct cursor *c, struct packet *p)
{
    if (!take(c, ":"))
        return;
    p->peer_port = (uint16_t)take_number(c, 65535);
    if (take(c, ">"))
        p->local_port = (uint16_t)take_number(c, 65535);
}

static void take_flags(struct cursor *c, struct packet *p)
{
    static const char letters[] = "FSRP.UEW";
    skip_spaces(c);
    const char *begin = c->at;
    const char *letter;
    while (*c->at && (letter = strchr(letters, *c->at))) {
        uint8_t bit = (uint8_t)(1U << (letter - letters));
        if (p->flags & bit) {
            wrong(c, "a flag is there twice");
            return;
        }
        p->flags |= bit;
        c->at++;
    }
    if (c->at == begin && !take_word(c, "-"))
        wrong(c, "flags (of FSRP.UEW, or - for none), icmp, udp or ip expected, not '%.20s'",
              c->at);
}

/* "1:1461(1460)". */
static void take_range(struct cursor *c, struct packet *p)
{
    p->seq = (uint32_t)take_number(c, UINT32_MAX);
    expect(c, ":");
    uint32_t end = (uint32_t)take_number(c, UINT32_MAX);
    expect(c, "(");
    p->len = (uint32_t)take_number(c, 65535);
    expect(c, ")");
    if (end != p->seq + p->len)
        wrong(c, "the end %u is not %u + %u", end, p->seq, p->len);
}

static void take_sack(struct cursor *c, struct option *o)
{
    o->kind = OPT_SACK;
    for (skip_spaces(c); isdigit((unsigned char)*c->at); skip_spaces(c)) {
        if (o->n == 8) {
            wrong(c, "more than four SACK ranges");
            return;
        }
        o->value[o->n++] = (uint32_t)take_number(c, UINT32_MAX);
        expect(c, ":");
        o->value[o->n++] = (uint32_t)take_number(c, UINT32_MAX);
    }
    if (o->n == 0)
        wrong(c, "SACK ranges expected");
}

static void take_option(struct cursor *c, struct option *o)
{
    if (take_word(c, "mss")) {
        o->kind = OPT_MSS;
        o->value[0] = (uint32_t)take_number(c, 65535);
    } else if (take_word(c, "wscale")) {
        o->kind = OPT_WSCALE;
        o->value[0] = (uint32_t)take_number(c, 255);
    } else if (take_word(c, "TS")) {
        o->kind = OPT_TS;
        expect(c, "val");
        o->value[0] = (uint32_t)take_number(c, UINT32_MAX);
        expect(c, "ecr");
        o->value[1] = (uint32_t)take_number(c, UINT32_MAX);
    } else if (take_word(c, "raw")) {
        o->kind = OPT_RAW;
        o->n = take_hex(c, o->raw, sizeof o->raw);
    } else if (take_word(c, "sack")) {
        take_sack(c, o);
    } else if (take_word(c, "sackOK")) {
        o->kind = OPT_SACKOK;
    } else if (take_word(c, "nop")) {
        o->kind = OPT_NOP;
    } else if (take_word(c, "eol")) {
        o->kind = OPT_EOL;
    } else {
        wrong(c, "no option: '%.20s'", c->at);
    }
}

static unsigned option_len(const struct option *o)
{
    static const uint8_t len[] = {[OPT_EOL] = 1,    [OPT_NOP] = 1,    [OPT_MSS] = 4,
                                  [OPT_WSCALE] = 3, [OPT_SACKOK] = 2, [OPT_TS] = 10};
    if (o->kind == OPT_RAW)
        return o->n;
    return o->kind == OPT_SACK ? 2U + 4U * o->n : len[o->kind];
}

static void take_options(struct cursor *c, struct packet *p, bool sent_by_us)
{
    unsigned len = 0;
    if (!take(c, "<"))
        return;
    if (take(c, "...")) {
        p->any_options = true;
        if (!sent_by_us)
            wrong(c, "<...> is for packets that are expected");
        expect(c, ">");
        return;
    }
    do {
        if (p->options == PACKET_OPTIONS_MAX) {
            wrong(c, "more than %u options", PACKET_OPTIONS_MAX);
            return;
        }
        take_option(c, &p->option[p->options]);
        len += option_len(&p->option[p->options++]);
    } while (take(c, ","));
    expect(c, ">");
    if (len > 40)
        wrong(c, "options of %u octets; 40 fit", len);
}

static void take_segment(struct cursor *c, struct packet *p, bool sent_by_us)
{
    take_flags(c, p);
    take_range(c, p);
    if (take_word(c, "ack")) {
        p->ack = (uint32_t)take_number(c, UINT32_MAX);
        if (!(p->flags & F_ACK))
            wrong(c, "an acknowledgement number without the flag '.'");
    } else if (p->flags & F_ACK) {
        wrong(c, "'ack N' expected behind the flag '.'");
    }
    p->window = sent_by_us ? 0 : 65535;
    if ((p->has_window = take_word(c, "win")))
        p->window = (uint16_t)take_number(c, 65535);
    if (take_word(c, "urg"))
        p->urgent = (uint16_t)take_number(c, 65535);
    take_options(c, p, sent_by_us);
}

static void take_length(struct cursor *c, struct packet *p)
{
    expect(c, "(");
    p->len = (uint32_t)take_number(c, 65535);
    expect(c, ")");
}

static void take_icmp(struct cursor *c, struct packet *p)
{
    p->kind = PACKET_ICMP;
    p->type = (uint8_t)take_number(c, 255);
    expect(c, "/");
    p->code = (uint8_t)take_number(c, 255);
    if (take_word(c, "mtu"))
        p->rest = (uint32_t)take_number(c, 65535);
    if (take_word(c, "rest"))
        p->rest = (uint32_t)take_number(c, UINT32_MAX);
    if (!take_word(c, "about")) {
        take_length(c, p);
        return;
    }
    p->has_quote = true;
    p->quote_protocol = 6;
    take_ports(c, p);
    if (take_word(c, "udp")) {
        p->quote_protocol = 17;
        take_length(c, p);
    } else {
        take_range(c, p);
    }
}

static void take_packet(struct cursor *c, struct packet *p, bool sent_by_us)
{
    take_attributes(c, p);
    take_ports(c, p);
    if (take_word(c, "icmp")) {
        take_icmp(c, p);
    } else if (take_word(c, "udp")) {
        p->kind = PACKET_UDP;
        take_length(c, p);
    } else if (take_word(c, "ip")) {
        p->kind = PACKET_OTHER;
        p->protocol = (uint8_t)take_number(c, 255);
        take_length(c, p);
    } else {
        take_segment(c, p, sent_by_us);
    }
    if (sent_by_us && (p->bad_sum || p->bad_ip_sum || p->cut || p->ip_options_len))
        wrong(c, "what is broken cannot be expected");
}

/* ---- Calls --------------------------------------------------------------------------- */

static const struct {
    const char *name, *args;
    char result;
} CALLS[] = {
#define CALL_ENTRY(id, name, args, result) {name, args, result},
    SCRIPT_CALLS(CALL_ENTRY)};

static const struct {
    const char *name;
    int number;
} ERRORS[] = {{"EAGAIN", EAGAIN},
              {"ECONNREFUSED", ECONNREFUSED},
              {"ECONNRESET", ECONNRESET},
              {"ECONNABORTED", ECONNABORTED},
              {"EPIPE", EPIPE},
              {"ETIMEDOUT", ETIMEDOUT},
              {"EHOSTUNREACH", EHOSTUNREACH},
              {"ENETUNREACH", ENETUNREACH},
              {"EHOSTDOWN", EHOSTDOWN},
              {"EPROTO", EPROTO},
              {"ENOPROTOOPT", ENOPROTOOPT},
              {"EMSGSIZE", EMSGSIZE},
              {"EINVAL", EINVAL},
              {"ENOTCONN", ENOTCONN},
              {"EADDRINUSE", EADDRINUSE},
              {"EADDRNOTAVAIL", EADDRNOTAVAIL},
              {"ENOMEM", ENOMEM},
              {"ENOSYS", ENOSYS}};

const char *script_number(long long n, char room[24])
{
    for (size_t i = 0; i < sizeof ERRORS / sizeof ERRORS[0]; i++)
        if (n == -ERRORS[i].number) {
            snprintf(room, 24, "-%s", ERRORS[i].name);
            return room;
        }
    snprintf(room, 24, "%lld", n);
    return room;
}

static long long take_result(struct cursor *c)
{
    if (!take(c, "-"))
        return take_number(c, INT32_MAX);
    for (size_t i = 0; i < sizeof ERRORS / sizeof ERRORS[0]; i++)
        if (take_word(c, ERRORS[i].name))
            return -ERRORS[i].number;
    wrong(c, "an error number's name expected, not '%.20s'", c->at);
    return 0;
}

static void take_args(struct cursor *c, struct script_line *l)
{
    const char *kinds = CALLS[l->call].args;
    expect(c, "(");
    for (unsigned i = 0; kinds[i]; i++) {
        if (i > 0)
            expect(c, ",");
        if (kinds[i] == 'n')
            l->arg[i] = take_number(c, INT32_MAX);
        else if (kinds[i] == 't')
            l->arg[i] = (long long)take_time(c);
        else
            take_name(c, l->word, sizeof l->word);
    }
    expect(c, ")");
}

static void take_call(struct cursor *c, struct script_line *l)
{
    unsigned n = 0;
    while (n < CALL_COUNT && !take_word(c, CALLS[n].name))
        n++;
    if (n == CALL_COUNT) {
        wrong(c, "'<', '>' or a call expected, not '%.20s'", c->at);
        return;
    }
    l->kind = LINE_CALL;
    l->call = (enum script_call)n;
    take_args(c, l);
    if (CALLS[n].result == 'w') {
        expect(c, "=");
        take_name(c, l->result_word, sizeof l->result_word);
    } else if (take(c, "=")) {
        l->result = take_result(c);
    }
}

/* ---- Lines ----------------------------------------------------------------------------- */

static void take_when(struct cursor *c, struct script_line *l)
{
    if (take(c, "*")) {
        l->any_time = true;
        return;
    }
    l->relative = take(c, "+");
    l->at_ns = l->until_ns = take_time(c);
    if (!take(c, "~"))
        return;
    if (take(c, "+") != l->relative)
        wrong(c, "both ends of a span of time have a '+', or none");
    l->until_ns = take_time(c);
    if (l->until_ns < l->at_ns)
        wrong(c, "a span of time ends before it begins");
}

static void take_line(struct cursor *c, struct script_line *l)
{
    take_when(c, l);
    if (take(c, "<")) {
        l->kind = LINE_IN;
        take_packet(c, &l->packet, false);
    } else if (take(c, ">")) {
        l->kind = LINE_OUT;
        take_packet(c, &l->packet, true);
    } else {
        take_call(c, l);
    }
    if (l->kind != LINE_OUT && (l->any_time || l->until_ns != l->at_ns))
        wrong(c, "only packets that are expected may come at more than one time");
    if (!at_end(c))
        wrong(c, "nothing more expected, but '%.20s'", c->at);
}

static void take_script_option(struct cursor *c, struct script_options *o)
{
    const struct {
        const char *name;
        uint32_t *at;
    } numbers[] = {{"receive-max", &o->receive_max},
                   {"send-max", &o->send_max},
                   {"peer-isn", &o->peer_isn},
                   {"half-open-max", &o->half_open_max},
                   {"connections-max", &o->connections_max}};
    const struct {
        const char *name;
        uint16_t *at;
    } shorts[] = {
        {"mtu", &o->mtu}, {"peer-port", &o->peer_port}, {"local-port", &o->local_port}};
    if (take_word(c, "linux")) {
        o->linux_too = true;
        return;
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (take_word(c, numbers[i].name)) {
            expect(c, "=");
            *numbers[i].at = (uint32_t)take_number(c, UINT32_MAX);
            return;
        }
    for (size_t i = 0; i < sizeof shorts / sizeof shorts[0]; i++)
        if (take_word(c, shorts[i].name)) {
            expect(c, "=");
            *shorts[i].at = (uint16_t)take_number(c, UINT16_MAX);
            return;
        }
    wrong(c, "no option of a script: '--%.20s'", c->at);
}

static bool add_line(struct script *s, struct cursor *c, unsigned number)
{
    struct script_line l = {.number = number};
    if (take(c, "--")) {
        if (s->lines > 0)
            wrong(c, "options stand before the first line");
        take_script_option(c, &s->options);
        if (!at_end(c))
            wrong(c, "nothing more expected, but '%.20s'", c->at);
        return !c->wrong[0];
    }
    if (s->lines == SCRIPT_LINES_MAX)
        wrong(c, "more than %u lines", SCRIPT_LINES_MAX);
    take_line(c, &l);
    if (c->wrong[0])
        return false;
    s->line[s->lines++] = l;
    return true;
}

/* A line without its comment. */
static size_t line_len(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (line[i] == '#' || (line[i] == '/' && line[i + 1] == '/'))
            return i;
    return len;
}

bool script_read(struct script *s, const char *text, struct script_problem *problem)
{
    *s = (struct script){.options = {.mtu = 1500,
                                     .peer_port = 5000,
                                     .local_port = 80,
                                     .receive_max = 65536,
                                     .send_max = 65536,
                                     .half_open_max = 16,
                                     .connections_max = 64},
                         .line = calloc(SCRIPT_LINES_MAX, sizeof(struct script_line))};
    *problem = (struct script_problem){0};
    if (!s->line)
        abort();
    for (unsigned number = 1; *text; number++) {
        char line[400];
        size_t whole = strcspn(text, "\n"), len = line_len(text, whole);
        struct cursor c = {line, problem->text, sizeof problem->text};
        problem->line = number;
        snprintf(line, sizeof line, "%.*s", (int)len, text);
        if (len >= sizeof line)
            wrong(&c, "a line is longer than %zu octets", sizeof line - 1);
        if (problem->text[0] || (!at_end(&c) && !add_line(s, &c, number))) {
            script_end(s);
            return false;
        }
        text += whole + (text[whole] == '\n');
    }
    problem->line = 0;
    if (s->lines > 0)
        return true;
    snprintf(problem->text, sizeof problem->text, "the script says nothing");
    script_end(s);
    return false;
}

void script_end(struct script *s)
{
    free(s->line);
    s->line = NULL;
    s->lines = 0;
}
