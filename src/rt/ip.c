/* SPDX-License-Identifier: ISC */
/* Internet addresses as text: RFC 4291 2.2 read strictly, RFC 5952 written. */
#include <drupe/ip.h>

#include <errno.h>
#include <string.h>

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

struct dr_ip dr_ip4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    return (struct dr_ip){{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d}};
}

bool dr_ip_is4(const struct dr_ip *ip)
{
    return memcmp(ip->octet, mapped, sizeof mapped) == 0;
}

bool dr_ip_is_zero(const struct dr_ip *ip)
{
    static const struct dr_ip none;
    const struct dr_ip none4 = dr_ip4(0, 0, 0, 0);
    return dr_ip_equal(ip, &none) || dr_ip_equal(ip, &none4);
}

bool dr_ip_equal(const struct dr_ip *a, const struct dr_ip *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* ---- Reading --------------------------------------------------------------- */

/* A decimal number without leading zeroes, at most `max` < 1000, at *text, which is
 * moved past it; -1 when there is none. */
static int read_decimal(const char **text, int max)
{
    const char *p = *text;
    int value = 0;
    if (*p < '0' || *p > '9' || (p[0] == '0' && p[1] >= '0' && p[1] <= '9'))
        return -1;
    for (; *p >= '0' && *p <= '9'; p++) {
        value = value * 10 + (*p - '0');
        if (value > max)
            return -1;
    }
    *text = p;
    return value;
}

/* Four numbers at `text`, up to its end. */
static bool read_ip4(const char *text, uint8_t octet[4])
{
    for (int i = 0; i < 4; i++) {
        int n = read_decimal(&text, 255);
        if (n < 0 || *text != (i < 3 ? '.' : '\0'))
            return false;
        octet[i] = (uint8_t)n;
        text++;
    }
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* One to four hexadecimal digits; returns how many, 0 for none or more. */
static size_t read_group(const char *text, uint8_t octet[2])
{
    unsigned value = 0;
    size_t n = 0;
    for (int digit; (digit = hex_digit(text[n])) >= 0; n++) {
        if (n == 4)
            return 0;
        value = value << 4 | (unsigned)digit;
    }
    octet[0] = (uint8_t)(value >> 8);
    octet[1] = (uint8_t)value;
    return n;
}

struct groups {
    uint8_t octet[16];
    size_t len; /* octets read */
    int gap;    /* where "::" stood, in octets; -1 for nowhere */
};

/* What follows a group: the end, ":" and another, or "::". NULL when none of them. */
static const char *read_colons(const char *p, struct groups *g)
{
    if (!*p)
        return p;
    if (*p != ':' || !p[1])
        return NULL;
    if (p[1] != ':')
        return p + 1;
    if (g->gap >= 0)
        return NULL;
    g->gap = (int)g->len;
    return p + 2;
}

static bool read_groups(const char *p, struct groups *g)
{
    if (p[0] == ':' && p[1] == ':') {
        g->gap = 0;
        p += 2;
    }
    while (*p) {
        uint8_t last4[4];
        if (g->len <= 12 && read_ip4(p, last4)) {
            memcpy(g->octet + g->len, last4, 4);
            g->len += 4;
            return true;
        }
        size_t digits = g->len < 16 ? read_group(p, g->octet + g->len) : 0;
        if (!digits)
            return false;
        g->len += 2;
        p = read_colons(p + digits, g);
        if (!p)
            return false;
    }
    return true;
}

static bool read_ip6(const char *text, uint8_t octet[16])
{
    struct groups g = {.gap = -1};
    if (!read_groups(text, &g))
        return false;
    /* "::" stands for one or more groups; without it all eight are there. */
    if (g.gap < 0 ? g.len != 16 : g.len > 14)
        return false;
    size_t before = g.gap < 0 ? 16 : (size_t)g.gap, after = g.len - before;
    memset(octet, 0, 16);
    memcpy(octet, g.octet, before);
    memcpy(octet + 16 - after, g.octet + before, after);
    return true;
}

int dr_ip_parse(const char *text, struct dr_ip *ip)
{
    struct dr_ip got = dr_ip4(0, 0, 0, 0);
    if (!read_ip4(text, got.octet + 12) && !read_ip6(text, got.octet))
        return -EINVAL;
    *ip = got;
    return 0;
}

int dr_prefix_parse(const char *text, struct dr_prefix *p)
{
    struct dr_prefix got;
    char address[DR_IP_TEXT_MAX];
    size_t len = strcspn(text, "/");
    if (text[len] != '/' || len >= sizeof address)
        return -EINVAL;
    memcpy(address, text, len);
    address[len] = '\0';
    if (dr_ip_parse(address, &got.ip) != 0)
        return -EINVAL;
    bool is4 = dr_ip_is4(&got.ip);
    /* ::ffff:10.0.0.0/104 and 10.0.0.0/8 would be held alike: only the latter is taken. */
    if (is4 && strchr(address, ':'))
        return -EINVAL;
    const char *bits = text + len + 1;
    int n = read_decimal(&bits, is4 ? 32 : 128);
    if (n < 0 || *bits)
        return -EINVAL;
    got.len = (uint8_t)n;
    *p = got;
    return 0;
}

/* ---- Writing --------------------------------------------------------------- */

static char *put_decimal(char *at, unsigned value)
{
    char digit[10];
    size_t n = 0;
    do
        digit[n++] = (char)('0' + value % 10);
    while (value /= 10);
    while (n)
        *at++ = digit[--n];
    return at;
}

static char *put_ip4(char *at, const uint8_t octet[4])
{
    for (int i = 0; i < 4; i++) {
        at = put_decimal(at, octet[i]);
        *at++ = '.';
    }
    return at - 1;
}

static unsigned group_of(const struct dr_ip *ip, int i)
{
    return (unsigned)ip->octet[2 * i] << 8 | ip->octet[2 * i + 1];
}

/* The longest run of at least two zero groups, the first of several (RFC 5952 4.2.2
 * and 4.2.3): returns its length, its start in *first. */
static int longest_gap(const struct dr_ip *ip, int *first)
{
    int best = 1;
    *first = -1;
    for (int i = 0; i < 8; i++) {
        int n = 0;
        while (i + n < 8 && group_of(ip, i + n) == 0)
            n++;
        if (n > best) {
            best = n;
            *first = i;
        }
        i += n;
    }
    return best;
}

static char *put_group(char *at, unsigned value)
{
    static const char hex[] = "0123456789abcdef";
    for (int shift = value > 0xfff  ? 12
                     : value > 0xff ? 8
                     : value > 0xf  ? 4
                                    : 0;
         shift >= 0; shift -= 4)
        *at++ = hex[value >> shift & 15];
    return at;
}

static char *put_ip6(char *at, const struct dr_ip *ip)
{
    int gap, gap_len = longest_gap(ip, &gap);
    for (int i = 0; i < 8; i++) {
        if (i == gap) {
            *at++ = ':';
            *at++ = ':';
            i += gap_len - 1;
            continue;
        }
        if (i > 0 && at[-1] != ':')
            *at++ = ':';
        at = put_group(at, group_of(ip, i));
    }
    return at;
}

static char *put_ip(char *at, const struct dr_ip *ip)
{
    return dr_ip_is4(ip) ? put_ip4(at, ip->octet + 12) : put_ip6(at, ip);
}

const char *dr_ip_print(const struct dr_ip *ip, char buf[DR_IP_TEXT_MAX])
{
    *put_ip(buf, ip) = '\0';
    return buf;
}

const char *dr_endpoint_print(const struct dr_endpoint *e, char buf[DR_ENDPOINT_TEXT_MAX])
{
    bool is4 = dr_ip_is4(&e->ip);
    char *at = buf;
    if (!is4)
        *at++ = '[';
    at = put_ip(at, &e->ip);
    if (!is4)
        *at++ = ']';
    *at++ = ':';
    *put_decimal(at, e->port) = '\0';
    return buf;
}
