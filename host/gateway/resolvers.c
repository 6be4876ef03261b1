/* SPDX-License-Identifier: ISC */
#include "host/gateway/resolvers.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <unistd.h>

#define FILE_MAX 16384U /* octets of which no more are read */
#define WORD_MAX 64U

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of a line, cut off at WORD_MAX; empty at its end. */
static const char *next_word(struct reader *r, char word[WORD_MAX])
{
    size_t n = 0;
    while (reader_left(r) > 0 && is_blank(*r->at))
        r->at++;
    for (; reader_left(r) > 0 && !is_blank(*r->at); r->at++)
        if (n < WORD_MAX - 1)
            word[n++] = (char)*r->at;
    word[n] = '\0';
    return word;
}

static struct bytes next_line(struct reader *r)
{
    const uint8_t *at = r->at;
    while (reader_left(r) > 0 && *r->at != '\n')
        r->at++;
    struct bytes line = bytes_of(at, (size_t)(r->at - at));
    if (reader_left(r) > 0)
        r->at++;
    return line;
}

unsigned resolvers_parse(struct bytes text, struct ip4 out[GATEWAY_RESOLVERS_MAX])
{
    struct reader r = reader_of(text);
    unsigned n = 0;
    while (reader_left(&r) > 0 && n < GATEWAY_RESOLVERS_MAX) {
        struct reader line = reader_of(next_line(&r));
        char word[WORD_MAX];
        struct in_addr a;
        if (strcmp(next_word(&line, word), "nameserver") == 0 &&
            inet_pton(AF_INET, next_word(&line, word), &a) == 1)
            out[n++] = (struct ip4){ntohl(a.s_addr)};
    }
    return n;
}

unsigned resolvers_read(const char *path, struct ip4 out[GATEWAY_RESOLVERS_MAX])
{
    static uint8_t text[FILE_MAX];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    size_t len = 0;
    for (ssize_t n; len < sizeof text && (n = read(fd, text + len, sizeof text - len)) > 0;)
        len += (size_t)n;
    close(fd);
    return resolvers_parse(bytes_of(text, len), out);
}
