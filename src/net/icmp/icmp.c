/* SPDX-License-Identifier: ISC */
#include "net/icmp/icmp.h"

#include "base/checksum.h"

#include <errno.h>

enum icmp_verdict icmp_parse(struct bytes packet, struct icmp_message *out)
{
    struct reader r = reader_of(packet);
    struct icmp_message m;
    m.type = read_u8(&r);
    m.code = read_u8(&r);
    read_u16(&r);
    m.rest = read_u32(&r);
    m.body = read_rest(&r);
    if (r.ran_out)
        return ICMP_TRUNCATED;
    if (checksum_end(checksum_add(0, packet)) != 0)
        return ICMP_BAD_CHECKSUM;
    *out = m;
    return ICMP_OK;
}

bool icmp_is_error(uint8_t type)
{
    return type == ICMP_UNREACHABLE || type == ICMP_SOURCE_QUENCH || type == ICMP_REDIRECT ||
           type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETER_PROBLEM;
}

bool icmp_forbids_errors(const struct ip4_packet *p)
{
    return p->protocol == IP4_ICMP && (p->payload.len == 0 || icmp_is_error(p->payload.at[0]));
}

enum icmp_verdict icmp_parse_quote(const struct icmp_message *error, struct icmp_quote *out)
{
    struct reader r = reader_of(error->body);
    struct icmp_quote q;
    uint8_t first = read_u8(&r);
    read_u8(&r);
    q.total_len = read_u16(&r);
    read_bytes(&r, 5);
    q.protocol = read_u8(&r);
    read_u16(&r);
    q.src = (struct ip4){read_u32(&r)};
    q.dst = (struct ip4){read_u32(&r)};
    size_t header_len = (first & 15U) * 4;
    if (r.ran_out || first >> 4 != 4 || header_len < IP4_HEADER_MIN)
        return ICMP_BAD_QUOTE;
    read_bytes(&r, header_len - IP4_HEADER_MIN);
    q.payload = read_rest(&r);
    if (r.ran_out || q.payload.len < ICMP_QUOTE_MIN)
        return ICMP_BAD_QUOTE;
    //@ assert quote_of(q, error->body);
    *out = q;
    return ICMP_OK;
}

/* RFC 792 and RFC 1122 3.2.2.1 name the codes of "destination unreachable". */
static int unreachable(uint8_t code)
{
    switch (code) {
    case 0:  /* network */
    case 6:  /* network unknown */
    case 11: /* network, for this type of service */
        return -ENETUNREACH;
    case ICMP_BAD_PROTOCOL:
    case ICMP_BAD_PORT:
        return -ECONNREFUSED;
    case ICMP_TOO_BIG:
        return 0;
    default:
        return -EHOSTUNREACH;
    }
}

int icmp_error_number(const struct icmp_message *error)
{
    switch (error->type) {
    case ICMP_UNREACHABLE:
        return unreachable(error->code);
    case ICMP_TIME_EXCEEDED:
    case ICMP_PARAMETER_PROBLEM:
        return -EHOSTUNREACH;
    default:
        return 0;
    }
}

void icmp_print(struct writer *w, const struct icmp_message *m)
{
    uint16_t head = (uint16_t)(m->type << 8 | m->code);
    uint64_t sum = checksum_add(head + (uint64_t)m->rest, m->body);
    write_u16(w, head);
    write_u16(w, checksum_end(sum));
    write_u32(w, m->rest);
    write_bytes(w, m->body);
}
