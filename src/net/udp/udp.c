/* SPDX-License-Identifier: ISC */
#include "net/udp/udp.h"

#include "base/check.h"
#include "base/checksum.h"
#include "net/ip4/ip4.h"

static uint64_t pseudo_header(struct ip4 src, struct ip4 dst, size_t len)
{
    return (uint64_t)src.n + dst.n + IP4_UDP + len;
}

/* `ends`: source and destination, for the checksum; NULL when that is known to be right. */
static enum udp_verdict parse(struct bytes packet, const struct ip4 *ends,
                              struct udp_datagram *out)
{
    struct reader r = reader_of(packet);
    struct udp_datagram d;
    d.src_port = read_u16(&r);
    d.dst_port = read_u16(&r);
    size_t len = read_u16(&r);
    uint16_t sum = read_u16(&r);
    if (r.ran_out || len > packet.len)
        return UDP_TRUNCATED;
    if (len < UDP_HEADER_LEN)
        return UDP_BAD_LEN;
    if (sum != 0 && ends &&
        checksum_end(
            checksum_add(pseudo_header(ends[0], ends[1], len), bytes_of(packet.at, len))) != 0)
        return UDP_BAD_CHECKSUM;
    if (d.dst_port == 0)
        return UDP_BAD_PORT;
    d.text = read_bytes(&r, len - UDP_HEADER_LEN);
    *out = d;
    return UDP_OK;
}

enum udp_verdict udp_parse(struct bytes packet, struct ip4 src, struct ip4 dst,
                           struct udp_datagram *out)
{
    const struct ip4 ends[2] = {src, dst};
    return parse(packet, ends, out);
}

enum udp_verdict udp_parse_verified(struct bytes packet, struct udp_datagram *out)
{
    return parse(packet, NULL, out);
}

void udp_print(struct writer *w, struct ip4_endpoint src, struct ip4_endpoint dst,
               struct bytes text)
{
    check(text.len <= UINT16_MAX - UDP_HEADER_LEN);
    uint16_t len = (uint16_t)(UDP_HEADER_LEN + text.len);
    uint64_t sum = pseudo_header(src.ip, dst.ip, len) + src.port + dst.port + len;
    uint16_t end = checksum_end(checksum_add(sum, text));
    write_u16(w, src.port);
    write_u16(w, dst.port);
    write_u16(w, len);
    write_u16(w, end ? end : 0xffff); /* zero would say: none (RFC 768) */
    write_bytes(w, text);
}
