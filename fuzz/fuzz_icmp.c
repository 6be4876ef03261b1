/* SPDX-License-Identifier: ISC */
#include "base/check.h"
#include "net/icmp/icmp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static void look(const struct icmp_message *m)
{
    struct icmp_quote q;
    check(icmp_error_number(m) <= 0);
    check(icmp_is_error(m->type) || icmp_error_number(m) == 0);
    if (icmp_parse_quote(m, &q) != ICMP_OK)
        return;
    check(q.payload.len >= ICMP_QUOTE_MIN && q.payload.len + IP4_HEADER_MIN <= m->body.len);
    check(q.payload.at + q.payload.len == m->body.at + m->body.len);
}

/* Whatever arrives is also looked at as the message that would have the right checksum. */
int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct icmp_message m, again;
    if (icmp_parse(bytes_of(at, len), &m) == ICMP_OK)
        look(&m);
    if (len < ICMP_HEADER_LEN)
        return 0;
    struct reader r = reader_of(bytes_of(at + 4, len - 4));
    m = (struct icmp_message){.type = at[0], .code = at[1], .rest = read_u32(&r)};
    m.body = read_rest(&r);
    look(&m);
    uint8_t *room = malloc(len);
    if (!room)
        return 0;
    struct writer w = writer_of(room, len);
    icmp_print(&w, &m);
    check(!w.ran_out && writer_len(&w) == len);
    check(icmp_parse(bytes_of(room, len), &again) == ICMP_OK);
    check(again.type == m.type && again.code == m.code && again.rest == m.rest);
    free(room);
    return 0;
}
