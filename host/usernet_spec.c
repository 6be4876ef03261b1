/* SPDX-License-Identifier: ISC */
#include "host/usernet_spec.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define PUBLISH_FORM "[ADDR:]PORT:GUESTPORT[/tcp|/udp]"
#define LOOPBACK     0x7f000001U
#define MULTICAST    0xe0000000U /* from here on: groups, reserved addresses, broadcast */

/* A piece of the text: [at, at + len). */
struct word {
    const char *at;
    size_t len;
};

static bool is(struct word w, const char *s)
{
    return w.len == strlen(s) && memcmp(w.at, s, w.len) == 0;
}

/* How much of a word an error line shows. */
static int shown(struct word w)
{
    return w.len > 60 ? 60 : (int)w.len;
}

/* Splits off what stands before the first `c`, and moves `rest` behind it. A word
 * without `c` is taken whole and leaves `rest` empty at its end. */
static struct word before(struct word *rest, char c)
{
    const char *end = memchr(rest->at, c, rest->len);
    struct word w = {rest->at, end ? (size_t)(end - rest->at) : rest->len};
    size_t used = end ? w.len + 1 : w.len;
    rest->at += used;
    rest->len -= used;
    return w;
}

/* A decimal port without a sign or leading zeroes: 1..65535, or 0 for anything else. */
static uint16_t port_of(struct word w)
{
    uint32_t n = 0;
    if (w.len == 0 || w.len > 5 || w.at[0] == '0')
        return 0;
    for (size_t i = 0; i < w.len; i++) {
        if (w.at[i] < '0' || w.at[i] > '9')
            return 0;
        n = n * 10 + (uint32_t)(w.at[i] - '0');
    }
    return n <= 65535 ? (uint16_t)n : 0;
}

static bool address_of(struct word w, uint32_t *out)
{
    char text[INET_ADDRSTRLEN];
    struct in_addr a;
    if (w.len >= sizeof text)
        return false;
    memcpy(text, w.at, w.len);
    text[w.len] = '\0';
    if (strlen(text) != w.len || inet_pton(AF_INET, text, &a) != 1)
        return false;
    *out = ntohl(a.s_addr);
    return true;
}

/* Takes "/tcp" or "/udp" off the end. False: there is another word behind a slash. */
static bool take_protocol(struct word *w, bool *udp)
{
    struct word rest = *w;
    struct word head = before(&rest, '/');
    *udp = false;
    if (head.len == w->len)
        return true;
    *w = head;
    *udp = is(rest, "udp");
    return *udp || is(rest, "tcp");
}

static size_t count(struct word w, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < w.len; i++)
        n += w.at[i] == c;
    return n;
}

static int publish_word(struct word all, struct usernet_publish *out, struct error *e)
{
    struct usernet_publish p = {.addr = LOOPBACK};
    struct word rest = all;
    if (!take_protocol(&rest, &p.udp))
        return fail(e, "'%.*s' must end in /tcp, /udp or neither", shown(all), all.at);
    size_t colons = count(rest, ':');
    if (colons > 2)
        return fail(e, "'%.*s' has no IPv4 address: write " PUBLISH_FORM, shown(all), all.at);
    if (colons < 1)
        return fail(e, "'%.*s' is not a port to publish: write " PUBLISH_FORM, shown(all),
                    all.at);
    if (colons == 2) {
        struct word addr = before(&rest, ':');
        if (!address_of(addr, &p.addr))
            return fail(e, "'%.*s' in '%.*s' is not an IPv4 address", shown(addr), addr.at,
                        shown(all), all.at);
        /* A socket can be bound to such an address, but nobody connects to it. */
        if (p.addr >= MULTICAST)
            return fail(e, "'%.*s' in '%.*s' is not the address of one host", shown(addr),
                        addr.at, shown(all), all.at);
    }
    struct word port = before(&rest, ':');
    p.port = port_of(port);
    p.guest_port = port_of(rest);
    struct word bad = p.port ? rest : port;
    if (!p.port || !p.guest_port)
        return fail(e, "'%.*s' in '%.*s' is not a port (1 to 65535)", shown(bad), bad.at,
                    shown(all), all.at);
    *out = p;
    return 0;
}

int usernet_publish_parse(const char *text, struct usernet_publish *out, struct error *e)
{
    return publish_word((struct word){text, strlen(text)}, out, e);
}

static bool same_port(const struct usernet_publish *a, const struct usernet_publish *b)
{
    return a->udp == b->udp && a->port == b->port &&
           (a->addr == b->addr || a->addr == 0 || b->addr == 0);
}

int usernet_spec_add(struct usernet_spec *spec, const struct usernet_publish *p,
                     struct error *e)
{
    for (size_t i = 0; i < spec->n; i++)
        if (same_port(&spec->publish[i], p))
            return fail(e, "%s port %u is published twice", p->udp ? "UDP" : "TCP", p->port);
    if (spec->n == USERNET_PUBLISH_MAX)
        return fail(e, "more than %d ports are published", USERNET_PUBLISH_MAX);
    spec->publish[spec->n++] = *p;
    return 0;
}

static int one_option(struct word w, struct usernet_spec *spec, struct error *e)
{
    static const char key[] = "publish=";
    const size_t key_len = sizeof key - 1;
    struct usernet_publish p;
    if (w.len < key_len || memcmp(w.at, key, key_len) != 0)
        return fail(e, "'%.*s' is not known to the user-mode network: it takes publish=%s",
                    shown(w), w.at, PUBLISH_FORM);
    if (publish_word((struct word){w.at + key_len, w.len - key_len}, &p, e) < 0)
        return -1;
    return usernet_spec_add(spec, &p, e);
}

int usernet_spec_parse(const char *text, struct usernet_spec *out, struct error *e)
{
    struct usernet_spec spec = {0};
    struct word rest = {text, strlen(text)};
    bool more = strchr(text, ',') != NULL;
    struct word first = before(&rest, ',');
    if (!is(first, "user"))
        return fail(e, "'%.*s' is not a user-mode network: write user[,publish=%s]",
                    shown(first), first.at, PUBLISH_FORM);
    while (more) {
        more = memchr(rest.at, ',', rest.len) != NULL;
        if (one_option(before(&rest, ','), &spec, e) < 0)
            return -1;
    }
    *out = spec;
    return 0;
}

const char *usernet_publish_print(const struct usernet_publish *p, char *buf)
{
    snprintf(buf, USERNET_PUBLISH_TEXT, "%u.%u.%u.%u:%u:%u%s", p->addr >> 24,
             p->addr >> 16 & 255, p->addr >> 8 & 255, p->addr & 255, p->port, p->guest_port,
             p->udp ? "/udp" : "");
    return buf;
}
