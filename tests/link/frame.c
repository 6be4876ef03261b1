/* SPDX-License-Identifier: ISC */
#include "tests/link/frame.h"

#include "base/checksum.h"
#include "net/eth/eth.h"
#include "net/icmp/icmp.h"

#define IP        ETH_HEADER_LEN /* where the packet begins */
#define TOS       (IP + 1)
#define TOTAL_LEN (IP + 2)
#define FRAGMENT  (IP + 6)
#define CHECKSUM  (IP + 10)
#define SOURCE    (IP + 12)
#define TO        (IP + 16)

static unsigned u16_at(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static bool is_ip(struct bytes frame)
{
    return frame.len >= IP + IP4_HEADER_MIN && u16_at(frame.at + 12) == ETH_IP4 &&
           frame.at[IP] >> 4 == 4 && frame.at[IP] % 16 >= 5;
}

size_t frame_ip_len(struct bytes frame)
{
    return is_ip(frame) ? u16_at(frame.at + TOTAL_LEN) : 0;
}

uint8_t frame_ecn(struct bytes frame)
{
    return is_ip(frame) ? frame.at[TOS] & 3 : 0;
}

void frame_mark(uint8_t *frame, size_t len)
{
    size_t header_len = (size_t)(frame[IP] % 16) * 4;
    frame[TOS] |= 3;
    frame[CHECKSUM] = frame[CHECKSUM + 1] = 0;
    if (IP + header_len > len)
        return;
    uint16_t sum = checksum_end(checksum_add(0, bytes_of(frame + IP, header_len)));
    struct writer w = writer_of(frame + CHECKSUM, 2);
    write_u16(&w, sum);
}

static struct ip4 address_at(const uint8_t *at)
{
    struct reader r = reader_of(bytes_of(at, 4));
    return (struct ip4){read_u32(&r)};
}

size_t frame_too_big(struct bytes frame, uint32_t mtu, uint8_t *answer, size_t room)
{
    struct eth_addr to, from;
    struct ip4_packet p;
    if (!is_ip(frame) || !(u16_at(frame.at + FRAGMENT) & IP4_DONT_FRAGMENT) ||
        ip4_parse(bytes_of(frame.at + IP, frame.len - IP), NULL, &p) != IP4_OK ||
        (p.protocol == IP4_ICMP && icmp_forbids_errors(&p)))
        return 0;
    memcpy(from.octet, frame.at, sizeof from.octet);
    memcpy(to.octet, frame.at + 6, sizeof to.octet);
    size_t most = ICMP_MESSAGE_MAX - ICMP_HEADER_LEN;
    size_t quoted = p.whole.len < most ? p.whole.len : most;
    struct icmp_message m = {ICMP_UNREACHABLE, ICMP_TOO_BIG, mtu, bytes_of(p.whole.at, quoted)};
    struct writer w = writer_of(answer, room);
    eth_print(&w, &to, &from, ETH_IP4);
    ip4_print(&w, address_at(frame.at + TO), address_at(frame.at + SOURCE), IP4_ICMP,
              ICMP_HEADER_LEN + quoted);
    icmp_print(&w, &m);
    return writer_len(&w);
}
