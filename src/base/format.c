/* SPDX-License-Identifier: ISC */
#include "base/format.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct out {
    char *to;
    size_t size, len; /* len: of the whole text, also of what did not fit */
    va_list args;
};

enum flag { LEFT = 1, ZERO = 2, PLUS = 4, SPACE = 8, ALTERNATE = 16 };
static const char flag_chars[] = "-0+ #";

/* A directive: %, flags, width, precision, length, conversion. */
struct directive {
    unsigned flags;
    int width, precision; /* precision: -1 for none */
    size_t octets;        /* of an integer */
    char conversion;
};

static void put(struct out *o, const char *text, size_t len)
{
    for (; len; len--, text++, o->len++)
        if (o->len + 1 < o->size)
            o->to[o->len] = *text;
}

static void fill(struct out *o, char c, int n)
{
    for (; n > 0; n--)
        put(o, &c, 1);
}

/* ---- Reading a directive --------------------------------------------------- */

static int read_number(struct out *o, const char **at)
{
    int n = 0;
    if (**at == '*') {
        ++*at;
        return va_arg(o->args, int);
    }
    for (; **at >= '0' && **at <= '9'; ++*at)
        n = n * 10 + (**at - '0');
    return n;
}

static size_t read_length(const char **at)
{
    char c = **at;
    if (!c || !strchr("hlzjt", c))
        return sizeof(int);
    ++*at;
    if (c == 'z' || c == 't')
        return sizeof(size_t);
    if (c == 'j')
        return sizeof(intmax_t);
    bool twice = **at == c;
    *at += twice;
    if (c == 'h')
        return twice ? sizeof(char) : sizeof(short);
    return twice ? sizeof(long long) : sizeof(long);
}

/* What stands behind a %; returns what follows it. */
static const char *read_directive(struct out *o, const char *at, struct directive *d)
{
    *d = (struct directive){.precision = -1};
    for (const char *f; *at && (f = strchr(flag_chars, *at)) != NULL; at++)
        d->flags |= 1U << (f - flag_chars);
    d->width = read_number(o, &at);
    if (d->width < 0) {
        d->flags |= LEFT;
        d->width = -d->width;
    }
    if (*at == '.') {
        at++;
        d->precision = read_number(o, &at);
    }
    d->octets = read_length(&at);
    d->conversion = *at;
    return *at ? at + 1 : at;
}

/* ---- Printing -------------------------------------------------------------- */

/* A sign or "0x", zeroes and the text, in their field. */
static void put_field(struct out *o, const struct directive *d, const char *prefix, int zeroes,
                      const char *text, size_t len)
{
    size_t prefix_len = strlen(prefix);
    int pad = d->width - (int)(prefix_len + len) - (zeroes > 0 ? zeroes : 0);
    if (!(d->flags & (LEFT | ZERO)))
        fill(o, ' ', pad);
    put(o, prefix, prefix_len);
    if ((d->flags & (LEFT | ZERO)) == ZERO)
        fill(o, '0', pad);
    fill(o, '0', zeroes);
    put(o, text, len);
    if (d->flags & LEFT)
        fill(o, ' ', pad);
}

static void put_text(struct out *o, struct directive *d)
{
    const char *text = va_arg(o->args, const char *);
    d->flags &= LEFT;
    if (!text)
        text = "(null)";
    put_field(o, d, "", 0, text,
              d->precision < 0 ? strlen(text) : strnlen(text, (size_t)d->precision));
}

static void put_char(struct out *o, struct directive *d)
{
    char c = (char)va_arg(o->args, int);
    d->flags &= LEFT;
    put_field(o, d, "", 0, &c, 1);
}

/* The integer as it was passed, widened. */
static uint64_t take(struct out *o, const struct directive *d, bool is_signed)
{
    uint64_t value = d->octets > sizeof(int) ? va_arg(o->args, unsigned long long)
                                             : va_arg(o->args, unsigned);
    unsigned unused = 64 - 8 * (unsigned)d->octets;
    value <<= unused;
    return is_signed ? (uint64_t)((int64_t)value >> unused) : value >> unused;
}

static const char *sign_of(const struct directive *d, bool negative)
{
    return negative ? "-" : d->flags & PLUS ? "+" : d->flags & SPACE ? " " : "";
}

static void put_integer(struct out *o, struct directive *d, unsigned base)
{
    const char *digits = d->conversion == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    bool is_signed = d->conversion == 'd' || d->conversion == 'i';
    uint64_t value = take(o, d, is_signed);
    const char *prefix = "";
    char text[24]; /* 2^64 has 22 octal digits */
    int at = sizeof text, zeroes;
    if (is_signed) {
        prefix = sign_of(d, (int64_t)value < 0);
        value = *prefix == '-' ? -value : value;
    } else if (d->flags & ALTERNATE && value && base == 16) {
        prefix = d->conversion == 'X' ? "0X" : "0x";
    }
    for (; value; value /= base)
        text[--at] = digits[value % base];
    /* At least one digit, unless the precision is 0; octal's prefix is a digit. */
    zeroes = (d->precision < 0 ? 1 : d->precision) - ((int)sizeof text - at);
    if (d->flags & ALTERNATE && base == 8 && zeroes < 1)
        zeroes = 1;
    if (d->precision >= 0)
        d->flags &= ~(unsigned)ZERO;
    put_field(o, d, prefix, zeroes, text + at, sizeof text - (size_t)at);
}

/* False for a directive that is none of ours. */
static bool put_directive(struct out *o, struct directive *d)
{
    bool wide = d->octets > sizeof(int); /* of characters: not ours */
    switch (d->conversion) {
    case '%':
        put(o, "%", 1);
        return true;
    case 'c':
        if (!wide)
            put_char(o, d);
        return !wide;
    case 's':
        if (!wide)
            put_text(o, d);
        return !wide;
    case 'p':
        d->octets = sizeof(void *);
        d->flags |= ALTERNATE;
        put_integer(o, d, 16);
        return true;
    case 'd':
    case 'i':
    case 'u':
        put_integer(o, d, 10);
        return true;
    case 'x':
    case 'X':
        put_integer(o, d, 16);
        return true;
    case 'o':
        put_integer(o, d, 8);
        return true;
    default:
        return false;
    }
}

size_t format_va(char *to, size_t size, const char *fmt, va_list args)
{
    struct out o = {.to = to, .size = size};
    va_copy(o.args, args);
    for (;;) {
        size_t plain = strcspn(fmt, "%");
        put(&o, fmt, plain);
        fmt += plain;
        if (!*fmt)
            break;
        struct directive d;
        const char *behind = read_directive(&o, fmt + 1, &d);
        if (!put_directive(&o, &d)) {
            /* What its argument looks like is not known, so neither is where the next is. */
            put(&o, fmt, strlen(fmt));
            break;
        }
        fmt = behind;
    }
    va_end(o.args);
    if (size)
        to[o.len < size ? o.len : size - 1] = '\0';
    return o.len;
}

size_t format(char *to, size_t size, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    size_t len = format_va(to, size, fmt, args);
    va_end(args);
    return len;
}
