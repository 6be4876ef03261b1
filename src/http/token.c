/* SPDX-License-Identifier: ISC */
#include "http/token.h"

#define IN(c, lo, hi) ((c) >= (lo) && (c) <= (hi))
#define IS_DIGIT(c)   IN(c, '0', '9')
#define IS_ALPHA(c)   (IN(c, 'a', 'z') || IN(c, 'A', 'Z'))
#define IS_HEX(c)     (IS_DIGIT(c) || IN(c, 'a', 'f') || IN(c, 'A', 'F'))
#define IS_UNRES(c)                                                                            \
    (IS_ALPHA(c) || IS_DIGIT(c) || (c) == '-' || (c) == '.' || (c) == '_' || (c) == '~')
#define IS_SUBDELIM(c) ((c) == '!' || (c) == '$' || IN(c, '&', ',') || (c) == ';' || (c) == '=')
#define IS_TOKEN(c)                                                                            \
    (IS_ALPHA(c) || IS_DIGIT(c) || (c) == '!' || IN(c, '#', '\'') || (c) == '*' ||             \
     (c) == '+' || (c) == '-' || (c) == '.' || IN(c, '^', '`') || (c) == '|' || (c) == '~')
#define IS_VALUE(c) ((c) == '\t' || IN(c, 0x20, 0x7e) || (c) >= 0x80)
#define IS_HOST(c)  (IS_UNRES(c) || IS_SUBDELIM(c))
#define IS_PATH(c)  (IS_HOST(c) || (c) == ':' || (c) == '@' || (c) == '/' || (c) == '%')
#define IS_QUERY(c)                                                                            \
    (IS_PATH(c) || (c) == '?' || (c) == '[' || (c) == ']' || (c) == '\\' || (c) == '^' ||      \
     (c) == '`' || IN(c, '{', '}'))

#define ONE(c)                                                                                 \
    ((IS_TOKEN(c) ? HTTP_TOKEN : 0) | (IS_VALUE(c) ? HTTP_VALUE : 0) |                         \
     (IS_PATH(c) ? HTTP_PATH : 0) | (IS_QUERY(c) ? HTTP_QUERY : 0) |                           \
     (IS_HOST(c) ? HTTP_HOST : 0) | (IS_HEX(c) ? HTTP_HEX : 0) |                               \
     (IS_DIGIT(c) ? HTTP_DIGIT : 0))
#define FOUR(c)    ONE(c), ONE((c) + 1), ONE((c) + 2), ONE((c) + 3)
#define SIXTEEN(c) FOUR(c), FOUR((c) + 4), FOUR((c) + 8), FOUR((c) + 12)
#define QUARTER(c) SIXTEEN(c), SIXTEEN((c) + 16), SIXTEEN((c) + 32), SIXTEEN((c) + 48)

const uint8_t http_class[256] = {QUARTER(0), QUARTER(64), QUARTER(128), QUARTER(192)};

bool http_all(struct bytes b, unsigned class)
{
    for (size_t i = 0; i < b.len; i++)
        if (!http_is(b.at[i], class))
            return false;
    return b.len > 0;
}

bool http_same(struct bytes b, const char *lower)
{
    for (size_t i = 0; i < b.len; i++) {
        uint8_t c = b.at[i];
        if (c >= 'A' && c <= 'Z')
            c |= 0x20;
        /* The end of `lower` differs too: no octet that is compared is NUL, or else
         * it ends the comparison here. */
        if (c != (uint8_t)lower[i] || c == 0)
            return false;
    }
    return lower[b.len] == '\0';
}

static struct bytes trimmed(struct bytes b)
{
    while (b.len > 0 && (b.at[0] == ' ' || b.at[0] == '\t'))
        b = bytes_of(b.at + 1, b.len - 1);
    while (b.len > 0 && (b.at[b.len - 1] == ' ' || b.at[b.len - 1] == '\t'))
        b.len--;
    return b;
}

bool http_list_has(struct bytes b, const char *lower)
{
    size_t start = 0;
    for (size_t i = 0; i <= b.len; i++) {
        if (i < b.len && b.at[i] != ',')
            continue;
        if (http_same(trimmed(bytes_of(b.at + start, i - start)), lower))
            return true;
        start = i + 1;
    }
    return false;
}
